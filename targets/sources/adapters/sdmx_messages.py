"""What is read of an SDMX message, whichever way it is written. Nothing of Django is known here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

# The column of the measure, where there is one.
VALUE = "value"
# How SDMX writes that there is no number.
_NO_NUMBER = "NaN"


class UnreadError(Exception):
    """No data: `outcome` (a value of SourceRun.Outcome) and what to say of it."""

    def __init__(self, outcome: str, **detail: Any) -> None:
        super().__init__(outcome)
        self.outcome = outcome
        self.detail = detail


class Observation(NamedTuple):
    """One observation: its dimensions, measures and attributes by their ids."""

    key: Mapping[str, str]
    values: Mapping[str, str]
    attributes: Mapping[str, str]


class Message:
    """All observations of a message, and when it was prepared ("" where it does not say).

    Few bytes are kept of each: its texts, and which names they go by, which most of them share.
    """

    def __init__(self, observations: Iterable[Observation], prepared: str) -> None:
        self.prepared = prepared
        self._names: list[dict[str, None]] = [{}, {}, {}]
        self._rows: list[tuple[tuple[str, ...], tuple[str, ...]]] = []
        shared: dict[tuple[str, ...], tuple[str, ...]] = {}
        for key, values, attributes in observations:
            row = {**attributes, **key, **values}
            names = tuple(row)
            if names not in shared:
                shared[names] = names
                self._names[0].update(dict.fromkeys(key))
                self._names[1].update(dict.fromkeys(attributes))
            self._names[2].update((name, None) for name, text in values.items() if text)
            self._rows.append((shared[names], tuple(row.values())))

    def columns(self) -> list[str]:
        """Ids of dimensions, attributes and measures that occur; a measure without any number does
        not, so that whoever wants it is told what there is instead.

        Raises UnreadError where there are no observations.
        """
        if not self._rows:
            raise UnreadError("source-error", message="no observations")
        return list(dict.fromkeys(name for part in self._names for name in part))

    def rows(self, columns: Sequence[str]) -> Iterator[list[str | None]]:
        """The observations, a text for each column."""
        for names, texts in self._rows:
            row = dict(zip(names, texts, strict=True))
            yield [None if (text := row.get(name)) == _NO_NUMBER else text for name in columns]
