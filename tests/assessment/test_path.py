"""Level, rank, count, relative, milestone: each rule at its boundary."""

from __future__ import annotations

from typing import Any

import pytest

from targets.assessment import Method
from tests.assessment.build import verdict


def outcome(values: dict[int, float], today: str = "2024-06-30", **changes: Any) -> tuple[str, str]:
    row = verdict(values, today, **changes)
    return row["status"], row["reason_code"]


# Met


@pytest.mark.parametrize(
    ("operator", "value", "met"),
    [
        (">=", 20.0, True),
        (">=", 19.99, False),
        (">", 20.0, False),
        (">", 20.01, True),
        ("<=", 20.0, True),
        ("<=", 20.01, False),
        ("<", 20.0, False),
        ("<", 19.99, True),
        ("range", 20.0, True),
        ("range", 19.99, False),
        ("range", 31.0, True),  # from the lower bound up, beyond the upper one too
    ],
)
def test_strict_stays_strict(operator: str, value: float, met: bool) -> None:
    start = 40.0 if operator in {"<", "<="} else 10.0
    row = verdict({2020: start, 2024: value}, operator=operator, threshold_max=30.0)
    assert (row["status"] == "achieved") is met
    row = verdict({2020: start, 2025: value}, "2026-01-01", operator=operator)
    assert row["status"] == ("achieved" if met else "missed")


def test_a_rank_is_better_when_lower() -> None:
    values = {2020: 86.0, 2024: 50.0}
    assert outcome(values, kind="rank", operator="<=", threshold=50) == ("achieved", "met")
    row = verdict({2020: 86.0, 2024: 71.0}, kind="rank", operator="<=", threshold=50)
    assert (row["status"], row["reason_code"]) == ("off_track", "behind_path")
    assert row["attained"] == pytest.approx(15 / 36)
    assert row["required_value"] == pytest.approx(57.2)


# Due


@pytest.mark.parametrize(
    ("today", "expected"),
    [("2025-12-31", ("on_track", "near_path")), ("2026-01-01", ("missed", "missed_at_due"))],
)
def test_due_begins_on_the_day_after_the_due_year(today: str, expected: tuple[str, str]) -> None:
    assert outcome({2020: 10, 2025: 19.9}, today) == expected


def test_met_before_the_due_year_is_achieved_until_a_later_value_fails() -> None:
    assert outcome({2020: 10, 2023: 21}) == ("achieved", "met")
    row = verdict({2020: 10, 2022: 21, 2023: 22, 2024: 19.9})
    assert (row["status"], row["reason_code"]) == ("off_track", "no_longer_met")
    assert row["event_year"] == 2023


def test_the_value_of_the_due_year_is_the_last_within_the_publication_interval() -> None:
    values = {2020: 10.0, 2023: 30.0, 2024: 21.0}
    row = verdict(values, "2026-06-30", interval_years=2)
    assert (row["status"], row["due_value_year"], row["due_value"]) == ("achieved", 2024, 21)
    assert outcome(values, "2026-06-30", interval_years=1) == ("insufficient", "no_due_value")
    assert outcome({2023: 30.0}, "2026-06-30", interval_years=2)[1] == "no_due_value"
    assert outcome({2023: 30.0}, "2026-06-30", interval_years=3)[0] == "achieved"


def test_a_later_value_does_not_change_a_missed_verdict_but_is_named() -> None:
    row = verdict({2020: 10, 2025: 19, 2026: 19.5, 2027: 21, 2028: 22}, "2029-01-01")
    assert (row["status"], row["reason_code"], row["event_year"]) == ("missed", "met_late", 2027)
    assert (row["due_value_year"], row["latest_year"]) == (2025, 2028)
    assert row["pace"] == pytest.approx(0.9)
    assert outcome({2020: 10, 2025: 19, 2026: 19.5}, "2027-01-01")[1] == "missed_at_due"


def test_a_later_value_does_not_undo_an_achieved_verdict() -> None:
    assert outcome({2020: 10, 2025: 20, 2026: 12}, "2027-01-01") == ("achieved", "met_at_due")


