"""The Overview, `/`."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from dashboard.caching import Recipe, register_on, serve
from dashboard.presenters.overview import PATH, overview_page
from dashboard.queries import Query
from dashboard.views import own


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """What is met and what is not, what needs attention, what changed, who leads."""
    return serve(request, recipe(Query.parse(request)), own.overview)


def recipe(query: Query) -> Recipe:
    """How its content is made."""
    return Recipe(
        PATH,
        "overview/content.html",
        lambda: overview_page(register_on(query.day), query),
        {"query": query},
        query.as_of,
        wanted_often=query.plain,
    )
