"""What changed since a day: statuses before and after, and whether a publication made the change.

A figure whose publication day nobody recorded is known from the day on which it was loaded. A
change of that day says when this system learned of the figure, not when the country changed, so it
stands apart.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from dashboard import formatting
from dashboard.components import Change
from dashboard.presenters.common import Links, reason, title_of
from targets.models import Assessment, Observation
from targets.register import Register, Row

MONTHS_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Changes:
    """Changes between two days: those that a publication or a date made, and those of loading."""

    since: dt.date
    until: dt.date
    dated: tuple[Change, ...]
    loaded: tuple[Change, ...]
    loaded_on: tuple[str, ...]


def months_before(day: dt.date, months: int) -> dt.date:
    """The same day some months earlier, or the last of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    first_of_next = dt.date(year + (month == 11), (month + 1) % 12 + 1, 1)
    last = (first_of_next - dt.timedelta(days=1)).day
    return dt.date(year, month + 1, min(day.day, last))


def changes_between(register: Register, rows: Sequence[Row], since: dt.date, to: Links) -> Changes:
    """Status changes of the rows after `since` up to the day of the register (two queries)."""
    before, turned = _turns(register, rows, since)
    publications = _publications(register, since)
    dated: list[tuple[dt.date, Change]] = []
    loaded: list[tuple[dt.date, Change]] = []
    for row in rows:
        if row.assessment is None or before.get(row.target.pk) == row.status:
            continue
        day = turned[row.target.pk]
        undated = publications.get((row.target.indicator_id, day))
        change = Change(
            before=before.get(row.target.pk, ""),
            after=row.status,
            title=f"{title_of(row.target)}, {formatting.demand(row.target)}",
            url=to.target(row.target),
            note=reason(row),
            when=formatting.day(day),
        )
        (loaded if undated else dated).append((day, change))
    dated.sort(key=lambda pair: pair[0], reverse=True)
    return Changes(
        since=since,
        until=register.day,
        dated=tuple(change for _day, change in dated),
        loaded=tuple(change for _day, change in loaded),
        loaded_on=tuple(formatting.day(day) for day in sorted({day for day, _change in loaded})),
    )


def _turns(
    register: Register, rows: Sequence[Row], since: dt.date
) -> tuple[dict[int, str], dict[int, dt.date]]:
    """By target: the status on `since`, and the day from which today's status holds unbroken."""
    before: dict[int, str] = {}
    now: dict[int, str] = {}
    turned: dict[int, dt.date] = {}
    history = (
        Assessment.objects.filter(
            organisation=register.organisation,
            target__in={row.target.pk for row in rows},
            superseded_at__isnull=True,
            as_of__lte=register.day,
        )
        .order_by("target_id", "as_of")
        .values_list("target_id", "as_of", "status")
    )
    for target_id, as_of, status in history:
        if as_of <= since:
            before[target_id] = status
        if now.get(target_id) != status:
            turned[target_id] = as_of
        now[target_id] = status
    return before, turned


def _publications(register: Register, since: dt.date) -> dict[tuple[int, dt.date], bool]:
    """Days after `since` on which figures of an indicator became known: True, without a date.

    A day on which one figure was published and another merely loaded counts as published.
    """
    found: dict[tuple[int, dt.date], bool] = {}
    figures = (
        Observation.objects.published()
        .filter(
            series__official=True,
            organisation=register.organisation,
            known_on__gt=since,
            known_on__lte=register.day,
        )
        .order_by()
        .values_list("series__indicator_id", "known_on", "published_on")
        .distinct()
    )
    for indicator_id, known_on, published_on in figures:
        key = (indicator_id, known_on)
        found[key] = found.get(key, True) and published_on is None
    return found
