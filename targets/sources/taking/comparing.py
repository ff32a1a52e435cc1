# ruff: noqa: S608 (the interpolated text is written in this package)
"""What a run brings beside what is known: new, revised, known already, or to be looked at."""

from __future__ import annotations

from typing import Final

from django.db import connection

from targets.models import DataSource
from targets.sources.taking.bounds import bring_bounds, jump_columns, jumps_sql, outside_sql

_KEY = "series_id, organisation_id, period"


def _same_key(one: str) -> str:
    return (
        f"{one}.series_id = n.series_id AND {one}.organisation_id = n.organisation_id"
        f" AND {one}.period = n.period"
    )


def same_numbers(one: str) -> str:
    """A source that gives the value alone says nothing against the parts that are known."""
    return (
        f"({one}.value = n.value AND (n.numerator IS NULL OR"
        f" ({one}.numerator, {one}.denominator) IS NOT DISTINCT FROM (n.numerator, n.denominator)))"
    )


def _remembered(one: str) -> str:
    return f"({one}.id IS NOT NULL AND {same_numbers(one)})"


# Held before: what a coordinator decided last of a key, and what waits.
_REMEMBER = f"""
    DROP TABLE IF EXISTS remembered;
    CREATE TEMP TABLE remembered ON COMMIT DROP AS
    SELECT id, {_KEY}, value, numerator, denominator, state, standing_id
    FROM targets_heldvalue WHERE data_source_id = %(source)s AND state = 'waiting'
    UNION ALL
    SELECT * FROM (
        SELECT DISTINCT ON ({_KEY}) id, {_KEY}, value, numerator, denominator, state, standing_id
        FROM targets_heldvalue
        WHERE data_source_id = %(source)s AND state IN ('accepted', 'refused')
        ORDER BY {_KEY}, id DESC
    ) decided WHERE state = 'refused'
"""
# Rows that do not say what is in force. `ours`: what stands was published by this source without a
# person's look at it. `known`: the row was refused with these numbers, or waits with them beside
# the same standing value.
_COMPARE = f"""
    DROP TABLE IF EXISTS changed;
    CREATE TEMP TABLE changed ON COMMIT DROP AS
    SELECT n.*, x.id AS standing_id, CASE WHEN x.state = 'published' THEN x.value END AS stands,
           x.id IS NULL OR (r.data_source_id IS NOT DISTINCT FROM %(source)s AND NOT EXISTS (
               SELECT 1 FROM targets_heldvalue h WHERE h.observation_id = x.id
           )) AS ours,
           {_remembered("f")} OR ({_remembered("w")} AND w.standing_id IS NOT DISTINCT FROM x.id)
               AS known
    FROM incoming n
    LEFT JOIN targets_observation x ON {_same_key("x")} AND x.superseded_at IS NULL
    LEFT JOIN targets_sourcerun r ON r.id = x.run_id
    LEFT JOIN remembered f ON {_same_key("f")} AND f.state = 'refused'
    LEFT JOIN remembered w ON {_same_key("w")} AND w.state = 'waiting'
    WHERE n.breach IS NULL
      AND (x.id IS NULL OR x.state <> 'published' OR NOT ({same_numbers("x")}))
"""
# A period is compared with others of its length: years, halves, quarters or months.
_KIND = "((period_end - period_start) / 32)"


def _judge(most: int) -> str:
    outside = f"({outside_sql(most, 'n.value')}) IS TRUE"
    jumps = f"({jumps_sql(most, 'value', 'previous', '')}) IS TRUE"
    following = jump_columns(most)
    return f"""
    DROP TABLE IF EXISTS judged;
    CREATE TEMP TABLE judged ON COMMIT DROP AS
    SELECT line, {_KEY}, indicator_id, period_start, period_end, value, numerator, denominator,
           vintage, published_on, standing_id, previous, known,
           CASE WHEN NOT let_in OR jumping THEN array_remove(ARRAY[
               CASE WHEN %(review)s THEN 'trust' END,
               CASE WHEN outside THEN 'range' END,
               CASE WHEN jumping AND NOT outside THEN 'jump' END,
               CASE WHEN NOT ours THEN 'replaces' END], NULL) END AS reasons
    FROM (
        SELECT *, {jumps} AS jumping
        FROM (
            SELECT *, pg_temp.last_value(value, let_in, stands, {", ".join(following)}) OVER (
                PARTITION BY series_id, organisation_id, {_KIND} ORDER BY period_end
                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            ) AS previous
            FROM (
                SELECT n.*, {", ".join(f"b.{name}" for name in following)}, {outside} AS outside,
                       ours AND NOT known AND NOT %(review)s AND NOT {outside} AS let_in
                FROM changed n JOIN bounds b ON b.indicator_id = n.indicator_id
                UNION ALL
                SELECT NULL, x.series_id, NULL, x.organisation_id, x.period, x.period_start,
                       x.period_end,
                       NULL, NULL, NULL, NULL, NULL, NULL, NULL, x.value, NULL, NULL,
                       {", ".join("NULL" for name in following)}, NULL, false
                FROM (SELECT DISTINCT series_id, organisation_id FROM changed) g
                JOIN targets_observation x ON x.series_id = g.series_id
                    AND x.organisation_id = g.organisation_id
                    AND x.superseded_at IS NULL AND x.state = 'published'
                WHERE NOT EXISTS (SELECT 1 FROM changed n WHERE {_same_key("x")})
            ) every
        ) followed
    ) n
    WHERE line IS NOT NULL
"""


#: What becomes of a row of `judged`.
ACTION: Final = """CASE WHEN known THEN 'unchanged' WHEN reasons IS NOT NULL THEN 'held'
    WHEN standing_id IS NULL THEN 'added' ELSE 'revised' END"""


def compare(source: DataSource) -> None:
    """From `incoming` make `judged`: the rows that do not say what is in force.

    Those that wait for a coordinator have `reasons`, and `previous` is what their change is counted
    from; `known` ones are remembered with the same numbers. Call with the turn taken.
    """
    most = bring_bounds()
    with connection.cursor() as cursor:
        cursor.execute(_REMEMBER, {"source": source.pk})
        cursor.execute("ANALYZE remembered")
        cursor.execute(_COMPARE, {"source": source.pk})
        cursor.execute("ANALYZE changed")
        cursor.execute(_judge(most), {"review": source.trust == DataSource.Trust.REVIEW})
