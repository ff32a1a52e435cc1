"""The page of one organisation: what it leads and how that stands, whence it came, its names."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from dashboard import formatting, statuses
from dashboard.caching import register_on
from dashboard.components import (
    Cell,
    Chip,
    ChipGroup,
    Column,
    Crumb,
    Fact,
    Notice,
    Table,
    Tile,
)
from dashboard.formatting import localised
from dashboard.presenters import duties
from dashboard.presenters.common import Links, links_as_of, status_of
from dashboard.presenters.duties import DutyGroup
from dashboard.presenters.organisations import drafts_filter, exists_on, has_ended
from dashboard.presenters.owed import Owed, owed_by
from dashboard.presenters.selection import counted, of_status
from dashboard.presenters.sentences import notices
from dashboard.queries import HORIZONS, Query
from targets.lineage import Lineage
from targets.models import Organisation, OrganisationCode, Succession
from targets.register import Register, Row


class ElsewhereError(Exception):
    """The page of this organisation has another address: `url`."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.url = url


@dataclass(frozen=True, slots=True)
class OrganisationPage:
    """`/co-quan/<code>/`."""

    title: str
    description: str
    crumbs: Sequence[Crumb]
    kicker: str
    sentence: str
    basis: str
    unverified: Notice | None
    filters: Sequence[ChipGroup]
    notices: Sequence[Notice]
    tiles: Sequence[Tile]
    groups: Sequence[DutyGroup]
    no_target: Notice | None
    partner: Table | None
    owed: Owed | None
    tasks: Table | None
    tasks_url: str
    passed_on: Table | None
    received: Table | None
    names: Table
    facts: Sequence[Fact]


def find(code: str, *, provinces: bool, query: Query) -> Organisation:
    """The organisation of a code; Http404 for none, `ElsewhereError` for one of the other page."""
    organisation = Organisation.objects.filter(code=code).first()
    if organisation is None:
        raise Http404(code)
    if (organisation.kind == Organisation.Kind.PROVINCE) is not provinces:
        raise ElsewhereError(links_as_of(query.as_of).organisation(organisation))
    return organisation


def organisation_page(code: str, query: Query) -> OrganisationPage:
    """Everything about one organisation as known on the day."""
    organisation = find(code, provinces=False, query=query)
    to = links_as_of(query.as_of)
    path = reverse("organisation", args=[code])
    register = register_on(query.day)
    lineage, day = register.lineage, query.day
    rows = [row for row in register if counted(row, query)]
    led = _led(rows, organisation, query)
    chosen = of_status(led, query.status)
    name = localised(lineage.name_on(organisation.pk, day), "name")
    return OrganisationPage(
        title=name,
        description=_basis(led) or name,
        crumbs=(
            Crumb(gettext("Cơ quan"), reverse("organisation-list") + to.as_of_query),
            Crumb(name),
        ),
        kicker=str(organisation.get_kind_display()),
        sentence=_sentence(organisation, name, led, day),
        basis=_basis(led),
        unverified=_unverified(organisation),
        filters=[_horizons(query, path), drafts_filter(query, path)],
        notices=notices((), query),
        tiles=_tiles(led, query, path) if led else (),
        groups=duties.lead_groups(chosen, organisation.pk, to, folded=not query.status),
        no_target=None if chosen else _no_target(organisation, query, path),
        partner=duties.partner_table(rows, organisation.pk, to),
        # How a report stood on a day of the past is not kept.
        owed=owed_by(organisation, day, to) if query.as_of is None else None,
        tasks=duties.task_table(lineage, (organisation.pk,), day, to),
        tasks_url=f"{query.but(lead=code).url(reverse('task-list'))}",
        passed_on=_passed_on(register, organisation, to),
        received=_received(lineage, organisation, day, to),
        names=names_table(lineage, organisation),
        facts=life_facts(organisation),
    )


def _led(rows: Iterable[Row], organisation: Organisation, query: Query) -> list[Row]:
    return [
        row
        for row in duties.led_by(rows, organisation.pk)
        if not query.horizon or row.target.horizon == query.horizon
    ]


def _sentence(organisation: Organisation, name: str, led: Sequence[Row], day: dt.date) -> str:
    if has_ended(organisation, day):
        return gettext("%(name)s đã kết thúc ngày %(day)s") % {
            "name": name,
            "day": formatting.day(organisation.valid_to),
        }
    if not exists_on(organisation, day):
        return gettext("%(name)s thành lập ngày %(day)s, sau ngày đang xem") % {
            "name": name,
            "day": formatting.day(organisation.valid_from),
        }
    if not led:
        return name
    attention = sum(1 for row in led if status_of(row) in statuses.ATTENTION)
    leads = ngettext(
        "%(name)s chủ trì %(count)s mục tiêu", "%(name)s chủ trì %(count)s mục tiêu", len(led)
    ) % {"name": name, "count": len(led)}
    if not attention:
        return leads
    return gettext("%(leads)s; %(attention)s cần chú ý") % {"leads": leads, "attention": attention}


def _basis(led: Sequence[Row]) -> str:
    """The counts in words, what needs attention first; "" where nothing is led."""
    counts = Counter(status_of(row) for row in led)
    return ", ".join(
        f"{counts[one.code]} {str(one.label).lower()}"
        for one in statuses.STATUSES
        if counts[one.code]
    )


def _unverified(organisation: Organisation) -> Notice | None:
    if not organisation.unverified:
        return None
    return Notice(gettext("Có điều cần kiểm chứng"), localised(organisation, "note"), kind="info")


