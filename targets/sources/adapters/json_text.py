"""JSON from outside: decoded, bounded, its numbers with the digits that the source wrote."""

from __future__ import annotations

import codecs
import datetime as dt
import json
import re
from collections.abc import Iterator
from typing import Any

from targets.sources.contract import Body, Outcome, SourceError

# An answer is read whole: these two bound the memory that reading it takes (some 200 MB).
MOST_BYTES = 32_000_000
MOST_VALUES = 3_000_000
# Objects in objects in a row; deeper is no table.
DEEPEST = 6
# How much of what stood there is told.
MOST_FOUND = 40

# What a source may declare; other codecs of Python decompress, or take time that grows by squares.
_CHARSETS = {
    "ascii": "utf-8",
    "utf-8": "utf-8",
    "utf-16": "utf-16",
    "utf-16-le": "utf-16-le",
    "utf-16-be": "utf-16-be",
    "iso8859-1": "cp1252",
    "cp1252": "cp1252",
    "cp1258": "cp1258",
}
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"))


class Digits(float):
    """A number that knows how it was written: 0.10 stays 0.10, and 19 digits stay 19."""

    text: str

    def __new__(cls, text: str) -> Digits:
        number = super().__new__(cls, text)
        number.text = text
        return number


# JMESPath knows a number by the name of its type.
Digits.__name__ = "float"


def read_json(body: Body) -> Any:
    """What a body says: dicts, lists, str, bool, None, int, `Digits`; NaN, as some write, is None.

    Raises SourceError: UNREADABLE for what is no JSON (cut, mis-encoded, nested without end),
    TOO_LARGE beyond the bounds above.
    """
    if body.size > MOST_BYTES:
        raise SourceError(Outcome.TOO_LARGE, bytes=body.size, most=MOST_BYTES)
    content = body.path.read_bytes()
    values = sum(content.count(mark) for mark in (b",", b"[", b"{"))
    if values > MOST_VALUES:
        raise SourceError(Outcome.TOO_LARGE, values=values, most=MOST_VALUES)
    text = _text(content, body.charset)
    try:
        return json.loads(text, parse_float=Digits, parse_int=_integer, parse_constant=_constant)
    except json.JSONDecodeError as error:
        raise SourceError(
            Outcome.UNREADABLE, message=error.msg, line=error.lineno, column=error.colno
        ) from error
    except RecursionError as error:
        raise SourceError(Outcome.UNREADABLE, message="nested too deep") from error


def text_of(value: Any) -> str | None:
    """A scalar as the source wrote it; None for null, lists and objects."""
    if isinstance(value, str):
        return value
    if isinstance(value, Digits):
        return value.text
    if isinstance(value, bool):
        return "true" if value else "false"
    # JMESPath makes plain floats where an expression reckons.
    return str(value) if isinstance(value, int | float) else None


def flat(row: dict[str, Any]) -> dict[str, str | None]:
    """The scalars of a row by their names, those of objects in it as `outer.inner`; no lists.

    Raises SourceError (UNREADABLE) for objects in objects without end.
    """
    return dict(_scalars(row, "", DEEPEST))


def found_in(value: Any) -> list[str]:
    """What stood where something else was expected, for the record of the failure."""
    if isinstance(value, dict):
        return [str(key) for key in value][:MOST_FOUND]
    return [type(value).__name__]


def day_of(text: str) -> dt.date | None:
    """The day of a time stamp: ISO, or dd/mm/yyyy as Vietnamese services write."""
    if match := re.match(r"(\d{4})-(\d{2})-(\d{2})(?!\d)", text):
        year, month, day = (int(part) for part in match.groups())
    elif match := re.match(r"(\d{1,2})/(\d{1,2})/(\d{4})(?!\d)", text):
        day, month, year = (int(part) for part in match.groups())
    else:
        return None
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def _scalars(row: dict[str, Any], before: str, depth: int) -> Iterator[tuple[str, str | None]]:
    for key, value in row.items():
        if isinstance(value, dict):
            if not depth:
                raise SourceError(Outcome.UNREADABLE, message="nested too deep")
            yield from _scalars(value, f"{before}{key}.", depth - 1)
        elif not isinstance(value, list):
            yield before + key, text_of(value)


def _text(content: bytes, declared: str) -> str:
    """A mark at the beginning says more than what is declared; JSON is UTF-8 unless said."""
    charset = next((name for mark, name in _MARKS if content.startswith(mark)), "")
    if not charset:
        try:
            charset = _CHARSETS[codecs.lookup(declared or "utf-8").name]
        except (LookupError, ValueError) as error:
            raise SourceError(Outcome.UNREADABLE, message="charset", charset=declared) from error
    try:
        return content.decode(charset)
    except UnicodeDecodeError as error:
        raise SourceError(
            Outcome.UNREADABLE, message="charset", charset=charset, place=error.start
        ) from error


def _integer(text: str) -> int | Digits:
    # Python refuses to make an int of thousands of digits.
    return int(text) if len(text) < 19 else Digits(text)


def _constant(name: str) -> Digits | None:
    return None if name == "NaN" else Digits(name)
