"""Who handed in early, on time or late, and who has not: a pure judgement and what it rests on.

A report is handed in when the organisation first submits it; that it is returned and mended later
does not make it late. "Early" is more than a week before the due day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from django.db.models import Q, QuerySet
from django.utils import timezone

from targets.models import Organisation, Report, Role

#: Handed in more than so many days before the due day is early.
EARLY_DAYS: Final = 7
#: Reports of cycles that were due longer ago are history, unless they are still missing.
RECENT_DAYS: Final = 400


class Delivery(StrEnum):
    """How a report stands to its due day."""

    MISSING = "missing"
    DUE = "due"
    LATE = "late"
    ON_TIME = "on_time"
    EARLY = "early"
    RELEASED = "released"  # its organisation ended before the due day: nothing is owed


HANDED_IN: Final = (Delivery.LATE, Delivery.ON_TIME, Delivery.EARLY)
_HAND: Final[dict[str, Role | None]] = {
    Report.State.DRAFT: Role.REPORTER,
    Report.State.RETURNED: Role.REPORTER,
    Report.State.SUBMITTED: Role.APPROVER,
    Report.State.APPROVED: Role.COORDINATOR,
    Report.State.PUBLISHED: None,
}


def deliver(
    *,
    due_on: dt.date,
    submitted_on: dt.date | None,
    today: dt.date,
    ended_on: dt.date | None = None,
) -> tuple[Delivery, int]:
    """How a report stands on `today`, and by how many days (never negative).

    The days are those left until it is due, those before the due day on which it was handed in, or
    those after it. `ended_on` is the last day of the organisation. Due is by the end of `due_on`.
    """
    if submitted_on is not None:
        ahead = (due_on - submitted_on).days
        if ahead < 0:
            return Delivery.LATE, -ahead
        return (Delivery.EARLY if ahead > EARLY_DAYS else Delivery.ON_TIME), ahead
    if ended_on is not None and ended_on < min(due_on, today):
        return Delivery.RELEASED, 0
    left = (due_on - today).days
    return (Delivery.DUE, left) if left >= 0 else (Delivery.MISSING, -left)


@dataclass(frozen=True, slots=True)
class Standing:
    """One report on a day: how it stands, by how many days, and the role whose turn it is."""

    report: Report
    delivery: Delivery
    days: int
    submitted_on: dt.date | None
    turn: Role | None

    @property
    def open(self) -> bool:
        """Whether the organisation still has something to do."""
        return self.turn in (Role.REPORTER, Role.APPROVER) and self.delivery != Delivery.RELEASED


def standing(report: Report, today: dt.date) -> Standing:
    """One report, with its cycle and organisation; asks the database nothing if they are there."""
    submitted = report.first_submitted_at
    submitted_on = timezone.localdate(submitted) if submitted else None
    delivery, days = deliver(
        due_on=report.cycle.due_on,
        submitted_on=submitted_on,
        today=today,
        ended_on=report.organisation.valid_to,
    )
    return Standing(report, delivery, days, submitted_on, _HAND[report.state])


def standings(reports: QuerySet[Report], today: dt.date) -> list[Standing]:
    """Several reports, as ordered, without samples (one query)."""
    found = reports.filter(sample=False).select_related("cycle__duty", "organisation")
    return [standing(report, today) for report in found]


def standing_of(organisation: Organisation, today: dt.date) -> list[Standing]:
    """The reports of one organisation for its scorecard, the one due last first (one query).

    Those of the past year and what is still owed from before; samples count nowhere.
    """
    recent = Q(cycle__due_on__gte=today - dt.timedelta(days=RECENT_DAYS))
    missing = Q(first_submitted_at=None, cycle__closed_on=None)
    reports = Report.objects.filter(recent | missing, organisation=organisation)
    return standings(reports.order_by("-cycle__due_on", "pk"), today)


def tally(found: Iterable[Standing]) -> dict[Delivery, int]:
    """How many stand how; every word is there, also with 0."""
    counts = dict.fromkeys(Delivery, 0)
    for one in found:
        counts[one.delivery] += 1
    return counts