def test_without_a_value_of_the_due_year_there_is_neither_verdict_nor_pace() -> None:
    row = verdict({2020: 10, 2024: 25, 2026: 30}, "2027-01-01")
    assert (row["status"], row["reason_code"]) == ("insufficient", "no_due_value")
    assert row["pace"] is row["attained"] is row["expected"] is row["required_value"] is None
    assert row["pace_reason"] == "no_due_value"


def test_a_value_of_a_year_to_come_is_not_known_yet() -> None:
    row = verdict({2020: 10, 2023: 15, 2025: 40}, "2024-12-31")
    assert (row["latest_year"], row["status"]) == (2023, "at_risk")
    assert outcome({2025: 40}, "2024-12-31") == ("no_data", "no_value")


# Pace


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (18.0, ("on_track", "on_path")),
        (17.9, ("on_track", "near_path")),
        (17.6, ("on_track", "near_path")),  # 0.95 exactly
        (17.59, ("at_risk", "behind_path")),
        (14.8, ("at_risk", "behind_path")),  # 0.60 exactly
        (14.79, ("off_track", "behind_path")),
        (10.0, ("off_track", "behind_path")),
        (9.99, ("off_track", "moving_away")),
    ],
)
def test_status_changes_at_the_limits_of_the_method(
    value: float, expected: tuple[str, str]
) -> None:
    assert outcome({2020: 10, 2024: value}) == expected


def test_another_method_has_other_limits() -> None:
    row = verdict({2020: 10, 2024: 14.0}, method=Method("2", 0.5, 0.4))
    assert row["status"] == "on_track"
    assert verdict({2020: 10, 2024: 14.0}, method=Method("2", 0.6, 0.5))["status"] == "at_risk"


@pytest.mark.parametrize("limits", [(0.6, 0.95), (0.5, 0.5), (1.1, 0.5), (0.9, 0.0)])
def test_a_method_in_disorder_is_refused(limits: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="at_risk_from"):
        Method("x", *limits)


def test_pace_and_the_value_needed_lie_on_the_straight_line() -> None:
    row = verdict({2020: 10, 2024: 14})
    assert row["attained"] == pytest.approx(0.4)
    assert row["expected"] == pytest.approx(0.8)
    assert row["pace"] == pytest.approx(0.5)
    assert row["required_value"] == pytest.approx(18)
    assert (row["baseline_year"], row["baseline_value"]) == (2020, 10)


def test_falling_indicators_have_the_same_pace() -> None:
    row = verdict({2020: 30, 2024: 22}, operator="<=", threshold=20)
    assert (row["status"], row["pace"]) == ("on_track", pytest.approx(1.0))
    assert outcome({2020: 30, 2024: 31}, operator="<=", threshold=20)[1] == "moving_away"


def test_cagr_compares_compound_growth() -> None:
    row = verdict({2020: 100, 2022: 121}, threshold=200, due_year=2030, pace_method="cagr")
    assert row["pace"] == pytest.approx(0.1 / (2**0.1 - 1))
    assert row["required_value"] == pytest.approx(100 * 2**0.2)
    assert row["attained"] == pytest.approx(0.21)
    assert row["pace_reason"] == ""
    falling = verdict(
        {2020: 100, 2022: 81}, threshold=50, due_year=2030, operator="<=", pace_method="cagr"
    )
    assert falling["pace"] == pytest.approx(-0.1 / (0.5**0.1 - 1))


@pytest.mark.parametrize(
    ("values", "threshold"),
    [({2020: 0, 2024: 8}, 10), ({2020: -1, 2024: 7}, 10), ({2020: -20, 2024: -12}, -10)],
)
def test_cagr_that_is_undefined_falls_back_to_the_line_and_says_so(
    values: dict[int, float], threshold: float
) -> None:
    row = verdict(values, threshold=threshold, pace_method="cagr")
    assert row["pace_reason"] == "cagr_undefined"
    assert row["pace"] == pytest.approx(row["attained"] / row["expected"])


def test_cagr_of_a_value_that_fell_to_zero() -> None:
    row = verdict({2020: 10, 2024: 0}, pace_method="cagr")
    assert (row["reason_code"], row["pace_reason"]) == ("moving_away", "cagr_undefined")


