"""Workbooks at an address: merged headers, per cent, days, sheets; numbers digit for digit."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlwt

from targets.sources.adapters.tables import TableOptions, Tables
from targets.sources.contract import Outcome, SourceError, Table
from tests.sources.answers import Rows, body_of, named
from tests.spreadsheets.files import Rows as Cells
from tests.spreadsheets.files import ods, repacked, saved, xls, xlsx

SHEET = "xl/worksheets/sheet1.xml"


def ministry() -> bytes:
    """As a ministry publishes it: titles, a header over two rows, a province over several rows,
    percent cells, numbers as text in the Vietnamese way, decomposed letters, a note below."""
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.title = "Biểu 02"
    page.append(["BỘ NỘI VỤ"])
    page.append(["Kết quả giải quyết thủ tục hành chính năm 2024"])
    page.append([])
    page.append(
        ["STT", "Ti\u0309nh, thành phố", "Quý", "Tỷ lệ hồ sơ", None, "Kinh phí\n(triệu đồng)"]
    )
    page.append([None, None, None, "trực tuyến", "đúng hạn", None])
    page.append([1, "Ha\u0300 Nội", "I", 0.985, 0.97, "1.234,5"])
    page.append([None, None, "II", 0.9123, 1, " 12.000 "])
    page.append([2, "TP. Hồ Chí Minh ", "I", 0.5, 0.125, 7.25])
    page.append([])
    page.append(["Ghi chú: số liệu sơ bộ"])
    for area in ("A1:F1", "A2:F2", "A4:A5", "B4:B5", "C4:C5", "D4:E4", "F4:F5", "A6:A7", "B6:B7"):
        page.merge_cells(area)
    for row in range(6, 9):
        for column in "DE":
            page[f"{column}{row}"].number_format = "0.0%"
    return saved(book)


def read(tmp_path: Path, content: bytes, **options: Any) -> Table:
    body = body_of(tmp_path / "body", content)
    (table,) = Tables().tables("http://x/", TableOptions.model_validate(options), [body])
    return table


def rows(tmp_path: Path, content: bytes, **options: Any) -> Rows:
    return named([read(tmp_path, content, **options)])


def refused(tmp_path: Path, content: bytes, **options: Any) -> SourceError:
    with pytest.raises(SourceError) as caught:
        rows(tmp_path, content, **options)
    return caught.value


def test_a_ministry_s_workbook_with_a_merged_header(tmp_path: Path) -> None:
    table = read(
        tmp_path,
        ministry(),
        sheet="Biểu 02",
        header_rows=2,
        columns=["Tỉnh, thành phố", "Tỷ lệ hồ sơ / trực tuyến"],
        until_blank=True,
    )
    assert table.columns == [
        "STT",
        "Tỉnh, thành phố",
        "Quý",
        "Tỷ lệ hồ sơ / trực tuyến",
        "Tỷ lệ hồ sơ / đúng hạn",
        "Kinh phí (triệu đồng)",
    ]
    assert [list(row) for row in table.rows] == [
        ["1", "Hà Nội", "I", "98.5", "97", "1.234,5"],
        ["1", "Hà Nội", "II", "91.23", "100", "12.000"],
        ["2", "TP. Hồ Chí Minh", "I", "50", "12.5", "7.25"],
    ]


def test_numbers_may_be_written_as_the_mapping_reads_them(tmp_path: Path) -> None:
    found = rows(tmp_path, ministry(), skip=3, header_rows=2, until_blank=True, decimal=",")
    assert [row["Kinh phí (triệu đồng)"] for row in found] == ["1.234,5", "12.000", "7,25"]
    assert found[0]["Tỷ lệ hồ sơ / trực tuyến"] == "98,5"


def test_a_share_may_be_read_as_it_is_stored(tmp_path: Path) -> None:
    found = rows(tmp_path, ministry(), skip=3, header_rows=2, percent="as-stored", until_blank=True)
    assert [row["Tỷ lệ hồ sơ / đúng hạn"] for row in found] == ["0.97", "1", "0.1250"]


@pytest.mark.parametrize("kind", ["xlsx", "xls", "ods"])
def test_every_kind_of_workbook_reads_alike(tmp_path: Path, kind: str) -> None:
    cells: Cells = [["Mã", "Tỷ lệ", "Số"], ["H01", 0.985, 12], ["H02", 0.5, 1234567.25]]
    content = {
        "xlsx": lambda: xlsx(cells, percent=["B2", "B3"]),
        "xls": lambda: xls(cells, percent=[(1, 1), (2, 1)]),
        "ods": lambda: ods(cells, percent=[(1, 1), (2, 1)]),
    }[kind]()
    assert rows(tmp_path, content) == [
        {"Mã": "H01", "Tỷ lệ": "98.5", "Số": "12"},
        {"Mã": "H02", "Tỷ lệ": "50", "Số": "1234567.25"},
    ]


@pytest.mark.parametrize(
    ("stored", "text"),
    [
        (98.50000000000001, "98.5"),
        (0.1 + 0.2, "0.3"),
        (1e-7, "0.0000001"),
        (1.5e16, "15000000000000000"),
        (12, "12"),
        (12.0, "12"),
        (-0.25, "-0.25"),
        # Not to be taken for thousands by whoever reads it with other signs.
        (98.125, "98.1250"),
        (True, "TRUE"),
        (dt.date(2024, 3, 31), "2024-03-31"),
        (dt.datetime.fromisoformat("2024-03-31T08:30"), "2024-03-31 08:30:00"),
        ("  '1.234,5 ", "'1.234,5"),
    ],
)
def test_what_a_cell_says(tmp_path: Path, stored: Any, text: str) -> None:
    assert rows(tmp_path, xlsx([["a", "b"], ["x", stored]])) == [{"a": "x", "b": text}]


def test_an_error_of_a_formula_is_not_nothing(tmp_path: Path) -> None:
    body = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        '<row r="1"><c r="A1" t="inlineStr"><is><t>a</t></is></c>'
        '<c r="B1" t="inlineStr"><is><t>b</t></is></c></row>'
        '<row r="2"><c r="A2"><v>1</v></c><c r="B2" t="e"><f>1/0</f><v>#DIV/0!</v></c></row>'
        "</sheetData></worksheet>"
    )
    content = repacked(xlsx([["a"]]), {SHEET: body.encode()})
    assert rows(tmp_path, content) == [{"a": "1", "b": "#N/A"}]


def several() -> bytes:
    book = openpyxl.Workbook()
    first = book.active
    assert first is not None
    first.title = "Ẩn"
    first.append(["x", "y"])
    first.append([0, 0])
    first.sheet_state = "hidden"
    for name, value in (("Năm 2023", 1), ("Na\u0306m 2024 ", 2)):
        page = book.create_sheet(name)
        page.append(["a", "b"])
        page.append(["v", value])
    return saved(book)


@pytest.mark.parametrize(
    ("sheet", "value"), [(1, "1"), (2, "2"), ("Năm 2023", "1"), ("Năm 2024", "2")]
)
def test_a_sheet_by_name_or_number(tmp_path: Path, sheet: int | str, value: str) -> None:
    assert rows(tmp_path, several(), sheet=sheet) == [{"a": "v", "b": value}]


@pytest.mark.parametrize("sheet", [3, "Năm 2025"])
def test_a_sheet_that_is_gone_is_named_with_those_that_are_there(
    tmp_path: Path, sheet: int | str
) -> None:
    error = refused(tmp_path, several(), sheet=sheet)
    assert error.outcome == Outcome.COLUMNS_CHANGED
    assert error.detail["missing"] == [str(sheet)]
    assert "Năm 2023" in error.detail["found"]


def test_a_wide_sheet_with_years_as_numbers(tmp_path: Path) -> None:
    content = xlsx([["Tỉnh", 2023, 2024], ["Hà Nội", 90.5, None], ["Huế", 80, 81.5]])
    wide = {"pattern": r"(?P<period>20\d\d)", "keep": ["Tỉnh"]}
    assert [tuple(row) for row in read(tmp_path, content, wide=wide).rows] == [
        ("Hà Nội", "2023", "90.5"),
        ("Hà Nội", "2024", ""),
        ("Huế", "2023", "80"),
        ("Huế", "2024", "81.5"),
    ]


def test_rows_may_be_shorter_than_the_header(tmp_path: Path) -> None:
    found = rows(tmp_path, xlsx([["a", "b", "c"], ["1"], [None, None, 3]]))
    assert found == [{"a": "1", "b": "", "c": ""}, {"a": "", "b": "", "c": "3"}]


def test_a_column_that_is_gone_is_named(tmp_path: Path) -> None:
    error = refused(tmp_path, ministry(), header_rows=2, columns=["Tỷ lệ hồ sơ / trước hạn"])
    assert error.outcome == Outcome.COLUMNS_CHANGED
    assert error.detail["missing"] == ["Tỷ lệ hồ sơ / trước hạn"]


def laughs() -> bytes:
    entities = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 30))
    text = f'<!DOCTYPE worksheet [<!ENTITY l0 "ha">{entities}]><worksheet>&l29;</worksheet>'
    return repacked(xlsx([["a"]]), {SHEET: text.encode()})


def locked() -> bytes:
    book = xlwt.Workbook()
    book.add_sheet("a").write(0, 0, "x")
    return saved(book).replace(
        "Workbook".encode("utf-16-le"), "EncryptedPackage"[:8].encode("utf-16-le")
    )


def far_cell() -> bytes:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page["A1"], page["A30000"] = "a", 1
    return saved(book)


@pytest.mark.parametrize(
    ("content", "outcome", "reason"),
    [
        (laughs(), Outcome.UNREADABLE, "doctype"),
        (locked(), Outcome.UNREADABLE, "not_a_workbook"),
        (xlsx([["a", "b"]])[:-200], Outcome.UNREADABLE, "zip"),
        (far_cell(), Outcome.TOO_LARGE, "rows"),
        (repacked(xlsx([["a"]]), {"xl/media/i.png": bytes(20 << 20)}), Outcome.TOO_LARGE, "ratio"),
        (repacked(xlsx([["a"]]), {"xl/vbaProject.bin": b"x"}), Outcome.UNREADABLE, "macros"),
    ],
)
def test_hostile_workbooks_are_refused(
    tmp_path: Path, content: bytes, outcome: Outcome, reason: str
) -> None:
    error = refused(tmp_path, content)
    assert (error.outcome, error.detail["reason"]) == (outcome, reason)


def test_a_workbook_larger_than_any_upload_is_too_large(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        package.writestr("[Content_Types].xml", b" " * (21 << 20))
    error = refused(tmp_path, out.getvalue())
    assert (error.outcome, error.detail["reason"]) == (Outcome.TOO_LARGE, "size")


def test_merged_ranges_that_cover_everything_cost_nothing(tmp_path: Path) -> None:
    merged = "".join(f'<mergeCell ref="A{n}:XFD1048576"/>' for n in range(1, 15_000))
    body = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        + "".join(f'<row r="{n}"><c r="A{n}"><v>1</v></c></row>' for n in range(1, 15_000))
        + f"</sheetData><mergeCells>{merged}</mergeCells></worksheet>"
    )
    error = refused(tmp_path, repacked(xlsx([["a"]]), {SHEET: body.encode()}))
    assert (error.outcome, error.detail["reason"]) == (Outcome.TOO_LARGE, "cells")
