"""The published values as known on a day, version upon version, and histories of merged bodies.

What the pages show of values. Nothing is joined here that its publishers keep apart: a run is one
series of one organisation.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import BooleanField, ExpressionWrapper, Q

from targets.models import Indicator, Observation, Series


@dataclass(frozen=True)
class Value:
    """One value as known on the day, and the versions that it replaced, newest first."""

    latest: Observation
    earlier: tuple[Observation, ...] = ()

    @property
    def number(self) -> Decimal:
        return self.latest.value


@dataclass(frozen=True)
class Run:
    """The values of one series for one organisation, in order of time; never empty."""

    series: Series
    organisation_id: int
    values: tuple[Value, ...]

    @property
    def series_id(self) -> int:
        return self.series.pk

    @property
    def newest(self) -> Value:
        """The value to quote: that of the last year, by the rule of `by_year`."""
        return list(self.by_year().values())[-1]

    def by_year(self) -> dict[int, Value]:
        """One value a year, as verdicts see it: a whole year's goes before that of a part.

        Of parts the one that ends last counts, and of those the longest.
        """
        years: dict[int, Value] = {}
        for value in sorted(self.values, key=_weight):
            years[value.latest.year] = value
        return dict(sorted(years.items()))


def _weight(value: Value) -> tuple[bool, dt.date, int]:
    seen = value.latest
    return len(seen.period) == 4, seen.period_end, -seen.period_start.toordinal()


def read_runs(day: dt.date, **which: Any) -> list[Run]:
    """The runs of published values known on `day` (one query).

    `which`: conditions on the observations, as for `filter`. Order: indicator, the official series
    first, organisation.
    """
    rows = (
        Observation.objects.published()
        .filter(known_on__lte=day, **which)
        .select_related("series__indicator__unit", "source")
        .order_by(
            "series__indicator__code",
            "-series__official",
            "series__code",
            "organisation_id",
            "period_start",
            "period_end",
            # The version in force last, as `ObservationQuerySet.known_on` and the verdicts have it.
            ExpressionWrapper(Q(superseded_at__isnull=True), BooleanField()).asc(),
            "known_on",
            "pk",
        )
    )
    versions: dict[tuple[int, int], dict[str, list[Observation]]] = defaultdict(dict)
    for row in rows:
        run = versions[row.series_id, row.organisation_id]
        run.setdefault(row.period, []).append(row)
    return [_run(organisation, periods) for (_series, organisation), periods in versions.items()]


def _run(organisation_id: int, periods: Mapping[str, Sequence[Observation]]) -> Run:
    values = tuple(Value(seen[-1], tuple(reversed(seen[:-1]))) for seen in periods.values())
    return Run(values[0].latest.series, organisation_id, values)


@dataclass(frozen=True)
class Merged:
    """One value of a successor before it existed: computed from all its predecessors' parts.

    `numerator` and `denominator` are those of a ratio, None for a sum.
    """

    period: str
    year: int
    value: Decimal
    numerator: Decimal | None
    denominator: Decimal | None
    parts: tuple[Observation, ...]


def merge(runs: Iterable[Run], predecessors: Sequence[int]) -> list[Merged]:
    """The history of a successor in one series, from the runs of its predecessors.

    `predecessors`: ids of all organisations that went into it whole. A ratio is the sum of the
    numerators over the sum of the denominators, never a mean of ratios; where an indicator does
    not add up, where only the ratio is known, or where one predecessor has no value, there is no
    merged value and the predecessors stay apart.
    """
    by_period: dict[str, dict[int, Observation]] = defaultdict(dict)
    for run in runs:
        for value in run.values:
            by_period[value.latest.period][run.organisation_id] = value.latest
    merged = []
    for found in by_period.values():
        if predecessors and all(pk in found for pk in predecessors):
            one = _merge([found[pk] for pk in predecessors])
            if one is not None:
                merged.append(one)
    return sorted(merged, key=lambda one: one.parts[0].period_end)


def _merge(parts: Sequence[Observation]) -> Merged | None:
    indicator = parts[0].series.indicator
    first = parts[0]
    if indicator.aggregation == Indicator.Aggregation.SUM:
        total = sum((part.value for part in parts), Decimal(0))
        return Merged(first.period, first.year, total, None, None, tuple(parts))
    if indicator.aggregation != Indicator.Aggregation.RATIO:
        return None
    above = [part.numerator for part in parts if part.numerator is not None]
    below = [part.denominator for part in parts if part.denominator is not None]
    if len(above) < len(parts) or len(below) < len(parts):
        return None
    numerator, denominator = sum(above, Decimal(0)), sum(below, Decimal(0))
    value = numerator * indicator.unit.ratio_scale / denominator
    return Merged(first.period, first.year, value, numerator, denominator, tuple(parts))
