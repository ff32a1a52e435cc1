"""Using the site: language, theme, as-of date, keyboard, search, sign-in."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import PHONE
from tests.e2e.pages.conftest import ACCOUNT, Watched


def phone(watched: Watched) -> None:
    watched.page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})


def test_another_language_keeps_page_and_query(fresh: Watched) -> None:
    page = fresh.open("/nhiem-vu/?year=2021&group=I.1")
    page.locator(".td-tools").get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page).to_have_url(f"{fresh.site}/nhiem-vu/?year=2021&group=I.1")
    page.goto(f"{fresh.site}/van-ban/")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.locator(".td-tools").get_by_role("button", name="Tiếng Việt").click()
    expect(page.locator("html")).to_have_attribute("lang", "vi")
    assert not fresh.complaints


def test_a_chosen_theme_stays(fresh: Watched) -> None:
    page = fresh.open("/van-ban/")
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.get_by_label("Giao diện sáng, tối").click()
    page.locator(".td-tools").get_by_role("button", name="Tối", exact=True).click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    expect(page).to_have_url(f"{fresh.site}/van-ban/")
    page.goto(f"{fresh.site}/nhiem-vu/")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != light
    assert not fresh.complaints


def test_a_day_of_the_past_goes_along_from_page_to_page(fresh: Watched) -> None:
    page = fresh.open("/van-ban/?status=missed")
    page.locator(".td-tools summary").first.click()
    page.locator(".td-tools input[name=as_of]").fill("2023-06-30")
    page.locator(".td-tools").get_by_role("button", name="Xem").click()
    expect(page.locator(".td-past")).to_contain_text("30/06/2023")
    expect(page).to_have_url(re.compile(r"as_of=2023-06-30"))
    expect(page.locator("main")).not_to_contain_text("57-NQ/TW")
    page.locator("main").get_by_role("link", name="749/QĐ-TTg").first.click()
    expect(page.locator(".td-past")).to_be_visible()
    page.locator(".td-bar > .td-search input[name=q]").fill("749")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/tim/\?.*as_of=2023-06-30"))
    page.locator(".td-past").get_by_role("link", name="Về hiện tại").click()
    expect(page.locator(".td-past")).to_have_count(0)
    assert not fresh.complaints


def test_the_keyboard_skips_to_the_content(fresh: Watched) -> None:
    page = fresh.open("/")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Đến nội dung chính")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_the_menu_of_a_phone_opens_and_closes_by_keyboard(fresh: Watched) -> None:
    phone(fresh)
    page = fresh.open("/")
    menu = page.locator(".td-menu summary")
    sheet = page.locator(".td-sheet")
    expect(sheet).to_be_hidden()
    menu.focus()
    page.keyboard.press("Enter")
    expect(sheet).to_be_visible()
    page.keyboard.press("Tab")
    expect(sheet.get_by_role("link").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    expect(menu).to_be_focused()


def test_the_menu_of_a_phone_leads_to_every_section(fresh: Watched) -> None:
    phone(fresh)
    page = fresh.open("/")
    page.locator(".td-menu summary").click()
    links = page.locator(".td-sheet nav a")
    assert links.count() >= 7
    links.filter(has_text="Văn bản").click()
    expect(page).to_have_url(f"{fresh.site}/van-ban/")
    assert not fresh.complaints


def test_search_by_keyboard_finds_without_accents(fresh: Watched) -> None:
    page = fresh.open("/")
    field = page.locator(".td-bar > .td-search input")
    field.focus()
    page.keyboard.type("kinh te so trong gdp")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("kết quả")
    first = page.locator("#chi-tieu").locator("xpath=..").get_by_role("link").first
    expect(first).to_have_text("Tỷ trọng kinh tế số trong GDP")
    first.focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{fresh.site}/chi-tieu/digital-economy-gdp/")
    assert not fresh.complaints


def test_search_on_a_phone_begins_in_the_field(fresh: Watched) -> None:
    phone(fresh)
    page = fresh.open("/")
    page.locator(".td-find").click()
    expect(page.locator("main input[name=q]")).to_be_focused()
    page.keyboard.type("bo cong an")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("Bộ Công an")


def test_a_clause_leads_to_its_place_in_the_document(fresh: Watched) -> None:
    page = fresh.open("/muc-tieu/qd749-2025-egdi/")
    page.locator("main a[href*='/van-ban/qd749/#p']").first.click()
    place = page.locator(".td-outline .prov:target")
    expect(place).to_be_in_viewport()
    expect(place).to_contain_text("EGDI")
    assert not fresh.complaints


def test_filters_of_the_tasks_work_by_keyboard(fresh: Watched) -> None:
    page = fresh.open("/nhiem-vu/")
    folded = page.locator(".td-fold summary").first
    folded.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"lead="))
    expect(page.locator(".td-found")).to_contain_text("trong 66 nhiệm vụ")


@pytest.mark.parametrize("width", [1440, 390])
def test_signing_in_and_out(fresh: Watched, width: int) -> None:
    page = fresh.page
    page.set_viewport_size({"width": width, "height": 844})
    fresh.open("/van-ban/")
    inside = page.locator(".td-tools" if width > 1000 else ".td-sheet")
    if width < 1000:
        page.locator(".td-menu summary").click()
    inside.get_by_role("link", name="Đăng nhập").click()
    page.locator("main input[name=login]").fill(ACCOUNT[0])
    page.locator("main input[name=password]").fill("sai")
    page.locator("main").get_by_role("button", name="Đăng nhập", exact=True).click()
    expect(page.locator("main")).to_contain_text("Tên đăng nhập hoặc mật khẩu không đúng.")
    page.locator("main input[name=login]").fill(ACCOUNT[0])
    page.locator("main input[name=password]").fill(ACCOUNT[1])
    page.locator("main").get_by_role("button", name="Đăng nhập", exact=True).click()
    expect(page).to_have_url(f"{fresh.site}/van-ban/")
    if width < 1000:
        page.locator(".td-menu summary").click()
    else:
        inside.locator("summary").filter(has_text=ACCOUNT[0]).click()
    expect(inside).to_contain_text(ACCOUNT[0])
    inside.get_by_role("link", name="Đăng xuất").click()
    page.locator("main").get_by_role("button", name="Đăng xuất").click()
    if width < 1000:
        page.locator(".td-menu summary").click()
    expect(inside.get_by_role("link", name="Đăng nhập")).to_be_visible()
    assert not fresh.complaints
