"""The organisation's template: its own rows as an Excel file, ready to be filled in.

Everything is written as text and numbers, never as a formula, whatever it begins with. Cells to
type in keep what is typed as text, so that no Excel turns 1.5 into a day or 98,5 % into 0,985.
"""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.utils.translation import gettext as _
from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

#: The sheet that nobody sees.
MARK_SHEET: Final = "thuoc_do"
PROPERTY: Final = "ThuocDo"

_FONT = "Calibri"
_INK, _SOFT, _LINE = "#1B2733", "#5B6875", "#D5DBE1"
_BRAND, _INPUT, _GROUP = "#123C69", "#FFF6DC", "#E6EDF4"
_SAMPLE = "#9A3412"
_HEADER_ROW = 4
_MESSAGE = 255  # signs in the message of a cell


@dataclass(frozen=True, slots=True)
class Line:
    """One row to fill in: texts in the reader's language, numbers as the form shows them.

    `past`: what was known by year. `choices`: the stages of a milestone, empty for a number.
    `kept`: the fields (value, numerator, denominator, note) by name.
    """

    key: str
    name: str
    unit: str
    demand: str
    definition: str
    past: dict[str, str]
    ratio: bool
    choices: Sequence[str]
    kept: dict[str, str]
    unavailable: bool


@dataclass(frozen=True, slots=True)
class Template:
    """All that the file shows; `groups` are (heading, lines), `mark` the signed text in pieces."""

    title: str
    subtitle: str
    due: str
    language: str
    sample: bool
    years: Sequence[str]
    groups: Sequence[tuple[str, Sequence[Line]]]
    mark: Sequence[str]
    short_mark: str
    readonly: bool = False

    @property
    def ratio(self) -> bool:
        """Whether any row has a numerator and a denominator."""
        return any(line.ratio for _heading, lines in self.groups for line in lines)


@dataclass(frozen=True, slots=True)
class _Column:
    name: str
    title: str
    width: float
    shape: str
    open: bool = False


@dataclass
class _Shapes:
    """The formats, made once for each combination."""

    book: Workbook
    made: dict[tuple[tuple[str, Any], ...], Format] = field(default_factory=dict)

    def __call__(self, **wanted: Any) -> Format:
        look = {
            "font_name": _FONT,
            "font_size": 10.5,
            "font_color": _INK,
            "valign": "top",
            "text_wrap": True,
            **wanted,
        }
        key = tuple(sorted(look.items()))
        if key not in self.made:
            self.made[key] = self.book.add_format(look)
        return self.made[key]


class _Locked(Workbook):  # type: ignore[misc]
    """A workbook whose sheets cannot be moved, renamed, added or unhidden."""

    def _write_book_views(self) -> None:
        self._xml_empty_tag("workbookProtection", [("lockStructure", 1)])
        super()._write_book_views()


