"""The list of documents: what each is, how its targets stand, what must be reported under it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from dashboard import components, formatting, statuses
from dashboard.caching import register_on
from dashboard.components import Crumb, Fact, MatrixGroup, MatrixRow, Notice
from dashboard.formatting import localised
from dashboard.presenters.common import Links, links_as_of, status_of
from dashboard.queries import Query
from documents.models import Document, Provision
from targets.models import Organisation
from targets.register import Register, Row

# The headings are the catalogue's own words and name a duty to report by one of these; an
# information system for reports is a thing, not a duty.
_REPORTING: Final = re.compile(r"(?<!thông tin )\bbáo cáo\b|\btổng hợp tình hình\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Duty:
    """A provision that orders somebody to report."""

    text: str
    locator: str
    url: str


@dataclass(frozen=True, slots=True)
class DocumentEntry:
    """One document in the list; `explanation` says what a draft or a letter means for a reader."""

    name: str
    url: str
    title: str
    is_draft: bool
    explanation: str
    note: str
    facts: Sequence[Fact]
    duties: Sequence[Duty]


@dataclass(frozen=True, slots=True)
class DocumentsPage:
    """`/van-ban/`."""

    title: str
    description: str
    crumbs: Sequence[Crumb]
    sentence: str
    basis: str
    matrix: Sequence[MatrixGroup]
    entries: Sequence[DocumentEntry]
    notice: Notice | None = None


def documents_page(query: Query) -> DocumentsPage:
    """All documents that had been issued on the day; an empty catalogue says so."""
    to = links_as_of(query.as_of)
    documents = sorted(
        Document.objects.filter(issued_on__lte=query.day).annotate(task_count=Count("tasks")),
        key=_importance,
    )
    register = register_of(query)
    rows = register.rows if register else ()
    duties = _duties(documents, rows, to)
    binding = sum(document.binds for document in documents)
    drafts = sum(document.is_draft for document in documents)
    return DocumentsPage(
        title=gettext("Văn bản"),
        description=gettext(
            "Các văn bản đặt ra mục tiêu chuyển đổi số: hiệu lực, số mục tiêu theo trạng thái, "
            "chế độ báo cáo."
        ),
        crumbs=(Crumb(gettext("Tổng quan"), f"{reverse('overview')}{to.as_of_query}"),
                Crumb(gettext("Văn bản"))),
        sentence=_sentence(len(documents), binding, drafts),
        basis=gettext(
            "Chỉ văn bản còn hiệu lực được tính vào các con số chung; dự thảo chưa phải là luật, "
            "công văn chỉ nhắc lại."
        ),
        matrix=(MatrixGroup(gettext("Văn bản"), [_matrix_row(d, rows, to) for d in documents]),),
        entries=[_entry(d, rows, duties.get(d.pk, ()), to) for d in documents],
        notice=None if documents else empty_catalogue(),
    )  # fmt: skip


def register_of(query: Query) -> Register | None:
    """The register of the query's day; None before the catalogue has been loaded."""
    try:
        return register_on(query.day)
    except Organisation.DoesNotExist:
        return None


def empty_catalogue() -> Notice:
    """What a page says before the catalogue has been loaded, or of a day before any document."""
    return Notice(
        title=gettext("Chưa có văn bản nào."),
        text=gettext(
            "Danh mục chưa được nạp, hoặc chưa có văn bản nào ban hành vào ngày này. "
            "Người quản trị nạp danh mục bằng lệnh load_catalogue."
        ),
    )


def _importance(document: Document) -> tuple[bool, bool, int, int]:
    """Sort key: law first, then drafts, then letters; by authority, the newest first."""
    return (
        not document.binds,
        not document.is_draft,
        document.rank,
        -document.issued_on.toordinal(),
    )


def _sentence(count: int, binding: int, drafts: int) -> str:
    if not count:
        return gettext("Chưa có văn bản nào trong danh mục.")
    text = ngettext("%(count)s văn bản", "%(count)s văn bản", count) % {"count": count}
    force = ngettext(
        "%(count)s còn hiệu lực", "%(count)s còn hiệu lực", binding
    ) % {"count": binding}  # fmt: skip
    draft = ngettext("%(count)s dự thảo", "%(count)s dự thảo", drafts) % {"count": drafts}
    return gettext("%(documents)s: %(force)s, %(draft)s.") % {
        "documents": text, "force": force, "draft": draft,
    }  # fmt: skip


