"""Periods as written in files: `2024`, `2024-H1`, `2024-Q3`, `2024-07`."""

from __future__ import annotations

import calendar
import datetime as dt
import re

_FORM = re.compile(r"((?:19|20)[0-9]{2})(?:-(?:H([12])|Q([1-4])|(0[1-9]|1[0-2])))?")


def period_days(period: str) -> tuple[dt.date, dt.date] | None:
    """First and last day of a period, or None where it is not one.

    >>> period_days("2024-Q3")
    (datetime.date(2024, 7, 1), datetime.date(2024, 9, 30))
    """
    match = _FORM.fullmatch(period)
    if match is None:
        return None
    year, half, quarter, month = (int(part) if part else None for part in match.groups())
    assert year is not None  # noqa: S101 (the form has one)
    if half:
        first, last = 6 * half - 5, 6 * half
    elif quarter:
        first, last = 3 * quarter - 2, 3 * quarter
    elif month:
        first = last = month
    else:
        first, last = 1, 12
    return dt.date(year, first, 1), dt.date(year, last, calendar.monthrange(year, last)[1])
