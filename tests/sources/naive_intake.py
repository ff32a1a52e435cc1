"""Taking values in a second time, as plainly as can be: loops over rows, no database.

Written from what `targets.sources.taking.intake` promises, with the pure checks of reported values
asked row by row. The two must agree on any run.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import NamedTuple

from targets.reporting.checks import Cell, Known, Measure, Previous, Rule, failures, particular
from targets.sources.contract import MappedRow
from targets.values.periods import period_days

EXACT = Context(prec=60, rounding=ROUND_HALF_UP)


class Key(NamedTuple):
    series: int
    organisation: int
    period: str


class Numbers(NamedTuple):
    value: Decimal
    numerator: Decimal | None
    denominator: Decimal | None


@dataclass
class Standing:
    """A value in force: the source that published it by itself; None: a person stands behind it."""

    numbers: Numbers
    by: int | None


@dataclass
class Waiting:
    """A value that was held: what stood beside it then, and what became of it."""

    source: int
    key: Key
    numbers: Numbers
    reasons: list[str]
    standing: Standing | None
    previous: Decimal | None
    state: str = "waiting"


@dataclass
class Store:
    """What is in force and what was ever held."""

    measures: dict[int, Measure]
    scales: dict[int, int]
    rules: list[Rule]
    in_force: dict[Key, Standing] = field(default_factory=dict)
    held: list[Waiting] = field(default_factory=list)

    def pull(self, rows: Sequence[MappedRow], source: int, review: bool) -> Counter[str]:
        """What became of how many rows."""
        counts: Counter[str] = Counter(read=len(rows))
        by_key: dict[Key, list[Numbers]] = defaultdict(list)
        for row in rows:
            by_key[Key(*row[1:4])].append(self._numbers(row))
        before = dict(self.in_force)
        for key in sorted(by_key, key=lambda key: _span(key)[1]):
            numbers = by_key[key]
            if len(set(numbers)) > 1:
                counts["rejected"] += len(numbers)
                continue
            counts[self._take(key, numbers[0], source, review, before)] += 1
            counts["unchanged"] += len(numbers) - 1
        return counts

    def _numbers(self, row: MappedRow) -> Numbers:
        if not row.numerator:
            return Numbers(Decimal(row.value), None, None)
        above, below = Decimal(row.numerator), Decimal(row.denominator)
        value = EXACT.quantize(
            EXACT.divide(above * self.scales[row.series], below), Decimal("1e-8")
        )
        return Numbers(value, above, below)

    def _take(
        self, key: Key, numbers: Numbers, source: int, review: bool, before: dict[Key, Standing]
    ) -> str:
        standing = before.get(key)
        waiting = next(
            (one for one in self.held if one.state == "waiting"
             and (one.source, one.key) == (source, key)), None,
        )  # fmt: skip
        decided = [
            one
            for one in self.held
            if one.state in ("accepted", "refused") and (one.source, one.key) == (source, key)
        ]
        if standing is not None and _says(standing.numbers, numbers):
            _overtake(waiting)
            return "unchanged"
        if waiting and _says(waiting.numbers, numbers) and waiting.standing is standing:
            return "unchanged"
        _overtake(waiting)
        if decided and decided[-1].state == "refused" and _says(decided[-1].numbers, numbers):
            return "unchanged"
        previous = self._previous(key)
        reasons = ["trust"] if review else []
        reasons += self._failing(key, numbers, previous)
        if standing is not None and standing.by != source:
            reasons.append("replaces")
        if reasons:
            before_it = previous.value if previous else None
            self.held.append(Waiting(source, key, numbers, reasons, standing, before_it))
            return "held"
        self.in_force[key] = Standing(numbers, source)
        return "added" if standing is None else "revised"

    def _previous(self, key: Key) -> Previous | None:
        found = [
            other
            for other in self.in_force
            if other[:2] == key[:2]
            and _kind(other.period) == _kind(key.period)
            and _span(other)[1] < _span(key)[0]
        ]
        if not found:
            return None
        last = max(found, key=lambda other: _span(other)[1])
        return Previous(self.in_force[last].numbers.value, last.period)

    def _failing(self, key: Key, numbers: Numbers, previous: Previous | None) -> list[str]:
        measure = self.measures[key.series]
        rules = {
            check: those
            for check, those in particular(self.rules, measure).items()
            if check in ("range", "jump")
        }
        found = failures(rules, measure, Cell(*numbers), Known(previous=previous))
        return list(dict.fromkeys(one.rule.check for one in found))

    def decide(self, chosen: Iterable[Waiting], state: str) -> None:
        """A coordinator's decision on what waits."""
        for one in chosen:
            one.state = state
            if state == "accepted":
                self.in_force[one.key] = Standing(one.numbers, None)


def _says(known: Numbers, said: Numbers) -> bool:
    """Whether a source says what is known; of the parts it may say nothing."""
    return said in (known, Numbers(known.value, None, None))


def _overtake(waiting: Waiting | None) -> None:
    if waiting is not None:
        waiting.state = "overtaken"


def _span(key: Key) -> tuple[dt.date, dt.date]:
    days = period_days(key.period)
    assert days is not None
    return days


def _kind(period: str) -> str:
    rest = period[4:]
    return rest[1] if rest[1:2] in ("H", "Q") else "month" if rest else "year"
