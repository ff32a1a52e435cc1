"""Every page in both languages, both themes, wide and on a phone: nothing for axe to find, nothing
for the browser to complain of, nothing to scroll sideways.

A page is loaded once for each language. Theme and width change under it, as they do for a reader
whose system turns dark or whose phone turns round; of the dark theme only colours are looked at
again, for nothing else differs.
"""

from __future__ import annotations

from typing import Any, Final

import pytest
from playwright.sync_api import Page

from tests.e2e.conftest import AXE, PHONE, WIDE
from tests.e2e.pages.conftest import Watched

PAGES: Final = {
    "overview": "/",
    "overview-filtered": "/?horizon=2025&drafts=1",
    "overview-past": "/?as_of=2025-06-30",
    "pillars": "/tru-cot/",
    "pillar": "/tru-cot/kinh-te-so/",
    "indicators": "/chi-tieu/",
    "indicator": "/chi-tieu/digital-economy-gdp/",
    "indicator-discontinued": "/chi-tieu/wef-gci-rank/",
    "target": "/muc-tieu/qd749-2025-digital-economy/",
    "organisations": "/co-quan/",
    "organisation": "/co-quan/BKHCN/",
    "organisation-ended": "/co-quan/BTTTT/",
    "provinces": "/dia-phuong/",
    "province": "/dia-phuong/bac-ninh/",
    "province-ended": "/dia-phuong/bac-giang/",
    "tasks": "/nhiem-vu/?group=I.2",
    "tasks-none": "/nhiem-vu/?year=2030",
    "documents": "/van-ban/",
    "document": "/van-ban/nq57/",
    "document-draft": "/van-ban/dt-cps/",
    "document-letter": "/van-ban/cv411/",
    "search": "/tim/?q=du+lieu",
    "search-none": "/tim/?q=xyzzy",
    "sign-in": "/tai-khoan/login/",
    "password-reset": "/tai-khoan/password/reset/",
    "not-found": "/chi-tieu/khong-co/",
}
NOT_FOUND: Final = {"not-found"}


def violations(page: Page, *rules: str) -> list[str]:
    """What axe finds: rule, help, place, summary."""
    options: dict[str, Any] = {"resultTypes": ["violations"]}
    if rules:
        options["runOnly"] = {"type": "rule", "values": list(rules)}
    found = page.evaluate("options => axe.run(document, options)", options)
    return [
        f"{rule['id']}: {rule['help']}: {node['target']} {node['failureSummary']}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("name", PAGES)
def test_page(watched: Watched, name: str, language: str) -> None:
    page = watched.page
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})
    page.context.add_cookies([{"name": "django_language", "value": language, "url": watched.site}])
    watched.open(PAGES[name])
    page.evaluate(AXE.read_text(encoding="utf-8"))
    assert page.locator("html").get_attribute("lang") == language
    found = {"wide light": violations(page)}
    page.emulate_media(color_scheme="dark")
    found["wide dark"] = violations(page, "color-contrast")
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    found["phone dark"] = violations(page, "color-contrast")
    page.emulate_media(color_scheme="light")
    found["phone light"] = violations(page)
    assert not any(found.values()), found
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    page.wait_for_load_state("networkidle")
    expected = 2 if name in NOT_FOUND else 0  # the answer itself, and the console's word on it
    assert len(watched.complaints) == expected, watched.complaints
