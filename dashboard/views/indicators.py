"""The list of indicators and the page of each."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from dashboard.caching import cached_page
from dashboard.presenters.indicator import indicator_page
from dashboard.presenters.indicators import indicator_list_page
from dashboard.presenters.sources.checked import checks_of
from dashboard.queries import Query


def indicator_list(request: HttpRequest) -> HttpResponse:
    """`/chi-tieu/`: all indicators by pillar."""
    query = Query.parse(request)
    return cached_page(
        request, "indicators/list.html", lambda: indicator_list_page(query), query=query
    )


def indicator(request: HttpRequest, code: str) -> HttpResponse:
    """`/chi-tieu/<code>/`: demands, values of all publishers, what stands beside it."""
    query = Query.parse(request)
    return cached_page(
        request,
        "indicators/detail.html",
        lambda: indicator_page(code, query),
        live=lambda: checks(code),
        query=query,
    )


def checks(code: str) -> str:
    """When the sources of an indicator were last asked; "" where none is pulled."""
    found = checks_of(code)
    return render_to_string("sources/_checks.html", {"checks": found}) if found else ""
