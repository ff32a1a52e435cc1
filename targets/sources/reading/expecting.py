"""What must be in a source's data for a run to count: a renamed label or a lost year is no news."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator

from targets.models import DataSource, Observation, SeriesMapping
from targets.sources.contract import Outcome, SourceError
from targets.values.periods import period_days

Year = Annotated[int, Field(ge=1900, le=2099)]


class ExpectSpec(BaseModel):
    """What an administrator says must be there.

    `columns`: besides those that are read. `periods`: in our form. `from`: values for every year
    since then (for an indicator that comes out every n years: every n-th) up to the latest one.
    `latest_at_least`: the year of the latest value. `rows`: values read, at least. Each series must
    have the periods and years, and some row; with `every_series` false it is enough that one has.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    columns: tuple[str, ...] = ()
    periods: tuple[str, ...] = ()
    first_year: Year | None = Field(default=None, alias="from")
    latest_at_least: Year | None = None
    rows: Annotated[int, Field(ge=0)] = 0
    every_series: bool = True
    still_there: bool = True

    @field_validator("periods", mode="before")
    @classmethod
    def _known_form(cls, periods: Iterable[object]) -> tuple[str, ...]:
        texts = tuple(str(period) for period in periods)
        if wrong := [text for text in texts if period_days(text) is None]:
            raise ValueError(f"2024, 2024-H1, 2024-Q3 or 2024-07, not {', '.join(wrong)}")
        return texts


def check(
    expect: ExpectSpec,
    mappings: Iterable[SeriesMapping],
    *,
    matched: Mapping[int, int],
    seen: Mapping[int, set[str]],
    rows: int,
) -> None:
    """Raise SourceError where something that must be there is not.

    `matched`: id of a series -> how many rows were its own; `seen`: -> the periods it has values
    of; `rows`: how many values there are in all. A series whose rows are gone was renamed by its
    publisher (COLUMNS_CHANGED); one that lacks a period lacks it (PERIOD_MISSING).
    """
    every = {mapping.series_id: mapping for mapping in mappings}
    gone = [str(mapping.series) for pk, mapping in every.items() if not matched.get(pk)]
    if gone and (expect.every_series or len(gone) == len(every)):
        raise SourceError(Outcome.COLUMNS_CHANGED, series=gone)
    if expect.every_series:
        lacking = {
            str(mapping.series): missing
            for pk, mapping in every.items()
            if (missing := _missing(expect, seen.get(pk, set()), _interval(mapping)))
        }
    else:
        together = set().union(*seen.values())
        shortest = min(map(_interval, every.values()), default=1)
        missing = _missing(expect, together, shortest)
        lacking = {str(mapping.series): missing for mapping in every.values() if missing}
    if lacking:
        raise SourceError(
            Outcome.PERIOD_MISSING,
            series=sorted(lacking),
            periods=sorted({period for missing in lacking.values() for period in missing}),
        )
    if rows < expect.rows:
        raise SourceError(Outcome.PERIOD_MISSING, rows=rows, rows_expected=expect.rows)


def brought_before(source: DataSource) -> dict[int, set[str]]:
    """Id of a series -> the periods in force that earlier runs of the source brought."""
    if source._state.adding:  # described, not saved
        return {}
    found: dict[int, set[str]] = defaultdict(set)
    rows = Observation.objects.current().filter(
        series__in=source.mappings.values("series"), run__data_source=source
    )
    for series, period in rows.order_by().values_list("series_id", "period").distinct():
        found[series].add(period)
    return dict(found)


def check_still_there(
    mappings: Iterable[SeriesMapping],
    *,
    before: Mapping[int, set[str]],
    present: Mapping[int, set[str]],
) -> None:
    """Raise SourceError where a source lost what it had: a year is missing, or a series whole.

    `before`: as `brought_before`; `present`: id of a series -> the periods that it has rows of,
    with or without a value. A source that only ever shows its latest periods loses none by that:
    what is older than its oldest row has left it in the ordinary way.
    """
    series = {mapping.series_id: str(mapping.series) for mapping in mappings}
    gone = [name for pk, name in series.items() if before.get(pk) and not present.get(pk)]
    if gone:
        raise SourceError(Outcome.COLUMNS_CHANGED, series=gone)
    lacking = {
        series[pk]: missing
        for pk in series
        if (missing := _lost(before.get(pk, set()), present.get(pk, set())))
    }
    if lacking:
        raise SourceError(
            Outcome.PERIOD_MISSING,
            series=sorted(lacking),
            periods=sorted({period for missing in lacking.values() for period in missing}),
        )


def _lost(before: set[str], present: set[str]) -> set[str]:
    oldest = min((_first_day(period) for period in present), default=None)
    return {
        period for period in before - present if oldest is not None and _first_day(period) >= oldest
    }


def _first_day(period: str) -> dt.date:
    days = period_days(period)
    assert days is not None  # noqa: S101 (it was read as a period)
    return days[0]


def _interval(mapping: SeriesMapping) -> int:
    return mapping.series.indicator.interval_years


def _missing(expect: ExpectSpec, seen: set[str], interval: int) -> list[str]:
    """The periods and years that are not there."""
    missing = {period for period in expect.periods if period not in seen}
    years = sorted({int(period[:4]) for period in seen})
    if expect.latest_at_least and (not years or years[-1] < expect.latest_at_least):
        missing.add(str(expect.latest_at_least))
    if expect.first_year:
        before = expect.first_year - interval
        known = [year for year in years if year >= expect.first_year]
        for earlier, later in zip([before, *known], known, strict=False):
            missing.update(map(str, range(earlier + interval, later, interval)))
        if not known:
            missing.add(str(expect.first_year))
    return sorted(missing)
