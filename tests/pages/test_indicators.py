"""The list of indicators and the page of each, over the real catalogue."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from dashboard.caching import register_on
from documents.models import Document
from targets.models import Indicator, Observation, Pillar, Series, Source
from tests.catalogue_database import TODAY
from tests.pages.reading import page, section, text, words

pytestmark = pytest.mark.usefixtures("catalogue_db")


def test_the_list_has_every_indicator_by_pillar(client: Client) -> None:
    html = page(client, "/chi-tieu/")
    codes = set(re.findall(r'href="/chi-tieu/([\w-]+)/"', html))
    assert codes == set(Indicator.objects.values_list("code", flat=True))
    headings = re.findall(r"<h2 id=\"([\w-]+)\">", html)
    assert headings == list(Pillar.objects.values_list("slug", flat=True))


def test_the_list_shows_value_year_and_marks_of_law_and_drafts_apart(client: Client) -> None:
    html = page(client, "/chi-tieu/")
    row = html.partition('href="/chi-tieu/digital-economy-gdp/"')[2].partition("</tr>")[0]
    assert "14,02 % 2025" in words(row)
    marks = re.findall(r'href="(/muc-tieu/[\w-]+/)"', row)
    law, drafts = marks[:4], marks[4:]
    assert all("/dt-" not in url for url in law)
    assert [url.split("/")[2][:6] for url in drafts] == ["dt-cds", "dt-cds"]


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ("?pillar=kinh-te-so", {"digital-economy-gdp", "wef-gci-rank"}),
        ("?status=missed", {"digital-economy-gdp", "egdi-rank-world"}),
        ("?document=cv411", {"rd-gdp", "rd-society-share", "budget-share-sti"}),
        ("?status=attention&pillar=kinh-te-so", {"digital-economy-gdp"}),
    ],
)
def test_the_list_filters(client: Client, query: str, codes: set[str]) -> None:
    found = set(re.findall(r'href="/chi-tieu/([\w-]+)/"', page(client, f"/chi-tieu/{query}")))
    assert codes <= found
    assert "hdi" not in found


def test_the_list_says_when_nothing_fits_and_when_a_word_means_nothing(client: Client) -> None:
    assert "Không có chỉ tiêu nào khớp" in text(client, "/chi-tieu/?document=cv411&status=missed")
    assert "pillar" in text(client, "/chi-tieu/?pillar=nope")
    assert "status" in text(client, "/chi-tieu/?status=good")


def test_documents_that_agree_are_named_with_the_one_to_hold_to(client: Client) -> None:
    said = section(page(client, "/chi-tieu/digital-economy-gdp/"), "yeu-cau")
    assert "57-NQ/TW, 749/QĐ-TTg và Dự thảo 2.0 NQ Chuyển đổi số cùng đòi ≥ 30 % vào 2030." in said
    assert "Lấy theo 57-NQ/TW vì ở cấp cao hơn." in said
    assert "57-NQ/TW: ≥ 30 % vào 2030 (ràng buộc)" in said
    assert "57-NQ/TW ràng buộc vì đang có hiệu lực." in said  # 2045, against the draft alone


def test_a_contradicting_draft_is_named_and_the_law_binds(client: Client) -> None:
    said = text(client, "/chi-tieu/itu-idi-rank/")
    assert "Các văn bản không thống nhất về mốc 2030." in said
    assert (
        "Không thống nhất: 749/QĐ-TTg đòi nhóm 30 vào 2030; "
        "Dự thảo 2.0 NQ Chuyển đổi số đòi nhóm 50 vào 2030. "
        "749/QĐ-TTg ràng buộc vì đang có hiệu lực." in said
    )
    assert (
        "Dự thảo 2.0 NQ Chuyển đổi số không đòi thêm: 749/QĐ-TTg đã đòi nhóm 50 vào 2025." in said
    )


def test_publishers_stay_apart_and_their_difference_is_said(client: Client) -> None:
    said = section(page(client, "/chi-tieu/digital-economy-gdp/"), "so-lieu")
    official, other = said.split("Bộ Thông tin và Truyền thông: Ước tính của Bộ TT&TT", 1)
    assert "chuỗi chính thức, dùng để tính tiến độ" in official
    assert "18,3 %" not in official
    assert "Lệch từ −4,46 điểm phần trăm đến +5,13 điểm phần trăm" in other
    assert "2024 13,17 % 18,3 % +5,13 điểm phần trăm" in other


def test_every_value_has_its_source_edition_caveat_and_earlier_versions(client: Client) -> None:
    html = page(client, "/chi-tieu/digital-economy-gdp/")
    said = section(html, "so-lieu")
    assert "2025 14,02 % Kinh tế số là động lực tăng trưởng quan trọng trong năm 2025" in said
    assert "01/2026 Số ước tính." in said
    assert "2022 12,83 %" in said
    assert "Đã sửa 3 lần" in said
    sources = Source.objects.filter(
        observations__series__indicator__code="digital-economy-gdp",
        observations__organisation__code="VN",
    )
    assert all(source.url in html.replace("&amp;", "&") for source in sources)
    assert html.count("<del>") == 6  # every replaced version of the official series


def test_values_that_were_computed_are_badged(client: Client) -> None:
    assert "tính ra" in text(client, "/chi-tieu/dti-national/")


def test_proxies_stand_apart_with_the_reason(client: Client) -> None:
    said = section(page(client, "/chi-tieu/egdi-rank-world/"), "tham-khao")
    assert "không phải thước đo của mục tiêu" in said
    assert "Điểm, không phải thứ hạng." in said
    beside = text(client, "/chi-tieu/egdi-score/")
    assert "Không văn bản nào đặt mục tiêu cho chỉ tiêu này" in beside
    assert "Được xem bên cạnh" in beside


def test_a_discontinued_indicator_says_why(client: Client) -> None:
    assert "Không còn đo được sau năm 2019" in text(client, "/chi-tieu/wef-gci-rank/")
    assert "Cấp huyện không còn" in text(client, "/chi-tieu/work-files-district/")


def test_an_indicator_without_values_says_so(client: Client) -> None:
    assert "chưa có số liệu" in text(client, "/chi-tieu/once-only-data/")
    assert "data-figure-url" not in page(client, "/chi-tieu/once-only-data/")


def test_provinces_are_ranked_series_by_series(client: Client) -> None:
    html = page(client, "/chi-tieu/dti-province-rank/")
    said = section(html, "dia-phuong")
    among_63, among_34 = said.index("Xếp hạng 63"), said.index("Xếp hạng 34")
    assert "Xếp theo năm 2022" in said
    table = said[min(among_63, among_34) :]
    assert table.index("Đà Nẵng (cũ) nay là Đà Nẵng") < table.index("Quảng Ninh")
    assert "nay là Tuyên Quang" in said
    assert "dti.gov.vn" in said


def test_a_line_is_drawn_only_where_two_values_are_joined(client: Client) -> None:
    html = page(client, "/chi-tieu/")
    joined, alone = (
        html.partition(f'href="/chi-tieu/{code}/"')[2].partition("</tr>")[0]
        for code in ("egdi-rank-world", "itu-idi-rank")
    )
    assert "td-spark" in joined  # every second year, as it is published
    assert "td-spark" not in alone  # 2015 and 2017 of a yearly index


def test_figure_and_its_table(client: Client) -> None:
    html = page(client, "/chi-tieu/egdi-rank-world/?as_of=2026-11-01")
    url = "/bieu-do/indicator-egdi-rank-world.json?as_of=2026-11-01"
    assert f'data-figure-url="{url}"' in html or "chưa có số liệu" in html
    said = section(page(client, "/chi-tieu/egdi-rank-world/"), "dien-bien")
    assert "749/QĐ-TTg: nhóm 70 vào 2025, từ hạng 86 (2020)" in said


def test_in_english(client: Client) -> None:
    said = text(client, "/chi-tieu/digital-economy-gdp/", language="en")
    assert "Digital economy share of GDP: 14.02%" in said
    assert "57-NQ/TW" in said
    assert page(client, "/chi-tieu/", language="en").count("<tr>") > 100


def test_as_of_a_day_before_everything(client: Client) -> None:
    said = text(client, "/chi-tieu/digital-economy-gdp/?as_of=2019-01-01")
    assert "chưa có số liệu" in said
    assert "Vào ngày này chưa văn bản nào đặt mục tiêu" in said
    assert "186 chỉ tiêu, 0 có số liệu" in text(client, "/chi-tieu/?as_of=2001-01-01")


def test_as_of_a_day_between_two_editions_shows_the_one_known_then(client: Client) -> None:
    said = section(page(client, "/chi-tieu/digital-economy-gdp/?as_of=2024-06-01"), "so-lieu")
    assert "2023 12,33 %" in said
    assert "12,87 %" not in said


def test_a_revision_is_shown_as_a_version(client: Client) -> None:
    series = Series.objects.get(indicator__code="gii-rank", official=True)
    first = Observation.objects.current().filter(series=series).latest("period_end")
    Observation.objects.filter(pk=first.pk).update(superseded_at=first.recorded_at)
    Observation.objects.create(
        series=series,
        organisation=first.organisation,
        period=first.period,
        period_start=first.period_start,
        period_end=first.period_end,
        year=first.year,
        value=Decimal(43),
        known_on=dt.date(2026, 11, 22),
        recorded_at=first.recorded_at,
        source=first.source,
        synthetic=True,
    )
    html = page(client, "/chi-tieu/gii-rank/")
    assert "hạng 43 số liệu giả định" in section(html, "so-lieu")
    assert f"hạng 43 ({first.year})" in words(html)
    assert f"<del>hạng {first.value:.0f}</del>" in html.replace("\xa0", " ")


def test_a_source_without_a_web_address_is_not_a_link(client: Client) -> None:
    source = Source.objects.filter(observations__series__indicator__code="gii-rank").first()
    assert source is not None
    Source.objects.filter(pk=source.pk).update(url="javascript:alert(1)")
    assert "javascript:" not in page(client, "/chi-tieu/gii-rank/")


def test_unknown_code_and_bad_day(client: Client) -> None:
    page(client, "/chi-tieu/nope/", status=404)
    assert "Ngày trong địa chỉ không hợp lệ" in page(client, "/chi-tieu/gii-rank/?as_of=2030-01-01")
    assert "Ngày trong địa chỉ không hợp lệ" in page(client, "/chi-tieu/?as_of=yesterday")


@pytest.mark.parametrize(
    ("url", "cold", "warm"),
    # When its sources were last asked is read each time.
    [("/chi-tieu/", 5, 1), ("/chi-tieu/digital-economy-gdp/", 8, 2)],
)
def test_queries(
    client: Client,
    django_assert_num_queries: DjangoAssertNumQueries,
    url: str,
    cold: int,
    warm: int,
) -> None:
    register_on(TODAY)
    with django_assert_num_queries(cold):
        client.get(url)
    with django_assert_num_queries(warm):
        client.get(url)


def test_every_indicator_has_a_page(client: Client) -> None:
    for position, code in enumerate(Indicator.objects.values_list("code", flat=True)):
        html = page(client, f"/chi-tieu/{code}/", language=("vi", "en")[position % 2])
        assert html.count("<h1") == 1


def test_every_clause_is_an_anchor_of_its_document(client: Client) -> None:
    html = page(client, "/chi-tieu/egdi-rank-world/")
    links = re.findall(r'href="/van-ban/([\w-]+)/#(p\d+)"', html)
    assert len(links) >= 7
    for slug, anchor in links:
        assert Document.objects.filter(slug=slug, provisions__position=anchor[1:]).exists()
