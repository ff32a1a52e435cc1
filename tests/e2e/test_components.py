"""The frame and every component in the browser: access, keyboard, no script, figures."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import PHONE, WIDE, Visit, prepare

pytestmark = pytest.mark.urls("tests.frontend.gallery")
PAGE = "/bo-phan/"
READY = "#san-sang [data-drawn]"


@pytest.fixture(autouse=True)
def _one_figure_fails_on_purpose(expected_errors: list[str]) -> None:
    expected_errors.append("the server responded with a status of 500")


@pytest.fixture
def without_script(browser: Browser, site: str) -> Iterator[Page]:
    """A page in a browser that runs no script."""
    context = browser.new_context(
        java_script_enabled=False, viewport={"width": PHONE[0], "height": PHONE[1]}
    )
    prepare(context, site)
    page = context.new_page()
    page.goto(site + PAGE)
    yield page
    context.close()


def draw_all(page: Page) -> None:
    """Scroll to every figure, so that all are drawn or have failed."""
    for figure in page.locator("[data-figure-url]").all():
        figure.scroll_into_view_if_needed()
    expect(page.locator("[data-drawn]")).to_have_count(2)
    expect(page.locator("#hong button")).to_be_visible()


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", ["vi", "en"])
def test_axe_finds_nothing(
    visit: Visit,
    axe: Callable[[Page], list[str]],
    language: str,
    theme: str,
    size: tuple[int, int],
) -> None:
    page = visit(PAGE, language=language, theme=theme, size=size)
    draw_all(page)
    assert axe(page) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/tai-khoan/login/", "/tai-khoan/password/reset/"])
def test_axe_finds_nothing_on_account_pages(
    visit: Visit, axe: Callable[[Page], list[str]], path: str, theme: str
) -> None:
    assert axe(visit(path, theme=theme)) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_in_open_panels(
    visit: Visit, axe: Callable[[Page], list[str]], theme: str
) -> None:
    page = visit(f"{PAGE}?as_of=2025-06-30", theme=theme, size=PHONE)
    page.locator(".td-menu summary").click()
    assert axe(page) == []
    page.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})
    page.locator(".td-tools .td-pop summary").first.click()
    assert axe(page) == []


@pytest.mark.parametrize("width", [320, 390, 768, 1140, 1440])
def test_no_page_scrolls_sideways(visit: Visit, width: int) -> None:
    page = visit(PAGE, size=(width, 800))
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_vietnamese_letters_come_from_the_typeface(visit: Visit) -> None:
    page = visit(PAGE)
    page.evaluate("document.fonts.ready")
    loaded = page.evaluate("[...document.fonts].filter(f => f.status === 'loaded').length")
    assert loaded >= 4  # Latin and Vietnamese letters in two weights
    assert page.evaluate("document.fonts.check('16px \"Be Vietnam Pro\"', 'ạảấầẩđữ')")


def test_the_library_comes_only_when_a_figure_is_near(visit: Visit) -> None:
    page = visit("/tai-khoan/login/")
    assert page.evaluate("typeof Plotly") == "undefined"
    assert page.locator('script[src*="plotly.min"]').count() == 0


def test_a_figure_is_drawn_in_the_language_of_the_page(visit: Visit) -> None:
    page = visit(PAGE)
    page.locator("#san-sang").scroll_into_view_if_needed()
    page.wait_for_selector(READY)
    ticks = page.locator("#san-sang .ytick").all_text_contents()
    assert any("," in tick for tick in ticks)
    assert not any("." in tick for tick in ticks)
    page.locator("#san-sang .js-plotly-plot").hover()
    titles = page.locator("#san-sang .modebar-btn").evaluate_all(
        "buttons => buttons.map(button => button.dataset.title)"
    )
    assert "Phóng to" in titles


def test_a_figure_says_that_it_is_prepared_and_comes_at_the_second_try(visit: Visit) -> None:
    page = visit(PAGE)
    page.locator("#cho").scroll_into_view_if_needed()
    page.wait_for_selector("#cho [data-drawn]")
    expect(page.locator("#cho .td-plot-state")).to_have_count(0)


def test_a_failed_figure_says_so_and_can_be_tried_again(visit: Visit) -> None:
    page = visit(PAGE)
    page.locator("#hong").scroll_into_view_if_needed()
    expect(page.locator("#hong .td-plot-state")).to_contain_text("Không tải được")
    page.locator("#hong button").click()
    expect(page.locator("#hong button")).to_be_visible()


def test_colours_of_a_figure_follow_the_theme(visit: Visit) -> None:
    page = visit(PAGE)
    page.locator("#san-sang").scroll_into_view_if_needed()
    page.wait_for_selector(READY)
    line = page.locator("#san-sang .js-line").first
    light = line.evaluate("line => getComputedStyle(line).stroke")
    page.locator('summary[aria-label="Giao diện sáng, tối"]').click()
    page.locator('.td-tools button[value="dark"]').click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    expect(line).not_to_have_css("stroke", light)
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")


def test_the_automatic_theme_follows_the_system(visit: Visit) -> None:
    page = visit(PAGE, theme="auto")
    page.emulate_media(color_scheme="light")
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.emulate_media(color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != light


def test_the_first_tab_leads_to_the_content(visit: Visit) -> None:
    page = visit(PAGE)
    page.keyboard.press("Tab")
    expect(page.locator(".td-skip")).to_be_focused()
    expect(page.locator(".td-skip")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_the_menu_of_a_phone_works_by_keyboard(visit: Visit) -> None:
    page = visit(PAGE, size=PHONE)
    summary = page.locator(".td-menu > summary")
    summary.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".td-sheet")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.locator(".td-sheet a").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".td-sheet")).to_be_hidden()
    expect(summary).to_be_focused()


def test_a_wide_table_scrolls_by_itself_and_can_be_reached(visit: Visit) -> None:
    page = visit(PAGE, size=PHONE)
    region = page.get_by_role("region", name="Chỉ tiêu của trụ cột")
    region.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("element => element.scrollLeft > 0", arg=region.element_handle())


def test_everything_that_counts_is_there_without_script(without_script: Page) -> None:
    page = without_script
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator(".td-count")).to_have_count(8)
    expect(page.locator("#san-sang")).to_contain_text("Biểu đồ cần JavaScript")
    page.locator("#san-sang summary").click()
    expect(page.locator("#san-sang table")).to_be_visible()


def test_menu_language_and_theme_work_without_script(without_script: Page) -> None:
    page = without_script
    page.locator(".td-menu > summary").click()
    page.locator('.td-sheet button[value="dark"]').click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    page.locator(".td-menu > summary").click()
    page.locator('.td-sheet button[value="en"]').click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    assert page.url.endswith(PAGE)


def test_the_as_of_date_works_without_script(without_script: Page) -> None:
    page = without_script
    page.locator(".td-menu > summary").click()
    page.locator('.td-sheet input[type="date"]').fill("2025-06-30")
    page.locator(".td-sheet .td-asof-form button").click()
    expect(page.locator(".td-past")).to_contain_text("30/06/2025")
    page.locator(".td-past a").click()
    expect(page.locator(".td-past")).to_have_count(0)