# Baseline


def test_baseline_is_the_last_observation_at_or_before_the_document() -> None:
    values = {2017: 1.0, 2019: 10.0, 2021: 12.0, 2024: 14.0}
    assert verdict(values)["baseline_year"] == 2019
    assert verdict(values | {2020: 11.0})["baseline_year"] == 2020


def test_baseline_is_else_the_first_observation_after_the_document() -> None:
    row = verdict({2021: 12.0, 2022: 13.0, 2024: 14.0})
    assert (row["baseline_year"], row["baseline_value"]) == (2021, 12)


def test_a_stated_baseline_comes_first() -> None:
    row = verdict({2020: 12.0, 2024: 14.0}, baseline_year=2018, baseline_value=8.0)
    assert (row["baseline_year"], row["baseline_value"]) == (2018, 8)
    assert row["expected"] == pytest.approx(6 / 7)


def test_a_baseline_stated_in_part_is_completed() -> None:
    values = {2016: 7.0, 2019: 9.0, 2024: 14.0}
    row = verdict(values, baseline_year=2018)
    assert (row["baseline_year"], row["baseline_value"]) == (2016, 7)
    row = verdict(values, baseline_value=8.5)
    assert (row["baseline_year"], row["baseline_value"]) == (2020, 8.5)


def test_only_the_baseline_is_not_enough_for_a_pace() -> None:
    row = verdict({2020: 12.0})
    assert (row["status"], row["reason_code"]) == ("insufficient", "only_baseline")
    assert (row["attained"], row["expected"], row["pace"]) == (0, 0, None)
    assert outcome({2020: 25.0}) == ("achieved", "met")


def test_a_stated_baseline_later_than_every_value() -> None:
    row = verdict({2019: 12.0}, baseline_year=2022, baseline_value=15.0)
    assert (row["status"], row["reason_code"]) == ("insufficient", "baseline_after_values")
    assert row["attained"] is row["expected"] is None
    # Even one that meets the threshold: that the older value did not is no loss.
    row = verdict({2019: 12.0}, baseline_year=2022, baseline_value=25.0)
    assert row["reason_code"] == "baseline_after_values"


def test_no_year_to_start_from() -> None:
    values = {2018: 10.0, 2024: 14.0}
    assert outcome(values, document_year=None) == ("insufficient", "no_start_year")
    assert outcome({2024: 21.0}, document_year=None) == ("achieved", "met")
    assert outcome({2018: 21.0, 2024: 14.0}, document_year=None)[1] == "no_longer_met"


def test_a_baseline_that_meets_the_threshold_leaves_no_way_to_go() -> None:
    row = verdict({2020: 25.0, 2024: 26.0})
    assert (row["status"], row["pace_reason"]) == ("achieved", "baseline_meets_threshold")
    assert row["pace"] is row["attained"] is None
    assert row["required_value"] == 20
    row = verdict({2020: 25.0, 2024: 19.0})
    assert (row["reason_code"], row["event_year"], row["pace"]) == ("no_longer_met", 2020, None)


def test_a_value_met_before_the_baseline_met_no_demand() -> None:
    assert outcome({2015: 25.0, 2020: 10.0, 2024: 14.0})[1] == "behind_path"


def test_baseline_on_a_strict_threshold() -> None:
    row = verdict({2020: 20.0, 2024: 20.0}, operator=">")
    assert (row["status"], row["reason_code"]) == ("insufficient", "baseline_equals_threshold")
    assert row["attained"] is row["pace"] is None
    assert outcome({2020: 20.0, 2024: 19.0}, operator=">") == ("off_track", "moving_away")
    assert outcome({2020: 20.0, 2024: 20.1}, operator=">") == ("achieved", "met")
    assert outcome({2020: 20.0, 2024: 19.0}, operator=">=")[1] == "no_longer_met"


