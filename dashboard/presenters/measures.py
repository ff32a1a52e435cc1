"""What is known of each place by one measure: its own value, one computed, or its predecessors'.

A province that a merger made has no past of its own. Where its predecessors' parts are known it is
computed from them; else their values stand beside it, by name, and are never averaged.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from dashboard import formatting
from dashboard.formatting import localised
from dashboard.presenters import provincial
from targets.known_values import Merged, Run, Value, merge
from targets.lineage import Lineage, Past
from targets.models import Indicator


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a place in one year: its own value, one computed, or its predecessors'."""

    own: Value | None = None
    merged: Merged | None = None
    apart: tuple[tuple[int, Value], ...] = ()

    @property
    def number(self) -> Decimal | None:
        """The number of the place itself, None where only its predecessors have one."""
        if self.own is not None:
            return self.own.number
        return None if self.merged is None else self.merged.value


@dataclass(frozen=True)
class Measure:
    """One series of an indicator over places, in the year with most values."""

    key: str
    runs: Mapping[int, Run]
    year: int

    @property
    def indicator(self) -> Indicator:
        return next(iter(self.runs.values())).series.indicator

    @property
    def title(self) -> str:
        """Indicator, series where it has a name of its own, year."""
        series = next(iter(self.runs.values())).series
        names = (localised(self.indicator, "name"), localised(series, "name"), str(self.year))
        return ", ".join(filter(None, names))

    def known(self, organisation_id: int, past: Past) -> Known:
        """What this measure says of a place that was formed from others, or of none (`past`)."""
        run = self.runs.get(organisation_id)
        if run is not None and self.year in run.by_year():
            return Known(own=run.by_year()[self.year])
        parts = [self.runs[one] for one in past.predecessors if one in self.runs]
        merged = [one for one in merge(parts, past.whole) if one.year == self.year]
        if merged:
            return Known(merged=merged[-1])
        return Known(
            apart=tuple(
                (part.organisation_id, part.by_year()[self.year])
                for part in parts
                if self.year in part.by_year()
            )
        )

    def places(self) -> int:
        """How many bodies have a value in the year."""
        return sum(1 for run in self.runs.values() if self.year in run.by_year())

    def write(self, number: Decimal) -> str:
        return formatting.quantity(number, self.indicator.unit, trim=True)

    def apart(self, known: Known, lineage: Lineage, day: dt.date) -> list[str]:
        """`Hà Giang: hạng 50` for each predecessor."""
        return [
            f"{localised(lineage.name_on(pk, day), 'short')}: {self.write(value.number)}"
            for pk, value in known.apart
        ]


def measures_of(runs: Iterable[Run]) -> list[Measure]:
    """One measure for each series, in the order of the catalogue; `runs` are those of places."""
    by_series: dict[int, dict[int, Run]] = defaultdict(dict)
    for run in runs:
        by_series[run.series_id][run.organisation_id] = run
    measures = []
    for members in by_series.values():
        series = next(iter(members.values())).series
        key = f"{series.indicator.code}.{series.code}"
        measures.append(Measure(key, members, provincial.fullest_year(members.values())))
    return sorted(measures, key=lambda one: (one.indicator.pk, -one.year))
