"""Every reason the engine can give, and the numbers that belong to each.

A verdict has one reason (`reason_code`). Where `pace` is blank, or where it was computed on a
straight line although the target asks for `cagr`, `pace_reason` says why with a word from the same
vocabulary. Where `projected_value` or `projected_year` is blank, `projection_reason` says why; it
may hold two words, joined by a comma, one for each. So no blank number is unexplained:

- `attained`, `expected`: exist only for kinds with a path (level, rank, count, relative,
  milestone); blank there where the path is undefined, which `pace_reason` names.
- `required_value`: the value on the path in the year of the value judged; the threshold itself for
  growth, every_year and keep, and where the baseline already met it; else `pace_reason` says why.
- `baseline_*`: blank for every_year and keep, which have none; for growth only the year.
- `due_value*`, `met_late`, `mean_rate`, ...: exist only with the reasons that list them below.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum

import pandas as pd

from targets.assessment.words import words


class Reason(IntEnum):
    """Why this status. The comment of each says when it is given."""

    NONE = 0  # only in pace_reason: the pace is there and needs no remark
    # achieved
    MET = 1  # before the due year ends, or without one: the latest value meets the threshold
    MET_AT_DUE = 2  # the value of the due year meets it, whatever came later
    GROWTH_MET = 3  # growth, due: the mean of the yearly rates meets it
    EVERY_YEAR_HELD = 4  # every_year, due: every known year held
    # on_track, at_risk, off_track
    ON_PATH = 5  # pace of 1 or more
    NEAR_PATH = 6  # a little behind the path, within the tolerance of the method: on_track
    BEHIND_PATH = 7  # at_risk or off_track by pace
    MOVING_AWAY = 8  # off_track: the latest value is worse than the baseline
    NO_LONGER_MET = 9  # off_track: the baseline or a value after it met the threshold
    GROWTH_ON_PATH = 10  # growth, not due: on_track
    GROWTH_BEHIND = 11  # growth, not due: at_risk or off_track
    EVERY_YEAR_SO_FAR = 12  # every_year, not due: all known years hold: on_track
    EVERY_YEAR_BROKEN = 13  # every_year, not due: the latest holds, an earlier failed: at_risk
    EVERY_YEAR_FAILS = 14  # every_year, not due: the latest known year fails: off_track
    KEPT = 15  # keep, not due: on_track
    NOT_KEPT = 16  # keep, not due: off_track
    # missed
    MISSED_AT_DUE = 17  # the value of the due year does not meet the threshold
    MET_LATE = 18  # the same, but a later value does
    GROWTH_MISSED = 19  # growth, due: the mean of the yearly rates does not meet it
    EVERY_YEAR_MISSED = 20  # every_year, due: a known year failed
    # insufficient
    ONLY_BASELINE = 21  # the latest value is of the baseline year: no time has passed
    BASELINE_AFTER_VALUES = 22  # the stated baseline is later than every value
    NO_START_YEAR = 23  # neither a baseline year nor a document year is known
    NO_DUE_VALUE = 24  # due, and no value for the due year (nor within the publication interval)
    NO_DUE_YEAR = 25  # no due year, not met: nothing says by when it should be
    BASELINE_EQUALS_THRESHOLD = 26  # strict operator, baseline on the threshold, value unmoved
    BASELINE_NOT_POSITIVE = 27  # relative: a change in per cent of zero or less has no meaning
    NO_VALUE_IN_PERIOD = 28  # growth, every_year: values exist, none from the period that counts
    NO_THRESHOLD = 29  # the target has no threshold
    OPERATOR_UNFIT = 30  # the operator cannot go with the kind (a rank with >=)
    BAD_NUMBER = 31  # a number is infinite or beyond 1e100, or a year is not a whole year 1-9999
    # no_data, not_measurable
    NO_VALUE = 32  # no value at all
    DISCONTINUED = 33  # the indicator ended, or its subject was abolished
    # only in pace_reason
    CAGR_UNDEFINED = 34  # cagr asked for, but a number is not positive: computed as linear
    BASELINE_MEETS_THRESHOLD = 35  # no distance to cover, so no pace
    KIND_WITHOUT_PACE = 36  # every_year and keep hold or do not
    THRESHOLD_SIGN = 37  # growth: "at least" zero or less, "at most" zero or more: no ratio
    OUT_OF_RANGE = 38  # the pace is too large a number to be written


class YearGap(IntEnum):
    """Why a projection has no year in which the threshold is met."""

    NONE = 0
    AWAY = 1  # the trend is flat or leads away from the threshold
    FAR = 2  # later than a century after the latest value
    NO_THRESHOLD = 3


class ValueGap(IntEnum):
    """Why a projection has no value for the due year."""

    NONE = 0
    DUE = 1  # the due year is over: what happened is known or never will be
    NO_DUE_YEAR = 2


class NoProjection(IntEnum):
    """Why there is no projection at all."""

    TOO_FEW_VALUES = 0  # fewer than three
    GROWTH = 1  # the verdict rests on the mean of all rates, which a trend does not foretell
    DISCONTINUED = 2
    UNSOUND_INPUT = 3  # as the reason says


REASONS = ("", *words(Reason)[1:])

_gap_words = tuple(
    ",".join(gap.name.lower() for gap in (value_gap, year_gap) if gap)
    for value_gap in ValueGap
    for year_gap in YearGap
)
#: Word number `len(YearGap) * value_gap + year_gap`, then those of `NoProjection`.
PROJECTION_REASONS = (*_gap_words, *words(NoProjection))
FIRST_NO_PROJECTION = len(_gap_words)

_LATEST = {"latest_value": "latest_value", "latest_year": "latest_year"}
_DEMAND = {"threshold": "effective_threshold", "due_year": "due_year"}
_BASELINE = {"baseline_value": "baseline_value", "baseline_year": "baseline_year"}
_DUE_VALUE = {"due_value": "due_value", "due_value_year": "due_value_year"}
_PATH = {"required_value": "required_value", **_LATEST, **_DEMAND}
_GROWTH = {"mean_rate": "mean_rate", "years_known": "years_known", **_DEMAND}
_YEARS = {"years_known": "years_known", "years_held": "years_held", **_DEMAND}

#: Reason: the numbers that belong to it, as {key: column of the result}.
NUMBERS: Mapping[str, Mapping[str, str]] = {
    "met": {**_LATEST, **_DEMAND},
    "met_at_due": {**_DUE_VALUE, **_DEMAND},
    "growth_met": _GROWTH,
    "every_year_held": _YEARS,
    "on_path": _PATH,
    "near_path": _PATH,
    "behind_path": _PATH,
    "moving_away": {**_LATEST, **_BASELINE, **_DEMAND},
    "no_longer_met": {**_LATEST, "met_year": "event_year", **_DEMAND},
    "growth_on_path": _GROWTH,
    "growth_behind": _GROWTH,
    "every_year_so_far": {**_YEARS, **_LATEST},
    "every_year_broken": {**_YEARS, **_LATEST, "failed_year": "event_year"},
    "every_year_fails": {**_YEARS, **_LATEST},
    "kept": {**_LATEST, **_DEMAND},
    "not_kept": {**_LATEST, **_DEMAND},
    "missed_at_due": {**_DUE_VALUE, **_DEMAND},
    "met_late": {**_DUE_VALUE, "met_year": "event_year", **_DEMAND},
    "growth_missed": _GROWTH,
    "every_year_missed": {**_YEARS, "failed_year": "event_year"},
    "only_baseline": {**_LATEST, **_BASELINE, **_DEMAND},
    "baseline_after_values": {**_LATEST, **_BASELINE, **_DEMAND},
    "no_start_year": {**_LATEST, **_DEMAND},
    "no_due_value": {**_LATEST, **_DEMAND},
    "no_due_year": {**_LATEST, "threshold": "effective_threshold"},
    "baseline_equals_threshold": {**_LATEST, **_BASELINE, **_DEMAND},
    "baseline_not_positive": {**_LATEST, **_BASELINE},
    "no_value_in_period": {**_LATEST, **_DEMAND},
    "no_threshold": _LATEST,
    "operator_unfit": {},
    "bad_number": {},
    "no_value": {},
    "discontinued": {"unmeasurable_from": "event_year", **_LATEST},
}

_WHOLE = frozenset(
    {"latest_year", "due_year", "baseline_year", "due_value_year", "event_year", "years_known",
     "years_held"}
)  # fmt: skip


def reason_values(result: pd.DataFrame) -> list[dict[str, float | int | str]]:
    """The numbers behind the reason of every row of a result, ready for JSON.

    `result` is what `assess` returned. Years and counts are ints; a number that does not exist
    (the due year of a standing duty) is left out. `pace_reason` is there where it says something
    that the reason does not.
    """
    codes = result["reason_code"].astype(object).tolist()
    remarks = result["pace_reason"].astype(object).tolist()
    columns = {
        column: result[column].tolist()
        for column in sorted({column for keys in NUMBERS.values() for column in keys.values()})
    }
    found: list[dict[str, float | int | str]] = []
    for row, (code, remark) in enumerate(zip(codes, remarks, strict=True)):
        values: dict[str, float | int | str] = {}
        for key, column in NUMBERS[code].items():
            number = columns[column][row]
            if number == number:  # noqa: PLR0124 - false for NaN alone
                values[key] = int(number) if column in _WHOLE else float(number)
        if remark and remark != code:
            values["pace_reason"] = remark
        found.append(values)
    return found