def test_a_baseline_in_or_after_the_due_year_gives_no_path() -> None:
    row = verdict({2025: 12.0}, "2025-12-31", document_year=2025)
    assert (row["reason_code"], row["expected"]) == ("only_baseline", None)
    row = verdict({2025: 12.0}, "2026-12-31", baseline_year=2027, baseline_value=5.0)
    assert (row["status"], row["pace_reason"]) == ("missed", "baseline_after_values")


# No due year


def test_a_standing_level_is_achieved_or_cannot_be_judged() -> None:
    assert outcome({2020: 10, 2024: 21}, due_year=None) == ("achieved", "met")
    row = verdict({2020: 10, 2024: 14}, "2090-01-01", due_year=None)
    assert (row["status"], row["reason_code"]) == ("insufficient", "no_due_year")
    assert (row["attained"], row["expected"], row["required_value"]) == (pytest.approx(0.4), None,
                                                                        None)  # fmt: skip
    assert outcome({2020: 21, 2024: 14}, due_year=None)[1] == "no_due_year"
    assert outcome({2024: 14}, due_year=None, document_year=None)[1] == "no_due_year"


# Relative


def test_relative_moves_the_baseline_by_a_share() -> None:
    cut: dict[str, Any] = {"kind": "relative", "operator": "<=", "threshold": -30}
    row = verdict({2020: 200, 2024: 152}, **cut)
    assert row["effective_threshold"] == 140
    assert row["pace"] == pytest.approx(1.0)
    assert outcome({2020: 200, 2025: 140}, "2026-01-01", **cut) == ("achieved", "met_at_due")
    assert outcome({2020: 200, 2025: 140.1}, "2026-01-01", **cut)[0] == "missed"
    assert outcome({2020: 200, 2025: 140}, "2026-01-01", **(cut | {"operator": "<"}))[0] == "missed"


@pytest.mark.parametrize(
    ("base", "change", "value"),
    [(10, 10, 11), (12.3, 10, 13.53), (0.7, 30, 0.91), (81, 12.5, 91.125)],
)
def test_relative_thresholds_are_not_thrown_off_by_binary_fractions(
    base: float, change: float, value: float
) -> None:
    demand: dict[str, Any] = {"kind": "relative", "threshold": change}
    assert outcome({2020: base, 2024: value}, **demand)[0] == "achieved"
    assert outcome({2020: base, 2024: value}, **demand, operator=">")[0] != "achieved"


@pytest.mark.parametrize("base", [0.0, -10.0])
@pytest.mark.parametrize("today", ["2024-06-30", "2026-06-30"])
def test_relative_to_zero_or_less_has_no_meaning(base: float, today: str) -> None:
    for due_year in (2025, None):
        row = verdict(
            {2020: base, 2025: 5, 2024: 5}, today, kind="relative", threshold=30, due_year=due_year
        )
        assert (row["status"], row["reason_code"]) == ("insufficient", "baseline_not_positive")
        assert row["effective_threshold"] is row["required_value"] is None


def test_relative_without_a_year_to_start_from() -> None:
    for due_year in (2025, None):
        row = verdict({2024: 5}, kind="relative", threshold=30, document_year=None,
                      due_year=due_year)  # fmt: skip
        assert (row["status"], row["reason_code"]) == ("insufficient", "no_start_year")


# Milestone


def test_a_milestone_runs_from_nothing_in_the_document_year_to_complete() -> None:
    stage: dict[str, Any] = {"kind": "milestone", "operator": None, "threshold": None}
    row = verdict({2024: 75}, **stage)
    assert (row["baseline_year"], row["baseline_value"], row["effective_threshold"]) == (
        2020,
        0,
        100,
    )
    assert row["pace"] == pytest.approx(0.75 / 0.8)
    assert (row["status"], row["required_value"]) == ("at_risk", pytest.approx(80))
    assert outcome({2024: 100}, **stage) == ("achieved", "met")
    assert outcome({2025: 75}, "2026-01-01", **stage) == ("missed", "missed_at_due")
    assert outcome({2020: 25}, **stage) == ("insufficient", "only_baseline")
    assert outcome({2024: 75}, **(stage | {"due_year": None}))[1] == "no_due_year"
    assert outcome({2024: 0}, **stage) == ("off_track", "behind_path")


