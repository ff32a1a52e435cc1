"""The list of directives, `/chi-dao/`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from django.contrib.auth.models import User
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from dashboard.components import Chip, ChipGroup, Notice, Pages
from dashboard.naming import short_names
from dashboard.presenters.directives.rows import (
    DirectiveRow,
    named,
    row_of,
)
from dashboard.presenters.paging import pages_of
from targets.models import Directive
from targets.models.directives import DirectiveQuerySet
from targets.permissions import allowed, visible_directives

_ON_A_PAGE: Final = 30

#: Choices of `?state=`; the first is what one sees without asking.
FILTERS: Final = {
    "": _("Đang mở"),
    "open": _("Chờ trả lời"),
    "late": _("Quá hạn"),
    "answered": _("Đã trả lời"),
    "closed": _("Đã kết thúc"),
    "withdrawn": _("Đã rút"),
    "all": _("Tất cả"),
}


@dataclass(frozen=True, slots=True)
class DirectiveListPage:
    """`/chi-dao/`."""

    title: str
    sentence: str
    filters: Sequence[ChipGroup]
    rows: Sequence[DirectiveRow]
    pages: Pages | None
    empty: Notice
    new_url: str


def directive_list_page(reader: User, state: str, to: str, page: str) -> DirectiveListPage:
    """What the reader may see: what waits first, the most overdue at the top."""
    today = timezone.localdate()
    state = state if state in FILTERS else ""
    visible = Directive.objects.filter(visible_directives(reader))
    addressees = _addressees(visible)
    to = to if to in addressees else ""
    narrowed = visible.filter(addressee__code=to) if to else visible
    counts = narrowed.aggregate(
        **{code or "waiting": Count("pk", filter=_condition(code, today)) for code in FILTERS}
    )
    found = narrowed.filter(_condition(state, today)).with_subject().in_order()
    shown = Paginator(found, _ON_A_PAGE).get_page(page)
    members = list(shown)
    names = named(members)
    path = reverse("directive-list")
    pairs = [(name, value) for name, value in (("state", state), ("to", to)) if value]
    may_issue = allowed(reader, "targets.create_directive")
    return DirectiveListPage(
        title=gettext("Ý kiến chỉ đạo"),
        sentence=_list_sentence(counts["open"], counts["late"]),
        filters=_filters(path, state, to, counts, addressees),
        rows=[row_of(one, today, names) for one in members],
        pages=pages_of(shown, path, *pairs),
        empty=_empty(state, to, path, may_issue=may_issue),
        new_url=reverse("directive-new") if may_issue else "",
    )


def _condition(state: str, today: dt.date) -> Q:
    if state == "all":
        return Q(pk__isnull=False)
    if state == "late":
        return Q(state=Directive.State.OPEN, due_on__lt=today)
    if state == "":
        return Q(state__in=(Directive.State.OPEN, Directive.State.ANSWERED))
    return Q(state=state)


def _addressees(visible: DirectiveQuerySet) -> dict[str, str]:
    """Names by code of the organisations to which the reader's directives went."""
    found = visible.order_by().values_list("addressee__code", "addressee_id").distinct()
    codes = dict(found)
    names = short_names(codes.values())
    return {code: names[codes[code]] for code in sorted(codes, key=lambda code: names[codes[code]])}


def _list_sentence(waiting: int, late: int) -> str:
    if not waiting:
        return gettext("Không có ý kiến nào đang chờ trả lời")
    words = ngettext(
        "%(count)s ý kiến đang chờ trả lời", "%(count)s ý kiến đang chờ trả lời", waiting
    ) % {"count": waiting}
    if not late:
        return words
    return gettext("%(waiting)s, %(late)s quá hạn") % {"waiting": words, "late": late}


def _filters(
    path: str, state: str, to: str, counts: Mapping[str, int], addressees: Mapping[str, str]
) -> list[ChipGroup]:
    def url(**asked: str) -> str:
        pairs = {name: value for name, value in asked.items() if value}
        return f"{path}?{urlencode(pairs)}" if pairs else path

    groups = [
        ChipGroup(
            gettext("Trạng thái"),
            [
                Chip(
                    str(text),
                    url(state=code, to=to),
                    current=code == state,
                    count=counts[code or "waiting"],
                )
                for code, text in FILTERS.items()
            ],
        )
    ]
    if len(addressees) > 1:
        everybody = Chip(gettext("tất cả"), url(state=state), current=not to)
        single = [
            Chip(name, url(state=state, to=code), current=code == to)
            for code, name in addressees.items()
        ]
        groups.append(ChipGroup(gettext("Gửi tới"), [everybody, *single], folded=True))
    return groups


def _empty(state: str, to: str, path: str, *, may_issue: bool) -> Notice:
    if state or to:
        return Notice(
            gettext("Không có ý kiến nào khớp bộ lọc"),
            action=gettext("Bỏ bộ lọc"),
            action_url=path,
        )
    if may_issue:
        return Notice(
            gettext("Không có ý kiến nào đang mở"),
            gettext("Ra ý kiến từ trang của một mục tiêu, hoặc chọn mục tiêu ở đây."),
            action=gettext("Ra ý kiến chỉ đạo"),
            action_url=reverse("directive-new"),
        )
    return Notice(
        gettext("Không có ý kiến nào đang mở"),
        gettext("Ý kiến chỉ đạo gửi tới cơ quan của bạn sẽ nằm ở đây."),
    )
