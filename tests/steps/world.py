"""One organisation with its people, a report of theirs, and everybody else who might try."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from targets.models import (
    Indicator,
    Membership,
    Organisation,
    OrganisationName,
    Report,
    ReportAction,
    ReportingCycle,
    ReportItem,
    Series,
    SystemRole,
)
from targets.reporting import steps
from targets.reporting.steps import StepRefusedError
from tests.factory import make

STATES = tuple(Report.State)
KINDS = tuple(ReportAction.Kind)


PEOPLE = (
    "reporter", "approver", "viewer", "other_reporter", "other_approver", "other_viewer",
    "second_approver", "both", "coordinator", "leadership", "administrator", "auditor", "nobody",
    "superuser", "gone",
)  # fmt: skip


@dataclass
class World:
    """A report with one value, which `reporter` entered."""

    report: Report
    item: ReportItem
    people: dict[str, User]

    def __getattr__(self, name: str) -> User:
        """A person by the name of what they are."""
        try:
            return self.people[name]
        except KeyError:
            raise AttributeError(name) from None

    def state(self) -> str:
        """The state as committed, or as this transaction sees it."""
        return Report.objects.values_list("state", flat=True).get(pk=self.report.pk)

    def take(self, kind: str, by: User, **given: Any) -> ReportAction:
        """A step with a reason where one is demanded."""
        if kind in {"return", "reopen"}:
            given.setdefault("reason", "lý do")
        function = steps.return_report if kind == "return" else getattr(steps, kind)
        action: ReportAction = function(self.report.pk, by=by, **given)
        return action

    def go_to(self, state: str) -> None:
        """Bring the draft to a state by the steps that lead there."""
        road = {
            "draft": [],
            "submitted": ["submit"],
            "returned": ["submit", "return"],
            "approved": ["submit", "approve"],
            "published": ["submit", "approve", "publish"],
        }[state]
        doers = {"submit": "reporter", "publish": "coordinator"}
        for kind in road:
            self.take(kind, self.people[doers.get(kind, "approver")])


def world(**given: Any) -> World:
    """A draft of the cycle 2026 with its people; `given` is of the report."""
    # A test that really commits leaves its accounts behind.
    User.objects.filter(username__in=PEOPLE).delete()
    organisation = make(Organisation, kind="ministry")
    make(OrganisationName, organisation=organisation, name_vi="Bộ Thử", name_en="Test Ministry")
    other = make(Organisation, kind="ministry")
    people: dict[str, User] = {}
    for role in ("reporter", "approver", "viewer"):
        people[role] = make(User, username=role, first_name=role)
        make(Membership, user=people[role], organisation=organisation, role=role)
        people[f"other_{role}"] = make(User, username=f"other_{role}")
        make(Membership, user=people[f"other_{role}"], organisation=other, role=role)
    people["second_approver"] = make(User, username="second_approver")
    make(Membership, user=people["second_approver"], organisation=organisation, role="approver")
    people["both"] = make(User, username="both")
    for role in ("reporter", "approver"):
        make(Membership, user=people["both"], organisation=organisation, role=role)
    for role in ("coordinator", "leadership", "administrator", "auditor"):
        people[role] = make(User, username=role)
        make(SystemRole, user=people[role], role=role)
    people["nobody"] = make(User, username="nobody")
    people["superuser"] = make(User, username="superuser", is_superuser=True)
    people["gone"] = make(User, username="gone", is_active=False)
    make(Membership, user=people["gone"], organisation=organisation, role="approver")
    cycle = given.pop("cycle", None) or make(ReportingCycle)
    report = make(Report, cycle=cycle, organisation=organisation, **given)
    item = cell(report, people["reporter"], value=Decimal("12.5"))
    return World(report, item, people)


def cell(report: Report, by: User | None = None, **given: Any) -> ReportItem:
    """One more item of a report, of an indicator with an official series; entered by somebody."""
    series = given.pop("series", None) or make(
        Series, indicator=make(Indicator, levels=["national", "ministry"]), code="bao-cao"
    )
    if by is not None:
        given |= {"version": 1, "entered_by": by, "entered_at": timezone.now()}
    return make(ReportItem, report=report, series=series, **given)


@contextmanager
def refused() -> Iterator[list[str]]:
    """The block must raise a StepRefusedError; its sentence is put into the list."""
    sentences: list[str] = []
    with pytest.raises(StepRefusedError) as caught:
        yield sentences
    assert caught.value.sentence
    sentences.append(caught.value.sentence)


TODAY = dt.date(2026, 11, 22)
