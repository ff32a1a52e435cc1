"""The list of organisations: what each leads on the day, who has ended and who carries on."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext

from dashboard import formatting
from dashboard.components import (
    Cell,
    Chip,
    ChipGroup,
    Column,
    Count,
    Crumb,
    MatrixGroup,
    MatrixRow,
    Notice,
    Table,
)
from dashboard.formatting import localised
from dashboard.presenters.common import Links, links_as_of, status_of
from dashboard.presenters.indicators import register_of
from dashboard.presenters.selection import counted
from dashboard.presenters.sentences import notices
from dashboard.queries import Query
from targets.lineage import Lineage
from targets.models import Organisation, Succession
from targets.register import Row

_Kind = Organisation.Kind
#: The kinds shown, in this order; provinces have a page of their own, and the country is no body.
KINDS: Final = (_Kind.MINISTRY, _Kind.GROUP, _Kind.AGENCY, _Kind.PARTY, _Kind.OTHER)


@dataclass(frozen=True, slots=True)
class OrganisationListPage:
    """`/co-quan/`."""

    title: str
    description: str
    crumbs: Sequence[Crumb]
    sentence: str
    basis: str
    filters: Sequence[ChipGroup]
    notices: Sequence[Notice]
    matrix: Sequence[MatrixGroup]
    without: Table | None
    ended: Table | None
    provinces_url: str
    empty: Notice


def organisation_list_page(query: Query) -> OrganisationListPage:
    """All organisations but provinces, by kind, as they stand on the day of the query."""
    to = links_as_of(query.as_of)
    register = register_of(query)
    lineage = register.lineage if register else Lineage()
    everyone = sorted(
        (one for one in lineage.organisations.values() if one.kind in KINDS),
        key=lambda one: (one.position, one.code),
    )
    present = [one for one in everyone if exists_on(one, query.day)]
    ended = [one for one in everyone if has_ended(one, query.day)]
    counts = _counts(row for row in register or () if counted(row, query))
    return OrganisationListPage(
        title=gettext("Cơ quan"),
        description=gettext("Ai chịu trách nhiệm về mục tiêu nào, hôm nay và trước kia."),
        crumbs=(
            Crumb(gettext("Tổng quan"), reverse("overview") + to.as_of_query),
            Crumb(gettext("Cơ quan")),
        ),
        sentence=_sentence(present, counts, lineage, query.day),
        basis=gettext("Mục tiêu của cơ quan đã kết thúc tính cho cơ quan kế thừa chức năng."),
        filters=[drafts_filter(query, reverse("organisation-list"))],
        notices=notices((), query),
        matrix=_matrix(present, counts, lineage, query, to),
        without=_without(present, counts, lineage, query.day, to),
        ended=_ended(ended, lineage, query.day, to) if ended else None,
        provinces_url=reverse("province-list") + to.as_of_query,
        empty=Notice(gettext("Chưa có cơ quan nào trong danh mục")),
    )


def exists_on(organisation: Organisation, day: dt.date) -> bool:
    begun = organisation.valid_from is None or organisation.valid_from <= day
    return begun and not has_ended(organisation, day)


def has_ended(organisation: Organisation, day: dt.date) -> bool:
    return organisation.valid_to is not None and organisation.valid_to < day


def drafts_filter(query: Query, path: str) -> ChipGroup:
    """With or without the targets of drafts."""
    return ChipGroup(
        gettext("Dự thảo"),
        [
            Chip(
                gettext("Văn bản còn hiệu lực"),
                query.but(drafts=False).url(path),
                current=not query.drafts,
            ),
            Chip(gettext("Cả dự thảo"), query.but(drafts=True).url(path), current=query.drafts),
        ],
    )


def _counts(rows: Iterable[Row]) -> dict[int, Counter[str]]:
    """How many targets of each status every organisation leads; one led twice counts once."""
    counts: dict[int, Counter[str]] = defaultdict(Counter)
    for row in rows:
        for organisation in {part.organisation.pk for part in row.leads}:
            counts[organisation][status_of(row)] += 1
    return counts


def _sentence(
    present: Sequence[Organisation],
    counts: Mapping[int, Counter[str]],
    lineage: Lineage,
    day: dt.date,
) -> str:
    """How many lead, and who leads most."""
    leading = [one for one in present if one.pk in counts]
    single = [one for one in leading if one.kind != _Kind.GROUP]
    if not single:
        return gettext("Chưa có mục tiêu nào được giao.")
    first = max(single, key=lambda one: counts[one.pk].total())
    words = {
        "count": len(leading),
        "name": localised(lineage.name_on(first.pk, day), "short"),
        "most": counts[first.pk].total(),
    }
    return (
        ngettext(
            "%(count)s cơ quan chủ trì mục tiêu; nhiều nhất là %(name)s: %(most)s mục tiêu.",
            "%(count)s cơ quan chủ trì mục tiêu; nhiều nhất là %(name)s: %(most)s mục tiêu.",
            len(leading),
        )
        % words
    )


def _matrix(
    present: Sequence[Organisation],
    counts: Mapping[int, Counter[str]],
    lineage: Lineage,
    query: Query,
    to: Links,
) -> list[MatrixGroup]:
    """Those that lead something, by kind: the counts lead to the list of those targets."""
    groups = []
    for kind in KINDS:
        rows = []
        for one in present:
            if one.kind != kind or one.pk not in counts:
                continue
            path = to.organisation(one).partition("?")[0]
            rows.append(
                MatrixRow(
                    localised(lineage.name_on(one.pk, query.day), "name"),
                    {
                        status: Count(number, query.but(status=status).url(path))
                        for status, number in counts[one.pk].items()
                    },
                    query.but(status="").url(path),
                )
            )
        if rows:
            groups.append(MatrixGroup(str(kind.label), rows))
    return groups


def _without(
    present: Sequence[Organisation],
    counts: Mapping[int, Counter[str]],
    lineage: Lineage,
    day: dt.date,
    to: Links,
) -> Table | None:
    """Those that lead no target of the chosen documents."""
    rows = [
        (
            Cell(
                localised(lineage.name_on(one.pk, day), "name"),
                url=to.organisation(one),
                badges=("unverified",) if one.unverified else (),
            ),
            Cell(str(one.get_kind_display())),
        )
        for one in present
        if one.pk not in counts
    ]
    if not rows:
        return None
    columns = (Column(gettext("Cơ quan")), Column(gettext("Loại")))
    return Table(gettext("Không chủ trì mục tiêu nào"), columns, rows)


def _ended(ended: Iterable[Organisation], lineage: Lineage, day: dt.date, to: Links) -> Table:
    rows = [
        (
            Cell(
                localised(lineage.name_on(one.pk, day), "name"),
                url=to.organisation(one),
                badges=("unverified",) if one.unverified else (),
            ),
            Cell(formatting.day(one.valid_to)),
            Cell(html=_successors(lineage.passed_on[one.pk], lineage, day, to)),
        )
        for one in ended
    ]
    columns = (
        Column(gettext("Cơ quan")),
        Column(gettext("Đến ngày")),
        Column(gettext("Chức năng nay thuộc")),
    )
    return Table(gettext("Đã kết thúc"), columns, rows, stacked=True)


def _successors(
    steps: Iterable[Succession], lineage: Lineage, day: dt.date, to: Links
) -> SafeString:
    """Each successor as a link with the function that it took."""
    parts = [
        (
            format_html(
                '<a href="{}">{}</a>',
                to.organisation(lineage.organisations[step.successor_id]),
                localised(lineage.name_on(step.successor_id, day), "short"),
            ),
            localised(step, "function"),
        )
        for step in steps
        if step.effective_on <= day
    ]
    return format_html_join(SafeString("; "), "{}: {}", parts)
