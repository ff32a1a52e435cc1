"""Who was early, on time, late."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from dashboard.access import permitted, signed_in
from dashboard.presenters.reporting.timeliness import TimelinessQuery, timeliness_page
from targets.models import ReportingCycle
from targets.reporting.cycles import CycleError, close_cycle, reopen_cycle


@require_safe
@permitted("targets.view_timeliness")
def timeliness(request: HttpRequest) -> HttpResponse:
    """`/bao-cao/dung-han/`: one cycle, organisation by organisation, and the cycles before it."""
    page = timeliness_page(TimelinessQuery.parse(request), signed_in(request), timezone.localdate())
    return render(request, "reporting/timeliness.html", {"page": page})


@require_POST
@permitted("targets.view_review_queue")
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """The coordinator closes a cycle that is over, or opens it for late values again."""
    try:
        if request.POST.get("open"):
            reopen_cycle(pk, by=signed_in(request))
            messages.success(request, _("Đã mở lại kỳ báo cáo."))
        else:
            close_cycle(pk, by=signed_in(request), today=timezone.localdate())
            messages.success(request, _("Đã đóng kỳ báo cáo: không nhập thêm được nữa."))
    except ReportingCycle.DoesNotExist:
        raise Http404 from None
    except CycleError as refusal:
        messages.error(request, str(refusal))
    return HttpResponseRedirect(f"{reverse('timeliness')}?ky={pk}")


urlpatterns = [
    path("dung-han/", timeliness, name="timeliness"),
    path("dung-han/<int:pk>/dong/", close, name="cycle-close"),
]
