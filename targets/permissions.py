"""Who may do what: the predicates and permissions of the whole project, with `rules`.

Ask with `allowed(user, "targets.enter_report", report)` or `dashboard.access.permitted`, never
with `user.has_perm`: Django answers that with yes for every superuser before it asks anybody,
and a superuser (who sets an installation up) neither enters nor approves reports.

What the permissions rest on is read once for a user object, which lives for one request: the
roles in one query, and what its organisations succeeded in a second one where that matters.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import BigIntegerField, Exists, F, Model, OuterRef, Q, QuerySet, Value
from django.utils import timezone
from rules.permissions import permissions as ruleset
from rules.predicates import Predicate

from targets.models import (
    Directive,
    Evidence,
    Membership,
    Organisation,
    Report,
    ReportItem,
    Role,
    RolePolicy,
    Succession,
    SystemRole,
    Upload,
)
from targets.models.accounts import ORGANISATION_ROLES, SYSTEM_ROLES

Person = User | AnonymousUser
_CACHE: Final = "_roles_of_request"


@dataclass(frozen=True)
class Roles:
    """The roles of one person: for the whole, and per organisation (ids)."""

    system: frozenset[str] = frozenset()
    held: dict[str, frozenset[int]] = field(default_factory=dict)
    mfa_required: bool = False

    def __bool__(self) -> bool:
        return bool(self.system or self.held)

    def has(self, *roles: str) -> bool:
        """Whether one of these roles for the whole is held."""
        return not self.system.isdisjoint(roles)

    def of(self, *roles: str) -> frozenset[int]:
        """The organisations in which one of these roles is held."""
        return frozenset().union(*(self.held.get(role, frozenset()) for role in roles))

    @cached_property
    def organisations(self) -> frozenset[int]:
        """The organisations in which any role is held."""
        return self.of(*ORGANISATION_ROLES)

    @cached_property
    def predecessors(self) -> frozenset[int]:
        """The ended organisations, however far back, that these succeed (one query)."""
        return predecessors_of(self.organisations)

    @cached_property
    def readable(self) -> frozenset[int]:
        """The organisations whose reports may be read on the ground of a membership."""
        return self.organisations | self.predecessors


NOBODY: Final = Roles()


def roles_of(user: Person) -> Roles:
    """The roles of a person, read in one query and kept on the object; nobody's if inactive."""
    if not (isinstance(user, User) and user.is_active):
        # A lazy object of the request is an instance of the class it stands for.
        return NOBODY
    found: Roles | None = getattr(user, _CACHE, None)
    if found is None:
        found = _read_roles(user)
        setattr(user, _CACHE, found)
    return found


def forget_roles(user: User) -> None:
    """Read the roles of this object anew when next asked, after they were changed."""
    setattr(user, _CACHE, None)


def allowed(user: Person, permission: str, about: Model | None = None) -> bool:
    """Whether this person has the permission; being a superuser does not count.

    Raises KeyError for a permission that does not exist: a slip of the pen must not read as no.
    """
    condition: Predicate = ruleset[permission]
    return condition.test(user, about)


def members(organisation: Organisation | None, role: str) -> QuerySet[User]:
    """The active holders of a role: in an organisation, or (None) for the whole."""
    if (organisation is None) != (role in SYSTEM_ROLES):
        raise ValueError(f"{role} is {'not ' if organisation is None else ''}held for the whole")
    held: QuerySet[SystemRole] | QuerySet[Membership]
    if organisation is None:
        held = SystemRole.objects.filter(role=role, user=OuterRef("pk"))
    else:
        held = Membership.objects.filter(role=role, organisation=organisation, user=OuterRef("pk"))
    return User.objects.filter(Exists(held), is_active=True).order_by("pk")


def authors_of(report: Report) -> QuerySet[User]:
    """Who entered a value of the report that stands, or any in this edition."""
    standing = report.items.filter(entered_by=OuterRef("pk"))
    entered = report.authors.filter(edition=report.edition, user=OuterRef("pk"))
    return User.objects.filter(Exists(standing) | Exists(entered))


def visible_reports(user: Person) -> Q:
    """The condition on reports that `view_report` puts, for lists."""
    roles = roles_of(user)
    if roles.has(*_READERS):
        return Q()
    return Q(organisation__in=roles.readable)


