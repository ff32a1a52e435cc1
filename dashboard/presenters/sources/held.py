"""The coordinator's review of held values: in bulk, by source and run, filtered."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any, Final, Self
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import Count, Max, Q, QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboard import formatting
from dashboard.components import Chip, ChipGroup, Crumb, Notice, Pages
from dashboard.formatting import localised
from dashboard.presenters.paging import pages_of
from dashboard.presenters.sources import words
from dashboard.presenters.sources.held_rows import HeldRow, held_rows, with_all
from targets.models import DataSource, HeldValue, Indicator

#: Values on a page.
ON_A_PAGE: Final = 50
#: Values that are named when a decision is refused.
_NAMED: Final = 20
_REASONS: Final = tuple(HeldValue.Reason)


@dataclass(frozen=True, slots=True)
class HeldQuery:
    """Which of the waiting values are wanted; "" and 0 are all, unknown words count as that."""

    source: str = ""
    reason: str = ""
    indicator: str = ""
    run: int = 0
    page: int = 1

    @classmethod
    def parse(cls, given: QueryDict) -> Self:
        """Read the address, or the form that was made from it; never raises."""
        reason = given.get("reason", "")
        return cls(
            source=given.get("source", "").replace("\0", "")[:80],
            reason=reason if reason in _REASONS else "",
            indicator=given.get("indicator", "").replace("\0", "")[:80],
            run=_number(given.get("run", "")),
            page=_number(given.get("page", "")) or 1,
        )

    def but(self, **changes: Any) -> Self:
        """The first page of the same choice with some of it changed."""
        return replace(self, **{"page": 1, **changes})

    def pairs(self) -> list[tuple[str, str]]:
        """What was asked, without the page."""
        asked = {
            "source": self.source,
            "reason": self.reason,
            "indicator": self.indicator,
            "run": str(self.run or ""),
        }
        return [(name, text) for name, text in asked.items() if text]

    def url(self) -> str:
        """The address of the first page of this choice."""
        query = urlencode(self.pairs())
        return reverse("held-values") + (f"?{query}" if query else "")

    def waiting(self) -> QuerySet[HeldValue]:
        """The values that wait and fit."""
        found = HeldValue.objects.filter(state=HeldValue.State.WAITING)
        if self.source:
            found = found.filter(data_source__slug=self.source)
        if self.reason:
            found = found.filter(reasons__contains=[self.reason])
        if self.indicator:
            found = found.filter(indicator__code=self.indicator)
        if self.run:
            found = found.filter(run=self.run)
        return found


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 10 else 0


@dataclass(frozen=True, slots=True)
class HeldGroup:
    """The values that one run of one source brought."""

    run: int
    source: str
    source_url: str
    when: str
    run_url: str
    rows: Sequence[HeldRow]


@dataclass(frozen=True, slots=True)
class Refused:
    """What a decision met with: the sentence, the values that it names, what was typed."""

    sentence: str
    problems: Sequence[tuple[str, str]] = ()
    ticked: Collection[int] = ()
    everything: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class HeldPage:
    """All of `/nguon-so-lieu/cho-xem-xet/`. `newest`: the id of the last value that was there."""

    title: str
    sub: str
    crumbs: Sequence[Crumb]
    query: HeldQuery
    filters: Sequence[ChipGroup]
    groups: Sequence[HeldGroup]
    pages: Pages | None
    empty: Notice
    total: int
    all_words: str
    newest: int
    refused: Refused | None


def held_page(query: HeldQuery, refused: Refused | None = None) -> HeldPage:
    """The values that wait, as the coordinator asked for them."""
    whole = query.waiting()
    summary = whole.aggregate(total=Count("pk"), newest=Max("pk"))
    total = summary["total"]
    ordered = with_all(whole).order_by(
        "data_source__slug", "run_id", "indicator__code", "organisation_id", "period", "pk"
    )
    page = Paginator(ordered, ON_A_PAGE).get_page(query.page)
    shown = list(page.object_list)
    rows = {row.pk: row for row in held_rows(shown)}
    filtered = bool(query.pairs())
    return HeldPage(
        title=ngettext("%(count)s số chờ bạn xem xét", "%(count)s số chờ bạn xem xét", total)
        % {"count": formatting.number(total, 0)}
        if total
        else _("Không có số nào chờ xem xét"),
        sub=_(
            "Những số mà nguồn mang về nhưng hệ thống không tự công bố. Chấp nhận thì số mới được "
            "công bố và bản cũ giữ trong lịch sử; từ chối thì số đang công bố ở lại."
        ),
        crumbs=(
            Crumb(_("Nguồn số liệu"), reverse("data-source-list")),
            Crumb(_("Chờ xem xét")),
        ),
        query=query,
        filters=_filters(query),
        groups=_groups(shown, rows),
        pages=pages_of(page, reverse("held-values"), *query.pairs()),
        empty=_empty(filtered=filtered),
        total=total,
        all_words=_all_words(total, filtered=filtered) if page.paginator.num_pages > 1 else "",
        newest=summary["newest"] or 0,
        refused=refused,
    )


def problems_of(ids: Collection[int]) -> list[tuple[str, str]]:
    """Which of these cannot be decided any more, and why: the first so many of them."""
    amiss = HeldValue.objects.filter(pk__in=ids).filter(
        ~Q(state=HeldValue.State.WAITING) | Q(standing__superseded_at__isnull=False)
    )
    return [
        (row.name, row.decided or row.state_word)
        if row.state != HeldValue.State.WAITING
        else (row.name, _("giá trị đang công bố đã đổi từ khi số này được giữ"))
        for row in held_rows(with_all(amiss).order_by("pk")[:_NAMED])
    ]


def _all_words(total: int, *, filtered: bool) -> str:
    said = {"count": formatting.number(total, 0)}
    if filtered:
        return (
            ngettext(
                "Cả %(count)s số khớp bộ lọc, trên mọi trang",
                "Cả %(count)s số khớp bộ lọc, trên mọi trang",
                total,
            )
            % said
        )
    return (
        ngettext(
            "Cả %(count)s số đang chờ, trên mọi trang",
            "Cả %(count)s số đang chờ, trên mọi trang",
            total,
        )
        % said
    )


def _groups(shown: Sequence[HeldValue], rows: dict[int, HeldRow]) -> list[HeldGroup]:
    groups = []
    for _run, members in groupby(shown, key=lambda held: held.run_id):
        held = list(members)
        source, run = held[0].data_source, held[0].run
        groups.append(
            HeldGroup(
                run=run.pk,
                source=localised(source, "name"),
                source_url=source.get_absolute_url(),
                when=_("lượt %(when)s") % {"when": words.when(run.started_at)},
                run_url=run.get_absolute_url(),
                rows=[rows[one.pk] for one in held],
            )
        )
    return groups


def _filters(query: HeldQuery) -> list[ChipGroup]:
    """Each filter with how many values its choices leave, beside what else is chosen."""
    groups = [_reasons(query)]
    sources = _counts(query.but(source="", run=0), "data_source")
    if len(sources) > 1 or query.source:
        names = DataSource.objects.in_bulk(sources)
        texts = {one.slug: localised(one, "name") for one in names.values()}
        count = {names[pk].slug: number for pk, number in sources.items()}
        groups.append(_group(_("Nguồn"), query, "source", texts, count))
    indicators = _counts(query.but(indicator=""), "indicator")
    if len(indicators) > 1 or query.indicator:
        found = Indicator.objects.in_bulk(indicators)
        texts = {one.code: localised(one, "name") for one in found.values()}
        count = {found[pk].code: number for pk, number in indicators.items()}
        groups.append(_group(_("Chỉ tiêu"), query, "indicator", texts, count))
    return groups


def _counts(query: HeldQuery, field: str) -> dict[int, int]:
    rows = query.waiting().order_by().values_list(field).annotate(Count("pk"))
    return dict(rows.values_list(field, "pk__count"))


def _reasons(query: HeldQuery) -> ChipGroup:
    found = query.but(reason="").waiting().order_by()
    rows = found.values_list("reasons").annotate(Count("pk"))
    count: dict[str, int] = {}
    for codes, number in rows:
        for code in codes:
            count[code] = count.get(code, 0) + number
    texts = {code: str(HeldValue.Reason(code).label) for code in _REASONS if code in count}
    chips = [
        Chip(_("Tất cả"), query.but(reason="").url(), current=not query.reason),
        *(
            Chip(
                text[:1].upper() + text[1:],
                query.but(reason=code).url(),
                current=query.reason == code,
                count=count[code],
            )
            for code, text in texts.items()
        ),
    ]
    return ChipGroup(_("Lý do"), chips)


def _group(
    label: str, query: HeldQuery, name: str, texts: dict[str, str], count: dict[str, int]
) -> ChipGroup:
    without = query.but(**{name: ""}, **({"run": 0} if name == "source" else {}))
    chips = [Chip(_("Tất cả"), without.url(), current=not getattr(query, name))]
    for code, text in sorted(texts.items(), key=lambda pair: (-count[pair[0]], pair[1])):
        wanted = without.but(**{name: code})
        chips.append(
            Chip(text, wanted.url(), current=getattr(query, name) == code, count=count[code])
        )
    return ChipGroup(label, chips, folded=True)


def _empty(*, filtered: bool) -> Notice:
    if filtered:
        return Notice(
            _("Không có số nào khớp bộ lọc"),
            _("Có thể chúng vừa được quyết định."),
            action=_("Bỏ bộ lọc"),
            action_url=reverse("held-values"),
        )
    return Notice(
        _("Không có số nào chờ xem xét"),
        _(
            "Số của nguồn cần xem xét, số ngoài khoảng hợp lý, thay đổi đột ngột hoặc khác số đã "
            "duyệt sẽ hiện ở đây."
        ),
    )
