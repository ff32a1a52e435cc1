"""Evidence files of a report's cells: add, take away, and hand out to be saved."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from dashboard.access import is_script, permitted, signed_in
from dashboard.uploads import was_too_large
from targets.models import Evidence, ReportItem
from targets.reporting.evidence import (
    FileRefusedError,
    add_evidence,
    evidence_of,
    remove_evidence,
    serve,
    too_large,
)


def get_item(pk: int, item: int) -> ReportItem:
    """A cell of the report."""
    return ReportItem.objects.select_related("report", "indicator").get(pk=item, report=pk)


def get_evidence(pk: int) -> Evidence:
    """A file beside a cell, as long as it was not taken away."""
    return Evidence.objects.select_related("item__report", "item__indicator").get(
        pk=pk, removed_at=None
    )


@require_POST
@permitted("targets.enter_report", obj=get_item)
def add(request: HttpRequest, item: ReportItem) -> HttpResponse:
    """Put files beside a cell, each by itself: one that is refused keeps no other out."""
    errors = []
    files = request.FILES.getlist("file")
    if was_too_large(request):
        errors.append(too_large())
    elif not files:
        errors.append(_("Hãy chọn một tệp."))
    for file in files:
        try:
            add_evidence(item.pk, file, by=signed_in(request))
        except FileRefusedError as refusal:
            errors.append(str(refusal))
    return _answer(request, item, errors)


@require_POST
@permitted("targets.enter_report", obj=get_evidence)
def remove(request: HttpRequest, evidence: Evidence) -> HttpResponse:
    """Take a file away."""
    errors = []
    try:
        remove_evidence(evidence.pk, by=signed_in(request))
    except FileRefusedError as refusal:
        errors.append(str(refusal))
    return _answer(request, evidence.item, errors)


@require_GET
@permitted("targets.view_report", obj=get_evidence)
def download(request: HttpRequest, evidence: Evidence) -> HttpResponse:
    """The file, as an attachment."""
    return serve(evidence.file)


def _answer(request: HttpRequest, item: ReportItem, errors: list[str]) -> HttpResponse:
    """The list anew for a script; the page of the report for a form."""
    if not is_script(request):
        for error in errors:
            messages.error(request, error)
        return redirect(f"{reverse('report', args=[item.report_id])}#o-{item.pk}")
    context = {
        "item": item,
        "evidence": evidence_of(item),
        "editable": True,
        "errors": errors,
    }
    # 200 also for a refusal: htmx swaps nothing else, and the sentence belongs at the file field.
    return render(request, "reporting/_evidence.html", context)


urlpatterns = [
    path("<int:pk>/o/<int:item>/bang-chung/", add, name="evidence-add"),
    path("bang-chung/<int:pk>/", download, name="evidence"),
    path("bang-chung/<int:pk>/bo/", remove, name="evidence-remove"),
]
