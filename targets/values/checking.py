# ruff: noqa: S608 (the interpolated names are the columns listed in this module)
"""What must hold for staged values: each rule one set-based query, each breach at its line."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from django.db import connection
from django.utils.translation import gettext_lazy

from targets.catalogue.reading import Place, Problems
from targets.values.periods import period_days
from targets.values.staging import line_of

# Breaches listed per rule; a file of a million wrong lines needs its first ones and the count.
LISTED = 200
_NUMBER = r"^-?\d{1,15}(\.\d{1,15})?$"


@dataclass(frozen=True)
class _Rule:
    """`query` gives (ordinal, shown value) of every breach."""

    field: str
    message: object
    query: str


_RULES = (
    _Rule(
        "indicator",
        gettext_lazy("không có chỉ tiêu «%s»"),
        """SELECT s.ordinal, s.indicator FROM staged s
           LEFT JOIN targets_indicator i ON i.code = s.indicator WHERE i.id IS NULL""",
    ),
    _Rule(
        "series",
        gettext_lazy("chỉ tiêu này không có chuỗi số liệu «%s»"),
        """SELECT s.ordinal, s.series FROM staged s
           JOIN targets_indicator i ON i.code = s.indicator
           LEFT JOIN targets_series r ON r.indicator_id = i.id AND r.code = s.series
           WHERE r.id IS NULL""",
    ),
    _Rule(
        "organisation",
        gettext_lazy("không có cơ quan «%s»"),
        """SELECT s.ordinal, s.organisation FROM staged s
           LEFT JOIN targets_organisation o ON o.code = s.organisation WHERE o.id IS NULL""",
    ),
    _Rule(
        "period",
        gettext_lazy("«%s»: cần kỳ dạng 2024, 2024-H1, 2024-Q3 hoặc 2024-07"),
        """SELECT s.ordinal, s.period FROM staged s
           LEFT JOIN staged_period p ON p.period = s.period WHERE p.period IS NULL""",
    ),
    _Rule(
        "organisation",
        gettext_lazy("cơ quan «%s» không tồn tại trong kỳ này"),
        """SELECT s.ordinal, s.organisation FROM staged s
           JOIN staged_period p ON p.period = s.period
           JOIN targets_organisation o ON o.code = s.organisation
           WHERE p.period_end < o.valid_from OR p.period_start > o.valid_to""",
    ),
    *(
        _Rule(
            name,
            gettext_lazy("«%s»: cần một số, dấu thập phân là dấu chấm, ví dụ 98.5"),
            f"SELECT ordinal, {name} FROM staged WHERE {name} <> '' AND {name} !~ '{_NUMBER}'",
        )
        for name in ("value", "numerator", "denominator")
    ),
    _Rule(
        "value",
        gettext_lazy("cần giá trị, hoặc cả tử số và mẫu số%s"),
        """SELECT ordinal, '' FROM staged
           WHERE (value = '' AND (numerator = '' OR denominator = ''))
              OR (numerator = '') <> (denominator = '')""",
    ),
    _Rule(
        "denominator",
        gettext_lazy("«%s»: mẫu số phải lớn hơn 0"),
        f"""SELECT ordinal, denominator FROM staged
           WHERE denominator ~ '{_NUMBER}' AND denominator::numeric <= 0""",
    ),
    _Rule(
        "value",
        gettext_lazy("«%s» không bằng tử số chia mẫu số"),
        f"""SELECT s.ordinal, s.value FROM staged s
           JOIN targets_indicator i ON i.code = s.indicator
           JOIN targets_unit u ON u.id = i.unit_id
           WHERE s.value ~ '{_NUMBER}' AND s.numerator ~ '{_NUMBER}'
             AND s.denominator ~ '{_NUMBER}' AND s.denominator::numeric > 0
             AND abs(s.value::numeric
                     - round(s.numerator::numeric * u.ratio_scale / s.denominator::numeric, 8))
                 > 0.00000001""",
    ),
    _Rule(
        "published_on",
        gettext_lazy("«%s»: cần một ngày dạng 2025-03-01"),
        """SELECT s.ordinal, s.published_on FROM staged s
           LEFT JOIN staged_day d ON d.written = s.published_on
           WHERE s.published_on <> '' AND d.written IS NULL""",
    ),
    *(
        _Rule(
            name,
            gettext_lazy("«%s»: cần yes hoặc no"),
            f"SELECT ordinal, {name} FROM staged WHERE {name} NOT IN ('', 'yes', 'no')",
        )
        for name in ("derived", "synthetic")
    ),
    _Rule(
        "source_title",
        gettext_lazy("nêu nguồn của số liệu%s"),
        "SELECT ordinal, '' FROM staged WHERE source_title = ''",
    ),
    _Rule(
        "unit",
        gettext_lazy("đơn vị «%s» khác đơn vị của chỉ tiêu"),
        """SELECT s.ordinal, s.unit FROM staged s
           JOIN targets_indicator i ON i.code = s.indicator
           JOIN targets_unit u ON u.id = i.unit_id
           WHERE s.unit <> '' AND s.unit <> u.code""",
    ),
    _Rule(
        "period",
        gettext_lazy("dòng lặp: kỳ «%s» của chuỗi này đã có trong tệp với cùng ấn bản"),
        """SELECT ordinal, period FROM (
             SELECT ordinal, period, row_number() OVER (
               PARTITION BY indicator, series, organisation, period, vintage ORDER BY ordinal
             ) AS nth FROM staged
           ) numbered WHERE nth > 1""",
    ),
)


def check(path: Path, problems: Problems) -> None:
    """Add every breach in `staged` to `problems`; also leaves the tables of periods and days."""
    _map("period", "staged_period (period text, period_start date, period_end date)", _period)
    _map("published_on", "staged_day (written text, day date)", _day)
    breaches: list[tuple[int, str, str]] = []
    with connection.cursor() as cursor:
        for rule in _RULES:
            cursor.execute(f"{rule.query} ORDER BY 1 LIMIT %s", [LISTED])
            breaches += [
                (ordinal, rule.field, str(rule.message) % shown)
                for ordinal, shown in cursor.fetchall()
            ]
    if breaches:
        lines = line_of(path, {ordinal for ordinal, _field, _message in breaches})
        for ordinal, name, message in breaches:
            problems.add(Place(path.name, lines[ordinal]), name, message)


def _period(written: str) -> tuple[object, ...] | None:
    days = period_days(written)
    return (written, *days) if days else None


def _day(written: str) -> tuple[object, ...] | None:
    try:
        return (written, dt.date.fromisoformat(written))
    except ValueError:
        return None


def _map(column: str, table: str, parse: Callable[[str], tuple[object, ...] | None]) -> None:
    """A small table of what the distinct texts of a column mean; senseless ones are left out."""
    name = table.split(maxsplit=1)[0]
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {name}")
        cursor.execute(f"CREATE TEMP TABLE {table} ON COMMIT DROP")
        cursor.execute(f"SELECT DISTINCT {column} FROM staged")
        meant: Iterator[tuple[object, ...] | None] = (parse(text) for (text,) in cursor.fetchall())
        with cursor.copy(f"COPY {name} FROM STDIN") as sink:
            for row in meant:
                if row is not None:
                    sink.write_row(row)
