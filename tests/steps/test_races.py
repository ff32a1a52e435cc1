"""Two who act at once: one acts, the other is told; nothing happens twice, nothing is lost."""

from __future__ import annotations

import threading
from collections.abc import Callable
from decimal import Decimal
from functools import partial

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone

from targets.models import (
    Mail,
    Notice,
    Observation,
    Organisation,
    Report,
    ReportAction,
    ReportingCycle,
    ReportItem,
)
from targets.reporting import steps
from targets.reporting.entering import Entered, EntryRefusedError, Typed, enter_item
from targets.reporting.steps import AlreadyTakenError, StepRefusedError
from tests.committed import transactional_db
from tests.factory import make
from tests.steps.world import World, cell, world

__all__ = ["transactional_db"]

pytestmark = pytest.mark.usefixtures("transactional_db")
ROUNDS = 6


def at_once(*actions: Callable[[], object]) -> list[object]:
    """What each returned or raised, all begun at the same moment on connections of their own."""
    results: list[object] = [None] * len(actions)
    start = threading.Barrier(len(actions))

    def run(place: int, action: Callable[[], object]) -> None:
        try:
            start.wait(20)
            results[place] = action()
        except Exception as error:
            results[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=one) for one in enumerate(actions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results


def again(here: World, state: str) -> World:
    """The same people with a fresh report in a state, about figures that nobody published yet."""
    report = make(Report, organisation=here.report.organisation)
    item = make(
        ReportItem,
        report=report,
        value=Decimal(5),
        version=1,
        entered_by=here.reporter,
        entered_at=timezone.now(),
    )
    fresh = World(report, item, here.people)
    fresh.go_to(state)
    return fresh


def anew(user: User) -> User:
    """The person as another request has them."""
    return User.objects.get(pk=user.pk)


def test_two_approvers_at_once_approve_once() -> None:
    here = world()
    for _ in range(ROUNDS):
        fresh = again(here, "submitted")
        notices = Notice.objects.count()
        results = at_once(
            lambda: steps.approve(fresh.report.pk, by=anew(here.approver)),  # noqa: B023
            lambda: steps.approve(fresh.report.pk, by=anew(here.second_approver)),  # noqa: B023
        )
        assert sum(isinstance(one, ReportAction) for one in results) == 1, results
        assert sum(isinstance(one, AlreadyTakenError) for one in results) == 1, results
        assert fresh.report.actions.filter(kind="approve").count() == 1
        assert Notice.objects.count() == notices + 3  # the coordinator, and both who report


def test_publication_and_return_at_once_are_one_of_them() -> None:
    here = world()
    for _ in range(ROUNDS):
        fresh = again(here, "approved")
        seen = fresh.report.actions.last()
        assert seen is not None
        results = at_once(
            lambda: steps.publish(fresh.report.pk, by=anew(here.coordinator), seen=seen.pk),  # noqa: B023
            lambda: steps.return_report(fresh.report.pk, by=anew(here.coordinator), reason="x"),  # noqa: B023
        )
        taken = [one.kind for one in results if isinstance(one, ReportAction)]
        assert len(taken) == 1, results
        assert sum(isinstance(one, StepRefusedError) for one in results) == 1, results
        published = fresh.state() == "published"
        assert (taken == ["publish"]) is published
        assert Observation.objects.filter(publication__item=fresh.item).exists() is published


def test_a_submission_and_an_entry_at_once_do_not_pass_each_other() -> None:
    here = world()
    for number in range(ROUNDS):
        fresh = again(here, "draft")
        results = at_once(
            lambda: steps.submit(fresh.report.pk, by=anew(here.reporter)),  # noqa: B023
            lambda: enter_item(
                fresh.item.pk,  # noqa: B023
                by=anew(here.both),
                seen_version=1,
                typed=Typed(value=Decimal(100 + number)),  # noqa: B023
            ),
        )
        assert isinstance(results[0], ReportAction), results
        item = ReportItem.objects.get(pk=fresh.item.pk)
        if isinstance(results[1], Entered):
            # It was in before the report was handed over, so its author may not approve.
            assert item.entered_at is not None
            assert item.entered_at <= results[0].at
            with pytest.raises(StepRefusedError):
                steps.approve(fresh.report.pk, by=anew(here.both))
        else:
            assert isinstance(results[1], EntryRefusedError), results
            assert item.value == 5


def test_many_double_clicks_publish_once() -> None:
    here = world()
    here.go_to("approved")
    letters = Mail.objects.count()
    results = at_once(*[lambda: steps.publish(here.report.pk, by=anew(here.coordinator))] * 5)
    assert sum(isinstance(one, ReportAction) for one in results) == 1, results
    assert sum(isinstance(one, AlreadyTakenError) for one in results) == 4, results
    assert Observation.objects.count() == 1
    assert Mail.objects.count() == letters + 4


def test_two_reports_on_the_same_value_published_at_once_leave_one_in_force() -> None:
    here = world()
    country = make(Organisation, code="VN", kind="country")
    for number in range(ROUNDS):
        cycle = make(ReportingCycle)
        pair = [make(Report, cycle=cycle, state="approved") for _ in range(2)]
        for place, report in enumerate(pair):
            value = Decimal(10 * number + place)
            cell(report, here.reporter, series=here.item.series, subject=country, value=value)
        results = at_once(
            *[partial(steps.publish, report.pk, by=anew(here.coordinator)) for report in pair]
        )
        assert all(isinstance(one, ReportAction) for one in results), results
        made = Observation.objects.filter(publication__item__report__in=pair)
        assert made.count() == 2
        assert made.current().count() == 1
        Observation.objects.current().update(superseded_at=timezone.now())
