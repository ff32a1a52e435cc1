"""The open directives that a public page shows to some of its readers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlencode

from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from dashboard.presenters.directives.rows import (
    DirectiveRow,
    late_words,
    named,
    row_of,
)
from targets.models import Directive, Organisation, Report
from targets.models.directives import DirectiveQuerySet
from targets.permissions import allowed, predecessors_of, visible_directives

_IN_A_BLOCK: Final = 5


@dataclass(frozen=True, slots=True)
class Block:
    """What stands on a public page for a reader who may see directives."""

    title: str
    summary: str
    rows: Sequence[DirectiveRow]
    all_url: str
    all_text: str
    links: Sequence[tuple[str, str]]
    none: str


def overview_block(reader: User) -> Block | None:
    """All open directives that the reader may see; None where there are none (one query)."""
    return _block(
        Directive.objects.filter(visible_directives(reader)).waiting(),
        gettext("Ý kiến chỉ đạo đang mở"),
        reverse("directive-list"),
        (),
        empty=False,
    )


def target_block(reader: User, key: str) -> Block | None:
    """What was asked about one target, open or not, and what the reader may do about it."""
    links = []
    if allowed(reader, "targets.create_directive"):
        links.append((f"{reverse('directive-new')}?target={key}", gettext("Ra ý kiến chỉ đạo")))
    if allowed(reader, "targets.view_trail"):
        links.append((f"{reverse('target', args=[key])}nhat-ky/", gettext("Nhật ký của mục tiêu")))
    block = _block(
        Directive.objects.filter(visible_directives(reader), target__key=key),
        gettext("Ý kiến chỉ đạo về mục tiêu này"),
        f"{reverse('directive-list')}?state=all",
        links,
        empty=bool(links),
    )
    return block and _untitled(block)


def report_block(reader: User, report: Report) -> Block | None:
    """What was asked about one report, open or not."""
    links = []
    if allowed(reader, "targets.create_directive"):
        address = f"{reverse('directive-new')}?report={report.pk}"
        links.append((address, gettext("Ra ý kiến chỉ đạo")))
    block = _block(
        Directive.objects.filter(visible_directives(reader), report=report),
        gettext("Ý kiến chỉ đạo về báo cáo này"),
        f"{reverse('directive-list')}?state=all",
        links,
        empty=bool(links),
    )
    return block and _untitled(block)


def organisation_block(reader: User, code: str) -> Block | None:
    """The open directives that an organisation has to answer, its predecessors' among them."""
    organisation = Organisation.objects.filter(code=code).first()
    if organisation is None:
        return None
    links = []
    if allowed(reader, "targets.view_trail", organisation):
        trail = f"{organisation.get_absolute_url()}nhat-ky/"
        links.append((trail, gettext("Nhật ký của cơ quan")))
    own = {organisation.pk, *predecessors_of([organisation.pk])}
    return _block(
        Directive.objects.filter(visible_directives(reader), addressee__in=own).waiting(),
        gettext("Ý kiến chỉ đạo gửi cơ quan này"),
        f"{reverse('directive-list')}?{urlencode({'to': code})}",
        links,
        empty=bool(links),
        none=gettext("Không có ý kiến nào đang mở"),
    )


def _block(
    found: DirectiveQuerySet,
    title: str,
    all_url: str,
    links: Sequence[tuple[str, str]],
    *,
    empty: bool,
    none: str = "",
) -> Block | None:
    """The first few, with counts of all of them from the same query."""
    today = timezone.localdate()
    shown = list(found.with_subject().in_order().with_totals(today)[:_IN_A_BLOCK])
    if not shown and not empty:
        return None
    names = named(shown)
    total, late = shown[0].totals if shown else (0, 0)
    return Block(
        title=title,
        summary=late_words(late),
        rows=[row_of(one, today, names) for one in shown],
        all_url=all_url if total > len(shown) else "",
        all_text=ngettext("Xem cả %(count)s ý kiến", "Xem cả %(count)s ý kiến", total)
        % {"count": total},
        links=links,
        none=none or gettext("Chưa có ý kiến nào."),
    )


def _untitled(block: Block) -> Block:
    """The block on the page of the one thing that all of it is about, which has that as title."""
    rows = [replace(row, subject=row.excerpt, detail="", excerpt="") for row in block.rows]
    return replace(block, rows=rows)
