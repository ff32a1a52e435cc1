"""Directives, notices and the header of signed-in people in a real browser."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator

import pytest
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.sessions.backends.cached_db import SessionStore
from django.core.cache import cache
from django.db import connection
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django import DjangoDbBlocker
from pytest_django.live_server_helper import LiveServer

from targets.directives import answer_directive, close_directive, issue_directive
from targets.models import Directive, Membership, Organisation, SystemRole, Target
from tests import catalogue_database
from tests.e2e.conftest import PHONE, WIDE, Visit, axe, base_url, expected_errors, visit
from tests.factory import make

__all__ = ["axe", "base_url", "expected_errors", "visit"]

KEY = "qd749-2025-egdi"


@pytest.fixture(scope="module")
def people(
    django_db_modify_db_settings: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[dict[str, User]]:
    """The catalogue with one member of a ministry, one leader, one administrator, and work."""
    name = f"{connection.settings_dict['TEST']['NAME']}_directives"
    with django_db_blocker.unblock():
        catalogue_database.create(name)
        with catalogue_database.connected_to(name):
            cache.clear()
            yield _people()
        catalogue_database.drop(name)


def _people() -> dict[str, User]:
    ministry = Organisation.objects.get(code="BKHCN")
    names = {"reporter": ("Lan", "Đỗ Thị"), "leadership": ("Hùng", "Trần Văn"),
             "coordinator": ("Mai", "Lê Thị"), "administrator": ("An", "Phạm")}  # fmt: skip
    people = {
        role: make(User, username=role, first_name=first, last_name=last)
        for role, (first, last) in names.items()
    }
    make(Membership, user=people["reporter"], organisation=ministry, role="reporter")
    for role in ("leadership", "coordinator", "administrator"):
        make(SystemRole, user=people[role], role=role)
    today = timezone.localdate()
    targets = Target.objects.active().filter(document__slug="qd749").exclude(key=KEY)[:4]
    for number, target in enumerate(targets):
        directive = issue_directive(
            by=people["leadership"], addressee=ministry, target=target,
            text=f"Đề nghị giải trình việc thứ {number + 1} và nêu thời hạn hoàn thành.",
            due_on=today + dt.timedelta(days=number),
        )  # fmt: skip
        if number == 0:
            Directive.objects.filter(pk=directive.pk).update(due_on=today - dt.timedelta(days=2))
        if number >= 2:
            answer_directive(directive.pk, by=people["reporter"], text="Đã làm xong.")
        if number == 3:
            close_directive(directive.pk, by=people["leadership"])
    return people


@pytest.fixture(scope="module")
def site(people: dict[str, User]) -> Iterator[str]:
    """The address of the site over that database."""
    server = LiveServer("127.0.0.1")
    yield server.url
    server.stop()


@pytest.fixture(autouse=True)
def _database(people: dict[str, User], django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    with django_db_blocker.unblock():
        yield


SignIn = Callable[[str], None]


@pytest.fixture
def sign_in(page: Page, site: str, people: dict[str, User]) -> SignIn:
    """Be one of the people."""

    def run(name: str) -> None:
        session = SessionStore()
        session[SESSION_KEY] = str(people[name].pk)
        session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
        session[HASH_SESSION_KEY] = people[name].get_session_auth_hash()
        session.save()
        assert session.session_key is not None
        page.context.add_cookies([{"name": "sessionid", "value": session.session_key, "url": site}])

    return run


def first_directive(state: str) -> Directive:
    found = Directive.objects.filter(state=state).order_by("pk").first()
    assert found is not None
    return found


PAGES: dict[str, tuple[str, Callable[[], str]]] = {
    "list": ("leadership", lambda: "/chi-dao/"),
    "list-filtered": ("reporter", lambda: "/chi-dao/?state=late"),
    "answer": ("reporter", lambda: first_directive("open").get_absolute_url()),
    "decide": ("leadership", lambda: first_directive("answered").get_absolute_url()),
    "closed": ("reporter", lambda: first_directive("closed").get_absolute_url()),
    "choose": ("leadership", lambda: "/chi-dao/moi/"),
    "new": ("leadership", lambda: f"/chi-dao/moi/?target={KEY}"),
    "notices": ("reporter", lambda: "/thong-bao/"),
    "overview": ("leadership", lambda: "/"),
    "target": ("leadership", lambda: f"/muc-tieu/{KEY}/"),
    "organisation": ("reporter", lambda: "/co-quan/BKHCN/"),
}


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("name", PAGES)
def test_every_page_is_sound(
    visit: Visit, sign_in: SignIn, axe: Callable[[Page], list[str]], name: str, language: str
) -> None:
    who, path = PAGES[name]
    sign_in(who)
    page = visit(path(), language=language, size=WIDE)
    page.emulate_media(reduced_motion="reduce")
    found = axe(page)
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    found += axe(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    page.evaluate("document.documentElement.dataset.bsTheme = 'dark'")
    found += axe(page)
    assert not found, found


def test_leadership_asks_and_the_ministry_answers_with_a_file(
    visit: Visit, sign_in: SignIn
) -> None:
    sign_in("leadership")
    page = visit(f"/muc-tieu/{KEY}/")
    page.get_by_role("link", name="Ra ý kiến chỉ đạo").click()
    expect(page.get_by_label("Gửi tới")).to_have_value("BKHCN")
    page.get_by_label("Nội dung").fill("Nêu ba việc sẽ làm.")
    page.get_by_role("button", name="Gửi ý kiến chỉ đạo").click()
    expect(page.get_by_role("status")).to_have_text("Đã gửi ý kiến chỉ đạo.")
    address = page.url

    sign_in("reporter")
    page = visit("/")
    expect(page.locator(".td-bar > .td-tools .td-bell .n")).to_be_visible()
    page.locator(".td-bar > .td-tools .td-bell").click()
    page.locator(".td-notices .unread a").first.click()
    expect(page).to_have_url(address)
    page.get_by_label("Nội dung trả lời").fill("Một, hai, ba.")
    page.get_by_label("Tệp kèm theo").set_input_files(
        {"name": "Kế hoạch.csv", "mimeType": "text/csv", "buffer": b"viec;han\n1;2027\n"}
    )
    page.get_by_role("button", name="Gửi câu trả lời").click()
    expect(page.locator(".td-thread .answer")).to_contain_text("Một, hai, ba.")
    expect(page.get_by_label("Nội dung trả lời")).to_be_empty()
    with page.expect_download() as saved:
        page.get_by_role("link", name="Kế hoạch.csv").click()
    assert saved.value.suggested_filename == "Kế hoạch.csv"

    sign_in("leadership")
    page.goto(address)
    page.get_by_role("button", name="Kết thúc").click()
    expect(page.locator(".td-sub")).to_contain_text("Lãnh đạo đã kết thúc ý kiến này.")


def test_what_was_written_survives_an_expired_session(
    visit: Visit, sign_in: SignIn, page: Page
) -> None:
    sign_in("reporter")
    path = first_directive("open").get_absolute_url()
    visit(path)
    page.get_by_label("Nội dung trả lời").fill("Viết đã lâu.")
    page.context.clear_cookies(name="sessionid")
    page.get_by_role("button", name="Gửi câu trả lời").click()
    expect(page.locator("main")).to_contain_text("Đăng nhập")
    sign_in("reporter")
    visit(path)
    expect(page.get_by_label("Nội dung trả lời")).to_have_value("Viết đã lâu.")


def test_the_account_menu_opens_and_closes_by_keyboard(visit: Visit, sign_in: SignIn) -> None:
    sign_in("reporter")
    page = visit("/chi-dao/")
    menu = page.locator(".td-tools summary").filter(has_text="Đỗ Thị Lan")
    panel = page.locator(".td-me")
    menu.focus()
    page.keyboard.press("Enter")
    expect(panel).to_be_visible()
    expect(panel).to_contain_text("Người báo cáo · Bộ KH&CN")
    page.keyboard.press("Tab")
    expect(panel.get_by_role("link", name="Đổi mật khẩu")).to_be_focused()
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(menu).to_be_focused()


def test_on_a_phone_work_account_and_bell_are_at_hand(
    sign_in: SignIn, page: Page, site: str, visit: Visit
) -> None:
    sign_in("coordinator")
    visit("/thong-bao/", size=PHONE)
    expect(page.locator(".td-bar > .td-narrow .td-bell")).to_be_visible()
    page.locator(".td-menu > summary").click()
    work = page.locator(".td-sheet").get_by_role("navigation", name="Công việc")
    expect(work.get_by_role("link")).to_have_count(7)
    expect(page.locator(".td-sheet").get_by_role("link", name="Đăng xuất")).to_be_visible()
    work.get_by_role("link", name="Chỉ đạo").click()
    expect(page).to_have_url(f"{site}/chi-dao/")
