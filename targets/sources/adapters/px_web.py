"""PX-Web, as statistics offices run it (Vietnam's: pxweb.gso.gov.vn), API v1.

A table is asked twice: what its variables and their values are called, then its cells. Answers
name values by codes ("0", "32") that a later edition may give to others; labels are what holds.
https://www.scb.se/en/services/open-data-api/api-for-the-statistical-database/
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal
from urllib.parse import quote, urlsplit, urlunsplit

from django.utils.translation import gettext as _
from pydantic import Field

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

# PX writes data that is not there as one to six dots, each with a meaning of its own.
_NOTHING = re.compile(r"\.{1,6}|")
# A table in so many parts is no table for us.
_MOST_QUERIES = 500

# Codes of each variable that one query asks for, in the order of the table.
Selection = dict[str, list[str]]


class PxWebOptions(Options):
    """Which values of which variables; a variable that is not named is asked for whole.

    Names and values may be codes or labels; where a text is both, it is meant as a label.
    """

    select: dict[str, Literal["*"] | Annotated[list[str], Field(min_length=1)]] = Field(
        default={}, max_length=20
    )
    most_cells: int = Field(default=50_000, ge=1, le=1_000_000)


@dataclass(frozen=True)
class Variable:
    """One variable of a table: its labels by code, in the table's order."""

    code: str
    name: str
    labels: Mapping[str, str]
    is_time: bool

    def codes_of(self, wanted: str) -> list[str]:
        """The codes of a label (several may share it), else of a code."""
        by_label = [code for code, label in self.labels.items() if _same(label, wanted)]
        return by_label or [code for code in self.labels if _same(code, wanted)]


class PxWeb(Adapter[PxWebOptions]):
    """Columns: of each variable its label under its name and its code under `name.code`, `value`.

    One row per cell; ".." and "." are no value. The address is the table's, readable:
    `https://pxweb.gso.gov.vn/api/v1/vi/Dân số và lao động/Dân số/V02.01.px`.
    """

    code = "px-web"
    options = PxWebOptions
    accepts: ClassVar[tuple[str, ...]] = ("application/json", "text/json")

    def collect(self, address: str, options: PxWebOptions, fetch: Fetch) -> list[Body]:
        """The table's description, then its cells in as few questions as the service allows."""
        url = encoded(address)
        about = fetch(Request(url))
        bodies = [about]
        waiting = list(_parts(_selection(_variables(about), options), options.most_cells))
        while waiting:
            if len(bodies) + len(waiting) > _MOST_QUERIES:
                raise SourceError(Outcome.TOO_LARGE, queries=len(bodies) + len(waiting))
            part = waiting.pop(0)
            try:
                bodies.append(fetch(_query(url, part)))
            except SourceError as error:
                cells = _cells(part)
                if error.detail.get("status") != 403 or cells == 1:
                    raise
                # More cells than this service allows in one question, which it does not say.
                waiting = [*_parts(part, math.ceil(cells / 2)), *waiting]
        return bodies

    def tables(
        self, address: str, options: PxWebOptions, bodies: Sequence[Body]
    ) -> Iterator[Table]:
        variables = _variables(bodies[0])
        edition = _edition(bodies[1:])
        yield Table(
            columns=[
                name for variable in variables for name in (variable.name, f"{variable.name}.code")
            ]
            + ["value"],
            rows=_rows(variables, bodies[1:]),
            vintage=edition,
            published_on=json_text.day_of(edition),
        )


def encoded(address: str) -> str:
    """An address as it is sent: its Vietnamese names in UTF-8, what is encoded already kept."""
    parts = urlsplit(unicodedata.normalize("NFC", address.strip()))
    path = quote(re.sub(r"%(?![0-9A-Fa-f]{2})", "%25", parts.path), safe="/%:@!$&'()*+,;=~")
    return urlunsplit((parts.scheme, parts.netloc, path, parts.query, ""))


def _same(one: str, other: str) -> bool:
    return unicodedata.normalize("NFC", one).split() == unicodedata.normalize("NFC", other).split()


def _variables(about: Body) -> list[Variable]:
    content = json_text.read_json(about)
    match content:
        case {"variables": list(variables)} if variables:
            return [_variable(variable) for variable in variables]
        case [{"id": _}, *_]:
            # A folder of the database: the address stops above its tables.
            inside = [str(entry.get("id")) for entry in content if isinstance(entry, dict)]
            sentence = _("đây là một thư mục, trong đó có: %(inside)s") % {
                "inside": ", ".join(inside[:10])
            }
            raise SourceError(Outcome.MISCONFIGURED, problems=[{"at": "address", "is": sentence}])
        case {"error": error}:
            raise SourceError(Outcome.SOURCE_ERROR, message=str(error)[:300])
    raise SourceError(
        Outcome.COLUMNS_CHANGED, missing=["variables"], found=json_text.found_in(content)
    )


def _variable(described: Any) -> Variable:
    match described:
        case {
            "code": str(code),
            "text": str(name),
            "values": list(codes),
            "valueTexts": list(texts),
        }:
            if codes and len(codes) == len(texts):
                return Variable(
                    code=code,
                    name=name.strip() or code,
                    labels={
                        str(c): str(text).strip() for c, text in zip(codes, texts, strict=True)
                    },
                    is_time=described.get("time") is True,
                )
    raise SourceError(
        Outcome.COLUMNS_CHANGED,
        missing=["code, text, values, valueTexts"],
        found=json_text.found_in(described),
    )


