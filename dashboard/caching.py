"""Pages kept ready: the content of a page is rendered once for each state of the data.

The frame of a page (header, forms, messages, sign-in) differs from reader to reader and is drawn
every time; what lies inside it depends on the address, the language, the data and the day, and is
kept in the cache until one of them changes. A warm request costs one query.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any, Protocol

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import get_template
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import get_language

from dashboard import shell
from targets.models import DataVersion

# Long enough for a quiet day; a new state of the data has a key of its own.
_SECONDS = 24 * 3600
# Raise it when a change of the code changes what a stored page should be.
_FORM = 1


class Page(Protocol):
    """What a presenter gives of a whole page: at least the title of the window and a summary."""

    @property
    def title(self) -> str: ...
    @property
    def description(self) -> str: ...


def cached_page(
    request: HttpRequest, template: str, build: Callable[[], Page], **key: object
) -> HttpResponse:
    """The page whose content `template` draws from `build()`, put into `page.html`.

    `key`: everything besides path, language, data and date that the content depends on; a
    `queries.Query` is enough for most pages. The template gets `page` (what `build` returned),
    `as_of`, `as_of_query` and `today`, and not the request: what belongs to one reader must not be
    kept for the next. What `build` raises (Http404) goes through and nothing is kept.
    """
    # The version is read before the data: the content may be newer than its key, never older.
    name = _name(request.path, template, DataVersion.now(), key)
    kept: dict[str, str] | None = cache.get(name)
    if kept is None:
        kept = _drawn(request, template, build())
        cache.set(name, kept, _SECONDS)
    return _framed(request, kept)


def fresh_page(request: HttpRequest, template: str, build: Callable[[], Page]) -> HttpResponse:
    """The same, but not kept: for free text, which would fill the cache with single readings."""
    return _framed(request, _drawn(request, template, build()))


def _drawn(request: HttpRequest, template: str, page: Page) -> dict[str, str]:
    return {
        "title": str(page.title),
        "description": str(page.description),
        "content": get_template(template).render({"page": page, **_surroundings(request)}),
    }


def _framed(request: HttpRequest, drawn: dict[str, str]) -> HttpResponse:
    content = mark_safe(drawn["content"])  # noqa: S308 - rendered by a template, which escapes
    return render(request, "page.html", {**drawn, "content": content})


def _surroundings(request: HttpRequest) -> dict[str, Any]:
    as_of, _good = shell.as_of_date(request)
    return {
        "as_of": as_of,
        "as_of_query": f"?as_of={as_of.isoformat()}" if as_of else "",
        "today": timezone.localdate(),
    }


def _name(path: str, template: str, version: int, key: dict[str, object]) -> str:
    parts = (
        _FORM, path, template, version, get_language(), timezone.localdate().isoformat(),
        sorted(key.items()),
    )  # fmt: skip
    return f"page:{hashlib.sha256(repr(parts).encode()).hexdigest()}"
