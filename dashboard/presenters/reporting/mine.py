"""What is due for the reader: their organisations' reports, the ones that wait for them first."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from django.contrib.auth.models import User
from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboard.components import Notice
from dashboard.naming import short_names
from dashboard.presenters.reporting.days import cycle_title, left_words
from targets import wording
from targets.models import Membership, Report, ReportingDuty, Role
from targets.people import full_name
from targets.permissions import Roles, allowed, roles_of
from targets.reporting.checking import findings
from targets.reporting.cycles import binding_duties
from targets.reporting.timeliness import Delivery, Standing, standing
from targets.reporting.windows import Window, windows

#: The check of cells that are still empty: on this page they are counted as such, not as errors.
_EMPTY: Final = "required"
_SOON_DAYS: Final = 7
_ANSWERED = Q(items__unavailable=True) | Q(items__value__isnull=False)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a report is: items answered of all, and what its checks found in them."""

    filled: int
    total: int
    errors: int = 0
    warnings: int = 0


@dataclass(frozen=True, slots=True)
class Card:
    """One report: what, by when, how far, who has it, and the one thing to do next."""

    pk: int
    title: str
    organisation: str
    url: str
    action: str
    primary: bool
    sample: bool
    state: str
    due: str
    left: str
    urgency: str
    inferred: str
    progress: Progress
    hand: str
    note: str


@dataclass(frozen=True, slots=True)
class Work:
    """A page for a role of the whole: how much waits there."""

    text: str
    url: str
    note: str


@dataclass(frozen=True, slots=True)
class MinePage:
    """All of the page; `past` and `inherited` are folded."""

    title: str
    sub: str
    mine: Sequence[Card]
    waiting: Sequence[Card]
    past: Sequence[Card]
    inherited: Sequence[Card]
    work: Sequence[Work]
    coming: Sequence[str]
    empty: Notice | None


def mine_page(reader: User, now: dt.datetime) -> MinePage:
    """The page for a reader; `now` in the time of the interface."""
    roles = roles_of(reader)
    today = now.date()
    found = [standing(report, today) for report in _reports(roles)]
    names = short_names({one.report.organisation_id for one in found} | roles.organisations)
    own = [one for one in found if one.report.organisation_id in roles.organisations]
    running = [one for one in own if _runs(one, today)]
    people = _people({one.report.organisation_id for one in running})
    several = len(roles.organisations) > 1

    cards: dict[str, list[Card]] = defaultdict(list)
    for one in running:
        task = _task(one, reader, roles)
        organisation = names[one.report.organisation_id] if several else ""
        made = _card(one, organisation, now, people, task)
        cards["mine" if task else "waiting"].append(made)
    for one in reversed(found):
        if one not in running:
            where = "past" if one in own else "inherited"
            organisation = names[one.report.organisation_id] if several or one not in own else ""
            cards[where].append(_card(one, organisation, now, {}, None))
    work = _work(roles, today)
    return MinePage(
        title=_title(running, cards["mine"], now, work),
        sub=_sub(roles, names),
        mine=cards["mine"],
        waiting=cards["waiting"],
        past=cards["past"],
        inherited=cards["inherited"],
        work=work,
        coming=_coming(today) if roles.organisations else (),
        empty=_empty(roles, found),
    )


def _reports(roles: Roles) -> QuerySet[Report]:
    """The reports of the reader's organisations and their predecessors, the most urgent first."""
    return (
        Report.objects.filter(organisation__in=roles.readable)
        .select_related("cycle__duty", "organisation")
        .annotate(
            total=Count("items"),
            filled=Count("items", filter=_ANSWERED),
            touched=Count("items", filter=Q(items__version__gt=0)),
        )
        .order_by("cycle__due_on", "sample", "organisation__position", "pk")
    )


def _runs(one: Standing, today: dt.date) -> bool:
    """Whether something may still happen to the report."""
    closed = one.report.cycle.closed_on
    return (
        one.turn is not None
        and one.delivery != Delivery.RELEASED
        and not (closed is not None and closed <= today and one.turn == Role.REPORTER)
    )


