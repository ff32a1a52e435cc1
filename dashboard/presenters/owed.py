"""The reports that an organisation owes or has handed in, for its public page.

That a report is due, late, handed in or published is public; what it says is not until it is
published. Samples are left out.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext, ngettext

from dashboard import formatting
from dashboard.components import Cell, Column, Table
from dashboard.formatting import localised
from dashboard.presenters.common import Links
from dashboard.presenters.reporting.days import delivery_words
from targets import wording
from targets.models import Organisation, Report, ReportingDuty
from targets.reporting.timeliness import Delivery, Standing, standing_of, tally


@dataclass(frozen=True, slots=True)
class Owed:
    """The table, and how many are due and late in a few words."""

    summary: str
    table: Table


def owed_by(organisation: Organisation, today: dt.date, to: Links) -> Owed | None:
    """None where nothing was asked of the organisation (two queries)."""
    found = standing_of(organisation, today)
    if not found:
        return None
    duties = ReportingDuty.objects.select_related("document", "provision").in_bulk(
        {one.report.cycle.duty_id for one in found}
    )
    columns = (
        Column(gettext("Báo cáo")),
        Column(gettext("Kỳ")),
        Column(gettext("Hạn")),
        Column(gettext("Tình trạng")),
    )
    caption = gettext("Báo cáo theo chế độ")
    rows = [_row(one, duties[one.report.cycle.duty_id], to) for one in found]
    return Owed(_summary(found), Table(caption, columns, rows, stacked=True))


def _row(one: Standing, duty: ReportingDuty, to: Links) -> tuple[Cell, ...]:
    notes = []
    if one.submitted_on:
        published = one.report.state == Report.State.PUBLISHED
        notes = [
            gettext("gửi ngày %(day)s") % {"day": formatting.day(one.submitted_on)},
            gettext("đã công bố") if published else gettext("chưa công bố"),
        ]
    return (
        Cell(
            localised(duty, "name"),
            url=to.provision(duty.document, duty.provision),
        ),
        Cell(wording.period(one.report.cycle.period)),
        Cell(formatting.day(one.report.cycle.due_on)),
        Cell(delivery_words(one.delivery, one.days), note=", ".join(notes)),
    )


def _summary(found: Sequence[Standing]) -> str:
    counts = tally(found)
    late, due = counts[Delivery.MISSING], counts[Delivery.DUE]
    parts = []
    if late:
        parts.append(ngettext("%(count)s quá hạn", "%(count)s quá hạn", late) % {"count": late})
    if due:
        words = ngettext("%(count)s chưa đến hạn", "%(count)s chưa đến hạn", due)
        parts.append(words % {"count": due})
    return ", ".join(parts)
