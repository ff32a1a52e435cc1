"""Public holidays of Vietnam, and the day on which a reminder is sent because of them."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import Final

import holidays

_DAY: Final = dt.timedelta(days=1)
_WEEKEND: Final = (5, 6)
#: A reminder that a holiday puts off must leave at least so many days until the due day.
ENOUGH_DAYS: Final = 3


@lru_cache(maxsize=16)
def _of_year(year: int) -> frozenset[dt.date]:
    return frozenset(holidays.country_holidays("VN", years=year))


def is_holiday(day: dt.date) -> bool:
    """Whether it is a public holiday, Tết and days off in lieu included; a weekend is none."""
    return day in _of_year(day.year)


def send_day(due_on: dt.date, ahead: int) -> dt.date:
    """The day on which people are reminded `ahead` days before the due day (negative: after it).

    Nobody is written to on a public holiday. What would fall on one comes on the next working day.
    Where that would leave less than three days (before Tết, say), it comes on the last working day
    before the holiday instead, while there is somebody at work to act on it; so do the reminders of
    the last three days. Weekends are no reason to wait: a due day does not wait for them either.
    """
    day = due_on - ahead * _DAY
    if not is_holiday(day):
        return day
    after = _working(day, _DAY)
    if ahead < 0 or (due_on - after).days >= ENOUGH_DAYS:
        return after
    return _working(day, -_DAY)


def _working(day: dt.date, step: dt.timedelta) -> dt.date:
    while is_holiday(day) or day.weekday() in _WEEKEND:
        day += step
    return day
