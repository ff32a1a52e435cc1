"""The template of a report as an Excel file, and the spreadsheets that come back."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from dashboard.access import permitted, signed_in
from dashboard.presenters.reporting.upload import progress_of, upload_page
from dashboard.presenters.reporting.workbook import template
from dashboard.uploads import was_too_large
from targets.models import Report, Upload
from targets.permissions import allowed
from targets.reporting import uploading
from targets.reporting.evidence import too_large
from targets.reporting.uploading import UploadRefusedError
from targets.reporting.workbook import write_workbook

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: htmx takes this status of an answer as the word to ask no more.
_STOP_POLLING = 286


def get_report(pk: int) -> Report:
    """The report with what its template shows."""
    return Report.objects.select_related("cycle__duty", "organisation").get(pk=pk)


def get_upload(pk: int) -> Upload:
    """An upload with its report."""
    return (
        Upload.objects.select_related("report__cycle__duty", "report__organisation", "file", "by")
        .defer("file__content")
        .get(pk=pk)
    )


@require_GET
@permitted("targets.view_report", obj=get_report)
def workbook(request: HttpRequest, report: Report) -> HttpResponse:
    """The organisation's own template, filled with what is known."""
    editable = allowed(request.user, "targets.enter_report", report)
    content = write_workbook(template(report, today=timezone.localdate(), readonly=not editable))
    name = f"bao-cao-{report.organisation.code}-{report.cycle.period}.xlsx"
    return HttpResponse(
        content,
        headers={
            "Content-Type": _XLSX,
            "Content-Disposition": content_disposition_header(True, name),
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, no-store",
        },
    )


@require_POST
@permitted("targets.enter_report", obj=get_report)
def hand_in(request: HttpRequest, report: Report) -> HttpResponse:
    """Keep a spreadsheet and go to the page on which it is read."""
    file = request.FILES.get("file")
    if file is None:
        messages.error(request, too_large() if was_too_large(request) else _("Hãy chọn một tệp."))
        return redirect("report", pk=report.pk)
    try:
        upload = uploading.hand_in(report.pk, file, by=signed_in(request))
    except UploadRefusedError as refusal:
        messages.error(request, str(refusal))
        return redirect("report", pk=report.pk)
    return redirect("upload", pk=upload.pk)


@require_GET
@permitted("targets.view_report", obj=get_upload)
def upload_detail(request: HttpRequest, upload: Upload) -> HttpResponse:
    """How far the reading is, then every change."""
    number = request.GET.get("page", "1")
    page = upload_page(
        upload,
        signed_in(request),
        which=request.GET.get("loc", ""),
        page=int(number) if number.isdigit() and len(number) < 6 else 1,
    )
    return render(request, "reporting/upload.html", {"page": page})


@require_GET
@permitted("targets.view_report", obj=get_upload)
def upload_progress(request: HttpRequest, upload: Upload) -> HttpResponse:
    """The bar alone; once the file is read, the word to load the page anew."""
    progress = progress_of(upload)
    context = {"progress": progress, "upload": upload}
    answer = render(request, "reporting/_upload_progress.html", context)
    if not progress.running:
        answer.status_code = _STOP_POLLING
        answer.headers["HX-Refresh"] = "true"
    return answer


@require_POST
@permitted("targets.enter_report", obj=get_upload)
def upload_apply(request: HttpRequest, upload: Upload) -> HttpResponse:
    """Enter everything, or nothing."""
    by = signed_in(request)
    chosen = {
        int(name.removeprefix("chon-")): str(word)
        for name, word in request.POST.items()
        if name.startswith("chon-") and name.removeprefix("chon-").isdigit()
    }
    uploading.decide(upload.pk, by=by, decisions=chosen)
    try:
        applied = uploading.apply_upload(upload.pk, by=by)
    except UploadRefusedError as refusal:
        messages.error(request, str(refusal))
        return redirect("upload", pk=upload.pk)
    messages.success(
        request,
        ngettext(
            "Đã áp dụng %(count)s thay đổi từ tệp.",
            "Đã áp dụng %(count)s thay đổi từ tệp.",
            applied.changed,
        )
        % {"count": applied.changed},
    )
    return redirect(f"{reverse('report', args=[upload.report_id])}#can-xem")


@require_POST
@permitted("targets.enter_report", obj=get_upload)
def upload_discard(request: HttpRequest, upload: Upload) -> HttpResponse:
    """Drop it; the report stays as it is."""
    uploading.discard(upload.pk, by=signed_in(request))
    messages.info(request, _("Đã bỏ tệp; báo cáo không thay đổi."))
    return redirect("report", pk=upload.report_id)


urlpatterns = [
    path("<int:pk>/mau.xlsx", workbook, name="report-workbook"),
    path("<int:pk>/tai-len/", hand_in, name="report-upload"),
    path("tai-len/<int:pk>/", upload_detail, name="upload"),
    path("tai-len/<int:pk>/tien-do/", upload_progress, name="upload-progress"),
    path("tai-len/<int:pk>/ap-dung/", upload_apply, name="upload-apply"),
    path("tai-len/<int:pk>/bo/", upload_discard, name="upload-discard"),
]
