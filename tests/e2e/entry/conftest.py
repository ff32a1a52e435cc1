"""A report of a few rows, two reporters, and browsers that are signed in as them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import connections
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Locator, Page
from pytest_django.plugin import DjangoDbBlocker

from targets.models import (
    AssessmentMethod,
    Indicator,
    Observation,
    Organisation,
    OrganisationName,
    Pillar,
    Report,
    ReportItem,
    Series,
    Target,
    Unit,
    ValidationRule,
)
from tests.committed import transactional_db as _transactional_db
from tests.e2e.conftest import WIDE, prepare
from tests.factory import make

transactional_db = _transactional_db


@dataclass
class Desk:
    """The report and who works on it; `items` by a short word for each row."""

    site: str
    report: Report
    reporter: User
    colleague: User
    items: dict[str, ReportItem]

    @property
    def path(self) -> str:
        return f"/bao-cao/{self.report.pk}/"

    def stored(self, row: str) -> ReportItem:
        """A cell as the database has it now."""
        return ReportItem.objects.get(pk=self.items[row].pk)


@dataclass
class Grid:
    """The page of the report as one person has it open."""

    page: Page
    desk: Desk
    complaints: list[str] = field(default_factory=list)

    def cell(self, row: str) -> Locator:
        return self.page.locator(f"#o-{self.desk.items[row].pk}")

    def input(self, row: str, name: str = "value") -> Locator:
        return self.page.locator(f"#i{self.desk.items[row].pk}-{name}")

    def state(self, row: str) -> Locator:
        return self.cell(row).locator(".state")

    def type(self, row: str, text: str, name: str = "value") -> None:
        """Type into a field and leave it."""
        self.input(row, name).fill(text)
        self.input(row, name).blur()


@pytest.fixture
def people(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Set up first and so taken down last: who is referred to by no report any more goes."""
    yield
    with django_db_blocker.unblock():
        Session.objects.all().delete()
        User.objects.all().delete()


@pytest.fixture
def desk(people: None, transactional_db: None, site: str) -> Desk:
    """Six rows: two ratios, two per cents, a count and a milestone, with history and targets."""
    organisation = make(Organisation, kind="province")
    make(OrganisationName, organisation=organisation, name_vi="Phú Thọ", short_vi="Phú Thọ")
    reporter = make(User, last_name="Nguyễn Thị", first_name="An")
    colleague = make(User, last_name="Trần Văn", first_name="Bình")
    for person in (reporter, colleague):
        person.memberships.create(organisation=organisation, role="reporter")
    make(AssessmentMethod, active=True)
    pillar = make(Pillar, name_vi="Chính phủ số", name_en="Digital government")
    percent = make(Unit, symbol_vi="%", symbol_en="%")
    count = make(Unit, kind="count", decimals=0, ratio_scale=1)
    stage = make(Unit, kind="stage", decimals=0, ratio_scale=1)
    report = make(Report, organisation=organisation)
    items = {}
    for word, unit, aggregation in (
        ("share", percent, "none"),
        ("ratio", percent, "ratio"),
        ("number", count, "sum"),
        ("second", percent, "ratio"),
        ("stage", stage, "none"),
        ("last", percent, "none"),
    ):
        indicator = make(
            Indicator, unit=unit, aggregation=aggregation, pillar=pillar, levels=["province"]
        )
        series = make(Series, indicator=indicator)
        items[word] = make(ReportItem, report=report, series=series)
        milestone = {"kind": "milestone", "operator": "", "threshold": None}
        make(
            Target,
            indicator=indicator,
            due_year=2030,
            horizon="2030",
            scope="each_province",
            **(milestone if word == "stage" else {"threshold": 80}),
        )
        for year, value in ((2024, 25), (2025, 50)):
            make(
                Observation,
                series=series,
                organisation=organisation,
                period=str(year),
                value=value,
                known_on=dt.date(year + 1, 1, 6),
            )
    make(ValidationRule, check_kind="whole", sentence_vi="Tử số lớn hơn mẫu số.")
    make(
        ValidationRule,
        check_kind="jump",
        severity="warning",
        bound=30,
        unit_kind="percent",
        sentence_vi="Thay đổi nhiều so với năm trước.",
    )
    make(ValidationRule, check_kind="required", sentence_vi="Phải có giá trị.")
    return Desk(site, report, reporter, colleague, items)


def sign_in(context: BrowserContext, site: str, user: User) -> None:
    """Give a browser a session of its own."""
    client = Client()
    client.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": site}])


def end_sessions() -> None:
    """What happens to everybody after twelve hours."""
    Session.objects.all().delete()
    cache.clear()


Open = Callable[..., Grid]


@pytest.fixture
def open_grid(browser: Browser, desk: Desk, expected_errors: list[str]) -> Iterator[Open]:
    """Opens the report in a browser of its own; what the browser complains of fails the test."""
    contexts: list[BrowserContext] = []
    grids: list[Grid] = []

    def opened(
        user: User | None = None,
        *,
        language: str = "vi",
        theme: str = "light",
        size: tuple[int, int] = WIDE,
        script: bool = True,
        context: BrowserContext | None = None,
    ) -> Grid:
        if context is None:
            context = browser.new_context(
                locale="vi-VN",
                timezone_id="Asia/Ho_Chi_Minh",
                reduced_motion="reduce",
                viewport={"width": size[0], "height": size[1]},
                java_script_enabled=script,
            )
            contexts.append(context)
            sign_in(context, desk.site, user or desk.reporter)
            prepare(context, desk.site, language=language, theme=theme)
        grid = Grid(context.new_page(), desk)
        grids.append(grid)
        grid.page.on(
            "console",
            lambda message: (
                grid.complaints.append(message.text)
                if message.type in {"error", "warning"}
                else None
            ),
        )
        grid.page.on("pageerror", lambda error: grid.complaints.append(str(error)))
        grid.page.goto(desk.site + desk.path)
        return grid

    yield opened
    for context in contexts:
        context.close()
    connections.close_all()
    unexpected = [
        text
        for grid in grids
        for text in grid.complaints
        if not any(part in text for part in expected_errors)
    ]
    assert not unexpected, unexpected
