"""The list of the 66 tasks, filtered by what is in the address."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest
from django.test import Client
from django.utils import translation
from pytest_django import DjangoAssertNumQueries

from dashboard.presenters.task_query import TaskQuery
from dashboard.presenters.task_rows import TaskRow, period, year_bar
from dashboard.presenters.tasks import TasksPage, tasks_page
from tests.catalogue_database import TODAY


def page(**asked: str) -> TasksPage:
    with translation.override("vi"):
        return tasks_page(TaskQuery(today=TODAY, **asked))  # type: ignore[arg-type]


def rows(**asked: str) -> list[TaskRow]:
    return [row for _group, members in page(**asked).groups for row in members]


def text_of(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200
    return response.content.decode()


def test_all_66_tasks_in_order_with_every_column(catalogue_db: None) -> None:
    found = rows()
    assert [row.number for row in found] == list(range(1, 67))
    assert all(row.title and row.leads and row.period and row.funding for row in found)
    assert len(page().groups) == 12


def test_the_page_says_where_they_come_from_and_why_there_is_no_verdict(
    catalogue_db: None, client: Client
) -> None:
    html = text_of(client, "/nhiem-vu/")
    assert "dự thảo năm 2020, chưa phải là luật" in html
    assert 'href="/van-ban/dt-cps/"' in html
    assert html.count('class="td-badge draft"') == 1
    assert len(re.findall(r'id="nhiem-vu-\d+"', html)) == 66


def test_a_lead_is_named_as_today_and_as_written(catalogue_db: None) -> None:
    lead = rows()[0].leads[0]
    assert (lead.name, lead.written, lead.inherited) == ("Bộ KH&CN", "Bộ TT&TT", True)


def test_by_lead_of_today(catalogue_db: None) -> None:
    found = rows(lead="BTC")
    written = {party.written_code for row in found for party in row.leads}
    assert {"BTC", "BKHDT"} <= written
    assert all("BTC" in {party.code for party in row.leads} for row in found)


def test_by_lead_as_written(catalogue_db: None) -> None:
    found = rows(written="BTTTT")
    assert len(found) == 39
    # Network security went elsewhere than the rest.
    assert {party.code for row in found for party in row.leads} == {"BKHCN", "BCA"}


def test_by_year_both_ends_included(catalogue_db: None) -> None:
    assert len(rows(year="2020")) == 52
    assert len(rows(year="2025")) == 34
    assert rows(year="2030") == []


def test_by_group_sub_groups_together(catalogue_db: None) -> None:
    assert [row.number for row in rows(group="I.2")] == list(range(14, 35))


def test_by_funding(catalogue_db: None) -> None:
    assert len(rows(funding="central-budget")) == 45


@pytest.mark.parametrize("q", ["dữ liệu", "du lieu", "DU LIEU"])
def test_by_words_without_accents(catalogue_db: None, q: str) -> None:
    assert {row.number for row in rows(q=q)} >= {11, 18, 37}


def test_by_number(catalogue_db: None) -> None:
    assert [row.number for row in rows(q="14")] == [14]


def test_a_slip_in_a_word_is_forgiven(catalogue_db: None) -> None:
    assert 37 in {row.number for row in rows(q="cong du lieeu viet nam")}


def test_filters_work_together_and_count_what_the_others_leave(catalogue_db: None) -> None:
    found = page(group="I.1", year="2025")
    shown = [row for _group, members in found.groups for row in members]
    assert {row.number for row in shown} == {8, 9, 12, 13}
    years = {chip.text: chip.count for chip in found.filters[0].chips}
    assert years["2025"] == 4
    assert years["2020"] == 13
    assert found.found == "4 trong 66 nhiệm vụ"


def test_a_choice_keeps_the_rest_of_the_address(catalogue_db: None, client: Client) -> None:
    html = text_of(client, "/nhiem-vu/?group=I.1&q=luat&as_of=2024-06-30")
    assert "?q=luat&amp;year=2020&amp;group=I.1&amp;as_of=2024-06-30" in html
    assert '<input type="hidden" name="group" value="I.1">' in html
    assert '<input type="hidden" name="as_of" value="2024-06-30">' in html


def test_the_lead_is_that_of_the_day(catalogue_db: None, client: Client) -> None:
    html = text_of(client, "/nhiem-vu/?as_of=2024-06-30")
    assert "Bộ TT&amp;TT chủ trì 39" in html
    assert "dự thảo ghi" not in html.replace("Dự thảo ghi", "")


def test_nothing_found_says_what_to_do(catalogue_db: None, client: Client) -> None:
    html = text_of(client, "/nhiem-vu/?year=2030")
    assert "Không có nhiệm vụ nào khớp." in html
    assert "Xem tất cả nhiệm vụ" in html


@pytest.mark.parametrize(
    "query",
    [
        "year=abc",
        "year=0",
        "lead=%00",
        "group=<script>",
        "as_of=x",
        "q=%00",
        "funding=%F0%9F%98%80",
    ],
)
def test_an_odd_query_is_no_error(catalogue_db: None, client: Client, query: str) -> None:
    html = text_of(client, f"/nhiem-vu/?{query}")
    assert "<script>" not in html.split("<body>")[1]
    if not query.startswith(("as_of", "q=")):
        assert "điều kiện lọc không hợp lệ" in html


def test_what_is_searched_for_is_escaped(catalogue_db: None, client: Client) -> None:
    assert "<b>x</b>" not in text_of(client, f"/nhiem-vu/?q={quote('<b>x</b>')}")


def test_before_the_draft_there_were_none(catalogue_db: None, client: Client) -> None:
    assert "Chưa có nhiệm vụ nào" in text_of(client, "/nhiem-vu/?as_of=2019-01-01")


@pytest.mark.django_db
def test_before_the_catalogue_is_loaded_the_page_says_so(client: Client) -> None:
    assert "Chưa có nhiệm vụ nào" in text_of(client, "/nhiem-vu/")
    text_of(client, "/nhiem-vu/?q=a&year=2020")


def test_a_bar_covers_its_years() -> None:
    assert 'x="0.0" y="1" width="36.0"' in year_bar(2020, 2021, (2020, 2025))
    assert 'x="90.0" y="1" width="18.0"' in year_bar(2025, 2025, (2020, 2025))
    assert 'x="0.0" y="1" width="108.0"' in year_bar(None, None, (2020, 2025))


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [(2020, 2021, "2020–2021"), (2020, 2020, "2020"), (None, 2021, "2021"), (None, None, "–")],
)
def test_a_period_in_words(start: int | None, end: int | None, words: str) -> None:
    assert period(start, end) == words


def test_queries_are_few(
    catalogue_db: None,
    client: Client,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    with django_assert_num_queries(7):
        client.get("/nhiem-vu/")
    with django_assert_num_queries(1):
        client.get("/nhiem-vu/")
