"""Every state, every step, every kind of person: who may take it, and that nobody else can."""

from __future__ import annotations

from decimal import Decimal
from itertools import product
from typing import Final

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError, IntegrityError, transaction

from targets.models import (
    Mail,
    Membership,
    Notice,
    Observation,
    Report,
    ReportAction,
    ReportItem,
)
from targets.permissions import allowed
from targets.reporting.entering import Typed, enter_item
from targets.reporting.steps import StepForbiddenError, who_may_approve
from tests.factory import make
from tests.steps.world import KINDS, STATES, World, refused, world

pytestmark = pytest.mark.django_db

REPORTERS: Final = {"reporter", "both"}
APPROVERS: Final = {"approver", "second_approver", "both"}
#: Written from the issue, not from the code: state, step → who may, state afterwards.
MAY: Final[dict[tuple[str, str], tuple[set[str], str]]] = {
    ("draft", "submit"): (REPORTERS, "submitted"),
    ("returned", "submit"): (REPORTERS, "submitted"),
    ("submitted", "withdraw"): (REPORTERS, "draft"),
    ("submitted", "approve"): (APPROVERS, "approved"),
    ("submitted", "return"): (APPROVERS, "returned"),
    ("approved", "return"): ({"coordinator"}, "returned"),
    ("approved", "publish"): ({"coordinator"}, "published"),
    ("published", "reopen"): ({"coordinator"}, "draft"),
}


def traces() -> tuple[object, ...]:
    """All that a step leaves behind."""
    return (
        list(Report.objects.values_list("state", "edition", "state_since", "first_submitted_at")),
        *(model.objects.count() for model in (ReportAction, Notice, Mail, Observation)),
    )


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("state", STATES)
def test_who_may_take_a_step(state: str, kind: str) -> None:
    here = world()
    here.go_to(state)
    allowed, after = MAY.get((state, kind), (set(), ""))
    for name, person in here.people.items():
        before, actions = traces(), ReportAction.objects.count()
        with transaction.atomic():
            if name in allowed:
                action = here.take(kind, person)
                assert here.state() == action.to_state == after, name
                assert (action.from_state, action.by, action.kind) == (state, person, kind)
                assert ReportAction.objects.count() == actions + 1
            else:
                with refused():
                    here.take(kind, person)
                assert traces() == before, name
            transaction.set_rollback(True)


def test_who_entered_a_value_does_not_approve_and_another_approver_does() -> None:
    here = world()
    ReportItem.objects.filter(pk=here.item.pk).update(entered_by=here.both)
    here.go_to("submitted")
    with refused() as sentences:
        here.take("approve", here.both)
    assert "phê duyệt khác" in sentences[0]
    here.take("approve", here.approver)
    assert here.state() == "approved"


def test_the_database_refuses_an_approval_by_who_entered_a_value() -> None:
    here = world()
    here.go_to("submitted")
    given = {"report": here.report, "from_state": "submitted", "to_state": "approved"}
    with pytest.raises(IntegrityError, match="entered a value"), transaction.atomic():
        make(ReportAction, kind="approve", by=here.reporter, **given)
    make(ReportAction, kind="approve", by=here.approver, **given)


def test_who_entered_a_value_that_a_colleague_changed_does_not_approve_either() -> None:
    here = world()
    enter_item(here.item.pk, by=here.both, seen_version=1, typed=Typed(value=Decimal(13)))
    enter_item(here.item.pk, by=here.reporter, seen_version=2, typed=Typed(value=Decimal(14)))
    here.go_to("submitted")
    with refused() as sentences:
        here.take("approve", here.both)
    assert "phê duyệt khác" in sentences[0]
    given = {"report": here.report, "from_state": "submitted", "to_state": "approved"}
    with pytest.raises(IntegrityError, match="entered a value"), transaction.atomic():
        make(ReportAction, kind="approve", by=here.both, **given)
    assert not who_may_approve(here.report).filter(pk=here.both.pk).exists()


def test_who_entered_in_an_earlier_edition_what_no_longer_stands_may_approve_the_next() -> None:
    here = world()
    enter_item(here.item.pk, by=here.both, seen_version=1, typed=Typed(value=Decimal(13)))
    here.go_to("published")
    here.take("reopen", here.coordinator)
    here.report.refresh_from_db()
    enter_item(here.item.pk, by=here.reporter, seen_version=2, typed=Typed(value=Decimal(14)))
    here.take("submit", here.reporter)
    here.take("approve", here.both)
    assert here.state() == "approved"


def test_the_database_knows_no_other_ways_between_the_states() -> None:
    here = world()
    ways = {(before, after) for (before, _kind), (_who, after) in MAY.items()}
    for before, after in product(STATES, STATES):
        report = make(Report, cycle=here.report.cycle, state=before)
        change = Report.objects.filter(pk=report.pk)
        if before == after or (before, after) in ways:
            change.update(state=after)
        else:
            with pytest.raises(DatabaseError, match="Invalid transition"), transaction.atomic():
                change.update(state=after)


def test_a_role_that_was_taken_away_meanwhile_no_longer_counts() -> None:
    here = world()
    here.go_to("submitted")
    here.report.refresh_from_db()
    approver = User.objects.get(username="approver")
    assert allowed(approver, "targets.approve_report", here.report)
    Membership.objects.filter(user=approver).delete()
    with pytest.raises(StepForbiddenError):
        here.take("approve", approver)


def test_the_people_of_the_world_are_those_of_the_table() -> None:
    here: World = world()
    assert REPORTERS | APPROVERS | {"coordinator"} < set(here.people)
