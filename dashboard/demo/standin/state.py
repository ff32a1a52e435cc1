"""What is served under a key: figures that differ, columns that were renamed, a fault."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dashboard.demo.standin.figures import published


class ControlError(ValueError):
    """A control message that this server does not understand."""


@dataclass(frozen=True)
class Seen:
    """A request that came under a key, for whoever wants to know what was asked."""

    method: str
    path: str
    status: int
    headers: Mapping[str, str]

    def as_json(self) -> dict[str, Any]:
        return {**vars(self), "headers": dict(self.headers)}


@dataclass
class State:
    """All that one key changes; a new one changes nothing.

    `values`: `indicator/series` -> period -> the value served instead; None: no value there.
    `renamed`: a column's or field's name -> the name it has now.
    `dropped`: periods that are not there at all.
    `fault` and its `parameters`; served `times` times (None: until it is changed), and only where
    `only` is part of the path and query.
    `revision` counts the changes: it moves ETag and Last-Modified.
    """

    values: dict[str, dict[str, str | None]] = field(default_factory=dict)
    renamed: dict[str, str] = field(default_factory=dict)
    dropped: set[str] = field(default_factory=set)
    fault: str = ""
    parameters: dict[str, Any] = field(default_factory=dict)
    times: int | None = None
    only: str = ""
    revision: int = 0
    seen: list[Seen] = field(default_factory=list)

    def figures(self, series: str) -> dict[str, str | None]:
        """The figures of a series as they are served now, by period."""
        figures: dict[str, str | None] = {**published().get(series, {})}
        figures |= self.values.get(series, {})
        return {period: v for period, v in sorted(figures.items()) if period not in self.dropped}

    def name(self, column: str) -> str:
        """What a column is called now."""
        return self.renamed.get(column, column)

    def take_fault(self, target: str) -> tuple[str, dict[str, Any]]:
        """The fault for this request ("" for none); a counted one is used up."""
        if not self.fault or self.only not in target or self.times == 0:
            return "", {}
        if self.times is not None:
            self.times -= 1
        return self.fault, self.parameters


_SETTABLE = {"values", "renamed", "dropped", "fault", "parameters", "times", "only"}


@dataclass
class States:
    """The states of all keys. Safe for several threads: each request takes the lock briefly."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    _by_key: dict[str, State] = field(default_factory=dict)

    def of(self, key: str) -> State:
        """The state of a key; the caller holds the lock."""
        return self._by_key.setdefault(key, State())

    def change(self, message: Mapping[str, Any]) -> State:
        """Set what `message` names for its `key`; `reset` true forgets the rest first."""
        unknown = message.keys() - _SETTABLE - {"key", "reset"}
        if unknown or not isinstance(message.get("key"), str):
            raise ControlError(f"a key and any of {sorted(_SETTABLE)}, not {sorted(message)}")
        with self.lock:
            state = self.of(message["key"])
            if message.get("reset"):
                state.__dict__.update(State(revision=state.revision).__dict__)
            for name in _SETTABLE & message.keys():
                given = message[name]
                setattr(state, name, set(given) if name == "dropped" else given)
            if message.keys() & {"values", "renamed", "dropped", "reset"}:
                state.revision += 1
            return state
