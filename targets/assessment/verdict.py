"""The verdicts of one block: integer codes and numbers, one entry per series."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from targets.assessment.reasons import Reason
from targets.assessment.series import Bound
from targets.assessment.words import Bools, Codes, Floats, Status

#: The numbers of a verdict in the order of the result's columns; NaN = none.
NUMBERS = (
    "pace", "attained", "expected", "required_value", "latest_year", "latest_value",
    "baseline_year", "baseline_value", "projected_value", "projected_low", "projected_high",
    "projected_year", "effective_threshold", "due_value_year", "due_value", "event_year",
    "mean_rate", "years_known", "years_held", "due_year",
)  # fmt: skip

#: Those that say how far along a target is: gone when it cannot be judged.
JUDGEMENT = (
    "pace", "attained", "expected", "required_value", "event_year", "mean_rate", "years_known",
    "years_held",
)  # fmt: skip


@dataclass(slots=True)
class Verdict:
    """Filled step by step; see the columns of `assess` for the meaning of each."""

    bound: Bound
    status: Codes
    reason: Codes
    pace_reason: Codes
    projection_reason: Codes
    pace: Floats
    attained: Floats
    expected: Floats
    required_value: Floats
    latest_year: Floats
    latest_value: Floats
    baseline_year: Floats
    baseline_value: Floats
    projected_value: Floats
    projected_low: Floats
    projected_high: Floats
    projected_year: Floats
    effective_threshold: Floats
    due_value_year: Floats
    due_value: Floats
    event_year: Floats
    mean_rate: Floats
    years_known: Floats
    years_held: Floats
    due_year: Floats

    @classmethod
    def blank(cls, bound: Bound, latest_year: Floats, latest_value: Floats) -> Verdict:
        """A verdict that knows the threshold and the latest value, and nothing else yet.

        Numbers that no kind in the block needs share one read-only array of NaN: replace, never
        write into.
        """
        size = len(latest_year)
        none = np.full(size, np.nan)
        none.flags.writeable = False
        numbers = dict.fromkeys(NUMBERS, none)
        numbers |= {
            "latest_year": latest_year,
            "latest_value": latest_value,
            "effective_threshold": bound.threshold,
        }
        status, reason, pace_reason, projection_reason = np.zeros((4, size), dtype=np.int8)
        return cls(bound, status, reason, pace_reason, projection_reason, **numbers)

    def decide(self, where: Bools, status: Status, reason: Reason) -> None:
        """Set status and reason of some series; a later call overrules an earlier one."""
        np.copyto(self.status, status, where=where)
        np.copyto(self.reason, reason, where=where)

    def drop(self, where: Bools, reason: Reason | None, names: tuple[str, ...] = JUDGEMENT) -> None:
        """Blank numbers of some series, and say why there is no pace."""
        for name in names:
            setattr(self, name, np.where(where, np.nan, getattr(self, name)))
        if reason is not None:
            np.copyto(self.pace_reason, reason, where=where)
