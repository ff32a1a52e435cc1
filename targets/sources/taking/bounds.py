"""Plausible ranges and jumps, from the rules of reported values: one row of bounds an indicator.

The rules and what they mean are those of `targets.reporting.checks`; a test holds the two together.
A warning holds a value as an error does: nobody is there to give a reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from django.db import connection

from targets.models import Indicator, ValidationRule
from targets.reporting.checks import COUNTED_IN_POINTS, Measure, Rule, particular
from targets.reporting.ruling import rule_of

_CHECKS: Final = ("range", "jump")
_NUMBERS: Final = ("minimum", "maximum", "step", "jump", "smallest")
_OUTSIDE = """({value} < {b}minimum_{n} OR {value} > {b}maximum_{n}
    OR mod({value} - coalesce({b}minimum_{n}, 0), nullif({b}step_{n}, 0)) <> 0)"""
# From zero every change is without bound, in per cent. Multiplied, for a quotient is rounded.
_JUMPS = """(CASE WHEN {b}points THEN abs({value} - {before}) > {b}jump_{n}
          ELSE abs({value} - {before}) * 100 > abs({before}) * {b}jump_{n} END
    AND ({b}smallest_{n} IS NULL OR abs({value} - {before}) >= {b}smallest_{n}))"""
# Before a period stands the last value that counts: the one that the run brings, if it is let in.
_BEFORE = """
    CREATE OR REPLACE FUNCTION pg_temp.value_after(
        before numeric, brings numeric, let_in boolean, stands numeric, points boolean, {arguments}
    ) RETURNS numeric LANGUAGE plpgsql IMMUTABLE AS $$
    BEGIN
        RETURN CASE WHEN let_in AND ({jumps}) IS NOT TRUE THEN brings
                    ELSE coalesce(stands, before) END;
    END $$;
    CREATE OR REPLACE AGGREGATE pg_temp.last_value(
        brings numeric, let_in boolean, stands numeric, points boolean, {arguments}
    ) (sfunc = pg_temp.value_after, stype = numeric)
"""


def bring_bounds() -> int:
    """Make `bounds` for the indicators of `incoming`: how many rules of one check hold at most.

    Its columns are `indicator_id`, `points` (how a change is counted) and, numbered from 1, the
    bounds of each rule. Also makes the aggregate `pg_temp.last_value(brings, let_in, stands, ...)`,
    whose other arguments are `jump_columns`: over the periods of a series in their order, each with
    what the run brings (and whether nothing but a jump would keep it out) and what stands, the last
    value that counts.
    """
    rules = [
        rule_of(row) for row in ValidationRule.objects.filter(active=True, check_kind__in=_CHECKS)
    ]
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT indicator_id FROM incoming WHERE breach IS NULL")
        concerned = [one for (one,) in cursor.fetchall()]
        measures = Indicator.objects.filter(pk__in=concerned).values_list(
            "pk", "unit_id", "unit__kind", "unit__decimals"
        )
        held_by = []
        most = 1
        for measure in (Measure(*columns) for columns in measures):
            ranges, jumps = (particular(rules, measure).get(check, []) for check in _CHECKS)
            held_by.append((measure, ranges, jumps))
            most = max(most, len(ranges), len(jumps))
        numbers = [f"{name}_{n}" for n in range(1, most + 1) for name in _NUMBERS]
        columns = ", ".join(f"{name} numeric" for name in numbers)
        cursor.execute("DROP TABLE IF EXISTS bounds")
        cursor.execute(
            f"CREATE TEMP TABLE bounds (indicator_id bigint, points boolean, {columns})"
            " ON COMMIT DROP"
        )
        with cursor.copy("COPY bounds FROM STDIN") as sink:
            for measure, ranges, jumps in held_by:
                sink.write_row(_row(measure, ranges, jumps, most))
        cursor.execute("ANALYZE bounds")
        cursor.execute(
            _BEFORE.format(
                arguments=", ".join(f"{name} numeric" for name in jump_columns(most)[1:]),
                jumps=jumps_sql(most, "brings", "before", ""),
            )
        )
    return most


def jump_columns(most: int) -> list[str]:
    """The columns of `bounds` that `jumps_sql` reads."""
    rules = range(1, most + 1)
    return ["points", *(f"{name}_{n}" for n in rules for name in ("jump", "smallest"))]


def outside_sql(most: int, value: str, bounds: str = "b.") -> str:
    """SQL for whether a value lies outside its range; NULL where nothing bounds it."""
    return " OR ".join(_OUTSIDE.format(value=value, b=bounds, n=n + 1) for n in range(most))


def jumps_sql(most: int, value: str, before: str, bounds: str = "b.") -> str:
    """SQL for whether a value is too far from the one before; NULL where there is none."""
    return " OR ".join(
        _JUMPS.format(value=value, before=before, b=bounds, n=n + 1) for n in range(most)
    )


def _row(
    measure: Measure, ranges: Sequence[Rule], jumps: Sequence[Rule], most: int
) -> list[object]:
    row: list[object] = [measure.indicator_id, measure.unit_kind in COUNTED_IN_POINTS]
    for n in range(most):
        one = ranges[n] if n < len(ranges) else None
        row += [one and one.minimum, one and one.maximum, one and one.bound]
        one = jumps[n] if n < len(jumps) else None
        row += [one and one.bound, one and one.minimum]
    return row
