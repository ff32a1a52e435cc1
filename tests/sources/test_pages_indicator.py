"""The page of an indicator: which run brought a value, and when its sources were last asked."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from targets.models import DataVersion, Observation, Organisation, Series, SeriesMapping, SourceRun
from tests.factory import make
from tests.pages.reading import page, section, text, words
from tests.sources.test_pages_list import ran, source

pytestmark = pytest.mark.usefixtures("catalogue_db")
CODE = "digital-economy-gdp"
PATH = f"/chi-tieu/{CODE}/"


def official() -> Series:
    return Series.objects.get(indicator__code=CODE, official=True)


def run_of(**given: object) -> SourceRun:
    one = source("Nguồn A", **given)
    make(SeriesMapping, data_source=one, series=official())
    now = timezone.now()
    return make(SourceRun, data_source=one, status="succeeded", added=2,
                started_at=now - dt.timedelta(hours=1), finished_at=now)  # fmt: skip


def test_an_indicator_that_nobody_pulls_says_nothing_of_checks(client: Client) -> None:
    SeriesMapping.objects.all().delete()
    html = page(client, PATH)
    assert "kiem-tra" not in html
    assert "<!--live-->" in html


def test_a_check_shows_at_once_although_the_page_is_kept(client: Client) -> None:
    run = run_of()
    said = section(page(client, PATH), "kiem-tra")
    assert "Kiểm tra lần cuối: hôm nay 09:00, nguồn Nguồn A ; nguồn có số mới." in said
    assert "Lượt tới: ngày mai 06:30" in said
    version = DataVersion.objects.get(pk=1).number
    later = timezone.now() + dt.timedelta(minutes=30)
    make(SourceRun, data_source=run.data_source, status="unchanged", started_at=later,
         finished_at=later)  # fmt: skip
    said = section(page(client, PATH), "kiem-tra")
    assert "Kiểm tra lần cuối: hôm nay 09:30, nguồn Nguồn A ; không có gì mới." in said
    assert DataVersion.objects.get(pk=1).number == version


def test_what_is_wrong_with_a_source_is_told(client: Client) -> None:
    run = run_of(paused_until=timezone.now() + dt.timedelta(hours=5), failures=6)
    ran(run.data_source, 0, status="failed", outcome="timeout")
    said = section(page(client, PATH), "kiem-tra")
    assert "Tạm ngắt đến 14:00 sau 6 lần lỗi liên tiếp" in said
    run.data_source.failures, run.data_source.paused_until = 1, None
    run.data_source.save()
    failed = timezone.now() + dt.timedelta(minutes=1)
    make(SourceRun, data_source=run.data_source, status="failed", outcome="timeout",
         started_at=failed, finished_at=failed)  # fmt: skip
    assert "Lượt gần nhất thất bại" in section(page(client, PATH), "kiem-tra")
    SourceRun.objects.all().delete()
    assert "Chưa kiểm tra lần nào, nguồn Nguồn A" in text(client, PATH)
    run.data_source.enabled = False
    run.data_source.save()
    assert "Đang tắt" in section(page(client, PATH), "kiem-tra")


def test_an_earlier_day_says_nothing_of_today(client: Client) -> None:
    run_of()
    assert "kiem-tra" not in page(client, f"{PATH}?as_of=2026-01-01")


def test_a_value_leads_to_the_source_that_brought_it(client: Client) -> None:
    run = run_of(synthetic=True)
    make(
        Observation, series=official(), organisation=Organisation.objects.get(code="VN"),
        period="2026", value=20, run=run, synthetic=True, known_on=timezone.localdate(),
    )  # fmt: skip
    html = page(client, PATH)
    row = html.partition('id="so-lieu"')[2].partition(">2026<")[2].partition("</tr>")[0]
    assert f'<a href="/nguon-so-lieu/{run.data_source.slug}/">Nguồn A</a>' in row
    assert "lấy 08:00, 22/11/2026 từ" in words(row)
    assert "số liệu giả định" in row
    english = page(client, PATH, language="en")
    assert f'href="/nguon-so-lieu/{run.data_source.slug}/"' in english


def test_a_kept_page_costs_one_query_more(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    run_of()
    page(client, PATH)
    with django_assert_num_queries(2):
        client.get(PATH)
