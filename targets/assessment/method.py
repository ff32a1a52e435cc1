"""The active method: the two paces at which a status changes, under a version."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Method:
    """One version of the method.

    `on_track_from` and `at_risk_from` are paces (1 is exactly on the path): from the first on a
    target is on track, from the second on at risk, below it off track.

    Raises ValueError unless 0 < at_risk_from < on_track_from <= 1.
    """

    version: str
    on_track_from: float = 0.95
    at_risk_from: float = 0.60

    def __post_init__(self) -> None:
        if not 0 < self.at_risk_from < self.on_track_from <= 1:
            raise ValueError(
                "a method needs 0 < at_risk_from < on_track_from <= 1, "
                f"got {self.at_risk_from} and {self.on_track_from}"
            )
