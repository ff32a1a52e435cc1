"""The Overview over the real catalogue: every count recounted, every filter, every oddity."""

from __future__ import annotations

import datetime as dt
import html as markup
import re

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from documents.models import Document
from targets.models import Pillar, Target
from targets.register import read_register
from tests.catalogue_database import TODAY
from tests.pages import counting

pytestmark = pytest.mark.usefixtures("catalogue_db")


def get(client: Client, query: str = "") -> str:
    response = client.get(f"/{query}")
    assert response.status_code == 200
    return response.content.decode()


def rows_of(html: str) -> list[str]:
    """The statuses in the list of targets, in order."""
    listed = html[html.index('id="danh-sach"') : html.index('id="thay-doi"')]
    return re.findall(r'<li class="td-row">.*?<svg class="td-mark (\w+)', listed, re.DOTALL)


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("", {}),
        ("?drafts=1", {"drafts": True}),
        ("?horizon=2025", {"horizon": "2025"}),
        ("?horizon=2030&drafts=1", {"horizon": "2030", "drafts": True}),
        ("?horizon=standing", {"horizon": "standing"}),
        ("?pillar=kinh-te-so", {"pillar": "kinh-te-so"}),
        ("?document=dt-cps", {"document": "dt-cps"}),
        ("?document=cv411", {"document": "cv411"}),
        ("?document=qd749&pillar=xa-hoi-so&horizon=2025",
         {"document": "qd749", "pillar": "xa-hoi-so", "horizon": "2025"}),
    ],
)  # fmt: skip
def test_tiles_count_what_a_plain_recount_counts(
    client: Client, query: str, wanted: dict[str, str]
) -> None:
    assert counting.tiles(get(client, query)) == counting.counts(TODAY, **wanted)  # type: ignore[arg-type]


@pytest.mark.parametrize("day", ["2025-06-30", "2021-01-01", "2024-12-22", "2026-11-21"])
def test_tiles_of_a_past_day(client: Client, day: str) -> None:
    past = dt.date.fromisoformat(day)
    html = get(client, f"?as_of={day}")
    assert counting.tiles(html) == counting.counts(past)
    assert "Đang xem những gì đã biết tại ngày" in html
    assert f"/tru-cot/kinh-te-so/?as_of={day}" in html


def test_the_matrix_counts_every_horizon_and_pillar(client: Client) -> None:
    rows = counting.matrix(get(client))
    for horizon, title in (("2025", "2025"), ("2030", "2030"), ("2045", "2045"),
                           ("standing", "Thường xuyên")):  # fmt: skip
        assert rows.pop(title) == counting.counts(TODAY, horizon=horizon)
    for pillar in Pillar.objects.all():
        assert rows.pop(pillar.short_vi) == counting.counts(TODAY, pillar=pillar.slug)
    assert not rows


def test_one_mark_leads_to_every_target(client: Client) -> None:
    html = get(client)
    marks = re.findall(r'<li><a href="/muc-tieu/([^/]+)/" title="([^"]+)"', html)
    counted = counting.targets(TODAY)
    assert sorted(key for key, _name in marks) == sorted(target.key for target in counted)


def test_the_sentence_says_what_the_counts_say(client: Client) -> None:
    html = markup.unescape(get(client))
    sentence = re.search(r"<h1>(.*?)</h1>", html)
    assert sentence
    due, ahead = counting.counts(TODAY, horizon="2025"), counting.counts(TODAY, horizon="2030")
    judged = due["achieved"] + due["missed"]
    numbers = [int(number) for number in re.findall(r"\d+", sentence.group(1))]
    assert numbers[:3] == [sum(due.values()), 2025, judged]
    assert f"Trong {sum(ahead.values())} mục tiêu 2030" in sentence.group(1)
    assert f"{ahead['off_track']} đang chậm" in sentence.group(1)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("?horizon=2045", "mục tiêu 2045"),
        ("?horizon=standing", "yêu cầu thường xuyên"),
        ("?as_of=2025-06-30&horizon=2025", "mục tiêu 2025, "),
        ("?as_of=2019-01-01", "Không có mục tiêu nào khớp"),
        ("?document=cv411&horizon=2045", "Không có mục tiêu nào khớp"),
    ],
)
def test_the_sentence_fits_what_was_asked(client: Client, query: str, words: str) -> None:
    sentence = re.search(r"<h1>(.*?)</h1>", markup.unescape(get(client, query)))
    assert sentence
    assert words in sentence.group(1)


def test_what_needs_attention_is_the_worst_first_and_links_to_all(client: Client) -> None:
    listed = rows_of(get(client))
    order = ("missed", "off_track", "at_risk")
    assert listed == sorted(listed, key=order.index)
    found = counting.counts(TODAY)
    wanted = sum(found[code] for code in order)
    assert len(listed) == min(wanted, 12)
    assert len(rows_of(get(client, "?status=attention"))) == wanted


@pytest.mark.parametrize("status", counting.CODES)
def test_a_tile_leads_to_the_targets_it_counts(client: Client, status: str) -> None:
    html = get(client)
    assert f'href="/?status={status}#danh-sach"' in html
    listed = rows_of(get(client, f"?status={status}"))
    assert listed == [status] * counting.counts(TODAY)[status]


