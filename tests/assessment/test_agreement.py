"""A hundred thousand random series: the engine and the plain second implementation agree."""

from __future__ import annotations

import datetime as dt
import math
import random
from collections import Counter

import pandas as pd
import pytest

from targets.assessment import KINDS, Method, assess
from tests.assessment.build import from_cases
from tests.assessment.naive import Answer, Case, judge

SERIES = 100_000
NUMBERS = (
    "pace", "attained", "expected", "required_value", "latest_year", "latest_value",
    "baseline_year", "baseline_value", "projected_value", "projected_low", "projected_high",
    "projected_year", "effective_threshold", "due_value_year", "due_value", "event_year",
    "mean_rate",
)  # fmt: skip


def random_case(rng: random.Random) -> Case:
    kind = rng.choice(KINDS)
    upward = rng.random() < 0.6
    operators = [">=", ">=", ">", "range"] if upward else ["<=", "<=", "<"]
    if kind == "rank":
        operators = ["<=", "<=", "<=", "<", ">="]
    document_year = rng.choice([None, *[*range(2016, 2023)] * 4, 2024])
    due_year = rng.choice([None, *range(2019, 2029), *range(2024, 2029)])
    step = rng.choice([1, 1, 1, 0.1, 0.5, 10])
    centre = {"growth": 5, "rank": 60, "milestone": 50, "every_year": 5, "keep": 5}.get(kind, 40)
    level, values = rng.uniform(0, 2 * centre), {}
    drift = rng.choice([-1, 1, 1, 1, 0]) * rng.uniform(0, centre / 5)
    first = rng.randint(2012, 2019)
    share = rng.choice([0.0, 0.0, 0.1, 0.3, 0.5, 0.9, rng.choice([0.5, 1.0])])
    every = rng.choice([1, 1, 2])
    for year in range(first, 2028, every):
        if rng.random() >= share:
            values[year] = round(round(level / step) * step, 1)
        level += drift + rng.gauss(0, centre / 15)
        if kind in {"growth", "every_year", "keep"}:
            level = rng.gauss(centre, centre / 3)
    if rng.random() < 0.1 and values:
        stuck = rng.choice(list(values.values()))
        values = dict.fromkeys(values, stuck)
    threshold: float | None = round(round(rng.uniform(0, 2 * centre) / step) * step, 1)
    if kind == "relative":
        threshold = rng.choice([-30, -20, 10, 30, 50, 12.5, 0])
    elif rng.random() < 0.1 and values:
        threshold = rng.choice(list(values.values()))
    elif rng.random() < 0.05:
        threshold = -threshold if threshold is not None else None
    if rng.random() < 0.02:
        threshold = None
    if rng.random() < 0.05:
        values = {year: -value for year, value in values.items()}
    if rng.random() < 0.2 and threshold is not None and document_year and due_year:
        values = near_path(rng, values, threshold, document_year, due_year)
    stated = rng.random()
    return Case(
        kind=kind,
        operator="" if kind == "milestone" and rng.random() < 0.7 else rng.choice(operators),
        threshold=threshold,
        today=dt.date(rng.randint(2018, 2028), *rng.choice([(1, 1), (6, 30), (12, 31)])),
        due_year=due_year,
        document_year=document_year,
        baseline_year=rng.randint(2014, 2024) if stated < 0.3 else None,
        baseline_value=float(rng.randint(-5, 60)) if 0.05 < stated < 0.35 else None,
        interval_years=rng.choice([None, 1, 1, 2, 3]),
        pace_method=rng.choice(["linear", "linear", "cagr"]),
        unmeasurable_from=rng.choice([None] * 19 + [rng.randint(2015, 2028)]),
        values=values,
    )


def near_path(
    rng: random.Random, values: dict[int, float], threshold: float, start: int, due_year: int
) -> dict[int, float]:
    """The same years, with values at or beside a limit of the method."""
    base = float(rng.choice([0, 10, round(threshold / 2), round(threshold * 2)]))
    pace = rng.choice([-0.1, 0, 0.4, 0.59, 0.6, 0.61, 0.8, 0.94, 0.95, 0.96, 1, 1.1])
    span = max(due_year - start, 1)
    way = (threshold - base) * pace / span
    return {year: round(base + way * max(year - start, 0), 2) for year in values}


@pytest.fixture(scope="module")
def answered() -> tuple[list[Case], list[Answer], pd.DataFrame]:
    rng = random.Random(20261122)
    cases = [random_case(rng) for _ in range(SERIES)]
    targets, values, today = from_cases(cases)
    result = assess(targets, values, today=today, method=Method("test"))
    return cases, [judge(case) for case in cases], result


def test_same_status_and_reason(answered: tuple[list[Case], list[Answer], pd.DataFrame]) -> None:
    cases, answers, result = answered
    found = zip(result["status"], result["reason_code"], strict=True)
    differ = [
        (case, (answer.status, answer.reason), engine)
        for case, answer, engine in zip(cases, answers, found, strict=True)
        if (answer.status, answer.reason) != engine
    ]
    assert not differ, f"{len(differ)} differ, e.g. {differ[0]}"


@pytest.mark.parametrize("name", NUMBERS)
def test_same_numbers(answered: tuple[list[Case], list[Answer], pd.DataFrame], name: str) -> None:
    cases, answers, result = answered
    for case, answer, engine in zip(cases, answers, result[name].tolist(), strict=True):
        naive = getattr(answer, name)
        if naive is None:
            assert math.isnan(engine), (case, answer)
        else:
            assert math.isclose(engine, naive, rel_tol=1e-9, abs_tol=1e-9), (case, answer)


def test_same_reason_for_no_projection(
    answered: tuple[list[Case], list[Answer], pd.DataFrame],
) -> None:
    cases, answers, result = answered
    for case, answer, engine in zip(cases, answers, result["projection_reason"], strict=True):
        assert engine == answer.projection_reason, case


def test_the_random_series_reach_every_status_and_nearly_every_reason(
    answered: tuple[list[Case], list[Answer], pd.DataFrame],
) -> None:
    _cases, answers, _result = answered
    assert min(Counter(answer.status for answer in answers).values()) > 500
    assert len({answer.reason for answer in answers}) >= 31
