"""The list of data sources: states, freshness, coverage; at ten sources and at five hundred."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from targets.models import (
    DataSource,
    HeldValue,
    Observation,
    OrganisationName,
    SeriesMapping,
    SourceRun,
    SystemRole,
)
from targets.sources.runs import scheduling
from tests.factory import make
from tests.pages.reading import page, text

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 22, 5, tzinfo=dt.UTC)  # noon in Hanoi
PATH = "/nguon-so-lieu/"


@pytest.fixture(autouse=True)
def noon() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def signed_in(client: Client, role: str) -> User:
    user = make(User)
    make(SystemRole, user=user, role=role)
    client.force_login(user)
    return user


def source(name: str, **given: Any) -> DataSource:
    made = make(DataSource, **{"name_vi": name, "enabled": True, "schedule": "30 6 * * *", **given})
    scheduling.sync(made, NOW - dt.timedelta(days=60))
    return made


def ran(of: DataSource, hours: float, **given: Any) -> SourceRun:
    at = NOW - dt.timedelta(hours=hours)
    over = {"finished_at": at + dt.timedelta(minutes=1)}
    if given.get("status", "succeeded") == "running":
        over = {}
    values = {"status": "succeeded", "started_at": at, **over, **given}
    return make(SourceRun, data_source=of, **values)


def row(html: str, name: str) -> str:
    """The words of one source's row."""
    found = re.search(rf"<li>(?:(?!</li>).)*{re.escape(name)}.*?</li>", html, re.DOTALL)
    assert found, name
    return " ".join(re.sub(r"<[^>]+>", " ", found[0]).split())


def test_no_source_yet(client: Client) -> None:
    said = text(client, PATH)
    assert "Chưa có nguồn số liệu nào" in said
    assert "Quản trị khai báo nguồn" in said


def test_each_state_is_told_plainly(client: Client) -> None:
    fine = source("Tốt")
    ran(fine, 5, added=3)
    ran(fine, 4, status="unchanged")
    failing = source("Lỗi")
    ran(failing, 28, added=1)
    ran(failing, 4, status="failed", outcome="timeout")
    paused = source("Ngắt", failures=5, paused_until=NOW + dt.timedelta(hours=2))
    ran(paused, 4, status="failed", outcome="timeout")
    asked = source("Chờ", failures=1, paused_until=NOW + dt.timedelta(hours=2))
    ran(asked, 4, status="failed", outcome="rate-limited")
    silent = source("Lâu rồi")
    ran(silent, 24 * 9)
    source("Mới", schedule="0 6 1 1 *")
    source("Tắt", enabled=False)
    html = page(client, PATH)
    assert "7 nguồn số liệu, 4 cần chú ý" in html
    assert "Bình thường" in row(html, "Tốt")
    assert "Kiểm tra lần cuối hôm nay 08:01" in row(html, "Tốt")
    assert "Có gì mới lần cuối hôm nay 07:01" in row(html, "Tốt")
    assert "Lượt tới ngày mai 06:30" in row(html, "Tốt")
    assert "Lượt gần nhất: Không có gì mới , hôm nay 08:00" in row(html, "Tốt")
    assert "Lượt gần nhất thất bại" in row(html, "Lỗi")
    assert "Kiểm tra lần cuối hôm qua 08:01" in row(html, "Lỗi")
    assert "Tạm ngắt đến 14:00 sau 5 lần lỗi liên tiếp" in row(html, "Ngắt")
    assert "Tạm ngắt đến 14:00 vì nguồn yêu cầu chờ" in row(html, "Chờ")
    assert "Không đọc được lần nào trong 8 ngày, quá hai kỳ theo lịch" in row(html, "Lâu rồi")
    assert "Chưa chạy lần nào" in row(html, "Mới")
    assert "Đang tắt" in row(html, "Tắt")
    assert "không, nguồn đang tắt" in row(html, "Tắt")


