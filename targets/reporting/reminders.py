"""Deadlines: who is reminded of which report when, in one letter a person a day.

Reporters are reminded 30, 14, 7, 3 and 1 days before the due day and on it; once a report waits for
its organisation's signature, the approver is. After the due day the approver and the coordinator
are told as well, on days 1, 3, 7, 14 and 30; the coordinator once for all organisations. Where
nobody reports for an organisation, its approver is reminded.

Each run looks for the last occasion that has come, so a run that was missed is made good by the
next, and who became a reporter yesterday learns today what is due. An occasion is told once: the
keys of notices and letters are unique in the database, whoever runs this, and however often.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from targets import wording
from targets.models import Mail, Membership, Notice, Report, ReportingCycle, Role
from targets.permissions import members
from targets.reporting.mailing import queue_letters
from targets.reporting.notices import envelope, is_sample, names_of, notify, path, sentence
from targets.reporting.timeliness import Delivery, Standing, standings
from targets.reporting.workdays import is_holiday, send_day

#: Days before the due day (negative: after it) on which people are reminded.
OCCASIONS: Final = (30, 14, 7, 3, 1, 0, -1, -3, -7, -14, -30)
#: A cycle that was due longer ago is nobody's deadline any more.
_FORGOTTEN_DAYS: Final = 45
#: The order of a digest: what is worst first.
_KINDS: Final = ("cycle-overdue", "report-overdue", "report-back", "report-approval", "report-due")


@dataclass(frozen=True, slots=True)
class Reminded:
    """What one run did: reports looked at that wait for somebody, digests written."""

    reports: int = 0
    digests: int = 0


def occasion(due_on: dt.date, today: dt.date) -> int | None:
    """The last occasion for a reminder that has come by today, None before the first."""
    come = [ahead for ahead in OCCASIONS if send_day(due_on, ahead) <= today]
    return come[-1] if come else None


def remind(today: dt.date) -> Reminded:
    """Tell people what is due or late, and send each one digest; nothing on a public holiday."""
    if is_holiday(today):
        return Reminded()
    looked_at = 0
    cycles = ReportingCycle.objects.filter(
        opens_on__lte=today,
        due_on__gte=today - dt.timedelta(days=_FORGOTTEN_DAYS),
        closed_on=None,
    )
    for cycle in cycles.select_related("duty"):
        ahead = occasion(cycle.due_on, today)
        if ahead is not None:
            looked_at += _remind_of(cycle, ahead, today)
    return Reminded(looked_at, send_digests(today))


def _remind_of(cycle: ReportingCycle, ahead: int, today: dt.date) -> int:
    """Tell everybody who has to act in one cycle; the number of reports that wait for them."""
    reports = Report.objects.filter(cycle=cycle, edition=1)  # a reopened one has no due day
    waiting = [one for one in standings(reports, today) if one.open]
    people = _people(one.report.organisation_id for one in waiting)
    with transaction.atomic():
        for one in waiting:
            report = one.report
            kind = _kind(one)
            notify(
                _whom(one, people, ahead),
                key=f"{kind}:{report.pk}:{ahead}",
                kind=kind,
                params=_facts(cycle) | _of_whom(report),
                report=report,
                mail=False,
            )
        missing = sum(one.delivery == Delivery.MISSING for one in waiting)
        if ahead < 0 and missing:
            notify(
                members(None, Role.COORDINATOR),
                key=f"cycle-overdue:{cycle.pk}:{ahead}",
                kind="cycle-overdue",
                params={**_facts(cycle), "cycle": cycle.pk, "count": missing},
                mail=False,
            )
    return len(waiting)


def _kind(one: Standing) -> str:
    if one.turn == Role.APPROVER:
        return "report-approval"
    if one.submitted_on is not None:
        return "report-back"
    return "report-overdue" if one.delivery == Delivery.MISSING else "report-due"


_People = Mapping[tuple[int, str], Sequence[User]]


def _people(organisations: Iterable[int]) -> _People:
    """Who holds which role in these organisations (one query)."""
    people: dict[tuple[int, str], list[User]] = defaultdict(list)
    rows = Membership.objects.filter(organisation__in=set(organisations), user__is_active=True)
    for row in rows.select_related("user"):
        people[row.organisation_id, row.role].append(row.user)
    return people


def _whom(one: Standing, people: _People, ahead: int) -> list[User]:
    organisation = one.report.organisation_id
    reporters = list(people.get((organisation, Role.REPORTER), ()))
    approvers = list(people.get((organisation, Role.APPROVER), ()))
    if one.turn == Role.APPROVER:
        return approvers or reporters
    if ahead < 0 or not reporters:
        return reporters + approvers
    return reporters


def _facts(cycle: ReportingCycle) -> dict[str, str | int]:
    return {
        "duty_vi": cycle.duty.name_vi,
        "duty_en": cycle.duty.name_en,
        "period": cycle.period,
        "due_on": cycle.due_on.isoformat(),
    }


def _of_whom(report: Report) -> dict[str, str | int]:
    name_vi, name_en = names_of(report.organisation)
    return {"organisation_vi": name_vi, "organisation_en": name_en}


def send_digests(today: dt.date) -> int:
    """One letter for each person who has notices that no letter has told; the number of letters.

    A second run on a day leaves what is new since the first to the next day. What was read in the
    application meanwhile needs no letter.
    """
    waiting = Notice.objects.filter(digested=False).order_by("user_id")
    return sum(
        _digest(user, today) for user in list(waiting.values_list("user_id", flat=True).distinct())
    )


def _digest(user_id: int, today: dt.date) -> bool:
    key = f"digest:{today.isoformat()}"
    with transaction.atomic():
        notices = list(
            Notice.objects.select_for_update(of=("self",), skip_locked=True)
            .filter(user_id=user_id, digested=False)
            .select_related("user", "report", "directive")
        )
        if not notices or Mail.objects.filter(key=f"{key}:{user_id}").exists():
            return False
        user = notices[0].user
        told = [one for one in notices if one.read_at is None]
        write = bool(told and user.email and user.is_active)
        if write:
            queue_letters({user_id: _letter(user, told, today)}, key=key)
        Notice.objects.filter(pk__in=[one.pk for one in notices]).update(digested=True)
    return write


def _letter(user: User, notices: Sequence[Notice], today: dt.date) -> tuple[str, str]:
    """Subject and body of a digest: a line for each thing, the worst and the nearest first."""
    with translation.override(settings.LANGUAGE_CODE):
        ordered = sorted(notices, key=_urgency)
        lines = []
        for notice in ordered:
            lines.append(f"• {sentence(notice)}{_left(notice, today)}")
            page = path(notice)
            if page:
                lines.append(f"  {settings.SITE_URL}{page}")
        subject = ngettext(
            "%(n)s việc về báo cáo cần bạn xem", "%(n)s việc về báo cáo cần bạn xem", len(ordered)
        ) % {"n": len(ordered)}
        due = next((one.params["due_on"] for one in ordered if "due_on" in one.params), None)
        if due:
            subject += _("; hạn %(day)s") % {"day": wording.day(dt.date.fromisoformat(due))}
        return envelope(
            user,
            subject,
            lines,
            sample=all(is_sample(one) for one in ordered),
            link=f"{settings.SITE_URL}{reverse('report-list')}",
        )


def _urgency(notice: Notice) -> tuple[int, str, int]:
    known = notice.kind in _KINDS
    rank = _KINDS.index(notice.kind) if known else len(_KINDS)
    return rank, str(notice.params.get("due_on", "")), notice.pk


def _left(notice: Notice, today: dt.date) -> str:
    """How many days there are, on the day of the letter."""
    due = notice.params.get("due_on")
    if not due or notice.kind not in _KINDS:
        return ""
    left = (dt.date.fromisoformat(due) - today).days
    if left == 0:
        return " " + _("Hạn hết hôm nay.")
    text = (
        ngettext("Còn %(n)s ngày.", "Còn %(n)s ngày.", left)
        if left > 0
        else ngettext("Đã quá %(n)s ngày.", "Đã quá %(n)s ngày.", -left)
    )
    return " " + text % {"n": abs(left)}
