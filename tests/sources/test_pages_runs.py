"""The page of a source and of a run, and "pull it now"."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from targets.models import (
    COUNTRY_CODE,
    DataSource,
    HeldValue,
    Observation,
    Organisation,
    OrganisationName,
    RunRejection,
    SeriesMapping,
    SourceRun,
)
from tests.factory import make
from tests.pages.reading import page, text
from tests.sources.test_pages_list import NOW, ran, signed_in, source

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def noon() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def here(of: DataSource) -> str:
    return f"/nguon-so-lieu/{of.slug}/"


def test_the_public_reads_what_a_source_is_and_when_it_was_asked(client: Client) -> None:
    one = source("Nguồn", licence="CC BY 4.0", trust="review")
    ran(one, 30, added=4)
    run = ran(one, 4, status="failed", outcome="bad-status", detail={"status": 503})
    said = text(client, here(one))
    assert "Nguồn: kiểm tra lần cuối hôm qua 06:01" in said
    assert "mỗi ngày lúc 06:30" in said
    assert "CC BY 4.0" in said
    assert "mọi số mới đều chờ điều phối xem xét" in said
    assert "Lượt gần nhất (hôm nay 08:00) thất bại, chưa thay đổi gì." in said
    html = page(client, here(one))
    assert "2 lượt gần nhất: 1 có số mới, 1 thất bại" in html
    for hidden in (one.address, "503", f"/luot/{run.pk}/", "Lấy ngay"):
        assert hidden not in html


def test_who_watches_sees_address_failure_and_runs(client: Client) -> None:
    one = source("Nguồn")
    for hours in range(1, 26):
        run = ran(one, hours, status="failed", outcome="bad-status", detail={"status": 503})
    make(HeldValue, run=run)
    signed_in(client, "auditor")
    html = page(client, here(one))
    assert one.address in html
    assert "Máy chủ của nguồn đang lỗi (503)" in html
    assert "máy chủ nguồn báo lỗi" in html
    assert "1 số của nguồn này đang chờ xem xét" in html
    assert html.count('<th scope="row"><a href="/nguon-so-lieu/luot/') == 20
    assert page(client, here(one) + "?page=2").count('<th scope="row"><a href=') == 5
    assert "Lấy ngay" not in html
    signed_in(client, "administrator")
    html = page(client, here(one))
    assert "Lấy ngay" in html
    assert "Sửa nguồn" in html


def test_series_with_value_period_and_whether_they_reach(client: Client) -> None:
    one = source("Nguồn")
    country = make(Organisation, code=COUNTRY_CODE, kind="country")
    national, local, none = (make(SeriesMapping, data_source=one).series for _number in range(3))
    make(Observation, series=national, organisation=country, period="2024", value=1)
    make(Observation, series=national, organisation=country, period="2025", value=12.5)
    make(Observation, series=local, period="2023")
    make(Observation, series=local, period="2023")
    said = text(client, here(one))
    assert "12,5 2025 2 kỳ có số của năm mới nhất đến hạn" in said
    assert "2 cơ quan 2023 1 kỳ chưa có số của 2025" in said
    assert none
    assert "chưa có số nào" in said


def test_every_state_of_a_source_that_brought_nothing(client: Client) -> None:
    assert "Bật nguồn để nó chạy theo lịch" in text(client, here(source("Tắt", enabled=False)))
    said = text(client, here(source("Mới", schedule="0 6 1 1 *")))
    assert "chưa đọc được lần nào" in said
    assert "Lượt đầu tiên: 06:00, 01/01/2027" in said
    assert "Chưa khai báo chuỗi nào" in said
    pushed = source("Gửi", adapter="push", schedule="")
    assert "Mã truy cập quyết định" in text(client, here(pushed))
    page(client, "/nguon-so-lieu/khong-co/", status=404)


def test_pulling_by_hand(client: Client, django_capture_on_commit_callbacks: Any) -> None:
    one = source("Nguồn")
    by = signed_in(client, "coordinator")
    address = reverse("source-pull", args=[one.slug])
    response = client.post(address)
    run = SourceRun.objects.get()
    assert (run.kind, run.status, run.by) == ("manual", "waiting", by)
    assert response.headers["Location"] == f"/nguon-so-lieu/luot/{run.pk}/"
    again = client.post(address, follow=True)
    assert SourceRun.objects.count() == 1
    assert again.redirect_chain[-1][0] == f"/nguon-so-lieu/luot/{run.pk}/"
    assert "đang có một lượt chạy" in again.content.decode()
    html = page(client, here(one))
    assert "Đang có một lượt chạy: xem" in html
    assert "Lấy ngay" not in html


def test_a_source_that_is_off_is_not_pulled(client: Client) -> None:
    one = source("Nguồn", enabled=False)
    signed_in(client, "administrator")
    assert "Lấy ngay" not in page(client, here(one))
    response = client.post(reverse("source-pull", args=[one.slug]), follow=True)
    assert "Hãy bật nguồn trước" in response.content.decode()
    assert not SourceRun.objects.exists()


def test_a_run_in_full(client: Client) -> None:
    one = source("Nguồn")
    series = make(SeriesMapping, data_source=one).series
    body = make(OrganisationName, short_vi="Tỉnh A").organisation
    run = ran(
        one, 4, rows_read=40, added=1, revised=1, unchanged=5, held=1, rejected=32, requests=3,
        retries=2, bytes=1_200_000, checksum="ab" * 32,
        rejections={"number": 31, "gone": 1},
    )  # fmt: skip
    for place in range(1, 11):
        make(RunRejection, run=run, place=place, field="gia_tri", shown=f"n/a {place}")
    old = make(Observation, series=series, organisation=body, value=11, superseded_at=NOW,
               recorded_at=NOW - dt.timedelta(days=9))  # fmt: skip
    make(Observation, series=series, organisation=body, value=12, run=run, recorded_at=NOW)
    make(Observation, series=series, organisation=body, period="2025", value=14, run=run,
         synthetic=True, recorded_at=NOW)  # fmt: skip
    held = make(HeldValue, run=run, series=series, organisation=body, value=99, standing=old)
    address = f"/nguon-so-lieu/luot/{run.pk}/"
    signed_in(client, "leadership")
    said = text(client, address)
    assert "Lượt 08:00, 22/11/2026: Thành công" in said
    assert "Đã lấy xong: 1 số mới, 1 số được sửa, 1 số chờ xem xét, 32 dòng bị loại." in said
    assert "Yêu cầu đã gửi 3 thử lại 2 lần" in said
    assert "1,2 MB" in said.replace("\u00a0", " ")
    assert "Mất 1 phút" in said
    assert "ab" * 32 in said
    assert "Tỉnh A 2024 11 12" in said
    assert "2025" in said
    assert "số liệu giả định" in said
    assert "Không đọc được số. 31 dòng" in said
    assert "10 gia_tri n/a 10" in said
    assert "và 21 dòng nữa vì cùng lý do" in said
    assert "gone 1 dòng" in said  # a reason of an earlier version
    assert "Đang công bố 11" in said
    assert "Số mới 99" in said
    assert "Xem xét các số này" not in said
    signed_in(client, "coordinator")
    assert f"/cho-xem-xet/?run={run.pk}" in page(client, address)
    assert held.pk


def test_a_failed_run_says_what_to_do(client: Client) -> None:
    run = ran(source("Nguồn"), 4, status="failed", outcome="columns-changed",
              detail={"missing": ["GDP"], "found": ["gdp"]})  # fmt: skip
    signed_in(client, "administrator")
    said = text(client, f"/nguon-so-lieu/luot/{run.pk}/")
    assert "thiếu cột hoặc cột đổi tên" in said
    assert "Hãy sửa cách hiểu dữ liệu cho khớp" in said
    assert "dòng đã đọc" not in said


def test_a_trial_shows_what_would_become_of_its_rows(client: Client) -> None:
    one = source("Nguồn")
    series = make(SeriesMapping, data_source=one).series
    body = make(OrganisationName, short_vi="Tỉnh A").organisation
    row = {"place": 1, "indicator": series.indicator.code, "series": series.code,
           "organisation": body.code, "period": "2024", "value": "12.50"}  # fmt: skip
    run = ran(one, 1, kind="trial", rows_read=3, added=1, held=1, rejected=1, preview=[
        {**row, "written": "1.250", "action": "added", "reason": ""},
        {**row, "place": 2, "action": "held", "reason": "range jump"},
        {**row, "place": 3, "indicator": None, "organisation": None, "value": "x",
         "action": "rejected", "reason": "number"},
    ])  # fmt: skip
    signed_in(client, "administrator")
    said = text(client, f"/nguon-so-lieu/luot/{run.pk}/")
    assert "Chạy thử xong: đọc được, không ghi gì vào hệ thống." in said
    assert "Tỉnh A 2024 1.250 12,5 số mới" in said
    assert "chờ xem xét ngoài khoảng hợp lý, thay đổi đột ngột" in said
    assert "x bị loại Không đọc được số." in said


def test_a_run_that_goes_on_asks_until_it_is_over(client: Client) -> None:
    run = ran(source("Nguồn"), 0, status="running")
    signed_in(client, "coordinator")
    progress = reverse("source-run-progress", args=[run.pk])
    html = page(client, f"/nguon-so-lieu/luot/{run.pk}/")
    assert f'hx-get="{progress}"' in html
    assert "Đang lấy và đọc số liệu." in html
    answer = client.get(progress)
    assert answer.status_code == 200
    assert "hx-get" in answer.content.decode()
    SourceRun.objects.filter(pk=run.pk).update(status="unchanged", finished_at=NOW)
    answer = client.get(progress)
    assert answer.status_code == 286
    assert answer.headers["HX-Refresh"] == "true"
    assert "hx-get" not in page(client, f"/nguon-so-lieu/luot/{run.pk}/")


def test_runs_are_nobody_elses_business(client: Client) -> None:
    run = ran(source("Nguồn"), 4)
    address = f"/nguon-so-lieu/luot/{run.pk}/"
    assert client.get(address).status_code == 302
    signed_in(client, "auditor")
    page(client, address)
    page(client, "/nguon-so-lieu/luot/999999/", status=404)
