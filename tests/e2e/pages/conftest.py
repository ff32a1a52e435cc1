"""Every page in one browser, on the server that is run in production, over the real catalogue."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.contrib.auth.models import User
from django.core.cache import cache
from django.db import connection
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Response
from pytest_django import DjangoDbBlocker

from dashboard.figures import build_figures
from tests import catalogue_database
from tests.e2e.pages.server import serving

ACCOUNT = ("can-bo", "mat-khau-dai-1")


@pytest.hookimpl(tryfirst=True)  # before the hook of all tests, which groups by file
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One process runs all of these: one server, one database, one browser."""
    for item in items:
        if item.nodeid.startswith("tests/e2e/pages/"):
            item.add_marker(pytest.mark.xdist_group("pages"))


@pytest.fixture(scope="session")
def site(
    django_db_modify_db_settings: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[str]:
    """The address of the served site, with verdicts, figures and one account."""
    name = f"{connection.settings_dict['TEST']['NAME']}_browser"
    with django_db_blocker.unblock():
        catalogue_database.create(name)
        with catalogue_database.connected_to(name):
            build_figures()
            # Tests hash quickly; the server asks for what production would accept.
            password = PBKDF2PasswordHasher().encode(ACCOUNT[1], "salt")
            User.objects.create(username=ACCOUNT[0], password=password)
        cache.clear()
        with serving(name, tmp_path_factory.mktemp("site")) as address:
            yield address
        catalogue_database.drop(name)


@dataclass
class Watched:
    """A page of the browser, and what it complained of since it was last asked."""

    page: Page
    site: str
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("requestfailed", self._failed)
        self.page.on("response", self._response)

    def open(self, path: str) -> Page:
        """Go to a page and wait until its figures in sight are drawn."""
        self.complaints.clear()
        self.page.goto(self.site + path)
        self.page.wait_for_load_state("networkidle")
        return self.page

    def _console(self, message: ConsoleMessage) -> None:
        # Violations of the content policy are reported here, too.
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)

    def _failed(self, request: Request) -> None:
        self.complaints.append(f"failed: {request.url} {request.failure}")

    def _response(self, response: Response) -> None:
        if response.status >= 400:
            self.complaints.append(f"{response.status}: {response.url}")


def new_context(browser: Browser, **options: object) -> BrowserContext:
    """A reader in Vietnam with a wide screen."""
    return browser.new_context(
        locale="vi-VN",
        timezone_id="Asia/Ho_Chi_Minh",
        reduced_motion="reduce",  # colours are looked at as they end, not on their way
        **{"viewport": {"width": 1440, "height": 900}, **options},  # type: ignore[arg-type]
    )


@pytest.fixture(scope="session")
def context(browser: Browser) -> Iterator[BrowserContext]:
    """One reader for all visits, whose browser keeps the files it has."""
    made = new_context(browser)
    yield made
    made.close()


@pytest.fixture(scope="session")
def watched(context: BrowserContext, site: str) -> Watched:
    """The one page in which the visits happen."""
    return Watched(context.new_page(), site)


@pytest.fixture
def fresh(browser: Browser, site: str) -> Iterator[Watched]:
    """A page of a reader who has never been here, for one test."""
    context = new_context(browser)
    yield Watched(context.new_page(), site)
    context.close()
