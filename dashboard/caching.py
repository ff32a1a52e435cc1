"""Pages kept ready: the content of a page is rendered once for each state of the data.

The frame of a page (header, forms, messages, sign-in) differs from reader to reader and is drawn
every time; what lies inside it depends on the address, the language, the data and the day, and is
kept in the cache until one of them changes. A warm request costs one query. Contents that most
readers open are made by a worker as soon as the data change, and kept in the database too.

What only some readers may see (directives) is no part of that. A content says by `OWN_PLACE` where
it goes; for a signed-in reader who has something there it is put in per request, and never kept.
The same holds for what changes without any change of the data (when a source was last asked), at
`LIVE_PLACE`, for all readers.

What pages of one state of the data share, the register, each process keeps in memory.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol

from django.conf import settings
from django.contrib.auth.models import User
from django.core.cache import cache
from django.db import connection
from django.db.models.expressions import RawSQL
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import get_template
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers
from django.utils.safestring import mark_safe
from django.utils.translation import get_language

from dashboard import shell
from dashboard.compression import accepts_gzip, deflated, gzipped
from dashboard.models import StoredPage
from targets.models import COUNTRY_CODE, DataVersion, Organisation
from targets.register import Register, read_register

# Long enough for a quiet day; a new state of the data has a key of its own.
_SECONDS = 24 * 3600
# Raise it when a change of the code changes what a stored page should be.
_FORM = 4

#: Where a content takes what belongs to one reader. No text of the data can look like it: a
#: template escapes what it prints.
OWN_PLACE = mark_safe("<!--own-->")

#: Where a content takes what changes while the data stay as they are.
LIVE_PLACE = mark_safe("<!--live-->")

#: Makes what belongs to one reader, already escaped; "" for nothing.
Own = Callable[[User], str]

#: Makes what is true at this moment, already escaped; "" for nothing.
Live = Callable[[], str]

_NO_PARTS: Mapping[str, str] = MappingProxyType({})

#: Title, description and content of a page; and the content as a part of a gzip file.
Kept = tuple[dict[str, str], bytes]


# Registers in the memory of this process, the latest used last; a few megabytes each.
_REGISTERS_KEPT = 6
_registers: OrderedDict[tuple[object, ...], Register] = OrderedDict()
_registers_lock = threading.Lock()


def state_of_data() -> tuple[str, int, str]:
    """What identifies the state of the data: database, version, transaction that wrote it.

    The transaction tells apart two states of one number, as after a roll-back or a restored
    backup. One query.
    """
    row = (
        DataVersion.objects.filter(pk=1)
        .annotate(written_by=RawSQL("targets_dataversion.xmin::text", ()))
        .values_list("number", "written_by")
        .first()
    )
    number, written_by = row or (0, "")
    return str(connection.settings_dict["NAME"]), number, written_by


def register_on(day: dt.date, organisation_code: str = COUNTRY_CODE) -> Register:
    """`read_register`, kept in memory while the data stay as they are; not to be changed.

    Raises Organisation.DoesNotExist for an unknown code.
    """
    key = (state_of_data(), day, organisation_code)
    with _registers_lock:
        kept = _registers.get(key)
        if kept is not None:
            _registers.move_to_end(key)
            return kept
    register = read_register(day, organisation_code)
    with _registers_lock:
        _registers[key] = register
        while len(_registers) > _REGISTERS_KEPT:
            _registers.popitem(last=False)
    return register


class Page(Protocol):
    """What a presenter gives of a whole page: at least the title of the window and a summary."""

    @property
    def title(self) -> str: ...
    @property
    def description(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Recipe:
    """How the content of a page is made, and all that it depends on besides language and data.

    `key`: what the content depends on besides the path; a `queries.Query` is enough for most.
    `wanted_often`: kept in the database too; one of each path and language.
    """

    path: str
    template: str
    build: Callable[[], Page]
    key: Mapping[str, object]
    as_of: dt.date | None = None
    wanted_often: bool = False

    def name(self) -> str:
        """The key of the content in the cache, for the present language, data and date."""
        parts = (
            _FORM, self.path, self.template, state_of_data(), get_language(),
            timezone.localdate().isoformat(), sorted(self.key.items()),
        )  # fmt: skip
        return f"page:{hashlib.sha256(repr(parts).encode()).hexdigest()}"

    def content(self) -> dict[str, str]:
        """Title, description and content, made anew."""
        page = self.build()
        surroundings = {
            "page": page,
            "as_of": self.as_of,
            "as_of_query": f"?as_of={self.as_of.isoformat()}" if self.as_of else "",
            "today": timezone.localdate(),
            "own_place": OWN_PLACE,
            "live_place": LIVE_PLACE,
        }
        return {
            "title": str(page.title),
            "description": str(page.description),
            "content": get_template(self.template).render(surroundings),
        }


def cached_page(
    request: HttpRequest,
    template: str,
    build: Callable[[], Page],
    own: Own | None = None,
    live: Live | None = None,
    **key: object,
) -> HttpResponse:
    """The page whose content `template` draws from `build()`, put into `page.html`.

    `key`: see `Recipe`. The template gets `page` (what `build` returned), `as_of`, `as_of_query`,
    `today`, `own_place` and `live_place`, and not the request: what belongs to one reader must not
    be kept for the next. What `build` raises (Http404) goes through and nothing is kept.
    """
    as_of, _good = shell.as_of_date(request)
    return serve(request, Recipe(request.path, template, build, key, as_of), own, live)


def serve(
    request: HttpRequest, recipe: Recipe, own: Own | None = None, live: Live | None = None
) -> HttpResponse:
    """The page of a recipe: kept, stored, or made now; with what is the reader's own today.

    Before the catalogue has been loaded there is not even the country: a page says so.
    """
    # The state is read before the data: the content may be newer than its key, never older.
    name = recipe.name()
    kept: Kept | None = cache.get(name)
    if kept is None:
        drawn = _stored(recipe, name)
        if drawn is None:
            try:
                drawn = recipe.content()
            except Organisation.DoesNotExist:
                return render(request, "not_loaded.html")
            _store(recipe, name, drawn)
        kept = _keep(name, drawn)
    drawn, squeezed = kept
    parts = _parts(request, own, live) if recipe.as_of is None else {}
    if parts:
        return _framed(request, drawn, parts)
    page = _framed(request, drawn)
    patch_vary_headers(page, ("Accept-Encoding",))
    if accepts_gzip(request):
        _compress(page, drawn["content"].encode(), squeezed)
    return page


def fresh_page(request: HttpRequest, template: str, build: Callable[[], Page]) -> HttpResponse:
    """The same, but not kept: for free text, which would fill the cache with single readings."""
    as_of, _good = shell.as_of_date(request)
    return _framed(request, Recipe(request.path, template, build, {}, as_of).content())


def make_ready(recipes: Iterable[Recipe]) -> int:
    """Make contents in all languages before anybody asks; returns how many were not there."""
    made = 0
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            for recipe in recipes:
                name = recipe.name()
                if _stored(recipe, name) is None:
                    content = recipe.content()
                    _store(recipe, name, content)
                    _keep(name, content)
                    made += 1
    return made


def _keep(name: str, drawn: dict[str, str]) -> Kept:
    kept = drawn, deflated(drawn["content"].encode())
    cache.set(name, kept, _SECONDS)
    return kept


def _compress(page: HttpResponse, content: bytes, squeezed: bytes) -> None:
    before, _content, after = page.content.partition(content)
    page.content = gzipped(before, content, squeezed, after)
    page.headers["Content-Encoding"] = "gzip"


def _stored(recipe: Recipe, name: str) -> dict[str, str] | None:
    if not recipe.wanted_often:
        return None
    page = StoredPage.objects.filter(path=recipe.path, language=get_language(), key=name).first()
    if page is None:
        return None
    return {"title": page.title, "description": page.description, "content": page.content}


def _store(recipe: Recipe, name: str, content: dict[str, str]) -> None:
    if recipe.wanted_often:
        StoredPage.objects.update_or_create(
            path=recipe.path,
            language=get_language(),
            defaults={**content, "key": name, "built_at": timezone.now()},
        )


def _parts(request: HttpRequest, own: Own | None, live: Live | None) -> dict[str, str]:
    """What goes into a kept content now, by its place; places that stay empty are left out."""
    reader = request.user
    parts = {
        OWN_PLACE: own(reader) if own is not None and isinstance(reader, User) else "",
        LIVE_PLACE: live() if live is not None else "",
    }
    return {place: text for place, text in parts.items() if text}


def _framed(
    request: HttpRequest, drawn: dict[str, str], parts: Mapping[str, str] = _NO_PARTS
) -> HttpResponse:
    whole = drawn["content"]
    for place, text in parts.items():
        whole = whole.replace(place, text, 1)
    content = mark_safe(whole)  # noqa: S308 - rendered by templates, which escape
    surroundings = {"content": content, "own": OWN_PLACE in parts, "live": LIVE_PLACE in parts}
    return render(request, "page.html", {**drawn, **surroundings})
