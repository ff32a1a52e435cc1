"""Periods as publishers write them, in our form: `2024`, `2024-H1`, `2024-Q3`, `2024-07`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from enum import StrEnum
from typing import Final, NamedTuple


class Form(StrEnum):
    """How a source writes its periods. A declared form takes nothing else; AUTO takes them all."""

    AUTO = "auto"
    # By length, however written
    YEAR = "year"
    HALF = "half"
    QUARTER = "quarter"
    MONTH = "month"
    # By publisher
    WORLD_BANK = "world-bank"
    SDMX = "sdmx"
    VIETNAMESE = "vietnamese"


class Part(StrEnum):
    """What a period may be put together from, each in a field of its own."""

    YEAR = "year"
    HALF = "half"
    QUARTER = "quarter"
    MONTH = "month"


class Written(NamedTuple):
    """A period in our form, and the vintage that its publisher wrote with it ("" for none)."""

    period: str
    vintage: str = ""


PRELIMINARY: Final = "sơ bộ"
ESTIMATE: Final = "ước"
_LONGEST: Final = 60
_YEAR: Final = r"(?P<year>(?:19|20)[0-9]{2})"
_QUARTER: Final = r"(?P<quarter>0?[1-4]|i{1,3}|iv)"
_MONTH: Final = r"(?P<month>0?[1-9]|1[0-2])"
_OF: Final = r"(?: ?[/.-] ?| năm | )"
_ROMAN: Final = {"i": 1, "ii": 2, "iii": 3, "iv": 4}
_EVERYWHERE: Final = frozenset({Form.WORLD_BANK, Form.SDMX, Form.VIETNAMESE})
# (who writes it, how): of a text in lower case, composed, with single spaces.
_SHAPES: Final = tuple(
    (forms, re.compile(shape))
    for forms, shape in (
        (_EVERYWHERE, _YEAR),
        (frozenset[Form](), rf"{_YEAR}\.0+"),  # a year that a spreadsheet took for a number
        ({Form.WORLD_BANK}, rf"{_YEAR}q(?P<quarter>[1-4])"),
        ({Form.WORLD_BANK}, rf"{_YEAR}m(?P<month>0[1-9]|1[0-2])"),
        ({Form.SDMX}, rf"{_YEAR}-a1"),
        ({Form.SDMX}, rf"{_YEAR}-[sh](?P<half>[12])"),
        ({Form.SDMX}, rf"{_YEAR}-q(?P<quarter>[1-4])"),
        ({Form.SDMX}, rf"{_YEAR}-m?(?P<month>0[1-9]|1[0-2])"),
        (frozenset[Form](), rf"{_YEAR} ?[sh](?P<half>[12])"),
        (frozenset[Form](), rf"[sh](?P<half>[12]) ?[/-]? ?{_YEAR}"),
        (frozenset[Form](), rf"q{_QUARTER} ?[/-]? ?{_YEAR}"),
        ({Form.VIETNAMESE}, rf"(?:cả )?năm {_YEAR}"),
        ({Form.VIETNAMESE}, rf"quý {_QUARTER}{_OF}{_YEAR}"),
        ({Form.VIETNAMESE}, rf"(?:tháng|t) ?{_MONTH}{_OF}{_YEAR}"),
        ({Form.VIETNAMESE}, rf"{_MONTH}/{_YEAR}"),
        ({Form.VIETNAMESE}, rf"6 ?(?:tháng|t) (?P<half>đầu|cuối) năm {_YEAR}"),
        ({Form.VIETNAMESE}, rf"nửa (?P<half>đầu|cuối) năm {_YEAR}"),
    )
)
_HALVES: Final = {"1": 1, "đầu": 1, "2": 2, "cuối": 2}
_VINTAGES: Final = (
    (PRELIMINARY, re.compile(r"(?:số liệu )?sơ bộ (?P<rest>.+)|(?P<rest2>.+?) ?\(?sơ bộ\)?")),
    (PRELIMINARY, re.compile(r"prel(?:\.|iminary)? ?(?P<rest>.+)|(?P<rest2>.+?) ?\(?prel\.?\)?")),
    (ESTIMATE, re.compile(r"ước(?: tính| đạt)? (?P<rest>.+)|(?P<rest2>.+?) ?\(?ước(?: tính)?\)?")),
    (ESTIMATE, re.compile(r"est(?:\.|imated?)? ?(?P<rest>.+)|(?P<rest2>.+?) ?\(?est\.?\)?")),
)
_PARTS: Final = {
    Part.YEAR: re.compile(rf"(?:năm )?{_YEAR}(?:\.0+)?"),
    Part.HALF: re.compile(r"[sh]?(?P<half>[12])(?:\.0+)?|6 tháng (?P<half2>đầu|cuối)(?: năm)?"),
    Part.QUARTER: re.compile(rf"(?:quý |q)?{_QUARTER}(?:\.0+)?"),
    Part.MONTH: re.compile(rf"(?:tháng |[tm])?{_MONTH}(?:\.0+)?"),
}


def read_period(text: str, form: Form = Form.AUTO) -> Written | None:
    """The period that a publisher's text means; None where it is none, or not of this form.

    Accents may be composed or not, spaces of any kind and number, letters of either case. "Sơ bộ"
    and "Ước" (in English "Prel." and "Est.") before or behind a period are its vintage.

    >>> read_period("Quý III/2024")
    Written(period='2024-Q3', vintage='')
    """
    plain = _plain(text)
    if len(plain) > _LONGEST:
        return None
    vintage = ""
    for name, shape in _VINTAGES:
        match = shape.fullmatch(plain)
        if match:
            vintage, plain = name, match["rest"] or match["rest2"]
            break
    if vintage and form in {Form.WORLD_BANK, Form.SDMX}:
        return None
    for forms, shape in _SHAPES:
        if form in {Form.WORLD_BANK, Form.SDMX, Form.VIETNAMESE} and form not in forms:
            continue
        match = shape.fullmatch(plain)
        if match:
            found = match.groupdict()
            return _written(found, form, vintage)
    return None


def read_parts(texts: Mapping[Part, str]) -> Written | None:
    """The period whose parts stand in fields of their own: a year, and what of it.

    >>> read_parts({Part.YEAR: "2024.0", Part.QUARTER: "Quý I"})
    Written(period='2024-Q1', vintage='')
    """
    found: dict[str, str | None] = {}
    for part, text in texts.items():
        match = _PARTS[part].fullmatch(_plain(text))
        if match is None:
            return None
        groups = match.groupdict()
        found[part] = groups[part] or groups.get(f"{part}2")
    return _written(found, Form.AUTO, "")


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).lower().split())


def _written(found: Mapping[str, str | None], form: Form, vintage: str) -> Written | None:
    year, half, quarter, month = (found.get(part) for part in Part)
    if year is None:
        return None
    if half:
        length, period = Form.HALF, f"{year}-H{_HALVES[half]}"
    elif quarter:
        length, period = Form.QUARTER, f"{year}-Q{_ROMAN.get(quarter) or int(quarter)}"
    elif month:
        length, period = Form.MONTH, f"{year}-{int(month):02}"
    else:
        length, period = Form.YEAR, year
    if form in {Form.YEAR, Form.HALF, Form.QUARTER, Form.MONTH} and form is not length:
        return None
    return Written(period, vintage)
