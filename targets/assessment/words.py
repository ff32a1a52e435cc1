"""The closed vocabularies of the engine, as integer codes with one spelling each.

A code is the position of its word in a frame's categorical column; the word is the member's name
in lower case, except for operators, which are written as the documents' catalogue writes them.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.int8]


class Kind(IntEnum):
    """What sort of demand a target makes (DESIGN, section 4, "Kinds")."""

    LEVEL = 0
    RANK = 1
    COUNT = 2
    RELATIVE = 3
    MILESTONE = 4
    GROWTH = 5
    EVERY_YEAR = 6
    KEEP = 7


class Operator(IntEnum):
    """How a value is compared with the threshold. A milestone has none: it is to be complete."""

    AT_LEAST = 0
    MORE_THAN = 1
    RANGE = 2
    AT_MOST = 3
    LESS_THAN = 4
    NONE = 5


class PaceMethod(IntEnum):
    """The path from the baseline to the threshold: a straight line, or growth by a ratio."""

    LINEAR = 0
    CAGR = 1


class Status(IntEnum):
    """The verdict."""

    ACHIEVED = 0
    ON_TRACK = 1
    AT_RISK = 2
    OFF_TRACK = 3
    MISSED = 4
    INSUFFICIENT = 5
    NO_DATA = 6
    NOT_MEASURABLE = 7


def words(vocabulary: type[IntEnum]) -> tuple[str, ...]:
    """The spelling of every code, in the order of the codes."""
    return tuple(member.name.lower() for member in vocabulary)


KINDS = words(Kind)
STATUSES = words(Status)
PACE_METHODS = words(PaceMethod)
OPERATORS = (">=", ">", "range", "<=", "<", "")
