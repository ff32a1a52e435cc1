"""What is due for me and who was on time: in both languages and themes, wide and on a phone."""

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
from playwright.sync_api import Page

from targets.models import (
    Membership,
    Organisation,
    OrganisationName,
    Report,
    ReportingCycle,
    ReportItem,
    SystemRole,
)
from tests.committed import transactional_db as _transactional_db
from tests.e2e.conftest import PHONE, WIDE, Visit
from tests.factory import make

transactional_db = _transactional_db
LOOKS = [("vi", "light", WIDE), ("vi", "dark", PHONE), ("en", "light", PHONE), ("en", "dark", WIDE)]


@pytest.fixture
def people(transactional_db: None) -> Iterator[dict[str, User]]:
    """A reporter with something due in three days, and the coordinator of eight such bodies."""
    cache.clear()
    today = timezone.localdate()
    cycle = make(ReportingCycle, due_on=today + dt.timedelta(days=3),
                 opens_on=today - dt.timedelta(days=30))  # fmt: skip
    reporter, coordinator = make(User, last_name="Hoàng"), make(User, last_name="Nguyễn")
    make(SystemRole, user=coordinator, role="coordinator")
    for number in range(8):
        body = make(Organisation)
        make(OrganisationName, organisation=body, short_vi=f"Bộ số {number}",
             short_en=f"Ministry {number}")  # fmt: skip
        make(Membership, user=reporter if number == 0 else make(User), organisation=body)
        report = make(Report, cycle=cycle, organisation=body)
        make(ReportItem, report=report)
        if number % 3 == 1:
            submitted = timezone.now() - dt.timedelta(days=number)
            Report.objects.filter(pk=report.pk).update(
                state="submitted", first_submitted_at=submitted
            )
    make(Report, cycle=cycle, organisation=Organisation.objects.get(names__short_vi="Bộ số 0"),
         sample=True)  # fmt: skip
    yield {"reporter": reporter, "coordinator": coordinator}
    User.objects.all().delete()
    cache.clear()


@pytest.fixture
def visit_as(people: dict[str, User], site: str, visit: Visit, page: Page) -> Callable[..., Page]:
    """Open a page signed in as one of the people."""

    def open_page(who: str, path: str, *look: Any) -> Page:
        client = Client()
        client.force_login(people[who])
        name = settings.SESSION_COOKIE_NAME
        page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": site}])
        language, theme, size = look
        return visit(path, language=language, theme=theme, size=size)

    return open_page


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize(
    "place",
    [
        ("reporter", "/bao-cao/"),
        ("coordinator", "/bao-cao/"),
        ("coordinator", "/bao-cao/dung-han/"),
        ("reporter", "/bao-cao/dung-han/"),
    ],
)
def test_nothing_is_wrong_with_the_page(
    visit_as: Callable[..., Page],
    axe: Callable[[Page], list[str]],
    place: tuple[str, str],
    look: tuple[str, str, tuple[int, int]],
) -> None:
    shown = visit_as(*place, *look)
    assert shown.locator("h1").count() == 1
    assert axe(shown) == []
    assert not shown.evaluate("document.documentElement.scrollWidth > innerWidth")


def test_the_button_on_a_phone_leads_to_the_report(
    visit_as: Callable[..., Page], people: dict[str, User]
) -> None:
    shown = visit_as("reporter", "/bao-cao/", "vi", "light", PHONE)
    button = shown.get_by_role("link", name="Nhập số liệu").first
    box = button.bounding_box()
    assert box is not None
    assert box["height"] >= 44
    button.click()
    report = Report.objects.get(organisation__memberships__user=people["reporter"], sample=False)
    shown.wait_for_url(f"**/bao-cao/{report.pk}/")
