"""Every permission, for every role and for own, another, a predecessor's and no organisation."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from rules.permissions import permissions as known

from targets.models import (
    Directive,
    Evidence,
    Membership,
    Organisation,
    Report,
    ReportingCycle,
    ReportItem,
    Role,
    RolePolicy,
    Succession,
    SystemRole,
    Target,
    Upload,
)
from targets.models.accounts import ORGANISATION_ROLES, SYSTEM_ROLES
from targets.permissions import (
    SEEN_WITH,
    allowed,
    forget_roles,
    members,
    roles_of,
    visible_reports,
)
from tests.factory import make

STATES = tuple(Report.State)
ENDED = dt.date(2025, 2, 28)


@dataclass(frozen=True)
class World:
    """A member of each kind in `own`, which succeeded `predecessor`; `other` has nobody."""

    own: Organisation
    other: Organisation
    predecessor: Organisation
    people: dict[str, User]

    def may(self, permission: str, about: object = None) -> set[str]:
        """The roles that have a permission."""
        return {
            role
            for role, person in self.people.items()
            if allowed(person, permission, about)  # type: ignore[arg-type]
        }


@pytest.fixture
def world(db: None) -> World:
    own, other = make(Organisation), make(Organisation)
    predecessor = make(Organisation, valid_to=ENDED)
    make(Succession, predecessor=predecessor, successor=own)
    people = {str(role): make(User, username=str(role)) for role in Role}
    for role in ORGANISATION_ROLES:
        make(Membership, user=people[role], organisation=own, role=role)
    for role in SYSTEM_ROLES:
        make(SystemRole, user=people[role], role=role)
    people["nothing"] = make(User, username="nothing")
    people["superuser"] = make(User, username="superuser", is_superuser=True, is_staff=True)
    return World(own, other, predecessor, people)


def report(organisation: Organisation, state: str = "draft") -> Report:
    return make(Report, organisation=organisation, state=state)


REPORTER, APPROVER, VIEWER = (str(role) for role in ORGANISATION_ROLES)
COORDINATOR, LEADERSHIP, ADMINISTRATOR, AUDITOR = (str(role) for role in SYSTEM_ROLES)
OWN = {REPORTER, APPROVER, VIEWER}
READERS = {COORDINATOR, LEADERSHIP, AUDITOR}
EVERYBODY = OWN | READERS | {ADMINISTRATOR}


def test_a_report_is_read_by_its_organisation_its_successor_and_those_for_the_whole(
    world: World,
) -> None:
    for state in STATES:
        assert world.may("targets.view_report", report(world.own, state)) == OWN | READERS
        assert world.may("targets.view_report", report(world.other, state)) == READERS
        assert world.may("targets.view_report", report(world.predecessor, state)) == OWN | READERS
    assert world.may("targets.view_report") == set()


@pytest.mark.parametrize(
    ("permission", "holders"),
    [
        ("targets.enter_report", {"draft": {REPORTER}, "returned": {REPORTER}}),
        ("targets.submit_report", {"draft": {REPORTER}, "returned": {REPORTER}}),
        ("targets.withdraw_report", {"submitted": {REPORTER}}),
        ("targets.approve_report", {"submitted": {APPROVER}}),
        ("targets.return_report", {"submitted": {APPROVER}, "approved": {COORDINATOR}}),
        ("targets.publish_report", {"approved": {COORDINATOR}}),
        ("targets.reopen_report", {"published": {COORDINATOR}}),
    ],
)
def test_a_step_belongs_to_one_role_in_one_state(
    world: World, permission: str, holders: dict[str, set[str]]
) -> None:
    for state in STATES:
        held = holders.get(state, set())
        assert world.may(permission, report(world.own, state)) == held, state
        # A member's step ends at the own organisation; a predecessor's report is for reading.
        for elsewhere in (world.other, world.predecessor):
            assert world.may(permission, report(elsewhere, state)) == held & {COORDINATOR}, state
    assert world.may(permission) == set()


def test_who_entered_a_value_does_not_approve_it(world: World) -> None:
    submitted = report(world.own, "submitted")
    now = timezone.now()
    make(
        ReportItem,
        report=submitted,
        version=1,
        entered_by=world.people[APPROVER],
        entered_at=now,
    )
    second = make(User)
    make(Membership, user=second, organisation=world.own, role="approver")
    assert world.may("targets.approve_report", submitted) == set()
    assert allowed(second, "targets.approve_report", submitted)
    assert world.may("targets.return_report", submitted) == {APPROVER}


def test_what_belongs_to_a_report_follows_it(world: World) -> None:
    item = make(ReportItem, report=report(world.own))
    for part in (item, make(Evidence, item=item), make(Upload, report=item.report)):
        assert world.may("targets.view_report", part) == OWN | READERS
        assert world.may("targets.enter_report", part) == {REPORTER}


def test_pages_without_a_subject(world: World) -> None:
    assert world.may("targets.view_review_queue") == {COORDINATOR}
    assert world.may("targets.create_directive") == {LEADERSHIP}
    assert world.may("targets.view_trail") == {AUDITOR, COORDINATOR, ADMINISTRATOR}
    assert world.may("targets.export_trail") == {AUDITOR}
    assert world.may("targets.edit_rules") == {ADMINISTRATOR}
    assert world.may("targets.administer") == {ADMINISTRATOR}
    for open_to_all in ("take_part", "view_timeliness", "view_rules", "use_api"):
        assert world.may(f"targets.{open_to_all}") == EVERYBODY, open_to_all


def test_values_are_sent_by_those_who_answer_for_the_organisation(world: World) -> None:
    assert world.may("targets.push_values", world.own) == {REPORTER, APPROVER}
    assert world.may("targets.push_values", world.other) == set()
    assert world.may("targets.push_values", world.predecessor) == set()
    assert world.may("targets.push_values") == set()


def test_timeliness_of_others_is_for_those_for_the_whole(world: World) -> None:
    assert world.may("targets.view_timeliness", world.own) == OWN | READERS
    assert world.may("targets.view_timeliness", world.predecessor) == OWN | READERS
    assert world.may("targets.view_timeliness", world.other) == READERS


def test_a_trail_is_read_where_the_reports_are_and_by_those_who_check(world: World) -> None:
    checkers = {AUDITOR, COORDINATOR, ADMINISTRATOR}
    for own in (world.own, world.predecessor):
        assert world.may("targets.view_trail", own) == OWN | checkers
        assert world.may("targets.view_trail", report(own)) == OWN | checkers
    assert world.may("targets.view_trail", world.other) == checkers
    assert world.may("targets.view_trail", report(world.other)) == checkers
    assert world.may("targets.view_trail", make(Target)) == checkers


def test_directives(world: World) -> None:
    for addressee, readers, answering in (
        (world.own, OWN | READERS, {REPORTER, APPROVER}),
        (world.predecessor, OWN | READERS, {REPORTER, APPROVER}),  # who else could answer
        (world.other, READERS, set()),
    ):
        for state in Directive.State:
            directive = make(Directive, addressee=addressee, state=state)
            waits = state in ("open", "answered")
            assert world.may("targets.view_directive", directive) == readers
            assert world.may("targets.answer_directive", directive) == (
                answering if waits else set()
            )
            assert world.may("targets.close_directive", directive) == (
                {LEADERSHIP} if waits else set()
            )
    for permission in ("view", "answer", "close"):
        assert world.may(f"targets.{permission}_directive") == set()


def test_every_permission_is_refused_to_nobody_and_to_a_closed_account(world: World) -> None:
    for person in world.people.values():
        person.is_active = False
    for permission in _ours():
        for about in (None, report(world.own, "submitted"), make(Directive, addressee=world.own)):
            assert not allowed(AnonymousUser(), permission, about), permission
            assert world.may(permission, about) == set(), permission


def test_an_unknown_permission_is_a_mistake_and_not_a_no(world: World) -> None:
    with pytest.raises(KeyError, match="veiw_report"):
        allowed(world.people[REPORTER], "targets.veiw_report", report(world.own))


def test_what_is_seen_with_what_names_permissions_that_exist() -> None:
    assert {*SEEN_WITH, *SEEN_WITH.values()} <= set(_ours())


def test_roles_add_up(world: World) -> None:
    person = world.people[REPORTER]
    make(Membership, user=person, organisation=world.other, role="approver")
    make(SystemRole, user=person, role="auditor")
    forget_roles(person)
    roles = roles_of(person)
    assert roles.of(Role.REPORTER) == {world.own.pk}
    assert roles.organisations == {world.own.pk, world.other.pk}
    assert roles.has(Role.AUDITOR)
    assert not roles.has(Role.COORDINATOR)
    assert not allowed(person, "targets.enter_report", report(world.other))


def test_predecessors_are_found_however_far_back_once_they_have_ended(world: World) -> None:
    first = make(Organisation, valid_to=dt.date(2010, 1, 1))
    make(
        Succession,
        predecessor=first,
        successor=world.predecessor,
        effective_on=dt.date(2010, 1, 2),
    )
    # It passed one function on and lives: its reports are its own.
    alive = make(Organisation)
    make(Succession, predecessor=alive, successor=world.own)
    # The merger that is still to come.
    ending = make(Organisation, valid_to=dt.date(2999, 12, 31))
    make(
        Succession,
        predecessor=ending,
        successor=world.own,
        effective_on=dt.date(3000, 1, 1),
    )
    assert roles_of(world.people[VIEWER]).predecessors == {world.predecessor.pk, first.pk}


def test_roles_are_read_once(
    world: World, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    own, before = report(world.own), report(world.predecessor)
    person = world.people[REPORTER]
    with django_assert_num_queries(1):
        assert allowed(person, "targets.view_report", own)
        assert allowed(person, "targets.enter_report", own)
        assert not allowed(person, "targets.approve_report", own)
    with django_assert_num_queries(1):
        assert allowed(person, "targets.view_report", before)
        assert allowed(person, "targets.view_trail", before)


def test_a_role_may_demand_a_second_factor(world: World) -> None:
    make(RolePolicy, role="coordinator", mfa_required=True)
    make(RolePolicy, role="approver", mfa_required=True)
    make(RolePolicy, role="viewer", mfa_required=False)
    assert {role for role, person in world.people.items() if roles_of(person).mfa_required} == {
        COORDINATOR,
        APPROVER,
    }


def test_members(world: World) -> None:
    assert list(members(world.own, Role.APPROVER)) == [world.people[APPROVER]]
    assert list(members(world.other, Role.APPROVER)) == []
    assert list(members(None, Role.COORDINATOR)) == [world.people[COORDINATOR]]
    world.people[APPROVER].is_active = False
    world.people[APPROVER].save()
    assert list(members(world.own, Role.APPROVER)) == []
    with pytest.raises(ValueError, match="approver"):
        members(None, Role.APPROVER)
    with pytest.raises(ValueError, match="auditor"):
        members(world.own, Role.AUDITOR)


def test_lists_hold_what_may_be_viewed(world: World) -> None:
    cycle = make(ReportingCycle)
    for organisation in (world.own, world.other, world.predecessor):
        make(Report, cycle=cycle, organisation=organisation)
    for role, person in world.people.items():
        listed = set(Report.objects.filter(visible_reports(person)))
        one_by_one = {
            each for each in Report.objects.all() if allowed(person, "targets.view_report", each)
        }
        assert listed == one_by_one, role


def _ours() -> Iterable[str]:
    return [name for name in known if name.startswith("targets.")]
