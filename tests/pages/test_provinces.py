"""The list of provinces and the page of each, over the real catalogue."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from dashboard.caching import register_on
from targets.assessing import assess_batch
from targets.models import Indicator, MapTile, Observation, Organisation, Series, Source, Succession
from tests.catalogue_database import TODAY
from tests.pages.reading import page, section, text

pytestmark = pytest.mark.usefixtures("catalogue_db")


def record(code: str, period: str, *, numerator: int, denominator: int) -> None:
    """A share of files handled online at commune level, with its parts."""
    indicator = Indicator.objects.get(code="work-files-commune")
    series, _created = Series.objects.get_or_create(
        indicator=indicator, official=True, defaults={"code": "vpcp", "publisher_vi": "VPCP"}
    )
    year = int(period)
    Observation.objects.create(
        series=series,
        organisation=Organisation.objects.get(code=code),
        period=period,
        period_start=dt.date(year, 1, 1),
        period_end=dt.date(year, 12, 31),
        year=year,
        value=round(Decimal(100 * numerator) / denominator, 8),
        numerator=Decimal(numerator),
        denominator=Decimal(denominator),
        known_on=dt.date(2026, 1, 15),
        recorded_at=dt.datetime(2026, 1, 15, tzinfo=dt.UTC),
        source=Source.objects.get_or_create(title="Sổ theo dõi", url="", publisher="")[0],
    )


def test_the_map_has_every_province_and_both_archipelagos(client: Client) -> None:
    html = page(client, "/dia-phuong/")
    drawing = html.partition('<svg class="td-tiles"')[2].partition("</svg>")[0]
    links = set(re.findall(r'href="/dia-phuong/([\w-]+)/"', drawing))
    assert len(links) == 34
    assert drawing.count("tile inset") == MapTile.objects.filter(kind="island_inset").count() == 2
    assert "Huế (HUE)" not in drawing
    assert "Huế: hạng 4 (HUE)" in drawing


def test_merged_provinces_show_their_predecessors_apart_and_unshaded(client: Client) -> None:
    html = page(client, "/dia-phuong/")
    tile = re.search(r'<a class="([^"]*)" href="/dia-phuong/bac-ninh/">(.*?)</a>', html)
    assert tile is not None
    assert tile[1] == "tile blank"
    assert "9·7" in tile[2]
    assert "chỉ có số của tỉnh cũ: Bắc Giang: hạng 9; Bắc Ninh (cũ): hạng 7" in tile[2]
    said = section(html, "bang")
    assert "Bắc Ninh thành phố Bắc Giang: hạng 9 Bắc Ninh (cũ): hạng 7" in said
    assert "hạng 8 " not in said.partition("Phú Thọ")[0].partition("Bắc Ninh thành phố")[2]


def test_another_measure_can_be_chosen_and_an_unknown_one_is_the_first(client: Client) -> None:
    share = text(client, "/dia-phuong/?do=digital-economy-grdp.mic")
    assert "Tỷ trọng kinh tế số trong GRDP" in share.partition("Số liệu trên bản đồ")[0]
    usual = text(client, "/dia-phuong/")
    assert text(client, "/dia-phuong/?do=nope.x") == usual
    assert text(client, "/dia-phuong/?do=%00<script>") == usual


def test_the_legend_covers_the_numbers_shown(client: Client) -> None:
    html = page(client, "/dia-phuong/")
    legend = html.split('<svg class="td-tiles"')[2]
    assert re.findall(r'class="abbr"[^>]*>([^<]+)<', legend)[:2] == ["3", "13"]
    assert "từ 3 đến 12" in legend


def test_before_the_mergers_there_are_63_and_no_map_of_34(client: Client) -> None:
    html = page(client, "/dia-phuong/?as_of=2025-06-30")
    assert "63 tỉnh, thành phố" in text(client, "/dia-phuong/?as_of=2025-06-30")
    assert "Không có bản đồ ô cho ngày này" in html
    assert "/dia-phuong/ha-giang/" in html
    assert "34 tỉnh, thành phố" in text(client, "/dia-phuong/?as_of=2025-07-01")


def test_a_province_with_its_thresholds_and_none_of_its_own_figures(client: Client) -> None:
    html = page(client, "/dia-phuong/hue/")
    assert "Thành phố Huế phải đạt 10 ngưỡng; chưa có số liệu cho ngưỡng nào" in text(
        client, "/dia-phuong/hue/"
    )
    said = section(html, "nguong")
    assert "Hồ sơ công việc cấp xã xử lý qua mạng ≥ 60 % vào 2025" in said
    assert "Chưa có số liệu của nơi này." in said
    assert "Cấp huyện không còn" in said
    assert "đang chờ" not in said.lower()


def test_drafts_add_their_thresholds_on_demand(client: Client) -> None:
    few = section(page(client, "/dia-phuong/hue/"), "nguong")
    more = section(page(client, "/dia-phuong/hue/?drafts=1"), "nguong")
    assert "Dự thảo" in more.partition("Cả dự thảo")[2]
    assert len(more) > len(few)


def test_a_verdict_on_the_province_itself(client: Client) -> None:
    record("hue", "2025", numerator=70, denominator=100)
    while assess_batch(today=TODAY).claimed:
        pass
    said = text(client, "/dia-phuong/hue/")
    assert "có số liệu cho 2" in said
    assert "Đạt ngưỡng 60 % vào 2025: số liệu năm 2025 là 70 %." in said


def test_predecessors_stand_apart_by_name_with_their_sources(client: Client) -> None:
    said = section(page(client, "/dia-phuong/bac-ninh/"), "so-lieu")
    first, second = said.split("Bắc Ninh (cũ) Tiền thân")
    assert "Bắc Giang Tiền thân; số liệu giữ riêng" in first
    assert "42,13 %" in first
    assert "56,83 %" in second
    assert "49,48" not in said  # the mean, which would be wrong
    assert "Xếp hạng 63 tỉnh, thành phố" in first
    assert "Báo Mới" in first


def test_a_history_is_the_sum_of_the_parts_where_they_are_known(client: Client) -> None:
    record("bac-giang", "2023", numerator=10, denominator=100)
    record("bac-ninh-cu", "2023", numerator=60, denominator=300)
    record("bac-giang", "2024", numerator=10, denominator=100)
    said = section(page(client, "/dia-phuong/bac-ninh/"), "so-lieu")
    assert "Tính cho địa bàn trước khi hợp nhất" in said
    assert "2023 17,5 % tính ra 70 / 400 10 %; 20 %" in said  # not 15, the mean
    assert "2024 10 %" in said  # of Bac Giang alone: stays its own


def test_the_map_shows_a_computed_history_where_the_parts_are_known(client: Client) -> None:
    record("bac-giang", "2023", numerator=10, denominator=100)
    record("bac-ninh-cu", "2023", numerator=60, denominator=300)
    record("hue", "2023", numerator=30, denominator=100)
    html = page(client, "/dia-phuong/?do=work-files-commune.bao-cao")
    tile = re.search(r'<a class="([^"]*)" href="/dia-phuong/bac-ninh/">(.*?)</a>', html)
    assert tile is not None
    assert tile[1] == "tile q0"
    assert "17,5" in tile[2]
    assert "17,5 % tính ra" in section(html, "bang")


def test_a_body_split_among_several_is_added_to_none(client: Client) -> None:
    record("bac-giang", "2023", numerator=10, denominator=100)
    record("bac-ninh-cu", "2023", numerator=60, denominator=300)
    Succession.objects.create(
        predecessor=Organisation.objects.get(code="bac-giang"),
        successor=Organisation.objects.get(code="lang-son"),
        effective_on=dt.date(2025, 7, 1),
        function="part",
        function_vi="một phần địa bàn",
        function_en="part of the territory",
        verification="verified",
    )
    said = text(client, "/dia-phuong/bac-ninh/")
    assert "17,5" not in said
    assert "Bắc Giang" in section(page(client, "/dia-phuong/bac-ninh/"), "so-lieu")


def test_duties_of_all_letters_and_named_roles(client: Client) -> None:
    html = page(client, "/dia-phuong/da-nang/")
    assert "Các bộ, ngành, địa phương" in section(html, "viec-chung")
    letter = section(html, "cong-van")
    assert "411/BKHCN-ĐMST Gửi các Sở Khoa học và Công nghệ" in letter
    assert html.count("/muc-tieu/cv411-") == 3
    assert "phoi-hop" in html  # Da Nang is named as a partner
    assert "5 nhiệm vụ" in section(html, "nhiem-vu")


def test_names_types_and_codes_over_time(client: Client) -> None:
    said = section(page(client, "/dia-phuong/bac-ninh/"), "ten")
    assert "Thành phố Bắc Ninh Bắc Ninh 20/09/2026 đến nay 39/2026/QH16" in said
    assert "Tỉnh Bắc Ninh Bắc Ninh 01/07/2025 19/09/2026 202/2025/QH15" in said
    assert "gso-34 24 từ 01/07/2025" in said
    before = text(client, "/dia-phuong/bac-ninh/?as_of=2026-09-19")
    assert "Tỉnh Bắc Ninh phải đạt" in before


def test_an_ended_province_says_what_it_became(client: Client) -> None:
    said = text(client, "/dia-phuong/ha-giang/")
    assert "Tỉnh Hà Giang (đến 30/06/2025) nay thuộc Tuyên Quang" in said
    assert "Ngưỡng mỗi tỉnh" not in said
    assert "hạng 57" in said
    then = text(client, "/dia-phuong/ha-giang/?as_of=2025-01-01")
    assert "Tỉnh Hà Giang phải đạt" in then


def test_a_province_that_was_not_there_yet(client: Client) -> None:
    said = text(client, "/dia-phuong/bac-ninh/?as_of=2025-06-30")
    assert "thành lập ngày 01/07/2025, sau ngày đang xem" in said
    assert "Tiền thân" not in said


def test_in_english(client: Client) -> None:
    said = text(client, "/dia-phuong/bac-ninh/", language="en")
    assert "Bac Ninh City" in said
    assert "42.13%" in said


def test_elsewhere_unknown_and_bad_day(client: Client) -> None:
    response = client.get("/dia-phuong/BKHCN/")
    assert (response.status_code, response["Location"]) == (302, "/co-quan/BKHCN/")
    page(client, "/dia-phuong/nope/", status=404)
    assert "Ngày trong địa chỉ không hợp lệ" in page(client, "/dia-phuong/hue/?as_of=2027-01-01")


@pytest.mark.parametrize(("url", "cold"), [("/dia-phuong/", 6), ("/dia-phuong/bac-ninh/", 8)])
def test_queries(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, url: str, cold: int
) -> None:
    register_on(TODAY)
    with django_assert_num_queries(cold):
        client.get(url)
    with django_assert_num_queries(1):
        client.get(url)


def test_every_province_has_a_page(client: Client) -> None:
    for position, code in enumerate(
        Organisation.objects.filter(kind="province").values_list("code", flat=True)
    ):
        html = page(client, f"/dia-phuong/{code}/", language=("vi", "en")[position % 2])
        assert html.count("<h1") == 1
        assert "%(" not in html
