"""Which of a source's series have a value for the latest year that is due."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from django.core.cache import cache
from django.db.models import Count, Max, Min
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboard import formatting
from dashboard.caching import state_of_data
from targets.models import Observation, SeriesMapping

_SECONDS: Final = 3600


@dataclass(frozen=True, slots=True)
class Reach:
    """What is published of one series: its years, how many periods, of how many organisations."""

    first: int
    last: int
    periods: int
    organisations: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many of a source's series reach the latest year that is due, and their years."""

    series: int
    due: int
    first: int | None = None
    last: int | None = None

    @property
    def words(self) -> str:
        """`3 trong 5 chuỗi có số của kỳ mới nhất đến hạn; 2015–2025`."""
        if not self.series:
            return _("chưa khai báo chuỗi nào")
        text = ngettext(
            "%(due)s trong %(count)s chuỗi có số của năm mới nhất đến hạn",
            "%(due)s trong %(count)s chuỗi có số của năm mới nhất đến hạn",
            self.series,
        ) % {"due": self.due, "count": self.series}
        if self.first is None or self.last is None:
            return text
        years = (
            str(self.first)
            if self.first == self.last
            else f"{self.first}{formatting.DASH}{self.last}"
        )
        return f"{text}; {years}"


def due_year(today: dt.date, measurable_until: int | None) -> int:
    """The last whole year of which a value can be expected."""
    last = today.year - 1
    return last if measurable_until is None else min(last, measurable_until)


def reaches(reach: Reach | None, interval: int, due: int) -> bool:
    """Whether a series has a value for the due year, or one that is still in force then."""
    return reach is not None and reach.last > due - interval


def reach_of(series: Collection[int]) -> dict[int, Reach]:
    """What is published of these series by id; kept as long as the data stay as they are."""
    if not series:
        return {}
    names = ",".join(str(pk) for pk in sorted(series))
    key = hashlib.sha256(f"{state_of_data()}:{names}".encode()).hexdigest()
    found: dict[int, Reach] | None = cache.get(f"reach:{key}")
    if found is None:
        rows = (
            Observation.objects.published()
            .current()
            .filter(series__in=series)
            .order_by()
            .values_list("series_id")
            .annotate(
                Min("year"),
                Max("year"),
                Count("period", distinct=True),
                Count("organisation_id", distinct=True),
            )
        )
        found = {pk: Reach(*rest) for pk, *rest in rows}
        cache.set(f"reach:{key}", found, _SECONDS)
    return found


def coverage_of(sources: Collection[int], today: dt.date) -> dict[int, Coverage]:
    """The coverage of each of these sources by id (three queries, two while the data stay)."""
    mapped = defaultdict(list)
    for source, series, interval, until in SeriesMapping.objects.filter(
        data_source__in=sources
    ).values_list(
        "data_source_id",
        "series_id",
        "series__indicator__interval_years",
        "series__indicator__measurable_until",
    ):
        mapped[source].append((series, interval, due_year(today, until)))
    reach = reach_of({series for rows in mapped.values() for series, _every, _due in rows})
    found = {}
    for source in sources:
        rows = mapped[source]
        known = [reach[series] for series, _every, _due in rows if series in reach]
        found[source] = Coverage(
            series=len(rows),
            due=sum(reaches(reach.get(series), every, due) for series, every, due in rows),
            first=min((one.first for one in known), default=None),
            last=max((one.last for one in known), default=None),
        )
    return found
