"""The Overview, `/`."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from dashboard.caching import cached_page, register_on
from dashboard.presenters.overview import overview_page
from dashboard.queries import Query


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """What is met and what is not, what needs attention, what changed, who leads."""
    query = Query.parse(request)
    return cached_page(
        request,
        "overview/content.html",
        lambda: overview_page(register_on(query.day), query),
        query=query,
    )
