"""The page of an upload: how far the reading is, then every change cell by cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from django.contrib.auth.models import User
from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from dashboard import formatting
from dashboard.components import Chip, ChipGroup, Crumb, Pages
from dashboard.formatting import localised
from dashboard.presenters.paging import pages_of
from dashboard.presenters.reporting import cells
from dashboard.presenters.reporting.entry import unit_words
from targets.lineage import Lineage
from targets.models import Report, ReportItem, Unit, Upload, UploadChange
from targets.permissions import allowed
from targets.reporting.entering import Typed, held
from targets.reporting.number_words import with_unit
from targets.reporting.numbers import write_number
from targets.reporting.proposing import ReadRow, blocking_problems, cells_of, read_row
from targets.reporting.upload_texts import sentence
from targets.reporting.uploading import typed_of

PER_PAGE: Final = 100
_FILTERS: Final = {
    "": Q(),
    "loi": ~Q(problems=[]),
    "xung-dot": Q(conflict=True),
    "canh-bao": ~Q(findings=[]),
    "nghi-ngo": Q(doubtful=True),
}


@dataclass(frozen=True, slots=True)
class CellView:
    """One cell that changes: before, what the file has, how it was understood, what is wrong."""

    column: str
    before: str
    raw: str
    after: str
    problem: str
    understood: str


@dataclass(frozen=True, slots=True)
class FindingView:
    """What a rule says of the change."""

    severity: str
    sentence: str


@dataclass(frozen=True, slots=True)
class ChangeView:
    """One row of the preview."""

    pk: int
    name: str
    code: str
    unit: str
    place: str
    matched: str
    cells: Sequence[CellView]
    findings: Sequence[FindingView]
    conflict: bool
    theirs: str
    mine: str
    decision: str
    bad: bool


@dataclass(frozen=True, slots=True)
class ProblemView:
    """What is said of the file or of a row that belongs to nothing."""

    place: str
    sentence: str
    blocks: bool


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the reading is."""

    running: bool
    read: int
    total: int
    sentence: str
    seconds: int


@dataclass(frozen=True, slots=True)
class UploadPage:
    """All of the page."""

    upload: Upload
    report: Report
    title: str
    crumbs: Sequence[Crumb]
    file: str
    progress: Progress
    facts: Sequence[str]
    problems: Sequence[ProblemView]
    counts: Mapping[str, int]
    changes: Sequence[ChangeView]
    conflicts: Sequence[ChangeView]
    filters: ChipGroup
    pages: Pages | None
    headline: str
    basis: str
    may_apply: bool
    why_not: str
    editable: bool

    @property
    def state(self) -> str:
        return self.upload.state


def progress_of(upload: Upload) -> Progress:
    """For the bar; asked for again and again."""
    running = upload.state in {Upload.State.WAITING, Upload.State.READING}
    if upload.state == Upload.State.WAITING:
        words = _("Đang chờ đến lượt đọc tệp…")
    elif upload.rows_total == 0:
        words = _("Đang mở và kiểm tra tệp…")
    else:
        words = _("Đã đọc %(read)s / %(total)s dòng") % {
            "read": formatting.number(upload.rows_read, 0),
            "total": formatting.number(upload.rows_total, 0),
        }
    waited = int((timezone.now() - upload.created_at).total_seconds())
    return Progress(running, upload.rows_read, upload.rows_total, words, waited)


def upload_page(upload: Upload, reader: User, *, which: str, page: int) -> UploadPage:
    """The page for a reader; `which` of the filters, `page` from 1."""
    report = upload.report
    lineage = Lineage()
    organisation = localised(lineage.name_on(report.organisation_id, timezone.localdate()), "name")
    counts = _counts(upload)
    which = which if which in _FILTERS else ""
    paginator = Paginator(_rows(upload).filter(_FILTERS[which]), PER_PAGE)
    part = paginator.get_page(page)
    # Those still to be decided first: more than a page of them is decided in several goes.
    clashes = list(_rows(upload).filter(conflict=True).order_by("decision", "pk")[:PER_PAGE])
    address = reverse("upload", args=[upload.pk])
    query = [("loc", which)] if which else []
    editable = allowed(reader, "targets.enter_report", report)
    problems = [
        ProblemView(one["place"], sentence(one), bool(blocking_problems([one])))
        for one in upload.problems
    ]
    why_not = _why_not(upload, counts, problems)
    headline, basis = _headline(upload, counts)
    return UploadPage(
        upload=upload,
        report=report,
        title=_("Tải lên cho %(organisation)s") % {"organisation": organisation},
        crumbs=(
            Crumb(_("Báo cáo"), "/bao-cao/"),
            Crumb(organisation, reverse("report", args=[report.pk])),
            Crumb(_("Tải lên")),
        ),
        file=upload.file.name,
        progress=progress_of(upload),
        facts=_facts(upload),
        problems=problems,
        counts=counts,
        changes=[_change(one) for one in part],
        conflicts=[_change(one) for one in clashes],
        filters=_filters(upload, counts, which),
        pages=pages_of(part, address, *query),
        headline=headline,
        basis=basis,
        may_apply=editable and not why_not and upload.state == Upload.State.READY,
        why_not=why_not,
        editable=editable,
    )


