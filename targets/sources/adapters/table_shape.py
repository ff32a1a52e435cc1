"""The header of a table: where it stands, what its columns are called; wide tables made long."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from targets.sources.contract import Outcome, SourceError

# A header that does not stand in the first rows is not there.
_LOOKED_AT = 200
_SHOWN = 60


@dataclass(frozen=True)
class Wanted:
    """What is said of the header. `columns` must be in it, by the names after `rename`.

    `rows`: over how many rows it stretches. `pattern`: some column must match it.
    """

    columns: Sequence[str] = ()
    rows: int = 1
    rename: Mapping[str, str] | None = None
    pattern: re.Pattern[str] | None = None


def name_of(text: str) -> str:
    """A name as it is compared: composed letters, single spaces."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def header_of(rows: Iterator[Sequence[str]], wanted: Wanted) -> list[str]:
    """Names of the columns; `rows` stands behind the header afterwards.

    The header is the first row (or two) in which all wanted columns are; where none are named,
    the first with two different texts, since a title stands alone. Raises SourceError
    (columns-changed) with what is missing of the row that has the most of it.
    """
    columns = [name_of(column) for column in wanted.columns]
    asked = bool(columns or wanted.pattern)
    best: tuple[int, list[str], list[str]] = (-1, columns, [])
    window: list[Sequence[str]] = list(islice(rows, wanted.rows - 1))
    for row in islice(rows, _LOOKED_AT):
        window = [*window, row][-wanted.rows :]
        if not asked and len({cell for cell in window[0] if cell}) < 2:
            continue
        names = _distinct(_joined(window), wanted.rename or {})
        missing = [column for column in columns if column not in names]
        if wanted.pattern and not any(wanted.pattern.fullmatch(name) for name in names):
            missing.append(wanted.pattern.pattern)
        if not missing:
            return names
        there = len(columns) + 1 - len(missing)
        if there > best[0] and any(window[0]):
            best = (there, missing, names)
    found = [name for name in best[2] if name][:_SHOWN]
    raise SourceError(Outcome.COLUMNS_CHANGED, missing=best[1], found=found)


def _joined(window: Sequence[Sequence[str]]) -> list[str]:
    """One name a column: of two rows the upper and the lower word, joined by " / ".

    An upper word stands for the empty cells right of it as long as there are lower words.
    """
    width = max(len(row) for row in window)
    rows = [[name_of(cell) for cell in row] + [""] * (width - len(row)) for row in window]
    if len(rows) == 1:
        return rows[0]
    upper, lower = rows
    names = []
    over = ""
    for high, low in zip(upper, lower, strict=True):
        over = high or (over if low else "")
        names.append(" / ".join(dict.fromkeys(word for word in (over, low) if word)))
    return names


def _distinct(names: Iterable[str], rename: Mapping[str, str]) -> list[str]:
    """Renamed; a column without a name gets its number, a repeated name its count."""
    ours = {name_of(theirs): name_of(our) for theirs, our in rename.items()}
    seen: dict[str, int] = {}
    distinct = []
    for number, theirs in enumerate(names, start=1):
        name = ours.get(theirs, theirs) or f"column {number}"
        seen[name] = seen.get(name, 0) + 1
        distinct.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return distinct


@dataclass(frozen=True)
class Melt:
    """How a wide table is made long: one row for each column that matches `pattern`."""

    pattern: re.Pattern[str]
    keep: Sequence[str]
    value: str

    def columns(self, names: Sequence[str]) -> list[str]:
        """Names of the long table: what is kept, the pattern's groups, the value."""
        return [*self._kept(names), *self.pattern.groupindex, self.value]

    def rows(
        self, names: Sequence[str], rows: Iterable[Sequence[str]]
    ) -> Iterator[Sequence[str | None]]:
        """The long rows."""
        kept = [names.index(name) for name in self._kept(names)]
        melted = [
            (place, [match[group] or "" for group in self.pattern.groupindex])
            for place, name in enumerate(names)
            if (match := self.pattern.fullmatch(name))
        ]
        for row in rows:
            same = [row[place] for place in kept]
            for place, groups in melted:
                yield [*same, *groups, row[place]]

    def _kept(self, names: Sequence[str]) -> list[str]:
        if self.keep:
            return [name_of(name) for name in self.keep]
        return [name for name in names if not self.pattern.fullmatch(name)]
