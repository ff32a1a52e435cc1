"""What holds for every input: found by search, not by example."""

from __future__ import annotations

import datetime as dt
import math
import warnings
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from targets.assessment import KINDS, OPERATORS, PACE_METHODS, assess, reason_values
from targets.assessment_files import write_verdicts
from targets.assessment_text import projection_sentence, reason_sentence
from tests.assessment.build import METHOD, from_cases
from tests.assessment.naive import UP, Case, judge

#: Worst first; a verdict that could not be reached has no place among them.
ORDER = ("missed", "off_track", "at_risk", "on_track", "achieved")

figures = st.decimals(-200, 200, places=1).map(float)
wild = st.one_of(
    figures,
    st.floats(allow_nan=True, allow_infinity=True),
    st.sampled_from([0.0, -0.0, 5e-324, -5e-324, 1e100, -1e100, math.nextafter(1e100, 2e100)]),
)
years = st.integers(2008, 2030)
days = st.dates(dt.date(2015, 1, 1), dt.date(2032, 12, 31))


def operators_for(kind: str) -> tuple[str, ...]:
    return ("<=", "<") if kind == "rank" else OPERATORS[:5]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Targets that make sense, with any values."""
    kind = draw(st.sampled_from(KINDS))
    positive = kind == "relative"
    value = figures.map(abs) if positive else figures
    return Case(
        kind=kind,
        operator=draw(st.sampled_from(operators_for(kind))),
        threshold=abs(draw(figures)) if positive else draw(figures),
        today=draw(days),
        due_year=draw(st.none() | years),
        document_year=draw(years),
        baseline_year=draw(st.none() | years),
        baseline_value=draw(st.none() | value),
        interval_years=draw(st.none() | st.integers(1, 3)),
        pace_method=draw(st.sampled_from(PACE_METHODS)),
        values=draw(st.dictionaries(years, value, max_size=9)),
    )


def rows(*cases: Case) -> list[tuple[str, str, str]]:
    """Status, reason and pace reason of each case."""
    targets, values, today = from_cases(list(cases))
    result = assess(targets, values, today=today, method=METHOD)
    columns = (result[name].tolist() for name in ("status", "reason_code", "pace_reason"))
    return list(zip(*columns, strict=True))


@given(cases())
@settings(max_examples=200, deadline=None)
def test_the_two_implementations_agree(case: Case) -> None:
    answer = judge(case)
    assert rows(case)[0][:2] == (answer.status, answer.reason)


@given(cases(), st.integers(-30, 30), st.sampled_from([10.0, 0.1, 3.0, 1e6]))
@settings(max_examples=200, deadline=None)
def test_another_unit_changes_no_verdict(case: Case, power: int, factor: float) -> None:
    assume(case.kind != "milestone")  # a stage has no unit
    assert case.threshold is not None
    scaled = []
    for scale in (2.0**power, factor):
        share = 1.0 if case.kind == "relative" else scale
        base = None if case.baseline_value is None else case.baseline_value * scale
        values = {year: value * scale for year, value in case.values.items()}
        scaled.append(
            replace(case, threshold=case.threshold * share, baseline_value=base, values=values)
        )
    assert len(set(rows(case, *scaled))) == 1


@given(cases(), st.decimals(0, 300, places=1).map(float))
@settings(max_examples=250, deadline=None)
def test_a_better_last_value_never_gives_a_worse_verdict(case: Case, step: float) -> None:
    known = [year for year in case.values if year <= case.today.year]
    assume(known)
    upward = case.kind == "milestone" or case.operator in UP
    last = max(known)
    # Where the last value is the baseline of a relative target, it moves the threshold too.
    assume(case.kind != "relative" or (judge(case).baseline_year or 0) < last)
    better = case.values[last] + (step if upward else -step)
    changed = replace(case, values=case.values | {last: better})
    before, after = (status for status, _reason, _pace in rows(case, changed))
    # A verdict can appear (the value makes a baseline usable), or none can be had in either case.
    if before in ORDER and after in ORDER:
        assert ORDER.index(after) >= ORDER.index(before)
    if before == "achieved":
        assert after == "achieved"


@given(cases(), figures)
@settings(max_examples=200, deadline=None)
def test_a_value_after_the_due_year_changes_no_status(case: Case, value: float) -> None:
    due_year = case.due_year
    assume(due_year is not None)
    assert due_year is not None
    until = {year: v for year, v in case.values.items() if year <= due_year}
    assume(until)
    stated = 10.0 if case.baseline_value is None else case.baseline_value
    known = replace(case, values=until, today=dt.date(2032, 1, 1), baseline_value=stated)
    later = replace(known, values=until | {due_year + 1: value})
    before, after = rows(known, later)
    assert before[0] == after[0]


@st.composite
def anything(draw: st.DrawFn) -> tuple[pd.DataFrame, pd.DataFrame, np.ndarray]:
    """Frames of the right shape with any content at all."""
    size = draw(st.integers(0, 6))
    columns = draw(st.lists(st.integers(1, 9999), unique=True, max_size=8).map(sorted))

    def column(values: st.SearchStrategy[Any]) -> list[Any]:
        return draw(st.lists(values, min_size=size, max_size=size))

    year = st.one_of(st.just(math.nan), years.map(float), wild)
    targets = pd.DataFrame(
        {
            "kind": pd.Series(column(st.sampled_from(KINDS)), dtype=object),
            "operator": pd.Series(column(st.sampled_from([*OPERATORS, None])), dtype=object),
            "pace_method": pd.Series(column(st.sampled_from([*PACE_METHODS, ""])), dtype=object),
            **{
                name: np.array(column(wild), dtype=float)
                for name in ("threshold", "threshold_max", "baseline_value")
            },
            **{
                name: np.array(column(year), dtype=float)
                for name in (
                    "due_year", "document_year", "baseline_year", "interval_years",
                    "unmeasurable_from",
                )
            },
        }
    )  # fmt: skip
    cells = np.array([column(wild) for _ in columns], dtype=float).reshape(len(columns), size).T
    values = pd.DataFrame(cells, columns=pd.Index(columns, dtype="int64"))
    return targets, values, np.array(column(days), dtype="datetime64[D]")


@given(anything())
@settings(max_examples=250, deadline=None)
def test_no_input_gives_a_crash_a_warning_or_an_unexplained_blank(
    frames: tuple[pd.DataFrame, pd.DataFrame, np.ndarray],
) -> None:
    targets, values, today = frames
    with warnings.catch_warnings(), np.errstate(all="raise"):
        warnings.simplefilter("error")
        result = assess(targets, values, today=today, method=METHOD)
        write_verdicts(result)
    numbers = result.select_dtypes("number")
    assert not np.isinf(numbers.to_numpy()).any()
    explained = result["pace_reason"] != ""
    assert (explained | result["pace"].notna()).all()
    assert (explained | result["required_value"].notna()).all()
    projected = result[["projected_value", "projected_low", "projected_high", "projected_year"]]
    assert (projected.notna().all(axis=1) == (result["projection_reason"] == "")).all()
    for (_index, row), reasons in zip(result.iterrows(), reason_values(result), strict=True):
        assert reason_sentence(str(row["reason_code"]), reasons)
        projection_sentence(str(row["projection_reason"]))


@given(st.lists(cases(), min_size=1, max_size=20), days)
@settings(max_examples=30, deadline=None)
def test_series_are_judged_alike_alone_and_together(batch: list[Case], today: dt.date) -> None:
    together = [replace(case, today=today) for case in batch]
    targets, values, _days = from_cases(together)
    result = assess(targets, values, today=today, method=METHOD)
    for case, status in zip(together, result["status"], strict=True):
        assert rows(case)[0][0] == status
