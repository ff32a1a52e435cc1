"""Passkeys in a real browser with an authenticator of its own, under the content policy."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.core.cache import cache
from playwright.sync_api import Browser, CDPSession, Page, expect
from pytest_django import DjangoDbBlocker

from tests.accounts.conftest import PASSWORD
from tests.committed import transactional_db as _transactional_db
from tests.e2e.conftest import PHONE, prepare

transactional_db = _transactional_db

_AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
NAME = "khoa-truy-cap"


@pytest.fixture
def officer(transactional_db: None, django_db_blocker: DjangoDbBlocker) -> Iterator[User]:
    """Somebody with a password and no second factor; nothing is left of them."""
    user = User.objects.create_user(NAME, f"{NAME}@bo.example", PASSWORD)
    yield user
    with django_db_blocker.unblock():
        Authenticator.objects.filter(user=user).delete()
        Session.objects.all().delete()
        cache.clear()
        user.delete()


@pytest.fixture
def address(site: str) -> str:
    """The site by a name: passkeys belong to names, not to numbers."""
    return site.replace("127.0.0.1", "localhost")


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """A page whose complaints fail the test: the policy lets no inline script run."""
    context = browser.new_context(viewport={"width": PHONE[0], "height": PHONE[1]})
    prepare(context, address)
    opened = context.new_page()
    complaints: list[str] = []
    opened.on(
        "console",
        lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None,
    )
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    yield opened
    context.close()
    assert complaints == []


@pytest.fixture
def authenticator(page: Page) -> Iterator[CDPSession]:
    """The telephone or computer in which the keys lie."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": _AUTHENTICATOR})
    yield session
    session.detach()


def sign_in(page: Page, address: str) -> None:
    page.goto(f"{address}/tai-khoan/login/?next=/tim/")
    page.get_by_label("Tên đăng nhập").fill(NAME)
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.locator("main").get_by_role("button", name="Đăng nhập", exact=True).click()
    page.wait_for_url(f"{address}/tim/")


def add_key(page: Page, address: str, *, instead_of_password: bool) -> None:
    page.goto(f"{address}/tai-khoan/2fa/webauthn/add/")
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.get_by_role("button", name="Xác nhận").click()
    page.get_by_label("Tên khoá").fill("Máy ở cơ quan")
    page.get_by_label("Dùng thay mật khẩu").set_checked(instead_of_password)
    page.get_by_role("button", name="Thêm", exact=True).click()
    page.wait_for_url("**/recovery-codes/")


def sign_out(page: Page, address: str) -> None:
    page.goto(f"{address}/tai-khoan/logout/")
    page.locator("main").get_by_role("button", name="Đăng xuất").click()
    page.wait_for_url(f"{address}/")


@pytest.mark.usefixtures("authenticator")
def test_a_passkey_is_added_and_signs_in_without_a_password(
    page: Page, address: str, officer: User, axe: Callable[[Page], list[str]]
) -> None:
    sign_in(page, address)
    add_key(page, address, instead_of_password=True)
    assert axe(page) == []
    page.goto(f"{address}/tai-khoan/2fa/webauthn/")
    expect(page.get_by_text("Máy ở cơ quan")).to_be_visible()
    assert axe(page) == []
    sign_out(page, address)
    page.goto(f"{address}/tai-khoan/login/?next=/tim/")
    assert axe(page) == []
    page.get_by_role("button", name="Đăng nhập bằng khoá truy cập").click()
    page.wait_for_url(f"{address}/tim/")
    page.goto(f"{address}/tai-khoan/sessions/")
    expect(page.get_by_text("phiên này")).to_be_visible()
    assert axe(page) == []


@pytest.mark.usefixtures("authenticator")
def test_a_security_key_is_the_second_step_after_the_password(
    page: Page, address: str, officer: User
) -> None:
    sign_in(page, address)
    add_key(page, address, instead_of_password=False)
    sign_out(page, address)
    page.goto(f"{address}/tai-khoan/login/?next=/tim/")
    page.get_by_label("Tên đăng nhập").fill(NAME)
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.locator("main").get_by_role("button", name="Đăng nhập", exact=True).click()
    page.wait_for_url("**/2fa/authenticate/")
    page.get_by_role("button", name="Dùng khoá bảo mật").click()
    page.wait_for_url(f"{address}/tim/")


def test_a_device_without_a_key_is_told_so(
    page: Page, address: str, officer: User, authenticator: CDPSession
) -> None:
    page.goto(f"{address}/tai-khoan/login/")
    # Asked for a key it has none of, the browser would wait for its owner: here they say no.
    authenticator.send("WebAuthn.disable")
    page.evaluate(
        "() => { const no = new DOMException('', 'NotAllowedError');"
        " navigator.credentials.get = () => Promise.reject(no); }"
    )
    page.get_by_role("button", name="Đăng nhập bằng khoá truy cập").click()
    expect(page.get_by_role("alert")).to_contain_text("Chưa dùng được khoá truy cập")


@pytest.mark.usefixtures("officer")
def test_an_address_of_numbers_is_told_so(site: str, browser: Browser) -> None:
    context = browser.new_context()
    prepare(context, site)
    page = context.new_page()
    page.goto(f"{site}/tai-khoan/login/")
    page.get_by_role("button", name="Đăng nhập bằng khoá truy cập").click()
    expect(page.get_by_role("alert")).to_contain_text("bằng tên miền")
    context.close()
