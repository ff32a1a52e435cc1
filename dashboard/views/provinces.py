"""The list of provinces and the page of each."""

from __future__ import annotations

import re
from typing import Final

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from dashboard.caching import cached_page
from dashboard.presenters.organisation import ElsewhereError
from dashboard.presenters.province import province_page
from dashboard.presenters.provinces import province_list_page
from dashboard.queries import Query
from dashboard.views import own

#: `?do=` names a measure: the code of an indicator, a dot, the code of a series.
_MEASURE: Final = re.compile(r"[a-z0-9-]{1,80}\.[a-z0-9-]{1,80}\Z")


def province_list(request: HttpRequest) -> HttpResponse:
    """`/dia-phuong/`: the tile map and what is known of each place."""
    query = Query.parse(request)
    asked = request.GET.get("do", "").strip()
    chosen = asked if _MEASURE.match(asked) else ""
    return cached_page(
        request,
        "provinces/list.html",
        lambda: province_list_page(query, chosen),
        query=query,
        chosen=chosen,
    )


def province(request: HttpRequest, code: str) -> HttpResponse:
    """`/dia-phuong/<code>/`: thresholds, values, predecessors; another body is sent to its page."""
    query = Query.parse(request)
    try:
        return cached_page(
            request,
            "provinces/detail.html",
            lambda: province_page(code, query),
            own=lambda reader: own.organisation(reader, code),
            query=query,
        )
    except ElsewhereError as elsewhere:
        return HttpResponseRedirect(elsewhere.url)
