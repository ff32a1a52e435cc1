"""The published figures for the whole country, as the catalogue's files have them."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path

OBSERVATIONS = Path(__file__).resolve().parents[3] / "fixtures" / "observations"
COUNTRY = "VN"

#: Period -> value as its publisher wrote it, "98.5"; in the order of the files.
Figures = Mapping[str, str]


@cache
def published() -> dict[str, dict[str, str]]:
    """Figures by `indicator/series`; of several editions of a value the last one counts."""
    found: dict[str, dict[str, str]] = {}
    for path in sorted(OBSERVATIONS.glob("*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file):
                if row["organisation"] == COUNTRY:
                    series = f"{row['indicator']}/{row['series']}"
                    found.setdefault(series, {})[row["period"]] = row["value"]
    return found
