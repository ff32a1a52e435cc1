"""Periods as written in files."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from targets.models.observations import PERIOD_PATTERN
from targets.values.periods import period_days
from tests.values.naive import period as naive_period

WRITTEN = st.builds(
    "{}{}".format, st.integers(1800, 2200), st.sampled_from(["", "-"]).flatmap(
        lambda dash: st.just("") if not dash else st.from_regex(r"-[HQ]?\d{1,2}", fullmatch=True)
    ),
)  # fmt: skip


@pytest.mark.parametrize(
    ("written", "first", "last"),
    [
        ("2024", "2024-01-01", "2024-12-31"),
        ("2024-H1", "2024-01-01", "2024-06-30"),
        ("2024-H2", "2024-07-01", "2024-12-31"),
        ("2024-Q1", "2024-01-01", "2024-03-31"),
        ("2024-Q4", "2024-10-01", "2024-12-31"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2023-02", "2023-02-01", "2023-02-28"),
        ("1986-12", "1986-12-01", "1986-12-31"),
    ],
)
def test_first_and_last_day(written: str, first: str, last: str) -> None:
    assert period_days(written) == (dt.date.fromisoformat(first), dt.date.fromisoformat(last))


@pytest.mark.parametrize(
    "written",
    ["", "24", "2024 ", "2024-00", "2024-13", "2024-1", "2024-Q5", "2024-H3", "2024-q1", "1899",
     "2100", "2024/Q1", "２０２４", "2024\n", "năm 2024"],
)  # fmt: skip
def test_what_is_no_period(written: str) -> None:
    assert period_days(written) is None


@given(WRITTEN | st.text(max_size=8))
def test_agrees_with_the_plain_second_implementation(written: str) -> None:
    assert period_days(written) == naive_period(written)


@given(WRITTEN | st.text(max_size=8))
def test_agrees_with_the_rule_of_the_database(written: str) -> None:
    matches = re.fullmatch(PERIOD_PATTERN.removeprefix("^").removesuffix("$"), written)
    assert (period_days(written) is not None) == bool(matches)


@given(WRITTEN)
def test_the_year_is_that_of_the_last_day(written: str) -> None:
    days = period_days(written)
    if days:
        assert days[0] <= days[1]
        assert days[0].day == 1
        assert str(days[1].year) == written[:4]
