"""Entries as people ask for them: about a report, a target, an organisation; by whom, when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db import connection
from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.utils import timezone

from targets.models import Organisation, Report, Target, TrailEntry

_CHUNK = 2_000


@dataclass(frozen=True)
class Wanted:
    """Which entries: part of a person's name, tables (none: all), first and last day."""

    person: str = ""
    tables: tuple[str, ...] = ()
    since: dt.date | None = None
    until: dt.date | None = None


# One entry of a load is for many values; these are the loads that have some of the wanted ones.
_LOADS = """
    WITH own AS MATERIALIZED (
        SELECT o.id FROM targets_observation o JOIN targets_series s ON s.id = o.series_id
        WHERE {condition}
    )
    SELECT e.id FROM targets_trailentry e
    WHERE e.table_name = 'targets_observation' AND e.row_id = '' AND e.action = 'load'
      AND EXISTS (
        SELECT 1 FROM jsonb_array_elements(e.after->'ids') span
        JOIN own ON own.id BETWEEN (span->>0)::bigint AND (span->>1)::bigint
      )
"""


def entries(
    wanted: Wanted, about: Report | Target | Organisation | None = None
) -> QuerySet[TrailEntry]:
    """The entries wanted, newest first, with `before_text` and `after_text`: JSON as text, in
    which a number keeps its decimals. A target's are those of its indicator's values, too.
    """
    found = TrailEntry.objects.filter(_concerning(about)).order_by("-id")
    if wanted.person:
        found = found.filter(actor_name__icontains=wanted.person)
    if wanted.tables:
        found = found.filter(table_name__in=wanted.tables)
    if wanted.since:
        found = found.filter(happened_at__gte=_midnight(wanted.since))
    if wanted.until:
        found = found.filter(happened_at__lt=_midnight(wanted.until + dt.timedelta(days=1)))
    return found.defer("before", "after").annotate(
        before_text=Cast("before", TextField()), after_text=Cast("after", TextField())
    )


def oldest_first(found: QuerySet[TrailEntry]) -> Iterator[TrailEntry]:
    """All of `found` with their links, a few thousand in memory at a time."""
    ordered = found.select_related("link").order_by("id")
    last = 0
    while chunk := list(ordered.filter(id__gt=last)[:_CHUNK]):
        yield from chunk
        last = chunk[-1].pk


def _concerning(about: Report | Target | Organisation | None) -> Q:
    if isinstance(about, Report):
        return Q(report=about)
    if isinstance(about, Target):
        loads = _loads("s.indicator_id = %s", about.indicator_id)
        # The country's values and everybody's: what organisations report of it in drafts as well.
        return Q(target=about) | Q(indicator=about.indicator_id) | Q(pk__in=loads)
    if isinstance(about, Organisation):
        return Q(organisation=about) | Q(pk__in=_loads("o.organisation_id = %s", about.pk))
    return Q()


def _loads(condition: str, key: int) -> Sequence[int]:
    with connection.cursor() as cursor:
        cursor.execute(_LOADS.format(condition=condition), [key])
        return [entry for (entry,) in cursor.fetchall()]


def _midnight(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time()))
