"""What is read of an SDMX message, whichever way it is written. Nothing of Django is known here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Message:
    """All observations of a message, and when it was prepared ("" where it does not say)."""

    observations: Sequence[Observation]
    prepared: str

    def columns(self) -> list[str]:
        """Ids of dimensions, attributes and measures that occur; a measure without any number does
        not, so that whoever wants it is told what there is instead.

        Raises UnreadError where there are no observations.
        """
        if not self.observations:
            raise UnreadError("source-error", message="no observations")
        names: list[dict[str, None]] = [{}, {}, {}]
        for key, values, attributes in self.observations:
            names[0].update(dict.fromkeys(key))
            names[1].update(dict.fromkeys(attributes))
            names[2].update(dict.fromkeys(name for name, text in values.items() if text))
        return list(dict.fromkeys(name for part in names for name in part))

    def rows(self, columns: Sequence[str]) -> Iterator[list[str | None]]:
        """The observations, a text for each column."""
        for key, values, attributes in self.observations:
            row = {**attributes, **key, **values}
            yield [None if (text := row.get(name)) == _NO_NUMBER else text for name in columns]