@dataclass(frozen=True, slots=True)
class _Task:
    """What the reader has to do with a report, and where."""

    text: str
    route: str


def _task(one: Standing, reader: User, roles: Roles) -> _Task | None:
    report, organisation = one.report, one.report.organisation_id
    if one.turn == Role.REPORTER and organisation in roles.of(Role.REPORTER):
        if report.state == Report.State.RETURNED:
            return _Task(_("Sửa và gửi lại"), "report")
        begun = getattr(report, "touched", 0)
        return _Task(_("Nhập tiếp") if begun else _("Nhập số liệu"), "report")
    if (
        one.turn == Role.APPROVER
        and organisation in roles.of(Role.APPROVER)
        and allowed(reader, "targets.approve_report", report)
    ):
        return _Task(_("Xem và phê duyệt"), "report-review")
    return None


def _card(
    one: Standing, organisation: str, now: dt.datetime, people: _People, task: _Task | None
) -> Card:
    report, cycle = one.report, one.report.cycle
    open_ = one.delivery in (Delivery.DUE, Delivery.MISSING)
    route = task.route if task else ("report" if one.turn == Role.REPORTER else "report-review")
    return Card(
        pk=report.pk,
        title=cycle_title(cycle),
        organisation=organisation,
        url=reverse(route, args=[report.pk]),
        action=task.text if task else _("Xem"),
        primary=task is not None,
        sample=report.sample,
        state=report.get_state_display(),
        due=wording.day(cycle.due_on),
        left=left_words(cycle.due_on, now) if open_ else _handed_in(one),
        urgency=_urgency(one),
        inferred=wording.localised(cycle.duty, "due_reason"),
        progress=_progress(report, task),
        hand=_hand(one, people) if not task else "",
        note=_returned(report) if task and report.state == Report.State.RETURNED else "",
    )


def _urgency(one: Standing) -> str:
    if one.delivery == Delivery.MISSING:
        return "late"
    if one.delivery == Delivery.DUE and one.days <= _SOON_DAYS:
        return "soon"
    return ""


def _handed_in(one: Standing) -> str:
    if one.submitted_on is None:
        return _("không còn phải gửi")
    words = {"day": wording.day(one.submitted_on), "n": one.days}
    if one.turn == Role.REPORTER:
        return _("cần sửa và gửi lại")
    if one.delivery == Delivery.LATE:
        return (
            ngettext("đã gửi %(day)s, muộn %(n)s ngày", "đã gửi %(day)s, muộn %(n)s ngày", one.days)
            % words
        )
    return _("đã gửi %(day)s, đúng hạn") % words


def _progress(report: Report, task: _Task | None) -> Progress:
    """Checks are run only for whom they concern, and only once there is something to check."""
    filled, total = getattr(report, "filled", 0), getattr(report, "total", 0)
    if task is None or not getattr(report, "touched", 0):
        return Progress(filled, total)
    found = [one for one in findings(report) if one.check != _EMPTY]
    return Progress(
        filled,
        total,
        errors=sum(one.severity == "error" for one in found),
        warnings=sum(one.needs_reason for one in found),
    )


def _returned(report: Report) -> str:
    """Why it came back."""
    action = report.actions.filter(kind="return").order_by("-pk").first()
    return action.reason if action else ""


_People = dict[tuple[int, str], list[str]]


def _people(organisations: Iterable[int]) -> _People:
    """Who holds a role in an organisation, by name (one query)."""
    people: _People = defaultdict(list)
    rows = Membership.objects.filter(organisation__in=organisations, user__is_active=True)
    for row in rows.select_related("user").order_by("user__last_name", "user__first_name"):
        people[row.organisation_id, row.role].append(full_name(row.user))
    return people


