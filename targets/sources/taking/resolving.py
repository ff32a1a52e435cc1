# ruff: noqa: S608 (the interpolated text is written in this module)
"""Staged rows beside the catalogue: what they mean, and which of them cannot be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.db import connection

from targets.sources.contract import Rejection
from targets.sources.taking.rejecting import LISTED, Rejections
from targets.triggers import ratio
from targets.values.periods import period_days


@dataclass(frozen=True)
class _Rule:
    """A row breaks it where `breach` is true; `shown` is SQL for what stood there."""

    reason: str
    field: str
    breach: str
    shown: str


def _too_large(number: str) -> str:
    # Rounded first: it is the rounded number that the column must hold.
    return f"abs(round({number}, 8)) >= 1e16"


_NUMBERS = ("value", "numerator", "denominator")
_RULES: Final = (
    _Rule("series", "series", "indicator_id IS NULL", "series_id::text"),
    _Rule("organisation", "organisation", "organisation IS NULL", "organisation_id::text"),
    _Rule("period", "period", "period_start IS NULL", "coalesce(period, '')"),
    _Rule(
        "not-living",
        "organisation",
        "period_end < valid_from OR period_start > valid_to",
        "concat_ws(' ', organisation, period)",
    ),
    _Rule("level", "organisation", "NOT coalesce(level = ANY (levels), false)", "organisation"),
    _Rule(
        "half-ratio",
        "numerator",
        "(numerator IS NULL) <> (denominator IS NULL)",
        "coalesce(numerator, denominator)::text",
    ),
    _Rule("no-value", "value", "value IS NULL AND numerator IS NULL", "''"),
    *(_Rule("too-large", name, _too_large(name), f"{name}::text") for name in _NUMBERS),
    *(
        _Rule("too-fine", name, f"scale(trim_scale({name})) > 4", f"{name}::text")
        for name in _NUMBERS[1:]
    ),
    _Rule("denominator", "denominator", "denominator <= 0", "denominator::text"),
    _Rule("too-large", "numerator", _too_large("ratio"), "numerator::text"),
    _Rule("ratio", "value", "abs(value - ratio) > 0.00000001", "value::text"),
)
#: Marks in `incoming.breach` beside the positions of `_RULES`.
_REPEATED: Final = len(_RULES)
_COPY: Final = -1

_LEVELS = """CASE o.kind WHEN 'country' THEN 'national' WHEN 'province' THEN 'province'
    WHEN 'ministry' THEN 'ministry' WHEN 'agency' THEN 'ministry' END"""
_READ = f"""(
    SELECT p.*, s.indicator_id, i.levels, o.code AS organisation, {_LEVELS} AS level,
           o.valid_from, o.valid_to, d.period_start, d.period_end,
           CASE WHEN p.denominator > 0
                THEN {ratio("p.numerator", "u.ratio_scale", "p.denominator")} END AS ratio
    FROM pulled p
    LEFT JOIN targets_series s ON s.id = p.series_id
    LEFT JOIN targets_indicator i ON i.id = s.indicator_id
    LEFT JOIN targets_unit u ON u.id = i.unit_id
    LEFT JOIN targets_organisation o ON o.id = p.organisation_id
    LEFT JOIN pulled_period d ON d.period = p.period
    OFFSET 0
)"""
_BREACH = "".join(f" WHEN {rule.breach} THEN {number}" for number, rule in enumerate(_RULES))
_RESOLVE = f"""
    DROP TABLE IF EXISTS incoming;
    CREATE TEMP TABLE incoming ON COMMIT DROP AS
    SELECT line, series_id, indicator_id, organisation_id, period, period_start, period_end,
           CASE WHEN breach IS NULL THEN coalesce(ratio, value) END::numeric(24, 8) AS value,
           CASE WHEN breach IS NULL THEN numerator END::numeric(24, 4) AS numerator,
           CASE WHEN breach IS NULL THEN denominator END::numeric(24, 4) AS denominator,
           coalesce(vintage, '') AS vintage, published_on, breach
    FROM (
        SELECT *, CASE{_BREACH} END::smallint AS breach FROM {_READ} x OFFSET 0
    ) judged
