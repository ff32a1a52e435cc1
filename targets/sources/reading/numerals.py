"""Numbers as sources write them, digit for digit, as plain decimal text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Final, Literal

DecimalMark = Literal[".", ","]
ThousandsMark = Literal["", ".", ",", " ", "'"]

VALUE_DECIMALS: Final = 8  # of a value's column: numeric(24, 8)
RATIO_DECIMALS: Final = 4  # of a numerator's and denominator's: numeric(24, 4)
_WHOLE_DIGITS: Final = 16
_LONGEST: Final = 100
# Enough for every digit of a text of that length, multiplied by any factor of units.
_EXACT: Final = Context(prec=300, rounding=ROUND_HALF_EVEN, Emax=10_000, Emin=-10_000)
_SPACES: Final = " \u00a0\u2007\u2009\u202f"
_MARKS: Final = {".": r"\.", ",": ",", "'": "['’]", " ": f"[{_SPACES}]"}
# Many texts at once, each already as it is to be.
_PLAIN: Final = re.compile(r"-?[0-9]{1,16}(?:\.[0-9]{1,8})?")
_ALL_PLAIN: Final = re.compile(r"(?:-?[0-9]{1,16}(?:\.[0-9]{1,8})?\n)*")


@dataclass(frozen=True)
class Unread:
    """A text that is no number that can be kept; `reason` is a code of `rejecting.REASONS`."""

    reason: str


class Numerals:
    """Reads the numbers of one field.

    Thousands stand apart by the declared mark, or by spaces of any kind, in groups of three. A sign
    before, an exponent behind (1.2E-05) and, with `percent`, a per cent sign are understood. The
    number is multiplied by `factor`. A value (`decimals` 8) is then rounded half to even where it
    has more; a part of a ratio (4) is refused ("too-fine").
    """

    def __init__(
        self,
        *,
        decimal: DecimalMark = ".",
        thousands: ThousandsMark = "",
        factor: Decimal = Decimal(1),
        percent: bool = False,
        decimals: int = VALUE_DECIMALS,
    ) -> None:
        marks = "|".join(sorted({_MARKS[" "], *([_MARKS[thousands]] if thousands else [])}))
        self._form = re.compile(
            r"(?P<sign>[+\-−]?) ?"
            rf"(?P<whole>[0-9]+|[1-9][0-9]{{0,2}}(?P<mark>{marks})[0-9]{{3}}(?:(?P=mark)[0-9]{{3}})*)?"
            rf"(?:{_MARKS[decimal]}(?P<decimals>[0-9]*))?"
            r"(?:[eE](?P<power>[+-]?[0-9]{1,4}))?"
            rf"{rf'[{_SPACES}]?(?P<percent>%)?' if percent else ''}"
        )
        self._decimal = decimal
        self._factor = factor
        self._decimals = decimals
        # What many texts at once may be without being read one by one.
        self._as_written = decimal == "." and factor == 1 and decimals == VALUE_DECIMALS

    def all_plain(self, texts: Sequence[str | None]) -> bool:
        """Whether every text is a number that `read` would return as it stands."""
        if not self._as_written or not all(texts):
            return False
        lines = "\n".join(texts) + "\n"  # type: ignore[arg-type]  # none is None
        return bool(_ALL_PLAIN.fullmatch(lines)) and lines.count("\n") == len(texts)

    def read(self, text: str) -> str | Unread:
        """The number in plain decimal text ("-98.50"), or why there is none."""
        plain = text.strip()
        if self._decimal == "." and _PLAIN.fullmatch(plain):
            if self._as_written:
                return plain
        elif (written := self._plainly(plain)) is None:
            return Unread("number")
        else:
            plain = written
        value = _EXACT.multiply(Decimal(plain), self._factor)
        if value and value.adjusted() >= _WHOLE_DIGITS:
            return Unread("too-large")
        if int(value.as_tuple().exponent) < -self._decimals:
            rounded = _EXACT.quantize(value, Decimal((0, (1,), -self._decimals)))
            if self._decimals == RATIO_DECIMALS and rounded != value:
                return Unread("too-fine")
            value = rounded
            if value.adjusted() >= _WHOLE_DIGITS:
                return Unread("too-large")
        return f"{value:f}" if value else "0"

    def _plainly(self, text: str) -> str | None:
        """A number as Decimal reads it."""
        match = self._form.fullmatch(text) if len(text) <= _LONGEST else None
        if match is None or not (match["whole"] or match["decimals"]):
            return None
        whole = match["whole"] or "0"
        if match["mark"]:
            whole = whole.replace(match["mark"], "")
        sign = "-" if match["sign"] in {"-", "−"} else ""
        return f"{sign}{whole}.{match['decimals'] or ''}E{match['power'] or 0}"
