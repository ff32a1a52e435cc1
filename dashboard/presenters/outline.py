"""One document: the outline of its cited provisions, with the targets marked in place."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from dashboard import formatting, statuses
from dashboard.components import Crumb, Fact, Lead, Notice, Tile
from dashboard.formatting import localised
from dashboard.presenters.common import (
    Links,
    leads_of,
    links_as_of,
    shown_value,
    status_of,
    title_of,
    unit_of,
)
from dashboard.presenters.documents import (
    OUTLINE,
    explanation,
    facts,
    judged_words,
    orders_report,
    register_of,
    status_url,
)
from dashboard.presenters.remarks import Note, remarks
from dashboard.queries import ATTENTION, Query
from documents.locators import last_part
from documents.models import Document, Provision
from documents.search import contains
from targets.models import Assignment, Target, Task
from targets.register import Answerable, Row

#: Provisions down to this depth are headings and have an entry in the contents.
HEADED: Final = 2


@dataclass(frozen=True, slots=True)
class OutlineTarget:
    """One target at its provision."""

    status: str
    title: str
    url: str
    demand: str
    value: str
    leads: Sequence[Lead]
    badges: Sequence[str]
    notes: Sequence[Note]


@dataclass(frozen=True, slots=True)
class OutlineTask:
    """One task of an annex, in place of a heading (its number is the last part of the locator)."""

    text: str
    url: str


@dataclass(frozen=True, slots=True)
class Charge:
    """Whom a provision puts in charge, of how many targets."""

    lead: Lead
    text: str


@dataclass(frozen=True, slots=True)
class Node:
    """One provision: `part` is the last piece of its locator, `count` the targets at or below."""

    anchor: str
    part: str
    locator: str
    heading: str
    depth: int
    reports: bool
    count: int
    targets: Sequence[OutlineTarget]
    charges: Sequence[Charge]
    task: OutlineTask | None
    children: Sequence[Node]


@dataclass(frozen=True, slots=True)
class DocumentPage:
    """`/van-ban/<slug>/`."""

    title: str
    description: str
    crumbs: Sequence[Crumb]
    kicker: str
    sentence: str
    full_title: str
    badges: Sequence[str]
    explanation: str
    note: str
    facts: Sequence[Fact]
    tiles: Sequence[Tile]
    refused: bool
    status: str
    text: str
    found: str
    clear_url: str
    outline: Sequence[Node]
    contents: Sequence[Node]
    notice: Notice | None


def document_page(slug: str, query: Query, text: str = "") -> DocumentPage:
    """One document on the query's day, of its targets those with `status` and words of `text`.

    Raises Http404 for an unknown document.
    """
    document = Document.objects.filter(slug=slug).first()
    if document is None:
        raise Http404(slug)
    to = links_as_of(query.as_of)
    register = register_of(query)
    rows = [row for row in register or () if row.target.document_id == document.pk]
    counts = Counter(status_of(row) for row in rows)
    known = query.day >= document.issued_on
    tree = _Outline(document, list(register or ()), to)
    outline = tree.nodes(query.status, text) if known else []
    url = to.document(document)
    shown = sum(node.count for node in outline)
    return DocumentPage(
        title=localised(document, "short"),
        description=localised(document, "title"),
        crumbs=(
            Crumb(gettext("Tổng quan"), f"{reverse('overview')}{to.as_of_query}"),
            Crumb(gettext("Văn bản"), f"{reverse('document-list')}{to.as_of_query}"),
            Crumb(localised(document, "short")),
        ),
        kicker=str(document.get_kind_display()),
        sentence=_sentence(document, counts),
        full_title=localised(document, "title"),
        badges=("draft",) if document.is_draft else (),
        explanation=explanation(document),
        note=localised(document, "note"),
        facts=facts(document, targets=len(rows), tasks=len(tree.tasks), to=to),
        tiles=_tiles(counts, url, query.status),
        refused=bool(query.refused),
        status=query.status,
        text=text,
        found=_found(shown, query.status, text),
        clear_url=f"{url}#{OUTLINE}",
        outline=outline,
        contents=outline if not (query.status or text) else (),
        notice=None if outline else _empty(document, known=known, url=url),
    )


def _sentence(document: Document, counts: Counter[str]) -> str:
    name, total = localised(document, "short"), counts.total()
    if document.legal_status == Document.LegalStatus.SENT:
        words = ngettext(
            "%(name)s nhắc lại %(total)s mục tiêu", "%(name)s nhắc lại %(total)s mục tiêu", total
        )
    else:
        words = ngettext(
            "%(name)s đặt ra %(total)s mục tiêu", "%(name)s đặt ra %(total)s mục tiêu", total
        )
    demands = words % {"name": name, "total": total}
    judged = judged_words(counts)
    open_ = sum(counts[code] for code in statuses.WITHOUT_VERDICT)
    rest = ngettext("%(count)s chưa đánh giá được", "%(count)s chưa đánh giá được", open_) % {
        "count": open_
    }
    parts = [part for part, wanted in ((judged, judged), (rest, open_)) if wanted]
    return f"{demands}: {', '.join(parts)}." if parts else f"{demands}."


def _tiles(counts: Counter[str], url: str, current: str) -> list[Tile]:
    return [
        Tile(
            status=code,
            count=counts[code],
            # Chosen once more, a tile lets go.
            url=f"{url}#{OUTLINE}" if code == current else status_url(url, code),
            current=code == current,
        )
        for code in statuses.CODES
    ]


def _found(count: int, status: str, text: str) -> str:
    if not status and not text:
        return ""
    if text:
        words = ngettext(
            "%(count)s mục tiêu trong các điều khoản có “%(text)s”.",
            "%(count)s mục tiêu trong các điều khoản có “%(text)s”.",
            count,
        )
        return words % {"count": count, "text": text}
    words = ngettext("%(count)s mục tiêu: %(status)s.", "%(count)s mục tiêu: %(status)s.", count)
    label = gettext("cần chú ý") if status == ATTENTION else statuses.status(status).label
    return words % {"count": count, "status": str(label).lower()}


def _empty(document: Document, *, known: bool, url: str) -> Notice:
    if not known:
        return Notice(
            gettext("Ngày này văn bản chưa được ban hành."),
            gettext("Văn bản có từ ngày %(day)s.") % {"day": formatting.day(document.issued_on)},
        )
    return Notice(
        gettext("Không có điều khoản nào khớp."),
        gettext("Hãy thử từ khác, ít từ hơn, hoặc bỏ điều kiện lọc."),
        action=gettext("Xem tất cả điều khoản"),
        action_url=f"{url}#{OUTLINE}",
    )


class _Outline:
    """The tree of a document's provisions (three queries), pruned to what was asked for."""

    def __init__(self, document: Document, rows: list[Row], to: Links) -> None:
        self.document, self.to = document, to
        self.provisions = list(document.provisions.order_by("position"))
        self.children: dict[int | None, list[Provision]] = defaultdict(list)
        for provision in self.provisions:
            self.children[provision.parent_id].append(provision)
        self.rows: dict[int, list[Row]] = defaultdict(list)
        self.charged: dict[int, list[Answerable]] = defaultdict(list)
        for row in rows:
            if row.target.document_id != document.pk:
                continue
            self.rows[row.target.provision_id].append(row)
            for part in (*row.leads, *row.partners):
                place = part.assignment.provision
                # Who is named by the target's own clause stands beside the target already.
                if place and place.document_id == document.pk and place != row.target.provision:
                    self.charged[place.pk].append(part)
        tasks = Task.objects.filter(document=document).order_by("number")
        self.tasks = {task.provision_id: task for task in tasks}
        self.remarks = remarks(rows, to)

    def nodes(self, status: str, text: str) -> list[Node]:
        """The outermost provisions that hold, or lead to, what was asked for."""
        return [
            node
            for provision in self.children[None]
            if (node := self._node(provision, status, text)) is not None
        ]

    def _node(self, provision: Provision, status: str, text: str) -> Node | None:
        here = not text or contains(self._words(provision), text)
        rows = [
            row
            for row in self.rows[provision.pk]
            if _of_status(row, status) and (here or contains(_target_words(row.target), text))
        ]
        # Where a heading has the words, all that lies under it belongs to the answer.
        below = "" if here else text
        children = [
            node
            for child in self.children[provision.pk]
            if (node := self._node(child, status, below)) is not None
        ]
        if not rows and not children and (status or not here):
            return None
        task = self.tasks.get(provision.pk)
        return Node(
            anchor=provision.anchor,
            part=last_part(provision.locator),
            locator=provision.short_locator,
            heading="" if task else localised(provision, "heading"),
            depth=provision.depth,
            reports=orders_report(provision) and not self.rows[provision.pk],
            count=len(rows) + sum(child.count for child in children),
            targets=[self._target(row) for row in rows],
            charges=self._charges(self.charged[provision.pk]),
            task=self._task(task) if task else None,
            children=children,
        )

    def _words(self, provision: Provision) -> str:
        task = self.tasks.get(provision.pk)
        named = f"{task.number} {task.title_vi} {task.title_en}" if task else ""
        return f"{provision.short_locator} {provision.heading_vi} {provision.heading_en} {named}"

    def _target(self, row: Row) -> OutlineTarget:
        target = row.target
        value, year = shown_value(row)
        written = ""
        if value is not None:
            written = formatting.quantity(value, unit_of(target), trim=True)
        return OutlineTarget(
            status=status_of(row),
            title=title_of(target),
            url=self.to.target(target),
            demand=formatting.demand(target),
            value=f"{written} ({year})" if written and year else written,
            leads=leads_of(row.leads, self.to),
            badges=("interpreted",) if target.interpreted else (),
            notes=self.remarks.get(target.pk, ()),
        )

    def _task(self, task: Task) -> OutlineTask:
        url = f"{reverse('task-list')}{self.to.as_of_query}#nhiem-vu-{task.number}"
        return OutlineTask(localised(task, "title"), url)

    def _charges(self, parts: Iterable[Answerable]) -> list[Charge]:
        """Each organisation once, as lead or partner, with the number of targets."""
        grouped: dict[tuple[int, str], list[Answerable]] = defaultdict(list)
        for part in parts:
            grouped[part.organisation.pk, part.assignment.role].append(part)
        charges = []
        for (_organisation, role), members in grouped.items():
            count = len({part.assignment.target_id for part in members})
            words = (
                ngettext("chủ trì %(count)s mục tiêu", "chủ trì %(count)s mục tiêu", count)
                if role == Assignment.Role.LEAD
                else ngettext("phối hợp %(count)s mục tiêu", "phối hợp %(count)s mục tiêu", count)
            )
            charges.append(Charge(leads_of(members, self.to)[0], words % {"count": count}))
        return charges


def _of_status(row: Row, status: str) -> bool:
    if status == ATTENTION:
        return status_of(row) in statuses.ATTENTION
    return not status or status_of(row) == status


def _target_words(target: Target) -> str:
    indicator = target.indicator
    return " ".join(
        (
            target.label_vi,
            target.label_en,
            indicator.name_vi,
            indicator.name_en,
            formatting.demand(target),
        )
    )
