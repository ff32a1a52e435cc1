"""The steps of a report from draft to published: who takes them, what they bring about.

Each step is one transaction: the report is locked, the permission asked for, the state changed, the
step written down, people told (letters leave after the commit). Two who act at once act one after
the other, and the second is told what happened.
"""

from __future__ import annotations

import copy
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from targets import wording
from targets.models import ItemRemark, Report, ReportAction, ReportItem, Role
from targets.people import full_name
from targets.permissions import allowed, authors_of, forget_roles, members
from targets.reporting.checking import Finding, blocking, findings
from targets.reporting.notices import about_report, notify
from targets.reporting.publishing import StandingValuesError, publish_values
from targets.trail import acting

Kind = ReportAction.Kind
State = Report.State


class StepRefusedError(Exception):
    """The step was not taken; `sentence` tells the person why and what to do."""

    def __init__(self, sentence: str, found: Sequence[Finding] = ()) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.findings = tuple(found)


class StepForbiddenError(StepRefusedError):
    """This person may not take this step, whatever the state of the report."""


class AlreadyTakenError(StepRefusedError):
    """This very step was taken a moment ago; nothing was done twice."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step: the permission it asks for, from where to where, and who else may not take it."""

    permission: str
    sources: tuple[State, ...]
    target: State
    forbidden: str | Promise


STEPS: Final[dict[Kind, Step]] = {
    Kind.SUBMIT: Step(
        "targets.submit_report",
        (State.DRAFT, State.RETURNED),
        State.SUBMITTED,
        gettext_lazy("Chỉ người báo cáo của cơ quan gửi duyệt được báo cáo này."),
    ),
    Kind.WITHDRAW: Step(
        "targets.withdraw_report",
        (State.SUBMITTED,),
        State.DRAFT,
        gettext_lazy("Chỉ người báo cáo của cơ quan rút lại được báo cáo này."),
    ),
    Kind.APPROVE: Step(
        "targets.approve_report",
        (State.SUBMITTED,),
        State.APPROVED,
        gettext_lazy(
            "Chỉ người phê duyệt của cơ quan duyệt được báo cáo này, và không phải người đã nhập "
            "số liệu của nó. Hãy nhờ một người phê duyệt khác của cơ quan."
        ),
    ),
    Kind.RETURN: Step(
        "targets.return_report",
        (State.SUBMITTED, State.APPROVED),
        State.RETURNED,
        gettext_lazy(
            "Báo cáo chờ cơ quan duyệt do người phê duyệt trả lại; báo cáo cơ quan đã duyệt do "
            "điều phối trả lại."
        ),
    ),
    Kind.PUBLISH: Step(
        "targets.publish_report",
        (State.APPROVED,),
        State.PUBLISHED,
        gettext_lazy("Chỉ điều phối công bố được báo cáo."),
    ),
    Kind.REOPEN: Step(
        "targets.reopen_report",
        (State.PUBLISHED,),
        State.DRAFT,
        gettext_lazy("Chỉ điều phối mở lại được báo cáo đã công bố."),
    ),
}


def submit(report_id: int, *, by: User, reason: str = "", seen: int | None = None) -> ReportAction:
    """The reporter hands the report to the approver.

    All steps: `seen` is the id of the last action that the person saw (0: none); where another one
    came after it the step is refused, because the report may hold other values. Raises
    StepRefusedError (StepForbiddenError, AlreadyTakenError), Report.DoesNotExist.
    """
    with _taking(Kind.SUBMIT, report_id, by, reason, seen) as taken:
        found = blocking(findings(taken.report))
        if found:
            raise StepRefusedError(_blocked(len(found)), found)
        taken.report.to_submitted()
        taken.write_down()
        if taken.report.first_submitted_at is None:
            taken.report.first_submitted_at = taken.report.state_since
            taken.report.save(update_fields=["first_submitted_at"])
        taken.tell("report-submitted", Role.APPROVER)
    return taken.action


def withdraw(
    report_id: int, *, by: User, reason: str = "", seen: int | None = None
) -> ReportAction:
    """The reporter takes a submitted report back to go on entering."""
    with _taking(Kind.WITHDRAW, report_id, by, reason, seen) as taken:
        taken.report.to_withdrawn()
        taken.write_down()
        taken.tell("report-withdrawn", Role.APPROVER)
    return taken.action


