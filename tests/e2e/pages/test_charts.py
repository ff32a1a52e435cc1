"""The charts of a pillar in a real browser: drawn, redrawn for another theme, with their table."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.e2e.pages.conftest import Watched


def test_every_chart_of_a_pillar_is_drawn(fresh: Watched) -> None:
    page = fresh.open("/tru-cot/kinh-te-so/")
    figures = page.locator("[data-figure-url]")
    assert figures.count() >= 5
    for figure in figures.all():
        figure.scroll_into_view_if_needed()
        expect(figure).to_have_attribute("data-drawn", "yes")
    marks = page.locator("#pillar-kinh-te-so .scatterlayer .points path")
    rows = page.locator("#pillar-kinh-te-so .td-table tbody tr")
    assert marks.count() >= rows.count() > 20
    expect(page.locator("#pillar-kinh-te-so")).to_contain_text("Không đạt")
    assert not fresh.complaints


def test_a_chart_takes_the_colours_of_the_theme(fresh: Watched) -> None:
    page = fresh.open("/tru-cot/kinh-te-so/")
    figure = page.locator("#pillar-kinh-te-so")
    expect(figure.locator("[data-drawn]")).to_be_visible()
    bar = figure.locator(".barlayer path").first
    light = bar.evaluate("it => getComputedStyle(it).fill")
    page.get_by_label("Giao diện sáng, tối").click()
    page.locator(".td-tools").get_by_role("button", name="Tối", exact=True).click()
    expect(bar).not_to_have_css("fill", light)
    assert not fresh.complaints


def test_the_table_of_a_chart_opens_beneath_it(fresh: Watched) -> None:
    page = fresh.open("/tru-cot/kinh-te-so/")
    table = page.locator("#path-gii-rank .td-table")
    expect(table).to_be_hidden()
    page.locator("#path-gii-rank summary").click()
    expect(table).to_be_visible()
    expect(table).to_contain_text("hạng 44")
