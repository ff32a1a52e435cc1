"""What stands beside a cell of what was published before."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from targets.lineage import Lineage
from targets.models import (
    Indicator,
    Observation,
    Organisation,
    Report,
    ReportItem,
    Series,
    Succession,
)
from targets.reporting.history import History, histories
from tests.factory import make

pytestmark = pytest.mark.django_db

DAY = dt.date(2026, 11, 22)
MERGER = dt.date(2025, 7, 1)


def seen(series: Series, organisation: Organisation, year: int, **given: Any) -> None:
    make(Observation, series=series, organisation=organisation, period=str(year), **given)


def history_of(item: ReportItem) -> History:
    return histories([item], Lineage(), DAY)[item.pk]


def merged_from(*names: str) -> tuple[Organisation, list[Organisation]]:
    new = make(Organisation, code="NEW", kind="province", valid_from=MERGER)
    last = MERGER - dt.timedelta(days=1)
    old = [make(Organisation, code=name, kind="province", valid_to=last) for name in names]
    for one in old:
        make(Succession, predecessor=one, successor=new, effective_on=MERGER, function="territory")
    return new, old


def test_the_years_of_the_series_and_the_official_one_apart() -> None:
    official = make(Series)
    own = make(Series, indicator=official.indicator, code="bao-cao", official=False)
    item = make(ReportItem, series=own)
    for year, value in ((2023, 10), (2024, 12)):
        seen(own, item.subject, year, value=value)
    seen(official, item.subject, 2024, value=11)
    found = history_of(item)
    assert found.own is not None
    assert found.official is not None
    assert [(year.year, int(year.value)) for year in found.own.years] == [(2023, 10), (2024, 12)]
    assert [(year.year, int(year.value)) for year in found.official.years] == [(2024, 11)]
    assert found.official.series == official
    assert found.apart == ()


def test_where_the_report_writes_the_official_series_there_is_no_other() -> None:
    item = make(ReportItem)
    seen(item.series, item.subject, 2024)
    assert history_of(item).official is None


def test_drafts_and_later_days_are_not_known() -> None:
    item = make(ReportItem)
    seen(item.series, item.subject, 2023, state="submitted")
    seen(item.series, item.subject, 2024, known_on=DAY + dt.timedelta(days=1))
    assert history_of(item) == History()


def test_before_a_merger_the_parts_are_summed_and_never_averaged() -> None:
    new, old = merged_from("A", "B")
    series = make(Series, indicator=make(Indicator, aggregation="ratio", levels=["province"]))
    for one, numerator, denominator in ((old[0], 10, 100), (old[1], 90, 100 * 3)):
        value = Decimal(numerator * 100) / denominator
        seen(series, one, 2024, value=value, numerator=numerator, denominator=denominator)
    item = make(ReportItem, series=series, subject=new, report=make(Report, organisation=new))
    found = history_of(item)
    assert found.own is not None
    assert [(year.value, year.computed) for year in found.own.years] == [(Decimal(25), True)]
    assert found.apart == ()


def test_percentages_alone_stay_with_each_predecessor() -> None:
    new, old = merged_from("A", "B")
    series = make(Series, indicator=make(Indicator, aggregation="ratio", levels=["province"]))
    for one, value in ((old[0], 10), (old[1], 30)):
        seen(series, one, 2024, value=value)
    item = make(ReportItem, series=series, subject=new, report=make(Report, organisation=new))
    found = history_of(item)
    assert found.own is None
    assert {(track.organisation_id, int(track.years[0].value)) for track in found.apart} == {
        (old[0].pk, 10),
        (old[1].pk, 30),
    }


def test_one_query_for_any_number_of_cells(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    report = make(Report)
    items = [make(ReportItem, report=report, series=make(Series)) for _ in range(5)]
    for item in items:
        seen(item.series, item.subject, 2024)
    lineage = Lineage()
    with django_assert_num_queries(1):
        assert len(histories(items, lineage, DAY)) == 5
