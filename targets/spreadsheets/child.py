"""The process that opens a file from outside: `python -m targets.spreadsheets.child`.

It reads the file from standard input and its extension from the command line, bounds its own
memory and time before it looks at the first byte, and answers with one JSON line: the cells, or
the code of a refusal. It opens nothing else and writes nothing else; whatever goes wrong in here
ends this process and no other.
"""

from __future__ import annotations

import datetime as dt
import io
import json
import re
import resource
import sys
from pathlib import Path
from typing import Any, NamedTuple

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from targets.spreadsheets import limits, old_workbooks, packages, text
from targets.spreadsheets.model import RefusedError, Value
from targets.spreadsheets.parts import Part

_OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
# What people rename to .csv or .xls; anything else is taken for text and decoded strictly.
_OTHERS = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"{\\rtf", b"MZ", b"\x7fELF", b"Rar!")
_MARKUP = (b"<html", b"<!doctype", b"<?xml", b"<table", b"<svg", b"mime-version:")


# What a cell holds that shows any error of a formula.
ERROR = "#N/A"


class Marks(NamedTuple):
    """Cells of a sheet, (row number, column), that show per cent, or an error."""

    percent: set[tuple[int, int]] = set()
    errors: set[tuple[int, int]] = set()


def main(extension: str) -> None:
    """Read standard input, answer on standard output."""
    for what, bound in (
        (resource.RLIMIT_AS, limits.MEMORY),
        (resource.RLIMIT_CPU, limits.CPU_SECONDS),
        (resource.RLIMIT_FSIZE, limits.MAX_ANSWER),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (bound, bound))
    answer: dict[str, Any]
    try:
        content = sys.stdin.buffer.read(limits.MAX_BYTES + 1)
        answer = read(content, extension)
    except RefusedError as refusal:
        answer = {"refused": refusal.code, "names": refusal.names}
    except (MemoryError, RecursionError):
        answer = {"refused": "memory", "names": {}}
    answer["peak_kib"] = _peak_kib()
    json.dump(answer, sys.stdout, ensure_ascii=True, separators=(",", ":"), default=_packed)


