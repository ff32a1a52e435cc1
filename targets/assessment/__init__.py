"""The yardstick: from figures and targets to verdicts. Pure: pandas and NumPy in, pandas out.

No ORM, no request, no clock. `assess` judges any number of series at once; `Method` is the version
of the rules; `reason_values` turns a result's reasons into JSON. Modules: `words` (vocabularies),
`reasons` (every reason and its numbers), `series` (what was demanded and observed), `path` and
`yearly` (the rules of each kind), `projection`, `frames` (the boundary), `engine` (the order).
"""

from targets.assessment.engine import assess
from targets.assessment.frames import (
    NUMBER_COLUMNS,
    RESULT_COLUMNS,
    TARGET_COLUMNS,
    FrameError,
)
from targets.assessment.method import Method
from targets.assessment.reasons import PROJECTION_REASONS, REASONS, reason_values
from targets.assessment.words import KINDS, OPERATORS, PACE_METHODS, STATUSES

__all__ = [
    "KINDS",
    "NUMBER_COLUMNS",
    "OPERATORS",
    "PACE_METHODS",
    "PROJECTION_REASONS",
    "REASONS",
    "RESULT_COLUMNS",
    "STATUSES",
    "TARGET_COLUMNS",
    "FrameError",
    "Method",
    "assess",
    "reason_values",
]
