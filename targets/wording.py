"""Days, periods and names as the two languages write them."""

from __future__ import annotations

import datetime as dt
from typing import Final

from django.utils import timezone
from django.utils.translation import get_language

DASH: Final = "\u2013"
MONTHS_EN: Final = (
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
)  # fmt: skip
_QUARTERS_VI = ("I", "II", "III", "IV")
_HALVES_VI = ("6 tháng đầu năm", "6 tháng cuối năm")


def vietnamese() -> bool:
    """Whether the active language is Vietnamese (also when none is active)."""
    return not (get_language() or "vi").startswith("en")


def localised(item: object, field: str) -> str:
    """``item.<field>_vi`` or ``_en`` by the active language; the other where one is empty."""
    first, second = ("vi", "en") if vietnamese() else ("en", "vi")
    return str(getattr(item, f"{field}_{first}") or getattr(item, f"{field}_{second}") or "")


def day(value: dt.date | None) -> str:
    """``22/11/2026`` or ``22 Nov 2026``; a moment is taken in the time zone of the interface."""
    if value is None:
        return DASH
    if isinstance(value, dt.datetime):
        value = timezone.localtime(value).date() if timezone.is_aware(value) else value.date()
    if vietnamese():
        return f"{value.day:02d}/{value.month:02d}/{value.year}"
    return f"{value.day} {MONTHS_EN[value.month - 1]} {value.year}"


def period(text: str | None) -> str:
    """A period as stored (``2025``, ``2025-11``, ``2025-Q3``, ``2025-H1``) as people write it."""
    if not text:
        return DASH
    year, _dash, part = text.partition("-")
    if part[:1] in {"Q", "H"}:
        number = int(part[1:])
        if not vietnamese():
            return f"{part} {year}"
        if part[0] == "Q":
            return f"quý {_QUARTERS_VI[number - 1]}/{year}"
        return f"{_HALVES_VI[number - 1]} {year}"
    if part.isdigit() and 1 <= int(part) <= 12:
        return f"{part}/{year}" if vietnamese() else f"{MONTHS_EN[int(part) - 1]} {year}"
    return text
