"""Spreadsheets made for the tests, by the libraries that people's programs stand for."""

from __future__ import annotations

import csv
import io
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from typing import Any

import openpyxl
import xlwt
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableCell, TableRow
from odf.text import P

Rows = Sequence[Sequence[Any]]


def xlsx(rows: Rows, *, sheet: str = "Số liệu", percent: Iterable[str] = ()) -> bytes:
    """As Excel saves it; `percent`: cells (B2) in a per cent format."""
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.title = sheet
    for row in rows:
        page.append(list(row))
    for place in percent:
        page[place].number_format = "0.0%"
    return saved(book)


def saved(book: Any) -> bytes:
    """The bytes of a workbook of openpyxl or xlwt."""
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def xls(rows: Rows, *, sheet: str = "Số liệu", percent: Iterable[tuple[int, int]] = ()) -> bytes:
    """As Excel 2003 saves it; `percent`: (row, column) from 0."""
    book = xlwt.Workbook()
    page = book.add_sheet(sheet)
    style = xlwt.easyxf(num_format_str="0.00%")
    for i, row in enumerate(rows):
        for j, value in enumerate(row):
            if value is not None:
                page.write(i, j, value, *([style] if (i, j) in percent else []))
    return saved(book)


def ods(rows: Rows, *, sheet: str = "Số liệu", percent: Iterable[tuple[int, int]] = ()) -> bytes:
    """As LibreOffice saves it."""
    document = OpenDocumentSpreadsheet()
    table = Table(name=sheet)
    for i, row in enumerate(rows):
        line = TableRow()
        for j, value in enumerate(row):
            if value is None:
                line.addElement(TableCell())
            elif isinstance(value, str):
                cell = TableCell(valuetype="string")
                cell.addElement(P(text=value))
                line.addElement(cell)
            else:
                kind = "percentage" if (i, j) in percent else "float"
                line.addElement(TableCell(valuetype=kind, value=str(value)))
        table.addElement(line)
    document.spreadsheet.addElement(table)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def comma_separated(rows: Rows, encoding: str = "utf-8", separator: str = ",") -> bytes:
    """A text file with one line a row."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator)
    writer.writerows([["" if value is None else value for value in row] for row in rows])
    return out.getvalue().encode(encoding)


def repacked(content: bytes, changes: dict[str, bytes | None]) -> bytes:
    """A package with parts replaced, added, or (None) left out."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name, data in {**parts, **changes}.items():
            if data is not None:
                new.writestr(name, data)
    return out.getvalue()


def part(content: bytes, name: str) -> bytes:
    """One part of a package."""
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return package.read(name)


def deflated_zeros(megabytes: int) -> bytes:
    """So many zero bytes, deflated as one stream, without ever having them all."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = b"".join(packer.compress(bytes(1024 * 1024)) for _ in range(megabytes))
    return packed + packer.flush()
