"""The list of organisations and the page of each; provinces have their own."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from dashboard.caching import cached_page
from dashboard.presenters.organisation import ElsewhereError, organisation_page
from dashboard.presenters.organisations import organisation_list_page
from dashboard.queries import Query
from dashboard.views import own


def organisation_list(request: HttpRequest) -> HttpResponse:
    """`/co-quan/`: who leads what today, who has ended."""
    query = Query.parse(request)
    return cached_page(
        request, "organisations/list.html", lambda: organisation_list_page(query), query=query
    )


def organisation(request: HttpRequest, code: str) -> HttpResponse:
    """`/co-quan/<code>/`: what it leads and inherited; a province is sent to its own page."""
    query = Query.parse(request)
    try:
        return cached_page(
            request,
            "organisations/detail.html",
            lambda: organisation_page(code, query),
            own=lambda reader: own.organisation(reader, code),
            query=query,
        )
    except ElsewhereError as elsewhere:
        return HttpResponseRedirect(elsewhere.url)
