"""The template itself: what is open, what is hidden, and that nothing in it computes."""

from __future__ import annotations

import io
import re
import zipfile
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from targets.models import Indicator, Report, ReportItem, Unit
from targets.reporting.entering import Typed, held
from targets.reporting.headings import find_heading
from targets.reporting.mark import PREFIX, read_mark
from targets.reporting.numbers import write_number
from targets.reporting.proposing import read_row
from targets.reporting.rows import Register, Row, rows_under
from targets.reporting.workbook import MARK_SHEET, Line, Template, write_workbook
from targets.spreadsheets.child import read as read_bytes
from targets.spreadsheets.reading import _spreadsheet
from tests.factory import make
from tests.uploads.conftest import add_items
from tests.uploads.test_uploading import NAMES, columns, made, opened

EVIL = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "=HYPERLINK('http://127.0.0.1')"]


@pytest.fixture
def items(report: Report, percent: Unit) -> list[ReportItem]:
    stage = make(Unit, code="stage", kind="stage", decimals=0, symbol_vi="", symbol_en="")
    return [
        *add_items(report, percent, NAMES),
        *add_items(report, percent, [("ti-le", "Tỷ lệ")], aggregation="ratio"),
        *add_items(report, stage, [("moc", "Cột mốc")]),
    ]


def test_only_the_cells_to_fill_in_are_open(report: Report, items: list[ReportItem]) -> None:
    page = opened(made(report))["Số liệu"]
    assert page.protection.sheet
    places = columns(page)
    open_cells = {
        (row[0].value, title)
        for row in page.iter_rows(min_row=6)
        for title, place in places.items()
        if not row[place - 1].protection.locked
    }
    entry = {"Giá trị", "Chưa có số liệu", "Ghi chú"}
    assert open_cells == {
        *((code, title) for code in (*(n for n, _ in NAMES), "ti-le", "moc") for title in entry),
        ("ti-le", "Tử số"),
        ("ti-le", "Mẫu số"),
    }
    assert page.freeze_panes == "C6"
    assert page.print_title_rows == "$5:$5"


def test_the_stages_and_the_word_for_no_figure_are_drop_downs(
    report: Report, items: list[ReportItem]
) -> None:
    page = opened(made(report))["Số liệu"]
    lists = {rule.formula1 for rule in page.data_validations.dataValidation if rule.type == "list"}
    assert '"Chưa có số liệu"' in lists
    assert any("25/100" in choices and "100/100" in choices for choices in lists)


def test_the_mark_is_hidden_signed_and_names_the_versions(
    report: Report, items: list[ReportItem]
) -> None:
    content = made(report)
    book = opened(content)
    assert book[MARK_SHEET].sheet_state == "veryHidden"
    pieces = [cell.value for cell in book[MARK_SHEET]["A"]]
    mark = read_mark(pieces)
    assert (mark.report, mark.edition) == (report.pk, 1)
    assert mark.seen["ky-nang-so"][0] == 0
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        assert b'lockStructure="1"' in package.read("xl/workbook.xml")
        assert b"ThuocDo" in package.read("docProps/custom.xml")


def test_no_text_of_the_file_is_a_formula(
    report: Report, items: list[ReportItem], reporter: User
) -> None:
    for item, evil in zip(items, EVIL, strict=False):
        ReportItem.objects.filter(pk=item.pk).update(note=evil)
    Indicator.objects.filter(pk=items[0].indicator_id).update(
        name_vi="=cmd|' /C calc'!A0", definition_vi="@x"
    )
    content = made(report)
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        for name in package.namelist():
            if name.startswith("xl/worksheets/"):
                assert b"<f>" not in package.read(name)
            assert not re.search(rb"externalLink|<hyperlink", package.read(name))
    page = opened(content)["Số liệu"]
    notes = {page.cell(row[0].row, columns(page)["Ghi chú"]).value for row in page.iter_rows(6)}
    assert EVIL[0] in notes
    assert all(cell.data_type != "f" for row in page.iter_rows() for cell in row)


