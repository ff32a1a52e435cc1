"""Search over the whole catalogue: accents, slips, old names, nothing found."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest
from django.test import Client
from django.utils import translation
from pytest_django import DjangoAssertNumQueries

from dashboard.presenters.search import SHOWN, Hit, SearchPage, search_page
from dashboard.queries import Query
from tests.catalogue_database import TODAY


def found(text: str) -> SearchPage:
    with translation.override("vi"):
        return search_page(Query(today=TODAY), text)


def hits(page: SearchPage, slug: str) -> list[Hit]:
    return [hit for group in page.groups if group.slug == slug for hit in group.hits]


def titles(page: SearchPage, slug: str) -> list[str]:
    return [hit.title for hit in hits(page, slug)]


def text_of(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize("text", ["kinh tế số trong GDP", "kinh te so trong gdp", "GDP kinh te so"])
def test_an_indicator_is_found_with_or_without_accents(catalogue_db: None, text: str) -> None:
    page = found(text)
    assert titles(page, "chi-tieu")[0] == "Tỷ trọng kinh tế số trong GDP"
    assert not page.similar


def test_an_indicator_shows_where_its_targets_stand(catalogue_db: None) -> None:
    marks = hits(found("EGDI trên thế giới"), "chi-tieu")[0].marks
    assert len(marks) >= 5
    assert {"on_track"} <= {mark.status for mark in marks}
    assert all(mark.url.startswith("/muc-tieu/") for mark in marks)


def test_an_indicator_is_found_by_the_words_of_a_target(catalogue_db: None) -> None:
    assert "Thứ hạng Chính phủ điện tử (EGDI) trong Đông Nam Á" in titles(
        found("egdi dong nam a"), "chi-tieu"
    )


def test_an_indicator_is_found_by_its_publisher_where_no_name_has_the_word(
    catalogue_db: None,
) -> None:
    assert titles(found("WIPO"), "chi-tieu")


def test_a_document_is_found_by_its_number(catalogue_db: None) -> None:
    page = found("749/QD-TTg")
    assert titles(page, "van-ban") == ["749/QĐ-TTg"]


def test_a_provision_leads_to_its_place(catalogue_db: None) -> None:
    hit = next(hit for hit in hits(found("tai khoan thanh toan"), "dieu-khoan"))
    assert re.fullmatch(r"/van-ban/qd749/#p\d+", hit.url)
    assert hit.note.startswith("749/QĐ-TTg, Điều 1, II.")


def test_a_draft_is_badged(catalogue_db: None) -> None:
    badges = {hit.title: hit.badges for hit in hits(found("chinh phu so"), "van-ban")}
    assert badges == {"Dự thảo NQ Chính phủ số": ("draft",), "749/QĐ-TTg": ()}


def test_an_organisation_that_ended_is_found_and_says_who_followed(catalogue_db: None) -> None:
    hit = hits(found("bo thong tin va truyen thong"), "co-quan")[0]
    assert hit.title == "Bộ Thông tin và Truyền thông"
    assert hit.note.startswith("đến 28/02/2025; kế thừa: Bộ KH&CN")


def test_a_province_is_found_at_its_own_address(catalogue_db: None) -> None:
    urls = [hit.url for hit in hits(found("bac ninh"), "co-quan")]
    assert urls
    assert all(url.startswith("/dia-phuong/") for url in urls)


def test_a_task_leads_to_its_row(catalogue_db: None) -> None:
    hit = hits(found("luat giao dich dien tu"), "nhiem-vu")[0]
    assert hit.title == "2. Sửa Luật Giao dịch điện tử"
    assert hit.url == "/nhiem-vu/#nhiem-vu-2"


@pytest.mark.parametrize(
    ("text", "slug", "title"),
    [
        ("bo thong tin va truyen thonng", "co-quan", "Bộ Thông tin và Truyền thông"),
        ("tai khoan thanh toann dien tuu", "chi-tieu", "Dân số có tài khoản thanh toán điện tử"),
    ],
)
def test_a_slip_is_forgiven_and_the_page_says_so(
    *, catalogue_db: None, text: str, slug: str, title: str
) -> None:
    page = found(text)
    assert page.similar
    assert page.groups[0].slug == slug
    assert title in titles(page, slug)


def test_long_lists_are_cut_and_say_so(catalogue_db: None) -> None:
    group = found("so").groups[0]
    assert len(group.hits) == SHOWN < group.count
    assert f"và {group.count - SHOWN} kết quả khác" in group.more


def test_nothing_found_says_what_to_do(catalogue_db: None, client: Client) -> None:
    html = text_of(client, "/tim/?q=xyzzy")
    assert "Không tìm thấy “xyzzy”" in html
    assert "Hãy thử ít từ hơn" in html


def test_no_words_yet_shows_what_can_be_found(catalogue_db: None, client: Client) -> None:
    html = text_of(client, "/tim/")
    assert "Tìm chỉ tiêu, cơ quan, văn bản, nhiệm vụ" in html
    for word in re.findall(r'href="(/tim/\?q=[^"]+)"', html):
        assert "kết quả cho" in text_of(client, word)


@pytest.mark.parametrize("text", ["%00", "%F0%9F%98%80", "%25", "_", "'", "%3Cb%3Ex", "a" * 3000])
def test_odd_words_are_no_error(catalogue_db: None, client: Client, text: str) -> None:
    assert "<b>x" not in text_of(client, f"/tim/?q={text}")


def test_on_an_earlier_day_there_is_only_what_was_there(catalogue_db: None, client: Client) -> None:
    html = text_of(client, f"/tim/?q={quote('57-NQ/TW')}&as_of=2022-01-01")
    assert "/van-ban/nq57/" not in html
    html = text_of(client, "/tim/?q=thong+tin+truyen+thong&as_of=2022-01-01")
    assert 'href="/co-quan/BTTTT/?as_of=2022-01-01"' in html
    assert "kế thừa:" not in html


def test_english_results_are_in_english(catalogue_db: None, client: Client) -> None:
    client.cookies["django_language"] = "en"
    assert "Digital economy" in text_of(client, "/tim/?q=kinh+te+so")


@pytest.mark.django_db
def test_before_the_catalogue_is_loaded_nothing_is_found(client: Client) -> None:
    assert "Không tìm thấy" in text_of(client, "/tim/?q=kinh+te")
    text_of(client, "/tim/")


def test_queries_are_few(
    catalogue_db: None,
    client: Client,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    client.get("/tim/?q=a")
    with django_assert_max_num_queries(10):
        client.get("/tim/?q=kinh+te")