def write_workbook(template: Template) -> bytes:
    """The file."""
    out = io.BytesIO()
    book = _Locked(
        out,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    book.set_properties({"title": template.title, "subject": template.subtitle, "author": ""})
    book.set_custom_property(PROPERTY, template.short_mark)
    shapes = _Shapes(book)
    page = book.add_worksheet(_("Số liệu"))
    _write_page(page, template, shapes)
    _write_help(book.add_worksheet(_("Hướng dẫn")), shapes)
    hidden = book.add_worksheet(MARK_SHEET)
    for row, piece in enumerate(template.mark):
        hidden.write_string(row, 0, piece)
    hidden.protect()
    hidden.very_hidden()
    page.activate()
    book.close()
    return out.getvalue()


def _columns(template: Template) -> list[_Column]:
    """The columns in order; those to type in are open."""
    past = [_Column(f"past:{year}", year, 11, "number") for year in template.years]
    halves = [
        _Column("numerator", _("Tử số"), 13, "number", open=True),
        _Column("denominator", _("Mẫu số"), 13, "number", open=True),
    ]
    return [
        _Column("key", _("Mã"), 15, "code"),
        _Column("name", _("Chỉ tiêu"), 42, "strong"),
        _Column("unit", _("Đơn vị"), 12, "text"),
        _Column("demand", _("Yêu cầu"), 31, "text"),
        *past,
        *(halves if template.ratio else []),
        _Column("value", _("Giá trị"), 15, "number", open=True),
        _Column("unavailable", _("Chưa có số liệu"), 15, "centre", open=True),
        _Column("note", _("Ghi chú"), 34, "text", open=True),
        _Column("definition", _("Định nghĩa"), 60, "soft"),
    ]


def _write_page(page: Worksheet, template: Template, shapes: _Shapes) -> None:
    columns = _columns(template)
    last = len(columns) - 1
    page.hide_gridlines(2)
    for place, column in enumerate(columns):
        page.set_column(place, place, column.width)
    page.set_row(0, 28)
    page.write_string(
        0, 0, template.title, shapes(font_size=18, bold=True, font_color=_BRAND, text_wrap=False)
    )
    plain = {"text_wrap": False, "font_color": _SOFT}
    page.write_string(1, 0, template.subtitle, shapes(font_size=12, text_wrap=False))
    page.write_string(2, 0, template.due, shapes(**plain))
    hint = _(
        "Chỉ nhập vào các ô màu vàng. Số viết như 1.234,5 hoặc 1,234.5 đều được. Chưa có số liệu: "
        "chọn “Chưa có số liệu” và ghi lý do ở cột Ghi chú."
    )
    if template.sample:
        hint = _("MẪU: báo cáo này chỉ để minh hoạ quy trình, số trong đó không được công bố.")
    page.write_string(
        3,
        0,
        hint,
        shapes(text_wrap=False, italic=True, font_color=_SAMPLE if template.sample else _SOFT),
    )
    head = shapes(
        bold=True,
        font_color="#FFFFFF",
        bg_color=_BRAND,
        valign="vcenter",
        border=1,
        border_color=_BRAND,
    )
    page.set_row(_HEADER_ROW, 32)
    for place, column in enumerate(columns):
        page.write_string(_HEADER_ROW, place, column.title, head)
    row = _HEADER_ROW + 1
    group = shapes(bold=True, bg_color=_GROUP, font_color=_BRAND, text_wrap=False, valign="vcenter")
    for heading, lines in template.groups:
        page.set_row(row, 20)
        for place in range(last + 1):
            page.write_string(row, place, heading if place == 0 else "", group)
        row += 1
        for line in lines:
            _write_line(page, row, line, columns, shapes, locked=template.readonly)
            row += 1
    _set_up(page, template, columns, row)


def _write_line(
    page: Worksheet,
    row: int,
    line: Line,
    columns: Sequence[_Column],
    shapes: _Shapes,
    *,
    locked: bool,
) -> None:
    texts = {
        "key": line.key,
        "name": line.name,
        "unit": line.unit,
        "demand": line.demand,
        "definition": line.definition,
        "unavailable": _("Chưa có số liệu") if line.unavailable else "",
        **line.kept,
        **{f"past:{year}": value for year, value in line.past.items()},
    }
    page.set_row(row, _height(texts, columns))
    for place, column in enumerate(columns):
        half = column.name in {"numerator", "denominator"}
        is_open = column.open and not locked and not (half and not line.ratio)
        page.write_string(
            row, place, texts.get(column.name, ""), shapes(**_look(column.shape, is_open=is_open))
        )
        if is_open:
            _offer(page, row, place, column, line)


def _look(shape: str, *, is_open: bool) -> dict[str, Any]:
    look: dict[str, Any] = {"border": 1, "border_color": _LINE, "quote_prefix": True}
    if shape in {"number", "centre"}:
        look |= {"align": "right" if shape == "number" else "center"}
    if shape == "strong":
        look |= {"bold": True}
    if shape in {"soft", "code"}:
        look |= {"font_color": _SOFT, "font_size": 9}
    if is_open:
        look |= {"bg_color": _INPUT, "locked": False, "num_format": "@", "quote_prefix": False}
    return look


def _offer(page: Worksheet, row: int, place: int, column: _Column, line: Line) -> None:
    """The drop-down of a cell, and what to type in it."""
    rule: dict[str, Any] = {"validate": "any"}
    if column.name == "unavailable":
        rule = {"validate": "list", "source": [_("Chưa có số liệu")]}
    elif column.name == "value" and line.choices:
        rule = {
            "validate": "list",
            "source": list(line.choices),
            "error_title": _("Mức hoàn thành"),
            "error_message": _("Hãy chọn một mức trong danh sách."),
        }
    if column.name in {"value", "numerator", "denominator"}:
        rule |= {
            "input_title": line.unit[:32] or column.title,
            "input_message": line.definition[:_MESSAGE],
        }
    if rule != {"validate": "any"}:
        page.data_validation(row, place, row, place, rule)


def _height(texts: dict[str, str], columns: Sequence[_Column]) -> float:
    """Points for the wrapped text of the tallest cell: Excel does not do it by itself."""
    lines = 1
    for column in columns:
        # Letters are a little wider than the digits that widths count, the more so in bold.
        room = column.width * (0.9 if column.shape == "strong" else 1.05)
        if column.shape == "soft":
            room *= 1.15
        text = texts.get(column.name, "")
        lines = max(lines, sum(max(1, math.ceil(len(part) / room)) for part in text.split("\n")))
    return min(15.0 * lines + 4, 400)


def _set_up(page: Worksheet, template: Template, columns: Sequence[_Column], rows: int) -> None:
    """Panes, protection and paper."""
    last = len(columns) - 1
    page.freeze_panes(_HEADER_ROW + 1, 2)
    page.protect("", {"format_columns": True, "format_rows": True, "select_locked_cells": True})
    page.ignore_errors({"number_stored_as_text": f"A1:XFD{rows + 1}"})
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.repeat_rows(_HEADER_ROW)
    page.print_area(0, 0, max(rows - 1, _HEADER_ROW), last)
    page.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    page.set_footer(f"&L&8{template.title.replace('&', '&&')[:120]}&R&8&P / &N")
    first = next((place for place, column in enumerate(columns) if column.open), 0)
    page.set_selection(_HEADER_ROW + 2, first, _HEADER_ROW + 2, first)


def _write_help(page: Worksheet, shapes: _Shapes) -> None:
    page.hide_gridlines(2)
    page.set_column(0, 0, 100)
    page.write_string(0, 0, _("Hướng dẫn"), shapes(font_size=16, bold=True, font_color=_BRAND))
    for row, text in enumerate(_help(), start=1):
        page.write_string(row, 0, text, shapes(font_size=11))
        page.set_row(row, 15.0 * math.ceil(len(text) / 95) + 6)
    page.set_landscape()
    page.set_paper(9)
    page.protect()


def _help() -> list[str]:
    return [
        _("1. Nhập vào các ô màu vàng của trang “Số liệu”. Các ô khác được khoá."),
        _("2. Số viết theo cách nào cũng được: 1.234,5 hoặc 1,234.5; 98,5 hoặc 98,5 %; 1,2 triệu."),
        _(
            "3. Chỉ tiêu có tử số và mẫu số: nhập hai số đó, giá trị được tính khi tải lên. Chỉ "
            "nhập giá trị khi không có tử số và mẫu số."
        ),
        _("4. Cột mốc: chọn mức hoàn thành trong danh sách."),
        _("5. Chưa có số liệu: chọn “Chưa có số liệu” và ghi lý do ở cột Ghi chú. Không ghi số 0."),
        _("6. Xoá nội dung một ô màu vàng là xoá số đang có trong báo cáo."),
        _(
            "7. Lưu tệp, rồi tải lên ở trang của báo cáo. Trước khi áp dụng, bạn xem được từng "
            "thay đổi; chưa có gì thay đổi cho tới khi bạn bấm Áp dụng."
        ),
        _(
            "8. Nếu có người sửa số trong báo cáo sau khi tệp này được tải về, hệ thống cho xem cả "
            "hai số và bạn chọn."
        ),
    ]