def approve(report_id: int, *, by: User, reason: str = "", seen: int | None = None) -> ReportAction:
    """The approver signs for the organisation: never somebody who entered one of the values."""
    with _taking(Kind.APPROVE, report_id, by, reason, seen) as taken:
        taken.report.to_approved()
        taken.write_down()
        taken.tell("report-to-review", Role.COORDINATOR)
        taken.tell("report-approved", Role.REPORTER)
    return taken.action


def return_report(
    report_id: int,
    *,
    by: User,
    reason: str = "",
    remarks: Mapping[int, str] | None = None,
    seen: int | None = None,
) -> ReportAction:
    """Approver or coordinator sends the report back, with a reason for it or for single cells.

    remarks: by id of the item; blank ones are left out. One reason at least must be given.
    """
    about = {item: text for item, text in _clean(remarks or {}).items() if text}
    reason = reason.strip()
    if not reason and not about:
        raise StepRefusedError(
            _("Viết lý do trả lại: cho cả báo cáo, hoặc cho từng chỉ tiêu cần sửa.")
        )
    reason = reason or ngettext(
        "Xem lý do ở %(count)s chỉ tiêu.", "Xem lý do ở %(count)s chỉ tiêu.", len(about)
    ) % {"count": len(about)}
    with _taking(Kind.RETURN, report_id, by, reason, seen) as taken:
        items = _items(taken.report, about)
        approved = taken.report.state == State.APPROVED
        taken.report.to_returned()
        taken.write_down()
        ItemRemark.objects.bulk_create(
            ItemRemark(action=taken.action, item=item, text=about[item.pk]) for item in items
        )
        details = [f"• {item.indicator.name_vi}: {about[item.pk]}" for item in items]
        roles = (Role.REPORTER, Role.APPROVER) if approved else (Role.REPORTER,)
        taken.tell("report-returned", *roles, details=details)
    return taken.action


def publish(
    report_id: int,
    *,
    by: User,
    reason: str = "",
    seen: int | None = None,
    shown: Collection[int] | None = None,
) -> ReportAction:
    """The coordinator has verified the report: its values become observations in force.

    shown: ids of the observations from elsewhere that the coordinator saw would be replaced; None
    leaves the check out.
    """
    with _taking(Kind.PUBLISH, report_id, by, reason, seen) as taken:
        taken.report.to_published()
        taken.write_down()
        try:
            publish_values(taken.report, taken.action, shown=shown)
        except StandingValuesError:
            raise StepRefusedError(
                _(
                    "Một số giá trị đang có hiệu lực lấy từ nguồn khác và sẽ bị thay thế. Mở báo "
                    "cáo, xem các giá trị đó, rồi công bố ở đó."
                )
            ) from None
        taken.tell("report-published", Role.REPORTER, Role.APPROVER)
    return taken.action


def reopen(report_id: int, *, by: User, reason: str, seen: int | None = None) -> ReportAction:
    """The coordinator opens a published report for its next edition; the reason is demanded."""
    reason = reason.strip()
    if not reason:
        raise StepRefusedError(_("Viết lý do mở lại báo cáo đã công bố."))
    with _taking(Kind.REOPEN, report_id, by, reason, seen) as taken:
        taken.report.to_reopened()
        taken.write_down()
        taken.tell("report-reopened", Role.REPORTER, Role.APPROVER)
    return taken.action


def who_may_approve(report: Report) -> QuerySet[User]:
    """The approvers of the organisation who entered none of the values."""
    authors = authors_of(report).values("pk")
    return members(report.organisation, Role.APPROVER).exclude(pk__in=authors)


