"""Growth, every_year and keep: each rule at its boundary."""

from __future__ import annotations

from typing import Any

import pytest

from tests.assessment.build import verdict


def outcome(values: dict[int, float], today: str = "2024-06-30", **changes: Any) -> tuple[str, str]:
    row = verdict(values, today, **changes)
    return row["status"], row["reason_code"]


GROWTH: dict[str, Any] = {"kind": "growth", "threshold": 7}


def test_growth_is_the_mean_of_the_rates_after_the_document() -> None:
    row = verdict({2019: 50, 2020: 50, 2021: 6, 2022: 7, 2024: 8}, **GROWTH)
    assert (row["mean_rate"], row["years_known"], row["pace"]) == (7, 3, 1)
    assert (row["status"], row["reason_code"]) == ("on_track", "growth_on_path")
    assert (row["required_value"], row["baseline_year"]) == (7, 2020)


def test_growth_counts_from_a_stated_baseline_year() -> None:
    row = verdict({2021: 50, 2022: 50, 2023: 6, 2024: 8}, **GROWTH, baseline_year=2022)
    assert (row["mean_rate"], row["baseline_year"]) == (7, 2022)


@pytest.mark.parametrize(
    ("rate", "expected"),
    [
        (6.65, "on_track"),
        (6.64, "at_risk"),
        (4.2, "at_risk"),
        (4.19, "off_track"),
        (-1, "off_track"),
    ],
)
def test_growth_is_graded_by_its_pace(rate: float, expected: str) -> None:
    assert outcome({2024: rate}, **GROWTH)[0] == expected


def test_growth_is_achieved_or_missed_only_once_due() -> None:
    values = {2021: 9.0, 2024: 9.0, 2025: 3.0, 2026: -50.0}
    assert outcome(values, "2025-12-31", **GROWTH)[0] == "on_track"
    assert outcome(values, "2026-01-01", **GROWTH) == ("achieved", "growth_met")
    assert outcome(values | {2025: 2.9}, "2026-01-01", **GROWTH) == ("missed", "growth_missed")
    assert outcome({2021: 9.0, 2024: 9.0}, "2026-01-01", **GROWTH) == (
        "insufficient", "no_due_value",
    )  # fmt: skip


def test_growth_means_are_not_thrown_off_by_binary_fractions() -> None:
    values = {2023: 0.1, 2024: 0.2, 2025: 0.3}
    assert outcome(values, "2026-01-01", kind="growth", threshold=0.2)[0] == "achieved"
    for operator, status in (("<=", "achieved"), (">", "missed"), ("<", "missed")):
        demand = {"kind": "growth", "threshold": 0.2, "operator": operator}
        assert outcome(values, "2026-01-01", **demand)[0] == status
    assert outcome({2023: 0.1, 2024: 0.2, 2025: -0.3}, "2026-01-01", kind="growth",
                   threshold=0)[0] == "achieved"  # fmt: skip


def test_growth_in_a_range_is_met_from_its_lower_bound() -> None:
    demand: dict[str, Any] = {
        "kind": "growth",
        "operator": "range",
        "threshold": 16,
        "threshold_max": 18,
    }
    assert outcome({2025: 16}, "2026-01-01", **demand)[0] == "achieved"
    assert outcome({2025: 25}, "2026-01-01", **demand)[0] == "achieved"
    assert verdict({2024: 12}, **demand)["pace"] == pytest.approx(0.75)


def test_a_shrinking_that_is_demanded_has_a_pace() -> None:
    row = verdict({2024: -3}, kind="growth", operator="<=", threshold=-5)
    assert (row["status"], row["pace"]) == ("at_risk", pytest.approx(0.6))


@pytest.mark.parametrize(
    ("operator", "threshold", "rate", "expected"),
    [
        (">=", 0, 0, "on_track"),
        (">=", 0, -0.1, "off_track"),
        (">=", -2, -2, "on_track"),
        (">=", -2, -3, "off_track"),
        ("<=", 4, 3.9, "on_track"),
        ("<=", 4, 4.1, "off_track"),
        ("<", 4, 4, "off_track"),
    ],
)
def test_growth_without_a_ratio_holds_or_does_not(
    operator: str, threshold: float, rate: float, expected: str
) -> None:
    row = verdict({2024: rate}, kind="growth", operator=operator, threshold=threshold)
    assert (row["status"], row["pace"], row["pace_reason"]) == (expected, None, "threshold_sign")


