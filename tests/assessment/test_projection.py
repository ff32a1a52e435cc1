"""The trend beside the verdict."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest
from scipy.stats import theilslopes

from targets.assessment.projection import SORT_TEN
from tests.assessment.build import verdict


def line(first: int, last: int, start: float, step: float) -> dict[int, float]:
    return {year: start + step * (year - first) for year in range(first, last + 1)}


def test_a_straight_series_goes_on_straight() -> None:
    row = verdict(line(2020, 2024, 10, 2), threshold=30, due_year=2028)
    assert row["projected_value"] == row["projected_low"] == row["projected_high"] == 26
    assert row["projected_year"] == 2030
    assert row["projection_reason"] == ""


@pytest.mark.parametrize("years", [(2020, 2021, 2024), (2018, 2019, 2021, 2024),
                                   (2015, 2018, 2019, 2021, 2024)])  # fmt: skip
def test_slope_and_interval_are_those_of_the_published_estimator(years: tuple[int, ...]) -> None:
    rng = np.random.default_rng(len(years))
    for _ in range(50):
        cells = rng.normal(30, 5, len(years)).round(2).tolist()
        row = verdict(dict(zip(years, cells, strict=True)), threshold=500, due_year=2030)
        slope, _intercept, low, high = theilslopes(cells, years, alpha=0.95)
        assert row["projected_value"] == pytest.approx(cells[-1] + 6 * slope)
        assert row["projected_low"] == pytest.approx(cells[-1] + 6 * low)
        assert row["projected_high"] == pytest.approx(cells[-1] + 6 * high)


def test_only_the_last_five_observations_count() -> None:
    values = {2010: 900.0, 2012: -900.0} | line(2020, 2024, 10, 1)
    assert verdict(values, due_year=2026)["projected_value"] == 16
    gap = {2005: 900.0} | {2014: 10.0, 2016: 12.0, 2018: 14.0, 2020: 16.0, 2024: 20.0}
    assert verdict(gap, threshold=90, due_year=2026)["projected_value"] == 22


def test_two_observations_are_too_few() -> None:
    row = verdict({2020: 10, 2024: 14})
    assert row["projection_reason"] == "too_few_values"
    assert row["projected_value"] is row["projected_low"] is row["projected_year"] is None
    assert verdict({2020: 10, 2022: 12, 2024: 14})["projected_value"] == 15


def test_after_the_due_year_only_the_year_is_projected() -> None:
    row = verdict(line(2021, 2025, 10, 1), "2026-06-30")
    assert (row["projected_value"], row["projected_year"]) == (None, 2031)
    assert row["projection_reason"] == "due"


def test_a_standing_duty_has_no_year_to_project_to() -> None:
    row = verdict(line(2020, 2024, 10, 1), due_year=None)
    assert (row["projected_value"], row["projected_year"]) == (None, 2030)
    assert row["projection_reason"] == "no_due_year"


@pytest.mark.parametrize("step", [0.0, -0.5])
def test_a_trend_that_leads_elsewhere(step: float) -> None:
    row = verdict(line(2020, 2024, 10, step))
    assert row["projected_value"] == pytest.approx(10 + 5 * step)
    assert (row["projected_year"], row["projection_reason"]) == (None, "away")
    row = verdict(line(2021, 2025, 10, step), "2026-01-01")
    assert row["projection_reason"] == "due,away"


def test_a_year_more_than_a_century_away_is_not_given() -> None:
    row = verdict(line(2020, 2024, 0, 1), threshold=104)
    assert row["projected_year"] == 2124
    row = verdict(line(2020, 2024, 0, 1), threshold=104.5)
    assert (row["projected_year"], row["projection_reason"]) == (None, "far")


@pytest.mark.parametrize(
    ("operator", "threshold", "year"),
    [(">=", 16, 2026), (">", 16, 2027), (">=", 16.1, 2027), (">", 14, 2025), (">=", 14, 2024)],
)
def test_the_first_year_that_meets_the_threshold(
    operator: str, threshold: float, year: int
) -> None:
    row = verdict(line(2020, 2024, 10, 1), operator=operator, threshold=threshold)
    assert row["projected_year"] == year


def test_falling_trends_meet_falling_thresholds() -> None:
    row = verdict(line(2020, 2024, 10, -1), operator="<=", threshold=3)
    assert (row["projected_year"], row["projected_value"]) == (2027, 5)


def test_slopes_that_cancel_out_are_flat() -> None:
    # The two middle slopes are -0.3 and 0.3, but for their last bits.
    values = {2020: 6.3, 2022: 4.1, 2023: 4.4, 2024: 5.1}
    assert (5.1 - 6.3) / 4 + (4.4 - 4.1) / 1 != 0
    assert verdict(values)["projection_reason"] == "away"


def test_growth_is_not_projected() -> None:
    row = verdict(line(2020, 2024, 5, 1), kind="growth", threshold=9)
    assert (row["projected_value"], row["projection_reason"]) == (None, "growth")


def test_a_relative_target_without_threshold_has_a_value_but_no_year() -> None:
    row = verdict(line(2020, 2024, 0, 1), kind="relative", threshold=30)
    assert (row["projected_value"], row["projection_reason"]) == (5, "no_threshold")


def test_ranks_and_stages_stay_on_their_scale() -> None:
    rank: dict[str, Any] = {"kind": "rank", "operator": "<=", "threshold": 5, "due_year": 2030}
    row = verdict(line(2020, 2024, 50, -9), **rank)
    assert row["projected_value"] == row["projected_low"] == 1
    assert row["projected_year"] == 2025
    stage = verdict(line(2020, 2024, 0, 20), kind="milestone", threshold=None, due_year=2030)
    assert stage["projected_value"] == 100


def test_the_projection_never_changes_the_status() -> None:
    rising = verdict({2020: 10, 2021: 2, 2022: 4, 2023: 8, 2024: 14})
    falling = verdict({2020: 10, 2021: 40, 2022: 30, 2023: 20, 2024: 14}, threshold=41)
    assert rising["projected_value"] > 14 > falling["projected_value"]
    assert rising["status"] == falling["status"] == "off_track"


def test_the_comparators_sort_every_ten_numbers() -> None:
    # A network that sorts all sequences of zeros and ones sorts everything (Knuth, 5.3.4, Z).
    rows = np.array(list(product((0, 1), repeat=10))).T
    for i, j in SORT_TEN:
        rows[i], rows[j] = np.minimum(rows[i], rows[j]), np.maximum(rows[i], rows[j])
    assert (np.diff(rows, axis=0) >= 0).all()
