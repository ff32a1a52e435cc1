"""What a first visit costs over the wire, and what it shows before any script has run."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import PHONE
from tests.e2e.pages.conftest import Watched, new_context

LIMIT = 700_000  # bytes


def scrolled_through(page: Page) -> None:
    """Down to the end, screen by screen, so that everything that waits for its turn is loaded."""
    height = page.evaluate("document.documentElement.scrollHeight")
    for place in range(0, height + 1, 600):
        page.evaluate("place => window.scrollTo(0, place)", place)
        page.wait_for_timeout(30)
    page.wait_for_load_state("networkidle")


@pytest.mark.parametrize("path", ["/", "/tru-cot/kinh-te-so/", "/chi-tieu/digital-economy-gdp/"])
def test_a_first_visit_stays_light(fresh: Watched, path: str) -> None:
    sizes: dict[str, float] = {}
    names: dict[str, str] = {}
    wire = fresh.page.context.new_cdp_session(fresh.page)
    wire.send("Network.enable")

    def begins(event: dict[str, Any]) -> None:
        names[event["requestId"]] = event["request"]["url"]

    def ends(event: dict[str, Any]) -> None:
        sizes[names[event["requestId"]]] = event["encodedDataLength"]  # with headers

    wire.on("Network.requestWillBeSent", begins)
    wire.on("Network.loadingFinished", ends)
    page = fresh.open(path)
    scrolled_through(page)
    figures = page.locator("[data-figure-url]").count()
    expect(page.locator("[data-drawn]")).to_have_count(figures)
    assert any("plotly" in name for name in sizes) == bool(figures)
    assert not fresh.complaints
    assert 50_000 < sum(sizes.values()) <= LIMIT, dict(sorted(sizes.items(), key=lambda i: -i[1]))


def test_everything_comes_from_the_site_itself(fresh: Watched) -> None:
    asked: list[str] = []
    fresh.page.on("request", lambda request: asked.append(request.url))
    scrolled_through(fresh.open("/tru-cot/kinh-te-so/"))
    assert asked
    assert all(url.startswith((fresh.site, "data:", "blob:")) for url in asked), asked


@pytest.mark.parametrize("path", ["/", "/tru-cot/kinh-te-so/", "/muc-tieu/qd749-2025-egdi/"])
def test_verdicts_are_readable_without_script(browser: Browser, site: str, path: str) -> None:
    context = new_context(
        browser,
        java_script_enabled=False,
        viewport={"width": PHONE[0], "height": PHONE[1]},
    )
    page = context.new_page()
    page.goto(site + path)
    main = page.locator("main")
    expect(main.get_by_text("Không đạt").locator("visible=true").first).to_be_visible()
    expect(main.locator("h1")).to_be_visible()
    context.close()


def test_the_counts_stand_on_the_first_screen_of_a_phone(browser: Browser, site: str) -> None:
    context = new_context(
        browser,
        java_script_enabled=False,
        viewport={"width": PHONE[0], "height": PHONE[1]},
    )
    page = context.new_page()
    page.goto(site + "/")
    matrix = page.locator("main .td-matrix:visible").first
    box = matrix.bounding_box()
    assert box
    assert box["y"] + box["height"] <= PHONE[1], box
    heads = matrix.locator("thead th").all_inner_texts()
    assert len(heads) == 9  # eight statuses
    for row in ("2025", "2030", "2045", "Chính phủ số", "Kinh tế số", "Xã hội số"):
        expect(matrix).to_contain_text(row)
    context.close()
