"""Assessing a million series of nine yearly values, beside bare NumPy on the same formulas.

The bare side is what one would write for this case alone: levels, "at least", complete values, not
due, on a straight line; no other kind, no gaps, no checks, no reasons, no frames. Both compute
baseline, pace, required value, status, Theil-Sen slope, projected value with interval, and the year
in which the threshold is met. The second line gives ours series of all kinds with gaps, which the
bare side could not do, against the same bare time; its limit is our own.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from itertools import combinations

import numpy as np
import pandas as pd

from targets.assessment import KINDS, OPERATORS, PACE_METHODS, Method, assess
from tests.bench.timing import Timing, best_of

SERIES = 1_000_000
YEARS = np.arange(2016, 2025)
DUE_YEAR = 2026.0
TODAY = dt.date(2025, 6, 30)
LIMIT = 3.0
LIMIT_MIXED = 4.0


def bare(
    values: np.ndarray, threshold: np.ndarray, document_year: np.ndarray
) -> dict[str, np.ndarray]:
    """The formulas and nothing else."""
    years = YEARS.astype(float)
    at = np.searchsorted(years, document_year, side="right") - 1
    base_year, base = years[at], np.take_along_axis(values, at[:, None], axis=1)[:, 0]
    year, latest = years[-1], values[:, -1]
    attained = (latest - base) / (threshold - base)
    expected = (year - base_year) / (DUE_YEAR - base_year)
    pace = attained / expected
    required = base + (threshold - base) * expected
    met = latest >= threshold
    was_met = ((values >= threshold[:, None]) & (years >= base_year[:, None])).any(axis=1)
    status = np.select([met, was_met, pace >= 0.95, pace >= 0.60], [0, 3, 1, 2], default=3).astype(
        np.int8
    )
    pairs = list(combinations(range(4, 9), 2))
    slopes = np.empty((len(values), len(pairs)))
    for column, (i, j) in enumerate(pairs):
        slopes[:, column] = (values[:, j] - values[:, i]) / (years[j] - years[i])
    slope = np.median(slopes, axis=1)
    low, high = slopes.min(axis=1), slopes.max(axis=1)
    ahead = DUE_YEAR - year
    with np.errstate(divide="ignore", invalid="ignore"):
        wait = np.ceil((threshold - latest) / slope)
    reached = np.where(met, year, np.where((slope > 0) & (wait <= 100), year + wait, np.nan))
    return {
        "status": status, "pace": pace, "attained": attained, "expected": expected,
        "required_value": required, "baseline_value": base,
        "projected_value": latest + slope * ahead, "projected_low": latest + low * ahead,
        "projected_high": latest + high * ahead, "projected_year": reached,
    }  # fmt: skip


def levels(size: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Complete series of one kind, as the bare side wants them."""
    rng = np.random.default_rng(1)
    cells = 40 + rng.normal(2, 3, (size, len(YEARS))).cumsum(axis=1)
    targets = pd.DataFrame(
        {
            "kind": pd.Categorical.from_codes(np.zeros(size, "int8"), pd.Index(KINDS)),
            "operator": pd.Categorical.from_codes(np.zeros(size, "int8"), pd.Index(OPERATORS)),
            "pace_method": pd.Categorical.from_codes(
                np.zeros(size, "int8"), pd.Index(PACE_METHODS)
            ),
            "threshold": rng.uniform(55, 90, size),
            "threshold_max": np.nan,
            "due_year": DUE_YEAR,
            "document_year": rng.integers(2018, 2022, size).astype(float),
            "baseline_year": np.nan,
            "baseline_value": np.nan,
            "interval_years": 1.0,
            "unmeasurable_from": np.nan,
        }
    )
    return targets, pd.DataFrame(cells, columns=YEARS)


def mixture(size: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """All kinds, operators, methods and due years, a fifth of the values missing."""
    targets, values = levels(size)
    rng = np.random.default_rng(2)
    kind = rng.choice(len(KINDS), size, p=[0.4, 0.15, 0.1, 0.05, 0.1, 0.1, 0.05, 0.05])
    rank = kind == KINDS.index("rank")
    operator = np.where(rank, OPERATORS.index("<="), rng.integers(0, 5, size))
    method = rng.choice(2, size, p=[0.8, 0.2])
    for name, codes, words in (
        ("kind", kind, KINDS),
        ("operator", operator, OPERATORS),
        ("pace_method", method, PACE_METHODS),
    ):
        targets[name] = pd.Categorical.from_codes(codes.astype("int8"), pd.Index(words))
    targets["due_year"] = rng.choice([2022.0, 2025.0, 2030.0, np.nan], size)
    targets["interval_years"] = rng.choice([1.0, 2.0], size)
    return targets, values.mask(rng.random(values.shape) < 0.2)


def run() -> Iterator[Timing]:
    """Two lines: the same work on both sides; all kinds and gaps on ours."""
    method = Method("bench")
    targets, values = levels(SERIES)
    cells = values.to_numpy()
    threshold, document_year = (targets[name].to_numpy() for name in ("threshold", "document_year"))
    mixed = mixture(SERIES)
    ours, varied, theirs = best_of(
        3,
        lambda: assess(targets, values, today=TODAY, method=method),
        lambda: assess(*mixed, today=TODAY, method=method),
        lambda: bare(cells, threshold, document_year),
    )
    yield Timing("assess a million series of nine values", ours, theirs, LIMIT)
    yield Timing("the same, all kinds, a fifth of the values missing", varied, theirs, LIMIT_MIXED)
