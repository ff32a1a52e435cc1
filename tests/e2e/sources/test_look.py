"""Sources, runs and held values in a browser: both languages and themes, wide and on a phone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect

from targets.models import (
    DataSource,
    HeldValue,
    Observation,
    OrganisationName,
    RunRejection,
    Series,
    SeriesMapping,
    SourceRun,
    SystemRole,
)
from targets.models.observations import Source
from tests.committed import transactional_db as _transactional_db
from tests.e2e.conftest import PHONE, WIDE, Visit
from tests.factory import make

transactional_db = _transactional_db
LOOKS = [("vi", "light", WIDE), ("vi", "dark", PHONE), ("en", "light", PHONE), ("en", "dark", WIDE)]
REVIEW = "/nguon-so-lieu/cho-xem-xet/"


@pytest.fixture
def people(transactional_db: None) -> Iterator[dict[str, User]]:
    """A coordinator and an administrator; sources in every state, runs, values that wait."""
    cache.clear()
    now = timezone.now()
    coordinator, administrator = make(User, last_name="Nguyễn"), make(User, last_name="Lê")
    make(SystemRole, user=coordinator, role="coordinator")
    make(SystemRole, user=administrator, role="administrator")
    body = make(OrganisationName, short_vi="Tỉnh A", short_en="Province A").organisation
    series = make(Series)
    paused = now + dt.timedelta(hours=2)
    described: dict[str, dict[str, Any]] = {
        "tot": {"enabled": True, "schedule": "30 6 * * *", "synthetic": True},
        "ngat": {"enabled": True, "failures": 5, "paused_until": paused},
        "tat": {"owner": body},
    }
    for slug, given in described.items():
        source = make(DataSource, slug=slug, name_vi=f"Nguồn {slug}", name_en=f"Source {slug}",
                      **given)  # fmt: skip
        make(SeriesMapping, data_source=source, series=series)
    source = DataSource.objects.get(slug="tot")
    source.source = make(Source, title="Nguồn tot")
    source.save()
    for number in range(12):
        at = now - dt.timedelta(days=number + 1)
        failed = {"status": "failed", "outcome": "timeout"} if number % 4 == 3 else {}
        make(SourceRun, data_source=source, started_at=at, finished_at=at,
             **{"status": "unchanged", **failed})  # fmt: skip
    run = make(
        SourceRun, data_source=source, status="succeeded", added=1, held=12, rejected=2,
        rows_read=15, rejections={"number": 2}, checksum="ab" * 32, bytes=5000, requests=1,
    )  # fmt: skip
    make(RunRejection, run=run, field="gia_tri", shown="n/a")
    make(Observation, series=series, organisation=body, period="2025", value=12, run=run)
    standing = make(Observation, series=series, organisation=body, period="2024", value=30)
    for number in range(12):
        make(HeldValue, run=run, series=series, organisation=body, period=str(2024 - number),
             value=45 + number, reasons=["trust", "jump"], previous=28,
             standing=standing if number == 0 else None)  # fmt: skip
    make(SourceRun, data_source=source, kind="trial", status="succeeded", preview=[
        {"place": 1, "indicator": series.indicator.code, "organisation": body.code,
         "period": "2024", "value": "12.5", "action": "held", "reason": "range jump"},
    ])  # fmt: skip
    make(
        SourceRun, data_source=DataSource.objects.get(slug="tat"), status="failed",
        outcome="columns-changed", detail={"missing": ["GDP"], "found": ["gdp", "nam"]},
    )  # fmt: skip
    yield {"coordinator": coordinator, "administrator": administrator}
    cache.clear()


@pytest.fixture
def visit_as(people: dict[str, User], site: str, visit: Visit, page: Page) -> Callable[..., Page]:
    """Open a page signed in as one of the people; "" for nobody."""

    def open_page(who: str, path: str, *look: Any) -> Page:
        if who:
            client = Client()
            client.force_login(people[who])
            name = settings.SESSION_COOKIE_NAME
            value = client.cookies[name].value
            page.context.add_cookies([{"name": name, "value": value, "url": site}])
        language, theme, size = look
        return visit(path, language=language, theme=theme, size=size)

    return open_page


def of_run(**which: Any) -> str:
    return SourceRun.objects.filter(**which).latest("pk").get_absolute_url()


@pytest.mark.parametrize("look", LOOKS)
def test_nothing_is_wrong_with_the_pages(
    visit_as: Callable[..., Page],
    axe: Callable[[Page], list[str]],
    look: tuple[str, str, tuple[int, int]],
) -> None:
    indicator = Series.objects.get(mappings__data_source__slug="tot").indicator
    for who, path in (
        ("", "/nguon-so-lieu/"),
        ("", "/nguon-so-lieu/?q=khong-co"),
        ("", "/nguon-so-lieu/ngat/"),
        ("coordinator", "/nguon-so-lieu/"),
        ("coordinator", "/nguon-so-lieu/tot/"),
        ("administrator", "/nguon-so-lieu/tat/"),
        ("coordinator", of_run(status="succeeded", kind="scheduled")),
        ("coordinator", of_run(kind="trial")),
        ("coordinator", of_run(status="failed")),
        ("coordinator", REVIEW),
        ("coordinator", f"{REVIEW}?reason=range"),
        ("", f"/chi-tieu/{indicator.code}/"),
    ):
        shown = visit_as(who, path, *look)
        assert shown.locator("h1").count() == 1, path
        assert axe(shown) == [], path
        assert not shown.evaluate("document.documentElement.scrollWidth > innerWidth"), path


def test_values_are_decided_by_keyboard(visit_as: Callable[..., Page]) -> None:
    shown = visit_as("coordinator", REVIEW, "vi", "light", WIDE)
    first = shown.locator('input[name="value"]').first
    first.focus()
    shown.keyboard.press("Space")
    expect(shown.locator("#so-chon")).to_have_text("1 đã chọn")
    # What has the focus is not under the bar of the decision.
    shown.emulate_media(reduced_motion="reduce")  # scrolls at once
    shown.locator('input[name="value"]').last.focus()
    assert shown.evaluate(
        "document.activeElement.getBoundingClientRect().bottom"
        " <= document.querySelector('.td-decide-held').getBoundingClientRect().top"
    )
    shown.locator("#ly-do").focus()
    shown.keyboard.type("số của năm trước")
    shown.keyboard.press("Tab")
    shown.keyboard.press("Tab")
    shown.keyboard.press("Enter")
    expect(shown.get_by_text("Đã từ chối 1 số")).to_be_visible()
    assert HeldValue.objects.get(state="refused").decision_note == "số của năm trước"


def test_a_whole_group_is_accepted_on_a_phone(visit_as: Callable[..., Page]) -> None:
    shown = visit_as("coordinator", REVIEW, "vi", "dark", PHONE)
    shown.get_by_label("Chọn cả nhóm này").check()
    expect(shown.locator("#so-chon")).to_have_text("12 đã chọn")
    button = shown.get_by_role("button", name="Chấp nhận và công bố")
    box = button.bounding_box()
    assert box
    assert box["height"] >= 44
    button.click()
    expect(shown.get_by_text("Đã chấp nhận và công bố 12 số.")).to_be_visible()
    assert HeldValue.objects.filter(state="accepted").count() == 12


def test_a_refused_decision_keeps_what_was_ticked(
    visit_as: Callable[..., Page], expected_errors: list[str]
) -> None:
    expected_errors.append("422")
    shown = visit_as("coordinator", REVIEW, "vi", "light", WIDE)
    shown.locator('input[name="value"]').nth(1).check()
    shown.get_by_role("button", name="Từ chối").click()
    expect(shown.get_by_role("alert")).to_be_focused()
    expect(shown.locator('input[name="value"]').nth(1)).to_be_checked()
    expect(shown.locator("#so-chon")).to_have_text("1 đã chọn")


def test_the_page_of_a_run_follows_it(visit_as: Callable[..., Page]) -> None:
    source = DataSource.objects.get(slug="ngat")
    run = make(SourceRun, data_source=source, status="running")
    shown = visit_as("coordinator", run.get_absolute_url(), "vi", "light", WIDE)
    expect(shown.get_by_text("Đang lấy và đọc số liệu.")).to_be_visible()
    SourceRun.objects.filter(pk=run.pk).update(status="unchanged", finished_at=timezone.now())
    expect(shown.get_by_text("Nguồn không có gì mới")).to_be_visible(timeout=10_000)
