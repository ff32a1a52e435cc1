"""Search over the whole catalogue."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from dashboard.caching import cached_page, fresh_page
from dashboard.presenters.search import search_page
from dashboard.queries import Query
from documents.search import LONGEST


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Indicators, organisations, documents, provisions and tasks for ``?q=``."""
    query = Query.parse(request)
    text = " ".join(request.GET.get("q", "").replace("\x00", " ").split())[:LONGEST]
    template = "search/results.html"
    if text:
        return fresh_page(request, template, lambda: search_page(query, text))
    return cached_page(request, template, lambda: search_page(query, ""), as_of=query.as_of)
