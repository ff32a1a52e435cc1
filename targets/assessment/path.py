"""Kinds with a path from a baseline to the threshold: level, rank, count, relative, milestone.

Where DESIGN (section 4) leaves a choice, it is made here and said:

- *Before the due year ends* the value judged is the latest. *Once due* it is the value of the due
  year, for the pace too: a later value changes nothing but the remark "met late", and where the
  due year has no value there is no pace.
- A baseline that already meets the threshold leaves no distance to cover: `attained` and `pace` are
  undefined and the value needed is the threshold. So does a strict threshold equal to the baseline.
- "It was met and is no longer" looks at the baseline and at the values after it. A value from
  before the baseline met no demand, for there was none.
- `relative` needs a positive baseline: a change in per cent of zero or of a negative number has no
  meaning.
- `attained` and `expected` are those of the straight line also for `cagr`, whose pace is observed
  over required growth and whose required value lies on the geometric path.
- A pace within 1e-9 of a limit reaches it: decimal inputs that lie on the limit exactly are not
  thrown off it by binary rounding.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from targets.assessment.method import Method
from targets.assessment.reasons import Reason
from targets.assessment.series import TIE, Block, Bound, Demands, baseline
from targets.assessment.verdict import Verdict
from targets.assessment.words import Bools, Floats, Kind, Status

#: How close to a limit a pace must come to count as having reached it.
PACE_TIE = 1e-9


def judge(demands: Demands, block: Block, method: Method) -> Verdict:
    """Status, reason, pace and numbers of every series of the block."""
    base_year, base = baseline(demands, block)
    bound = _bound(demands, base)
    latest_year, latest = block.last()
    verdict = Verdict.blank(bound, latest_year, latest)
    verdict.baseline_year, verdict.baseline_value = base_year, base

    due = demands.due
    timeless = np.isnan(demands.due_year)
    met = bound.met(latest)
    year, value = latest_year, latest
    if due.any():
        find_due_value(verdict, demands, block, due)
        year = np.where(due, verdict.due_value_year, year)
        value = np.where(due, verdict.due_value, value)
    walk = _Walk.of(demands, bound, (base_year, base), (year, value))
    walk.write(verdict, demands)

    pace = verdict.pace
    running = ~np.isnan(pace)
    verdict.decide(~running, Status.INSUFFICIENT, Reason.NONE)
    np.copyto(verdict.reason, verdict.pace_reason, where=~running)
    grade(verdict, running, method)
    verdict.decide(walk.backwards, Status.OFF_TRACK, Reason.MOVING_AWAY)
    lost = ~(met | due | timeless)
    if lost.any():
        _find_lost(verdict, block, walk, lost)
    verdict.decide(met & ~due, Status.ACHIEVED, Reason.MET)
    if due.any():
        settle(verdict, demands, block, due)
    unknown = np.isnan(bound.threshold)
    if unknown.any():  # a relative target without a usable baseline
        verdict.decide(unknown, Status.INSUFFICIENT, Reason.NONE)
        np.copyto(verdict.reason, verdict.pace_reason, where=unknown)
    return verdict


def grade(verdict: Verdict, where: Bools, method: Method) -> None:
    """On track, at risk or off track by the pace of some series."""
    pace = verdict.pace
    verdict.decide(where, Status.OFF_TRACK, Reason.BEHIND_PATH)
    for limit, status, reason in (
        (method.at_risk_from, Status.AT_RISK, Reason.BEHIND_PATH),
        (method.on_track_from, Status.ON_TRACK, Reason.NEAR_PATH),
        (1.0, Status.ON_TRACK, Reason.ON_PATH),
    ):
        verdict.decide(where & (pace >= limit - PACE_TIE), status, reason)


def find_due_value(verdict: Verdict, demands: Demands, block: Block, due: Bools) -> None:
    """The last value from the years (due year - interval, due year], of those that are due."""
    until = np.where(due, demands.due_year, np.nan)
    after = until - demands.interval_years
    verdict.due_value_year, verdict.due_value = block.last(until=until, after=after)


def settle(verdict: Verdict, demands: Demands, block: Block, due: Bools) -> None:
    """Achieved or missed, by the value of the due year alone, for those that are due."""
    known = due & ~np.isnan(verdict.due_value)
    met = known & verdict.bound.met(verdict.due_value)
    missed = known & ~met
    verdict.decide(due & ~known, Status.INSUFFICIENT, Reason.NO_DUE_VALUE)
    verdict.decide(met, Status.ACHIEVED, Reason.MET_AT_DUE)
    verdict.decide(missed, Status.MISSED, Reason.MISSED_AT_DUE)
    late = block.first_met(verdict.bound, after=np.where(missed, demands.due_year, np.nan))
    verdict.decide(~np.isnan(late), Status.MISSED, Reason.MET_LATE)
    verdict.event_year = np.where(missed, late, verdict.event_year)


def _bound(demands: Demands, base: Floats) -> Bound:
    relative = demands.kind == Kind.RELATIVE
    if not relative.any():
        return Bound.of(demands, demands.threshold)
    # Multiplied before it is divided: 10 by 110 % is 11, while 10 * 1.1 is not.
    moved = np.where(base > 0, base * (100 + demands.threshold) / 100, np.nan)
    threshold = np.where(relative, moved, demands.threshold)
    return Bound.of(demands, threshold, np.where(relative, TIE * np.abs(moved), 0.0))


def _find_lost(verdict: Verdict, block: Block, walk: _Walk, lost: Bools) -> None:
    """Off track: met at the baseline or after it, and not by the latest value."""
    after = np.where(np.isnan(verdict.baseline_year), -np.inf, verdict.baseline_year)
    year = block.last_met(verdict.bound, after=after, before=verdict.latest_year)
    at_start = walk.past_start & walk.baseline_meets & np.isnan(year)
    year = np.where(at_start, verdict.baseline_year, year)
    lost = lost & ~np.isnan(year)
    verdict.decide(lost, Status.OFF_TRACK, Reason.NO_LONGER_MET)
    verdict.event_year = np.where(lost, year, verdict.event_year)


@dataclass(frozen=True, slots=True)
class _Walk:
    """Where a value stands between the baseline and the threshold."""

    base_year: Floats
    base: Floats
    year: Floats
    value: Floats
    threshold: Floats
    past_start: Bools
    baseline_meets: Bools
    backwards: Bools

    @classmethod
    def of(
        cls,
        demands: Demands,
        bound: Bound,
        start: tuple[Floats, Floats],
        judged: tuple[Floats, Floats],
    ) -> _Walk:
        (base_year, base), (year, value) = start, judged
        past_start = year > base_year
        baseline_meets = bound.met(base)
        backwards = past_start & ~baseline_meets & (bound.sign * (value - base) < 0)
        backwards &= ~np.isnan(bound.threshold) & ~np.isnan(demands.due_year)
        return cls(
            base_year, base, year, value, bound.threshold, past_start, baseline_meets, backwards
        )

    def write(self, verdict: Verdict, demands: Demands) -> None:
        """attained, expected, pace and the value needed, or the reason why there is none."""
        distance = self.threshold - self.base
        has_way = ~self.baseline_meets & (distance != 0)
        begun = self.year >= self.base_year
        attained = np.where(has_way & begun, (self.value - self.base) / distance, np.nan)
        span = demands.due_year - self.base_year
        expected = np.where(begun & (span > 0), (self.year - self.base_year) / span, np.nan)
        required = np.where(self.baseline_meets, self.threshold, self.base + distance * expected)
        verdict.required_value = np.where(np.isnan(expected), np.nan, required)
        pace = np.where(self.past_start, attained / expected, np.nan)
        if demands.is_cagr.any():
            pace = self._by_ratio(verdict, demands, pace, span, expected)
        wild = np.isinf(pace) | np.isinf(attained)
        if wild.any():
            pace = np.where(wild, np.nan, pace)
            attained = np.where(wild, np.nan, attained)
        verdict.attained, verdict.expected, verdict.pace = attained, expected, pace
        if np.isnan(pace).any():
            self._explain(verdict, demands, wild)

    def _by_ratio(
        self, verdict: Verdict, demands: Demands, pace: Floats, span: Floats, expected: Floats
    ) -> Floats:
        """Observed over required compound growth, where base, value and threshold allow it."""
        asked = demands.is_cagr & ~np.isnan(pace)
        positive = (self.base > 0) & (self.value > 0) & (self.threshold > 0)
        whole = np.log(self.threshold) - np.log(self.base)
        required_rate = np.expm1(whole / span)
        done = np.log(self.value) - np.log(self.base)
        observed_rate = np.expm1(done / (self.year - self.base_year))
        usable = asked & positive & (required_rate != 0)
        on_path = self.base * np.exp(whole * expected)
        verdict.required_value = np.where(usable, on_path, verdict.required_value)
        np.copyto(verdict.pace_reason, Reason.CAGR_UNDEFINED, where=asked & ~usable)
        return np.where(usable, observed_rate / required_rate, pace)

    def _explain(self, verdict: Verdict, demands: Demands, wild: Bools) -> None:
        """Name the reason of every blank pace; the most basic one of several."""
        none = np.isnan(verdict.pace)
        unknown_threshold, no_start = np.isnan(self.threshold), np.isnan(self.base_year)
        for where, reason in (
            (self.threshold == self.base, Reason.BASELINE_EQUALS_THRESHOLD),
            (self.baseline_meets, Reason.BASELINE_MEETS_THRESHOLD),
            (wild, Reason.OUT_OF_RANGE),
            (self.year == self.base_year, Reason.ONLY_BASELINE),
            (self.year < self.base_year, Reason.BASELINE_AFTER_VALUES),
            (demands.due & np.isnan(self.year), Reason.NO_DUE_VALUE),
            (no_start, Reason.NO_START_YEAR),
            (np.isnan(demands.due_year), Reason.NO_DUE_YEAR),
            (unknown_threshold & no_start, Reason.NO_START_YEAR),
            (unknown_threshold & (self.base <= 0), Reason.BASELINE_NOT_POSITIVE),
        ):
            np.copyto(verdict.pace_reason, reason, where=none & where)
