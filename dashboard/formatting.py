"""Numbers, dates and units as the two languages write them.

Vietnamese: ``1.234,5``, ``13,2 %`` (narrow no-break space), ``hạng 44``, ``22/11/2026``.
English: ``1,234.5``, ``13.2%``, ``rank 44``, ``22 Nov 2026``. A missing value is an en dash
here; :func:`none` gives the mark-up that also tells a screen reader what is missing.
"""

from __future__ import annotations

import datetime as dt
import math
from decimal import ROUND_HALF_UP, Decimal
from typing import Protocol

from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from targets.wording import DASH, day, localised, period, vietnamese

__all__ = ["DASH", "day", "localised", "period", "vietnamese"]

MINUS = "\u2212"
NARROW_SPACE = "\u202f"
NO_BREAK_SPACE = "\u00a0"

Number = int | float | Decimal

_OPERATORS = {">=": "≥", ">": ">", "<=": "≤", "<": "<"}


class UnitLike(Protocol):
    """What is read of a unit (``targets.Unit`` has it)."""

    @property
    def kind(self) -> str: ...
    @property
    def decimals(self) -> int: ...
    @property
    def symbol_vi(self) -> str: ...
    @property
    def symbol_en(self) -> str: ...


class DemandLike(Protocol):
    """What is read of a target to say what it demands (``targets.Target`` has it)."""

    @property
    def kind(self) -> str: ...
    @property
    def operator(self) -> str: ...
    @property
    def threshold(self) -> Number | None: ...
    @property
    def threshold_max(self) -> Number | None: ...
    @property
    def unit(self) -> UnitLike | None: ...
    @property
    def due_year(self) -> int | None: ...
    @property
    def standing(self) -> bool: ...


def missing(value: object) -> bool:
    """Whether there is no value: ``None`` or NaN. Zero is a value."""
    return value is None or (isinstance(value, float | Decimal) and math.isnan(value))


def none(word: str | None = None) -> SafeString:
    """The en dash of a missing value, with a word for those who do not see it."""
    return format_html(
        '<span class="td-none"><span aria-hidden="true">{}</span>'
        '<span class="visually-hidden">{}</span></span>',
        DASH,
        word or gettext("không có số liệu"),
    )


