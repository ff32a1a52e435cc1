"""The entry grid of one report: `/bao-cao/<pk>/`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dashboard.access import is_script, permitted, require, signed_in
from dashboard.presenters.reporting import cells
from dashboard.presenters.reporting.cells import Answer
from dashboard.presenters.reporting.entry import entry_page
from dashboard.presenters.reporting.outlooks import outlook_view
from targets.models import Report, ReportItem, ValidationRule
from targets.reporting.checking import (
    Finding,
    ReasonRefusedError,
    findings,
    findings_of,
    give_reason,
)
from targets.reporting.entering import (
    Change,
    Conflict,
    ConflictsError,
    Entered,
    EntryRefusedError,
    enter_item,
    enter_many,
    settled,
)
from targets.reporting.preview import outlooks
from targets.reporting.texts import Read, Texts, read_texts

Fields = Mapping[str, Any]


def get_report(pk: int) -> Report:
    """A report with its cycle, duty and organisation."""
    return Report.objects.select_related("cycle__duty", "organisation").get(pk=pk)


def get_item(pk: int, item: int) -> ReportItem:
    """A cell of a report with all that reading, keeping and judging it needs (one query)."""
    return ReportItem.objects.select_related(
        "report__cycle", "indicator__unit", "series", "subject", "entered_by"
    ).get(pk=item, report=pk)


@require_POST
@permitted("targets.enter_report", obj=get_item)
def save_item(request: HttpRequest, item: ReportItem) -> HttpResponse:
    """Keep one cell; the answer says what was kept, or why not, or whose value stands there."""
    if stranger := _somebody_else(request, request.POST.get("user")):
        return stranger
    return JsonResponse(asdict(_save(request, item, request.POST)))


@require_GET
@permitted("targets.view_report", obj=get_item)
def preview_item(request: HttpRequest, item: ReportItem) -> HttpResponse:
    """How the fields are understood and what the value would mean; nothing is kept."""
    read = read_texts(_texts(request.GET), item.indicator)
    value: Decimal | None = None
    problems = dict(read.problems)
    if not problems:
        try:
            value = settled(read.typed, item.indicator).value
        except EntryRefusedError:
            value = None  # a note is still to come
    cycle = item.report.cycle
    outlook = outlooks([item], {item.pk: value}, cycle=cycle, today=timezone.localdate())[item.pk]
    view = outlook_view(item, outlook, cycle.data_to.year, typed=value is not None)
    return JsonResponse(
        {
            "item": item.pk,
            "problems": problems,
            "understood": dict(read.understood),
            "ambiguous": sorted(read.ambiguous),
            "value": cells.derived_text(value, item.indicator),
            "means": render_to_string("reporting/_outlook.html", {"outlook": view}),
        }
    )


@require_POST
@permitted("targets.enter_report", obj=get_report)
def paste(request: HttpRequest, report: Report) -> HttpResponse:
    """Keep a pasted block: JSON `{"user", "cells": [{"item", "version", fields}]}`.

    What can be kept is kept in one transaction; a cell that cannot be read, is refused or was
    changed by somebody else is answered for itself and keeps what was there.
    """
    try:
        sent = json.loads(request.body)
        wanted = {int(cell["item"]): dict(cell) for cell in sent["cells"]}
        user = str(sent["user"])
    except (ValueError, KeyError, TypeError):
        return HttpResponseBadRequest(_("Không đọc được khối đã dán."))
    if stranger := _somebody_else(request, user):
        return stranger
    return JsonResponse({"cells": [asdict(one) for one in _save_many(request, report, wanted)]})


@never_cache
@require_http_methods(["GET", "POST"])
@permitted("targets.view_report", obj=get_report)
def report(request: HttpRequest, report: Report) -> HttpResponse:
    """The page; without script its form posts all cells at once."""
    answers: dict[int, Answer] = {}
    if request.method == "POST":
        require(request, "targets.enter_report", report)
        wanted = {pk: _fields_of(request, pk) for pk in report.items.values_list("pk", flat=True)}
        sent = {pk: fields for pk, fields in wanted.items() if fields["version"] is not None}
        answered = _save_many(request, report, sent)
        answers = {one.item: one for one in answered if one.outcome not in {"unchanged", "saved"}}
        if not answers:
            messages.success(request, _("Đã lưu."))
            return redirect("report", pk=report.pk)
        for pk, one in answers.items():
            # What was typed stays in the fields, whatever became of it.
            answers[pk] = cells.keeping(one, wanted[pk])
    page = entry_page(report, signed_in(request), today=timezone.localdate(), answers=answers)
    return render(request, "reporting/entry.html", {"page": page})


@require_POST
@permitted("targets.enter_report", obj=get_item)
def reason(request: HttpRequest, item: ReportItem) -> HttpResponse:
    """Keep why a warning does not stop a cell."""
    rule = get_object_or_404(ValidationRule, pk=_whole(request.POST.get("rule")))
    sentence = ""
    try:
        give_reason(
            item,
            rule,
            by=signed_in(request),
            reason=request.POST.get("reason", ""),
            seen_version=_whole(request.POST.get("version")),
        )
    except ReasonRefusedError as refusal:
        sentence = refusal.sentence
    if is_script(request):
        item.refresh_from_db()
        found = findings_of(item)
        counts = cells.counted(found)
        html = _findings_html(request, item.report_id, item.pk, item.version, found)
        return JsonResponse({"sentence": sentence, "findings": html, **counts})
    if sentence:
        messages.error(request, sentence)
    return redirect(f"{reverse('report', args=[item.report_id])}#o-{item.pk}")


def _save(request: HttpRequest, item: ReportItem, fields: Fields) -> Answer:
    read = read_texts(_texts(fields), item.indicator)
    seen = _whole(fields.get("version"))
    if seen is None:
        return cells.refused_answer(item.pk, _("Trang đã cũ; hãy tải lại trang rồi nhập."), read)
    if read.problems:
        return cells.refused_answer(item.pk, " ".join(read.problems.values()), read)
    user = signed_in(request)
    try:
        outcome = enter_item(item.pk, by=user, seen_version=seen, typed=read.typed, item=item)
    except EntryRefusedError as refusal:
        return cells.refused_answer(item.pk, refusal.sentence, read)
    if isinstance(outcome, Conflict):
        return cells.conflict_answer(item, outcome)
    return _entered(request, item, read, outcome, findings_of(item))


def _save_many(request: HttpRequest, report: Report, wanted: Mapping[int, Fields]) -> list[Answer]:
    """Keep all that can be kept of these cells, in one transaction; an answer for each."""
    rows = report.items.select_related("indicator__unit", "entered_by").filter(pk__in=wanted)
    items = {item.pk: item for item in rows}
    answers: dict[int, Answer] = {}
    reads = {pk: read_texts(_texts(wanted[pk]), item.indicator) for pk, item in items.items()}
    changes: dict[int, Change] = {}
    for pk, item in items.items():
        read, seen = reads[pk], _whole(wanted[pk].get("version"))
        try:
            settled(read.typed, item.indicator)
        except EntryRefusedError as refusal:
            answers[pk] = cells.refused_answer(pk, refusal.sentence, read)
        if read.problems:
            answers[pk] = cells.refused_answer(pk, " ".join(read.problems.values()), read)
        elif seen is not None and pk not in answers:
            changes[pk] = Change(pk, read.typed, seen)
    outcomes: list[Entered] = []
    while changes:
        try:
            outcomes = enter_many(
                report.pk, by=signed_in(request), changes=changes.values(), why=_("Dán nhiều ô")
            )
            break
        except ConflictsError as refused:
            for conflict in refused.conflicts:
                pk = conflict.theirs.item_id
                answers[pk] = cells.conflict_answer(items[pk], conflict)
                del changes[pk]
        except EntryRefusedError as refusal:
            for pk in changes:
                answers[pk] = cells.refused_answer(pk, refusal.sentence, reads[pk])
            break
    found = findings(report) if outcomes else []
    for outcome in outcomes:
        pk = outcome.held.item_id
        own = [one for one in found if one.item_id == pk]
        answers[pk] = _entered(request, items[pk], reads[pk], outcome, own)
    return [answers[pk] for pk in items if pk in answers]


def _entered(
    request: HttpRequest,
    item: ReportItem,
    read: Read,
    outcome: Entered,
    found: Sequence[Finding],
) -> Answer:
    version = outcome.held.version
    html = _findings_html(request, item.report_id, item.pk, version, found)
    return cells.entered_answer(item, read, outcome, found, html)


def _findings_html(
    request: HttpRequest, report: int, item: int, version: int, found: Sequence[Finding]
) -> str:
    if not found:
        return ""
    return render_to_string(
        "reporting/_findings.html",
        {
            "findings": found,
            "report": report,
            "item": item,
            "version": version,
            "editable": True,
            "csrf_token": get_token(request),
        },
    )


def _fields_of(request: HttpRequest, pk: int) -> dict[str, Any]:
    """The fields of one cell in the form of the whole page."""
    names = ("version", "value", "numerator", "denominator", "unavailable", "note")
    return {name: request.POST.get(f"i{pk}-{name}") for name in names}


def _texts(fields: Fields) -> Texts:
    """The fields as they were sent by a form or as JSON; what was left out is empty."""

    def text(name: str) -> str:
        sent = fields.get(name)
        return sent if isinstance(sent, str) else ""

    return Texts(
        value=text("value"),
        numerator=text("numerator"),
        denominator=text("denominator"),
        unavailable=fields.get("unavailable") in (True, "on", "true", "1"),
        note=text("note"),
    )


def _whole(sent: object) -> int | None:
    """A number of a hidden field, None for anything else."""
    try:
        return int(str(sent))
    except ValueError:
        return None


def _somebody_else(request: HttpRequest, page_of: str | None) -> HttpResponse | None:
    """Refuse what the page of one person sends after another signed in in the same browser."""
    if page_of is None or page_of == str(request.user.pk):
        return None
    sentence = _(
        "Trình duyệt này đang đăng nhập bằng một tài khoản khác nên không lưu. Đăng nhập lại bằng "
        "tài khoản của bạn, hoặc tải lại trang."
    )
    return JsonResponse({"outcome": "other_user", "sentence": sentence, "cells": []})


urlpatterns = [
    path("<int:pk>/", report, name="report"),
    path("<int:pk>/dan/", paste, name="report-paste"),
    path("<int:pk>/o/<int:item>/", save_item, name="report-item"),
    path("<int:pk>/o/<int:item>/xem-truoc/", preview_item, name="report-preview"),
    path("<int:pk>/o/<int:item>/ly-do/", reason, name="report-reason"),
]
