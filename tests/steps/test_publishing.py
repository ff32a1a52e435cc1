"""What publication writes: versions in force, each from its report; a sample writes none."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from targets.models import (
    Observation,
    PendingAssessment,
    Publication,
    ReportingCycle,
    ReportItem,
    Source,
    Target,
)
from targets.reporting.publishing import would_replace
from tests.factory import make
from tests.steps.world import World, cell, refused, world

pytestmark = pytest.mark.django_db


@pytest.fixture
def here() -> World:
    return world()


def enter(here: World, item: ReportItem, **given: Any) -> None:
    """As the grid does, when the report is a draft."""
    ReportItem.objects.filter(pk=item.pk).update(
        version=item.version + 1,
        entered_by=here.reporter,
        entered_at=timezone.now(),
        **given,
    )


def as_stored(one: Observation) -> dict[str, object]:
    """Every column of a version, as it is now."""
    return dict(Observation.objects.filter(pk=one.pk).values().get())


def in_force() -> Observation:
    return Observation.objects.current().get()


@time_machine.travel("2026-12-20T02:00:00Z", tick=False)
def test_a_published_value_is_an_observation_of_the_report(here: World) -> None:
    enter(here, here.item, note="tạm tính")
    here.go_to("published")
    one = in_force()
    assert one.value == Decimal("12.5")
    assert (one.series, one.organisation) == (here.item.series, here.item.subject)
    assert (one.period, one.year) == ("2026", 2026)
    assert (one.period_start, one.period_end) == (dt.date(2025, 12, 15), dt.date(2026, 12, 14))
    assert one.published_on == one.known_on == dt.date(2026, 12, 20)
    assert one.state == "published"
    assert one.caveat_vi == "tạm tính"
    assert not one.synthetic
    assert one.source.url == f"/bao-cao/{here.report.pk}/"
    assert one.source.publisher == "Bộ Thử"
    assert one.source.title.endswith("kỳ 2026 của Bộ Thử")
    publication = Publication.objects.get()
    assert (publication.item, publication.observation) == (here.item, one)
    assert publication.action.kind == "publish"


def test_a_ratio_keeps_its_numerator_and_denominator() -> None:
    here = world()
    ratio = cell(
        here.report,
        here.reporter,
        value=Decimal("25"),
        numerator=Decimal(1),
        denominator=Decimal(4),
    )
    half = cell(here.report, here.reporter, value=Decimal(3), numerator=Decimal(1))
    here.go_to("published")
    one = Observation.objects.get(series=ratio.series)
    assert [one.value, one.numerator, one.denominator] == [25, 1, 4]
    other = Observation.objects.get(series=half.series)
    assert [other.value, other.numerator, other.denominator] == [3, None, None]


def test_empty_and_unavailable_cells_publish_nothing(here: World) -> None:
    cell(here.report)
    cell(here.report, here.reporter, unavailable=True, note="chưa điều tra")
    here.go_to("published")
    assert in_force().series == here.item.series


def test_a_sample_never_makes_an_observation() -> None:
    here = world(sample=True)
    here.go_to("published")
    here.take("reopen", here.coordinator)
    here.take("submit", here.reporter)
    here.take("approve", here.approver)
    here.take("publish", here.coordinator)
    assert not Observation.objects.exists()
    assert not Publication.objects.exists()
    assert not Source.objects.exists()
    assert would_replace(here.report) == []


def test_a_new_edition_adds_a_version_and_edits_none(here: World) -> None:
    here.go_to("published")
    first = in_force()
    unchanged = as_stored(first)
    here.take("reopen", here.coordinator)
    assert as_stored(first) == unchanged
    enter(here, here.item, value=Decimal("13.5"))
    here.take("submit", here.reporter)
    here.take("approve", here.approver)
    here.take("publish", here.coordinator)
    second = in_force()
    assert (first.pk != second.pk, second.value) == (True, Decimal("13.5"))
    assert as_stored(first) == {**unchanged, "superseded_at": second.recorded_at}
    assert Publication.objects.filter(item=here.item).count() == 2
    assert Source.objects.count() == 1


def test_a_value_that_stays_the_same_makes_no_version(here: World) -> None:
    other = cell(here.report, here.reporter, value=Decimal(7))
    here.go_to("published")
    here.take("reopen", here.coordinator)
    enter(here, other, value=Decimal(8))
    here.take("submit", here.reporter)
    here.take("approve", here.approver)
    here.take("publish", here.coordinator)
    assert Observation.objects.filter(series=here.item.series).count() == 1
    assert Observation.objects.filter(series=other.series).count() == 2


def elsewhere(here: World, value: str) -> Observation:
    """A value in force for the same place, pulled from another source."""
    return make(
        Observation,
        series=here.item.series,
        organisation=here.item.subject,
        period="2026",
        value=Decimal(value),
        known_on=dt.date(2026, 11, 1),
    )


def test_a_value_from_elsewhere_is_replaced_only_by_who_saw_it(here: World) -> None:
    here.go_to("approved")
    standing = elsewhere(here, "11")
    assert [one.observation for one in would_replace(here.report)] == [standing]
    with refused() as sentences:
        here.take("publish", here.coordinator, shown=())
    assert "nguồn khác" in sentences[0]
    assert here.state() == "approved"
    assert in_force() == standing
    here.take("publish", here.coordinator, shown=(standing.pk,))
    assert in_force().value == Decimal("12.5")
    standing.refresh_from_db()
    assert standing.superseded_at is not None


def test_a_value_from_elsewhere_that_says_the_same_stays(here: World) -> None:
    here.go_to("approved")
    standing = elsewhere(here, "12.5")
    assert would_replace(here.report) == []
    here.take("publish", here.coordinator, shown=())
    assert in_force() == standing
    assert not Publication.objects.exists()


def test_the_own_value_of_an_earlier_edition_is_not_from_elsewhere(here: World) -> None:
    here.go_to("published")
    here.take("reopen", here.coordinator)
    enter(here, here.item, value=Decimal(14))
    here.take("submit", here.reporter)
    here.take("approve", here.approver)
    assert would_replace(here.report) == []
    here.take("publish", here.coordinator, shown=())
    assert in_force().value == 14


def test_publication_asks_for_the_verdicts_of_its_targets(here: World) -> None:
    target = make(Target, indicator=here.item.indicator)
    here.go_to("approved")
    PendingAssessment.objects.all().delete()
    here.take("publish", here.coordinator)
    assert PendingAssessment.objects.filter(target=target, organisation=here.item.subject).exists()


def test_the_queries_of_a_publication_do_not_grow_with_its_values() -> None:
    def queries(number: int) -> int:
        here = world(cycle=make(ReportingCycle))
        for _ in range(number):
            cell(here.report, here.reporter, value=Decimal(3))
        here.go_to("approved")
        with CaptureQueriesContext(connection) as captured:
            here.take("publish", here.coordinator)
        for person in here.people.values():
            person.username += f"-{number}"
            person.save()
        return len(captured)

    assert queries(2) == queries(30)
