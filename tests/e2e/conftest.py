"""Driving the pages in a real browser: visits, axe, pictures.

``visit`` opens an address in a language, theme and width and fails the test at its end if the
browser reported an error or a breach of the content policy. ``axe`` gives the violations that
axe-core finds. ``picture`` keeps what the page looks like under ``test-results/``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import pytest
from playwright.sync_api import BrowserContext, ConsoleMessage, Page
from pytest_django.live_server_helper import LiveServer
from pytest_django.plugin import DjangoDbBlocker

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
PICTURES = ROOT / "test-results"

WIDE = (1440, 900)
PHONE = (390, 844)


class Visit(Protocol):
    """Opens an address of the site."""

    def __call__(
        self,
        path: str,
        *,
        language: str = "vi",
        theme: str = "light",
        size: tuple[int, int] = WIDE,
    ) -> Page: ...


def prepare(
    context: BrowserContext, address: str, *, language: str = "vi", theme: str = "light"
) -> None:
    """Set the cookies by which the site knows language and theme."""
    context.add_cookies(
        [
            {"name": "django_language", "value": language, "url": address},
            {"name": "theme", "value": theme, "url": address},
        ]
    )


@pytest.fixture(scope="session")
def base_url() -> str:
    """No address for all: each visit names its own. (The plugin's fixture warns in pytest 9.)"""
    return ""


@pytest.fixture(scope="session")
def site(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """The address of the site, served for the whole run.

    Not pytest-django's ``live_server``: that empties all tables after each test, which the
    tables that keep their history refuse. What a test here writes, it must clean up.
    """
    with django_db_blocker.unblock():
        server = LiveServer("127.0.0.1")
        yield server.url
        server.stop()


@pytest.fixture
def expected_errors() -> list[str]:
    """Parts of messages of the browser that a test provokes on purpose."""
    return []


@pytest.fixture
def visit(page: Page, site: str, expected_errors: list[str]) -> Iterator[Visit]:
    """Open pages; what the browser complained of fails the test."""
    complaints: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            complaints.append(message.text)

    page.on("console", hear)
    page.on("pageerror", lambda error: complaints.append(str(error)))

    def open_page(
        path: str,
        *,
        language: str = "vi",
        theme: str = "light",
        size: tuple[int, int] = WIDE,
    ) -> Page:
        prepare(page.context, site, language=language, theme=theme)
        page.set_viewport_size({"width": size[0], "height": size[1]})
        page.goto(site + path)
        return page

    yield open_page
    unexpected = [text for text in complaints if not any(part in text for part in expected_errors)]
    assert not unexpected, unexpected


@pytest.fixture(scope="session")
def axe() -> Callable[[Page], list[str]]:
    """The violations that axe-core finds on a page: rule, what is wrong, where."""
    source = AXE.read_text(encoding="utf-8")

    def run(page: Page) -> list[str]:
        page.evaluate(source)
        result = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        return [
            f"{rule['id']}: {rule['help']}: {node['target']} {node['failureSummary']}"
            for rule in result["violations"]
            for node in rule["nodes"]
        ]

    return run


@pytest.fixture
def picture(request: pytest.FixtureRequest) -> Callable[[Page], Path]:
    """Keep a picture of the whole page, named after the test."""

    def take(page: Page) -> Path:
        PICTURES.mkdir(exist_ok=True)
        name = "".join(c if c.isalnum() else "-" for c in request.node.name)
        path = PICTURES / f"{name}.png"
        page.screenshot(path=path, full_page=True)
        return path

    return take
