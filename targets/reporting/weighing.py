"""What makes a report worth a closer look: lateness, jumps, verdicts that it would change."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.utils import timezone

from targets.lineage import Lineage
from targets.models import Indicator, Report, ReportingCycle, ReportItem, Unit
from targets.reporting.history import History, Year, histories
from targets.reporting.preview import Meaning, outlooks

_UNDECIDED = frozenset({"insufficient", "no_data", "not_measurable"})


@dataclass(frozen=True, slots=True)
class Jump:
    """The value before, the difference to it in the unit, and its size.

    size: per cent of the value before; of a value in per cent, points. From zero to something is
    a hundred.
    """

    before: Year
    change: Decimal
    size: float


def previous(history: History, year: int) -> Year | None:
    """The last year before `year`: of the series that the report continues, else the official."""
    for track in (history.own, history.official):
        if track is not None:
            earlier = [one for one in track.years if one.year < year]
            if earlier:
                return earlier[-1]
    return None


def jump(value: Decimal | None, indicator: Indicator, history: History, year: int) -> Jump | None:
    """From the year before to this value; None where one of them is not known."""
    before = previous(history, year)
    if value is None or before is None:
        return None
    change = value - before.value
    if indicator.unit.kind == Unit.Kind.PERCENT:
        size = abs(float(change))
    elif before.value:
        size = abs(float(change / before.value)) * 100
    else:
        size = 100.0 if change else 0.0
    return Jump(before, change, size)


@dataclass(frozen=True, slots=True)
class Weight:
    """Why a report should be looked at before others.

    overdue: days since it was due. late: days between that day and its first submission. compared:
    whether any value has one before it. leap: the largest jump, with its item. changes: verdicts
    that publication would change, those that it decides first, of them those that bind.
    """

    overdue: int
    late: int
    compared: bool
    leap: tuple[ReportItem, Jump] | None
    changes: tuple[Meaning, ...]

    @property
    def size(self) -> float:
        """The size of the largest jump; 0 without one."""
        return self.leap[1].size if self.leap else 0.0

    @property
    def effect(self) -> tuple[int, int]:
        """How many verdicts would be decided anew, and how many changed in any way."""
        return sum(decides(one) for one in self.changes), len(self.changes)


def decides(meaning: Meaning) -> bool:
    """Whether the verdict would say how a target stands, and not only that more is to be known."""
    return meaning.then.status not in _UNDECIDED


def weigh(reports: Iterable[Report], lineage: Lineage, today: dt.date) -> dict[int, Weight]:
    """The weight of each report by its id; the reports have their cycle joined.

    Seven queries for each cycle among them, however many reports.
    """
    by_cycle: dict[ReportingCycle, list[Report]] = defaultdict(list)
    for report in reports:
        by_cycle[report.cycle].append(report)
    weights = {}
    for cycle, members in by_cycle.items():
        items = list(
            ReportItem.objects.filter(report__in=members)
            .select_related("indicator__unit", "series", "subject")
            .order_by("position")
        )
        past = histories(items, lineage, today)
        means = outlooks(items, {one.pk: one.value for one in items}, cycle=cycle, today=today)
        of_report: dict[int, list[ReportItem]] = defaultdict(list)
        for item in items:
            of_report[item.report_id].append(item)
        for report in members:
            own = of_report[report.pk]
            leaps = [
                (item, leap)
                for item in own
                if (leap := jump(item.value, item.indicator, past[item.pk], cycle.data_to.year))
            ]
            weights[report.pk] = Weight(
                overdue=max(0, (today - cycle.due_on).days),
                late=_days_late(report, cycle),
                compared=bool(leaps),
                leap=max(
                    (one for one in leaps if one[1].size),
                    key=lambda one: one[1].size,
                    default=None,
                ),
                changes=()
                if report.sample
                else tuple(
                    sorted(
                        (
                            one
                            for item in own
                            for one in means[item.pk].meanings
                            if one.now.status != one.then.status
                        ),
                        key=lambda one: (not decides(one), not one.binds),
                    )
                ),
            )
    return weights


def _days_late(report: Report, cycle: ReportingCycle) -> int:
    if report.first_submitted_at is None:
        return 0
    return max(0, (timezone.localdate(report.first_submitted_at) - cycle.due_on).days)
