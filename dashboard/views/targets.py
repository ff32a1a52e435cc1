"""The page of one target."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from dashboard.caching import cached_page
from dashboard.presenters.targets import target_page
from dashboard.queries import Query
from dashboard.views import own


def target(request: HttpRequest, key: str) -> HttpResponse:
    """`/muc-tieu/<key>/`: verdict, demand, working, who answers, history."""
    query = Query.parse(request)
    return cached_page(
        request,
        "targets/detail.html",
        lambda: target_page(key, query),
        own=lambda reader: own.target(reader, key),
        query=query,
    )