def test_a_milestone_may_state_where_it_started() -> None:
    row = verdict({2024: 75}, kind="milestone", threshold=None, baseline_year=2022,
                  baseline_value=50)  # fmt: skip
    assert (row["baseline_year"], row["attained"]) == (2022, 0.5)


# What comes before every kind


def test_zero_is_a_value() -> None:
    assert outcome({2020: 10, 2024: 0})[1] == "moving_away"
    assert outcome({2020: 0, 2024: 0})[1] == "behind_path"
    assert outcome({2020: 10, 2024: 0}, operator="<=", threshold=0) == ("achieved", "met")


def test_no_value_is_no_data() -> None:
    row = verdict({2024: float("nan")})
    assert (row["status"], row["reason_code"]) == ("no_data", "no_value")
    assert row["pace_reason"] == "no_value"
    assert outcome({}, baseline_year=2019, baseline_value=5.0) == ("no_data", "no_value")


@pytest.mark.parametrize(
    ("ends", "today", "expected"),
    [
        (2025, "2024-12-31", ("off_track", "behind_path")),
        (2025, "2025-01-01", ("not_measurable", "discontinued")),
        (2025, "2026-06-30", ("not_measurable", "discontinued")),
    ],
)
def test_a_discontinued_indicator(ends: int, today: str, expected: tuple[str, str]) -> None:
    row = verdict({2020: 10, 2023: 11}, today, unmeasurable_from=ends)
    assert (row["status"], row["reason_code"]) == expected
    if expected[0] == "not_measurable":
        assert row["event_year"] == 2025
        assert row["pace"] is row["required_value"] is None
        assert row["pace_reason"] == row["projection_reason"] == "discontinued"


def test_a_verdict_reached_before_the_indicator_ended_stands() -> None:
    assert outcome({2025: 20}, "2027-01-01", unmeasurable_from=2026) == ("achieved", "met_at_due")
    assert outcome({2020: 1, 2025: 19}, "2027-01-01", unmeasurable_from=2026)[0] == "missed"
    assert outcome({2024: 25}, "2026-01-01", unmeasurable_from=2026, due_year=2030)[0] == (
        "not_measurable"
    )
    assert outcome({}, unmeasurable_from=2020) == ("not_measurable", "discontinued")


def test_a_target_that_makes_no_sense_is_named() -> None:
    assert outcome({2024: 5}, threshold=None) == ("insufficient", "no_threshold")
    assert outcome({2025: 5}, "2027-01-01", threshold=None, unmeasurable_from=2026)[0] == (
        "not_measurable"
    )
    assert outcome({2024: 5}, kind="rank") == ("insufficient", "operator_unfit")
    assert outcome({2024: 5}, operator="") == ("insufficient", "operator_unfit")
    assert outcome({2024: 5}, kind="relative", operator="range", threshold=-30)[1] == (
        "operator_unfit"
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"threshold": float("inf")},
        {"threshold": 1e101},
        {"baseline_value": float("-inf")},
        {"due_year": 2025.5},
        {"due_year": 0},
        {"document_year": float("inf")},
        {"interval_years": 0},
        {"unmeasurable_from": -3},
    ],
)
def test_a_number_that_cannot_be_one_is_named(changes: dict[str, Any]) -> None:
    row = verdict({2020: 10, 2024: 14}, **changes)
    assert (row["status"], row["reason_code"]) == ("insufficient", "bad_number")
    assert row["pace_reason"] == "bad_number"
    assert row["projection_reason"] == "unsound_input"
    assert row["pace"] is row["latest_value"] is row["projected_year"] is None


@pytest.mark.parametrize("value", [float("inf"), float("-inf"), 2e100])
def test_an_infinite_value_is_named(value: float) -> None:
    assert outcome({2020: value, 2024: 14}) == ("insufficient", "bad_number")


def test_a_pace_too_large_to_be_written() -> None:
    row = verdict({2020: 0, 2024: -1e100}, threshold=5e-324)
    assert (row["status"], row["reason_code"]) == ("off_track", "moving_away")
    assert (row["pace"], row["attained"], row["pace_reason"]) == (None, None, "out_of_range")
