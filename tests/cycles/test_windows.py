"""The windows of a duty: they cover the calendar, each named after the day on which it ends."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from targets.reporting.windows import Window, open_windows, windows
from targets.values.periods import period_days

COUNT = {"yearly": 1, "half_yearly": 2, "quarterly": 4, "monthly": 12}


@dataclass
class Duty:
    frequency: str = "yearly"
    data_from_month: int = 12
    data_from_day: int = 15
    due_days: int = 0
    opens_days: int = 60


DUTIES = st.builds(
    Duty,
    frequency=st.sampled_from(sorted(COUNT)),
    data_from_month=st.integers(1, 12),
    data_from_day=st.integers(1, 28),
    due_days=st.integers(0, 400),
    opens_days=st.integers(0, 400),
)
YEARS = st.integers(2001, 2099)
DAYS = st.dates(dt.date(2005, 1, 1), dt.date(2095, 12, 31))


def test_decision_749_counts_from_15_december_to_14_december() -> None:
    assert windows(Duty(), 2026) == [
        Window(
            "2026",
            dt.date(2025, 12, 15),
            dt.date(2026, 12, 14),
            dt.date(2026, 10, 15),
            dt.date(2026, 12, 14),
        )
    ]


def test_half_years_months_and_quarters_of_the_calendar() -> None:
    half = windows(Duty("half_yearly", 1, 1, due_days=15, opens_days=45), 2026)
    assert [(w.period, w.data_from, w.data_to, w.due_on) for w in half] == [
        ("2026-H1", dt.date(2026, 1, 1), dt.date(2026, 6, 30), dt.date(2026, 7, 15)),
        ("2026-H2", dt.date(2026, 7, 1), dt.date(2026, 12, 31), dt.date(2027, 1, 15)),
    ]
    for frequency in ("quarterly", "monthly"):
        for window in windows(Duty(frequency, 1, 1), 2028):
            assert (window.data_from, window.data_to) == period_days(window.period)


@given(DUTIES, YEARS)
def test_the_windows_of_all_years_cover_the_calendar(duty: Duty, year: int) -> None:
    found = [w for one in (year, year + 1, year + 2) for w in windows(duty, one)]
    assert len(found) == 3 * COUNT[duty.frequency]
    for before, after in pairwise(found):
        assert after.data_from == before.data_to + dt.timedelta(days=1)
    assert all(w.data_from <= w.data_to for w in found)
    assert all(w.data_to.year == year for w in windows(duty, year))


@given(DUTIES, YEARS)
def test_a_window_is_named_after_the_day_on_which_it_ends(duty: Duty, year: int) -> None:
    found = windows(duty, year)
    assert len({w.period for w in found}) == len(found)
    for window in found:
        days = period_days(window.period)
        assert days is not None
        assert days[0] <= window.data_to <= days[1]
        assert (window.due_on - window.data_to).days == duty.due_days
        assert (window.due_on - window.opens_on).days == duty.opens_days


@given(DUTIES, DAYS, st.integers(0, 60))
def test_what_is_open_on_a_day_is_found_however_long_it_is_open(
    duty: Duty, today: dt.date, late: int
) -> None:
    grace = dt.timedelta(days=late)
    naive = [
        w
        for year in range(today.year - 4, today.year + 5)
        for w in windows(duty, year)
        if w.opens_on <= today <= w.due_on + grace
    ]
    assert open_windows(duty, today, late) == naive


@pytest.mark.parametrize(
    ("today", "open_"),
    [
        (dt.date(2026, 10, 14), []),
        (dt.date(2026, 10, 15), ["2026"]),
        (dt.date(2026, 12, 14), ["2026"]),
        (dt.date(2027, 1, 14), ["2026"]),
        (dt.date(2027, 1, 15), []),
    ],
)
def test_a_window_is_open_from_its_day_and_a_month_after_it_is_due(
    today: dt.date, open_: list[str]
) -> None:
    assert [w.period for w in open_windows(Duty(), today, 31)] == open_
