"""An upload of 5,000 rows, in the worker and in the requests around it.

How long it takes, `tests.bench.uploads` measures.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from targets.models import Report, Unit, Upload
from targets.reporting import uploading
from tests.spreadsheets.files import ods, xls, xlsx
from tests.uploads.large import ROWS, owe_much, table


@pytest.fixture
def large(report: Report, percent: Unit) -> Report:
    """A report that owes 5,000 values."""
    owe_much(report, percent)
    return report


@pytest.mark.parametrize("write", [xlsx, xls, ods])
def test_5000_rows_are_read_whole_from_every_kind_of_spreadsheet(
    large: Report, reporter: User, write: Callable[[list[list[Any]]], bytes]
) -> None:
    upload = uploading.hand_in(
        large.pk, SimpleUploadedFile(f"a.{write.__name__}", write(table())), by=reporter
    )
    assert uploading.read_upload(upload.pk)
    upload.refresh_from_db()
    assert (upload.state, upload.rows_read, upload.rows_total) == ("ready", ROWS, ROWS)
    assert upload.changes.count() == ROWS
    assert upload.found["recognised"] == ROWS


def test_the_requests_around_it_do_not_read_the_file(
    large: Report,
    reporter: User,
    sign_in: Callable[[User], Client],
    django_assert_max_num_queries: Any,
) -> None:
    client = sign_in(reporter)
    content = xlsx(table())
    file = SimpleUploadedFile("a.xlsx", content)
    answer = client.post(reverse("report-upload", args=[large.pk]), {"file": file})
    upload = Upload.objects.get()
    assert answer["Location"] == reverse("upload", args=[upload.pk])
    assert upload.state == "waiting"
    assert uploading.read_upload(upload.pk)
    with django_assert_max_num_queries(25):
        page = client.get(reverse("upload", args=[upload.pk]))
    assert page.content.decode().count("<tr") == 101
    answer = client.post(reverse("upload-apply", args=[upload.pk]))
    assert answer.status_code == 302
    assert large.items.exclude(value=None).count() == ROWS
