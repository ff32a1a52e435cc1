"""Tables in workbooks (.xlsx, .xls, .ods), read by `targets.spreadsheets` in a process apart.

Bounds are those of an uploaded file (`targets.spreadsheets.limits`), and so is what is refused:
macros, links to other files, passwords.
"""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Literal

from targets.sources.contract import Outcome, SourceError
from targets.spreadsheets import limits
from targets.spreadsheets.model import RefusedError, Sheet, Value
from targets.spreadsheets.reading import read_spreadsheet

Percent = Literal["as-shown", "as-stored"]

_TOO_LARGE = frozenset(
    {"size", "cells", "rows", "columns", "sheets", "members", "unpacked", "ratio", "memory", "time"}
)


def sheet_of(content: bytes, kind: str, sheet: str | int) -> Sheet:
    """A sheet by its name, or by its number from 1 among those that are not hidden.

    `kind`: xlsx, xls or ods. Raises SourceError: unreadable or too-large with the code of the
    refusal, columns-changed where no sheet is called so.
    """
    try:
        spreadsheet, _cost = read_spreadsheet(content, kind)
    except RefusedError as refusal:
        outcome = Outcome.TOO_LARGE if refusal.code in _TOO_LARGE else Outcome.UNREADABLE
        raise SourceError(
            outcome, reason=refusal.code, **dict[str, Any](refusal.names)
        ) from refusal
    shown = [one for one in spreadsheet.sheets if not one.hidden]
    if isinstance(sheet, int):
        if sheet <= len(shown):
            return shown[sheet - 1]
    else:
        wanted = _text(sheet)
        for one in spreadsheet.sheets:
            if _text(one.name) == wanted:
                return one
    names = [one.name for one in spreadsheet.sheets]
    raise SourceError(Outcome.COLUMNS_CHANGED, missing=[str(sheet)], found=names)


def rows_of(sheet: Sheet, *, percent: Percent, decimal: str, skip: int) -> Iterator[list[str]]:
    """The rows of a sheet as text, all equally wide, the empty ones too.

    What stands in a merged range stands in each of its cells. A number has the 15 digits that a
    spreadsheet shows, with `decimal` as its sign; a day is ISO.
    """
    width = max((len(values) for _number, values in sheet.rows), default=0)
    texts: dict[int, list[str]] = {}
    for number, values in sheet.rows:
        row = [
            _shown(value, percent == "as-shown" and (number, place) in sheet.percent, decimal)
            for place, value in enumerate(values)
        ]
        texts[number] = row + [""] * (width - len(row))
    _spread(sheet, texts, width)
    blank = [""] * width
    for number in range(skip + 1, max(texts, default=0) + 1):
        yield texts.get(number, blank)


def _spread(sheet: Sheet, texts: dict[int, list[str]], width: int) -> None:
    cells, end = 0, max(texts, default=0)
    for top, left, bottom, last in sheet.merged:
        text = texts[top][left] if top in texts and left < width else ""
        if not text:
            continue
        right = min(last, width - 1)
        for number in range(top, min(bottom, end) + 1):
            cells += right + 1 - left
            if cells > limits.MAX_CELLS:
                raise SourceError(Outcome.TOO_LARGE, reason="cells", count=limits.MAX_CELLS)
            if number in texts:
                texts[number][left : right + 1] = [text] * (right + 1 - left)


def _shown(value: Value, percent: bool, decimal: str) -> str:
    match value:
        case None:
            text = ""
        case bool():
            text = "TRUE" if value else "FALSE"
        case int() | float():
            text = _number(value, percent, decimal)
        case dt.datetime() if value.time() == dt.time():
            text = value.date().isoformat()
        case dt.datetime():
            text = value.isoformat(sep=" ")
        case dt.date() | dt.time():
            text = value.isoformat()
        case _:
            text = _text(str(value))
    return text


def _number(value: int | float, percent: bool, decimal: str) -> str:
    """As few digits as say it, never an exponent; per cent as people see it (0.985 is 98.5).

    Three digits behind the sign are written as four (98.1250): the text can then not be taken for
    thousands, whatever signs the mapping was told of.
    """
    exact = Decimal(value) if isinstance(value, int) else Decimal(f"{value:.15g}")
    if percent:
        exact *= 100
    whole, _point, decimals = f"{exact:f}".partition(".")
    decimals = decimals.rstrip("0")
    if len(decimals) == 3:
        decimals += "0"
    return f"{whole}{decimal}{decimals}" if decimals else whole


def _text(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip()
