"""How far a reported value is from the one before it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from targets.models import Indicator, Unit
from targets.reporting.history import History, Year


@dataclass(frozen=True, slots=True)
class Jump:
    """The value before, the difference to it in the unit, and its size.

    size: per cent of the value before; of a value in per cent, points. From zero to something is
    a hundred.
    """

    before: Year
    change: Decimal
    size: float


def previous(history: History, year: int) -> Year | None:
    """The last year before `year`: of the series that the report continues, else the official."""
    for track in (history.own, history.official):
        if track is not None:
            earlier = [one for one in track.years if one.year < year]
            if earlier:
                return earlier[-1]
    return None


def jump(value: Decimal | None, indicator: Indicator, history: History, year: int) -> Jump | None:
    """From the year before to this value; None where one of them is not known."""
    before = previous(history, year)
    if value is None or before is None:
        return None
    change = value - before.value
    if indicator.unit.kind == Unit.Kind.PERCENT:
        size = abs(float(change))
    elif before.value:
        size = abs(float(change / before.value)) * 100
    else:
        size = 100.0 if change else 0.0
    return Jump(before, change, size)
