"""The list of what one person was told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.contrib.auth.models import User
from django.core.paginator import Paginator
from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from dashboard.components import Notice as Empty
from dashboard.components import Pages
from dashboard.presenters.paging import pages_of
from targets.models import Notice
from targets.reporting import notices

_ON_A_PAGE: Final = 30


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """One notice: what it says and where it leads."""

    text: str
    url: str
    when: dt.datetime
    unread: bool
    sample: bool


@dataclass(frozen=True, slots=True)
class NoticesPage:
    """`/thong-bao/`; `newest` is the id up to which "all read" reaches."""

    title: str
    sentence: str
    rows: Sequence[NoticeRow]
    unread: int
    newest: int
    pages: Pages | None
    empty: Empty


def notices_page(reader: User, asked: str) -> NoticesPage:
    """Unread ones first, newest first (three queries)."""
    told = (
        Notice.objects.filter(user=reader)
        .select_related("report", "directive")
        .order_by(F("read_at").desc(nulls_first=True), "-id")
    )
    unread = Notice.objects.filter(user=reader, read_at=None).count()
    page = Paginator(told, _ON_A_PAGE).get_page(asked)
    shown = list(page)
    return NoticesPage(
        title=gettext("Thông báo"),
        sentence=ngettext("%(count)s thông báo chưa đọc", "%(count)s thông báo chưa đọc", unread)
        % {"count": unread}
        if unread
        else gettext("Không có thông báo chưa đọc"),
        rows=[
            NoticeRow(
                text=notices.sentence(one),
                url=reverse("notice", args=[one.pk]),
                when=one.created_at,
                unread=one.read_at is None,
                sample=notices.is_sample(one),
            )
            for one in shown
        ],
        unread=unread,
        newest=max((one.pk for one in shown), default=0),
        pages=pages_of(page, reverse("notice-list")),
        empty=Empty(
            gettext("Chưa có thông báo nào"),
            gettext("Việc cần bạn làm và kết quả của việc bạn đã làm sẽ được báo ở đây."),
        ),
    )
