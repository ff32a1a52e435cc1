"""What a typed value would mean, against what a worker says once it is published."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from pytest_django import DjangoAssertNumQueries

from documents.models import Document
from targets.assessing import assess_batch
from targets.models import (
    Assessment,
    AssessmentMethod,
    Indicator,
    Observation,
    Organisation,
    Report,
    ReportingCycle,
    ReportItem,
    Series,
    Target,
    Unit,
)
from targets.reporting.preview import Outlook, outlooks
from tests.factory import make

pytestmark = pytest.mark.django_db

TODAY = dt.date(2026, 11, 22)


def _item(*, official: bool = True, **cycle: Any) -> ReportItem:
    if not AssessmentMethod.objects.exists():
        make(AssessmentMethod, active=True)
    country = make(Organisation, kind="country")
    series = make(Series, official=official, indicator=make(Indicator))
    report = make(Report, cycle=make(ReportingCycle, **cycle))
    return make(ReportItem, series=series, report=report, subject=country)


def _outlook(item: ReportItem, value: float | None) -> Outlook:
    typed = {} if value is None else {item.pk: Decimal(str(value))}
    items = ReportItem.objects.select_related("series")
    return outlooks(items, typed, cycle=item.report.cycle, today=TODAY)[item.pk]


def _target(item: ReportItem, **given: Any) -> Target:
    return make(Target, indicator=item.indicator, **given)


def test_the_verdict_before_and_after() -> None:
    item = _item()
    _target(item, due_year=2030, threshold=80)
    make(Observation, series=item.series, organisation=item.subject, period="2020", value=20)
    make(Observation, series=item.series, organisation=item.subject, period="2025", value=30)
    (meaning,) = _outlook(item, 60).meanings
    assert (meaning.now.status, meaning.then.status) == ("off_track", "on_track")
    assert meaning.then.reason_code == "on_path"
    assert meaning.then.reason_values["latest_value"] == 60
    (nothing,) = _outlook(item, None).meanings
    assert nothing.now == nothing.then


def test_binding_targets_first_then_what_is_in_force_then_drafts() -> None:
    item = _item()
    draft = _target(item, document=make(Document, legal_status="draft"), due_year=2025)
    low = _target(item, document=make(Document, rank=3), threshold=20, due_year=2030)
    high = _target(item, document=make(Document, rank=1), threshold=30, due_year=2030)
    _target(item, restates=low)
    _target(item, retired_on=TODAY)
    found = _outlook(item, 10).meanings
    assert [one.target for one in found] == [high, low, draft]
    assert [one.binds for one in found] == [True, False, False]


def test_a_series_that_verdicts_do_not_go_by_changes_nothing() -> None:
    item = _item(official=False)
    _target(item)
    found = _outlook(item, 99)
    assert not found.counts
    assert found.meanings[0].then == found.meanings[0].now
    assert found.meanings[0].then.status == "no_data"


def test_an_indicator_that_nobody_set_a_target_for() -> None:
    assert _outlook(_item(), 5) == Outlook(counts=True, meanings=())


def test_a_part_of_a_year_does_not_outweigh_the_whole() -> None:
    half: dict[str, Any] = {"period": "2026-H1", "data_to": dt.date(2026, 6, 14)}
    item = _item(**half)
    _target(item, due_year=2030)
    make(Observation, series=item.series, organisation=item.subject, period="2026", value=50)
    (meaning,) = _outlook(item, 1).meanings
    assert meaning.then.reason_values["latest_value"] == 50


def test_queries_do_not_grow_with_the_cells(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    first = _item()
    for _ in range(4):
        series = make(Series, indicator=make(Indicator))
        make(ReportItem, report=first.report, series=series, subject=first.subject)
    items = list(ReportItem.objects.select_related("series"))
    for item in items:
        _target(item)
    with django_assert_num_queries(4):
        found = outlooks(items, {first.pk: Decimal(1)}, cycle=first.report.cycle, today=TODAY)
    assert len(found) == 5


_values = st.decimals(min_value=-50, max_value=200, places=1).map(Decimal)


class AsWorkersJudge(TestCase):
    @settings(max_examples=40, deadline=None)
    @given(
        demand=st.sampled_from(
            [
                {"kind": "level", "operator": ">=", "threshold": 80, "due_year": 2030},
                {"kind": "level", "operator": "<", "threshold": 80, "due_year": 2025},
                {"kind": "relative", "operator": "<=", "threshold": -30, "due_year": 2026},
                {"kind": "every_year", "operator": ">=", "threshold": 3, "due_year": 2030},
                {"kind": "growth", "operator": ">=", "threshold": 7, "due_year": 2030},
                {"kind": "keep", "operator": ">", "threshold": 50, "due_year": 2030},
                {
                    "kind": "milestone",
                    "operator": "",
                    "threshold": None,
                    "due_year": 2030,
                },
            ]
        ),
        known=st.dictionaries(
            st.sampled_from(["2019", "2020", "2023", "2024", "2025", "2026"]), _values
        ),
        typed=_values,
    )
    def test_the_preview_says_what_the_verdict_will_be(
        self, demand: dict[str, Any], known: dict[str, Decimal], typed: Decimal
    ) -> None:
        item = _item()
        target = _target(item, horizon="2030", unit=make(Unit), **demand)
        for period, value in known.items():
            given = {"series": item.series, "organisation": item.subject, "period": period}
            make(Observation, value=value, **given)
        (meaning,) = _outlook(item, float(typed)).meanings
        cycle = item.report.cycle
        Observation.objects.filter(period=cycle.period).update(superseded_at=timezone.now())
        make(
            Observation,
            series=item.series,
            organisation=item.subject,
            period=cycle.period,
            period_start=cycle.data_from,
            period_end=cycle.data_to,
            value=typed,
            known_on=TODAY,
        )
        while assess_batch(today=TODAY).claimed:
            pass
        verdict = Assessment.objects.standing_on(TODAY).get(
            target=target, organisation=item.subject
        )
        assert (meaning.then.status, meaning.then.reason_code, meaning.then.reason_values) == (
            verdict.status,
            verdict.reason_code,
            verdict.reason_values,
        )