def _hand(one: Standing, people: _People) -> str:
    """Who has the report now."""
    if one.turn is None or one.turn == Role.COORDINATOR:
        return ""  # the state says it
    names = ", ".join(people.get((one.report.organisation_id, one.turn), ()))
    if one.turn == Role.APPROVER:
        return _("Người phê duyệt: %s") % (names or _("cơ quan chưa có người phê duyệt"))
    return _("Người báo cáo: %s") % (names or _("cơ quan chưa có người báo cáo"))


def _title(
    running: Sequence[Standing], mine: Sequence[Card], now: dt.datetime, work: Sequence[Work]
) -> str:
    if mine:
        first = next(one for one in running if one.report.pk == mine[0].pk)
        text = ngettext(
            "%(n)s báo cáo chờ bạn: hạn %(day)s, %(left)s",
            "%(n)s báo cáo chờ bạn; gấp nhất: hạn %(day)s, %(left)s",
            len(mine),
        )
        due = first.report.cycle.due_on
        return text % {"n": len(mine), "day": wording.day(due), "left": left_words(due, now)}
    if running:
        return ngettext(
            "Không có việc nào chờ bạn; %(n)s báo cáo đang ở người khác",
            "Không có việc nào chờ bạn; %(n)s báo cáo đang ở người khác",
            len(running),
        ) % {"n": len(running)}
    return "; ".join(one.note for one in work) or _("Không có báo cáo nào đến hạn")


def _sub(roles: Roles, names: dict[int, str]) -> str:
    return ", ".join(names[pk] for pk in sorted(roles.organisations) if names.get(pk))


def _work(roles: Roles, today: dt.date) -> list[Work]:
    """What waits for those who act for the whole."""
    work = []
    if roles.has(Role.COORDINATOR):
        waiting = Report.objects.filter(state=Report.State.APPROVED).count()
        note = ngettext(
            "%(n)s báo cáo chờ kiểm tra và công bố",
            "%(n)s báo cáo chờ kiểm tra và công bố",
            waiting,
        )
        work.append(Work(_("Kiểm tra, công bố"), reverse("review-queue"), note % {"n": waiting}))
    if roles.has(Role.COORDINATOR, Role.LEADERSHIP, Role.AUDITOR):
        late = Report.objects.filter(
            sample=False,
            first_submitted_at=None,
            cycle__due_on__lt=today,
            cycle__closed_on=None,
        ).count()
        note = ngettext("%(n)s báo cáo quá hạn", "%(n)s báo cáo quá hạn", late) % {"n": late}
        work.append(Work(_("Đúng hạn, muộn, chưa gửi"), reverse("timeliness"), note))
    return work


def _coming(today: dt.date) -> list[str]:
    """The next cycle of each duty that is not open yet."""
    coming: list[tuple[Window, ReportingDuty]] = []
    for duty in binding_duties():
        ahead = [
            w for year in (today.year, today.year + 1) for w in windows(duty, year)
            if w.opens_on > today
        ]  # fmt: skip
        coming += [(ahead[0], duty)] if ahead else []
    coming.sort(key=lambda pair: pair[0].opens_on)
    return [
        _("%(duty)s, kỳ %(period)s: mở ngày %(opens)s, hạn %(due)s")
        % {
            "duty": wording.localised(duty, "name"),
            "period": wording.period(window.period),
            "opens": wording.day(window.opens_on),
            "due": wording.day(window.due_on),
        }
        for window, duty in coming
    ]


def _empty(roles: Roles, found: Sequence[Standing]) -> Notice | None:
    if not roles:
        return Notice(
            _("Tài khoản này chưa có vai trò nào"),
            _("Nhờ người quản trị giao vai trò ở cơ quan bạn, rồi mở lại trang này."),
            kind="info",
        )
    if roles.organisations and not found:
        return Notice(
            _("Cơ quan bạn chưa có báo cáo nào"),
            _("Khi một kỳ báo cáo mở, báo cáo hiện ở đây và bạn nhận được thông báo."),
            kind="info",
        )
    return None