def _selection(variables: Sequence[Variable], options: PxWebOptions) -> Selection:
    """What is asked for, by codes. What is no longer in the table is told by name."""
    selection = {variable.code: list(variable.labels) for variable in variables}
    for name, wanted in options.select.items():
        variable = next((v for v in variables if _same(name, v.name) or _same(name, v.code)), None)
        if variable is None:
            raise SourceError(
                Outcome.COLUMNS_CHANGED, missing=[name], found=[v.name for v in variables]
            )
        if wanted == "*":
            continue
        codes = {text: variable.codes_of(text) for text in wanted}
        if missing := [text for text, found in codes.items() if not found]:
            known = list(variable.labels.values())[-json_text.MOST_FOUND :]
            outcome = Outcome.PERIOD_MISSING if variable.is_time else Outcome.COLUMNS_CHANGED
            raise SourceError(outcome, missing=missing, found=known)
        chosen = {code for found in codes.values() for code in found}
        selection[variable.code] = [code for code in variable.labels if code in chosen]
    return selection


def _cells(selection: Selection) -> int:
    return math.prod(len(codes) for codes in selection.values())


def _parts(selection: Selection, most: int) -> Iterator[Selection]:
    """A selection in parts of at most so many cells, cut along its first variable, then on."""
    cells = _cells(selection)
    if cells <= most:
        yield selection
        return
    along = next(code for code, codes in selection.items() if len(codes) > 1)
    codes = selection[along]
    step = max(1, most * len(codes) // cells)
    for start in range(0, len(codes), step):
        yield from _parts(selection | {along: codes[start : start + step]}, most)


def _query(url: str, selection: Selection) -> Request:
    return Request(
        url,
        method="POST",
        json={
            "query": [
                {"code": code, "selection": {"filter": "item", "values": codes}}
                for code, codes in selection.items()
            ],
            "response": {"format": "json"},
        },
    )


def _answer(body: Body) -> dict[str, Any]:
    content = json_text.read_json(body)
    match content:
        case {"columns": list(columns), "data": list(data)}:
            return {"metadata": content.get("metadata"), "columns": columns, "data": data}
        case {"error": error}:
            raise SourceError(Outcome.SOURCE_ERROR, message=str(error)[:300])
    raise SourceError(
        Outcome.COLUMNS_CHANGED, missing=["columns, data"], found=json_text.found_in(content)
    )


def _edition(bodies: Sequence[Body]) -> str:
    """When the table was last updated, where the service says so; its parts must agree."""
    editions = set()
    for body in bodies:
        match _answer(body):
            case {"metadata": [{"updated": str(updated)}, *_]}:
                editions.add(updated)
    if len(editions) > 1:
        raise SourceError(Outcome.CHANGED_UNDER_WAY, found=sorted(editions)[:10])
    return editions.pop() if editions else ""


def _rows(variables: Sequence[Variable], bodies: Sequence[Body]) -> Iterator[list[str | None]]:
    for body in bodies:
        answer = _answer(body)
        reader = _Reader(variables, answer["columns"])
        for cell in answer["data"]:
            yield from reader.rows(cell)


class _Reader:
    """Reads the cells of one answer, whose columns need not stand in the order of the table.

    A variable that is not among the columns of kind "d" and "t" is the one whose values are
    the columns of kind "c": its cells stand side by side in `values`.
    """

    def __init__(self, variables: Sequence[Variable], columns: Sequence[Any]) -> None:
        described = [column if isinstance(column, dict) else {} for column in columns]
        keys = [str(c.get("code")) for c in described if c.get("type") != "c"]
        self.contents = [str(c.get("code")) for c in described if c.get("type") == "c"]
        self.variables = variables
        self.places = [
            keys.index(variable.code) if variable.code in keys else None for variable in variables
        ]
        self.width = len(keys)
        unknown = set(keys) - {variable.code for variable in variables}
        lost = [v.name for v, place in zip(variables, self.places, strict=True) if place is None]
        # One variable may stand in the columns of kind "c"; several such columns need one.
        if unknown or len(lost) > min(1, len(self.contents)) or len(self.contents) > 1 > len(lost):
            raise SourceError(Outcome.COLUMNS_CHANGED, missing=lost, found=keys)

    def rows(self, cell: Any) -> Iterator[list[str | None]]:
        match cell:
            case {"key": list(key), "values": list(values)} if len(key) == self.width and len(
                values
            ) == max(1, len(self.contents)):
                for position, value in enumerate(values):
                    row: list[str | None] = []
                    for variable, place in zip(self.variables, self.places, strict=True):
                        code = str(key[place] if place is not None else self.contents[position])
                        row += [self._label(variable, code), code]
                    text = json_text.text_of(value)
                    row.append(None if text is None or _NOTHING.fullmatch(text.strip()) else text)
                    yield row
            case _:
                raise SourceError(
                    Outcome.COLUMNS_CHANGED,
                    missing=["key, values"],
                    found=json_text.found_in(cell),
                )

    @staticmethod
    def _label(variable: Variable, code: str) -> str:
        try:
            return variable.labels[code]
        except KeyError as error:
            # The table was described otherwise a moment ago.
            raise SourceError(
                Outcome.CHANGED_UNDER_WAY, variable=variable.name, found=[code]
            ) from error
