"""A ministry that succeeded another, its people, and everybody else who might look or try."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import time_machine
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile

from targets.directives import issue_directive
from targets.models import (
    Directive,
    Membership,
    Organisation,
    OrganisationName,
    Succession,
    SystemRole,
    Target,
)
from tests.factory import make

TODAY = dt.date(2026, 11, 22)
NOON = "2026-11-22T05:00:00Z"
ROLES = ("reporter", "approver", "viewer")
WHOLE = ("coordinator", "leadership", "administrator", "auditor")


@dataclass
class World:
    """`own` succeeded `ended`; `other` is another ministry with a reporter, `stranger`."""

    own: Organisation
    ended: Organisation
    other: Organisation
    target: Target
    people: dict[str, User]

    def __getattr__(self, name: str) -> User:
        try:
            return self.people[name]
        except KeyError:
            raise AttributeError(name) from None

    def issue(
        self, *, to: Organisation | None = None, days: int = 7, text: str = "Vì sao chậm?"
    ) -> Directive:
        """A directive of leadership on the target."""
        return issue_directive(
            by=self.leadership,
            addressee=to or self.own,
            text=text,
            due_on=TODAY + dt.timedelta(days=days),
            target=self.target,
        )

    def bequeathed(self) -> Directive:
        """One addressed to the ministry that ended since."""
        return make(
            Directive,
            target=self.target,
            addressee=self.ended,
            created_by=self.leadership,
            due_on=dt.date(2025, 1, 31),
        )


@pytest.fixture
def noon() -> Iterator[None]:
    """The day of these tests."""
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def world(db: None, noon: None) -> World:
    """Everybody has one role; `nobody` has none."""
    own, other = make(Organisation, code="OWN"), make(Organisation, code="OTHER")
    ended = make(Organisation, code="ENDED", valid_to=dt.date(2025, 2, 28))
    for one, name in ((own, "Bộ Mới"), (other, "Bộ Khác"), (ended, "Bộ Cũ")):
        make(OrganisationName, organisation=one, name_vi=name, short_vi=name, short_en=f"{name} en")
    country = make(Organisation, code="VN", kind="country")
    make(OrganisationName, organisation=country)
    make(Succession, predecessor=ended, successor=own)
    people = {name: make(User, username=name) for name in (*ROLES, *WHOLE, "stranger", "nobody")}
    for role in ROLES:
        make(Membership, user=people[role], organisation=own, role=role)
    for role in WHOLE:
        make(SystemRole, user=people[role], role=role)
    make(Membership, user=people["stranger"], organisation=other, role="reporter")
    return World(own, ended, other, make(Target), people)


def pdf(name: str = "giai-trinh.pdf") -> SimpleUploadedFile:
    """A file that is what it says."""
    content = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
    return SimpleUploadedFile(name, content, "application/pdf")
