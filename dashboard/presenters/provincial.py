"""Values of many provinces side by side: one table for each series, years never mixed."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext

from dashboard import formatting
from dashboard.components import Cell, Column, Fact, Table
from dashboard.formatting import localised
from dashboard.presenters import observed
from dashboard.presenters.common import Links
from targets.known_values import Run, Value
from targets.lineage import Lineage
from targets.models import Indicator, Series


@dataclass(frozen=True, slots=True)
class Ranking:
    """The provinces of one series, best first in its fullest year, and the sources of it all."""

    title: str
    note: str
    table: Table
    sources: Sequence[Fact]


def fullest_year(runs: Iterable[Run]) -> int:
    """The year with most values; of equal ones the latest. `runs` must hold one."""
    counts = Counter(year for run in runs for year in run.by_year())
    return max(counts, key=lambda year: (counts[year], year))


def rankings(runs: Sequence[Run], lineage: Lineage, day: dt.date, to: Links) -> list[Ranking]:
    """One table for each series of an indicator; `runs` are those of provinces."""
    by_series: dict[int, list[Run]] = defaultdict(list)
    for run in runs:
        by_series[run.series_id].append(run)
    return [_ranking(members, lineage, day, to) for members in by_series.values()]


def _ranking(runs: list[Run], lineage: Lineage, day: dt.date, to: Links) -> Ranking:
    series = runs[0].series
    unit = series.indicator.unit
    chief = fullest_year(runs)
    years = sorted({year for run in runs for year in run.by_year()}, reverse=True)
    ordered = sorted(runs, key=lambda run: _place(run, chief, series.indicator))
    columns = [
        Column(gettext("Tỉnh, thành phố")),
        *(Column(str(year), numeric=True) for year in years),
    ]
    rows = []
    for run in ordered:
        values = run.by_year()
        cells = [
            observed.value_cell(values[year], unit) if year in values else Cell() for year in years
        ]
        rows.append((place_cell(run.organisation_id, lineage, day, to), *cells))
    title = series_title(series)
    return Ranking(
        title=title,
        note=" ".join(
            part
            for part in (
                gettext("Xếp theo năm %(year)s, năm có nhiều số liệu nhất.") % {"year": chief},
                localised(series, "note"),
            )
            if part
        ),
        table=Table(gettext("%(series)s, từng nơi") % {"series": title}, columns, rows),
        sources=source_facts(value for run in runs for value in run.values),
    )


def _place(run: Run, chief: int, indicator: Indicator) -> tuple[bool, float, int]:
    """Best first in the chief year; those without it after them, in order of their ids."""
    value = run.by_year().get(chief)
    if value is None:
        return True, 0.0, run.organisation_id
    number = float(value.number)
    up = indicator.direction == Indicator.Direction.UP
    return False, -number if up else number, run.organisation_id


def place_cell(organisation_id: int, lineage: Lineage, day: dt.date, to: Links) -> Cell:
    """A province by its name on the day; one that has ended says what it belongs to now."""
    organisation = lineage.organisations[organisation_id]
    name = localised(lineage.name_on(organisation_id, day), "short")
    note = ""
    if organisation.valid_to is not None and organisation.valid_to < day:
        successors = [
            localised(lineage.name_on(holder.organisation_id, day), "short")
            for holder in lineage.holders(organisation_id, "", day)
        ]
        note = gettext("nay là %(names)s") % {"names": ", ".join(successors)}
    return Cell(name, url=to.organisation(organisation), note=note)


def series_title(series: Series) -> str:
    """The name of a series with its publisher."""
    name, publisher = localised(series, "name"), localised(series, "publisher")
    return f"{publisher}: {name}" if name and name != publisher else publisher


def source_facts(values: Iterable[Value]) -> list[Fact]:
    """Each source once, with the periods that were read from it, newest period first."""
    periods: dict[int, set[str]] = defaultdict(set)
    sources = {}
    for value in values:
        sources[value.latest.source_id] = value.latest.source
        periods[value.latest.source_id].add(value.latest.period)
    ordered = sorted(sources.values(), key=lambda one: (max(periods[one.pk]), one.pk), reverse=True)
    return [
        Fact(
            term=", ".join(formatting.period(period) for period in sorted(periods[source.pk])),
            text=source.title,
            url=observed.source_url(source),
            note=source.publisher,
        )
        for source in ordered
    ]