def number(value: Number | None, decimals: int | None = None, *, trim: bool = False) -> str:
    """A number with grouped thousands.

    ``decimals`` is the number of places shown; ``None`` shows as many as the value has, up to
    three. ``trim`` drops trailing zeros (thresholds: "20 %", not "20,0 %"). Halves round away
    from zero, as readers expect of a printed figure.
    """
    if value is None or missing(value):
        return DASH
    if isinstance(value, int) and not decimals and 0 <= value < 1000:
        return str(value)  # most counts; the way below takes twenty times as long
    places = 3 if decimals is None else decimals
    exact = Decimal(str(value)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    text = f"{abs(exact):,f}"
    if (trim or decimals is None) and "." in text:
        text = text.rstrip("0").rstrip(".")
    if vietnamese():
        text = text.translate(str.maketrans(",.", ".,"))
    return f"{MINUS}{text}" if exact < 0 else text


def signed(value: Number | None, decimals: int | None = None) -> str:
    """A difference: always with its sign, except zero."""
    text = number(value, decimals, trim=True)
    return f"+{text}" if value is not None and not missing(value) and value > 0 else text


def percent(value: Number | None, decimals: int = 1, *, trim: bool = False) -> str:
    """``13,2 %`` or ``13.2%``; the value is already in per cent."""
    if value is None or missing(value):
        return DASH
    return _with_symbol(number(value, decimals, trim=trim), "%")


def rank(value: Number | None) -> str:
    """``hạng 44`` or ``rank 44``."""
    if value is None or missing(value):
        return DASH
    return gettext("hạng %(rank)s") % {"rank": number(value, 0)}


def _with_symbol(text: str, symbol: str) -> str:
    if not symbol:
        return text
    if symbol.startswith("%"):
        return f"{text}{NARROW_SPACE}{symbol}" if vietnamese() else f"{text}{symbol}"
    return f"{text}{NO_BREAK_SPACE}{symbol}"


def symbol(unit: UnitLike | None) -> str:
    """What is written after a number of this unit; empty for ranks and pure numbers."""
    if unit is None or unit.kind in {"rank", "stage"}:
        return ""
    return localised(unit, "symbol")


def quantity(value: Number | None, unit: UnitLike | None, *, trim: bool = False) -> str:
    """A value with its unit: ``14,0 %``, ``hạng 44``, ``50 tổ chức``, ``75/100``."""
    if value is None or missing(value):
        return DASH
    if unit is None:
        return number(value)
    if unit.kind == "rank":
        return rank(value)
    if unit.kind == "stage":
        return f"{number(value, 0)}/100"
    return _with_symbol(number(value, unit.decimals, trim=trim), symbol(unit))


def difference(value: Number | None, unit: UnitLike | None) -> str:
    """A difference between two values of a unit: ``+1,2 điểm``, ``−3 bậc``, ``+4 tổ chức``.

    The sign is that of the numbers: a rank that fell from 80 to 71 moved by ``−9``.
    """
    if value is None or missing(value):
        return DASH
    if unit is None:
        return signed(value)
    if unit.kind == "percent":
        return _with_symbol(signed(value, unit.decimals), gettext("điểm phần trăm"))
    if unit.kind == "rank":
        return _with_symbol(signed(value, 0), gettext("bậc"))
    return _with_symbol(signed(value, unit.decimals), symbol(unit))


def _bound(target: DemandLike) -> str:
    """The threshold alone: ``≥ 20 %``, ``nhóm 50``, ``40–50 tổ chức``."""
    unit, low = target.unit, target.threshold
    if target.operator == "range" and target.threshold_max is not None:
        places = unit.decimals if unit else None
        ends = (number(end, places, trim=True) for end in (low, target.threshold_max))
        return _with_symbol(DASH.join(ends), symbol(unit))
    if unit is not None and unit.kind == "rank" and target.operator in {"<=", "<"}:
        words = _("nhóm %(rank)s") if target.operator == "<=" else _("trên hạng %(rank)s")
        return str(words) % {"rank": number(low, 0)}
    sign = _OPERATORS.get(target.operator, "")
    return f"{sign}{NO_BREAK_SPACE}{quantity(low, unit, trim=True)}".lstrip(NO_BREAK_SPACE)


def demand(target: DemandLike) -> str:
    """What a target demands, in a few words: ``≥ 20 % vào 2025``, ``giảm ≥ 30 % vào 2030``.

    No number is invented for a milestone: it says that the state is to be reached.
    """
    lasting = target.kind in {"growth", "every_year", "keep"}
    if target.kind == "milestone" or target.threshold is None:
        text = gettext("hoàn thành")
    elif target.kind == "relative":
        change = percent(abs(float(target.threshold)), 1, trim=True)
        words = _("giảm ≥ %(change)s") if target.threshold < 0 else _("tăng ≥ %(change)s")
        text = str(words) % {"change": change}
    elif target.kind == "growth":
        yearly = "/" in symbol(target.unit)
        words = _("tăng %(bound)s") if yearly else _("tăng %(bound)s mỗi năm")
        text = str(words) % {"bound": _bound(target)}
    elif target.kind == "every_year":
        text = gettext("%(bound)s hằng năm") % {"bound": _bound(target)}
    elif target.kind == "keep":
        text = gettext("duy trì %(bound)s") % {"bound": _bound(target)}
    else:
        text = _bound(target)
    if target.due_year is None:
        if not target.standing or target.kind in {"every_year", "keep"}:
            return text
        return gettext("%(demand)s, thường xuyên") % {"demand": text}
    by = _("%(demand)s đến %(year)s") if lasting else _("%(demand)s vào %(year)s")
    return str(by) % {"demand": text, "year": target.due_year}


def moment(value: dt.datetime | None) -> str:
    """Time and day, in the time zone of the interface: ``09:05, 22/11/2026``."""
    if value is None:
        return DASH
    local = timezone.localtime(value) if timezone.is_aware(value) else value
    return f"{local:%H:%M}, {day(local.date())}"


def share(part: int, whole: int) -> str:
    """``8 / 27``: a count out of a count."""
    return f"{number(part, 0)}{NO_BREAK_SPACE}/{NO_BREAK_SPACE}{number(whole, 0)}"