def test_every_row_has_reason_lead_and_clause(client: Client) -> None:
    html = get(client, "?status=attention&drafts=1")
    rows = re.findall(r'<li class="td-row">(.*?)</li>', html, re.DOTALL)
    assert rows
    for row in rows:
        assert re.search(r'<p class="why">\S', row)
        assert re.search(r'<a href="/(co-quan|dia-phuong)/[^"]+"', row)
        assert re.search(r'<a class="clause" href="/van-ban/[\w-]+/#p\d+">[^<]+, [^<]+</a>', row)


def test_the_league_counts_each_lead_once_for_each_target(client: Client) -> None:
    html = get(client, "?sort=protocol")
    league = html[html.index('id="chu-tri"') :]
    shown = {name: sum(row.values()) for name, row in counting.matrix(league).items()}
    register = read_register(TODAY)
    expected: dict[str, set[str]] = {}
    for row in register:
        if row.in_headlines:
            for part in row.leads:
                expected.setdefault(part.name.short_vi, set()).add(row.target.key)
    assert {markup.unescape(name): number for name, number in shown.items()} == {
        name: len(keys) for name, keys in expected.items()
    }


def test_the_filter_of_a_lead_counts_its_targets_alone(client: Client) -> None:
    html = get(client, "?lead=BKHCN")
    register = read_register(TODAY)
    own = {
        row.target.key
        for row in register
        if row.in_headlines and any(part.organisation.code == "BKHCN" for part in row.leads)
    }
    assert own
    assert sum(counting.tiles(html).values()) == len(own)
    assert "Bộ KH&amp;CN chủ trì" in html


def test_changes_are_told_apart_from_the_day_of_loading(client: Client) -> None:
    html = get(client, "?since=2020-01-01&as_of=2026-06-30")
    changes = html[html.index('id="thay-doi"') : html.index('id="chu-tri"')]
    before, after = counting.verdicts(dt.date(2020, 1, 1)), counting.verdicts(dt.date(2026, 6, 30))
    counted = {target.key for target in counting.targets(dt.date(2026, 6, 30))}
    changed = {key for key in counted if before.get(key) != after[key]}
    listed = re.findall(r'<a href="/muc-tieu/([^/]+)/', changes)
    assert set(listed) == changed
    assert len(listed) == len(changed)


def test_no_change_is_said_in_words(client: Client) -> None:
    html = get(client, "?since=2026-11-21&as_of=2026-11-21")
    assert "không hiểu được" in html  # the day is not before the as-of day
    html = get(client, "?since=2026-11-20&as_of=2026-11-21")
    assert "không có số liệu mới công bố hay thời hạn nào" in html


def test_figures_known_only_since_they_were_loaded_say_so(client: Client) -> None:
    html = get(client, "?since=2026-11-01")
    assert "có trạng thái từ khi hệ thống nạp số liệu (22/11/2026)" in html
    assert "Nguồn không ghi ngày công bố" in html


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("?horizon=2031", "horizon"),
        ("?status=good&since=yesterday", "status, since"),
        ("?since=2027-01-01", "since"),
        ("?pillar=khong-co", "pillar"),
        ("?document=<script>", "document"),
        ("?lead=NOBODY&drafts=maybe", "drafts, lead"),
    ],
)
def test_what_is_not_understood_is_named_and_left_out(
    client: Client, query: str, names: str
) -> None:
    html = get(client, query)
    told = re.search(r"không hiểu được nên đã bỏ qua: ([\w, ]+)", html)
    assert told
    assert set(told.group(1).split(", ")) >= set(names.split(", "))
    assert counting.tiles(html) == counting.counts(TODAY)
    assert "<script>" not in html.split("<main", 1)[1].split("</main>")[0]


def test_links_of_filters_keep_the_other_answers(client: Client) -> None:
    html = get(client, "?horizon=2030&as_of=2026-06-30&drafts=1")
    assert 'href="/?horizon=2030&amp;drafts=1&amp;as_of=2026-06-30"' in html
    assert (
        'href="/?horizon=2030&amp;status=missed&amp;drafts=1&amp;as_of=2026-06-30#danh-sach"'
        in html
    )
    assert '<input type="hidden" name="horizon" value="2030">' in html


def test_a_warm_page_needs_one_query_and_a_cold_one_a_few(
    client: Client,
    django_assert_num_queries: DjangoAssertNumQueries,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    get(client)
    with django_assert_num_queries(1):
        get(client)
    client.cookies["django_language"] = "en"
    # State twice, history and publications for the changes, and keeping it; the register is kept.
    with django_assert_max_num_queries(12):
        get(client)


def test_drafts_are_marked_and_the_basis_says_whether_they_count(client: Client) -> None:
    drafts = Document.objects.filter(legal_status="draft")
    number = Target.objects.filter(document__in=drafts).count()
    html = get(client)
    assert f"Không tính {number} mục tiêu của 2 văn bản dự thảo." in html
    assert 'class="td-badge draft"' not in html
    html = get(client, "?drafts=1&status=off_track")
    assert f"Tính cả {number} mục tiêu của 2 văn bản dự thảo." in html
    assert 'class="td-badge draft"' in html
