"""A block of series side by side: what was demanded, what was observed, and simple questions.

Blocks are a few thousand series wide, so that every intermediate array stays in the processor's
cache, and are laid out year by year: `cells[j]` holds all series' values of `years[j]`, next to
each other. Loops run over years, never over series.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Self

import numpy as np

from targets.assessment.words import Bools, Codes, Floats, Kind, Operator, PaceMethod

#: Numbers beyond this are refused by name, so that no difference or product can overflow.
LIMIT = 1e100

#: Two numbers closer than this share of their size are taken as equal, where one of them was
#: computed (a mean, a percentage of a baseline): 11 is 10 % above 10, whatever the last bit says.
#: Published numbers are compared as they stand.
TIE = 1e-12


@dataclass(frozen=True, slots=True)
class Demands:
    """The targets of a block; every array has one entry per series, NaN where nothing is stated.

    `threshold` is 100 for a milestone. `now` is the year of "today".
    """

    kind: Codes
    operator: Codes
    pace_method: Codes
    threshold: Floats
    due_year: Floats
    document_year: Floats
    baseline_year: Floats
    baseline_value: Floats
    interval_years: Floats
    unmeasurable_from: Floats
    now: Floats

    @property
    def due(self) -> Bools:
        """Whether "today" is after 31 December of the due year."""
        return self.now > self.due_year

    @property
    def start_year(self) -> Floats:
        """The stated baseline year, else the document's."""
        return np.where(np.isnan(self.baseline_year), self.document_year, self.baseline_year)

    @property
    def is_cagr(self) -> Bools:
        asked: Bools = self.pace_method == PaceMethod.CAGR
        return asked

    def take(self, where: slice | np.ndarray) -> Self:
        """The same for some of the series."""
        return type(self)(*(getattr(self, field.name)[where] for field in fields(self)))

    def unsound(self) -> Bools:
        """Series with a number that cannot be one: infinite, beyond `LIMIT`, half a year."""
        bad = np.zeros(len(self.kind), dtype=bool)
        for amount in (self.threshold, self.baseline_value):
            bad |= np.abs(amount) > LIMIT
        for year in (
            self.due_year, self.document_year, self.baseline_year, self.interval_years,
            self.unmeasurable_from,
        ):  # fmt: skip
            bad |= (np.floor(year) != year) & ~np.isnan(year)
            bad |= (year < 1) | (year > 9999)
        return bad

    def unfit_operator(self) -> Bools:
        """Series whose operator contradicts the kind.

        A rank is better when lower; a cut by "20 to 30 per cent" has no lower bound from which it
        is met, so a relative range must not be negative; only a milestone may have no operator.
        """
        upward = self.operator <= Operator.RANGE
        rank = (self.kind == Kind.RANK) & upward
        cut = (
            (self.kind == Kind.RELATIVE) & (self.operator == Operator.RANGE) & (self.threshold < 0)
        )
        none = (self.operator == Operator.NONE) & (self.kind != Kind.MILESTONE)
        unfit: Bools = rank | cut | none
        return unfit


@dataclass(frozen=True, slots=True)
class Bound:
    """The threshold as a test. `sign` is 1 where more is better and -1 where less is."""

    threshold: Floats
    sign: Floats
    strict: Bools
    edge: Floats

    @classmethod
    def of(cls, demands: Demands, threshold: Floats, slack: Floats | float = 0.0) -> Self:
        """`slack`: how far off a computed number may be and still count as on the threshold."""
        operator = demands.operator
        down = (operator == Operator.AT_MOST) | (operator == Operator.LESS_THAN)
        strict = (operator == Operator.MORE_THAN) | (operator == Operator.LESS_THAN)
        sign = np.where(down, -1.0, 1.0)
        edge = sign * threshold - slack
        if strict.any():
            beyond = np.nextafter(sign * threshold + slack, np.inf)
            edge = np.where(strict, beyond, edge)
        return cls(threshold, sign, strict, edge)

    def met(self, value: Floats) -> Bools:
        """Whether the value satisfies the operator; a range is met from its lower bound up."""
        return self.sign * value >= self.edge


@dataclass(frozen=True, slots=True)
class Block:
    """Observed values: `years` (k) ascending, `cells` and `seen` (k, n)."""

    years: Floats
    cells: Floats
    seen: Bools

    @property
    def size(self) -> int:
        return int(self.cells.shape[1])

    def last(
        self, *, until: Floats | None = None, after: Floats | None = None
    ) -> tuple[Floats, Floats]:
        """Year and value of each series' last observation in (after, until]; NaN for none."""
        return self._search(range(len(self.years) - 1, -1, -1), after, until)

    def first(self, *, after: Floats) -> tuple[Floats, Floats]:
        """Year and value of each series' first observation after a year; NaN for none."""
        return self._search(range(len(self.years)), after, None)

    def _search(
        self, order: range, after: Floats | None, until: Floats | None
    ) -> tuple[Floats, Floats]:
        year = np.full(self.size, np.nan)
        value = np.full(self.size, np.nan)
        wanted = np.ones(self.size, dtype=bool)
        for j in order:
            found = wanted & self.seen[j]
            if until is not None:
                found &= until >= self.years[j]
            if after is not None:
                found &= after < self.years[j]
            np.copyto(year, self.years[j], where=found)
            np.copyto(value, self.cells[j], where=found)
            wanted &= ~found
            if not wanted.any():
                break
        return year, value

    def last_met(self, bound: Bound, *, after: Floats, before: Floats) -> Floats:
        """The last year in (after, before) whose value meets the bound; NaN for none."""
        year = np.full(self.size, np.nan)
        for j, when in enumerate(self.years):
            found = self.seen[j] & (after < when) & (before > when) & bound.met(self.cells[j])
            np.copyto(year, when, where=found)
        return year

    def first_met(self, bound: Bound, *, after: Floats) -> Floats:
        """The first year after `after` whose value meets the bound; NaN for none."""
        year = np.full(self.size, np.nan)
        for j in range(len(self.years) - 1, -1, -1):
            found = self.seen[j] & (after < self.years[j]) & bound.met(self.cells[j])
            np.copyto(year, self.years[j], where=found)
        return year


def baseline(demands: Demands, block: Block) -> tuple[Floats, Floats]:
    """Year and value from which the path starts; NaN where there is none.

    The stated one; else the last observation at or before the document's year; else the first one
    after it. Of a baseline stated by its year alone, the value is found by the same rule from that
    year; one stated by its value alone is of the document's year. A milestone starts from 0 in the
    document's year.
    """
    start = demands.start_year
    stated = ~np.isnan(demands.baseline_value)
    milestone = demands.kind == Kind.MILESTONE
    fixed = stated | milestone
    fixed_value = np.where(stated, demands.baseline_value, 0.0)
    if fixed.all():
        return start, fixed_value
    year, value = block.last(until=start)
    later = np.isnan(year) & ~fixed
    if later.any():
        first_year, first_value = block.first(after=start)
        np.copyto(year, first_year, where=later)
        np.copyto(value, first_value, where=later)
    return np.where(fixed, start, year), np.where(fixed, fixed_value, value)
