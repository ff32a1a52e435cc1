"""From the press of the button to the verdict on the Overview, with nothing left out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from playwright.sync_api import Browser, Page
from pytest_django import DjangoDbBlocker

from tests.celery.workers import eventually
from tests.e2e.conftest import AXE, PHONE, WIDE
from tests.e2e.pages.conftest import new_context
from tests.e2e.pages.test_every_page import violations
from tests.steps.whole_site import WholeSite, whole_site


@pytest.fixture(scope="module")
def site(
    django_db_modify_db_settings: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[WholeSite]:
    """The whole site, for the tests of this file in their order."""
    folder: Path = tmp_path_factory.mktemp("whole")
    with django_db_blocker.unblock():
        name = f"{connection.settings_dict['TEST']['NAME']}_whole"
        with whole_site(name, folder) as running:
            yield running


@pytest.fixture
def page(browser: Browser, site: WholeSite) -> Iterator[Page]:
    """The browser of the coordinator, who has signed in; it must not complain."""
    context = new_context(browser)
    context.add_cookies(
        [
            {"name": cookie.name, "value": str(cookie.value), "url": site.address}
            for cookie in site.browser.cookies.jar
        ]
    )
    complaints: list[str] = []
    opened = context.new_page()
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on(
        "console",
        lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None,
    )
    yield opened
    context.close()
    assert not complaints


def looked_at(page: Page, address: str, language: str) -> dict[str, Any]:
    """What axe finds, wide and on a phone, light and dark; and whether it scrolls sideways."""
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})
    page.context.add_cookies([{"name": "django_language", "value": language, "url": address}])
    page.goto(address)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    assert page.locator("html").get_attribute("lang") == language
    found: dict[str, Any] = {"wide": violations(page)}
    page.emulate_media(color_scheme="dark")
    found["wide dark"] = violations(page, "color-contrast")
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    found["phone dark"] = violations(page, "color-contrast")
    page.emulate_media(color_scheme="light")
    found["phone"] = violations(page)
    found["sideways"] = page.evaluate("document.documentElement.scrollWidth") > PHONE[0]
    return {place: what for place, what in found.items() if what}


def test_review_and_queue_are_sound_in_both_languages_and_themes(
    site: WholeSite, page: Page
) -> None:
    site.offer(50)
    for path in (f"/bao-cao/{site.item.report_id}/xem-xet/", "/bao-cao/cho-duyet/"):
        for language in ("vi", "en"):
            assert looked_at(page, site.address + path, language) == {}, (path, language)


def test_a_published_value_changes_the_verdict_on_the_overview_by_itself(site: WholeSite) -> None:
    site.offer(100)
    site.settle()
    assert site.verdict() != "Đạt", "an approved value is not a published one"
    seconds, _after = site.seconds_to_change()
    assert site.verdict() == "Đạt"
    print(f"\nfrom the button to the Overview: {seconds:.2f} s")


def test_ticked_in_the_queue_and_published_the_verdict_changes(site: WholeSite, page: Page) -> None:
    site.offer(25)
    site.settle()
    before = site.verdict()
    page.goto(f"{site.address}/bao-cao/cho-duyet/")
    page.get_by_label("Chọn tất cả").check()
    assert page.locator("#so-chon").inner_text() == "1 đã chọn"
    page.get_by_role("button", name="Công bố báo cáo đã chọn").click()
    page.get_by_text("Đã công bố 1 báo cáo.").wait_for()
    eventually("another verdict", lambda: site.verdict() != before)
