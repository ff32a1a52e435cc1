"""Sign-off: the review of one report, and its steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from dashboard.access import permitted
from dashboard.presenters.reporting.review import Typed, review_page
from dashboard.views import own
from targets.models import Report, ReportAction
from targets.reporting import steps
from targets.reporting.steps import (
    AlreadyTakenError,
    Kind,
    StepForbiddenError,
    StepRefusedError,
)

#: Characters of a reason or a remark; more is a mistake of pasting.
LONGEST: Final = 4000

_DONE: Final = {
    Kind.SUBMIT: gettext_lazy("Đã gửi báo cáo cho người phê duyệt của cơ quan."),
    Kind.WITHDRAW: gettext_lazy("Đã rút lại báo cáo; bạn có thể sửa tiếp."),
    Kind.APPROVE: gettext_lazy("Đã phê duyệt; báo cáo chuyển tới điều phối để kiểm tra."),
    Kind.RETURN: gettext_lazy("Đã trả lại báo cáo cho người báo cáo."),
    Kind.PUBLISH: gettext_lazy("Đã công bố; trạng thái các mục tiêu được tính lại ngay."),
    Kind.REOPEN: gettext_lazy("Đã mở lại báo cáo cho cơ quan nhập số liệu mới."),
}
#: Steps that are taken on the entry page; the others on the review page.
_ON_ENTRY: Final = (Kind.SUBMIT, Kind.WITHDRAW)


def get_report(pk: int) -> Report:
    """The report with what its pages and permissions need (one query)."""
    return Report.objects.select_related("organisation", "cycle__duty__document").get(pk=pk)


@require_safe
@permitted("targets.view_report", obj=get_report)
def review(request: HttpRequest, report: Report) -> HttpResponse:
    """`/bao-cao/<pk>/xem-xet/`: everything needed to approve, return or publish."""
    return _page(request, report)


@require_POST
@permitted("targets.view_report", obj=get_report)
def take_step(request: HttpRequest, report: Report, kind: str) -> HttpResponse:
    """`/bao-cao/<pk>/buoc/<kind>/`: take one step, or say why not and keep what was typed."""
    if kind not in Kind.values:
        raise Http404(kind)
    step = Kind(kind)
    typed = _typed(request.POST)
    try:
        _take(step, report, request, typed)
    except StepForbiddenError as refusal:
        raise PermissionDenied(refusal.sentence) from None
    except AlreadyTakenError as refusal:
        messages.info(request, refusal.sentence)
    except StepRefusedError as refusal:
        messages.error(request, refusal.sentence)
        if step not in _ON_ENTRY:
            return _page(request, get_report(report.pk), typed, status=409)
    else:
        messages.success(request, _done(step, report))
        if step == Kind.SUBMIT and not steps.who_may_approve(report).exists():
            messages.warning(
                request,
                _(
                    "Cơ quan chưa có người phê duyệt nào ngoài những người đã nhập số liệu. Hãy "
                    "nhờ người quản trị giao vai trò phê duyệt cho một người khác."
                ),
            )
    route = "report" if step in _ON_ENTRY else "report-review"
    return HttpResponseRedirect(reverse(route, args=[report.pk]))


def _done(step: Kind, report: Report) -> str:
    if step == Kind.PUBLISH and report.sample:
        return _("Đã công bố báo cáo mẫu: không có số liệu nào được ghi nhận.")
    return str(_DONE[step])


def _take(step: Kind, report: Report, request: HttpRequest, typed: Typed) -> ReportAction:
    user = request.user
    if not isinstance(user, User):
        raise Http404
    given: dict[str, Any] = {"by": user, "seen": _number(request.POST.get("seen", ""))}
    remarks = {item: text for item, text in (typed.remarks or {}).items() if text.strip()}
    if max((len(text) for text in (typed.reason, *remarks.values())), default=0) > LONGEST:
        raise StepRefusedError(
            _("Lý do quá dài: tối đa %(count)s ký tự. Rút gọn rồi gửi lại.") % {"count": LONGEST}
        )
    if step in (Kind.APPROVE, Kind.PUBLISH) and (typed.reason.strip() or remarks):
        raise StepRefusedError(
            _("Bạn đã viết lý do trả lại. Bấm “Trả lại”, hoặc xoá các lý do đó rồi làm tiếp.")
        )
    if step == Kind.RETURN:
        given["remarks"] = remarks
    if step == Kind.PUBLISH:
        shown = (_number(text) for text in request.POST.getlist("shown"))
        given["shown"] = [pk for pk in shown if pk is not None]
    if step in (Kind.RETURN, Kind.REOPEN):
        given["reason"] = typed.reason
    return _FUNCTIONS[step](report.pk, **given)


_FUNCTIONS: Final[dict[Kind, Callable[..., ReportAction]]] = {
    Kind.SUBMIT: steps.submit,
    Kind.WITHDRAW: steps.withdraw,
    Kind.APPROVE: steps.approve,
    Kind.RETURN: steps.return_report,
    Kind.PUBLISH: steps.publish,
    Kind.REOPEN: steps.reopen,
}


def _typed(form: QueryDict) -> Typed:
    """Reason and remarks as they were typed; fields are `reason` and `remark-<item>`."""
    remarks = {
        number: text
        for name in form
        if name.startswith("remark-")
        and (number := _number(name.removeprefix("remark-"))) is not None
        and (text := form.get(name, ""))
    }
    return Typed(reason=form.get("reason", ""), remarks=remarks)


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _page(
    request: HttpRequest, report: Report, typed: Typed | None = None, status: int = 200
) -> HttpResponse:
    user = request.user
    if not isinstance(user, User):
        raise Http404
    page = review_page(report, user, today=timezone.localdate(), typed=typed)
    context = {"page": page, "own": own.report(user, report)}
    return render(request, "reporting/review.html", context, status=status)


urlpatterns = [
    path("<int:pk>/xem-xet/", review, name="report-review"),
    path("<int:pk>/buoc/<slug:kind>/", take_step, name="report-step"),
]
