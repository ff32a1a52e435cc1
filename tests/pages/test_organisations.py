"""The list of organisations and the page of each, over the real catalogue."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from dashboard.caching import register_on
from targets.models import Organisation
from tests.catalogue_database import TODAY
from tests.pages.reading import page, section, text

pytestmark = pytest.mark.usefixtures("catalogue_db")


def led(code: str, *, drafts: bool = False) -> set[str]:
    """Keys of the targets that a body leads today, counted the slow way."""
    return {
        row.target.key
        for row in register_on(TODAY)
        for part in row.leads
        if part.organisation.code == code
        and row.target.restates_id is None
        and (
            row.target.document.legal_status == "in_force"
            or (drafts and row.target.document.is_draft)
        )
    }


def test_the_list_counts_what_each_leads_by_status(client: Client) -> None:
    html = page(client, "/co-quan/")
    row = html.partition(">Bộ Khoa học và Công nghệ</a>")[2].partition("</tr>")[0]
    counts = [int(number) for number in re.findall(r">(\d+)<", row)]
    assert len(counts) == 8
    assert sum(counts) == len(led("BKHCN"))
    assert f"nhiều nhất là Bộ KH&CN: {len(led('BKHCN'))} mục tiêu" in text(client, "/co-quan/")
    assert 'href="/co-quan/BKHCN/?status=missed"' in row


def test_the_list_with_drafts(client: Client) -> None:
    count = len(led("BKHCN", drafts=True))
    assert count > len(led("BKHCN"))
    assert f"Bộ KH&CN: {count} mục tiêu" in text(client, "/co-quan/?drafts=1")


def test_the_list_has_the_ended_apart_with_their_successors(client: Client) -> None:
    html = page(client, "/co-quan/")
    said = section(html, "ket-thuc")
    assert "Bộ Thông tin và Truyền thông 28/02/2025 Bộ KH&CN : bưu chính" in said
    assert "Bộ Công an : an toàn thông tin mạng" in said
    assert "Ủy ban Giám sát tài chính Quốc gia chưa kiểm chứng" in said
    assert "Bộ Thông tin và Truyền thông" not in html.partition('id="ket-thuc"')[0]


def test_the_list_before_the_merger(client: Client) -> None:
    html = page(client, "/co-quan/?as_of=2024-12-31")
    assert "Bộ Thông tin và Truyền thông" in html.partition("</table>")[0]
    assert "ket-thuc" not in html
    assert "Bộ Nông nghiệp và Môi trường" not in html


def test_what_is_led_directly_and_what_is_inherited(client: Client) -> None:
    html = page(client, "/co-quan/BKHCN/")
    said = section(html, "muc-tieu")
    assert said.index("Được giao trực tiếp") < said.index("Kế thừa từ Bộ Thông tin và Truyền thông")
    assert "kế thừa bưu chính, viễn thông" in said
    shown = set(re.findall(r'href="/muc-tieu/([\w-]+)/"', html.partition('id="phoi-hop"')[0]))
    assert shown == led("BKHCN")


def test_a_status_of_the_tiles_filters(client: Client) -> None:
    html = page(client, "/co-quan/BKHCN/?status=missed").partition('id="phoi-hop"')[0]
    shown = set(re.findall(r'href="/muc-tieu/([\w-]+)/"', html))
    assert shown == {"qd749-2025-gii", "qd749-2025-digital-economy", "qd749-2025-egdi"}
    assert "khớp bộ lọc" in text(client, "/co-quan/BTP/?status=missed&drafts=1")
    assert "status" in text(client, "/co-quan/BKHCN/?status=bad")


def test_a_function_takes_its_targets_along(client: Client) -> None:
    said = section(page(client, "/co-quan/BCA/"), "muc-tieu")
    assert "kế thừa an toàn thông tin mạng từ ngày 01/03/2025" in said
    ended = section(page(client, "/co-quan/BTTTT/"), "chuyen-di")
    assert "an toàn thông tin mạng Bộ Công an 01/03/2025" in ended
    assert "Đã kiểm chứng" in ended


def test_an_ended_body_leads_nothing_today_and_did_then(client: Client) -> None:
    today = text(client, "/co-quan/BTTTT/")
    assert "Bộ Thông tin và Truyền thông đã kết thúc ngày 28/02/2025" in today
    assert "Mục tiêu chủ trì" not in today
    then = text(client, "/co-quan/BTTTT/?as_of=2024-12-31")
    assert "Bộ Thông tin và Truyền thông chủ trì" in then
    assert "Chức năng đã chuyển đi" not in then


def test_before_it_was_set_up(client: Client) -> None:
    said = text(client, "/co-quan/BNNMT/?as_of=2024-12-31")
    assert "thành lập ngày 01/03/2025, sau ngày đang xem" in said


def test_unverified_facts_are_marked(client: Client) -> None:
    assert "Có điều cần kiểm chứng" in text(client, "/co-quan/UBGSTCQG/")
    assert "Cần kiểm chứng" in section(page(client, "/co-quan/BQLLANG/"), "chuyen-di")


def test_partner_roles_tasks_and_names(client: Client) -> None:
    html = page(client, "/co-quan/BKHCN/")
    assert "14 mục tiêu" in section(html, "phoi-hop")
    tasks = section(html, "nhiem-vu")
    assert "39 nhiệm vụ" in tasks
    assert "Bộ TT&TT kế thừa bưu chính" in tasks
    assert "lead=BKHCN" in html
    assert "Bộ KH&CN" in section(html, "ten")


def test_the_note_of_a_succession_is_in_the_language_of_the_page(client: Client) -> None:
    vi = section(page(client, "/co-quan/BCA/"), "nhan-ve")
    en = section(page(client, "/co-quan/BCA/", language="en"), "nhan-ve")
    assert "Quyết định ngày 27/02/2025." in vi
    assert "Decision of 27 February 2025." in en
    assert "Decision of" not in vi
    assert "Quyết định ngày" not in en


def test_a_province_is_sent_to_its_own_page(client: Client) -> None:
    response = client.get("/co-quan/hue/?as_of=2026-01-01")
    assert (response.status_code, response["Location"]) == (
        302,
        "/dia-phuong/hue/?as_of=2026-01-01",
    )


def test_unknown_code_and_bad_day(client: Client) -> None:
    page(client, "/co-quan/nope/", status=404)
    assert "Ngày trong địa chỉ không hợp lệ" in page(client, "/co-quan/?as_of=x")


@pytest.mark.parametrize(("url", "cold"), [("/co-quan/", 2), ("/co-quan/BKHCN/", 6)])
def test_queries(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, url: str, cold: int
) -> None:
    register_on(TODAY)
    with django_assert_num_queries(cold):
        client.get(url)
    with django_assert_num_queries(1):
        client.get(url)


def test_every_organisation_has_a_page(client: Client) -> None:
    for position, code in enumerate(
        Organisation.objects.exclude(kind="province").values_list("code", flat=True)
    ):
        html = page(client, f"/co-quan/{code}/", language=("vi", "en")[position % 2])
        assert html.count("<h1") == 1
        assert "%(" not in html
