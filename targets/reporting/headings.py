"""The heading of a table in a spreadsheet: where it is, and which column holds what.

People move it, merge its cells, write it over two rows, put titles above it and change its words.
It is the row (or pair of rows) in which most columns carry a word that is known to mean something.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from targets.spreadsheets.model import Sheet, Value

#: The columns that a row may change.
COLUMNS: Final = ("value", "numerator", "denominator", "unavailable", "note")
_LOOKED_AT = 60  # rows

_WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "code": (
        "ma",
        "ma so",
        "ma chi tieu",
        "ma chi so",
        "ma cs",
        "ky hieu",
        "code",
        "indicator code",
    ),
    "name": (
        *("chi tieu", "ten chi tieu", "chi so", "ten chi so", "noi dung", "noi dung chi tieu"),
        *("muc tieu", "ten", "indicator", "indicator name", "name"),
    ),
    "value": (
        *("gia tri", "ket qua", "so lieu", "thuc hien", "ket qua thuc hien", "gia tri thuc hien"),
        *("so lieu bao cao", "ket qua dat duoc", "dat duoc", "ky nay", "gia tri ky nay"),
        *("so thuc hien", "muc do dat duoc", "ty le dat duoc", "muc hoan thanh"),
        *("value", "result", "actual", "reported value"),
    ),
    "numerator": ("tu so", "numerator", "tu"),
    "denominator": ("mau so", "denominator", "mau"),
    "unavailable": (
        *("chua co so lieu", "khong co so lieu", "chua co", "khong co"),
        *("not available", "no data"),
    ),
    "note": (
        *("ghi chu", "giai trinh", "ly do", "thuyet minh", "giai thich"),
        *("note", "notes", "remark", "remarks", "comment"),
    ),
}
_MEANING: Final = {word: name for name, words in _WORDS.items() for word in words}
# Words that may stand beside one of these without changing it.
_FILLERS = re.compile(
    r"\b(nam|ky|thang|quy|dau|cuoi|bao cao|cua|trong|nam bao cao|ky bao cao|don vi|dvt|year|period"
    r"|the|of|i|ii|iii|iv|6|den|tinh|ngay|luy ke|neu co|if any)\b"
)
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")


@dataclass(frozen=True, slots=True)
class Heading:
    """`row`: the number of its last row. `columns`: place by meaning; `titles`: their words."""

    sheet: str
    row: int
    columns: Mapping[str, int]
    titles: Mapping[str, str]


class UnclearHeadingError(Exception):
    """Two columns could both be meant; `titles` are their words."""

    def __init__(self, sheet: str, column: str, titles: Sequence[str]) -> None:
        super().__init__(column)
        self.sheet, self.column, self.titles = sheet, column, tuple(titles)


def find_heading(sheet: Sheet, period: str) -> Heading | None:
    """The heading of a table with values of `period` (2026, 2026-H1), None if the sheet has none.

    Raises UnclearHeadingError.
    """
    rows = sheet.rows[:_LOOKED_AT]
    spread = [(number, _spread(sheet, number, values)) for number, values in rows]
    best: tuple[int, int, list[tuple[str, str, int]]] | None = None
    for place, (number, titles) in enumerate(spread):
        ways = [(number, titles)]
        if place + 1 < len(spread) and spread[place + 1][0] == number + 1:
            ways.append((number + 1, _both(titles, spread[place + 1][1], period)))
        for last, words in ways:
            columns = _meanings(words, period)
            score = len({name for name, _title, _place in columns})
            if _suffices(columns) and (best is None or score > best[0]):
                best = (score, last, columns)
    if best is None:
        return None
    _score, row, columns = best
    return Heading(sheet.name, row, *_chosen(sheet.name, columns, period))


def _suffices(columns: Sequence[tuple[str, str, int]]) -> bool:
    """Something to find the item by, and something to change."""
    names = {name for name, _title, _place in columns}
    return bool(names & {"code", "name"}) and bool(
        "value" in names or {"numerator", "denominator"} <= names
    )


def _meanings(titles: Sequence[str], period: str) -> list[tuple[str, str, int]]:
    """(meaning, words, place) of every column whose words are known."""
    found = []
    for place, title in enumerate(titles):
        name = meaning_of(title, period)
        if name:
            found.append((name, title, place))
    return found


@lru_cache(maxsize=4096)
def meaning_of(title: str, period: str) -> str:
    """Which column a title names, "" if none: `Kết quả năm 2026 (%)` is the value of 2026."""
    words = plain(re.sub(r"\([^()]*\)", " ", title)) or plain(title)
    year = period[:4]
    years = _YEAR.findall(words)
    if any(found != year for found in years):
        return ""
    whole = " ".join(words.split())
    if whole in _MEANING:
        return _MEANING[whole]
    rest = " ".join(_FILLERS.sub(" ", _YEAR.sub(" ", words)).split())
    if rest in _MEANING:
        return _MEANING[rest]
    # A bare year is the heading of its values, and so is "Năm 2026".
    return "value" if years and not rest else ""


def _chosen(
    sheet: str, columns: Sequence[tuple[str, str, int]], period: str
) -> tuple[dict[str, int], dict[str, str]]:
    """One column for each meaning; of several values that of the period's own year."""
    places: dict[str, int] = {}
    titles: dict[str, str] = {}
    for name in dict.fromkeys(name for name, _title, _place in columns):
        same = [(title, place) for other, title, place in columns if other == name]
        if len(same) > 1 and name in COLUMNS:
            dated = [(title, place) for title, place in same if period[:4] in title]
            same = dated if len(dated) == 1 else same
        # A merged heading stands over all columns that it spans; the first of them holds the cell.
        distinct = {title for title, _place in same}
        if len(same) > 1 and len(distinct) > 1 and name in COLUMNS:
            raise UnclearHeadingError(sheet, name, [title for title, _place in same])
        titles[name], places[name] = same[0]
    return places, titles


