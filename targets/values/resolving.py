# ruff: noqa: S608 (the interpolated text is written in this module)
"""What staged text means: periods, days, numbers, and the rows of the catalogue it names."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from django.db import connection

from targets.catalogue.cells import parse_day
from targets.triggers import ratio
from targets.values.periods import period_days

# Without bounds on the digits, which would make matching four times as slow; the length keeps a
# senseless number from being an error of the database, and the rules bound what is kept.
_NUMBER = "^-?[0-9]+(?:[.][0-9]+)?$"
_LONGEST = 40


def too_large(number: str) -> str:
    """SQL for whether a number has more digits before the point than the columns keep."""
    return f"abs({number}) >= 1e16"


def _kept(number: str) -> str:
    return f"CASE WHEN {too_large(number)} THEN NULL ELSE {number} END"


def _number(column: str) -> str:
    return (
        f"CASE WHEN length({column}) BETWEEN 1 AND {_LONGEST} AND {column} ~ '{_NUMBER}' "
        f"THEN {column}::numeric END AS {column}_read"
    )


# One row per staged line: its texts, what they mean (NULL where they mean nothing), and `ratio`,
# the value that the numerator and denominator give. OFFSET 0 has each number read only once.
READ = f"""(
    SELECT s.*, m.series_id, m.unit_code, o.id AS organisation_id, o.valid_from, o.valid_to,
           p.period_start, p.period_end, d.day, c.id AS source_id,
           CASE WHEN s.denominator_read > 0
                THEN {ratio("s.numerator_read", "m.ratio_scale", "s.denominator_read")}
           END AS ratio
    FROM (
        SELECT *, {_number("value")}, {_number("numerator")}, {_number("denominator")}
        FROM staged
        OFFSET 0
    ) s
    LEFT JOIN (
        SELECT i.code AS indicator, r.code AS series, r.id AS series_id, u.code AS unit_code,
               u.ratio_scale
        FROM targets_series r
        JOIN targets_indicator i ON i.id = r.indicator_id
        JOIN targets_unit u ON u.id = i.unit_id
    ) m ON m.indicator = s.indicator AND m.series = s.series
    LEFT JOIN targets_organisation o ON o.code = s.organisation
    LEFT JOIN staged_period p ON p.period = s.period
    LEFT JOIN staged_day d ON d.written = s.published_on
    LEFT JOIN targets_source c
        ON c.title = s.source_title AND c.url = s.source_url AND c.publisher = s.source_publisher
    OFFSET 0
)"""
_SOURCES = """
    CREATE TEMP TABLE staged_source ON COMMIT DROP AS
    SELECT DISTINCT source_title AS title, source_url AS url, source_publisher AS publisher
    FROM staged;
    INSERT INTO targets_source (title, url, publisher) SELECT * FROM staged_source
    ON CONFLICT (title, url, publisher) DO NOTHING
"""
# Every join is of a large table with a small one. The planner does not know how small: the
# tables of the catalogue may be new, and those of periods and days are.
_HASH_ONLY = "SET LOCAL enable_nestloop = off; SET LOCAL enable_mergejoin = off"
_ANY_JOIN = "SET LOCAL enable_nestloop = on; SET LOCAL enable_mergejoin = on"


def resolve(breach: str) -> int:
    """Read `staged` into the temporary table `resolved`, and add sources that are new.

    The tables `staged_period`, `staged_day` and `staged_source` hold what is distinct in it.
    `breach` is an SQL condition on a row of READ; `resolved` has its outcome in a column of that
    name. Numbers in a row with a breach may be wrong. Returns the number of rows.
    """
    _map("period", "staged_period (period text, period_start date, period_end date)", _period)
    _map("published_on", "staged_day (written text, day date)", _day)
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS staged_source, resolved")
        cursor.execute(_SOURCES)
        cursor.execute(_HASH_ONLY)
        # `older` is for editions that a later line, or the table, has a newer one of; `known_on`
        # for the day by which a figure without a day of publication was out.
        cursor.execute(
            f"""
            CREATE TEMP TABLE resolved ON COMMIT DROP AS
            SELECT line, series_id, organisation_id, period, period_start, period_end,
                   {_kept("coalesce(ratio, value_read)")}::numeric(24, 8) AS value,
                   {_kept("numerator_read")}::numeric(24, 4) AS numerator,
                   {_kept("denominator_read")}::numeric(24, 4) AS denominator,
                   vintage, day AS published_on, synthetic = 'yes' AS synthetic,
                   derived = 'yes' AS derived, source_id, caveat_vi, caveat_en,
                   false AS older, NULL::date AS known_on, ({breach}) IS TRUE AS breach
            FROM {READ} x
            """
        )
        count = int(cursor.rowcount)
        cursor.execute(_ANY_JOIN)
    return count


def _period(written: str) -> tuple[object, ...] | None:
    days = period_days(written)
    return (written, *days) if days else None


def _day(written: str) -> tuple[object, ...] | None:
    day = parse_day(written)
    return (written, day) if day else None


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
