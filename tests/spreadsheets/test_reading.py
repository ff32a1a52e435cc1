"""Honest spreadsheets of every kind and age are read cell by cell."""

from __future__ import annotations

import contextlib
import datetime as dt
import unicodedata

import openpyxl
import pytest
import xlwt
from hypothesis import given
from hypothesis import strategies as st

from targets.spreadsheets import text
from targets.spreadsheets.model import RefusedError, Value
from targets.spreadsheets.reading import read_spreadsheet
from tests.spreadsheets.files import comma_separated, ods, repacked, saved, xls, xlsx

ROWS: list[list[Value]] = [
    ["Mã", "Chỉ tiêu", "Giá trị", None],
    ["dvc", "Tỷ lệ hồ sơ trực tuyến", 0.985, "Ghi chú"],
    [None, None, None, None],
    ["egdi", "Xếp hạng", 71, None],
]
LINES = [
    ["Mã số", "Tên chỉ tiêu", "Kết quả", "Ghi chú"],
    ["01", "Tỷ lệ hồ sơ xử lý trực tuyến", "98,5", "số liệu ước tính của Sở"],
    ["02", "Số người được phổ cập kỹ năng", "1.234", "Đường truyền chưa ổn định"],
    ["03", "Chuyển đổi số ở cấp xã, phường", "71", "Nguyễn Thị Hằng, điều phối viên"],
]


def cells(rows: list[tuple[int, list[Value]]]) -> dict[tuple[int, int], Value]:
    """The cells with something in them, by row number and column."""
    return {
        (number, column): value
        for number, row in rows
        for column, value in enumerate(row)
        if value is not None
    }


EXPECTED = {
    (number, column): value
    for number, row in enumerate(ROWS, start=1)
    for column, value in enumerate(row)
    if value is not None
}


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (xlsx(ROWS, percent=["C2"]), "xlsx"),
        (xls(ROWS, percent=[(1, 2)]), "xls"),
        (ods(ROWS, percent=[(1, 2)]), "ods"),
    ],
)
def test_a_workbook_keeps_places_types_and_per_cent(content: bytes, kind: str) -> None:
    book, _cost = read_spreadsheet(content, kind)
    assert book.kind == kind
    (sheet,) = book.sheets
    assert (sheet.name, sheet.hidden) == ("Số liệu", False)
    assert cells(sheet.rows) == EXPECTED
    assert sheet.percent == {(2, 2)}


def test_formulas_are_read_as_their_last_values_and_never_computed() -> None:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page["A1"] = "=1+1"
    content = saved(book)
    sheet = b'<c r="A1"><f>WEBSERVICE("http://127.0.0.1/")</f><v>42</v></c>'
    changed = repacked(
        content,
        {
            "xl/worksheets/sheet1.xml": b"<worksheet xmlns="
            b'"http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1">'
            + sheet
            + b"</row></sheetData></worksheet>"
        },
    )
    assert cells(read_spreadsheet(content, "xlsx")[0].sheets[0].rows) == {}
    assert cells(read_spreadsheet(changed, "xlsx")[0].sheets[0].rows) == {(1, 0): 42}


def test_dates_errors_merged_cells_and_hidden_sheets_are_told() -> None:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page["B3"] = dt.datetime(2026, 5, 1)  # noqa: DTZ001 (a cell has no time zone)
    page["C3"] = dt.time(1, 5)
    page["D3"] = "#DIV/0!"
    page["D3"].data_type = "e"
    page["E3"] = True
    page.merge_cells("A5:C6")
    page["A5"] = "Nhóm"
    hidden = book.create_sheet("ẩn")
    hidden["A1"] = "x"
    hidden.sheet_state = "veryHidden"
    sheets = read_spreadsheet(saved(book), "xlsx")[0].sheets
    assert cells(sheets[0].rows) == {
        (3, 1): dt.date(2026, 5, 1),
        (3, 2): dt.time(1, 5),
        (3, 3): "#N/A",
        (3, 4): True,
        (5, 0): "Nhóm",
    }
    assert sheets[0].merged == ((5, 0, 6, 2),)
    assert [sheet.hidden for sheet in sheets] == [False, True]