def _matrix_row(document: Document, rows: Iterable[Row], to: Links) -> MatrixRow:
    counts = Counter(status_of(row) for row in rows if row.target.document_id == document.pk)
    url = to.document(document)
    return MatrixRow(
        title=localised(document, "short"),
        url=url,
        counts={
            code: components.Count(count, status_url(url, code)) for code, count in counts.items()
        },
    )


def status_url(url: str, code: str) -> str:
    """A document's page with only the targets of one status, at its outline."""
    return f"{url}{'&' if '?' in url else '?'}status={code}#{OUTLINE}"


#: The fragment of the outline on a document's page.
OUTLINE: Final = "noi-dung"


def _entry(
    document: Document, rows: Iterable[Row], duties: Sequence[Duty], to: Links
) -> DocumentEntry:
    return DocumentEntry(
        name=localised(document, "short"),
        url=to.document(document),
        title=localised(document, "title"),
        is_draft=document.is_draft,
        explanation=explanation(document),
        note=localised(document, "note"),
        facts=facts(
            document,
            targets=sum(row.target.document_id == document.pk for row in rows),
            tasks=getattr(document, "task_count", 0),
            to=to,
        ),
        duties=duties,
    )


def facts(document: Document, *, targets: int, tasks: int, to: Links) -> list[Fact]:
    """What a document is: number, issuer, date, legal status, how much it holds."""
    dated = gettext("Ngày của bản") if document.is_draft else gettext("Ngày ban hành")
    found = [
        Fact(gettext("Số hiệu"), document.number or gettext("chưa có số")),
        Fact(gettext("Cơ quan ban hành"), localised(document, "issuer")),
        Fact(dated, formatting.day(document.issued_on)),
        Fact(gettext("Hiệu lực"), str(document.get_legal_status_display())),
        Fact(gettext("Mục tiêu"), formatting.number(targets, 0)),
    ]
    if tasks:
        url = f"{reverse('task-list')}{to.as_of_query}"
        found.append(Fact(gettext("Nhiệm vụ"), formatting.number(tasks, 0), url))
    return found


def explanation(document: Document) -> str:
    """What the legal status of a document means for whoever reads its targets; "" if in force."""
    if document.is_draft:
        return gettext(
            "Đây là dự thảo, chưa phải là luật: mục tiêu của nó được theo dõi để đối chiếu và "
            "không tính vào các con số chung."
        )
    if document.legal_status == Document.LegalStatus.SENT:
        return gettext(
            "Công văn này nhắc lại con số của văn bản khác, không đặt thêm nghĩa vụ; "
            "các con số ấy chỉ được tính một lần, ở văn bản gốc."
        )
    if document.legal_status == Document.LegalStatus.SUPERSEDED:
        return gettext("Văn bản đã bị thay thế; mục tiêu của nó không tính vào các con số chung.")
    return ""


def orders_report(provision: Provision) -> bool:
    """Whether a provision tells somebody to report (a target on reporting is not that)."""
    return bool(_REPORTING.search(provision.heading_vi))


def _duties(documents: Iterable[Document], rows: Iterable[Row], to: Links) -> dict[int, list[Duty]]:
    with_targets = {row.target.provision_id for row in rows}
    by_pk = {document.pk: document for document in documents}
    found: dict[int, list[Duty]] = {}
    for provision in Provision.objects.filter(document__in=by_pk).order_by("position"):
        if orders_report(provision) and provision.pk not in with_targets:
            document = by_pk[provision.document_id]
            found.setdefault(document.pk, []).append(
                Duty(
                    text=localised(provision, "heading"),
                    locator=provision.short_locator,
                    url=to.provision(document, provision),
                )
            )
    return found


def judged_words(counts: Counter[str]) -> str:
    """`8 đạt, 7 không đạt`: the verdicts there are, worst first; "" where there is none."""
    parts = [
        # Count and word stay on one line.
        f"{formatting.number(counts[item.code], 0)}{formatting.NO_BREAK_SPACE}"
        f"{str(item.label).lower()}"
        for item in statuses.STATUSES
        if counts[item.code] and item.code not in statuses.WITHOUT_VERDICT
    ]
    return ", ".join(parts)