def _rows(upload: Upload) -> QuerySet[UploadChange]:
    return upload.changes.select_related(
        "item__indicator__unit", "item__entered_by", "item__subject"
    ).order_by("pk")


def _counts(upload: Upload) -> dict[str, int]:
    names = {name: f"n{place}" for place, name in enumerate(_FILTERS)}
    found = upload.changes.aggregate(
        **{names[name]: Count("pk", filter=rule) for name, rule in _FILTERS.items()},
        undecided=Count("pk", filter=Q(conflict=True, decision="")),
    )
    return {
        **{name: found[short] for name, short in names.items()},
        "undecided": found["undecided"],
    }


def _why_not(upload: Upload, counts: Mapping[str, int], problems: Sequence[ProblemView]) -> str:
    """Why the changes cannot be applied as they are; "" if they can."""
    if upload.state != Upload.State.READY:
        return ""
    if counts["loi"] or any(one.blocks for one in problems):
        return _(
            "Chưa áp dụng được: hãy sửa các ô và dòng báo lỗi trong tệp, rồi tải lên lại. Báo cáo "
            "chưa thay đổi gì."
        )
    if not counts[""]:
        return _("Không có gì để áp dụng.")
    return ""


def _headline(upload: Upload, counts: Mapping[str, int]) -> tuple[str, str]:
    changes = formatting.number(counts[""], 0)
    rows = formatting.number(upload.rows_total, 0)
    sentences = {
        Upload.State.WAITING: _("Đang đọc tệp"),
        Upload.State.READING: _("Đang đọc tệp"),
        Upload.State.REFUSED: _("Không đọc được tệp này"),
        Upload.State.DISCARDED: _("Đã bỏ tệp này"),
        Upload.State.APPLIED: _("Đã áp dụng %(changes)s thay đổi")
        % {"changes": formatting.number(upload.found.get("applied", 0), 0)},
        Upload.State.READY: _("%(changes)s thay đổi chờ bạn xác nhận") % {"changes": changes},
    }
    basis = ""
    if upload.state == Upload.State.READY:
        basis = _(
            "Đọc %(rows)s dòng, nhận ra %(known)s chỉ tiêu, %(same)s dòng không đổi so với báo "
            "cáo. Báo cáo chỉ thay đổi khi bạn bấm Áp dụng, và thay đổi tất cả cùng lúc."
        ) % {
            "rows": rows,
            "known": formatting.number(upload.found.get("recognised", 0), 0),
            "same": formatting.number(upload.found.get("unchanged", 0), 0),
        }
        if not counts[""]:
            return _("Tệp không có gì khác với báo cáo"), basis
    return sentences[Upload.State(upload.state)], basis


def _facts(upload: Upload) -> list[str]:
    """How the file was understood."""
    facts = []
    if upload.found.get("marked"):
        facts.append(_("Tệp mẫu của báo cáo này."))
    encoding = upload.found.get("encoding", "")
    if encoding and encoding != "utf-8":
        facts.append(_("Bảng mã chữ: %(encoding)s.") % {"encoding": encoding})
    for table in upload.found.get("tables", ()):
        columns = "; ".join(
            f"{_letter(column['place'])} “{column['title']}” → {_column(name)}"
            for name, column in sorted(
                table["columns"].items(), key=lambda one: int(one[1]["place"])
            )
        )
        where = (
            _("Trang “%(sheet)s”, tiêu đề ở dòng %(row)s")
            if table["sheet"]
            else _("Tiêu đề ở dòng %(row)s")
        )
        facts.append(f"{where % {'sheet': table['sheet'], 'row': table['row']}}: {columns}.")
    return facts


