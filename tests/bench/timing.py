"""What a benchmark reports: our time beside that of the bare computation."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds of ours and of the bare computation, and how many times as long ours may take."""

    name: str
    ours: float
    bare: float
    limit: float

    @property
    def ratio(self) -> float:
        return self.ours / self.bare

    @property
    def ok(self) -> bool:
        return self.ratio <= self.limit


def best_of(times: int, *actions: Callable[[], object]) -> list[float]:
    """The shortest time of each action in seconds, the actions taking turns.

    Turns, so that a busy moment of the machine does not fall on one of them alone.
    """
    found = [float("inf")] * len(actions)
    for _ in range(times):
        for position, action in enumerate(actions):
            gc.collect()
            start = time.perf_counter()
            action()
            found[position] = min(found[position], time.perf_counter() - start)
    return found
