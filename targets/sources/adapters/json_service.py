"""JSON of any shape, read by JMESPath expressions: services of ministries and provinces (LGSP).

https://jmespath.org/specification.html
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, Literal
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

import jmespath
from django.utils.translation import gettext as _
from jmespath.exceptions import JMESPathError
from pydantic import AfterValidator, Field, model_validator
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
from targets.sources.network import asking


def _expression(text: str) -> str:
    try:
        jmespath.compile(text)
    except JMESPathError as error:
        raise PydanticCustomError("jmespath", "{reason}", {"reason": str(error)}) from error
    return text


Expression = Annotated[str, Field(min_length=1, max_length=1000), AfterValidator(_expression)]


class Paging(Options):
    """Pages by a parameter that counts (1, 2, 3 ... or by `step`), until one has no rows.

    It goes into the address, or into the body of a POST. `size`, if given, is asked for under the
    name `size_parameter`.
    """

    parameter: str = Field(min_length=1, max_length=80)
    first: int = Field(default=1, ge=0)
    step: int = Field(default=1, ge=1)
    size_parameter: str = Field(default="", max_length=80)
    size: int | None = Field(default=None, ge=1)

    @model_validator(mode="after")
    def _size_whole(self) -> Paging:
        if (self.size is None) != (not self.size_parameter):
            raise PydanticCustomError("size_half", "size and size_parameter go together")
        return self


class JsonOptions(Options):
    """`rows`: where the list of rows is. `fields`: a name and an expression over a row each;
    without them the columns are the scalars of the rows, those of objects as `outer.inner`.

    Over the whole answer: `next` gives the address of the next page (of the same server, or
    nothing), `total` the number of rows of all pages, which must stay the same and come true,
    `error` something where the service says by status 200 that it failed, `vintage` and
    `published_on` (ISO or dd/mm/yyyy) what holds for all rows.
    """

    rows: Expression = "@"
    fields: dict[str, Expression] = Field(default={}, max_length=100)
    method: Literal["GET", "POST"] = "GET"
    body: Any = None
    next: Expression | None = None
    page: Paging | None = None
    most_pages: int = Field(default=200, ge=1, le=2000)
    total: Expression | None = None
    error: Expression | None = None
    vintage: Expression | None = None
    published_on: Expression | None = None

    @model_validator(mode="after")
    def _agree(self) -> JsonOptions:
        if self.next and self.page:
            raise PydanticCustomError("two_ways", "next and page: one of them")
        if self.body is not None and self.method == "GET":
            raise PydanticCustomError("body_of_get", "body: only with POST")
        if self.page and self.method == "POST" and not isinstance(self.body, dict):
            raise PydanticCustomError("page_in_body", "page: with POST, body must be an object")
        return self


class JsonService(Adapter[JsonOptions]):
    """Numbers are the digits that the source wrote; true and false are those words; no lists."""

    code = "json"
    options = JsonOptions
    accepts: ClassVar[tuple[str, ...]] = (
        "application/json",
        "application/hal+json",
        "application/vnd.api+json",
        "application/problem+json",
        "text/json",
        "text/plain",
    )

    def collect(self, address: str, options: JsonOptions, fetch: Fetch) -> list[Body]:
        """Every page; where `total` tells that they are not of one state, once more from the first.

        Only one address is asked without `next` and `page`.
        """
        for _attempt in range(2):
            pages = _Pages(address, options)
            while (request := pages.ask()) is not None:
                pages.take(fetch(request))
            if pages.agree():
                return pages.bodies
        raise SourceError(Outcome.CHANGED_UNDER_WAY, totals=sorted(pages.totals))

    def tables(self, address: str, options: JsonOptions, bodies: Sequence[Body]) -> Iterator[Table]:
        columns = list(options.fields) or _columns(options, bodies)
        # Whatever is read here is let go before the rows are asked for.
        whole = options.vintage or options.published_on
        first = json_text.read_json(bodies[0]) if whole else None
        vintage = json_text.text_of(_said(options.vintage, first)) or ""
        published = json_text.text_of(_said(options.published_on, first)) or ""
        day = json_text.day_of(published)
        if published and day is None:
            raise SourceError(Outcome.UNREADABLE, message="published_on", found=[published[:100]])
        del first
        yield Table(
            columns=columns,
            rows=_rows(columns, options, bodies),
            vintage=vintage,
            published_on=day,
        )


@dataclass
class _Pages:
    """The way through the pages: what to ask next, what came, whether it is of one state."""

    address: str
    options: JsonOptions
    bodies: list[Body] = field(default_factory=list)
    totals: set[str] = field(default_factory=set)
    rows: int = 0
    _next: str | None = ""
    _visited: set[str] = field(default_factory=set)

    def ask(self) -> Request | None:
        if self._next is None or len(self.totals) > 1:
            return None
        if len(self.bodies) >= self.options.most_pages:
            raise SourceError(Outcome.TOO_LARGE, pages=len(self.bodies) + 1)
        paging, body = self.options.page, self.options.body
        url = self._next or self.address
        if paging is not None:
            told = {paging.parameter: paging.first + paging.step * len(self.bodies)}
            if paging.size is not None:
                told[paging.size_parameter] = paging.size
            if self.options.method == "POST":
                body = {**body, **told}
            else:
                url = _with_query(url, told)
        return Request(url, method=self.options.method, json=body)

    def take(self, body: Body) -> None:
        content = json_text.read_json(body)
        rows = len(_rows_of(content, self.options))
        if self.options.total is not None:
            total = json_text.text_of(_said(self.options.total, content))
            if total is None:
                raise SourceError(
                    Outcome.COLUMNS_CHANGED,
                    missing=[self.options.total],
                    found=json_text.found_in(content),
                )
            self.totals.add(total)
        if self.options.page is not None:
            repeated = bool(self.bodies) and self.bodies[-1].sha256 == body.sha256
            if rows and repeated:
                # The service does not know the parameter: every page is its first.
                sentence = _("máy chủ trả lại cùng một trang; tham số trang có lẽ tên khác")
                raise SourceError(
                    Outcome.MISCONFIGURED, problems=[{"at": "page.parameter", "is": sentence}]
                )
            self._next = "" if rows and not self._whole(rows) else None
        else:
            self._next = self._following(content)
        self.rows += rows
        # The page without rows that ends the walk says nothing; a first page is kept for its shape.
        if rows or not self.bodies:
            self.bodies.append(body)

    def agree(self) -> bool:
        return self.options.total is None or self.totals == {str(self.rows)}

    def _whole(self, rows: int) -> bool:
        return self.totals == {str(self.rows + rows)}

    def _following(self, content: Any) -> str | None:
        """The next page's address, which must be on the same server: it is sent our credentials."""
        said = _said(self.options.next, content)
        if not isinstance(said, str) or not said:
            return None
        try:
            url = urljoin(self._next or self.address, said)
        except ValueError as error:
            raise SourceError(Outcome.REFUSED_ADDRESS, reason="form") from error
        led = asking.parsed(url)
        if not asking.same_server(led, asking.parsed(self.address)):
            raise SourceError(Outcome.REFUSED_ADDRESS, reason="host", host=led.host[:200])
        if url in self._visited or url == self.address:
            raise SourceError(Outcome.CHANGED_UNDER_WAY, message="next")
        self._visited.add(url)
        return url


