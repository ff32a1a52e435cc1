"""Kinds that look at years, not at a path: growth, every_year, keep.

Where DESIGN (section 4) leaves a choice, it is made here and said:

- `growth` judges the mean of the yearly rates that are known from the years after the baseline
  year (else the document's year) to the due year; the rate of the due year must be among them
  before a verdict once due. The ratio mean / threshold has a meaning where both are asked to lie
  on the same side of zero ("at least 7 % a year", "at most -5 % a year"). Elsewhere ("at most 4 %",
  "at least -2 %") there is no pace: on track while the mean satisfies the operator, else off track.
- `every_year` counts the known years from the document's year on ("since the document"), the due
  year included. A year that failed cannot be undone: once due the target is missed even if the
  due year's own value is unknown; that all years held cannot be said before it is known.
- `keep` looks at the latest value alone, once due at the due year's, as for a level.
- None of them waits for a due year: a standing duty is judged as if it were always running.
"""

from __future__ import annotations

import numpy as np

from targets.assessment.method import Method
from targets.assessment.path import PACE_TIE, find_due_value, settle
from targets.assessment.reasons import Reason
from targets.assessment.series import TIE, Block, Bound, Demands
from targets.assessment.verdict import Verdict
from targets.assessment.words import Bools, Status


def judge_growth(demands: Demands, block: Block, method: Method) -> Verdict:
    """Growth: the mean yearly rate against the threshold."""
    start, due = demands.start_year, demands.due
    until = np.where(np.isnan(demands.due_year), np.inf, demands.due_year)
    count, total, size = (np.zeros(block.size) for _ in range(3))
    for j, when in enumerate(block.years):
        counted = block.seen[j] & (start < when) & (until >= when)
        count += counted
        np.add(total, block.cells[j], out=total, where=counted)
        np.add(size, np.abs(block.cells[j]), out=size, where=counted)
    known = count > 0
    divisor = np.where(known, count, 1.0)
    mean = np.where(known, total / divisor, np.nan)

    bound = Bound.of(demands, demands.threshold, TIE * size / divisor)
    verdict = Verdict.blank(bound, *block.last())
    verdict.baseline_year = start
    verdict.mean_rate, verdict.years_known = mean, count
    verdict.required_value = demands.threshold
    met = bound.met(mean)
    has_ratio = bound.sign * demands.threshold > 0
    pace = np.where(has_ratio, mean / demands.threshold, np.nan)
    wild = np.isinf(pace)
    verdict.pace = pace = np.where(wild, np.nan, pace)
    np.copyto(verdict.pace_reason, Reason.THRESHOLD_SIGN, where=np.isnan(pace))
    np.copyto(verdict.pace_reason, Reason.OUT_OF_RANGE, where=wild)

    verdict.decide(np.ones(block.size, dtype=bool), Status.OFF_TRACK, Reason.GROWTH_BEHIND)
    verdict.decide(pace >= method.at_risk_from - PACE_TIE, Status.AT_RISK, Reason.GROWTH_BEHIND)
    on_track = np.where(np.isnan(pace), met, pace >= method.on_track_from - PACE_TIE)
    verdict.decide(on_track, Status.ON_TRACK, Reason.GROWTH_ON_PATH)
    if due.any():
        find_due_value(verdict, demands, block, due)
        verdict.decide(due, Status.MISSED, Reason.GROWTH_MISSED)
        verdict.decide(due & met, Status.ACHIEVED, Reason.GROWTH_MET)
        unfinished = due & np.isnan(verdict.due_value)
        verdict.decide(unfinished, Status.INSUFFICIENT, Reason.NO_DUE_VALUE)
    _without_values(verdict, known, np.isnan(start))
    return verdict


def judge_every_year(demands: Demands, block: Block) -> Verdict:
    """A floor or a ceiling that every year must hold."""
    bound = Bound.of(demands, demands.threshold)
    verdict = Verdict.blank(bound, *block.last())
    verdict.required_value = demands.threshold
    start, due = demands.document_year, demands.due
    until = np.where(np.isnan(demands.due_year), np.inf, demands.due_year)
    count, held = np.zeros(block.size), np.zeros(block.size)
    failed_year = np.full(block.size, np.nan)
    for j, when in enumerate(block.years):
        counted = block.seen[j] & (start <= when) & (until >= when)
        met = bound.met(block.cells[j])
        count += counted
        held += counted & met
        np.copyto(failed_year, when, where=counted & ~met)
    known = count > 0
    verdict.years_known, verdict.years_held = count, held
    verdict.event_year = failed_year
    broken = held < count
    np.copyto(verdict.pace_reason, Reason.KIND_WITHOUT_PACE, where=known)

    verdict.decide(known, Status.ON_TRACK, Reason.EVERY_YEAR_SO_FAR)
    verdict.decide(broken, Status.AT_RISK, Reason.EVERY_YEAR_BROKEN)
    fails_now = failed_year == verdict.latest_year
    verdict.decide(fails_now, Status.OFF_TRACK, Reason.EVERY_YEAR_FAILS)
    if due.any():
        find_due_value(verdict, demands, block, due)
        verdict.decide(due, Status.ACHIEVED, Reason.EVERY_YEAR_HELD)
        unfinished = due & np.isnan(verdict.due_value)
        verdict.decide(unfinished, Status.INSUFFICIENT, Reason.NO_DUE_VALUE)
        verdict.decide(due & broken, Status.MISSED, Reason.EVERY_YEAR_MISSED)
    _without_values(verdict, known, np.isnan(start))
    return verdict


def judge_keep(demands: Demands, block: Block) -> Verdict:
    """Stay above or below a threshold."""
    bound = Bound.of(demands, demands.threshold)
    verdict = Verdict.blank(bound, *block.last())
    verdict.required_value = demands.threshold
    everyone = np.ones(block.size, dtype=bool)
    np.copyto(verdict.pace_reason, Reason.KIND_WITHOUT_PACE, where=everyone)
    verdict.decide(everyone, Status.OFF_TRACK, Reason.NOT_KEPT)
    verdict.decide(bound.met(verdict.latest_value), Status.ON_TRACK, Reason.KEPT)
    due = demands.due
    if due.any():
        find_due_value(verdict, demands, block, due)
        settle(verdict, demands, block, due)
    return verdict


def _without_values(verdict: Verdict, known: Bools, no_start: Bools) -> None:
    for where, reason in (
        (~known, Reason.NO_VALUE_IN_PERIOD),
        (no_start, Reason.NO_START_YEAR),
    ):
        verdict.decide(where, Status.INSUFFICIENT, reason)
        np.copyto(verdict.pace_reason, reason, where=where)