def test_it_speaks_the_language_of_the_reader_and_says_that_a_sample_is_one(
    report: Report, items: list[ReportItem]
) -> None:
    Report.objects.filter(pk=report.pk).update(sample=True)
    page = opened(made(report)).worksheets[0]
    assert "MẪU" in page["A4"].value
    with translation.override("en"):
        page = opened(made(report)).worksheets[0]
    names = {row[1].value for row in page.iter_rows(min_row=6)}
    assert "ky-nang-so in English" in names


PERCENT = Unit(kind="percent", decimals=2, symbol_vi="%", symbol_en="%", ratio_scale=100)
numbers = st.decimals(min_value=0, max_value=100, places=6)
typed_cells = st.fixed_dictionaries(
    {
        "value": st.none() | numbers,
        "note": st.text(
            st.characters(codec="utf-8", exclude_categories=("C", "Z")), max_size=30
        ).map(str.strip),
    }
)


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(typed_cells, min_size=1, max_size=6), st.sampled_from(["vi", "en"]))
def test_what_is_typed_into_the_template_is_what_is_read(
    rows: list[dict[str, Any]], language: str
) -> None:
    """Out, typed, saved, in again: the same numbers and words, whatever they are."""
    items = []
    for number in range(len(rows)):
        indicator = Indicator(
            pk=number + 1, code=f"c-{number}", name_vi=f"Tên {number}", name_en="", unit=PERCENT
        )
        items.append(ReportItem(pk=number + 1, indicator=indicator))
    with translation.override(language):
        content = write_workbook(
            Template(
                title="t",
                subtitle="s",
                due="d",
                language=language,
                sample=False,
                years=["2024"],
                groups=[("Nhóm", [_line(f"c-{n}", f"Tên {n}") for n in range(len(rows))])],
                mark=[PREFIX],
                short_mark="x",
            )
        )
    book = opened(content)
    page = book.worksheets[0]
    titles = [cell.value for cell in page[5]]
    value_at = titles.index("Giá trị" if language == "vi" else _english(titles, "value")) + 1
    note_at = titles.index("Ghi chú" if language == "vi" else _english(titles, "note")) + 1
    for row in page.iter_rows(min_row=6):
        if str(row[0].value).startswith("c-"):
            given_cells = rows[int(row[0].value.removeprefix("c-"))]
            number = given_cells["value"]
            if number is not None:
                page.cell(row[0].row, value_at).value = f"{write_number(number, language)} %"
            page.cell(row[0].row, note_at).value = given_cells["note"] or None
            page.cell(row[0].row, note_at).data_type = "s"
    out = io.BytesIO()
    book.save(out)
    sheet = _spreadsheet(read_bytes(out.getvalue(), "xlsx")).sheets[0]
    heading = find_heading(sheet, "2026")
    assert heading is not None
    found = {
        row.item_id: row
        for row in rows_under(sheet, heading, Register(items))
        if isinstance(row, Row)
    }
    assert len(found) == len(rows)
    for item, given_cells in zip(items, rows, strict=True):
        read = read_row(found[item.pk].cells, held(item), item.indicator)
        assert read.problems == {}
        expected = None if given_cells["value"] is None else round(given_cells["value"], 8)
        assert read.typed == Typed(value=expected, note=" ".join(given_cells["note"].split()))


def _english(titles: list[Any], column: str) -> str:
    """The English title where the translations are there, else the Vietnamese one."""
    words = {"value": ("Value", "Giá trị"), "note": ("Note", "Notes", "Ghi chú")}[column]
    return next(str(title) for title in titles if title in words)


def _line(key: str, name: str) -> Line:
    return Line(
        key=key,
        name=name,
        unit="%",
        demand="",
        definition="",
        past={"2024": "1"},
        ratio=False,
        choices=(),
        kept={},
        unavailable=False,
    )


def test_a_number_with_eight_decimals_survives(report: Report, items: list[ReportItem]) -> None:
    ReportItem.objects.filter(pk=items[0].pk).update(value=Decimal("12.34567891"))
    page = opened(made(report))["Số liệu"]
    value = page.cell(7, columns(page)["Giá trị"]).value
    assert value == "12,34567891"
