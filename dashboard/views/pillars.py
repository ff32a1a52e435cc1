"""The pillars, `/tru-cot/` and `/tru-cot/<slug>/`."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from dashboard.caching import Recipe, register_on, serve
from dashboard.presenters.pillars import pillar_list_page, pillar_page
from dashboard.queries import Query


@require_safe
def pillar_list(request: HttpRequest) -> HttpResponse:
    """All pillars, each with its sentence and a mark for every target."""
    return serve(request, list_recipe(Query.parse(request)))


@require_safe
def pillar(request: HttpRequest, slug: str) -> HttpResponse:
    """One pillar: how far every target has come, the measures over the years, all its targets."""
    return serve(request, recipe(slug, Query.parse(request)))


def list_recipe(query: Query) -> Recipe:
    """How the content of the list is made."""
    return Recipe(
        reverse("pillar-list"),
        "pillars/list.html",
        lambda: pillar_list_page(register_on(query.day), query),
        {"query": query},
        query.as_of,
        wanted_often=query.plain,
    )


def recipe(slug: str, query: Query) -> Recipe:
    """How the content of one pillar is made."""
    return Recipe(
        reverse("pillar", args=[slug]),
        "pillars/content.html",
        lambda: pillar_page(register_on(query.day), slug, query),
        {"query": query},
        query.as_of,
        wanted_often=query.plain,
    )
