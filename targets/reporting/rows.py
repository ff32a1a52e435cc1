"""Rows of a spreadsheet brought together with the cells of a report; nothing is guessed in silence.

A row is found by the code in it, else by its name: as written, or without accents, spacing and
case, and then it says so. What cannot be found is listed with the reason.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from targets.models import ReportItem, UploadChange
from targets.reporting.headings import COLUMNS, Heading, plain
from targets.spreadsheets.model import Sheet, Value

_NUMBERING = re.compile(r"^(?:[ivxlc]+|[a-z]|\d+(?: \d+)*) (?=\S)")
_TOTAL = re.compile(r"(tong|cong|total|trung binh|binh quan|average)\b")


@dataclass(frozen=True, slots=True)
class Cell:
    """What stood in a cell: the value as parsed, and whether it shows per cent."""

    value: Value
    percent: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One row that belongs to an item. `place`: sheet and row, for people."""

    item_id: int
    place: str
    matched_by: str
    cells: Mapping[str, Cell]


@dataclass(frozen=True, slots=True)
class Unknown:
    """One row with values that belongs to nothing in the report: a code of `upload_texts`."""

    code: str
    place: str
    text: str


class Register:
    """The items of a report by everything that a row may call them."""

    def __init__(self, items: Iterable[ReportItem]) -> None:
        items = list(items)
        self.keys = keys_of(items)
        self.by_code: dict[str, int] = {}
        self.by_name: dict[str, set[int]] = defaultdict(set)
        self.by_plain: dict[str, set[int]] = defaultdict(set)
        for item in items:
            self.by_code[plain(self.keys[item.pk])] = item.pk
            for name in (item.indicator.name_vi, item.indicator.name_en):
                self.by_name[composed(name)].add(item.pk)
                for shape in _shapes(name):
                    self.by_plain[shape].add(item.pk)

    def find(self, code: str, name: str) -> tuple[int | None, str]:
        """The item and how it was found; None with the reason why there is none."""
        by_code = self.by_code.get(plain(code)) if code else None
        named = self.by_name.get(composed(name)) if name else None
        similar: set[int] = set()
        for shape in _shapes(name):
            similar = similar or self.by_plain.get(shape, set())
        if by_code is not None:
            if name and similar and by_code not in similar:
                return None, "code_and_name_differ"
            return by_code, UploadChange.Match.CODE
        for found, how in ((named, UploadChange.Match.NAME), (similar, UploadChange.Match.SIMILAR)):
            if found:
                return (next(iter(found)), how) if len(found) == 1 else (None, "name_of_several")
        return None, "not_in_report"


def keys_of(items: Iterable[ReportItem]) -> dict[int, str]:
    """What each item is called in a file: its indicator's code, with the subject where needed."""
    items = list(items)
    often: dict[int, int] = defaultdict(int)
    for item in items:
        often[item.indicator_id] += 1
    return {
        item.pk: item.indicator.code
        if often[item.indicator_id] == 1
        else f"{item.indicator.code}/{item.subject.code}"
        for item in items
    }


def rows_under(
    sheet: Sheet, heading: Heading, register: Register
) -> Iterator[Row | Unknown | None]:
    """The rows under a heading, one by one; None for a heading, a total or an empty row."""
    for number, values in sheet.rows:
        if number <= heading.row:
            continue
        texts = {
            name: _text(values[place]) if place < len(values) else ""
            for name, place in heading.columns.items()
        }
        place = f"{sheet.name} {number}".strip()
        filled = [name for name in COLUMNS if texts.get(name)]
        name = texts.get("name", "")
        item_id, how = register.find(texts.get("code", ""), name)
        if item_id is not None:
            cells = {
                column: Cell(
                    values[at] if at < len(values) else None, (number, at) in sheet.percent
                )
                for column, at in heading.columns.items()
                if column in COLUMNS
            }
            yield Row(item_id, place, how, cells)
        elif not filled or (not name and not texts.get("code")):
            yield None
        elif _TOTAL.match(plain(name)):
            yield Unknown("total", place, name)
        else:
            yield Unknown(how, place, name or texts["code"])


def composed(text: str) -> str:
    """A name with composed letters and single spaces."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def _shapes(name: str) -> Sequence[str]:
    """The plain name; without its number in a list; without what stands in brackets at its end."""
    whole = plain(name)
    if not whole:
        return ()
    shapes = [whole, _NUMBERING.sub("", whole)]
    short = re.sub(r"\s*\([^()]*\)\s*$", "", name)
    if short and short != name:
        shapes += [plain(short), _NUMBERING.sub("", plain(short))]
    return tuple(dict.fromkeys(shape for shape in shapes if shape))


def _text(value: Value) -> str:
    return "" if value is None else composed(str(value))
