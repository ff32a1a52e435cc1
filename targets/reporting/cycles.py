"""Cycles of reporting: opened in time by a schedule, kept in step with the catalogue, closed.

Everything here may run twice, or in two workers at once, with the same result as once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from documents.models import Document
from targets.lineage import Lineage
from targets.models import Indicator, Report, ReportingCycle, ReportingDuty, ReportItem
from targets.reporting.obligations import Obligation, obligations
from targets.reporting.series import reporting_series_of
from targets.reporting.windows import Window, open_windows, windows
from targets.trail import acting

#: A cycle whose opening was missed (the scheduler was off, the duty is new) is still opened so
#: many days after it was due: late reports are wanted, those of bygone years are not.
LATE_OPENING_DAYS: Final = 31
_BINDING = (Document.LegalStatus.IN_FORCE, Document.LegalStatus.SENT)
_ENTERED_INTO = (Report.State.DRAFT, Report.State.RETURNED)
# Report, indicator and subject of an item (ids); its position and what it is owed for.
_Key = tuple[int, int, int]
_Place = tuple[int, Obligation]


class CycleError(Exception):
    """The cycle cannot be opened or closed; a sentence for the person."""


@dataclass(frozen=True, slots=True)
class Filled:
    """What the obligations of a cycle brought about: reports and items added, items removed."""

    reports: int = 0
    items: int = 0
    removed: int = 0

    def __bool__(self) -> bool:
        return bool(self.reports or self.items or self.removed)


@dataclass(frozen=True, slots=True)
class Opened:
    """One cycle that a run looked at: whether it is new, and what was added to it."""

    cycle: ReportingCycle
    new: bool
    filled: Filled


def open_due_cycles(today: dt.date) -> list[Opened]:
    """Open every cycle that should be open on `today`; bring those still running up to date.

    Returns the cycles that are new or changed. Each cycle is a transaction of its own.
    """
    found = []
    lineage = Lineage()
    for duty in binding_duties():
        for window in open_windows(duty, today, LATE_OPENING_DAYS):
            # A document asks for nothing that was due before it was issued.
            if window.due_on >= duty.document.issued_on:
                found.append(open_cycle(duty, window, today=today, lineage=lineage))
    return [one for one in found if one.new or one.filled]


def open_period(code: str, period: str, *, today: dt.date) -> Opened:
    """Open one cycle by the code of its duty and its name, also one of the past.

    Raises CycleError for what does not exist or does not bind.
    """
    duty = binding_duties().filter(code=code).first()
    if duty is None:
        raise CycleError(_("Không có chế độ báo cáo «%s» đang áp dụng.") % code)
    year = int(period[:4]) if period[:4].isdecimal() else 0
    if 2000 <= year <= 2100:
        for window in windows(duty, year):
            if window.period == period:
                return open_cycle(duty, window, today=today)
    raise CycleError(
        _("«%(period)s» không phải là một kỳ của «%(duty)s».") % {"period": period, "duty": code}
    )


def open_cycle(
    duty: ReportingDuty, window: Window, *, today: dt.date, lineage: Lineage | None = None
) -> Opened:
    """Create a cycle with its reports and items, or bring an existing one up to date.

    One that is closed, or whose due day has passed since it was opened, stays as it is: nobody can
    owe in time what was asked for afterwards.
    """
    why = _("Mở kỳ báo cáo %(period)s: %(duty)s") % {
        "period": window.period,
        "duty": duty.name_vi,
    }
    with transaction.atomic(), acting(why=why):
        ReportingDuty.objects.select_for_update(of=("self",)).get(pk=duty.pk)  # one at a time
        cycle, new = ReportingCycle.objects.get_or_create(
            duty=duty,
            period=window.period,
            defaults={
                "data_from": window.data_from,
                "data_to": window.data_to,
                "opens_on": window.opens_on,
                "due_on": window.due_on,
            },
        )
        running = cycle.closed_on is None and cycle.due_on >= today
        return Opened(cycle, new, _fill(cycle, lineage) if new or running else Filled())


def close_cycle(cycle_id: int, *, by: User, today: dt.date) -> ReportingCycle:
    """No more values are entered in the cycle from today; raises CycleError before its due day."""
    with transaction.atomic(), acting(by=by, why=_("Đóng kỳ báo cáo")):
        cycle = ReportingCycle.objects.select_for_update().get(pk=cycle_id)
        if today <= cycle.due_on:
            raise CycleError(_("Kỳ này chưa hết hạn nên chưa đóng được."))
        if cycle.closed_on is None:
            cycle.closed_on = today
            cycle.save(update_fields=["closed_on"])
        return cycle


def reopen_cycle(cycle_id: int, *, by: User) -> ReportingCycle:
    """Values may be entered again; they stay marked as late."""
    with transaction.atomic(), acting(by=by, why=_("Mở lại kỳ báo cáo")):
        cycle = ReportingCycle.objects.select_for_update().get(pk=cycle_id)
        if cycle.closed_on is not None:
            cycle.closed_on = None
            cycle.save(update_fields=["closed_on"])
        return cycle


def binding_duties() -> QuerySet[ReportingDuty]:
    """The duties that somebody owes now: switched on, of a document that is no draft."""
    return ReportingDuty.objects.filter(
        active=True, document__legal_status__in=_BINDING
    ).select_related("document")


def _fill(cycle: ReportingCycle, lineage: Lineage | None) -> Filled:
    """Add the reports and items that are owed and missing; take away what nobody owes any more.

    Only reports that values are still entered into are touched, and of their items only those in
    which nobody has done anything yet are removed. Samples keep what they were made with.
    """
    owed = obligations(cycle, lineage)
    known = set(_reports(cycle).values_list("organisation_id", flat=True))
    fresh = [Report(cycle=cycle, organisation_id=pk) for pk in sorted(owed.keys() - known)]
    Report.objects.bulk_create(fresh)
    # Whoever enters or submits meanwhile holds or waits for the same rows.
    reports = list(
        _reports(cycle).select_for_update().filter(state__in=_ENTERED_INTO).order_by("pk")
    )
    wanted = {
        (report.pk, one.indicator_id, one.subject_id): (position, one)
        for report in reports
        for position, one in enumerate(owed.get(report.organisation_id, ()), start=1)
    }
    items = ReportItem.objects.filter(report__in=reports)
    present = {(item.report_id, item.indicator_id, item.subject_id): item for item in items}
    _move(present, wanted)
    added = _add({key: place for key, place in wanted.items() if key not in present})
    removed = _remove([item.pk for key, item in present.items() if key not in wanted])
    # Somebody who owes nothing any more has no report, unless something was done in it.
    nothing = Report.objects.filter(
        pk__in=[report.pk for report in reports if report.organisation_id not in owed],
        state=Report.State.DRAFT,
        items=None,
        actions=None,
        directives=None,
        uploads=None,
    )
    Report.objects.filter(pk__in=list(nothing.values_list("pk", flat=True))).delete()
    return Filled(reports=len(fresh), items=added, removed=removed)


def _reports(cycle: ReportingCycle) -> QuerySet[Report]:
    return Report.objects.filter(cycle=cycle, sample=False)


def _add(missing: Mapping[_Key, _Place]) -> int:
    indicators = Indicator.objects.filter(pk__in={key[1] for key in missing})
    series = reporting_series_of(indicators)
    items = [
        ReportItem(
            report_id=report,
            indicator_id=indicator,
            subject_id=subject,
            series=series[indicator],
            position=position,
            inherited_from_id=one.inherited_from_id,
        )
        for (report, indicator, subject), (position, one) in missing.items()
    ]
    return len(ReportItem.objects.bulk_create(items))


def _move(present: Mapping[_Key, ReportItem], wanted: Mapping[_Key, _Place]) -> None:
    """Items stand in the order of the targets, and say from whom they came."""
    moved = []
    for key, item in present.items():
        if key not in wanted:
            continue
        position, one = wanted[key]
        if (item.position, item.inherited_from_id) != (position, one.inherited_from_id):
            item.position, item.inherited_from_id = position, one.inherited_from_id
            moved.append(item)
    if moved:
        ReportItem.objects.bulk_update(moved, ["position", "inherited_from"])


def _remove(surplus: Sequence[int]) -> int:
    untouched = ReportItem.objects.filter(
        pk__in=surplus,
        version=0,
        evidence=None,
        remarks=None,
        publications=None,
        warning_reasons=None,
    )
    # By id, because a delete by these conditions would be one of joins.
    gone = list(untouched.values_list("pk", flat=True))
    ReportItem.objects.filter(pk__in=gone).delete()
    return len(gone)
