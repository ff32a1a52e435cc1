"""What was published before, to stand beside the cell into which a value is typed."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from targets.known_values import Run, merge, read_runs
from targets.lineage import Lineage, Past, past_of
from targets.models import ReportItem, Series


@dataclass(frozen=True, slots=True)
class Year:
    """The published value of one year; `computed` from all predecessors where it has no own."""

    year: int
    period: str
    value: Decimal
    computed: bool = False


@dataclass(frozen=True, slots=True)
class Track:
    """The years of one series, oldest first; never empty."""

    series: Series
    organisation_id: int
    years: tuple[Year, ...]


@dataclass(frozen=True, slots=True)
class History:
    """What is known for one cell.

    own: the series that the report writes, for the cell's subject, with the years before a merger
        computed where that is allowed; None where nothing is known.
    official: the series that verdicts go by, where that is another one.
    apart: predecessors of the subject whose values cannot be added; each stays by itself.
    """

    own: Track | None = None
    official: Track | None = None
    apart: tuple[Track, ...] = ()


def histories(items: Iterable[ReportItem], lineage: Lineage, day: dt.date) -> Mapping[int, History]:
    """The history of every cell by its id, as known on `day` (one query beside `lineage`)."""
    items = list(items)
    pasts = {pk: past_of(lineage, pk, day) for pk in {item.subject_id for item in items}}
    bodies = {*pasts, *(one for past in pasts.values() for one in past.predecessors)}
    runs = read_runs(
        day,
        organisation__in=bodies,
        series__indicator__in={item.indicator_id for item in items},
    )
    by_series: dict[int, list[Run]] = defaultdict(list)
    official: dict[int, int] = {}
    for run in runs:
        by_series[run.series_id].append(run)
        if run.series.official:
            official[run.series.indicator_id] = run.series_id
    return {item.pk: _history(item, pasts[item.subject_id], by_series, official) for item in items}


def _history(
    item: ReportItem,
    past: Past,
    by_series: Mapping[int, Sequence[Run]],
    official: Mapping[int, int],
) -> History:
    runs = by_series.get(item.series_id, ())
    own = _track(item.subject_id, runs, past)
    computed = own is not None and any(year.computed for year in own.years)
    other = official.get(item.indicator_id, item.series_id)
    return History(
        own=own,
        official=None
        if other == item.series_id
        else _track(item.subject_id, by_series[other], past),
        apart=()
        if computed
        else tuple(
            Track(run.series, run.organisation_id, _years(run))
            for run in runs
            if run.organisation_id in past.predecessors
        ),
    )


def _track(subject_id: int, runs: Sequence[Run], past: Past) -> Track | None:
    """A body's own years, and before them those computed from all its predecessors."""
    years: dict[int, Year] = {}
    for one in merge([run for run in runs if run.organisation_id in past.whole], past.whole):
        years[one.year] = Year(one.year, one.period, one.value, computed=True)
    for run in runs:
        if run.organisation_id == subject_id:
            years |= {year.year: year for year in _years(run)}
    ordered = tuple(years[year] for year in sorted(years))
    return Track(runs[0].series, subject_id, ordered) if ordered else None


def _years(run: Run) -> tuple[Year, ...]:
    return tuple(
        Year(year, value.latest.period, value.number) for year, value in run.by_year().items()
    )