def _spread(sheet: Sheet, number: int, values: Sequence[Value]) -> list[str]:
    """The titles of a row; what stands in a merged range stands over all of its columns."""
    titles = [_title(value) for value in values]
    for top, left, bottom, right in sheet.merged:
        if not top <= number <= bottom or right - left > 50:
            continue
        source = next((row for at, row in sheet.rows if at == top), [])
        text = _title(source[left]) if left < len(source) else ""
        if text:
            titles += [""] * (right + 1 - len(titles))
            titles[left : right + 1] = [text] * (right + 1 - left)
    return titles


def _both(upper: Sequence[str], lower: Sequence[str], period: str) -> list[str]:
    """Titles over two rows: the lower word where it says something, else the upper one."""
    width = max(len(upper), len(lower))
    above = [*upper, *[""] * (width - len(upper))]
    below = [*lower, *[""] * (width - len(lower))]
    return [
        low if meaning_of(low, period) or not high else f"{high} {low}".strip() if low else high
        for high, low in zip(above, below, strict=True)
    ]


def _title(value: Value) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = "" if value is None or isinstance(value, bool) else str(value)
    return " ".join(unicodedata.normalize("NFC", text).split())[:200]


class _Plain(dict[int, str]):
    """What a sign is without accents: a letter or digit stays, a mark goes, the rest is a space."""

    def __missing__(self, code: int) -> str:
        apart = unicodedata.normalize("NFD", "d" if chr(code) == "đ" else chr(code))
        found = "".join(
            sign if sign.isalnum() else " " for sign in apart if not unicodedata.combining(sign)
        )
        self[code] = found
        return found


_PLAIN = _Plain()


def plain(text: str) -> str:
    """A text without accents, case, signs and double spaces: `Tỷ lệ (%)` is `ty le`."""
    return " ".join(text.casefold().translate(_PLAIN).split())
