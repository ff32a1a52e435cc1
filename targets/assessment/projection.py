"""Where the trend leads: beside the verdict, never part of it.

The slope is the Theil-Sen estimate over the last five observations (at least three): the median of
the slopes between all pairs of points (Theil 1950; Sen 1968, "Estimates of the regression
coefficient based on Kendall's tau", JASA 63). The projection starts from the latest value and
follows that slope, so that it joins the curve that the reader sees.

The interval is Sen's: slopes of rank (N - C) / 2 and (N + C) / 2 + 1 among the N sorted pair
slopes, C from the distribution of Kendall's S. At the 95 % level C is so large for five points or
fewer that both are the extremes: the interval runs from the smallest to the largest pair slope. By
Kendall's exact distribution it covers the true slope with probability 98.3 % for five points
(1 - 2/5!), 91.7 % for four and 66.7 % for three; no interval from three points can do better.

A rank is held at 1 or more, a stage between 0 and 100.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np

from targets.assessment.reasons import (
    FIRST_NO_PROJECTION,
    NoProjection,
    ValueGap,
    YearGap,
)
from targets.assessment.series import TIE, Block, Demands
from targets.assessment.verdict import Verdict
from targets.assessment.words import Bools, Floats, Kind

POINTS = 5
FEWEST = 3
#: A year in which the threshold is met is not given beyond this many years after the latest value.
HORIZON = 100

_PAIRS = tuple(combinations(range(POINTS), 2))

#: Comparators that sort ten numbers: 29, the fewest possible (Knuth, The Art of Computer
#: Programming, vol. 3, 5.3.4; proved minimal by Codish et al. 2014). Each acts on whole arrays.
SORT_TEN = (
    (0, 8), (1, 9), (2, 7), (3, 5), (4, 6),
    (0, 2), (1, 4), (5, 8), (7, 9),
    (0, 3), (2, 4), (5, 7), (6, 9),
    (0, 1), (3, 6), (8, 9),
    (1, 5), (2, 3), (4, 8), (6, 7),
    (1, 2), (3, 5), (4, 6), (7, 8),
    (2, 3), (4, 5), (6, 7),
    (3, 4), (5, 6),
)  # fmt: skip


def project(verdict: Verdict, demands: Demands, block: Block, ended: Bools) -> None:
    """Fill the projected numbers of a block, or the reason why there are none.

    `ended`: series whose indicator is published no more.
    """
    count, slopes = _pair_slopes(block)
    low, slope, high = _spread(slopes, count)
    year, latest = verdict.latest_year, verdict.latest_value
    barred = np.zeros(block.size, dtype=np.int8)
    for where, gap in (
        (count < FEWEST, NoProjection.TOO_FEW_VALUES),
        (demands.kind == Kind.GROWTH, NoProjection.GROWTH),
        (ended, NoProjection.DISCONTINUED),
    ):
        np.copyto(barred, FIRST_NO_PROJECTION + gap, where=where)
    free = barred == 0

    due = demands.due
    ahead = np.where(free & ~due, demands.due_year - year, np.nan)
    for name, rate in (
        ("projected_value", slope), ("projected_low", low), ("projected_high", high)
    ):  # fmt: skip
        setattr(verdict, name, _within_scale(latest + rate * ahead, demands))
    value_gap = np.where(due, ValueGap.DUE, 0)
    np.copyto(value_gap, ValueGap.NO_DUE_YEAR, where=np.isnan(demands.due_year))

    # Where slopes cancel out, the median is flat whatever its last bits say.
    flat = np.abs(slope) <= TIE * np.maximum(np.abs(low), np.abs(high))
    verdict.projected_year, year_gap = _first_year(verdict, np.where(flat, 0.0, slope), free)
    gaps = len(YearGap) * value_gap + year_gap
    verdict.projection_reason = np.where(free, gaps, barred).astype(np.int8)


def _pair_slopes(block: Block) -> tuple[Floats, list[Floats]]:
    """How many of the last observations there are (at most five), and the slope of each pair.

    Slopes of pairs that do not exist are infinite, so that they sort to the end.
    """
    years, cells, seen = block.years, block.cells, block.seen
    if len(years) >= POINTS and seen[-POINTS:].all():
        when: list[Floats] | Floats = years[-POINTS:]
        what: list[Floats] | Floats = cells[-POINTS:]
        slopes = [(what[j] - what[i]) / (when[j] - when[i]) for i, j in _PAIRS]
        return np.full(block.size, float(POINTS)), slopes

    # Slot 0 takes each series' latest observation, slot 1 the one before, and so on.
    when = [np.zeros(block.size) for _ in range(POINTS)]
    what = [np.zeros(block.size) for _ in range(POINTS)]
    taken = np.zeros(block.size, dtype=np.int8)
    for passed, j in enumerate(range(len(years) - 1, -1, -1)):
        for slot in range(min(passed + 1, POINTS)):
            here = seen[j] & (taken == slot)
            np.copyto(when[slot], years[j], where=here)
            np.copyto(what[slot], cells[j], where=here)
        taken += seen[j]
    count = np.minimum(taken, POINTS)
    slopes = []
    for i, j in _PAIRS:
        slope = (what[i] - what[j]) / (when[i] - when[j])
        slope[count <= j] = np.inf
        slopes.append(slope)
    return count.astype(float), slopes


def _spread(slopes: list[Floats], count: Floats) -> tuple[Floats, Floats, Floats]:
    """Smallest, median and largest of the pair slopes; sorts the ten arrays element by element."""
    spare = np.empty_like(slopes[0])
    for i, j in SORT_TEN:
        np.minimum(slopes[i], slopes[j], out=spare)
        np.maximum(slopes[i], slopes[j], out=slopes[j])
        slopes[i], spare = spare, slopes[i]
    low, median, high = slopes[0], (slopes[4] + slopes[5]) / 2, slopes[9]
    for points, middle, last in ((4, (slopes[2] + slopes[3]) / 2, 5), (3, slopes[1], 2)):
        fewer = count == points
        if fewer.any():
            median = np.where(fewer, middle, median)
            high = np.where(fewer, slopes[last], high)
    return low, median, high


def _first_year(verdict: Verdict, slope: Floats, free: Bools) -> tuple[Floats, Floats]:
    """The first year whose projected value meets the threshold (the latest value's own, if it
    does already), and the code of the gap where there is none.
    """
    bound, year, latest = verdict.bound, verdict.latest_year, verdict.latest_value
    speed = bound.sign * slope
    steps = bound.sign * (bound.threshold - latest) / speed
    # A quotient that should be whole may come out a hair off.
    wait = np.maximum(np.ceil(steps - 1e-9), 1.0)
    if bound.strict.any():
        wait = np.where(bound.strict, np.floor(steps + 1e-9) + 1.0, wait)
    met = bound.met(latest)
    wait = np.where(met, 0.0, wait)
    reached = met | ((speed > 0) & (wait <= HORIZON))
    gap = np.where(reached, YearGap.NONE, np.where(speed > 0, YearGap.FAR, YearGap.AWAY))
    np.copyto(gap, YearGap.NO_THRESHOLD, where=np.isnan(bound.threshold))
    return np.where(free & reached, year + wait, np.nan), gap


def _within_scale(value: Floats, demands: Demands) -> Floats:
    rank, stage = demands.kind == Kind.RANK, demands.kind == Kind.MILESTONE
    if rank.any():
        value = np.where(rank, np.maximum(value, 1.0), value)
    if stage.any():
        value = np.where(stage, np.clip(value, 0.0, 100.0), value)
    return value