def visible_directives(user: Person) -> Q:
    """The condition on directives that `view_directive` puts, for lists."""
    roles = roles_of(user)
    if roles.has(*_READERS):
        return Q()
    return Q(addressee__in=roles.readable)


def _read_roles(user: User) -> Roles:
    demanding = RolePolicy.objects.filter(role=OuterRef("role"), mfa_required=True)
    columns = ("role", "of", "strict")
    rows = (
        Membership.objects.filter(user=user)
        .order_by()
        .annotate(of=F("organisation_id"), strict=Exists(demanding))
        .values_list(*columns)
    )
    whole = (
        SystemRole.objects.filter(user=user)
        .order_by()
        .annotate(of=Value(None, output_field=BigIntegerField()), strict=Exists(demanding))
        .values_list(*columns)
    )
    held: dict[str, set[int]] = defaultdict(set)
    system: set[str] = set()
    mfa_required = False
    for role, organisation_id, strict in rows.union(whole, all=True):
        if organisation_id is None:
            system.add(role)
        else:
            held[role].add(organisation_id)
        mfa_required |= strict
    return Roles(
        frozenset(system), {role: frozenset(ids) for role, ids in held.items()}, mfa_required
    )


def predecessors_of(organisations: Iterable[int]) -> frozenset[int]:
    """Ended predecessors of these, transitively.

    One that passed on a function and lives on reports for itself: it is no business of others.
    """
    today = timezone.localdate()
    received: dict[int, set[int]] = defaultdict(set)
    for successor, predecessor in Succession.objects.filter(
        effective_on__lte=today, predecessor__valid_to__lt=today
    ).values_list("successor_id", "predecessor_id"):
        received[successor].add(predecessor)
    found: set[int] = set()
    front = set(organisations)
    while front:
        front = {before for one in front for before in received[one]} - found
        found |= front
    return frozenset(found)


# What a permission may be asked about: a report, or something that belongs to one.


def report_of(about: Model | None) -> Report | None:
    """The report that this is or belongs to."""
    if isinstance(about, Report):
        return about
    if isinstance(about, ReportItem | Upload):
        return about.report
    if isinstance(about, Evidence):
        return about.item.report
    return None


def _organisation_id(about: Model | None) -> int | None:
    if isinstance(about, Organisation):
        return about.pk
    if isinstance(about, Directive):
        return about.addressee_id
    report = report_of(about)
    return report.organisation_id if report else None


def _in_state(*states: Report.State) -> Predicate:
    def in_state(user: Person, about: Model | None) -> bool:
        report = report_of(about)
        return report is not None and report.state in states

    return Predicate(in_state, "in_state:" + ",".join(states))


def _is(*roles: Role) -> Predicate:
    def holds(user: Person) -> bool:
        return roles_of(user).has(*roles)

    return Predicate(holds, "is:" + ",".join(roles))


def _member(*roles: Role) -> Predicate:
    def is_member(user: Person, about: Model | None) -> bool:
        return _organisation_id(about) in roles_of(user).of(*roles)

    return Predicate(is_member, "member:" + ",".join(roles))


@Predicate
def has_any_role(user: Person) -> bool:
    """Anybody who takes part in reporting."""
    return bool(roles_of(user))


@Predicate
def has_an_organisation(user: Person) -> bool:
    """Anybody with a role in an organisation."""
    return bool(roles_of(user).organisations)


@Predicate
def about_nothing(user: Person, about: Model | None) -> bool:
    """The question is about the whole: a page, not a row."""
    return about is None


@Predicate
def reads_organisation(user: Person, about: Model | None) -> bool:
    """A member of the organisation, or of one that succeeded it."""
    organisation = _organisation_id(about)
    roles = roles_of(user)
    # The second look costs a query, and most ask about their own.
    return organisation in roles.organisations or (
        organisation is not None and organisation in roles.predecessors
    )


@Predicate
def answers_for_organisation(user: Person, about: Model | None) -> bool:
    """A reporter or approver of the organisation, or of one that succeeded it after its end."""
    roles = roles_of(user)
    acting = roles.of(Role.REPORTER, Role.APPROVER)
    organisation = _organisation_id(about)
    return organisation is not None and (
        organisation in acting or (bool(acting) and organisation in predecessors_of(acting))
    )


