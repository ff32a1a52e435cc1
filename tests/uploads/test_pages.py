"""The pages of an upload, with and without script."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from targets.models import Membership, Organisation, Report, ReportItem, Unit, Upload
from targets.models.files import MAX_BYTES
from targets.reporting import uploading
from targets.reporting.entering import Change, Typed, enter_many
from tests.factory import make
from tests.spreadsheets.files import Rows, xlsx
from tests.uploads.conftest import add_items, member
from tests.uploads.test_uploading import NAMES, fill, made

ROWS: Rows = [
    ["Mã", "Giá trị", "Ghi chú"],
    ["ho-so-truc-tuyen", "1.234", None],
    ["ky-nang-so", "khoảng 9", None],
    ["la", 1, None],
]


@pytest.fixture
def items(report: Report, percent: Unit) -> list[ReportItem]:
    return add_items(report, percent, NAMES)


def handed_in(report: Report, by: User, rows: Rows = ROWS) -> Upload:
    file = SimpleUploadedFile("Số <b>liệu.xlsx", xlsx(rows))
    return uploading.hand_in(report.pk, file, by=by)


def text(answer: Any) -> str:
    content: str = answer.content.decode()
    return content


def test_while_it_is_read_the_page_shows_how_far_and_asks_again(
    report: Report, items: list[ReportItem], reporter: User, sign_in: Callable[[User], Client]
) -> None:
    client = sign_in(reporter)
    upload = handed_in(report, reporter)
    page = text(client.get(reverse("upload", args=[upload.pk])))
    assert "Đang chờ đến lượt đọc tệp" in page
    assert "http-equiv" in page
    assert "Số _b_liệu.xlsx" in page
    Upload.objects.filter(pk=upload.pk).update(state="reading", rows_read=2, rows_total=3)
    answer = client.get(reverse("upload-progress", args=[upload.pk]))
    assert answer.status_code == 200
    assert "Đã đọc 2 / 3 dòng" in text(answer)
    assert 'value="2"' in text(answer)
    uploading.read_upload(upload.pk)
    answer = client.get(reverse("upload-progress", args=[upload.pk]))
    assert (answer.status_code, answer["HX-Refresh"]) == (286, "true")


def test_the_preview_shows_every_cell_how_it_was_read_and_what_is_wrong(
    report: Report, items: list[ReportItem], reporter: User, sign_in: Callable[[User], Client]
) -> None:
    client = sign_in(reporter)
    upload = handed_in(report, reporter)
    uploading.read_upload(upload.pk)
    address = reverse("upload", args=[upload.pk])
    page = text(client.get(address))
    assert "2 thay đổi chờ bạn xác nhận" in page
    assert "<ins>1,234\u202f%</ins>" in page
    assert "dấu chấm là dấu thập phân" in page
    assert "“khoảng 9” không phải là số chính xác" in page
    assert "“la” không có trong báo cáo này" in page
    assert "Chưa áp dụng được" in page
    assert "disabled" in page
    bad = text(client.get(address, {"loc": "loi"}))
    assert "khoảng 9" in bad
    assert "1,234" not in bad
    assert client.get(address, {"loc": "x", "page": "99"}).status_code == 200
    client.cookies["django_language"] = "en"
    assert "1.234%" in text(client.get(address))


def test_apply_and_discard_from_the_page(
    report: Report, items: list[ReportItem], reporter: User, sign_in: Callable[[User], Client]
) -> None:
    client = sign_in(reporter)
    good: Rows = [["Mã", "Giá trị"], ["ho-so-truc-tuyen", 5]]
    upload = handed_in(report, reporter, good)
    uploading.read_upload(upload.pk)
    answer = client.post(reverse("upload-apply", args=[upload.pk]))
    assert answer["Location"].startswith(reverse("report", args=[report.pk]))
    assert report.items.get(indicator__code="ho-so-truc-tuyen").value == 5
    assert "Đã áp dụng 1 thay đổi" in text(client.get(reverse("upload", args=[upload.pk])))
    other = handed_in(report, reporter, ROWS)
    uploading.read_upload(other.pk)
    answer = client.post(reverse("upload-apply", args=[other.pk]))
    assert answer["Location"] == reverse("upload", args=[other.pk])
    client.post(reverse("upload-discard", args=[other.pk]))
    other.refresh_from_db()
    assert other.state == "discarded"


def test_an_upload_left_behind_is_found_on_the_page_of_the_report(
    report: Report, items: list[ReportItem], reporter: User, sign_in: Callable[[User], Client]
) -> None:
    client = sign_in(reporter)
    address = reverse("report", args=[report.pk])
    upload = handed_in(report, reporter)
    link = reverse("upload", args=[upload.pk])
    assert link in text(client.get(address))
    uploading.discard(upload.pk, by=reporter)
    assert link not in text(client.get(address))


def test_a_conflict_is_decided_on_the_page(
    report: Report, items: list[ReportItem], reporter: User, sign_in: Callable[[User], Client]
) -> None:
    content = fill(made(report), {"dinh-danh": {"Giá trị": "3"}})
    other = member(report, "reporter")
    enter_many(report.pk, by=other, changes=[Change(items[2].pk, Typed(Decimal(2)))])
    upload = uploading.hand_in(report.pk, SimpleUploadedFile("a.xlsx", content), by=reporter)
    uploading.read_upload(upload.pk)
    client = sign_in(reporter)
    page = text(client.get(reverse("upload", args=[upload.pk])))
    change = upload.changes.get()
    assert f'name="chon-{change.pk}" value="take"' in page
    assert other.get_username() in page
    client.post(reverse("upload-apply", args=[upload.pk]))
    assert ReportItem.objects.get(pk=items[2].pk).value == 2
    client.post(reverse("upload-apply", args=[upload.pk]), {f"chon-{change.pk}": "take"})
    assert ReportItem.objects.get(pk=items[2].pk).value == 3


def test_what_cannot_be_read_is_said_on_its_page(
    report: Report, items: list[ReportItem], reporter: User, sign_in: Callable[[User], Client]
) -> None:
    client = sign_in(reporter)
    address = reverse("report-upload", args=[report.pk])
    answer = client.post(address, {"file": SimpleUploadedFile("a.xlsx", b"%PDF-1.7")})
    upload = Upload.objects.get()
    assert answer["Location"] == reverse("upload", args=[upload.pk])
    uploading.read_upload(upload.pk)
    assert "không đúng với đuôi “.xlsx”" in text(client.get(answer["Location"]))
    for data in (
        {},
        {"file": SimpleUploadedFile("a.exe", b"MZ")},
        {"file": SimpleUploadedFile("a.csv", b"x" * (MAX_BYTES + 1))},
    ):
        answer = client.post(address, data)
        assert answer["Location"] == reverse("report", args=[report.pk])
    assert Upload.objects.count() == 1


def test_the_template_is_for_those_who_may_see_the_report(
    report: Report, items: list[ReportItem], reporter: User, client: Client, elsewhere: Organisation
) -> None:
    address = reverse("report-workbook", args=[report.pk])
    upload = handed_in(report, reporter)
    assert client.get(address).status_code == 302
    stranger = make(User)
    make(Membership, user=stranger, organisation=elsewhere, role="reporter")
    client.force_login(stranger)
    assert client.get(address).status_code == 404
    assert client.get(reverse("upload", args=[upload.pk])).status_code == 404
    client.force_login(member(report, "viewer"))
    answer = client.get(address)
    assert answer["Content-Disposition"].startswith('attachment; filename="bao-cao-')
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert client.post(reverse("upload-apply", args=[upload.pk])).status_code == 403
