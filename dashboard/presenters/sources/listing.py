"""The list of data sources: how each stands, when it was last asked, what it covers."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Self
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboard.components import Chip, ChipGroup, Crumb, Notice, Pages
from dashboard.formatting import localised
from dashboard.naming import short_names
from dashboard.presenters.paging import pages_of
from dashboard.presenters.sources import words
from dashboard.presenters.sources.coverage import Coverage, coverage_of
from dashboard.presenters.sources.runs import status_word
from dashboard.presenters.sources.standing import (
    ATTENTION,
    CONDITIONS,
    Condition,
    Standing,
    changed_at,
    last_runs,
    standings,
)
from documents.search import contains
from targets.models import DataSource, SourceRun

#: Sources on a page.
ON_A_PAGE: Final = 25
_ATTENTION: Final = "attention"
_HELD: Final = "held"
_STATES: Final = (_ATTENTION, *Condition, _HELD)


@dataclass(frozen=True, slots=True)
class SourcesQuery:
    """What the reader wants to see; "" is everything, unknown words count as that."""

    q: str = ""
    state: str = ""
    page: int = 1

    @classmethod
    def parse(cls, request: HttpRequest) -> Self:
        """Read the address; never raises."""
        given = request.GET
        state, page = given.get("state", ""), given.get("page", "1")
        return cls(
            q=" ".join(given.get("q", "").replace("\0", "").split())[:100],
            state=state if state in _STATES else "",
            page=int(page) if page.isdecimal() and len(page) < 6 else 1,
        )

    def pairs(self) -> list[tuple[str, str]]:
        """What was asked, without the page."""
        return [(name, text) for name, text in (("q", self.q), ("state", self.state)) if text]

    def url(self) -> str:
        """The address of the first page of this choice."""
        query = urlencode(self.pairs())
        return reverse("data-source-list") + (f"?{query}" if query else "")


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One source in the list; texts are whole phrases."""

    name: str
    url: str
    publisher: str
    how: str
    schedule: str
    condition: str
    condition_word: str
    note: str
    running: bool
    last: str
    last_word: str
    last_url: str
    last_when: str
    checked: str
    changed: str
    following: str
    coverage: str
    held: str
    held_url: str
    synthetic: bool


@dataclass(frozen=True, slots=True)
class SourcesPage:
    """All of `/nguon-so-lieu/`."""

    title: str
    sub: str
    query: SourcesQuery
    filters: Sequence[ChipGroup]
    rows: Sequence[SourceRow]
    pages: Pages | None
    empty: Notice
    crumbs: Sequence[Crumb]
    review_url: str


def sources_page(query: SourcesQuery, *, watching: bool, reviewing: bool) -> SourcesPage:
    """The list as the reader asked for it; `watching` sees runs and what is held."""
    now = timezone.now()
    everything = standings(DataSource.objects.all(), now)
    publishers = publishers_of([one.source for one in everything])
    found = [one for one in everything if _matches(one, query.q, publishers)]
    chosen = [one for one in found if _has(one, query.state)]
    chosen.sort(key=lambda one: (_ORDER[one.condition], localised(one.source, "name")))
    page = Paginator(chosen, ON_A_PAGE).get_page(query.page)
    shown = list(page.object_list)
    ids = [one.source.pk for one in shown]
    last, changed = last_runs(shown), changed_at(ids)
    covered = coverage_of(ids, timezone.localdate())
    return SourcesPage(
        title=_title(everything),
        sub=_(
            "Số liệu được lấy từ nơi công bố, kiểm tra rồi mới ghi vào; mỗi nguồn cho biết lần "
            "kiểm tra gần nhất và lần cuối có gì mới."
        ),
        query=query,
        filters=[_filter(found, query, watching=watching)] if everything else [],
        rows=[
            _row(
                one,
                last.get(one.source.pk),
                changed=changed.get(one.source.pk),
                covered=covered[one.source.pk],
                publisher=publishers[one.source.pk],
                now=now,
                watching=watching,
            )
            for one in shown
        ],
        pages=pages_of(page, reverse("data-source-list"), *query.pairs()),
        empty=_empty(query, nothing=not everything),
        crumbs=(Crumb(_("Nguồn số liệu")),),
        review_url=reverse("held-values") if reviewing else "",
    )


