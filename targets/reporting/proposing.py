"""What a spreadsheet would change in a report: row by row, cell by cell, nothing written yet."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.utils import translation
from django.utils.translation import gettext as _

from targets.models import Indicator, Report, ReportItem, Unit, Upload, UploadChange
from targets.reporting import checks
from targets.reporting.checking import findings_for
from targets.reporting.entering import Conflict, EntryRefusedError, Held, Typed, held, settled
from targets.reporting.headings import COLUMNS, Heading, find_heading, plain
from targets.reporting.mark import PREFIX, Mark, digest, read_mark
from targets.reporting.numbers import Reading, read_cell
from targets.reporting.rows import Cell, Register, Row, Unknown, rows_under
from targets.reporting.texts import STAGES
from targets.spreadsheets.model import Spreadsheet

NUMBERS: Final = ("numerator", "denominator", "value")
#: Rows that belong to nothing are listed up to here, and counted beyond.
MAX_LISTED: Final = 300
_STEP: Final = 500  # rows between two words on how far it is
# What is said of rows that does not stop the others.
_HARMLESS: Final = frozenset({"not_in_report", "total", "more_rows"})
_YES: Final = frozenset(
    {"x", "co", "yes", "true", "1", "v", "n a", "na", "chua co so lieu", "khong co so lieu"}
    | {"chua co", "khong co", "no data", "not available"}
)
_NO: Final = frozenset({"", "0", "no", "false", "khong"})


class OtherReportError(Exception):
    """The file is the template of another report, or of an earlier edition of this one."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class NoHeadingError(Exception):
    """No sheet has a heading with the columns that are needed."""


@dataclass
class Proposal:
    """All that was found: rows to keep, words on the file, how many rows it had."""

    changes: list[UploadChange] = field(default_factory=list)
    problems: list[dict[str, Any]] = field(default_factory=list)
    told: dict[str, Any] = field(default_factory=dict)
    rows: int = 0


@dataclass(frozen=True, slots=True)
class ReadRow:
    """The cells of a row as understood: `typed` is whole only where nothing is in `problems`."""

    typed: Typed
    readings: Mapping[str, Reading]
    problems: Mapping[str, str]


