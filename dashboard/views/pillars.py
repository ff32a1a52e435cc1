"""The pillars, `/tru-cot/` and `/tru-cot/<slug>/`."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from dashboard.caching import cached_page, register_on
from dashboard.presenters.pillars import pillar_list_page, pillar_page
from dashboard.queries import Query


@require_safe
def pillar_list(request: HttpRequest) -> HttpResponse:
    """All pillars, each with its sentence and a mark for every target."""
    query = Query.parse(request)
    return cached_page(
        request,
        "pillars/list.html",
        lambda: pillar_list_page(register_on(query.day), query),
        query=query,
    )


@require_safe
def pillar(request: HttpRequest, slug: str) -> HttpResponse:
    """One pillar: how far every target has come, the measures over the years, all its targets."""
    query = Query.parse(request)
    return cached_page(
        request,
        "pillars/content.html",
        lambda: pillar_page(register_on(query.day), slug, query),
        query=query,
    )