def publishers_of(sources: Iterable[DataSource]) -> dict[int, str]:
    """Who answers for each source, by its id; "" for none."""
    owners = {source.pk: source.owner_id for source in sources}
    names = short_names({owner for owner in owners.values() if owner is not None})
    return {pk: names.get(owner, "") if owner else "" for pk, owner in owners.items()}


_ORDER: Final = {condition: place for place, condition in enumerate(Condition)}


def _matches(one: Standing, q: str, publishers: Mapping[int, str]) -> bool:
    source = one.source
    text = " ".join((source.slug, source.name_vi, source.name_en, publishers[source.pk]))
    return contains(text, q)


def _has(one: Standing, state: str) -> bool:
    if state == _ATTENTION:
        return one.condition in ATTENTION
    if state == _HELD:
        return bool(one.waiting)
    return state in {"", one.condition}


def _title(everything: Sequence[Standing]) -> str:
    count = len(everything)
    if not count:
        return _("Chưa có nguồn số liệu nào")
    text = ngettext("%(count)s nguồn số liệu", "%(count)s nguồn số liệu", count) % {"count": count}
    bad = sum(one.condition in ATTENTION for one in everything)
    if bad:
        return ngettext(
            "%(sources)s, %(count)s cần chú ý", "%(sources)s, %(count)s cần chú ý", bad
        ) % {"sources": text, "count": bad}
    return _("%(sources)s, không có nguồn nào đang lỗi") % {"sources": text}


def _filter(found: Sequence[Standing], query: SourcesQuery, *, watching: bool) -> ChipGroup:
    count: Counter[str] = Counter(one.condition for one in found)
    count[""] = len(found)
    count[_ATTENTION] = sum(one.condition in ATTENTION for one in found)
    count[_HELD] = sum(bool(one.waiting) for one in found)
    texts: dict[str, str] = {
        "": _("Tất cả"),
        _ATTENTION: _("Cần chú ý"),
        **{code: str(word) for code, word in CONDITIONS.items()},
    }
    if watching:
        texts[_HELD] = _("Có số chờ xem xét")
    return ChipGroup(
        _("Tình trạng"),
        [
            Chip(
                text,
                replace(query, state=code, page=1).url(),
                current=query.state == code,
                count=count[code],
            )
            for code, text in texts.items()
            if count[code] or code in {"", query.state}
        ],
    )


def _row(
    one: Standing,
    last: SourceRun | None,
    *,
    changed: dt.datetime | None,
    covered: Coverage,
    publisher: str,
    now: dt.datetime,
    watching: bool,
) -> SourceRow:
    source = one.source
    held = one.waiting if watching else 0
    return SourceRow(
        name=localised(source, "name"),
        url=source.get_absolute_url(),
        publisher=publisher,
        how=str(source.get_adapter_display()),
        schedule=words.schedule_words(source),
        condition=one.condition,
        condition_word=one.word,
        note=one.note(now),
        running=one.open_run is not None,
        last=last.status if last else "",
        last_word=status_word(last) if last else "",
        last_url=last.get_absolute_url() if last and watching else "",
        last_when=words.when(last.started_at) if last else "",
        checked=words.when(one.checked_at),
        changed=words.when(changed),
        following=one.next_words(now),
        coverage=covered.words if covered.series or source.adapter != "push" else "",
        held=ngettext("%(count)s số chờ xem xét", "%(count)s số chờ xem xét", held)
        % {"count": held}
        if held
        else "",
        held_url=f"{reverse('held-values')}?source={source.slug}",
        synthetic=source.synthetic,
    )


def _empty(query: SourcesQuery, *, nothing: bool) -> Notice:
    if nothing:
        return Notice(
            _("Chưa có nguồn số liệu nào"),
            _("Quản trị khai báo nguồn trong trang Quản trị; khi bật, số liệu tự về theo lịch."),
        )
    return Notice(
        _("Không có nguồn nào khớp"),
        _("Hãy gõ ít chữ hơn, hoặc bỏ bộ lọc."),
        action=_("Bỏ bộ lọc"),
        action_url=SourcesQuery().url(),
    )
