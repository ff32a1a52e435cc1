"""What leadership asks, and the answers."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dashboard.access import permitted
from dashboard.presenters.directives.listing import directive_list_page
from dashboard.presenters.directives.page import directive_page
from dashboard.presenters.new_directive import (
    NewDirectivePage,
    Typed,
    about_report_page,
    about_target_page,
    choose_target_page,
)
from targets import directives
from targets.directives import DirectiveRefusedError
from targets.models import Directive, DirectiveFile, Organisation, Report, Target
from targets.reporting import evidence


def get_directive(pk: int) -> Directive:
    """The directive of an address, with all that its page names."""
    return (
        Directive.objects.with_subject()
        .select_related("created_by", "report__organisation")
        .get(pk=pk)
    )


@require_safe
@permitted("targets.list_directives")
def directive_list(request: HttpRequest) -> HttpResponse:
    """`/chi-dao/`: leadership and those who watch see all, members what concerns them."""
    asked = request.GET
    page = directive_list_page(
        _reader(request), asked.get("state", ""), asked.get("to", ""), asked.get("page", "")
    )
    return render(request, "directives/list.html", {"page": page})


@require_safe
@permitted("targets.view_directive", obj=get_directive)
def directive(request: HttpRequest, asked: Directive) -> HttpResponse:
    """`/chi-dao/<pk>/`: the thread, its files, and what the reader may say."""
    return _page(request, asked)


@require_http_methods(["GET", "HEAD", "POST"])
@permitted("targets.create_directive")
def new(request: HttpRequest) -> HttpResponse:
    """`/chi-dao/moi/?target=KEY` or `?report=PK`; without either, choose a target."""
    asked = request.POST if request.method == "POST" else request.GET
    target = _target(asked.get("target", ""))
    report = None if target else _report(asked.get("report", ""))
    if request.method != "POST":
        return _form(request, target, report)
    typed = Typed(
        addressee=asked.get("addressee", ""),
        due_on=asked.get("due_on", ""),
        text=asked.get("text", ""),
    )
    try:
        issued = directives.issue_directive(
            by=_reader(request),
            addressee=_addressee(typed.addressee),
            text=typed.text,
            due_on=_day(typed.due_on),
            target=target,
            report=report,
        )
    except DirectiveRefusedError as refused:
        errors = {refused.field: refused.sentence}
        again = Typed(typed.addressee, typed.due_on, typed.text, errors)
        return _form(request, target, report, again)
    messages.success(request, _("Đã gửi ý kiến chỉ đạo."))
    return redirect(issued)


@require_POST
@permitted("targets.answer_directive", obj=get_directive)
def answer(request: HttpRequest, asked: Directive) -> HttpResponse:
    """The organisation answers, with files or without."""
    text = request.POST.get("text", "")
    try:
        directives.answer_directive(
            asked.pk, by=_reader(request), text=text, uploads=request.FILES.getlist("files")
        )
    except (DirectiveRefusedError, evidence.FileRefusedError) as refused:
        return _page(request, asked, form="answer", text=text, error=str(refused))
    messages.success(request, _("Đã gửi câu trả lời."))
    return redirect(asked)


@require_POST
@permitted("targets.close_directive", obj=get_directive)
def close(request: HttpRequest, asked: Directive) -> HttpResponse:
    """Leadership is content."""
    text = request.POST.get("text", "")
    try:
        directives.close_directive(asked.pk, by=_reader(request), text=text, seen=_seen(request))
    except DirectiveRefusedError as refused:
        return _page(request, asked, form="close", text=text, error=refused.sentence)
    messages.success(request, _("Đã kết thúc ý kiến chỉ đạo."))
    return redirect(asked)


@require_POST
@permitted("targets.close_directive", obj=get_directive)
def withdraw(request: HttpRequest, asked: Directive) -> HttpResponse:
    """Leadership takes the directive back."""
    text = request.POST.get("text", "")
    try:
        directives.withdraw_directive(asked.pk, by=_reader(request), text=text, seen=_seen(request))
    except DirectiveRefusedError as refused:
        return _page(request, asked, form="withdraw", text=text, error=refused.sentence)
    messages.success(request, _("Đã rút ý kiến chỉ đạo."))
    return redirect(asked)


@require_POST
@permitted("targets.reopen_directive", obj=get_directive)
def reopen(request: HttpRequest, asked: Directive) -> HttpResponse:
    """Leadership asks for more, by a new day."""
    text = request.POST.get("text", "")
    due_on = request.POST.get("due_on", "")
    try:
        directives.reopen_directive(
            asked.pk, by=_reader(request), text=text, due_on=_day(due_on), seen=_seen(request)
        )
    except DirectiveRefusedError as refused:
        return _page(
            request, asked, form="reopen", text=text, due_on=due_on, error=refused.sentence
        )
    messages.success(request, _("Đã yêu cầu trả lời thêm."))
    return redirect(asked)


@require_safe
@permitted("targets.view_directive", obj=get_directive)
def file(request: HttpRequest, asked: Directive, file: int) -> HttpResponse:
    """A file of an answer, to whoever may see the directive; as an attachment."""
    found = (
        DirectiveFile.objects.filter(pk=file, answer__directive=asked)
        .select_related("file")
        .first()
    )
    if found is None:
        raise Http404(file)
    return evidence.serve(found.file)


def _page(
    request: HttpRequest,
    asked: Directive,
    *,
    form: str = "",
    text: str = "",
    due_on: str = "",
    error: str = "",
) -> HttpResponse:
    """The page of a directive; after a refusal with what was typed and why it was refused."""
    if error:
        asked.refresh_from_db(fields=["state", "due_on"])
    page = directive_page(asked, _reader(request))
    typed = {"form": form, "text": text, "due_on": due_on, "error": error}
    return render(
        request,
        "directives/detail.html",
        {"page": page, "typed": typed},
        status=422 if error else 200,
    )


def _form(
    request: HttpRequest, target: Target | None, report: Report | None, typed: Typed | None = None
) -> HttpResponse:
    page: NewDirectivePage
    if target is not None:
        page = about_target_page(target, typed)
    elif report is not None:
        page = about_report_page(report, typed)
    else:
        page = choose_target_page()
    return render(request, "directives/new.html", {"page": page}, status=422 if typed else 200)


def _target(key: str) -> Target | None:
    if not key:
        return None
    found = Target.objects.with_catalogue().active().filter(key=key).first()
    if found is None:
        raise Http404(key)
    return found


def _report(pk: str) -> Report | None:
    if not pk:
        return None
    number = int(pk) if pk.isascii() and pk.isdigit() and len(pk) < 19 else 0
    found = Report.objects.select_related("organisation", "cycle__duty").filter(pk=number).first()
    if found is None:
        raise Http404(pk)
    return found


def _addressee(code: str) -> Organisation:
    found = Organisation.objects.filter(code=code).first()
    if found is None:
        raise DirectiveRefusedError(_("Chọn cơ quan nhận ý kiến."), "addressee")
    return found


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise DirectiveRefusedError(_("Chọn hạn trả lời."), "due_on") from None


def _seen(request: HttpRequest) -> int | None:
    """The last word that stood on the page from which this was sent."""
    text = request.POST.get("seen", "")
    return int(text) if text.isascii() and text.isdigit() else None


def _reader(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise Http404
    return request.user


urlpatterns = [
    path("", directive_list, name="directive-list"),
    path("moi/", new, name="directive-new"),
    path("<int:pk>/", directive, name="directive"),
    path("<int:pk>/tra-loi/", answer, name="directive-answer"),
    path("<int:pk>/ket-thuc/", close, name="directive-close"),
    path("<int:pk>/rut/", withdraw, name="directive-withdraw"),
    path("<int:pk>/hoi-them/", reopen, name="directive-reopen"),
    path("<int:pk>/tep/<int:file>/", file, name="directive-file"),
]
