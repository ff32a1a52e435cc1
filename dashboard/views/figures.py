"""Stored figures as JSON, `/bieu-do/<name>.json`."""

from __future__ import annotations

from typing import Final

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from dashboard import figures
from dashboard.models import StoredFigure
from dashboard.queries import Query
from dashboard.tasks import ask_for_figure
from targets.models import DataVersion

_RETRY_SECONDS: Final = 2


@require_safe
def figure(request: HttpRequest, name: str) -> HttpResponse:
    """The figure in the language of the reader; 202 while a worker still builds it.

    One that is behind the data is sent as it is, and a new one asked for.
    """
    query = Query.parse(request)
    language = "en" if (get_language() or "").startswith("en") else "vi"
    stored = StoredFigure.objects.filter(name=name, language=language, as_of=query.as_of).first()
    if stored is None and not figures.exists(name):
        raise Http404(name)
    if stored is None or stored.data_version != DataVersion.now():
        ask_for_figure(name, language, query.as_of)
    response: HttpResponse
    if stored is None:
        response = JsonResponse({"status": "building"}, status=202)
        response["Retry-After"] = str(_RETRY_SECONDS)
        response["Cache-Control"] = "no-store"
        return response
    etag = f'"{stored.inputs[:32]}"'
    response = HttpResponse(stored.body, content_type="application/json")
    response["ETag"] = etag
    response["Cache-Control"] = "no-cache"  # keep it, but ask each time whether it still holds
    patch_vary_headers(response, ["Cookie"])
    return get_conditional_response(request, etag=etag, response=response) or response
