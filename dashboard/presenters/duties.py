"""What an organisation answers for on a day: targets it leads or helps with, tasks of the annex.

A duty follows its function: what a document gave to a body that has ended stands under the one
that inherited it, apart from what was given directly.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext, ngettext

from dashboard import formatting, statuses
from dashboard.components import Cell, Column, Table, TargetRow
from dashboard.formatting import localised
from dashboard.presenters.common import (
    Links,
    attention_order,
    leads_of,
    status_of,
    target_row,
    title_of,
)
from targets.lineage import Holder, Lineage
from targets.models import Succession, TaskRole
from targets.register import Answerable, Row

Path = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class DutyGroup:
    """Targets that came to an organisation the same way; those without a verdict apart."""

    title: str
    note: str
    rows: Sequence[TargetRow]
    pending: Sequence[TargetRow]
    pending_summary: str


def succession(steps: Iterable[Succession]) -> str:
    """By which functions a duty was inherited and since when; "" where nothing changed hands."""
    words = []
    for step in steps:
        text = gettext("kế thừa %(function)s từ ngày %(day)s") % {
            "function": localised(step, "function"),
            "day": formatting.day(step.effective_on),
        }
        if step.verification != Succession.Verification.VERIFIED:
            text = f"{text} ({str(step.get_verification_display()).lower()})"
        words.append(text)
    return "; ".join(words)


def part_of(parts: Iterable[Answerable], organisations: Collection[int]) -> Answerable | None:
    """The way a target came to one of these organisations: the direct one goes first."""
    own = [part for part in parts if part.organisation.pk in organisations]
    return min(own, key=lambda part: len(part.holder.steps), default=None)


def led_by(rows: Iterable[Row], organisation_id: int) -> list[Row]:
    """The targets that an organisation leads on the register's day, each once."""
    return [row for row in rows if part_of(row.leads, (organisation_id,)) is not None]


def lead_groups(
    rows: Iterable[Row], organisation_id: int, to: Links, *, folded: bool = True
) -> list[DutyGroup]:
    """The led targets by the way they came: given directly, then by each function inherited."""
    groups: dict[Path, list[tuple[Row, Answerable]]] = {}
    for row in rows:
        part = part_of(row.leads, (organisation_id,))
        if part is not None:
            path = tuple(step.pk for step in part.holder.steps)
            groups.setdefault(path, []).append((row, part))
    ordered = sorted(groups.items(), key=lambda item: (len(item[0]), -len(item[1])))
    return [_lead_group(members, to, folded=folded) for _path, members in ordered]


def _lead_group(members: list[tuple[Row, Answerable]], to: Links, *, folded: bool) -> DutyGroup:
    part = members[0][1]
    title = gettext("Được giao trực tiếp")
    if part.holder.inherited:
        title = gettext("Kế thừa từ %(name)s") % {"name": localised(part.written, "name")}
    return group_of(
        [row for row, _part in members], title, succession(part.holder.steps), to, folded=folded
    )


def group_of(
    rows: Iterable[Row], title: str, note: str, to: Links, *, folded: bool = True
) -> DutyGroup:
    """Rows under one heading, worst first; `folded`: those without a verdict behind a summary."""
    ordered = sorted(rows, key=attention_order)
    pending = [row for row in ordered if folded and status_of(row) in statuses.WITHOUT_VERDICT]
    hidden = {row.target.pk for row in pending}
    count = len(pending)
    return DutyGroup(
        title=title,
        note=note,
        rows=[target_row(row, to) for row in ordered if row.target.pk not in hidden],
        pending=[target_row(row, to) for row in pending],
        pending_summary=ngettext(
            "%(count)s mục tiêu chưa kết luận được", "%(count)s mục tiêu chưa kết luận được", count
        )
        % {"count": count},
    )


def partner_table(rows: Iterable[Row], organisation_id: int, to: Links) -> Table | None:
    """The targets that an organisation helps with and does not lead; None where there is none."""
    found = [
        row
        for row in sorted(rows, key=attention_order)
        if part_of(row.partners, (organisation_id,)) is not None
        and part_of(row.leads, (organisation_id,)) is None
    ]
    if not found:
        return None
    columns = (
        Column(gettext("Mục tiêu")),
        Column(gettext("Đòi hỏi")),
        Column(gettext("Chủ trì")),
    )
    body = [
        (
            Cell(
                title_of(row.target),
                url=to.target(row.target),
                status=status_of(row),
                badges=("draft",) if row.target.document.is_draft else (),
            ),
            Cell(formatting.demand(row.target), note=localised(row.target.document, "short")),
            Cell(", ".join(lead.name for lead in leads_of(row.leads, to))),
        )
        for row in found
    ]
    return Table(gettext("Phối hợp"), columns, body, stacked=True)


def task_table(
    lineage: Lineage, organisations: Collection[int], day: dt.date, to: Links
) -> Table | None:
    """The tasks of the annex that these organisations lead on the day; None where there is none."""
    roles = (
        TaskRole.objects.filter(role=TaskRole.Role.LEAD, task__document__issued_on__lte=day)
        .select_related("task__document", "task__provision")
        .order_by("task__number", "position")
    )
    body = []
    for role in roles:
        holder = _held_by(lineage, role, organisations, day)
        if holder is not None:
            body.append(_task_row(role, holder, to))
    if not body:
        return None
    columns = (
        Column(gettext("Nhiệm vụ")),
        Column(gettext("Thời gian")),
        Column(gettext("Văn bản ghi")),
        Column(gettext("Kinh phí")),
    )
    return Table(gettext("Nhiệm vụ chủ trì"), columns, body, stacked=True)


def _held_by(
    lineage: Lineage, role: TaskRole, organisations: Collection[int], day: dt.date
) -> Holder | None:
    holders = lineage.holders(role.organisation_id, role.function, day)
    return next((one for one in holders if one.organisation_id in organisations), None)


def _task_row(role: TaskRole, holder: Holder, to: Links) -> tuple[Cell, ...]:
    task = role.task
    years = sorted({str(year) for year in (task.start_year, task.end_year) if year})
    return (
        Cell(
            f"{task.number}. {localised(task, 'title')}",
            url=to.provision(task.document, task.provision),
            badges=("draft",) if task.document.is_draft else (),
        ),
        Cell(formatting.DASH.join(years)),
        Cell(role.as_written, note=succession(holder.steps)),
        Cell(localised(task, "funding")),
    )
