"""Documents: the list, and the outline of one."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from dashboard.caching import cached_page, fresh_page
from dashboard.presenters.documents import documents_page
from dashboard.presenters.outline import document_page
from dashboard.queries import Query
from documents.search import LONGEST


@require_safe
def document_list(request: HttpRequest) -> HttpResponse:
    """All documents with how their targets stand."""
    query = Query.parse(request)
    return cached_page(
        request, "documents/list.html", lambda: documents_page(query), as_of=query.as_of
    )


@require_safe
def document(request: HttpRequest, slug: str) -> HttpResponse:
    """One document; ``?status=`` and ``?q=`` leave of its outline what fits."""
    query = Query.parse(request)
    text = " ".join(request.GET.get("q", "").replace("\x00", " ").split())[:LONGEST]
    template = "documents/detail.html"
    if text:
        return fresh_page(request, template, lambda: document_page(slug, query, text))
    return cached_page(
        request,
        template,
        lambda: document_page(slug, query),
        as_of=query.as_of,
        status=query.status,
        refused="status" in query.refused,
    )
