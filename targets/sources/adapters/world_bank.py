"""The World Bank's indicators, API v2: `[meta, rows]`, page by page.

https://datahelpdesk.worldbank.org/knowledgebase/articles/898581-api-basic-call-structures
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Any, ClassVar
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from django.utils.translation import gettext as _
from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from targets.sources.adapters import json_text
from targets.sources.contract import (
    Adapter,
    Body,
    Fetch,
    Options,
    Outcome,
    Request,
    SourceError,
    Table,
)

# What must be the same on every page, or the pages are not of one edition.
_EDITION = ("total", "pages", "per_page", "lastupdated")
# Every row has these, whatever it is about.
_NEEDED = ("indicator.id", "country.id", "date", "value")

Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]+$", max_length=80)]


class WorldBankOptions(Options):
    """What to ask for. Without `indicators` the source's address is complete by itself.

    With them the address is the service's, `https://api.worldbank.org/v2`; several indicators in
    one question must be of one database, `source` (2 is the World Development Indicators).
    """

    indicators: list[Code] = Field(default=[], max_length=60)
    countries: list[Code] = Field(default=["VNM"], min_length=1, max_length=300)
    source: int | None = Field(default=None, ge=1)
    date: str = Field(default="", pattern=r"^(\d{4}(:\d{4})?)?$")
    per_page: int = Field(default=1000, ge=1, le=20_000)
    most_pages: int = Field(default=200, ge=1, le=2000)

    @model_validator(mode="after")
    def _for_indicators(self) -> WorldBankOptions:
        told = self.model_fields_set & {"countries", "source", "date"}
        if told and not self.indicators:
            raise PydanticCustomError(
                "without_indicators",
                "{names}: only with indicators; else they stand in the address",
                {"names": ", ".join(sorted(told))},
            )
        return self


class WorldBank(Adapter[WorldBankOptions]):
    """Columns: objects in a row by dotted names (`indicator.id`, `country.id`), then `date`,
    `value` (null where there is none), `countryiso3code`, `unit`, `obs_status`, `decimal`.

    `lastupdated`, the day of the database's edition, is the vintage and the day of publication.
    """

    code = "world-bank"
    options = WorldBankOptions
    accepts: ClassVar[tuple[str, ...]] = ("application/json", "text/json")

    def collect(self, address: str, options: WorldBankOptions, fetch: Fetch) -> list[Body]:
        """All pages of one edition; if it changes while they are read, once more from the first."""
        asked = _address(address, options)
        pages = _pages(asked, options, fetch)
        if pages is None:
            pages = _pages(asked, options, fetch)
        if pages is None:
            raise SourceError(Outcome.CHANGED_UNDER_WAY)
        return pages

    def tables(
        self, address: str, options: WorldBankOptions, bodies: Sequence[Body]
    ) -> Iterator[Table]:
        meta, rows = _page(bodies[0])
        edition = str(meta.get("lastupdated") or "")
        columns = tuple(json_text.flat(rows[0]))
        del rows
        yield Table(
            columns=columns,
            rows=_rows(bodies, columns),
            vintage=edition,
            published_on=json_text.day_of(edition),
        )


def _address(address: str, options: WorldBankOptions) -> str:
    parts = urlsplit(address)
    path, query = parts.path, dict(parse_qsl(parts.query))
    if options.indicators:
        if "/indicator" in path:
            sentence = _("địa chỉ đã nêu chỉ tiêu; bỏ mục này hoặc rút ngắn địa chỉ")
            raise SourceError(
                Outcome.MISCONFIGURED, problems=[{"at": "indicators", "is": sentence}]
            )
        countries = quote(";".join(options.countries), safe=";")
        path = f"{path.rstrip('/')}/country/{countries}/indicator/{';'.join(options.indicators)}"
        source = options.source or (2 if len(options.indicators) > 1 else None)
        query |= {"source": str(source)} if source else {}
        query |= {"date": options.date} if options.date else {}
    query |= {"format": "json", "per_page": str(options.per_page)}
    return urlunsplit((parts.scheme, parts.netloc, path, urlencode(query, safe=":;"), ""))


def _pages(address: str, options: WorldBankOptions, fetch: Fetch) -> list[Body] | None:
    """Every page, or None where they are not of one edition."""
    bodies: list[Body] = []
    first: dict[str, Any] = {}
    rows_seen, number, last = 0, 1, 1
    while number <= last:
        body = fetch(Request(f"{address}&page={number}"))
        meta, rows = _page(body)
        if number == 1:
            first, last = meta, _number(meta, "pages")
            if not rows:
                # Nothing of what was asked for: the code of an indicator or a country is gone.
                raise SourceError(Outcome.SOURCE_ERROR, message=f"total: {meta.get('total')}")
            if last > options.most_pages:
                raise SourceError(Outcome.TOO_LARGE, pages=last, most=options.most_pages)
        elif any(meta.get(name) != first.get(name) for name in _EDITION):
            return None
        if _number(meta, "page") != number:
            raise SourceError(
                Outcome.UNREADABLE, message="page", asked=number, got=_number(meta, "page")
            )
        rows_seen += len(rows)
        bodies.append(body)
        number += 1
    return bodies if rows_seen == _number(first, "total") else None


def _page(body: Body) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """`[meta, rows]` of a page. An error comes with status 200, as `[{"message": [...]}]`."""
    content = json_text.read_json(body)
    match content:
        case [{"message": list(messages)}]:
            raise SourceError(Outcome.SOURCE_ERROR, message="; ".join(_words(messages)))
        case [dict() as meta, None]:
            return meta, []
        case [dict() as meta, list(rows)] if all(isinstance(row, dict) for row in rows):
            return meta, rows
        case [dict(), found, *_] | [found, *_] | found:
            raise SourceError(
                Outcome.COLUMNS_CHANGED, missing=["[meta, rows]"], found=json_text.found_in(found)
            )


def _words(messages: list[Any]) -> Iterator[str]:
    for message in messages[:10]:
        if isinstance(message, dict):
            said = [message.get("key"), message.get("value")]
            yield ": ".join(str(part)[:300] for part in said if part)
        else:
            yield str(message)[:300]


def _number(meta: dict[str, Any], name: str) -> int:
    """A number of the meta; older answers write some of them as text."""
    try:
        return int(meta[name])
    except (KeyError, TypeError, ValueError) as error:
        raise SourceError(
            Outcome.COLUMNS_CHANGED, missing=[name], found=json_text.found_in(meta)
        ) from error


def _rows(bodies: Sequence[Body], columns: Sequence[str]) -> Iterator[list[str | None]]:
    for body in bodies:
        _meta, rows = _page(body)
        for row in rows:
            named = json_text.flat(row)
            if missing := [name for name in _NEEDED if name not in named]:
                raise SourceError(Outcome.COLUMNS_CHANGED, missing=missing, found=list(named))
            yield [named.get(column) for column in columns]
