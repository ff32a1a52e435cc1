"""Rules, access tokens and the page of the API in a browser: looks, phone, preview, a token."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client
from playwright.sync_api import Page

from targets.models import ApiToken, SystemRole, Unit, ValidationRule
from tests.committed import transactional_db as _transactional_db
from tests.e2e.conftest import PHONE, WIDE, Visit
from tests.factory import make

transactional_db = _transactional_db
LOOKS = [("vi", "light", WIDE), ("en", "dark", PHONE), ("vi", "light", PHONE)]
RULE = "/bao-cao/quy-tac/share-range/"
TOKENS = "/bao-cao/ma-truy-cap/"


@pytest.fixture
def administrator(transactional_db: None, site: str, page: Page) -> Iterator[User]:
    """Signed in in the browser; there are two rules and one token."""
    cache.clear()
    user = make(User, last_name="Trần")
    make(SystemRole, user=user, role="administrator")
    make(
        ValidationRule,
        code="share-range",
        unit=make(Unit, name_vi="phần trăm", name_en="per cent"),
        minimum=0,
        maximum=100,
        sentence_vi="Tỷ lệ từ {minimum} đến {maximum}, không phải {value}.",
        sentence_en="A share from {minimum} to {maximum}, not {value}.",
    )
    make(ValidationRule, severity="warning", active=False)
    make(ApiToken, user=user, name="LGSP")
    client = Client()
    client.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": site}])
    yield user
    ApiToken.objects.all().delete()
    User.objects.all().delete()
    cache.clear()


@pytest.mark.usefixtures("administrator")
@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("path", ["/bao-cao/quy-tac/", RULE, TOKENS, "/api/"])
def test_nothing_is_wrong_with_the_page(
    visit: Visit,
    axe: Callable[[Page], list[str]],
    path: str,
    look: tuple[str, str, tuple[int, int]],
) -> None:
    language, theme, size = look
    page = visit(path, language=language, theme=theme, size=size)
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_preview_comes_without_leaving_the_page(administrator: User, visit: Visit) -> None:
    page = visit(RULE)
    page.fill("#id_maximum", "50,5")
    page.get_by_role("button", name="Xem thử").click()
    preview = page.locator("#xem-thu")
    preview.get_by_text("Tỷ lệ từ 0 đến 50,5, không phải 51,5.").wait_for()
    page.fill("#id_maximum", "năm mươi")
    page.get_by_role("button", name="Xem thử").click()
    preview.get_by_text("Chưa xem thử được").wait_for()
    page.fill("#id_maximum", "50,5")
    page.fill("#id_why", "Theo biên bản")
    page.get_by_role("button", name="Lưu quy tắc").click()
    page.get_by_text("Đã lưu quy tắc").wait_for()
    assert page.input_value("#id_maximum") == "50,5"


def test_a_token_is_made_and_revoked(administrator: User, visit: Visit) -> None:
    page = visit(TOKENS)
    page.fill("#id_name", "Máy chủ báo cáo")
    page.get_by_role("button", name="Tạo mã").click()
    assert page.input_value("#ma").startswith("thuocdo_")
    page.get_by_role("button", name="Thu hồi mã “Máy chủ báo cáo”").click()
    page.get_by_text("Đã thu hồi hoặc hết hạn (1)").wait_for()