def _filters(upload: Upload, counts: Mapping[str, int], which: str) -> ChipGroup:
    words = {
        "": _("Tất cả"),
        "loi": _("Ô không đọc được"),
        "xung-dot": _("Xung đột"),
        "canh-bao": _("Trái quy tắc"),
        "nghi-ngo": _("Cần để ý cách hiểu"),
    }
    address = reverse("upload", args=[upload.pk])
    return ChipGroup(
        label=_("Lọc thay đổi"),
        chips=[
            Chip(
                text=text,
                url=f"{address}?loc={name}" if name else address,
                current=name == which,
                count=counts[name],
            )
            for name, text in words.items()
            if counts[name] or not name
        ],
    )


def _change(change: UploadChange) -> ChangeView:
    item: ReportItem = change.item
    indicator, unit = item.indicator, item.indicator.unit
    before = held(item)
    read = read_row(cells_of(change), before, indicator)
    after = typed_of(change)
    theirs = ""
    if change.conflict:
        theirs = _("%(who)s sửa lúc %(when)s: %(what)s") % {
            "who": cells.person(before.by),
            "when": formatting.moment(before.at),
            "what": cells.with_note(before.typed, unit),
        }
    return ChangeView(
        pk=change.pk,
        name=localised(indicator, "name"),
        code=indicator.code,
        unit=unit_words(unit),
        place=change.place,
        matched=""
        if change.matched_by == UploadChange.Match.CODE
        else str(UploadChange.Match(change.matched_by).label),
        cells=_cells(change, read, before.typed, after, unit),
        findings=[
            FindingView(one["severity"], str(one.get(_sentence_name()) or one["sentence_vi"]))
            for one in change.findings
        ],
        conflict=change.conflict,
        theirs=theirs,
        mine=cells.with_note(after, unit) if not change.problems else "",
        decision=change.decision,
        bad=bool(change.problems),
    )


def _cells(
    change: UploadChange, read: ReadRow, before: Typed, after: Typed, unit: Unit
) -> list[CellView]:
    """The cells that change or cannot be read, in the order of the columns."""
    found = []
    for name in ("numerator", "denominator", "value", "unavailable", "note"):
        problem = read.problems.get(name, "")
        was, will = _shown(before, name, unit), _shown(after, name, unit)
        if not problem and was == will:
            continue
        kept = change.cells.get(name)
        raw = _raw(kept) if kept else ""
        reading = read.readings.get(name)
        found.append(
            CellView(
                column=_column(name),
                before=was,
                raw=raw,
                after="" if problem else will,
                problem=problem,
                understood=reading.understood if reading and reading.ambiguous else "",
            )
        )
    return found


def _raw(kept: Mapping[str, str]) -> str:
    """What the file had in a cell, as a spreadsheet shows it."""
    if kept["kind"] not in {"number", "percent"}:
        return kept["text"]
    number = Decimal(f"{float(kept['text']):.15g}")
    if kept["kind"] == "number":
        return write_number(number)
    return _("%(number)s %% (ô định dạng phần trăm)") % {"number": write_number(number * 100)}


def _shown(typed: Typed, name: str, unit: Unit) -> str:
    """All digits of what will be stored; of a computed value those that pages show."""
    if name == "unavailable":
        return _("có") if typed.unavailable else ""
    if name == "note":
        return typed.note
    number: Decimal | None = getattr(typed, name)
    if number is None:
        return ""
    if name != "value":
        return write_number(number)
    if typed.numerator is not None or unit.kind in {Unit.Kind.RANK, Unit.Kind.STAGE}:
        return formatting.quantity(number, unit, trim=True)
    return with_unit(write_number(number), unit)


def _column(name: str) -> str:
    words = {
        "code": _("Mã"),
        "name": _("Chỉ tiêu"),
        "value": _("Giá trị"),
        "numerator": _("Tử số"),
        "denominator": _("Mẫu số"),
        "unavailable": _("Chưa có số liệu"),
        "note": _("Ghi chú"),
    }
    return words[name]


def _sentence_name() -> str:
    return "sentence_vi" if formatting.vietnamese() else "sentence_en"


def _letter(place: int) -> str:
    """The letters of a column: 0 is A, 27 is AB."""
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