def _with_query(url: str, told: dict[str, int]) -> str:
    parts = urlsplit(url)
    query = [(n, v) for n, v in parse_qsl(parts.query, keep_blank_values=True) if n not in told]
    query += [(name, str(value)) for name, value in told.items()]
    return urlunsplit((parts.scheme, parts.netloc, parts.path, urlencode(query), ""))


def _said(expression: str | None, value: Any) -> Any:
    """What an expression finds. Raises SourceError where the value is not of its kind."""
    if expression is None:
        return None
    try:
        return jmespath.search(expression, value)
    except (JMESPathError, TypeError, ValueError, AttributeError) as error:
        raise SourceError(
            Outcome.COLUMNS_CHANGED,
            missing=[expression],
            found=json_text.found_in(value),
            message=str(error)[:300],
        ) from error
    except RecursionError as error:
        raise SourceError(Outcome.UNREADABLE, message="nested too deep") from error


def _rows_of(content: Any, options: JsonOptions) -> list[Any]:
    failed = _said(options.error, content)
    if failed:
        raise SourceError(Outcome.SOURCE_ERROR, message=str(failed)[:300])
    rows = _said(options.rows, content)
    if not isinstance(rows, list):
        raise SourceError(
            Outcome.COLUMNS_CHANGED, missing=[options.rows], found=json_text.found_in(content)
        )
    for row in rows:
        if not isinstance(row, dict) and not options.fields:
            raise SourceError(
                Outcome.COLUMNS_CHANGED,
                missing=[f"{options.rows}[*]"],
                found=json_text.found_in(row),
            )
    return rows


def _columns(options: JsonOptions, bodies: Sequence[Body]) -> list[str]:
    """The names of all scalars of all rows, in the order in which they come."""
    columns: dict[str, None] = {}
    for body in bodies:
        for row in _rows_of(json_text.read_json(body), options):
            columns |= dict.fromkeys(json_text.flat(row))
    return list(columns)


def _rows(
    columns: Sequence[str], options: JsonOptions, bodies: Sequence[Body]
) -> Iterator[list[str | None]]:
    """The rows of all pages. A field that nothing in them answers to has been renamed."""
    unseen = dict(options.fields)
    found: list[str] = []
    for body in bodies:
        for row in _rows_of(json_text.read_json(body), options):
            if not options.fields:
                named = json_text.flat(row)
                yield [named.get(column) for column in columns]
                continue
            found = found or json_text.found_in(row)
            values = {name: _said(wanted, row) for name, wanted in options.fields.items()}
            for name in [n for n in unseen if values[n] is not None or _has(row, unseen[n])]:
                del unseen[name]
            yield [json_text.text_of(values[column]) for column in columns]
    if unseen and found:
        missing = [f"{name}: {wanted}" for name, wanted in unseen.items()]
        raise SourceError(Outcome.COLUMNS_CHANGED, missing=missing, found=found)


def _has(row: Any, expression: str) -> bool:
    """Whether a plain path (`a.b`) leads to a null that stands there; null is an answer too."""
    parsed = jmespath.compile(expression).parsed
    for step in parsed["children"] if parsed["type"] == "subexpression" else [parsed]:
        if step["type"] != "field" or not isinstance(row, dict) or step["value"] not in row:
            return False
        row = row[step["value"]]
    return True
