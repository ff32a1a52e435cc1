"""The periods of a reporting duty: a pure function of the duty and the year."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Protocol

from targets.models import ReportingDuty

Frequency = ReportingDuty.Frequency

_MONTHS: Final = {
    Frequency.MONTHLY: 1,
    Frequency.QUARTERLY: 3,
    Frequency.HALF_YEARLY: 6,
    Frequency.YEARLY: 12,
}
_DAY: Final = dt.timedelta(days=1)


class Terms(Protocol):
    """What of a duty its windows follow from."""

    frequency: str
    data_from_month: int
    data_from_day: int
    due_days: int
    opens_days: int


@dataclass(frozen=True, slots=True)
class Window:
    """One period: its name, days of data (both inclusive), when it opens and is due."""

    period: str
    data_from: dt.date
    data_to: dt.date
    opens_on: dt.date
    due_on: dt.date


def windows(duty: Terms, year: int) -> list[Window]:
    """The windows of data that end in `year`, in order: 1, 2, 4 or 12.

    They are named after the day on which they end (`2026`, `2026-H1`, `2026-Q3`, `2026-07`); those
    of all years cover the calendar without gap or overlap.
    """
    return [window for window in _from(duty, year - 1) if window.data_to.year == year]


def open_windows(duty: Terms, today: dt.date, late: int) -> list[Window]:
    """The windows that are open on `today`, or were due at most `late` days before."""
    longest = 1 + (duty.due_days + duty.opens_days + late) // 365
    return [
        window
        for year in range(today.year - longest, today.year + longest + 1)
        for window in windows(duty, year)
        if window.opens_on <= today <= window.due_on + dt.timedelta(days=late)
    ]


def _from(duty: Terms, first_year: int) -> Iterator[Window]:
    """The windows that begin in the two years from `first_year`, in order."""
    step = _MONTHS[Frequency(duty.frequency)]
    months = range(first_year * 12 + duty.data_from_month - 1, (first_year + 2) * 12 + 12, step)
    for month in months:
        begin, after = (
            dt.date(number // 12, number % 12 + 1, duty.data_from_day)
            for number in (month, month + step)
        )
        end = after - _DAY
        due = end + dt.timedelta(days=duty.due_days)
        opens = due - dt.timedelta(days=duty.opens_days)
        yield Window(_name(duty.frequency, end), begin, end, opens, due)


def _name(frequency: str, end: dt.date) -> str:
    match Frequency(frequency):
        case Frequency.YEARLY:
            return f"{end.year}"
        case Frequency.HALF_YEARLY:
            return f"{end.year}-H{(end.month - 1) // 6 + 1}"
        case Frequency.QUARTERLY:
            return f"{end.year}-Q{(end.month - 1) // 3 + 1}"
        case Frequency.MONTHLY:
            return f"{end.year}-{end.month:02}"