def test_a_trial_is_neither_a_check_nor_the_last_run(client: Client) -> None:
    tried = source("Thử", schedule="0 6 1 1 *")
    ran(tried, 1, kind="trial", status="failed", outcome="timeout")
    ran(tried, 2, kind="trial")
    assert "Chưa chạy lần nào" in row(page(client, PATH), "Thử")


def test_coverage_counts_the_series_that_reach_the_latest_due_year(client: Client) -> None:
    covered = source("Đủ")
    mappings = [make(SeriesMapping, data_source=covered) for _number in range(3)]
    ran(covered, 4)
    for mapping, years in zip(mappings, ((2019, 2025), (2024,), ()), strict=True):
        for year in years:
            make(Observation, series=mapping.series, period=str(year))
    said = row(page(client, PATH), "Đủ")
    assert "1 trong 3 chuỗi có số của năm mới nhất đến hạn; 2019–2025" in said
    # A value every two years is in force for two; one that cannot be measured is due until then.
    late = mappings[1].series.indicator
    late.interval_years = 2
    late.save()
    assert "2 trong 3 chuỗi" in row(page(client, PATH), "Đủ")


def test_who_watches_sees_what_is_held_and_the_way_to_runs(client: Client) -> None:
    one = source("Nguồn", owner=(owner := make(OrganisationName, short_vi="Bộ X").organisation))
    assert owner
    run = ran(one, 4)
    make(HeldValue, run=run)
    public = page(client, PATH)
    assert "Bộ X" in row(public, "Nguồn")
    assert "chờ xem xét" not in row(public, "Nguồn")
    assert f"/luot/{run.pk}/" not in public
    signed_in(client, "leadership")
    html = page(client, PATH)
    assert "1 số chờ xem xét" in row(html, "Nguồn")
    assert f"/luot/{run.pk}/" in html
    assert "/cho-xem-xet/?source=" not in html
    signed_in(client, "coordinator")
    assert "/cho-xem-xet/?source=" in page(client, PATH)


def test_search_without_accents_and_filters(client: Client) -> None:
    source("Cục Thống kê")
    off = source("Ngân hàng Thế giới", enabled=False)
    assert off
    assert "Cục Thống kê" in text(client, f"{PATH}?q=thong+ke")
    assert "Ngân hàng" not in text(client, f"{PATH}?q=thong+ke")
    said = text(client, f"{PATH}?state=off")
    assert "Ngân hàng Thế giới" in said
    assert "Cục Thống kê" not in said
    assert "Không có nguồn nào khớp" in text(client, f"{PATH}?q=khong+co+gi")
    assert "Cục Thống kê" in text(client, f"{PATH}?state=x&page=-1")


@pytest.mark.parametrize("role", ["", "coordinator"])
def test_queries_do_not_grow_with_the_sources(client: Client, role: str) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            page(client, PATH)
        return len(queries)

    owner = make(OrganisationName).organisation
    if role:
        signed_in(client, role)
    for number in range(10):
        one = source(f"Nguồn {number}", owner=owner)
        make(SeriesMapping, data_source=one)
        ran(one, 4)
    page(client, PATH)
    few = count()
    more = DataSource.objects.bulk_create(
        DataSource(
            slug=f"them-{number}",
            name_vi=f"Thêm {number}",
            name_en=f"More {number}",
            adapter="table",
            address="https://data.example/x.csv",
            schedule="30 6 * * *",
            enabled=number % 5 > 0,
            owner=owner,
        )
        for number in range(490)
    )
    runs = SourceRun.objects.bulk_create(
        SourceRun(
            data_source=one,
            kind="scheduled",
            status="unchanged",
            started_at=NOW - dt.timedelta(hours=hours),
            finished_at=NOW - dt.timedelta(hours=hours),
        )
        for one in more
        for hours in (4, 28)
    )
    assert len(runs) == 980
    html = page(client, PATH)
    assert html.count('<li>\n<div class="what">') == 25
    assert "500 nguồn số liệu" in html
    assert "Trang" in html
    # What depends on the reader (session, account, roles, notices) comes to four.
    assert count() == few <= (10 if not role else 14)
    assert page(client, f"{PATH}?page=20").count('<div class="what">') == 25
