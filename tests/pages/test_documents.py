"""The list of documents and the outline of one."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest
from django.test import Client
from django.utils import translation
from pytest_django import DjangoAssertNumQueries

from dashboard.presenters.outline import Node, document_page
from dashboard.queries import Query
from documents.models import Document, Provision
from targets.models import Target
from tests.catalogue_database import TODAY

DOCUMENTS = ("nq57", "qd749", "dt-cps", "dt-cds", "cv411")


def text_of(client: Client, url: str, status: int = 200) -> str:
    response = client.get(url)
    assert response.status_code == status
    return response.content.decode()


def everything(nodes: list[Node] | tuple[Node, ...]) -> list[Node]:
    found = []
    for node in nodes:
        found += [node, *everything(list(node.children))]
    return found


def outline(slug: str, status: str = "", text: str = "") -> list[Node]:
    with translation.override("vi"):
        page = document_page(slug, Query(today=TODAY, status=status), text)
    return everything(list(page.outline))


def test_the_list_names_every_document_law_first(catalogue_db: None, client: Client) -> None:
    html = text_of(client, "/van-ban/")
    names = re.findall(r'<h2 id="van-ban-\d"><a href="/van-ban/([\w-]+)/">', html)
    assert names == ["nq57", "qd749", "dt-cds", "dt-cps", "cv411"]
    assert "2 còn hiệu lực, 2 dự thảo" in html


def test_drafts_are_badged_and_explained(catalogue_db: None, client: Client) -> None:
    for url, count in (("/van-ban/", 2), ("/van-ban/dt-cps/", 1), ("/van-ban/dt-cds/", 1)):
        html = text_of(client, url)
        assert html.count('class="td-badge draft"') == count
        assert html.count("chưa phải là luật: mục tiêu") == count


def test_reporting_duties_lead_to_their_clauses(catalogue_db: None, client: Client) -> None:
    html = text_of(client, "/van-ban/")
    clause = Provision.objects.get(document__slug="qd749", locator="Điều 2 > 1 > c")
    assert f'href="/van-ban/qd749/#{clause.anchor}">Điều 2, 1.c</a>' in html
    assert "Hệ thống thông tin báo cáo Chính phủ" not in html


@pytest.mark.parametrize("slug", DOCUMENTS)
def test_the_outline_has_every_provision_and_every_target(catalogue_db: None, slug: str) -> None:
    nodes = outline(slug)
    provisions = Provision.objects.filter(document__slug=slug)
    assert [node.anchor for node in nodes] == [p.anchor for p in provisions.order_by("position")]
    demands = [target.url for node in nodes for target in node.targets]
    keys = Target.objects.active().filter(document__slug=slug).values_list("key", flat=True)
    assert sorted(demands) == sorted(f"/muc-tieu/{key}/" for key in keys)


@pytest.mark.parametrize("slug", DOCUMENTS)
def test_every_provision_has_its_anchor_once(catalogue_db: None, client: Client, slug: str) -> None:
    html = text_of(client, f"/van-ban/{slug}/")
    anchors = [p.anchor for p in Provision.objects.filter(document__slug=slug)]
    assert all(html.count(f'id="{anchor}"') == 1 for anchor in anchors)
    assert "không phải nguyên văn" in html


def test_agreement_and_contradiction_stand_beside_the_target(catalogue_db: None) -> None:
    notes = {
        target.url: [(note.text, [text for text, _url in note.links]) for note in target.notes]
        for node in outline("dt-cds")
        for target in node.targets
    }
    assert notes["/muc-tieu/dt-cds-2030-idi-rank/"] == [
        ("Khác với", ["749/QĐ-TTg, nhóm 30 vào 2030 (mức ràng buộc)"])
    ]
    texts = [
        text for _words, links in notes["/muc-tieu/dt-cds-2030-egdi-rank-world/"] for text in links
    ]
    assert "57-NQ/TW, nhóm 50 vào 2030 (mức ràng buộc)" in texts


def test_a_restated_figure_says_what_it_restates(catalogue_db: None) -> None:
    targets = [target for node in outline("cv411") for target in node.targets]
    assert len(targets) == 3
    for target in targets:
        assert [note.text for note in target.notes] == ["Nhắc lại"]
        assert target.notes[0].links[0][0].startswith("57-NQ/TW, ")


def test_a_letter_restates_and_sets_nothing(catalogue_db: None, client: Client) -> None:
    html = text_of(client, "/van-ban/cv411/")
    assert "411/BKHCN-ĐMST nhắc lại 3 mục tiêu" in html
    assert "không đặt thêm nghĩa vụ" in html


def test_a_provision_that_assigns_says_who_is_charged_then_and_now(catalogue_db: None) -> None:
    node = next(n for n in outline("qd749") if n.locator == "Điều 2, 2.a")
    texts = [(charge.lead.name, charge.text, charge.lead.note) for charge in node.charges]
    assert any(
        name == "Bộ KH&CN" and text.startswith("chủ trì") and "kế thừa Bộ TT&TT" in note
        for name, text, note in texts
    )


def test_tasks_of_the_annex_stand_under_their_titles(catalogue_db: None, client: Client) -> None:
    html = text_of(client, "/van-ban/dt-cps/")
    assert html.count('href="/nhiem-vu/#nhiem-vu-') == 66
    assert '<a href="/nhiem-vu/">66</a>' in html
    assert "Soạn Luật Chính phủ số" in html
    assert "Nhiệm vụ 1<" not in html


@pytest.mark.parametrize("text", ["thu hang", "thứ hạng", "THỨ HẠNG", "hang thu"])
def test_search_within_ignores_accents(catalogue_db: None, client: Client, text: str) -> None:
    html = text_of(client, f"/van-ban/qd749/?q={quote(text)}")
    assert "Thứ hạng IDI" in html
    assert "Hồ sơ công việc" not in html


def test_search_keeps_what_lies_under_a_heading_that_matches(catalogue_db: None) -> None:
    found = [node.locator for node in outline("qd749", text="giao duc")]
    assert "Điều 1, VIII.2, đoạn 1" in found
    assert "Điều 1, VIII" in found  # the way there
    assert "Điều 1, VIII.1" not in found


def test_search_by_status_leaves_only_targets_of_it(catalogue_db: None) -> None:
    statuses = {t.status for node in outline("qd749", status="missed") for t in node.targets}
    assert statuses == {"missed"}
    assert not any(node.charges and not node.count for node in outline("qd749", status="missed"))


def test_search_without_result_says_what_to_do(catalogue_db: None, client: Client) -> None:
    html = text_of(client, "/van-ban/qd749/?q=xyzzy")
    assert "Không có điều khoản nào khớp." in html
    assert "Xem tất cả điều khoản" in html


def test_what_is_searched_for_is_escaped(catalogue_db: None, client: Client) -> None:
    html = text_of(client, f"/van-ban/qd749/?q={quote('<b>x</b>')}")
    assert "<b>x</b>" not in html


@pytest.mark.parametrize(
    "query", ["status=nonsense", "status=%00", "q=%00", "as_of=never", "status=attention&q=a"]
)
def test_an_odd_query_is_no_error(catalogue_db: None, client: Client, query: str) -> None:
    text_of(client, f"/van-ban/qd749/?{query}")
    text_of(client, f"/van-ban/?{query}")


def test_a_condition_that_means_nothing_is_named(catalogue_db: None, client: Client) -> None:
    assert "điều kiện lọc không hợp lệ" in text_of(client, "/van-ban/qd749/?status=nonsense")


def test_before_its_day_a_document_is_not_there_yet(catalogue_db: None, client: Client) -> None:
    html = text_of(client, "/van-ban/?as_of=2022-01-01")
    assert "57-NQ/TW" not in html
    assert "749/QĐ-TTg" in html
    assert "chưa được ban hành" in text_of(client, "/van-ban/nq57/?as_of=2022-01-01")


def test_links_keep_the_day(catalogue_db: None, client: Client) -> None:
    html = text_of(client, "/van-ban/qd749/?as_of=2025-06-30")
    links = re.findall(r'href="(/(?:muc-tieu|co-quan)/[^"]*)"', html)
    assert links
    assert all(link.endswith("?as_of=2025-06-30") for link in links)


def test_an_unknown_document_is_not_found(catalogue_db: None, client: Client) -> None:
    text_of(client, "/van-ban/no-such/", status=404)


def test_english_pages_speak_of_english_headings(catalogue_db: None, client: Client) -> None:
    client.cookies["django_language"] = "en"
    html = text_of(client, "/van-ban/qd749/")
    assert "EGDI rank" in html
    assert "Thứ hạng EGDI" not in html


@pytest.mark.django_db
def test_before_the_catalogue_is_loaded_the_list_says_so(client: Client) -> None:
    assert "Chưa có văn bản nào" in text_of(client, "/van-ban/")
    text_of(client, "/van-ban/qd749/", status=404)


@pytest.mark.parametrize(("url", "cold"), [("/van-ban/", 15), ("/van-ban/qd749/", 16)])
def test_queries_are_few(
    *,
    catalogue_db: None,
    client: Client,
    django_assert_num_queries: DjangoAssertNumQueries,
    django_assert_max_num_queries: DjangoAssertNumQueries,
    url: str,
    cold: int,
) -> None:
    assert Document.objects.count() == len(DOCUMENTS)
    with django_assert_max_num_queries(cold):
        client.get(url)
    with django_assert_num_queries(1):
        client.get(url)
