"""The coordinator decides on values that sources brought and that wait: many at once."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from dashboard import formatting
from dashboard.access import permitted, signed_in
from dashboard.presenters.sources.held import HeldQuery, Refused, held_page, problems_of
from targets.models import HeldValue
from targets.sources.taking.deciding import DecisionRefusedError, accept, refuse


@require_safe
@permitted("targets.review_values")
def review(request: HttpRequest) -> HttpResponse:
    """`/nguon-so-lieu/cho-xem-xet/`: what waits, by source and run."""
    return _page(request, HeldQuery.parse(request.GET))


@require_POST
@permitted("targets.review_values")
def decide(request: HttpRequest) -> HttpResponse:
    """Accept or refuse the ticked values, or all that fit the filter: all of them or none.

    All that fit are those that were there when the page was drawn: what came since was not seen.
    """
    given = request.POST
    query = HeldQuery.parse(given)
    ticked = [int(text) for text in given.getlist("value") if _is_number(text)]
    note = given.get("note", "").replace("\0", "").strip()
    everything = "all" in given
    refused = Refused("", ticked=frozenset(ticked), everything=everything, note=note)
    ids = ticked
    if everything:
        newest = given.get("newest", "")
        whole = query.waiting().filter(pk__lte=int(newest) if _is_number(newest) else 0)
        ids = list(whole.order_by("pk").values_list("pk", flat=True))
    accepting = given.get("decision") == "accept"
    if not ids:
        sentence = _("Chưa chọn số nào. Đánh dấu ít nhất một số rồi bấm lại.")
        return _page(request, query, replace(refused, sentence=sentence), status=422)
    if not accepting and not note:
        sentence = _("Từ chối cần lý do, để người sau biết vì sao. Hãy ghi lý do rồi bấm lại.")
        return _page(request, query, replace(refused, sentence=sentence), status=422)
    by = signed_in(request)
    try:
        if accepting:
            accept(ids, by=by, note=note)
        else:
            refuse(ids, by=by, reason=note)
    except DecisionRefusedError as refusal:
        if _done_already(ids, by, accepting=accepting):
            messages.info(request, _("Bạn đã quyết định các số này rồi; không có gì làm hai lần."))
            return HttpResponseRedirect(query.url())
        refused = replace(refused, sentence=refusal.sentence, problems=problems_of(ids))
        return _page(request, query, refused, status=409)
    _tell(request, len(ids), accepting=accepting)
    return HttpResponseRedirect(query.url())


def _page(
    request: HttpRequest, query: HeldQuery, refused: Refused | None = None, status: int = 200
) -> HttpResponse:
    page = held_page(query, refused)
    return render(request, "sources/held.html", {"page": page}, status=status)


def _done_already(ids: Collection[int], by: User, *, accepting: bool) -> bool:
    """Whether this very decision was taken by this person: the form came twice."""
    state = HeldValue.State.ACCEPTED if accepting else HeldValue.State.REFUSED
    others = HeldValue.objects.filter(pk__in=ids).exclude(state=state, decided_by=by)
    return not others.exists()


def _is_number(text: str) -> bool:
    return text.isdecimal() and len(text) < 19


def _tell(request: HttpRequest, count: int, *, accepting: bool) -> None:
    if accepting:
        text = ngettext(
            "Đã chấp nhận và công bố %(count)s số.", "Đã chấp nhận và công bố %(count)s số.", count
        )
    else:
        text = ngettext(
            "Đã từ chối %(count)s số; số đang công bố không đổi.",
            "Đã từ chối %(count)s số; số đang công bố không đổi.",
            count,
        )
    messages.success(request, text % {"count": formatting.number(count, 0)})


urlpatterns = [
    path("cho-xem-xet/", review, name="held-values"),
    path("cho-xem-xet/quyet-dinh/", decide, name="held-values-decide"),
]