def propose(upload: Upload, book: Spreadsheet, *, progress: Callable[[int, int], None]) -> Proposal:
    """The changes that a file means, with what the rules say of them.

    Raises NoHeadingError, UnclearHeadingError, ForgedMarkError, OtherReportError.
    """
    report = Report.objects.select_related("cycle").get(pk=upload.report_id)
    mark = _mark_of(book, report)
    items = {
        item.pk: item
        for item in report.items.select_related("indicator__unit", "subject", "entered_by")
    }
    register = Register(items.values())
    headings = [
        (sheet, heading)
        for sheet in book.sheets
        if not sheet.hidden and (heading := find_heading(sheet, report.cycle.period)) is not None
    ]
    if not headings:
        raise NoHeadingError
    found = Proposal()
    found.rows = sum(
        number > heading.row for sheet, heading in headings for number, _values in sheet.rows
    )
    progress(0, found.rows)
    rows: dict[int, list[Row]] = {}
    unknown: list[Unknown] = []
    read = 0
    for sheet, heading in headings:
        for row in rows_under(sheet, heading, register):
            read += 1
            if isinstance(row, Row):
                rows.setdefault(row.item_id, []).append(row)
            elif row is not None:
                unknown.append(row)
            if read % _STEP == 0:
                progress(read // 2, found.rows)  # the other half is what the rules say
    unchanged = _changes(upload, rows, items, keys=register.keys, mark=mark, found=found)
    progress(found.rows * 3 // 4, found.rows)
    _judge(report, found.changes)
    found.problems += [
        {"code": one.code, "names": {"text": one.text[:200]}, "place": one.place}
        for one in unknown[:MAX_LISTED]
    ]
    if len(unknown) > MAX_LISTED:
        more = len(unknown) - MAX_LISTED
        found.problems.append({"code": "more_rows", "names": {"count": more}, "place": ""})
    found.told = {
        "kind": book.kind,
        "encoding": book.encoding,
        "marked": mark is not None,
        "unchanged": unchanged,
        "recognised": sum(len(same) for same in rows.values()),
        "tables": [_table(heading) for _sheet, heading in headings],
    }
    return found


def blocking_problems(problems: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Those words on a file that stop it: two rows for one cell, a name that fits several."""
    return [problem for problem in problems if problem["code"] not in _HARMLESS]


def note_conflicts(upload_id: int, conflicts: Sequence[Conflict]) -> None:
    """Cells that somebody changed between reading and applying are for the person to decide."""
    for conflict in conflicts:
        UploadChange.objects.filter(upload=upload_id, item=conflict.theirs.item_id).update(
            item_version=conflict.theirs.version, conflict=True, decision=""
        )


def read_row(cells: Mapping[str, Cell], before: Held, indicator: Indicator) -> ReadRow:
    """What the cells of one row mean for an item; columns that the file lacks stay as they are."""
    ratio = indicator.aggregation == Indicator.Aggregation.RATIO
    readings: dict[str, Reading] = {}
    problems: dict[str, str] = {}
    unavailable = before.typed.unavailable
    if "unavailable" in cells:
        unavailable, problem = _read_unavailable(cells["unavailable"])
        if problem:
            problems["unavailable"] = problem
    for name in NUMBERS:
        if name not in cells:
            continue
        cell = cells[name]
        if name != "value" and not ratio:
            if _filled(cell):
                problems[name] = _("Chỉ tiêu này không có tử số và mẫu số.")
            continue
        readings[name] = _read_number(cell, name, indicator.unit)
        if readings[name].problem:
            problems[name] = readings[name].problem
    note = _text(cells["note"]) if "note" in cells else before.typed.note
    typed = _typed(before.typed, readings, unavailable=unavailable, note=note)
    if unavailable and not problems and any(one.value is not None for one in readings.values()):
        problems["unavailable"] = _("Vừa có số vừa chọn “Chưa có số liệu”. Hãy bỏ một trong hai.")
    if not problems:
        try:
            typed = settled(typed, indicator)
        except EntryRefusedError as refusal:
            problems["note" if unavailable else "value"] = refusal.sentence
    return ReadRow(typed, readings, problems)


def cells_of(change: UploadChange) -> dict[str, Cell]:
    """The cells as the file had them, from what was kept of them."""
    return {name: _unpacked(kept) for name, kept in change.cells.items()}


def _typed(
    before: Typed, readings: Mapping[str, Reading], *, unavailable: bool, note: str
) -> Typed:
    """The numbers in the file; those of columns that it does not have as they are."""
    if unavailable:
        return Typed(unavailable=True, note=note)
    values = {
        name: readings[name].value if name in readings else getattr(before, name)
        for name in NUMBERS
    }
    written = "value" in readings and readings["value"].value is not None
    if written and not {"numerator", "denominator"} & readings.keys():
        # Only the value is told: what it was computed from before is not its ground any more.
        values["numerator"] = values["denominator"] = None
    return Typed(values["value"], values["numerator"], values["denominator"], note=note)


def _changes(
    upload: Upload,
    rows: Mapping[int, Sequence[Row]],
    items: Mapping[int, ReportItem],
    *,
    keys: Mapping[int, str],
    mark: Mark | None,
    found: Proposal,
) -> int:
    """Put the rows that change something in `found`; how many change nothing."""
    unchanged = 0
    for item_id, same in rows.items():
        item = items[item_id]
        if len(same) > 1:
            places = ", ".join(row.place for row in same)
            names = {"text": item.indicator.name_vi, "places": places}
            found.problems.append({"code": "twice", "names": names, "place": same[1].place})
            continue
        change = _change(upload, same[0], item, keys[item_id], mark)
        if change is None:
            unchanged += 1
        else:
            found.changes.append(change)
    return unchanged


def _change(
    upload: Upload, row: Row, item: ReportItem, key: str, mark: Mark | None
) -> UploadChange | None:
    """The change that a row means, None if it means none."""
    before = held(item)
    cells = _without_blanks(row.cells) if mark is None else dict(row.cells)
    if not cells:
        return None
    read = read_row(cells, before, item.indicator)
    seen = mark.seen.get(key) if mark is not None else None
    if not read.problems:
        if read.typed == before.typed:
            return None
        if seen is not None and digest(read.typed) == seen[1]:
            return None  # as the file came: whatever stands there now, this person left it alone
    return UploadChange(
        upload=upload,
        item=item,
        place=row.place,
        matched_by=row.matched_by,
        item_version=item.version,
        conflict=seen is not None and seen[0] != item.version,
        cells={name: _packed(cell) for name, cell in cells.items()},
        value=read.typed.value,
        numerator=read.typed.numerator,
        denominator=read.typed.denominator,
        unavailable=read.typed.unavailable,
        note=read.typed.note,
        problems=sorted(read.problems),
        doubtful=row.matched_by == UploadChange.Match.SIMILAR
        or any(one.ambiguous for one in read.readings.values()),
    )


def _judge(report: Report, changes: Sequence[UploadChange]) -> None:
    """What the rules say of every change, in both languages."""
    proposed = {
        change.item_id: checks.Cell(
            change.value, change.numerator, change.denominator, change.unavailable, change.note
        )
        for change in changes
        if not change.problems
    }
    if not proposed:
        return
    told: dict[int, dict[tuple[int, str], dict[str, Any]]] = {}
    for language in ("vi", "en"):
        if language == "en" and not told:
            break  # nothing to say in any language
        with translation.override(language):
            for finding in findings_for(report, proposed):
                if finding.item_id not in proposed or finding.check == "evidence":
                    continue
                one = told.setdefault(finding.item_id, {}).setdefault(
                    (finding.rule_id, finding.column),
                    {
                        "column": finding.column,
                        "severity": finding.severity,
                        "blocks": finding.blocks,
                    },
                )
                one[f"sentence_{language}"] = finding.sentence
    for change in changes:
        change.findings = list(told.get(change.item_id, {}).values())


def _mark_of(book: Spreadsheet, report: Report) -> Mark | None:
    """The mark of our template, None in files of others."""
    for sheet in book.sheets:
        pieces = [str(values[0]) for _number, values in sheet.rows if values and values[0]]
        if pieces and pieces[0].startswith(PREFIX):
            mark = read_mark(pieces)
            if mark.report != report.pk:
                raise OtherReportError("other_report")
            if mark.edition != report.edition:
                raise OtherReportError("other_edition")
            return mark
    return None


def _read_number(cell: Cell, name: str, unit: Unit) -> Reading:
    value = cell.value
    stage = name == "value" and unit.kind == Unit.Kind.STAGE
    if stage and isinstance(value, str):
        value = value.partition(":")[0]  # `25/100: đã bắt đầu`
    reading = read_cell(value, unit if name == "value" else None, percent=cell.percent)
    if stage and reading.value is not None and reading.value not in STAGES:
        return Reading(problem=_("Giai đoạn là một trong 0, 25, 50, 75, 100."))
    return reading


def _read_unavailable(cell: Cell) -> tuple[bool, str]:
    value = cell.value
    if isinstance(value, bool):
        return value, ""
    words = plain(_text(cell))
    if words in _YES or words in _NO:
        return words in _YES, ""
    return False, _("Không hiểu “%(text)s”; hãy chọn “Chưa có số liệu” hoặc để trống.") % {
        "text": _text(cell)[:40]
    }


def _without_blanks(cells: Mapping[str, Cell]) -> dict[str, Cell]:
    """Of a file that somebody made, an empty cell says nothing; of our template, it clears."""
    return {name: cell for name, cell in cells.items() if _filled(cell)}


def _filled(cell: Cell) -> bool:
    return cell.value is not None and bool(str(cell.value).strip())


def _text(cell: Cell) -> str:
    value = cell.value
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else str(value).strip()


def _packed(cell: Cell) -> dict[str, Any]:
    """A cell as JSON that reads back the same."""
    value, kind = cell.value, "text"
    if isinstance(value, dt.datetime | dt.date | dt.time | dt.timedelta):
        return {"kind": "date", "text": str(value)}
    if isinstance(value, bool):
        kind, value = "bool", int(value)
    elif isinstance(value, int | float):
        kind = "percent" if cell.percent else "number"
        value = repr(value)
    return {"kind": kind, "text": "" if value is None else str(value)}


def _unpacked(kept: Mapping[str, str]) -> Cell:
    kind, text = kept["kind"], kept["text"]
    if kind in {"number", "percent"}:
        return Cell(float(text) if not text.lstrip("-").isdigit() else int(text), kind == "percent")
    if kind == "bool":
        return Cell(value=text == "1")
    if kind == "date":
        return Cell(_as_date(text))
    return Cell(text or None)


def _as_date(text: str) -> dt.date | dt.timedelta:
    """A day; what is not one (a time, a span) need only not be a number."""
    try:
        return dt.date.fromisoformat(text[:10])
    except ValueError:
        return dt.timedelta()


def _table(heading: Heading) -> dict[str, Any]:
    return {
        "sheet": heading.sheet,
        "row": heading.row,
        "columns": {
            name: {"place": heading.columns[name], "title": heading.titles[name]}
            for name in ("code", "name", *COLUMNS)
            if name in heading.columns
        },
    }