def test_growth_with_nothing_to_average() -> None:
    assert outcome({2019: 8, 2020: 9}, **GROWTH) == ("insufficient", "no_value_in_period")
    assert outcome({2019: 8, 2026: 9}, "2027-01-01", **GROWTH)[1] == "no_value_in_period"
    row = verdict({2024: 9}, **GROWTH, document_year=None)
    assert (row["reason_code"], row["pace"], row["pace_reason"]) == (
        "no_start_year", None, "no_start_year",
    )  # fmt: skip
    assert outcome({}, **GROWTH) == ("no_data", "no_value")


def test_growth_without_a_due_year_keeps_running() -> None:
    assert outcome({2024: 9}, "2080-01-01", **GROWTH, due_year=None) == (
        "on_track", "growth_on_path",
    )  # fmt: skip


def test_a_growth_pace_too_large_to_be_written() -> None:
    row = verdict({2024: -1e100}, kind="growth", threshold=5e-324)
    assert (row["status"], row["pace"], row["pace_reason"]) == ("off_track", None, "out_of_range")


FLOOR: dict[str, Any] = {"kind": "every_year", "threshold": 3}


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({2019: 1, 2020: 3, 2022: 3.1}, ("on_track", "every_year_so_far")),
        ({2020: 2.9, 2022: 3}, ("at_risk", "every_year_broken")),
        ({2020: 3, 2022: 2.9}, ("off_track", "every_year_fails")),
        ({2020: 2.9, 2022: 2.9}, ("off_track", "every_year_fails")),
        ({2018: 5, 2019: 2}, ("insufficient", "no_value_in_period")),
        ({}, ("no_data", "no_value")),
    ],
)
@pytest.mark.parametrize("due_year", [2025, None])
def test_every_year_before_the_due_year_or_without_one(
    values: dict[int, float], expected: tuple[str, str], due_year: int | None
) -> None:
    assert outcome(values, **FLOOR, due_year=due_year) == expected


def test_every_year_once_due() -> None:
    held = {2020: 3.0, 2024: 4.0, 2025: 3.0}
    assert outcome(held, "2026-01-01", **FLOOR) == ("achieved", "every_year_held")
    assert outcome(held | {2026: 1}, "2027-01-01", **FLOOR)[0] == "achieved"
    row = verdict(held | {2022: 2.9}, "2026-01-01", **FLOOR)
    assert (row["status"], row["reason_code"], row["event_year"]) == (
        "missed", "every_year_missed", 2022,
    )  # fmt: skip
    assert (row["years_known"], row["years_held"]) == (4, 3)


def test_every_year_once_due_without_the_due_year() -> None:
    assert outcome({2020: 3, 2024: 3}, "2026-01-01", **FLOOR)[1] == "no_due_value"
    assert outcome({2020: 3, 2024: 3}, "2026-01-01", **FLOOR, interval_years=2)[0] == "achieved"
    # A year that failed cannot be undone by a value to come.
    assert outcome({2020: 2, 2024: 3}, "2026-01-01", **FLOOR)[0] == "missed"


def test_every_year_needs_the_year_of_the_document() -> None:
    demand = FLOOR | {"document_year": None, "baseline_year": 2018, "baseline_value": 1.0}
    assert outcome({2024: 3}, **demand) == ("insufficient", "no_start_year")


@pytest.mark.parametrize(("operator", "kept"), [("<=", True), ("<", False)])
def test_every_year_ceilings(operator: str, kept: bool) -> None:
    expected = "on_track" if kept else "off_track"
    assert outcome({2021: 1, 2024: 3}, **FLOOR, operator=operator)[0] == expected


KEEP: dict[str, Any] = {"kind": "keep", "operator": ">", "threshold": 0.7}


@pytest.mark.parametrize("due_year", [2025, None])
def test_keep_looks_at_the_latest_value_alone(due_year: int | None) -> None:
    assert outcome({2020: 0.6, 2024: 0.71}, **KEEP, due_year=due_year) == ("on_track", "kept")
    assert outcome({2020: 0.8, 2024: 0.7}, **KEEP, due_year=due_year) == ("off_track", "not_kept")
    row = verdict({2024: 0.71}, **KEEP, due_year=due_year)
    assert (row["pace"], row["pace_reason"]) == (None, "kind_without_pace")
    assert (row["required_value"], row["baseline_year"]) == (0.7, None)


def test_keep_once_due_is_judged_by_the_due_year() -> None:
    assert outcome({2025: 0.71, 2026: 0.5}, "2027-01-01", **KEEP) == ("achieved", "met_at_due")
    assert outcome({2024: 0.8, 2025: 0.7}, "2026-01-01", **KEEP) == ("missed", "missed_at_due")
    assert outcome({2025: 0.7, 2026: 0.8}, "2027-01-01", **KEEP) == ("missed", "met_late")
    assert outcome({2024: 0.8}, "2026-01-01", **KEEP) == ("insufficient", "no_due_value")
