"""Runs of values, versions, and the history of merged bodies."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from targets.known_values import Run, Value, merge
from targets.models import Indicator, Observation, Series, Unit

PERCENT = Unit(pk=1, code="percent", kind="percent", ratio_scale=Decimal(100))


def series(aggregation: str = "ratio") -> Series:
    indicator = Indicator(pk=1, code="files", unit=PERCENT, aggregation=aggregation)
    return Series(pk=1, code="moha", indicator=indicator)


def seen(
    of: Series,
    period: str = "2023",
    value: str = "0",
    parts: tuple[int, int] | None = None,
    months: tuple[int, int] = (1, 12),
) -> Observation:
    year = int(period[:4])
    number = Decimal(100 * parts[0]) / parts[1] if parts else Decimal(value)
    return Observation(
        series=of,
        period=period,
        year=year,
        period_start=dt.date(year, months[0], 1),
        period_end=dt.date(year, months[1], 28),
        value=number,
        numerator=Decimal(parts[0]) if parts else None,
        denominator=Decimal(parts[1]) if parts else None,
    )


def run(organisation: int, *values: Observation) -> Run:
    return Run(values[0].series, organisation, tuple(Value(value) for value in values))


def test_a_ratio_is_the_sum_of_numerators_over_the_sum_of_denominators_not_a_mean() -> None:
    of = series()
    (one,) = merge([run(7, seen(of, parts=(10, 100))), run(8, seen(of, parts=(60, 300)))], [7, 8])
    assert (one.numerator, one.denominator) == (Decimal(70), Decimal(400))
    assert one.value == Decimal("17.5")  # the mean of 10 and 20 would be 15
    assert one.period == "2023"


def test_a_count_is_the_sum() -> None:
    of = series("sum")
    (one,) = merge([run(7, seen(of, value="3")), run(8, seen(of, value="4"))], [7, 8])
    assert (one.value, one.numerator, one.denominator) == (Decimal(7), None, None)


@pytest.mark.parametrize("aggregation", ["none", "ratio"])
def test_percentages_and_ranks_alone_stay_apart(aggregation: str) -> None:
    of = series(aggregation)
    assert merge([run(7, seen(of, value="10")), run(8, seen(of, value="20"))], [7, 8]) == []


def test_what_does_not_add_up_stays_apart_even_with_its_parts() -> None:
    of = series("none")
    runs = [run(7, seen(of, parts=(10, 100))), run(8, seen(of, parts=(60, 300)))]
    assert merge(runs, [7, 8]) == []


def test_nothing_is_computed_while_one_predecessor_is_missing() -> None:
    of = series()
    known = run(7, seen(of, "2022", parts=(1, 10)), seen(of, "2023", parts=(2, 10)))
    partly = run(8, seen(of, "2023", parts=(3, 10)))
    assert [one.period for one in merge([known, partly], [7, 8])] == ["2023"]
    assert merge([known], [7, 8]) == []
    assert merge([known], []) == []


def test_a_predecessor_with_a_percentage_alone_spoils_the_sum() -> None:
    of = series()
    assert merge([run(7, seen(of, parts=(1, 10))), run(8, seen(of, value="20"))], [7, 8]) == []


def test_a_whole_year_goes_before_its_parts_and_the_later_part_before_the_earlier() -> None:
    of = series()
    quarter = seen(of, "2024-Q1", "1", months=(1, 3))
    half = seen(of, "2024-H1", "2", months=(1, 6))
    month = seen(of, "2024-06", "3", months=(6, 6))
    whole = seen(of, "2023", "4")
    december = seen(of, "2023-12", "5", months=(12, 12))
    values = run(7, quarter, half, month, whole, december)
    assert {year: value.number for year, value in values.by_year().items()} == {2023: 4, 2024: 2}
    assert values.newest.number == 2
