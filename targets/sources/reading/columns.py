"""Rows worked on by the column: what a text means is found once, and looked up from then on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress, repeat
from operator import itemgetter
from typing import Any, Final, Generic, NamedTuple, TypeVar

from targets.sources.reading.areas import cleaned
from targets.sources.reading.numerals import Numerals

_REMEMBERED: Final = 50_000  # texts of a column

Cell = str | None
K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Placed(NamedTuple):
    """Whom and which period a row is about; the vintage that it has unless it says another."""

    organisation: int
    period: str
    vintage: str


class Refused(NamedTuple):
    """Why a row is left out, and where it says so."""

    field: str
    reason: str
    shown: str


Number = str | Refused | None  # None: no value


class Memo(dict[K, V], Generic[K, V]):
    """What texts mean, found once each; forgotten when there are too many."""

    def __init__(self, read: Callable[[K], V]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, key: K) -> V:
        if len(self) >= _REMEMBERED:
            self.clear()
        value = self[key] = self._read(key)
        return value

    def of(self, keys: Iterable[K]) -> list[V]:
        """What each key means, in their order."""
        return list(map(self.__getitem__, keys))


@dataclass(frozen=True, eq=False)
class Numbers:
    """A field of numbers; `at_once`: whether those that need no reading may be left as they are."""

    field: str
    numerals: Numerals
    memo: Memo[Cell, Number]
    at_once: bool

    def of(self, texts: Sequence[Cell]) -> Sequence[Number]:
        """The numbers of some rows."""
        return texts if self.at_once and self.numerals.all_plain(texts) else self.memo.of(texts)


@dataclass(frozen=True, eq=False)
class Plan:
    """How the rows of one series are read: a value, or a numerator and a denominator."""

    series: int
    numbers: tuple[Numbers, ...]


@dataclass(frozen=True, eq=False)
class Choice:
    """What the texts of some fields say a row is of."""

    fields: tuple[str, ...]
    plans: Memo[tuple[Cell, ...], tuple[Plan, ...]]

    def among(self, stretch: Stretch) -> Iterator[tuple[Plan, Sequence[int] | None]]:
        """The series that rows of a stretch are of, and at which positions; None is all of them."""
        columns = [stretch.cells[name] for name in self.fields]
        hits = self.plans.of(keys(columns, len(stretch.places)))
        if hits.count(hits[0]) == len(hits):
            yield from ((plan, None) for plan in hits[0])
            return
        positions: dict[tuple[Plan, ...], list[int]] = defaultdict(list)
        for at, plans in enumerate(hits):
            positions[plans].append(at)
        for plans, some in positions.items():
            yield from ((plan, some) for plan in plans)


class Stretch(NamedTuple):
    """Some rows, by column. `placed` is None where a row is of no concern."""

    cells: Mapping[str, Sequence[Cell]]
    places: Sequence[int]
    placed: Sequence[Placed | Refused | None]
    days: Sequence[str | Refused]
    vintages: Sequence[str | Refused]


def plans_for(
    conditions: Sequence[tuple[Plan, Sequence[frozenset[str]]]], key: tuple[Cell, ...]
) -> tuple[Plan, ...]:
    """The plans all of whose conditions are met by the texts of their fields."""
    texts = [cleaned(cell or "") for cell in key]
    return tuple(
        plan
        for plan, meant in conditions
        if all(text in any_of for text, any_of in zip(texts, meant, strict=True))
    )


def keys(columns: Sequence[Sequence[Cell]], rows: int) -> Iterable[tuple[Cell, ...]]:
    """The texts of some columns, row by row; of none at all too."""
    return zip(*columns, strict=True) if columns else repeat((), rows)


def at_positions(column: Sequence[V], positions: Sequence[int]) -> Sequence[V]:
    """What stands at some positions of a column."""
    if len(positions) == 1:
        return (column[positions[0]],)
    return itemgetter(*positions)(column)  # type: ignore[no-any-return]


def kept(columns: Sequence[Sequence[Any]], keep: Sequence[bool]) -> list[Sequence[Any]]:
    """The columns, with the rows to keep only."""
    return [list(compress(column, keep)) for column in columns]
