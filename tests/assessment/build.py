"""Frames for the tests: one case or many, from plain keyword arguments."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from targets.assessment import NUMBER_COLUMNS, Method, assess
from tests.assessment.naive import Case

METHOD = Method("test")

#: A plain target, on which each test changes what it is about: 20 by 2025, from 10 in 2020.
PLAIN: dict[str, Any] = {
    "kind": "level",
    "operator": ">=",
    "threshold": 20.0,
    "due_year": 2025,
    "document_year": 2020,
    "pace_method": "linear",
}


def frames(
    rows: Iterable[Mapping[str, Any]], values: Iterable[Mapping[int, float]]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Targets and wide values; what a row leaves out is blank."""
    targets = pd.DataFrame(list(rows))
    for name in NUMBER_COLUMNS:
        if name not in targets:
            targets[name] = np.nan
        targets[name] = targets[name].astype(float)
    observed = list(values)
    years = sorted({year for series in observed for year in series})
    cells = [[series.get(year, np.nan) for year in years] for series in observed]
    wide = pd.DataFrame(
        np.array(cells, dtype=float).reshape(len(observed), len(years)),
        columns=pd.Index(years, dtype="int64"),
    )
    return targets, wide


def verdict(
    values: Mapping[int, float],
    today: str | dt.date = "2024-06-30",
    method: Method = METHOD,
    **changes: Any,
) -> dict[str, Any]:
    """The verdict on the plain target with some changes, as a dict; blank numbers are None."""
    targets, wide = frames([PLAIN | changes], [values])
    day = dt.date.fromisoformat(today) if isinstance(today, str) else today
    row = assess(targets, wide, today=day, method=method).iloc[0].to_dict()
    return {str(key): None if pd.isna(value) else value for key, value in row.items()}


def from_cases(cases: list[Case]) -> tuple[pd.DataFrame, pd.DataFrame, np.ndarray]:
    """Targets, values and days of naive cases."""
    names = (
        "kind", "operator", "pace_method", "threshold", "due_year", "document_year",
        "baseline_year", "baseline_value", "interval_years", "unmeasurable_from",
    )  # fmt: skip
    rows = [{name: getattr(case, name) for name in names} for case in cases]
    targets, wide = frames(rows, [case.values for case in cases])
    return targets, wide, np.array([case.today for case in cases], dtype="datetime64[D]")