@Predicate
def entered_values(user: Person, about: Model | None) -> bool:
    """Whether a value of the report is this person's, or was one in this edition."""
    report = report_of(about)
    if report is None or user.pk is None:
        return False
    return authors_of(report).filter(pk=user.pk).exists()


@Predicate
def directive_waits(user: Person, about: Model | None) -> bool:
    """The directive can still be answered or closed."""
    return isinstance(about, Directive) and about.state in (
        Directive.State.OPEN,
        Directive.State.ANSWERED,
    )


@Predicate
def directive_settled(user: Person, about: Model | None) -> bool:
    """The directive was answered or closed, so that more can be asked."""
    return isinstance(about, Directive) and about.state in (
        Directive.State.ANSWERED,
        Directive.State.CLOSED,
    )


_READERS: Final = (Role.COORDINATOR, Role.LEADERSHIP, Role.AUDITOR)

is_coordinator = _is(Role.COORDINATOR)
is_leadership = _is(Role.LEADERSHIP)
is_administrator = _is(Role.ADMINISTRATOR)
is_auditor = _is(Role.AUDITOR)
reads_everything = _is(*_READERS)
watches_sources = _is(Role.COORDINATOR, Role.ADMINISTRATOR, Role.LEADERSHIP, Role.AUDITOR)
reads_whole_trail = _is(Role.AUDITOR, Role.COORDINATOR, Role.ADMINISTRATOR)
is_reporter = _member(Role.REPORTER)
is_approver = _member(Role.APPROVER)
can_be_edited = _in_state(Report.State.DRAFT, Report.State.RETURNED)
is_submitted = _in_state(Report.State.SUBMITTED)
is_approved = _in_state(Report.State.APPROVED)
is_published = _in_state(Report.State.PUBLISHED)

_about_something = ~about_nothing
_reads = _about_something & (reads_everything | reads_organisation)

_PERMISSIONS: Final = {
    "take_part": has_any_role,
    "view_report": _reads,
    "enter_report": is_reporter & can_be_edited,
    "submit_report": is_reporter & can_be_edited,
    "withdraw_report": is_reporter & is_submitted,
    "approve_report": is_approver & is_submitted & ~entered_values,
    "return_report": (is_approver & is_submitted) | (is_coordinator & is_approved),
    "publish_report": is_coordinator & is_approved,
    "reopen_report": is_coordinator & is_published,
    "view_review_queue": is_coordinator,
    # Without an organisation: whether there is a page at all, which shows the rows one may see.
    "view_timeliness": (about_nothing & has_any_role) | _reads,
    "create_directive": is_leadership,
    "view_directive": _reads,
    "answer_directive": directive_waits & answers_for_organisation,
    "close_directive": directive_waits & is_leadership,
    "reopen_directive": directive_settled & is_leadership,
    "list_directives": reads_everything | has_an_organisation,
    # Without a subject: the whole trail. A target's is the catalogue's, nobody's own.
    "view_trail": reads_whole_trail | reads_organisation,
    "export_trail": is_auditor,
    "view_rules": has_any_role,
    "edit_rules": is_administrator,
    "view_runs": watches_sources,
    "pull_source": is_coordinator | is_administrator,
    "review_values": is_coordinator,
    "edit_sources": is_administrator,
    "push_values": is_reporter | is_approver,
    "use_api": has_any_role,
    "administer": is_administrator,
}
for _name, _condition in _PERMISSIONS.items():
    ruleset[f"targets.{_name}"] = _condition

# Whoever lacks the first but has the second is told why not; others learn nothing.
SEEN_WITH: Final = {
    **dict.fromkeys(
        (
            "targets.enter_report",
            "targets.submit_report",
            "targets.withdraw_report",
            "targets.approve_report",
            "targets.return_report",
            "targets.publish_report",
            "targets.reopen_report",
        ),
        "targets.view_report",
    ),
    "targets.answer_directive": "targets.view_directive",
    "targets.close_directive": "targets.view_directive",
    "targets.reopen_directive": "targets.view_directive",
    "targets.pull_source": "targets.view_runs",
    "targets.review_values": "targets.view_runs",
}
