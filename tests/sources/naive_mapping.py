"""Mapping a second time, as plainly as can be: one row after the other, nothing remembered.

Written from the description of a mapping; it knows only what the tables of the tests have in them
(years and Vietnamese quarters, codes of ours as areas).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any

EXACT = Context(prec=400, rounding=ROUND_HALF_EVEN)
MISSING = {"", "..", "NA"}


@dataclass
class Wanted:
    """One series: which rows, where its number stands, what it is multiplied by."""

    series: int
    where: dict[str, Any]
    value: str = "value"
    numerator: str = ""
    denominator: str = ""
    factor: Decimal = Decimal(1)
    percent: bool = False


def text(cell: str | None) -> str:
    return unicodedata.normalize("NFC", cell or "").strip()


def period(written: str) -> str | None:
    if re.fullmatch("(19|20)[0-9]{2}", written):
        return written
    match = re.fullmatch("quý (i|ii|iii|iv|[1-4])/((19|20)[0-9]{2})", written.lower())
    if match:
        quarter = {"i": "1", "ii": "2", "iii": "3", "iv": "4"}.get(match[1], match[1])
        return f"{match[2]}-Q{quarter}"
    return None


def number(
    cell: str, *, decimal: str, thousands: str, factor: Decimal, percent: bool, decimals: int
) -> Decimal | str:
    """The number, or the reason why there is none."""
    written = cell.strip().replace("−", "-").replace("+", "", 1) if "+" in cell[:2] else cell
    written = written.strip().replace("−", "-")
    if percent and written.endswith("%"):
        written = written[:-1].rstrip()
    mantissa, mark, power = written.replace("e", "E").partition("E")
    whole, _point, rest = mantissa.partition(decimal)
    negative = whole.startswith("-")
    whole = whole.removeprefix("-")
    for between in {" ", "\u00a0", "\u202f", thousands} - {""}:
        groups = whole.split(between)
        if len(groups) > 1:
            good = 1 <= len(groups[0]) <= 3 and groups[0][0] != "0"
            good = good and all(len(group) == 3 for group in groups[1:])
            if not good:
                return "number"
            whole = "".join(groups)
            break
    if not re.fullmatch("[0-9]*", whole) or not re.fullmatch("[0-9]*", rest):
        return "number"
    if not whole + rest or (mark and not re.fullmatch("[+-]?[0-9]{1,4}", power)):
        return "number"
    value = Decimal(f"{whole or 0}.{rest or 0}").scaleb(int(power or 0), EXACT)
    value = EXACT.multiply(-value if negative else value, factor)
    if abs(value) >= Decimal(10) ** 16:
        return "too-large"
    rounded = EXACT.quantize(value, Decimal(1).scaleb(-decimals))
    if decimals == 4 and rounded != value:
        return "too-fine"
    return "too-large" if abs(rounded) >= Decimal(10) ** 16 else rounded


def map_rows(
    columns: list[str],
    rows: Iterable[list[str | None]],
    wanted: list[Wanted],
    organisations: dict[str, int],
    *,
    decimal: str,
    thousands: str,
) -> tuple[set[tuple[Any, ...]], list[tuple[int, str, str]]]:
    """Values (place, series, organisation, period, and three numbers), and rejections."""
    values: set[tuple[Any, ...]] = set()
    rejected: list[tuple[int, str, str]] = []
    for place, cells in enumerate(rows, 1):
        row = dict(zip(columns, cells, strict=True))
        for one in wanted:
            if all(text(row[name]) in _any(meant) for name, meant in one.where.items()):
                found = _value(row, one, organisations, decimal, thousands)
                if found and found[0] == "rejected":
                    rejected.append((place, found[1], found[2]))
                elif found:
                    values.add((place, one.series, *found))
    return values, rejected


def _any(meant: object) -> list[str]:
    return [text(str(one)) for one in (meant if isinstance(meant, list) else [meant])]


def _value(
    row: dict[str, str | None],
    one: Wanted,
    organisations: dict[str, int],
    decimal: str,
    thousands: str,
) -> tuple[Any, ...] | None:
    fields = [one.numerator, one.denominator] if one.numerator else [one.value]
    given = [name for name in fields if text(row[name]) not in MISSING]
    if not given:
        return None
    when = period(text(row["period"]))
    if when is None:
        return ("rejected", "period", "period")
    if text(row["area"]) not in organisations:
        return ("rejected", "area", "organisation")
    numbers = []
    for name in given:
        read = number(
            row[name] or "",
            decimal=decimal,
            thousands=thousands,
            factor=one.factor,
            percent=one.percent,
            decimals=4 if one.numerator else 8,
        )
        if isinstance(read, str):
            return ("rejected", name, read)
        numbers.append(read)
    if len(given) < len(fields):
        lacking = next(name for name in fields if name not in given)
        return ("rejected", lacking, "half-ratio")
    written = (None, *numbers) if one.numerator else (*numbers, None, None)
    return (organisations[text(row["area"])], when, *written)
