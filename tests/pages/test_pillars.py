"""The pillars over the real catalogue: counts, charts with their tables, rows, filters."""

from __future__ import annotations

import html as markup
import re

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from targets.models import Observation, Pillar
from tests.catalogue_database import TODAY
from tests.pages import counting

pytestmark = pytest.mark.usefixtures("catalogue_db")

SLUGS = ("chinh-phu-so", "kinh-te-so", "xa-hoi-so", "nen-tang-so", "khoa-hoc-doi-moi-sang-tao")


def get(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode()


def test_the_list_has_every_pillar_with_a_mark_for_every_target(client: Client) -> None:
    html = get(client, "/tru-cot/")
    assert re.findall(r'<h2><a href="/tru-cot/([\w-]+)/">', html) == list(SLUGS)
    marks = re.findall(r'<li><a href="/muc-tieu/([^/]+)/"', html)
    assert sorted(marks) == sorted(target.key for target in counting.targets(TODAY))


@pytest.mark.parametrize("slug", SLUGS)
def test_a_pillar_counts_and_lists_its_targets(client: Client, slug: str) -> None:
    html = get(client, f"/tru-cot/{slug}/")
    wanted = counting.targets(TODAY, pillar=slug)
    assert counting.tiles(html) == counting.counts(TODAY, pillar=slug)
    listed = html[html.index('id="muc-tieu"') :]
    named = re.findall(r'<a class="name" href="/muc-tieu/([^/]+)/"', listed)
    assert sorted(named) == sorted(target.key for target in wanted)
    assert Pillar.objects.get(slug=slug).name_vi in markup.unescape(html)


@pytest.mark.parametrize("slug", SLUGS)
def test_the_chart_and_its_table_have_every_target_of_the_pillar(client: Client, slug: str) -> None:
    html = get(client, f"/tru-cot/{slug}/")
    figure = html[html.index(f'id="pillar-{slug}"') :].split("</figure>")[0]
    assert f'data-figure-url="/bieu-do/pillar-{slug}.json"' in figure
    rows = re.findall(r'<th scope="row"[^>]*><a href="/muc-tieu/([^/]+)/">', figure)
    assert sorted(rows) == sorted(t.key for t in counting.targets(TODAY, pillar=slug))


def test_there_is_a_small_chart_for_every_measure_with_official_values(client: Client) -> None:
    measured = {
        target.indicator.code
        for target in counting.targets(TODAY, pillar="kinh-te-so")
        if Observation.objects.filter(
            series__indicator=target.indicator, series__official=True, organisation__code="VN"
        ).exists()
    }
    html = get(client, "/tru-cot/kinh-te-so/")
    assert set(re.findall(r'data-figure-url="/bieu-do/path-([\w-]+)\.json"', html)) == measured
    unmeasured = {t.indicator_id for t in counting.targets(TODAY, pillar="kinh-te-so")}
    assert f"{len(unmeasured) - len(measured)} chỉ tiêu khác chưa có số liệu nào" in html


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("?horizon=2030", {"horizon": "2030"}),
        ("?drafts=1", {"drafts": True}),
        ("?as_of=2025-06-30", {}),
    ],
)
def test_filters_narrow_the_counts_and_the_list(
    client: Client, query: str, wanted: dict[str, str]
) -> None:
    import datetime as dt

    day = dt.date(2025, 6, 30) if "as_of" in query else TODAY
    html = get(client, f"/tru-cot/kinh-te-so/{query}")
    expected = counting.counts(day, pillar="kinh-te-so", **wanted)  # type: ignore[arg-type]
    assert counting.tiles(html) == expected
    listed = html[html.index('id="muc-tieu"') :]
    assert listed.count('<li class="td-row">') == sum(expected.values())
    if "as_of" in query:
        assert "/bieu-do/pillar-kinh-te-so.json?as_of=2025-06-30" in html
    if "drafts" in query:
        assert "/bieu-do/pillar-kinh-te-so-drafts.json" in html


@pytest.mark.parametrize("status", ["missed", "no_data"])
def test_a_tile_leads_to_the_targets_it_counts(client: Client, status: str) -> None:
    html = get(client, f"/tru-cot/kinh-te-so/?status={status}")
    listed = html[html.index('id="muc-tieu"') :]
    found = re.findall(r'<li class="td-row">.*?<svg class="td-mark (\w+)', listed, re.DOTALL)
    assert found == [status] * counting.counts(TODAY, pillar="kinh-te-so")[status]


def test_an_unknown_pillar_is_not_found(client: Client) -> None:
    assert client.get("/tru-cot/khong-co/").status_code == 404


def test_a_day_before_any_document_has_no_pillar(client: Client) -> None:
    assert client.get("/tru-cot/kinh-te-so/?as_of=2019-01-01").status_code == 404
    assert "0 mục tiêu trong 0 trụ cột" in get(client, "/tru-cot/?as_of=2019-01-01")


def test_a_strange_address_is_told_and_shows_the_pillar(client: Client) -> None:
    html = get(client, "/tru-cot/kinh-te-so/?horizon=never&lead=NOBODY")
    assert "không hiểu được nên đã bỏ qua" in html
    assert counting.tiles(html) == counting.counts(TODAY, pillar="kinh-te-so")


def test_warm_pages_need_one_query(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for path in ("/tru-cot/", "/tru-cot/kinh-te-so/"):
        get(client, path)
        with django_assert_num_queries(1):
            get(client, path)
