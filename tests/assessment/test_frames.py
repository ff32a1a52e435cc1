"""The boundary: frames are checked on entry, and a result has its shape."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import numpy as np
import pandas as pd
import pytest

from targets.assessment import (
    KINDS,
    OPERATORS,
    PROJECTION_REASONS,
    REASONS,
    RESULT_COLUMNS,
    STATUSES,
    TARGET_COLUMNS,
    FrameError,
    assess,
    reason_values,
)
from targets.assessment.reasons import NUMBERS
from tests.assessment.build import METHOD, PLAIN, frames

DAY = dt.date(2024, 6, 30)


def two() -> tuple[pd.DataFrame, pd.DataFrame]:
    targets, values = frames([PLAIN, PLAIN], [{2020: 10, 2024: 14}, {2020: 10, 2024: 18}])
    index = pd.Index(["a", "b"])
    return targets.set_index(index), values.set_index(index)


def refused(targets: pd.DataFrame, values: pd.DataFrame, today: Any = DAY) -> str:
    with pytest.raises(FrameError) as caught:
        assess(targets, values, today=today, method=METHOD)
    return str(caught.value)


def test_a_result_has_the_index_the_columns_and_the_types_it_promises() -> None:
    targets, values = two()
    result = assess(targets, values, today=DAY, method=METHOD)
    assert tuple(result.columns) == RESULT_COLUMNS
    assert result.index.equals(targets.index)
    for name, words in (
        ("status", STATUSES),
        ("reason_code", REASONS),
        ("pace_reason", REASONS),
        ("projection_reason", PROJECTION_REASONS),
    ):
        assert tuple(result[name].cat.categories) == words
    assert (result.select_dtypes("number").dtypes == np.float64).all()
    assert result["status"].tolist() == ["off_track", "on_track"]


def test_the_inputs_are_left_as_they_were() -> None:
    targets, values = two()
    targets.loc["a", "kind"] = "milestone"
    before = targets.copy(), values.copy()
    result = assess(targets, values, today=DAY, method=METHOD)
    result.loc["a", "due_year"] = 1.0
    pd.testing.assert_frame_equal(targets, before[0])
    pd.testing.assert_frame_equal(values, before[1])


def test_no_series_is_no_verdict() -> None:
    targets, values = two()
    assert assess(targets[:0], values[:0], today=DAY, method=METHOD).empty
    assert assess(targets[:0], values[:0], today=np.array([]), method=METHOD).empty


def test_no_year_is_no_data() -> None:
    targets, values = two()
    result = assess(targets, values[[]], today=DAY, method=METHOD)
    assert result["status"].tolist() == ["no_data", "no_data"]


def test_words_may_be_categories_in_any_order() -> None:
    targets, values = two()
    plain = assess(targets, values, today=DAY, method=METHOD)
    targets["kind"] = pd.Categorical(targets["kind"], categories=[*reversed(KINDS)])
    targets["operator"] = pd.Categorical(targets["operator"], categories=OPERATORS)
    targets["pace_method"] = pd.Categorical([None, "linear"], categories=["cagr", "linear"])
    pd.testing.assert_frame_equal(plain, assess(targets, values, today=DAY, method=METHOD))


@pytest.mark.parametrize("blank", ["", None, np.nan])
def test_a_blank_method_is_linear(blank: Any) -> None:
    targets, values = two()
    plain = assess(targets, values, today=DAY, method=METHOD)
    targets["pace_method"] = pd.Series([blank, "linear"], index=targets.index, dtype=object)
    pd.testing.assert_frame_equal(plain, assess(targets, values, today=DAY, method=METHOD))


def test_whole_numbers_do_for_floats() -> None:
    targets, values = two()
    targets["due_year"] = targets["due_year"].astype(int)
    result = assess(targets, values.astype(int), today=DAY, method=METHOD)
    assert result["status"].tolist() == ["off_track", "on_track"]


def test_each_series_may_have_its_own_day() -> None:
    targets, values = two()
    values[2025] = [21.0, 19.0]
    for days in (
        np.array(["2024-12-31", "2026-01-01"], dtype="datetime64[D]"),
        np.array([dt.date(2024, 12, 31), dt.date(2026, 1, 1)]),
    ):
        result = assess(targets, values, today=days, method=METHOD)
        assert result["status"].tolist() == ["off_track", "missed"]
        assert result["latest_year"].tolist() == [2024, 2025]


def test_more_series_than_fit_one_block_of_several_kinds() -> None:
    size = 20_001
    rows = [PLAIN | {"kind": "keep" if i % 3 else "level"} for i in range(size)]
    targets, values = frames(rows, [{2020: 10.0, 2024: float(i % 25)} for i in range(size)])
    result = assess(targets, values, today=DAY, method=METHOD)
    for i in (0, 1, 8192, 16_384, size - 1):
        alone = assess(targets[i : i + 1], values[i : i + 1], today=DAY, method=METHOD)
        pd.testing.assert_frame_equal(result[i : i + 1], alone)


def test_every_fault_of_a_frame_is_named_at_once() -> None:
    targets, values = two()
    said = refused(
        targets.drop(columns=["kind", "threshold"]).assign(due_year="2025"),
        values.rename(columns={2020: 2030}).assign(**{}),
    )
    assert "no column kind" in said
    assert "no column threshold" in said
    assert re.search(r"column due_year holds \w+, expected float64", said)
    assert "years must ascend" in said


@pytest.mark.parametrize("name", TARGET_COLUMNS)
def test_every_column_is_needed(name: str) -> None:
    targets, values = two()
    assert refused(targets.drop(columns=name), values) == f"targets: no column {name}"


def test_indexes_must_be_unique_and_the_same() -> None:
    targets, values = two()
    twice = pd.Index(["a", "a"])
    assert "targets: a series occurs twice" in refused(targets.set_index(twice), values)
    assert "values: a series occurs twice" in refused(targets, values.set_index(twice))
    assert "not that of targets" in refused(targets, values[::-1])
    assert "not that of targets" in refused(targets, values[:1])


def test_years_must_be_whole_numbers_and_values_numbers() -> None:
    targets, values = two()
    assert "years as integers" in refused(targets, values.rename(columns=str))
    assert "column 2024 holds" in refused(targets, values.astype({2024: object}))
    assert "column 2024 holds" in refused(targets, values.astype({2024: "Float64"}))


@pytest.mark.parametrize(
    ("name", "word"), [("kind", "levle"), ("kind", None), ("operator", "=>"), ("pace_method", "x")]
)
def test_unknown_words_are_named_with_their_series(name: str, word: str | None) -> None:
    targets, values = two()
    targets[name] = pd.Series([targets[name].iloc[0], word], index=targets.index, dtype=object)
    said = refused(targets, values)
    assert f"targets: {name} " in said
    assert "first at series 'b'" in said
    assert "expected one of" in said
    targets[name] = targets[name].astype("category")
    assert "first at series 'b'" in refused(targets, values)


@pytest.mark.parametrize(
    "today",
    [
        "2024-06-30",
        np.array([DAY]),
        np.array(["2024-06-30", "NaT"], dtype="datetime64[D]"),
        np.array(["then", "now"]),
    ],
)
def test_today_must_be_a_date_or_one_for_each(today: Any) -> None:
    assert refused(*two(), today=today).startswith("today: expected")


def test_the_numbers_of_a_reason_are_ready_for_json() -> None:
    targets, values = two()
    targets.loc["b", "due_year"] = np.nan
    targets.loc["a", "pace_method"] = "cagr"
    targets.loc["a", ["baseline_year", "baseline_value"]] = [2019.0, 0.0]
    behind, undated = reason_values(assess(targets, values, today=DAY, method=METHOD))
    assert behind == {
        "required_value": pytest.approx(20 * 5 / 6),
        "latest_value": 14.0,
        "latest_year": 2024,
        "threshold": 20.0,
        "due_year": 2025,
        "pace_reason": "cagr_undefined",
    }
    assert isinstance(behind["latest_year"], int)
    assert undated == {"latest_value": 18.0, "latest_year": 2024, "threshold": 20.0}


def test_every_reason_that_a_verdict_can_have_lists_its_numbers() -> None:
    only_for_pace = {
        "", "cagr_undefined", "baseline_meets_threshold", "kind_without_pace", "threshold_sign",
        "out_of_range",
    }  # fmt: skip
    assert set(NUMBERS) == set(REASONS) - only_for_pace