def read(content: bytes, extension: str) -> dict[str, Any]:
    """What `reading.read_spreadsheet` turns into a Spreadsheet. Raises RefusedError."""
    if len(content) > limits.MAX_BYTES:
        raise RefusedError("size", megabytes=limits.MAX_BYTES // 1024**2)
    if not content.strip(b"\0 \r\n\t"):
        raise RefusedError("empty")
    if content.startswith(_ZIP):
        return _package(content, extension)
    if content.startswith(_OLD):
        found = old_workbooks.look_through(content)
        _demand(extension, "xls")
        marks = [Marks(*both) for both in zip(found.percent, found.errors, strict=True)]
        return _workbook(content, "xls", {}, marks)
    head = content[:1024].lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if head.startswith(_MARKUP):
        raise RefusedError("markup")
    if content.startswith(_OTHERS) or extension not in {"csv", "tsv", "txt"}:
        raise RefusedError("kind", extension=extension)
    encoding, rows = text.read_table(content)
    numbered = [(number, row) for number, row in enumerate(rows, start=1) if any(row)]
    sheet = {"name": "", "hidden": False, "rows": numbered, "percent": [], "merged": []}
    return {"kind": "csv", "encoding": encoding, "sheets": [sheet], "properties": {}}


def _package(content: bytes, extension: str) -> dict[str, Any]:
    parts = packages.look_through(content)
    workbook = next((part for part in parts.values() if part.root.endswith("main workbook")), None)
    if workbook is not None:
        _demand(extension, "xlsx")
        properties = parts.get("docProps/custom.xml")
        return _workbook(
            content, "xlsx", properties.properties if properties else {}, _marks(parts, workbook)
        )
    document = parts.get("content.xml")
    if document is not None and document.root.endswith("office:1.0 document-content"):
        _demand(extension, "ods")
        marks = [Marks(document.percent.get(name, set())) for name, _id in document.sheets]
        return _workbook(content, "ods", {}, marks)
    raise RefusedError("not_a_workbook")


def _marks(parts: dict[str, Part], workbook: Part) -> list[Marks]:
    """What cells of each sheet in order show."""
    folder, _slash, file = workbook.name.rpartition("/")
    relations = parts.get(f"{folder}/_rels/{file}.rels".lstrip("/"))
    styles = next((part for part in parts.values() if part.root.endswith("main styleSheet")), None)
    marks = []
    for _name, relation in workbook.sheets:
        target = relations.relations.get(relation, "") if relations else ""
        path = target.lstrip("/") if target.startswith("/") else f"{folder}/{target}".lstrip("/")
        sheet = parts.get(path)
        if sheet is None:
            marks.append(Marks())
            continue
        wanted = styles.percent_styles if styles else frozenset()
        percent = (cells for style, cells in sheet.percent.items() if style in wanted)
        marks.append(Marks(set().union(*percent), sheet.errors))
    return marks


def _workbook(
    content: bytes, kind: str, properties: dict[str, str], marks: list[Marks]
) -> dict[str, Any]:
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(content)) as workbook:
            sheets = []
            cells = 0
            for place, meta in enumerate(workbook.sheets_metadata):
                if meta.typ in (SheetTypeEnum.MacroSheet, SheetTypeEnum.Vba):
                    raise RefusedError("macros")
                if meta.typ != SheetTypeEnum.WorkSheet:
                    continue
                sheet = workbook.get_sheet_by_index(place)
                shown = marks[place] if place < len(marks) else Marks()
                cells += sheet.height * sheet.width
                if cells > limits.MAX_CELLS:
                    raise RefusedError("cells", count=limits.MAX_CELLS)
                sheets.append(
                    {
                        "name": meta.name,
                        "hidden": meta.visible != SheetVisibleEnum.Visible,
                        "rows": _rows(sheet, shown.errors),
                        "percent": sorted(shown.percent),
                        "merged": _merged(sheet),
                    }
                )
    except PasswordError:
        raise RefusedError("password") from None
    except CalamineError:
        raise RefusedError("broken") from None
    return {"kind": kind, "encoding": "", "sheets": sheets, "properties": properties}


def _rows(sheet: CalamineSheet, errors: set[tuple[int, int]]) -> list[tuple[int, list[Value]]]:
    """The rows with something in them, from column 0 on, numbered as people count.

    The parser gives nothing for a cell that shows an error, as if nobody had filled it in.
    """
    top, left = sheet.start or (0, 0)
    found: dict[int, list[Value]] = {}
    for step, row in enumerate(sheet.to_python(skip_empty_area=True)):
        values: list[Value] = [None if value == "" else value for value in row]
        if any(value is not None for value in values):
            found[top + step + 1] = [None] * left + values
    for number, column in errors:
        values = found.setdefault(number, [])
        values += [None] * (column + 1 - len(values))
        values[column] = ERROR
    return sorted(found.items())


def _merged(sheet: CalamineSheet) -> list[tuple[int, int, int, int]]:
    ranges = sheet.merged_cell_ranges or []
    return [
        (first[0] + 1, first[1], last[0] + 1, last[1]) for first, last in ranges[: limits.MAX_ROWS]
    ]


def _peak_kib() -> int:
    """The most memory this process ever held; what wait4 tells starts with the parent's."""
    status = Path("/proc/self/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+)", status)[1])  # type: ignore[index]


def _demand(extension: str, kind: str) -> None:
    """A file must be what its name says: whoever opens it later goes by the name."""
    if extension != kind:
        raise RefusedError("kind", extension=extension)


def _packed(value: object) -> dict[str, str]:
    """Dates and times, which JSON does not have."""
    if isinstance(value, dt.datetime):
        return {"datetime": value.isoformat()}
    if isinstance(value, dt.date):
        return {"date": value.isoformat()}
    if isinstance(value, dt.time):
        return {"time": value.isoformat()}
    if isinstance(value, dt.timedelta):
        return {"seconds": str(value.total_seconds())}
    raise TypeError(type(value))


if __name__ == "__main__":
    main(sys.argv[1])
