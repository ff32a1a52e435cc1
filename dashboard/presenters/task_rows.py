"""One task as a row: who was to do it, who would today, when, paid by what."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import slugify
from django.utils.translation import gettext

from dashboard import formatting
from dashboard.components import Lead
from dashboard.formatting import localised
from dashboard.presenters.common import Links
from documents.models import Document
from targets.lineage import Lineage
from targets.models import Task, TaskRole

#: Width and height of the bar of years, in pixels.
_BAR: Final = (108, 10)


@dataclass(frozen=True, slots=True)
class Party:
    """One organisation's part in a task: what the document wrote, and who it is today."""

    code: str
    name: str
    url: str
    written_code: str
    written: str
    inherited: bool


@dataclass(frozen=True, slots=True)
class TaskRow:
    """One task; `years` is a bar on the span of all tasks, `period` the same in words."""

    number: int
    title: str
    clause: str
    clause_url: str
    leads: Sequence[Party]
    partners: Sequence[Party]
    start_year: int | None
    end_year: int | None
    period: str
    years: SafeString
    funding: str
    funding_key: str
    group: str
    group_key: str

    def shown_leads(self) -> list[Lead]:
        """The leads of today; a note where the document named somebody else."""
        return [_as_lead(party) for party in self.leads]

    def shown_partners(self) -> list[Lead]:
        return [_as_lead(party) for party in self.partners]


def task_rows(day: dt.date, to: Links) -> list[TaskRow]:
    """All tasks of documents known on the day, in order (six queries)."""
    tasks = list(
        Task.objects.filter(document__issued_on__lte=day)
        .select_related("document", "provision")
        .prefetch_related("roles")
        .order_by("document", "number")
    )
    lineage = Lineage()
    years = [year for task in tasks for year in (task.start_year, task.end_year) if year]
    span = (min(years), max(years)) if years else (0, 0)
    return [_row(task, lineage, day, span, to) for task in tasks]


def _row(task: Task, lineage: Lineage, day: dt.date, span: tuple[int, int], to: Links) -> TaskRow:
    parties: dict[str, list[Party]] = {TaskRole.Role.LEAD: [], TaskRole.Role.PARTNER: []}
    for role in task.roles.all():
        parties[role.role] += _parties(role, task.document, lineage, day, to)
    group = localised(task, "group")
    return TaskRow(
        number=task.number,
        title=localised(task, "title"),
        clause=task.provision.short_locator,
        clause_url=to.provision(task.document, task.provision),
        leads=parties[TaskRole.Role.LEAD],
        partners=parties[TaskRole.Role.PARTNER],
        start_year=task.start_year,
        end_year=task.end_year,
        period=period(task.start_year, task.end_year),
        years=year_bar(task.start_year, task.end_year, span),
        funding=localised(task, "funding"),
        funding_key=slugify(task.funding_en),
        group=group,
        group_key=_group_key(task.group_vi),
    )


def _parties(
    role: TaskRole, document: Document, lineage: Lineage, day: dt.date, to: Links
) -> Iterable[Party]:
    written_by = lineage.organisations[role.organisation_id]
    for holder in lineage.holders(role.organisation_id, role.function, day):
        organisation = lineage.organisations[holder.organisation_id]
        yield Party(
            code=organisation.code,
            name=localised(lineage.name_on(organisation.pk, day), "short"),
            url=to.organisation(organisation),
            written_code=written_by.code,
            written=localised(lineage.name_on(written_by.pk, document.issued_on), "short"),
            inherited=holder.inherited,
        )


def _as_lead(party: Party) -> Lead:
    words = gettext("dự thảo ghi %(name)s") % {"name": party.written}
    return Lead(party.name, party.url, words if party.inherited else "")


def _group_key(group: str) -> str:
    """The number of a group, without its sub-group: `I.2. Hạ tầng: mạng` is `I.2`."""
    number, dot, _rest = group.partition(". ")
    return number if dot and slugify(number) else slugify(group)


def period(start: int | None, end: int | None) -> str:
    """`2020-2021`; one year alone, or an open end, as such; a dash for none."""
    if start is None or end is None or start == end:
        return str(start or end or formatting.DASH)
    return f"{start}{formatting.DASH}{end}"


def year_bar(start: int | None, end: int | None, span: tuple[int, int]) -> SafeString:
    """A bar from the first to the last year (both inclusive) on the span of years; no words."""
    width, height = _BAR
    first, last = span
    step = width / (last - first + 1)
    left = ((start or first) - first) * step
    right = ((end or last) - first + 1) * step
    ticks = format_html(
        '<path class="axis" d="M0 {}H{}"/>', height / 2, width
    )  # fmt: skip
    return format_html(
        '<svg class="td-years" viewBox="0 0 {w} {h}" width="{w}" height="{h}" aria-hidden="true">'
        '{ticks}<rect x="{x}" y="1" width="{bar}" height="{tall}" rx="2"/></svg>',
        w=width,
        h=height,
        ticks=ticks,
        x=f"{left:.1f}",
        bar=f"{right - left:.1f}",
        tall=height - 2,
    )
