"""Blocks of series through the kinds and back into one frame."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import numpy as np
import pandas as pd

from targets.assessment import path, yearly
from targets.assessment.frames import RESULT_WORDS, Inputs, read_inputs, write_result
from targets.assessment.method import Method
from targets.assessment.projection import project
from targets.assessment.reasons import FIRST_NO_PROJECTION, NoProjection, Reason
from targets.assessment.series import LIMIT, Block, Demands
from targets.assessment.verdict import NUMBERS, Verdict
from targets.assessment.words import Bools, Codes, Floats, Kind, Status

#: Series in a block: one array of them is 64 kB, so a few dozen fit the second-level cache.
BLOCK = 8192


def assess(
    targets: pd.DataFrame,
    values: pd.DataFrame,
    *,
    today: dt.date | np.ndarray,
    method: Method,
) -> pd.DataFrame:
    """The verdict on every series; pure, and the same for the same input.

    targets: one row per series (unique index) with `kind`, `operator`, `pace_method` (words, best
        as categoricals) and, as float64 with NaN for none, `threshold`, `threshold_max`,
        `due_year`, `document_year`, `baseline_year`, `baseline_value`, `interval_years` (NaN: 1),
        `unmeasurable_from` (the first year without the indicator). A milestone needs neither
        operator nor threshold: its values are stages, 100 is complete.
    values: the same index; one float64 column per year (ascending integers), NaN for no value.
        A value of a year later than that of `today` is ignored: it cannot be known yet.
    today: the date of the verdict, or an array of dates, one per series.

    Returns a frame with the same index:
        status: categorical (`words.STATUSES`).
        pace, attained, expected: ratios (1 = 100 %); see `path` and `yearly`.
        required_value: what the path asks for in the year of the value judged, in the indicator's
            unit. Before the due year ends the value judged is the latest; after it, that of the
            due year.
        latest_year, latest_value: the latest observation, also when it is later than the due year.
        baseline_year, baseline_value: where the path starts.
        projected_value, projected_low, projected_high: the trend at the end of the due year and its
            interval; projected_year: the first year whose projected value meets the threshold;
            projection_reason: why any of them is blank. See `projection`.
        reason_code, pace_reason: categorical (`reasons.REASONS`).
        effective_threshold: the threshold in the indicator's unit (for relative: computed from the
            baseline; for a range: its lower bound; for a milestone: 100).
        due_value_year, due_value: once due, the value of the due year and the year it is of.
        event_year: the year that the reason speaks of (met late in; last met in; last failed in;
            discontinued from).
        mean_rate, years_known, years_held: of growth and every_year.
        due_year: as given.
    Numbers are float64 with NaN for none. `reasons.reason_values` gives each row's as a dict.

    Raises FrameError (a ValueError) for frames of the wrong shape: columns, types, index, unknown
    words. A row whose numbers make no sense is not an error: its status is `insufficient` and its
    reason says what is wrong.
    """
    inputs = read_inputs(targets, values, today)
    size = len(targets)
    words: dict[str, Codes] = {name: np.empty(size, dtype=np.int8) for name in RESULT_WORDS}
    numbers: dict[str, Floats] = {name: np.empty(size) for name in NUMBERS}
    with np.errstate(all="ignore"):  # undefined numbers are named, not warned of
        for where, family in _blocks(inputs.demands.kind):
            verdict = _judge_block(inputs, where, family, method)
            for name in NUMBERS:
                numbers[name][where] = getattr(verdict, name)
            words["status"][where] = verdict.status
            words["reason_code"][where] = verdict.reason
            words["pace_reason"][where] = verdict.pace_reason
            words["projection_reason"][where] = verdict.projection_reason
    return write_result(targets.index, words, numbers)


def _blocks(kind: Codes) -> Iterator[tuple[slice | np.ndarray, Kind]]:
    """Rows of one family of kinds at a time; slices where all are of one family."""
    family = np.where(kind < Kind.GROWTH, Kind.LEVEL, kind)
    present = np.unique(family)
    for member in present:
        rows = None if len(present) == 1 else np.flatnonzero(family == member)
        size = len(kind) if rows is None else len(rows)
        for start in range(0, size, BLOCK):
            block = slice(start, min(start + BLOCK, size))
            yield (block if rows is None else rows[block]), Kind(member)


def _judge_block(
    inputs: Inputs, where: slice | np.ndarray, family: Kind, method: Method
) -> Verdict:
    demands = inputs.demands.take(where)
    block, broken = _observed(inputs, where, demands)
    if family == Kind.GROWTH:
        verdict = yearly.judge_growth(demands, block, method)
    elif family == Kind.EVERY_YEAR:
        verdict = yearly.judge_every_year(demands, block)
    elif family == Kind.KEEP:
        verdict = yearly.judge_keep(demands, block)
    else:
        verdict = path.judge(demands, block, method)
    ended = demands.now >= demands.unmeasurable_from
    verdict.due_year = demands.due_year
    project(verdict, demands, block, ended)
    _overrule(verdict, demands, ended, broken | demands.unsound())
    return verdict


def _observed(inputs: Inputs, where: slice | np.ndarray, demands: Demands) -> tuple[Block, Bools]:
    """The block's values, year by year, and which series hold a number that cannot be one."""
    cells = np.ascontiguousarray(inputs.cells[where].T)
    seen = np.abs(cells) <= LIMIT
    broken: Bools = np.zeros(cells.shape[1], dtype=bool)
    if not seen.all():
        broken |= (~seen & ~np.isnan(cells)).any(axis=0)
    if not inputs.same_day:
        seen &= inputs.years[:, np.newaxis] <= demands.now
    used = np.flatnonzero(seen.any(axis=1))
    span = slice(used[0], used[-1] + 1) if len(used) else slice(0, 0)
    return Block(inputs.years[span], cells[span], seen[span]), broken


def _overrule(verdict: Verdict, demands: Demands, ended: Bools, unsound: Bools) -> None:
    """Reasons that come before what any kind says, the strongest last.

    An indicator that ended can still have a verdict: that of its due year, if the value was known.
    """
    aimless, unfit = np.isnan(demands.threshold), demands.unfit_operator()
    settled = (verdict.status == Status.ACHIEVED) | (verdict.status == Status.MISSED)
    settled &= demands.due & ~aimless & ~unfit
    for where, status, reason in (
        (aimless, Status.INSUFFICIENT, Reason.NO_THRESHOLD),
        (unfit, Status.INSUFFICIENT, Reason.OPERATOR_UNFIT),
        (np.isnan(verdict.latest_year), Status.NO_DATA, Reason.NO_VALUE),
        (ended & ~settled, Status.NOT_MEASURABLE, Reason.DISCONTINUED),
        (unsound, Status.INSUFFICIENT, Reason.BAD_NUMBER),
    ):
        if where.any():
            verdict.decide(where, status, reason)
            verdict.drop(where, reason)
            if reason == Reason.DISCONTINUED:
                verdict.event_year = np.where(where, demands.unmeasurable_from, verdict.event_year)
    meaningless = unsound | (verdict.reason == Reason.OPERATOR_UNFIT)
    if meaningless.any():  # nothing computed from such input may be shown
        verdict.drop(meaningless, None, NUMBERS)
        code = FIRST_NO_PROJECTION + NoProjection.UNSOUND_INPUT
        np.copyto(verdict.projection_reason, code, where=meaningless)
