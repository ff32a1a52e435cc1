"""The list of indicators: what each last stood at, and how the targets set for it stand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext, ngettext

from dashboard import formatting, markup, statuses
from dashboard.caching import register_on
from dashboard.components import (
    Cell,
    Chip,
    ChipGroup,
    Column,
    Crumb,
    Mark,
    Notice,
    Table,
)
from dashboard.formatting import localised
from dashboard.presenters import observed
from dashboard.presenters.common import Links, links_as_of, status_of
from dashboard.presenters.selection import of_status, understood
from dashboard.presenters.sentences import notices
from dashboard.queries import ATTENTION, Query
from documents.models import Document
from targets.known_values import Run, read_runs
from targets.models import Indicator, Organisation, Pillar
from targets.register import Register, Row


@dataclass(frozen=True, slots=True)
class PillarIndicators:
    """The indicators of one pillar: measured ones first, the rest behind summaries."""

    title: str
    anchor: str
    note: str
    known: Table | None
    more: Sequence[tuple[str, Table]]


@dataclass(frozen=True, slots=True)
class IndicatorListPage:
    title: str
    description: str
    crumbs: Sequence[Crumb]
    sentence: str
    basis: str
    filters: Sequence[ChipGroup]
    notices: Sequence[Notice]
    groups: Sequence[PillarIndicators]
    empty: Notice


@dataclass(frozen=True, slots=True)
class _Entry:
    """One indicator with the targets that the filters leave, and its values."""

    indicator: Indicator
    rows: tuple[Row, ...]
    run: Run | None
    places: int

    @property
    def measured(self) -> bool:
        return self.run is not None or self.places > 0


def indicator_list_page(query: Query) -> IndicatorListPage:
    """All indicators by pillar, as known on the day of the query."""
    to = links_as_of(query.as_of)
    pillars = list(Pillar.objects.all())
    register = register_of(query)
    if register is not None:
        query = understood(register, query)
    entries = _entries(query, register)
    groups = []
    for pillar in pillars:
        members = [entry for entry in entries if entry.indicator.pillar_id == pillar.pk]
        if members:
            groups.append(_group(pillar, members, to))
    demanded = [entry for entry in entries if not entry.indicator.context_only]
    known = sum(1 for entry in demanded if entry.measured)
    words = {"count": len(demanded), "known": known}
    return IndicatorListPage(
        title=gettext("Chỉ tiêu"),
        description=gettext("Mọi chỉ tiêu được đo, giá trị mới nhất và tình trạng các mục tiêu."),
        crumbs=(
            Crumb(gettext("Tổng quan"), reverse("overview") + to.as_of_query),
            Crumb(gettext("Chỉ tiêu")),
        ),
        sentence=ngettext(
            "%(count)s chỉ tiêu, %(known)s có số liệu.",
            "%(count)s chỉ tiêu, %(known)s có số liệu.",
            len(demanded),
        )
        % words,
        basis=gettext("Mỗi dấu là một mục tiêu đặt cho chỉ tiêu."),
        filters=_filters(query, pillars, register),
        notices=notices((), query),
        groups=groups,
        empty=Notice(
            gettext("Không có chỉ tiêu nào khớp bộ lọc"),
            action=gettext("Bỏ bộ lọc"),
            action_url=Query(today=query.today, as_of=query.as_of).url(reverse("indicator-list")),
        ),
    )


def register_of(query: Query) -> Register | None:
    """The register of the day; None while nothing at all has been loaded."""
    try:
        return register_on(query.day)
    except Organisation.DoesNotExist:
        return None


def _entries(query: Query, register: Register | None) -> list[_Entry]:
    by_indicator: dict[int, list[Row]] = defaultdict(list)
    for row in of_status(register or (), query.status):
        if query.document in {"", row.target.document.slug}:
            by_indicator[row.target.indicator_id].append(row)
    national: dict[int, Run] = {}
    places: dict[int, set[int]] = defaultdict(set)
    country = register.organisation.pk if register else None
    for run in read_runs(query.day):
        if run.organisation_id != country:
            places[run.series.indicator_id].add(run.organisation_id)
        elif run.series.official:
            national[run.series.indicator_id] = run
    chosen = bool(query.document or query.status)
    return [
        _Entry(
            indicator,
            tuple(by_indicator[indicator.pk]),
            national.get(indicator.pk),
            len(places[indicator.pk]),
        )
        for indicator in Indicator.objects.select_related("pillar", "unit").order_by("pk")
        if (not query.pillar or indicator.pillar.slug == query.pillar)
        and (not chosen or by_indicator[indicator.pk])
    ]


def _group(pillar: Pillar, entries: Sequence[_Entry], to: Links) -> PillarIndicators:
    """Indicators with targets and values first; those without, and proxies, behind summaries."""
    demanded = [entry for entry in entries if not entry.indicator.context_only]
    known = [entry for entry in demanded if entry.measured]
    unknown = [entry for entry in demanded if not entry.measured]
    context = [entry for entry in entries if entry.indicator.context_only]
    name = localised(pillar, "name")
    more = []
    if unknown:
        words = ngettext(
            "%(count)s chỉ tiêu chưa có số liệu", "%(count)s chỉ tiêu chưa có số liệu", len(unknown)
        )
        summary = words % {"count": len(unknown)}
        more.append((summary, _table(unknown, f"{name}: {summary}", to, values=False)))
    if context:
        words = ngettext(
            "%(count)s chỉ số tham khảo, không có mục tiêu",
            "%(count)s chỉ số tham khảo, không có mục tiêu",
            len(context),
        )
        summary = words % {"count": len(context)}
        more.append((summary, _table(context, f"{name}: {summary}", to, targets=False)))
    return PillarIndicators(
        title=name,
        anchor=pillar.slug,
        note=ngettext("%(count)s chỉ tiêu", "%(count)s chỉ tiêu", len(demanded))
        % {"count": len(demanded)},
        known=_table(known, gettext("%(name)s: chỉ tiêu có số liệu") % {"name": name}, to)
        if known
        else None,
        more=more,
    )


def _table(
    entries: Sequence[_Entry], caption: str, to: Links, *, values: bool = True, targets: bool = True
) -> Table:
    columns = [Column(gettext("Chỉ tiêu"))]
    if values:
        columns += [
            Column(gettext("Diễn biến"), minor=True),
            Column(gettext("Mới nhất"), numeric=True),
        ]
    if targets:
        columns += [Column(gettext("Mục tiêu")), Column(gettext("Trong dự thảo"))]
    rows = []
    for entry in entries:
        cells = [_name_cell(entry, to)]
        if values:
            cells += [_trend_cell(entry), _latest_cell(entry)]
        if targets:
            cells += [_marks_cell(entry, to, drafts=drafts) for drafts in (False, True)]
        rows.append(tuple(cells))
    return Table(caption, columns, rows, stacked=values)


def _name_cell(entry: _Entry, to: Links) -> Cell:
    indicator = entry.indicator
    note = "" if indicator.measurable_until is None else gettext("không còn đo được")
    return Cell(localised(indicator, "name"), url=to.indicator(indicator), note=note)


def _trend_cell(entry: _Entry) -> Cell:
    if entry.run is None:
        return Cell()
    years = list(entry.run.by_year())
    label = gettext("Diễn biến từ %(first)s đến %(last)s") % {"first": years[0], "last": years[-1]}
    return Cell(html=observed.sparkline(entry.run, entry.indicator, label=label))


def _latest_cell(entry: _Entry) -> Cell:
    if not entry.measured:
        return Cell()
    if entry.run is None:
        words = {"count": entry.places}
        return Cell(ngettext("%(count)s địa phương", "%(count)s địa phương", entry.places) % words)
    newest = entry.run.newest
    return Cell(
        observed.quantity(newest, entry.indicator.unit),
        note=formatting.period(newest.latest.period),
        badges=observed.badges(newest.latest),
    )


def _marks_cell(entry: _Entry, to: Links, *, drafts: bool) -> Cell:
    """The marks of the targets of drafts, or of all others; what only restates is left out."""
    marks = [
        Mark(
            status_of(row),
            f"{localised(row.target.document, 'short')}, {formatting.demand(row.target)}",
            to.target(row.target),
        )
        for row in entry.rows
        if row.target.document.is_draft is drafts and row.target.restates_id is None
    ]
    return Cell(html=markup.marks(marks)) if marks else Cell()


def _filters(query: Query, pillars: Iterable[Pillar], register: Register | None) -> list[ChipGroup]:
    path = reverse("indicator-list")

    def chip(text: str, **changes: str) -> Chip:
        ((field, value),) = changes.items()
        return Chip(text, query.but(**changes).url(path), current=getattr(query, field) == value)

    documents: dict[str, Document] = {
        row.target.document.slug: row.target.document for row in register or ()
    }
    return [
        ChipGroup(
            gettext("Trụ cột"),
            [
                chip(gettext("Tất cả"), pillar=""),
                *(chip(localised(one, "short"), pillar=one.slug) for one in pillars),
            ],
        ),
        ChipGroup(
            gettext("Văn bản"),
            [
                chip(gettext("Mọi văn bản"), document=""),
                *(chip(localised(one, "short"), document=slug) for slug, one in documents.items()),
            ],
            folded=True,
        ),
        ChipGroup(
            gettext("Trạng thái mục tiêu"),
            [
                chip(gettext("Mọi trạng thái"), status=""),
                chip(gettext("Cần chú ý"), status=ATTENTION),
                *(chip(str(one.label), status=one.code) for one in statuses.STATUSES),
            ],
            folded=True,
        ),
    ]
