"""From the template to an applied upload, and back: what people do with their files."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from dashboard.presenters.reporting.workbook import template
from targets.models import Report, ReportItem, Unit, Upload, UploadChange
from targets.reporting import uploading
from targets.reporting.entering import Change, Typed, enter_many
from targets.reporting.uploading import UploadRefusedError
from targets.reporting.workbook import MARK_SHEET, write_workbook
from tests.factory import make
from tests.spreadsheets.files import Rows, comma_separated, ods, saved, xls, xlsx
from tests.uploads.conftest import add_items, member

NAMES = [
    ("ho-so-truc-tuyen", "Tỷ lệ hồ sơ xử lý trực tuyến"),
    ("ky-nang-so", "Tỷ lệ người dân có kỹ năng số"),
    ("dinh-danh", "Tỷ lệ người dân có định danh điện tử"),
]


@pytest.fixture
def items(report: Report, percent: Unit) -> list[ReportItem]:
    return add_items(report, percent, NAMES)


@pytest.fixture
def ratio(report: Report, percent: Unit) -> ReportItem:
    return add_items(report, percent, [("ti-le", "Tỷ lệ có hai số")], aggregation="ratio")[0]


def made(report: Report) -> bytes:
    """The template as it is downloaded."""
    report = Report.objects.select_related("cycle__duty", "organisation").get(pk=report.pk)
    return write_workbook(template(report, today=timezone.localdate(), readonly=False))


def opened(content: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(content))


def columns(page: Any) -> dict[str, int]:
    """Where the template has which column (from 1)."""
    return {cell.value: cell.column for cell in page[5] if cell.value}


def fill(content: bytes, values: dict[str, dict[str, Any]]) -> bytes:
    """The template with cells typed in: by code, by title of the column."""
    book = opened(content)
    page = book["Số liệu"]
    places = columns(page)
    for row in page.iter_rows(min_row=6):
        for title, value in values.get(row[0].value, {}).items():
            page.cell(row[0].row, places[title]).value = value
    return saved(book)


def sent(report: Report, by: User, content: bytes, name: str = "a.xlsx") -> Upload:
    """Handed in and read, in this process."""
    upload = uploading.hand_in(report.pk, SimpleUploadedFile(name, content), by=by)
    assert uploading.read_upload(upload.pk)
    upload.refresh_from_db()
    return upload


def changes(upload: Upload) -> dict[str, UploadChange]:
    return {
        one.item.indicator.code: one for one in upload.changes.select_related("item__indicator")
    }


def test_the_template_comes_back_with_what_was_typed_and_is_applied_whole(
    report: Report, items: list[ReportItem], ratio: ReportItem, reporter: User
) -> None:
    content = fill(
        made(report),
        {
            "ho-so-truc-tuyen": {"Giá trị": "98,5 %", "Ghi chú": "số chính thức"},
            "ky-nang-so": {"Chưa có số liệu": "Chưa có số liệu", "Ghi chú": "chưa điều tra"},
            "dinh-danh": {"Giá trị": 0.5},
            "ti-le": {"Tử số": "1.200", "Mẫu số": "2 400"},
        },
    )
    upload = sent(report, reporter, content)
    assert (upload.state, upload.problems) == ("ready", [])
    assert upload.found["marked"] is True
    found = changes(upload)
    assert found["ho-so-truc-tuyen"].value == Decimal("98.5")
    assert found["ky-nang-so"].unavailable
    assert found["dinh-danh"].value == Decimal("0.5")
    assert found["ti-le"].value == Decimal(50)
    assert found["ti-le"].doubtful
    assert uploading.apply_upload(upload.pk, by=reporter).changed == 4
    values = dict(report.items.values_list("indicator__code", "value"))
    assert values == {
        "ho-so-truc-tuyen": Decimal("98.5"),
        "ky-nang-so": None,
        "dinh-danh": Decimal("0.5"),
        "ti-le": Decimal(50),
    }
    again = uploading.apply_upload(upload.pk, by=reporter)
    assert again.changed == 4
    assert report.items.get(indicator__code="dinh-danh").version == 1


def test_an_untouched_template_changes_nothing(
    report: Report, items: list[ReportItem], reporter: User
) -> None:
    enter_many(
        report.pk, by=reporter, changes=[Change(items[0].pk, Typed(Decimal("12.345"), note="n"))]
    )
    upload = sent(report, reporter, made(report))
    assert (upload.state, upload.changes.count(), upload.found["unchanged"]) == ("ready", 0, 3)


def test_clearing_a_cell_of_the_template_clears_the_value(
    report: Report, items: list[ReportItem], reporter: User
) -> None:
    enter_many(report.pk, by=reporter, changes=[Change(items[0].pk, Typed(Decimal(12)))])
    upload = sent(report, reporter, fill(made(report), {"ho-so-truc-tuyen": {"Giá trị": None}}))
    assert changes(upload)["ho-so-truc-tuyen"].value is None
    uploading.apply_upload(upload.pk, by=reporter)
    assert ReportItem.objects.get(pk=items[0].pk).value is None


def test_what_somebody_else_changed_meanwhile_is_a_conflict_to_decide(
    report: Report, items: list[ReportItem], reporter: User
) -> None:
    content = made(report)
    other = member(report, "reporter")
    enter_many(
        report.pk,
        by=other,
        changes=[Change(items[0].pk, Typed(Decimal(1))), Change(items[1].pk, Typed(Decimal(2)))],
    )
    mine = fill(content, {"ho-so-truc-tuyen": {"Giá trị": "98,5"}, "dinh-danh": {"Giá trị": "3"}})
    upload = sent(report, reporter, mine)
    found = changes(upload)
    # The second cell was not touched in the file: the other's value stays without a question.
    assert set(found) == {"ho-so-truc-tuyen", "dinh-danh"}
    assert (found["ho-so-truc-tuyen"].conflict, found["dinh-danh"].conflict) == (True, False)
    with pytest.raises(UploadRefusedError, match="xung đột"):
        uploading.apply_upload(upload.pk, by=reporter)
    uploading.decide(upload.pk, by=reporter, decisions={found["ho-so-truc-tuyen"].pk: "skip"})
    assert uploading.apply_upload(upload.pk, by=reporter).changed == 1
    values = dict(report.items.values_list("indicator__code", "value"))
    assert values == {"ho-so-truc-tuyen": 1, "ky-nang-so": 2, "dinh-danh": 3}


def test_what_is_changed_between_preview_and_apply_stops_all_of_it(
    report: Report, items: list[ReportItem], reporter: User
) -> None:
    content = fill(made(report), {code: {"Giá trị": "5"} for code, _name in NAMES})
    upload = sent(report, reporter, content)
    other = member(report, "reporter")
    enter_many(report.pk, by=other, changes=[Change(items[0].pk, Typed(Decimal(1)))])
    with pytest.raises(UploadRefusedError, match="vừa sửa"):
        uploading.apply_upload(upload.pk, by=reporter)
    assert sorted(report.items.values_list("value", flat=True), key=str) == [1, None, None]
    change = changes(upload)["ho-so-truc-tuyen"]
    assert (change.conflict, change.item_version) == (True, 1)
    uploading.decide(upload.pk, by=reporter, decisions={change.pk: "take"})
    assert uploading.apply_upload(upload.pk, by=reporter).changed == 3


def test_one_unreadable_cell_stops_all_of_it(
    report: Report, items: list[ReportItem], reporter: User
) -> None:
    content = fill(
        made(report),
        {"ho-so-truc-tuyen": {"Giá trị": "khoảng 98"}, "dinh-danh": {"Giá trị": "5"}},
    )
    upload = sent(report, reporter, content)
    assert changes(upload)["ho-so-truc-tuyen"].problems == ["value"]
    with pytest.raises(UploadRefusedError, match="không đọc được"):
        uploading.apply_upload(upload.pk, by=reporter)
    assert not report.items.exclude(value=None).exists()


def test_the_template_is_known_by_its_mark_and_no_other_will_do(
    report: Report, items: list[ReportItem], reporter: User, percent: Unit
) -> None:
    content = made(report)
    other = make(Report, organisation=report.organisation)
    assert sent(other, reporter, content).problems[0]["code"] == "other_report"
    Report.objects.filter(pk=report.pk).update(edition=2)
    assert sent(report, reporter, content).problems[0]["code"] == "other_edition"
    book = opened(content)
    book[MARK_SHEET]["A1"].value = book[MARK_SHEET]["A1"].value[:-3] + "abc"
    forged = sent(report, reporter, saved(book))
    assert (forged.state, forged.problems[0]["code"]) == ("refused", "forged")


def test_the_template_is_read_after_people_have_worked_on_it(
    report: Report, items: list[ReportItem], reporter: User
) -> None:
    """Renamed, sorted, columns moved and added, rows and titles put above."""
    book = opened(fill(made(report), {"ky-nang-so": {"Giá trị": "12,5"}}))
    page = book["Số liệu"]
    page.title = "Bản của Nam"
    for merged in list(page.merged_cells.ranges):
        page.unmerge_cells(str(merged))
    page.insert_rows(1, 4)
    page.insert_cols(1, 2)
    page["A1"] = "BẢNG TỔNG HỢP"
    book.move_sheet(page, 1)
    upload = sent(report, reporter, saved(book))
    assert (upload.state, upload.problems) == ("ready", [])
    assert {code: one.value for code, one in changes(upload).items()} == {
        "ky-nang-so": Decimal("12.5")
    }


FOREIGN: Sequence[Sequence[Any]] = [
    ["UBND TỈNH X", None, None, None],
    [None, None, None, None],
    ["STT", "TÊN CHỈ TIÊU", "Kết quả năm {year} (%)", "Ghi chú"],
    ["I", "CHÍNH QUYỀN SỐ", None, None],
    [1, "  ty le HO SO xu ly truc tuyen", "98,5", None],
    [2, "Tỷ lệ người dân có kỹ năng số", 45.5, "ước tính"],
    [3, "3. Tỷ lệ người dân có định danh điện tử (%)", None, None],
    [4, "Chỉ tiêu lạ", 7, None],
    [None, "Tổng cộng", 151, None],
]


@pytest.mark.parametrize("kind", ["xlsx", "xls", "ods", "csv", "cp1258"])
def test_files_that_people_have_are_read_by_name_and_say_so(
    report: Report, items: list[ReportItem], reporter: User, kind: str
) -> None:
    year = report.cycle.period[:4]
    rows = [
        [cell.format(year=year) if isinstance(cell, str) else cell for cell in row]
        for row in FOREIGN
    ]
    if kind == "cp1258":
        from tests.spreadsheets.test_reading import windows_1258

        lines = (";".join("" if cell is None else str(cell) for cell in row) for row in rows)
        content, name = windows_1258("\r\n".join(lines)), "a.csv"
    else:
        writers: dict[str, Callable[[Rows], bytes]] = {
            "xlsx": xlsx,
            "xls": xls,
            "ods": ods,
            "csv": comma_separated,
        }
        content, name = writers[kind](rows), f"Báo cáo.{kind}"
    upload = sent(report, reporter, content, name)
    assert upload.state == "ready", upload.problems
    found = changes(upload)
    assert {code: (one.value, one.matched_by) for code, one in found.items()} == {
        "ho-so-truc-tuyen": (Decimal("98.5"), "similar"),
        "ky-nang-so": (Decimal("45.5"), "name"),
    }
    assert [(one["code"], one["names"]["text"]) for one in upload.problems] == [
        ("not_in_report", "Chỉ tiêu lạ"),
        ("total", "Tổng cộng"),
    ]
    assert uploading.apply_upload(upload.pk, by=reporter).changed == 2


def test_two_rows_for_one_item_are_named_and_stop_it(
    report: Report, items: list[ReportItem], reporter: User
) -> None:
    rows: Rows = [["Mã", "Giá trị"], ["ky-nang-so", 1], ["dinh-danh", 2], ["ky-nang-so", 3]]
    upload = sent(report, reporter, xlsx(rows))
    assert upload.problems[0]["code"] == "twice"
    assert upload.problems[0]["names"]["places"] == "Số liệu 2, Số liệu 4"
    with pytest.raises(UploadRefusedError):
        uploading.apply_upload(upload.pk, by=reporter)


def test_cells_in_a_per_cent_format_mean_what_they_show(
    report: Report, items: list[ReportItem], reporter: User
) -> None:
    rows: Rows = [["Mã", "Giá trị"], ["ky-nang-so", 0.985]]
    upload = sent(report, reporter, xlsx(rows, percent=["B2"]))
    assert changes(upload)["ky-nang-so"].value == Decimal("98.5")


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([["Mã", "Nội dung"], ["a", "b"]], "no_heading"),
        ([["Mã", "Kết quả", "Thực hiện"], ["ky-nang-so", 1, 2]], "unclear_heading"),
        ([["Mã", "Giá trị 1999"], ["ky-nang-so", 1]], "no_heading"),
    ],
)
def test_tables_without_a_clear_heading_are_refused(
    report: Report, items: list[ReportItem], reporter: User, rows: Any, code: str
) -> None:
    upload = sent(report, reporter, xlsx(rows))
    assert (upload.state, upload.problems[0]["code"]) == ("refused", code)


def test_a_heading_over_two_rows_with_merged_cells(
    report: Report, ratio: ReportItem, reporter: User
) -> None:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    for row in (
        ["TT", "Chỉ tiêu", "Kết quả thực hiện", None, None, "Ghi chú"],
        [None, None, "Tử số", "Mẫu số", "Tỷ lệ (%)", None],
        [1, "Tỷ lệ có hai số", 30, 40, 75, "x"],
    ):
        page.append(row)
    page.merge_cells("C1:E1")
    for column in "ABF":
        page.merge_cells(f"{column}1:{column}2")
    upload = sent(report, reporter, saved(book))
    assert upload.state == "ready", upload.problems
    change = changes(upload)["ti-le"]
    typed = uploading.typed_of(change)
    assert typed == Typed(Decimal(75), Decimal(30), Decimal(40), note="x")


def test_a_refused_file_changes_nothing_and_says_why(
    report: Report, items: list[ReportItem], reporter: User
) -> None:
    upload = sent(report, reporter, b"%PDF-1.7", "a.xlsx")
    assert (upload.state, upload.problems[0]["code"]) == ("refused", "kind")
    with pytest.raises(UploadRefusedError, match="không còn chờ"):
        uploading.apply_upload(upload.pk, by=reporter)


def test_only_spreadsheets_are_taken_and_only_while_the_report_is_open(
    report: Report, items: list[ReportItem], reporter: User
) -> None:
    for name, content in {"a.exe": b"MZ", "a.xlsm": b"PK", "a": b"x", "a.csv": b""}.items():
        with pytest.raises(UploadRefusedError):
            uploading.hand_in(report.pk, SimpleUploadedFile(name, content), by=reporter)
    sent_report = make(Report, state="submitted")
    with pytest.raises(UploadRefusedError, match="không còn mở"):
        uploading.hand_in(sent_report.pk, SimpleUploadedFile("a.csv", b"a"), by=reporter)


def test_a_second_click_is_the_same_upload_and_a_new_file_replaces_it(
    report: Report, items: list[ReportItem], reporter: User
) -> None:
    def hand_in(content: bytes) -> Upload:
        return uploading.hand_in(report.pk, SimpleUploadedFile("a.csv", content), by=reporter)

    first = hand_in(b"a,b")
    assert hand_in(b"a,b") == first
    second = hand_in(b"a,c")
    first.refresh_from_db()
    assert (first.state, second.state) == ("discarded", "waiting")
    assert not uploading.read_upload(first.pk)


def test_a_worker_that_died_is_followed_by_another_and_not_for_ever(
    report: Report, items: list[ReportItem], reporter: User
) -> None:
    content = xlsx([["Mã", "Giá trị"], ["ky-nang-so", 1]])
    upload = uploading.hand_in(report.pk, SimpleUploadedFile("a.xlsx", content), by=reporter)
    Upload.objects.filter(pk=upload.pk).update(state="reading", attempts=1)
    assert uploading.unread_uploads() == [upload.pk]
    assert uploading.read_upload(upload.pk)
    upload.refresh_from_db()
    assert (upload.state, upload.attempts, upload.changes.count()) == ("ready", 2, 1)
    assert not uploading.read_upload(upload.pk)
    Upload.objects.filter(pk=upload.pk).update(state="reading", attempts=3)
    assert not uploading.read_upload(upload.pk)
    upload.refresh_from_db()
    assert (upload.state, upload.problems[0]["code"]) == ("refused", "worker")


def test_a_dropped_upload_is_not_applied(
    report: Report, items: list[ReportItem], reporter: User
) -> None:
    upload = sent(report, reporter, xlsx([["Mã", "Giá trị"], ["ky-nang-so", 1]]))
    uploading.discard(upload.pk, by=reporter)
    uploading.discard(upload.pk, by=reporter)
    with pytest.raises(UploadRefusedError):
        uploading.apply_upload(upload.pk, by=reporter)
