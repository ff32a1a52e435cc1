"""An upload of 5,000 rows: the work of the worker, and of the requests around it."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from targets.models import Indicator, Pillar, Report, ReportItem, Series, Unit, Upload
from targets.reporting import uploading
from tests.factory import make
from tests.spreadsheets.files import ods, xls, xlsx

ROWS = 5_000


@pytest.fixture
def large(report: Report, percent: Unit) -> Report:
    """A report that owes 5,000 values."""
    pillar = make(Pillar)
    indicators = Indicator.objects.bulk_create(
        Indicator(
            code=f"chi-tieu-{number}",
            name_vi=f"Tỷ lệ hồ sơ công việc được xử lý trên môi trường mạng, nhóm {number}",
            name_en=f"Share of work files handled online, group {number}",
            pillar=pillar,
            unit=percent,
            direction="up",
            levels=["ministry"],
            definition_vi="định nghĩa",
            definition_en="definition",
        )
        for number in range(ROWS)
    )
    series = Series.objects.bulk_create(
        Series(indicator=one, code="bao-cao", publisher_vi="a", publisher_en="a", official=True)
        for one in indicators
    )
    ReportItem.objects.bulk_create(
        ReportItem(
            report=report,
            position=place,
            indicator=one,
            series=run,
            subject=report.organisation,
        )
        for place, (one, run) in enumerate(zip(indicators, series, strict=True))
    )
    return report


def table() -> list[list[Any]]:
    """All rows with a number as people type it, by name, with columns around it."""
    head = ["STT", "Chỉ tiêu", "Đơn vị", "2023", "2024", "Giá trị", "Ghi chú"]
    rows = [
        [
            number + 1,
            f"Tỷ lệ hồ sơ công việc được xử lý trên môi trường mạng, nhóm {number}",
            "%",
            10.5,
            20.25,
            f"{number % 100},{number % 10}",
            "số liệu của Sở",
        ]
        for number in range(ROWS)
    ]
    return [head, *rows]


@pytest.mark.parametrize("write", [xlsx, xls, ods])
def test_a_preview_of_5000_rows_takes_the_worker_less_than_5_seconds(
    large: Report, reporter: User, write: Callable[[list[list[Any]]], bytes]
) -> None:
    upload = uploading.hand_in(
        large.pk, SimpleUploadedFile(f"a.{write.__name__}", write(table())), by=reporter
    )
    before = time.process_time() + _children()
    assert uploading.read_upload(upload.pk)
    spent = time.process_time() + _children() - before
    upload.refresh_from_db()
    assert (upload.state, upload.rows_read, upload.rows_total) == ("ready", ROWS, ROWS)
    assert upload.changes.count() == ROWS
    assert upload.found["recognised"] == ROWS
    assert spent < 5, f"{spent:.2f} s"


def test_the_requests_around_it_do_not_read_the_file(
    large: Report,
    reporter: User,
    sign_in: Callable[[User], Client],
    django_assert_max_num_queries: Any,
) -> None:
    client = sign_in(reporter)
    content = xlsx(table())
    started = time.process_time() + _children()
    file = SimpleUploadedFile("a.xlsx", content)
    answer = client.post(reverse("report-upload", args=[large.pk]), {"file": file})
    spent = time.process_time() + _children() - started
    upload = Upload.objects.get()
    assert answer["Location"] == reverse("upload", args=[upload.pk])
    assert upload.state == "waiting"
    assert spent < 1
    assert uploading.read_upload(upload.pk)
    with django_assert_max_num_queries(25):
        page = client.get(reverse("upload", args=[upload.pk]))
    assert page.content.decode().count("<tr") == 101
    answer = client.post(reverse("upload-apply", args=[upload.pk]))
    assert answer.status_code == 302
    assert large.items.exclude(value=None).count() == ROWS


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