"""
_KEY = "series_id, organisation_id, period"
_FIND_REPEATED = f"""
    CREATE TEMP TABLE repeated ON COMMIT DROP AS
    SELECT {_KEY} FROM incoming WHERE breach IS NULL GROUP BY {_KEY} HAVING count(*) > 1
"""
# Of rows that say the same the one of the latest edition stays, in whatever order they came.
_MARK_REPEATED = f"""
    UPDATE incoming n SET breach = CASE WHEN k.differ THEN {_REPEATED} ELSE {_COPY} END
    FROM (
        SELECT line,
               min(value) OVER same <> max(value) OVER same
               OR count(numerator) OVER same NOT IN (0, count(*) OVER same)
               OR min(numerator) OVER same <> max(numerator) OVER same
               OR min(denominator) OVER same <> max(denominator) OVER same AS differ,
               row_number() OVER (
                   PARTITION BY {_KEY} ORDER BY published_on DESC NULLS LAST, vintage DESC, line
               ) AS nth
        FROM incoming JOIN repeated USING ({_KEY}) WHERE breach IS NULL
        WINDOW same AS (PARTITION BY {_KEY})
    ) k
    WHERE k.line = n.line AND (k.differ OR k.nth > 1)
"""
_BREACHES = f"""
    SELECT breach, line, total FROM (
        SELECT breach, line, count(*) OVER kind AS total,
               row_number() OVER (PARTITION BY breach ORDER BY line) AS nth
        FROM incoming WHERE breach >= 0 WINDOW kind AS (PARTITION BY breach)
    ) b WHERE nth <= {LISTED} ORDER BY breach, line
"""


def resolve(rejected: Rejections) -> None:
    """From `pulled` make `incoming`: ids, days and numbers as columns keep them.

    A row that cannot be has its `breach`, and is counted in `rejected`; so have all rows of one
    series, organisation and period that say different things, and all but one that say the same.
    """
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pulled_period, repeated")
        cursor.execute(
            "CREATE TEMP TABLE pulled_period (period text, period_start date, period_end date)"
            " ON COMMIT DROP"
        )
        cursor.execute("SELECT DISTINCT period FROM pulled WHERE period IS NOT NULL")
        periods = [period for (period,) in cursor.fetchall()]
        with cursor.copy("COPY pulled_period FROM STDIN") as sink:
            for period in periods:
                if days := period_days(period):
                    sink.write_row((period, *days))
        cursor.execute("ANALYZE pulled; ANALYZE pulled_period")
        cursor.execute(_RESOLVE)
        cursor.execute(_FIND_REPEATED)
        if cursor.rowcount:
            cursor.execute(_MARK_REPEATED)
        cursor.execute("ANALYZE incoming")
    _reject(rejected)


def _reject(rejected: Rejections) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_BREACHES)
        found: dict[int, tuple[list[int], int]] = {}
        for number, line, total in cursor.fetchall():
            found.setdefault(number, ([], total))[0].append(line)
        for number, (lines, total) in found.items():
            rule = _rule(number)
            cursor.execute(
                f"SELECT place, {rule.shown} FROM {_READ} x WHERE line = ANY(%s) ORDER BY line",
                [lines],
            )
            first = [
                Rejection(place, rule.field, rule.reason, shown)
                for place, shown in cursor.fetchall()
            ]
            rejected.add_counted(rule.reason, first, total)


def reason_of(breach: int) -> str:
    """The code of the reason for which a row with this `breach` was left out; "" for a copy."""
    return "" if breach == _COPY else _rule(breach).reason


def _rule(number: int) -> _Rule:
    if number == _REPEATED:
        shown = "concat_ws(' ', organisation, period, coalesce(value, ratio)::text)"
        return _Rule("repeated", "value", "", shown)
    return _RULES[number]
