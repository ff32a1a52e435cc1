"""Who handed in when: one cycle in full, the ones before it beside it, and whom to call."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Self
from urllib.parse import urlencode

from django.contrib.auth.models import User
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboard.components import Chip, ChipGroup, Crumb, Notice
from dashboard.naming import short_names
from dashboard.presenters.reporting.days import cycle_title, delivery_word, delivery_words
from targets import wording
from targets.models import Membership, Organisation, Report, ReportingCycle, Role
from targets.people import full_name
from targets.permissions import roles_of, visible_reports
from targets.reporting.timeliness import HANDED_IN, Delivery, Standing, standings, tally

#: Earlier cycles of the same duty that stand beside the chosen one.
_BEFORE: Final = 4
_KINDS: Final = ("ministry", "province")
#: In this order in the list and among the counts: whom to call first.
_ORDER: Final = tuple(Delivery)
_ALIKE: Final = {Organisation.Kind.AGENCY.value: "ministry"}


@dataclass(frozen=True, slots=True)
class TimelinessQuery:
    """What the reader wants to see; "" is everything, unknown words count as that."""

    cycle: int = 0
    kind: str = ""
    delivery: str = ""

    @classmethod
    def parse(cls, request: HttpRequest) -> Self:
        """Read the address; never raises."""
        given = request.GET
        cycle, kind, delivery = (given.get(name, "") for name in ("ky", "loai", "hen"))
        return cls(
            cycle=int(cycle) if cycle.isdecimal() and len(cycle) < 10 else 0,
            kind=kind if kind in _KINDS else "",
            delivery=delivery if delivery in set(Delivery) else "",
        )

    def url(self) -> str:
        """The address of this choice."""
        asked = {"ky": self.cycle or "", "loai": self.kind, "hen": self.delivery}
        query = urlencode({name: value for name, value in asked.items() if value})
        return reverse("timeliness") + (f"?{query}" if query else "")


@dataclass(frozen=True, slots=True)
class Contact:
    """A person to call, with an address where one is known."""

    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Past:
    """How an organisation stood in an earlier cycle."""

    delivery: str
    words: str
    url: str


@dataclass(frozen=True, slots=True)
class OrganisationRow:
    """One organisation in the chosen cycle."""

    name: str
    url: str
    delivery: str
    words: str
    state: str
    contacts: Sequence[Contact]
    contact_note: str
    past: Sequence[Past]


@dataclass(frozen=True, slots=True)
class TimelinessPage:
    """All of the page; `closable` and `reopenable` are for who may close the cycle."""

    title: str
    sub: str
    crumbs: Sequence[Crumb]
    filters: Sequence[ChipGroup]
    columns: Sequence[str]
    rows: Sequence[OrganisationRow]
    cycle: ReportingCycle | None
    closable: bool
    closed: bool
    reopenable: bool
    empty: Notice | None


def timeliness_page(query: TimelinessQuery, reader: User, today: dt.date) -> TimelinessPage:
    """The page for a reader, who sees the reports that they may see."""
    seen = Report.objects.filter(visible_reports(reader), sample=False)
    cycles = list(
        ReportingCycle.objects.filter(reports__in=seen)
        .select_related("duty")
        .distinct()
        .order_by("-due_on", "duty__code")
    )
    crumbs = (Crumb(_("Báo cáo"), reverse("report-list")), Crumb(_("Đúng hạn")))
    chosen = _chosen(cycles, query, today)
    if chosen is None:
        empty = Notice(
            _("Chưa có kỳ báo cáo nào"),
            _("Khi một kỳ mở, trang này cho biết ai đã gửi, ai chưa gửi."),
        )
        return TimelinessPage(
            _("Chưa có kỳ báo cáo nào"), "", crumbs, (), (), (), None, False, False, False, empty
        )
    before = [
        one for one in cycles if one.duty_id == chosen.duty_id and one.due_on < chosen.due_on
    ][:_BEFORE]
    shown = standings(seen.filter(cycle__in=[chosen, *before]), today)
    now = [one for one in shown if one.report.cycle_id == chosen.pk]
    of_kind = [one for one in now if query.kind in {"", _kind(one)}]
    rows = [one for one in of_kind if query.delivery in {"", one.delivery}]
    coordinates = roles_of(reader).has(Role.COORDINATOR)
    return TimelinessPage(
        title=_title(now, chosen, today),
        sub=cycle_title(chosen),
        crumbs=crumbs,
        filters=_filters(query, cycles, chosen, now, of_kind),
        columns=[wording.period(one.period) for one in before],
        rows=_rows(rows, shown, before),
        cycle=chosen,
        closable=coordinates and chosen.due_on < today and chosen.closed_on is None,
        closed=chosen.closed_on is not None,
        reopenable=coordinates and chosen.closed_on is not None,
        empty=None
        if rows
        else Notice(
            _("Không có báo cáo nào khớp bộ lọc"),
            action=_("Bỏ bộ lọc"),
            action_url=TimelinessQuery(cycle=query.cycle).url(),
        ),
    )


def _chosen(
    cycles: Sequence[ReportingCycle], query: TimelinessQuery, today: dt.date
) -> ReportingCycle | None:
    """The cycle asked for; else the one that is due next, or was due last."""
    asked = next((one for one in cycles if one.pk == query.cycle), None)
    running = [one for one in cycles if one.due_on >= today]
    return asked or (running[-1] if running else next(iter(cycles), None))


def _title(now: Sequence[Standing], cycle: ReportingCycle, today: dt.date) -> str:
    counts = tally(now)
    handed_in = sum(counts[one] for one in HANDED_IN)
    asked = len(now) - counts[Delivery.RELEASED]
    words = {"n": handed_in, "all": asked, "missing": asked - handed_in}
    if counts[Delivery.MISSING]:
        return (
            ngettext(
                "%(n)s / %(all)s cơ quan đã gửi; %(missing)s cơ quan quá hạn",
                "%(n)s / %(all)s cơ quan đã gửi; %(missing)s cơ quan quá hạn",
                asked - handed_in,
            )
            % words
        )
    left = (cycle.due_on - today).days
    if asked > handed_in and left > 0:
        return ngettext(
            "%(n)s / %(all)s cơ quan đã gửi; còn %(left)s ngày",
            "%(n)s / %(all)s cơ quan đã gửi; còn %(left)s ngày",
            left,
        ) % {**words, "left": left}
    if asked > handed_in:
        return _("%(n)s / %(all)s cơ quan đã gửi; hạn hết hôm nay") % words
    return _("%(n)s / %(all)s cơ quan đã gửi") % words


def _kind(one: Standing) -> str:
    kind = str(one.report.organisation.kind)
    return _ALIKE.get(kind, kind)


def _filters(
    query: TimelinessQuery,
    cycles: Sequence[ReportingCycle],
    chosen: ReportingCycle,
    now: Sequence[Standing],
    of_kind: Sequence[Standing],
) -> list[ChipGroup]:
    """The counts by word are links, and so are cycles and kinds."""
    counts = tally(of_kind)
    words = {"ministry": _("Bộ, ngành"), "province": _("Tỉnh, thành phố")}
    kinds = [kind for kind in _KINDS if any(_kind(one) == kind for one in now)]
    groups = [
        ChipGroup(
            _("Kỳ báo cáo"),
            [
                Chip(cycle_title(one), replace(query, cycle=one.pk).url(), one == chosen)
                for one in cycles
            ],
            folded=True,
        ),
        ChipGroup(
            _("Tình trạng"),
            [
                Chip(_("Tất cả"), replace(query, delivery="").url(), not query.delivery,
                     len(of_kind)),
                *(
                    Chip(delivery_word(one), replace(query, delivery=one.value).url(),
                         query.delivery == one, counts[one])
                    for one in _ORDER
                    if counts[one] or query.delivery == one
                ),
            ],
        ),
    ]  # fmt: skip
    if len(kinds) > 1:
        groups.append(
            ChipGroup(
                _("Loại cơ quan"),
                [
                    Chip(words[kind], replace(query, kind="" if query.kind == kind else kind).url(),
                         query.kind == kind)
                    for kind in kinds
                ],
            )
        )  # fmt: skip
    return groups


def _rows(
    rows: Iterable[Standing], shown: Iterable[Standing], before: Sequence[ReportingCycle]
) -> list[OrganisationRow]:
    ordered = sorted(
        rows,
        key=lambda one: (_ORDER.index(one.delivery), -one.days, one.report.organisation.position),
    )
    organisations = {one.report.organisation_id for one in ordered}
    names = short_names(organisations)
    contacts = _contacts(one for one in ordered if one.open)
    past = {(one.report.organisation_id, one.report.cycle_id): one for one in shown}
    return [
        OrganisationRow(
            name=names[one.report.organisation_id] or one.report.organisation.code,
            url=reverse("report-review", args=[one.report.pk]),
            delivery=one.delivery.value,
            words=delivery_words(one.delivery, one.days),
            state=one.report.get_state_display(),
            contacts=contacts.get(one.report.pk, ()),
            contact_note=_contact_note(one, contacts),
            past=[_past(past.get((one.report.organisation_id, cycle.pk))) for cycle in before],
        )
        for one in ordered
    ]


def _past(one: Standing | None) -> Past:
    if one is None:
        return Past("", "", "")
    return Past(
        one.delivery.value,
        delivery_words(one.delivery, one.days),
        reverse("report-review", args=[one.report.pk]),
    )


def _contacts(open_: Iterable[Standing]) -> dict[int, list[Contact]]:
    """By report: the people whose turn it is (one query)."""
    turns = {one.report.pk: (one.report.organisation_id, one.turn) for one in open_}
    people: dict[tuple[int, str], list[Contact]] = defaultdict(list)
    rows = Membership.objects.filter(
        organisation__in={organisation for organisation, _turn in turns.values()},
        user__is_active=True,
    )
    for row in rows.select_related("user").order_by("user__last_name", "user__first_name"):
        contact = Contact(full_name(row.user), row.user.email)
        people[row.organisation_id, row.role].append(contact)
    return {pk: people[organisation, turn] for pk, (organisation, turn) in turns.items() if turn}


def _contact_note(one: Standing, contacts: Mapping[int, Sequence[Contact]]) -> str:
    """Whom to call is not known, or it is not the organisation's turn."""
    if not one.open or contacts.get(one.report.pk):
        return ""
    if one.turn == Role.APPROVER:
        return _("chưa có người phê duyệt")
    return _("chưa có người báo cáo")