def test_formats_that_show_per_cent_are_told_from_those_that_name_it() -> None:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    for place, shape in {
        "A1": "0%",
        "B1": '#,##0.0 "%"',
        "C1": "0.0%;[Red]-0.0%",
        "D1": "0",
    }.items():
        page[place] = 0.5
        page[place].number_format = shape
    assert read_spreadsheet(saved(book), "xlsx")[0].sheets[0].percent == {(1, 0), (1, 2)}
    old = xlwt.Workbook()
    page = old.add_sheet("a")
    page.write(2, 1, 0.5, xlwt.easyxf(num_format_str="0.0%"))
    page.write(2, 2, 5, xlwt.easyxf(num_format_str="0%"))
    page.write(2, 3, 7)
    assert read_spreadsheet(saved(old), "xls")[0].sheets[0].percent == {(3, 1), (3, 2)}


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize(
    ("encoding", "named"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8"), ("utf-16", "utf-16"), ("utf-16-le", "utf-16-le")],
)
def test_text_in_every_unicode_and_with_every_separator(
    encoding: str, named: str, separator: str
) -> None:
    found, rows = text.read_table(comma_separated(LINES, encoding, separator))
    assert (found, rows) == (named, LINES)


def windows_1258(line: str) -> bytes:
    """Windows-1258 has the five tones only as marks behind the letter."""
    tones = "\u0300\u0301\u0309\u0303\u0323"
    out = []
    for sign in line:
        apart = unicodedata.normalize("NFD", sign)
        tone = "".join(mark for mark in apart if mark in tones)
        out.append(unicodedata.normalize("NFC", "".join(m for m in apart if m not in tones)) + tone)
    return "".join(out).encode("cp1258")


def tcvn3(line: str) -> bytes:
    """As the fonts of the 1990s had it."""
    back = {new: old for old, new in text._TCVN3.items()}
    return line.translate(back).encode("latin-1")


def vni(line: str) -> bytes:
    """A letter and its marks as a second letter."""
    marks = {new: old for old, new in text._VNI_MARKS.items()}
    alone = {new: old for old, new in text._VNI_ALONE.items()}
    out = []
    for sign in unicodedata.normalize("NFC", line):
        low = sign.lower()
        if sign.isascii():
            new = sign
        elif low in alone:
            new = alone[low]
        else:
            apart = unicodedata.normalize("NFD", low)
            base, rest = apart[0], apart[1:]
            if "\u031b" in rest:
                base = alone[unicodedata.normalize("NFC", base + "\u031b")]
                rest = rest.replace("\u031b", "")
            rest = "".join(sorted(rest, key=lambda mark: mark not in "\u0302\u0306"))
            new = base + marks[rest]
        out.append(new.upper() if sign.isupper() else new)
    return "".join(out).encode("cp1252")


def test_the_tables_of_the_old_fonts_are_those_of_their_keyboards() -> None:
    """Words as they stand in files of that time, byte for byte."""
    line = "Tỷ lệ người dân được phổ cập"
    assert tcvn3(line) == "Tû lÖ ng­êi d©n ®­îc phæ cËp".encode("latin-1")
    assert vni(line) == "Tyû leä ngöôøi daân ñöôïc phoå caäp".encode("cp1252")
    assert vni("ĐƯỜNG") == "ÑÖÔØNG".encode("cp1252")


@pytest.mark.parametrize(
    ("write", "named"), [(windows_1258, "windows-1258"), (tcvn3, "tcvn3"), (vni, "vni")]
)
def test_vietnamese_in_the_encodings_before_unicode(write: object, named: str) -> None:
    assert callable(write)
    content = write("\r\n".join(";".join(line) for line in LINES))
    assert text.read_table(content) == (named, LINES)


def test_windows_1252_without_tones() -> None:
    lines = [["Ma", "Ghi chú"], ["a", "có số liệu".translate({ord("ố"): "ô", ord("ệ"): "ê"})]]
    content = "\n".join(";".join(line) for line in lines).encode("cp1252")
    assert text.read_table(content)[1] == lines


def test_letters_typed_as_letter_and_mark_are_composed() -> None:
    content = unicodedata.normalize("NFD", "Mã;Giá trị\na;1").encode()
    assert text.read_table(content)[1] == [["Mã", "Giá trị"], ["a", "1"]]


def test_the_separator_may_be_told_on_the_first_line() -> None:
    assert text.read_table(b"sep=|\na|b\n1,5|2,5\n")[1] == [["a", "b"], ["1,5", "2,5"]]


def test_decimal_commas_do_not_cut_the_cells() -> None:
    content = b"a;b;c\nx;98,5;1,5\ny;97,1;2,5\n"
    assert text.read_table(content)[1] == [
        ["a", "b", "c"],
        ["x", "98,5", "1,5"],
        ["y", "97,1", "2,5"],
    ]


WORDS = "Tỷ lệ người dân được phổ cập số liệu báo cáo đường điện tử xã phường"
words = st.lists(st.sampled_from(WORDS.split()), min_size=8, unique=True)


@given(words, st.sampled_from([windows_1258, tcvn3, vni]))
def test_any_vietnamese_words_are_read_in_any_old_encoding(
    chosen: list[str], write: object
) -> None:
    assert callable(write)
    line = " ".join(chosen)
    if not line.isascii():
        assert text.decode(write(line))[1] == line


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    with contextlib.suppress(RefusedError):
        text.read_table(content)