def _no_target(organisation: Organisation, query: Query, path: str) -> Notice | None:
    if query.status or query.horizon:
        return Notice(
            gettext("Không có mục tiêu nào khớp bộ lọc"),
            action=gettext("Bỏ bộ lọc"),
            action_url=query.but(status="", horizon="").url(path),
        )
    if has_ended(organisation, query.day):
        return None
    return Notice(gettext("Không chủ trì mục tiêu nào của các văn bản đã chọn"))


def _horizons(query: Query, path: str) -> ChipGroup:
    texts = {"": gettext("Tất cả"), "standing": gettext("Thường xuyên")}
    return ChipGroup(
        gettext("Thời hạn"),
        [
            Chip(
                texts.get(one, one),
                query.but(horizon=one).url(path),
                current=query.horizon == one,
            )
            for one in ("", *HORIZONS)
        ],
    )


def _tiles(led: Sequence[Row], query: Query, path: str) -> list[Tile]:
    """The counts; the chosen one leads back to all."""
    counts = Counter(status_of(row) for row in led)
    return [
        Tile(
            code,
            counts[code],
            query.but(status="" if query.status == code else code).url(path, "muc-tieu"),
            current=query.status == code,
        )
        for code in statuses.CODES
    ]


def _passed_on(register: Register, organisation: Organisation, to: Links) -> Table | None:
    """Where the functions of an organisation went, with how many targets followed each."""
    lineage, day = register.lineage, register.day
    steps = [step for step in lineage.passed_on[organisation.pk] if step.effective_on <= day]
    if not steps:
        return None
    followed = Counter(
        part.holder.steps[0].pk
        for row in register
        for part in row.leads
        if part.holder.steps and part.holder.steps[0].predecessor_id == organisation.pk
    )
    rows = [
        (
            Cell(localised(step, "function")),
            Cell(
                localised(lineage.name_on(step.successor_id, day), "name"),
                url=to.organisation(lineage.organisations[step.successor_id]),
            ),
            Cell(formatting.day(step.effective_on)),
            Cell(formatting.number(followed[step.pk], 0)),
            _verification(step),
        )
        for step in steps
    ]
    columns = (
        Column(gettext("Chức năng")),
        Column(gettext("Nay thuộc")),
        Column(gettext("Từ ngày")),
        Column(gettext("Mục tiêu đi theo, cả dự thảo"), numeric=True),
        Column(gettext("Kiểm chứng")),
    )
    return Table(gettext("Đã chuyển đi"), columns, rows, stacked=True)


def _received(
    lineage: Lineage, organisation: Organisation, day: dt.date, to: Links
) -> Table | None:
    steps = [step for step in lineage.received[organisation.pk] if step.effective_on <= day]
    if not steps:
        return None
    rows = [
        (
            Cell(localised(step, "function")),
            Cell(
                localised(lineage.name_on(step.predecessor_id, step.effective_on), "name"),
                url=to.organisation(lineage.organisations[step.predecessor_id]),
            ),
            Cell(formatting.day(step.effective_on)),
            _verification(step),
        )
        for step in steps
    ]
    columns = (
        Column(gettext("Chức năng")),
        Column(gettext("Nhận từ")),
        Column(gettext("Từ ngày")),
        Column(gettext("Kiểm chứng")),
    )
    return Table(gettext("Đã nhận về"), columns, rows, stacked=True)


def _verification(step: Succession) -> Cell:
    return Cell(
        str(step.get_verification_display()),
        note=bilingual(step.note),
        badges=("unverified",) if step.verification == Succession.Verification.UNVERIFIED else (),
    )


def bilingual(note: str) -> str:
    """The half of a note in both languages (`vi / en`) that the page is in."""
    vietnamese, slash, english = note.partition(" / ")
    return english if slash and not formatting.vietnamese() else vietnamese


def names_table(lineage: Lineage, organisation: Organisation) -> Table:
    """The names (and types) of an organisation over time, newest first."""
    rows = [
        (
            Cell(localised(name, "full") or localised(name, "name")),
            Cell(localised(name, "short")),
            Cell(formatting.day(name.valid_from) if name.valid_from else gettext("trước đó")),
            Cell(formatting.day(name.valid_to) if name.valid_to else gettext("đến nay")),
            Cell(name.legal_basis),
        )
        for name in reversed(lineage.names_of(organisation.pk))
    ]
    columns = (
        Column(gettext("Tên")),
        Column(gettext("Viết tắt")),
        Column(gettext("Từ")),
        Column(gettext("Đến")),
        Column(gettext("Căn cứ")),
    )
    return Table(gettext("Tên qua thời gian"), columns, rows, stacked=True)


def life_facts(organisation: Organisation) -> list[Fact]:
    """Life span, codes of other schemes, note."""
    facts = []
    if organisation.valid_from:
        facts.append(Fact(gettext("Thành lập"), formatting.day(organisation.valid_from)))
    if organisation.valid_to:
        facts.append(Fact(gettext("Kết thúc"), formatting.day(organisation.valid_to)))
    codes = OrganisationCode.objects.filter(organisation=organisation)
    facts.extend(
        Fact(gettext("Mã %(scheme)s") % {"scheme": code.scheme}, code.code, note=_span(code))
        for code in codes.order_by("scheme", "code")
    )
    if localised(organisation, "note") and not organisation.unverified:
        facts.append(Fact(gettext("Ghi chú"), localised(organisation, "note")))
    return facts


def _span(code: OrganisationCode) -> str:
    """The days in which a code means this organisation."""
    words = {"first": formatting.day(code.valid_from), "last": formatting.day(code.valid_to)}
    if code.valid_from and code.valid_to:
        return gettext("từ %(first)s đến %(last)s") % words
    if code.valid_from:
        return gettext("từ %(first)s") % words
    return gettext("đến %(last)s") % words if code.valid_to else ""
