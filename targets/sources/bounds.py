"""Plausible ranges and jumps, from the rules of reported values: one row of bounds an indicator.

The rules and what they mean are those of `targets.reporting.checks`; a test holds the two together.
A warning holds a value as an error does: nobody is there to give a reason.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from django.db import connection

from targets.models import Indicator, ValidationRule
from targets.reporting.checks import COUNTED_IN_POINTS, Measure, Rule, particular
from targets.reporting.ruling import rule_of

_CHECKS: Final = ("range", "jump")
_MAKE = """
    DROP TABLE IF EXISTS bounds;
    CREATE TEMP TABLE bounds (
        indicator_id bigint, points boolean, minimum numeric[], maximum numeric[], step numeric[],
        jump numeric[], smallest numeric[]
    ) ON COMMIT DROP
"""
_OUTSIDE = """({value} < {b}minimum[{n}] OR {value} > {b}maximum[{n}]
    OR mod({value} - coalesce({b}minimum[{n}], 0), nullif({b}step[{n}], 0)) <> 0)"""
# From zero every change is without bound, in per cent. Multiplied, for a quotient is rounded.
_JUMPS = """(CASE WHEN {b}points THEN abs({value} - {before}) > {b}jump[{n}]
          ELSE abs({value} - {before}) * 100 > abs({before}) * {b}jump[{n}] END
    AND ({b}smallest[{n}] IS NULL OR abs({value} - {before}) >= {b}smallest[{n}]))"""
# Before a period stands the last value that counts: the one that the run brings, if it is let in.
_BEFORE = """
    CREATE OR REPLACE FUNCTION pg_temp.value_after(
        before numeric, brings numeric, let_in boolean, stands numeric, points boolean,
        jump numeric[], smallest numeric[]
    ) RETURNS numeric LANGUAGE plpgsql IMMUTABLE AS $$
    BEGIN
        RETURN CASE WHEN let_in AND ({jumps}) IS NOT TRUE THEN brings
                    ELSE coalesce(stands, before) END;
    END $$;
    CREATE OR REPLACE AGGREGATE pg_temp.last_value(
        brings numeric, let_in boolean, stands numeric, points boolean,
        jump numeric[], smallest numeric[]
    ) (sfunc = pg_temp.value_after, stype = numeric)
"""


def bring_bounds() -> int:
    """Make `bounds` for the indicators of `incoming`: how many rules of one check hold at most.

    Also makes the aggregate `pg_temp.last_value(brings, let_in, stands, points, jump, smallest)`:
    over the periods of a series in their order, each with what the run brings (and whether nothing
    but a jump would keep it out) and what stands, the last value that counts.
    """
    rules = [
        rule_of(row) for row in ValidationRule.objects.filter(active=True, check_kind__in=_CHECKS)
    ]
    most = 1
    with connection.cursor() as cursor:
        cursor.execute(_MAKE)
        cursor.execute("SELECT DISTINCT indicator_id FROM incoming WHERE breach IS NULL")
        concerned = [one for (one,) in cursor.fetchall()]
        measures = Indicator.objects.filter(pk__in=concerned).values_list(
            "pk", "unit_id", "unit__kind", "unit__decimals"
        )
        rows = []
        for measure in (Measure(*columns) for columns in measures):
            ranges, jumps = (particular(rules, measure).get(check, []) for check in _CHECKS)
            rows.append(_row(measure, ranges, jumps))
            most = max(most, len(ranges), len(jumps))
        with cursor.copy("COPY bounds FROM STDIN") as sink:
            for row in rows:
                sink.write_row(row)
        cursor.execute("ANALYZE bounds")
        cursor.execute(_BEFORE.format(jumps=jumps_sql(most, "brings", "before", "")))
    return most


def outside_sql(most: int, value: str, bounds: str = "b.") -> str:
    """SQL for whether a value lies outside its range; NULL where nothing bounds it."""
    return " OR ".join(_OUTSIDE.format(value=value, b=bounds, n=n + 1) for n in range(most))


def jumps_sql(most: int, value: str, before: str, bounds: str = "b.") -> str:
    """SQL for whether a value is too far from the one before; NULL where there is none."""
    return " OR ".join(
        _JUMPS.format(value=value, before=before, b=bounds, n=n + 1) for n in range(most)
    )


def _row(measure: Measure, ranges: Iterable[Rule], jumps: Iterable[Rule]) -> tuple[object, ...]:
    def numbers(rules: Iterable[Rule], name: str) -> list[Decimal | None]:
        return [getattr(rule, name) for rule in rules]

    return (
        measure.indicator_id,
        measure.unit_kind in COUNTED_IN_POINTS,
        numbers(ranges, "minimum"),
        numbers(ranges, "maximum"),
        numbers(ranges, "bound"),
        numbers(jumps, "bound"),
        numbers(jumps, "minimum"),
    )
