"""The frames at the boundary: checked on entry and on exit, arrays in between."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from targets.assessment.reasons import PROJECTION_REASONS, REASONS
from targets.assessment.series import Demands
from targets.assessment.verdict import NUMBERS
from targets.assessment.words import (
    KINDS,
    OPERATORS,
    PACE_METHODS,
    STATUSES,
    Bools,
    Codes,
    Floats,
    Kind,
    Operator,
    PaceMethod,
)

WORD_COLUMNS = ("kind", "operator", "pace_method")
NUMBER_COLUMNS = (
    "threshold", "threshold_max", "due_year", "document_year", "baseline_year", "baseline_value",
    "interval_years", "unmeasurable_from",
)  # fmt: skip
TARGET_COLUMNS = (*WORD_COLUMNS, *NUMBER_COLUMNS)

#: Columns of a result that hold words, with their categories.
RESULT_WORDS = {
    "status": STATUSES,
    "reason_code": REASONS,
    "pace_reason": REASONS,
    "projection_reason": PROJECTION_REASONS,
}
RESULT_COLUMNS = (
    "status", *NUMBERS[:12], "projection_reason", "reason_code", "pace_reason", *NUMBERS[12:],
)  # fmt: skip


class FrameError(ValueError):
    """A frame that is not what it should be; lists every fault."""

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(faults))


@dataclass(frozen=True, slots=True)
class Inputs:
    """Checked arrays: demands (n), years (k), cells (n, k) up to the year of the latest "today"."""

    demands: Demands
    years: Floats
    cells: Floats
    same_day: bool


def read_inputs(targets: pd.DataFrame, values: pd.DataFrame, today: dt.date | np.ndarray) -> Inputs:
    """Check both frames and take the arrays out of them; FrameError names every fault."""
    faults = [*_target_faults(targets), *_value_faults(values)]
    if not faults and not (values.index is targets.index or values.index.equals(targets.index)):
        faults.append("values: the index is not that of targets")
    now = _years_of(today, len(targets), faults)
    if faults:
        raise FrameError(faults)
    words = {
        name: _codes(name, targets[name], vocabulary, blank, faults)
        for name, vocabulary, blank in (
            ("kind", KINDS, None),
            ("operator", OPERATORS, Operator.NONE),
            ("pace_method", PACE_METHODS, PaceMethod.LINEAR),
        )
    }
    if faults:
        raise FrameError(faults)
    numbers = {
        name: targets[name].to_numpy(dtype=np.float64)
        for name in NUMBER_COLUMNS
        if name != "threshold_max"
    }
    interval = numbers["interval_years"]
    if np.isnan(interval).any():
        numbers["interval_years"] = np.where(np.isnan(interval), 1.0, interval)
    milestone = words["kind"] == Kind.MILESTONE
    if milestone.any():
        words["operator"] = np.where(milestone, Operator.AT_LEAST, words["operator"]).astype(
            np.int8
        )
        numbers["threshold"] = np.where(milestone, 100.0, numbers["threshold"])

    years = values.columns.to_numpy(dtype=np.float64)
    within = int(np.searchsorted(years, now.max(initial=0), side="right"))
    return Inputs(
        demands=Demands(words["kind"], words["operator"], words["pace_method"], **numbers, now=now),
        years=years[:within],
        cells=values.to_numpy(dtype=np.float64)[:, :within],
        same_day=isinstance(today, dt.date),
    )


def write_result(
    index: pd.Index, words: dict[str, Codes], numbers: dict[str, Floats]
) -> pd.DataFrame:
    """The result frame, its columns in their order; checks what the engine promises."""
    unexplained = np.isnan(numbers["pace"]) & (words["pace_reason"] == 0)
    unreasoned = words["reason_code"] == 0
    if unexplained.any() or unreasoned.any():  # pragma: no cover - a fault of the engine
        raise AssertionError("a verdict without a reason")
    columns = {
        name: pd.Categorical.from_codes(words[name], categories=pd.Index(RESULT_WORDS[name]))
        if name in RESULT_WORDS
        else numbers[name]
        for name in RESULT_COLUMNS
    }
    return pd.DataFrame(columns, index=index, copy=False)


def _target_faults(targets: pd.DataFrame) -> list[str]:
    faults = _index_faults("targets", targets)
    missing = [name for name in TARGET_COLUMNS if name not in targets.columns]
    faults += [f"targets: no column {name}" for name in missing]
    faults += [
        f"targets: column {name} holds {targets[name].dtype}, expected float64"
        for name in NUMBER_COLUMNS
        if name not in missing and not _is_number(targets[name].dtype)
    ]
    return faults


def _value_faults(values: pd.DataFrame) -> list[str]:
    faults = _index_faults("values", values)
    years = values.columns
    if len(years) and not pd.api.types.is_integer_dtype(years.dtype):
        faults.append("values: columns must be years as integers")
    elif not (years.is_unique and years.is_monotonic_increasing):
        faults.append("values: years must ascend, each once")
    faults += [
        f"values: column {name} holds {dtype}, expected float64"
        for name, dtype in values.dtypes.items()
        if not _is_number(dtype)
    ]
    return faults


def _index_faults(name: str, frame: pd.DataFrame) -> list[str]:
    return [] if frame.index.is_unique else [f"{name}: a series occurs twice in the index"]


def _is_number(dtype: object) -> bool:
    return isinstance(dtype, np.dtype) and dtype.kind in "fiu"


def _codes(
    name: str, column: pd.Series, vocabulary: Sequence[str], blank: int | None, faults: list[str]
) -> Codes:
    """Integer codes of a column of words; a missing one stands for `blank`, if that is allowed."""
    known = pd.Index(np.array(vocabulary, dtype=object))
    if isinstance(column.dtype, pd.CategoricalDtype):
        of_category = known.get_indexer(column.cat.categories.astype(object))
        codes = np.append(of_category, -1)[column.cat.codes.to_numpy()]
    else:
        codes = known.get_indexer(pd.Index(column, dtype=object))
    unknown = codes < 0
    if unknown.any():
        wrong = column[unknown].drop_duplicates()
        if blank is not None:
            codes = np.where(_is_blank(column), blank, codes)
            wrong = wrong[~_is_blank(wrong)]
        if len(wrong):
            expected = ", ".join(word for word in vocabulary if word)
            faults.append(
                f"targets: {name} {', '.join(map(repr, wrong[:5]))} (first at series "
                f"{wrong.index[0]!r}), expected one of {expected}"
            )
    return codes.astype(np.int8)


def _is_blank(column: pd.Series) -> Bools:
    return (column.isna() | (column == "")).to_numpy(dtype=bool)


def _years_of(today: dt.date | np.ndarray, size: int, faults: list[str]) -> Floats:
    """The year of "today" for every series."""
    if isinstance(today, dt.date):
        return np.full(size, float(today.year))
    try:
        days = np.asarray(today).astype("datetime64[D]")
    except (TypeError, ValueError):
        faults.append("today: expected a date or an array of dates")
        return np.zeros(size)
    if days.shape != (size,) or np.isnat(days).any():
        faults.append("today: expected one date for every series")
        return np.zeros(size)
    return days.astype("datetime64[Y]").astype(np.int64).astype(np.float64) + 1970