@dataclass
class _Taken:
    """A step in the taking: its report, locked, and its action once it is written down."""

    kind: Kind
    report: Report
    by: User
    reason: str
    from_state: str
    _action: ReportAction | None = None

    @property
    def action(self) -> ReportAction:
        if self._action is None:
            raise RuntimeError(f"{self.kind}: not written down")
        return self._action

    def write_down(self) -> None:
        """Store the new state and the action; the action belongs to the edition it ends."""
        report = self.report
        edition = report.edition - (self.kind == Kind.REOPEN)
        report.state_since = timezone.now()
        report.save(update_fields=["state", "state_since", "edition"])
        self._action = ReportAction.objects.create(
            report=report,
            kind=self.kind,
            edition=edition,
            from_state=self.from_state,
            to_state=report.state,
            reason=self.reason,
            by=self.by,
        )

    def tell(self, kind: str, *roles: Role, details: Sequence[str] = ()) -> None:
        """Tell those who hold a role; not the one who acts."""
        people: dict[int, User] = {}
        for role in roles:
            whole = role == Role.COORDINATOR
            for user in members(None if whole else self.report.organisation, role):
                people[user.pk] = user
        people.pop(self.by.pk, None)
        notify(
            people.values(),
            key=f"step:{self.action.pk}:{kind}",
            kind=kind,
            params={
                **about_report(self.report),
                "by": full_name(self.by),
                "reason": self.reason,
            },
            report=self.report,
            details=details,
        )


@contextmanager
def _taking(
    kind: Kind, report_id: int, by: User, reason: str, seen: int | None
) -> Iterator[_Taken]:
    """The transaction of a step, begun once it is certain that this person may take it now."""
    reason = reason.strip()
    why = f"{kind.label}: {reason}" if reason else str(kind.label)
    with transaction.atomic(), acting(by=by, why=why):
        report = (
            Report.objects.select_for_update(of=("self",))
            .select_related("organisation", "cycle__duty")
            .get(pk=report_id)
        )
        _refuse(kind, report, by, seen)
        yield _Taken(kind, report, by, reason, from_state=report.state)


def _refuse(kind: Kind, report: Report, by: User, seen: int | None) -> None:
    """Raise unless this person may take this step of the report as it is now."""
    step = STEPS[kind]
    forget_roles(by)  # they may have been taken away since the request began
    if not any(allowed(by, step.permission, _as_if(report, state)) for state in step.sources):
        raise StepForbiddenError(str(step.forbidden))
    last = report.actions.select_related("by").last()
    if last is not None and last.kind == kind and report.state == last.to_state:
        raise AlreadyTakenError(
            _("Bước “%(step)s” đã được %(by)s thực hiện lúc %(time)s; không cần làm lại.")
            % {
                "step": kind.label,
                "by": full_name(last.by),
                "time": f"{timezone.localtime(last.at):%H:%M} {wording.day(last.at)}",
            }
        )
    if report.state not in step.sources:
        raise StepRefusedError(
            _("Báo cáo đang ở bước “%(state)s” nên không thực hiện được bước “%(step)s”.")
            % {"state": State(report.state).label, "step": kind.label}
        )
    if not allowed(by, step.permission, report):
        raise StepForbiddenError(str(step.forbidden))
    if seen is not None and seen != (last.pk if last else 0):
        raise StepRefusedError(
            _("Báo cáo đã thay đổi từ lúc bạn mở trang. Xem lại báo cáo rồi thực hiện.")
        )


def _as_if(report: Report, state: State) -> Report:
    """The same report in another state, only to ask who may do what then."""
    other = copy.copy(report)
    other.__dict__["state"] = state.value
    return other


def _clean(remarks: Mapping[int, str]) -> dict[int, str]:
    return {item: text.strip() for item, text in remarks.items()}


def _items(report: Report, remarks: Mapping[int, str]) -> list[ReportItem]:
    """The items that the remarks are about, in order; all must be of the report."""
    items = list(
        report.items.filter(pk__in=remarks).select_related("indicator").order_by("position")
    )
    if len(items) != len(remarks):
        raise StepRefusedError(_("Có ghi chú cho một ô không thuộc báo cáo này; tải lại trang."))
    return items


def _blocked(count: int) -> str:
    return ngettext(
        "Chưa gửi được: còn %(count)s lỗi hoặc cảnh báo chưa có lý do. Sửa ở các ô được đánh dấu "
        "rồi gửi lại.",
        "Chưa gửi được: còn %(count)s lỗi hoặc cảnh báo chưa có lý do. Sửa ở các ô được đánh dấu "
        "rồi gửi lại.",
        count,
    ) % {"count": count}
