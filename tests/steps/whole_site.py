"""The whole of the site on the real catalogue: web server, broker, worker, database, a browser."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from unittest import mock

import httpx
from celery import Celery
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.contrib.auth.models import User
from django.utils import timezone

from targets.models import Report, ReportItem, SystemRole
from targets.reporting.cycles import open_due_cycles
from tests import catalogue_database
from tests.celery.workers import Site, eventually, queue_is_empty
from tests.e2e.pages.server import environment, serving

#: A milestone of the whole country that a ministry reports and its verdict goes by.
INDICATOR, TARGET, MINISTRY = "digital-nation", "qd749-2030-digital-nation", "BKHCN"
_PASSWORD = "mat-khau-dai-1"


class _DemoSite(Site):
    """Worker and broker with the surroundings of the web server beside them."""

    @property
    def environment(self) -> dict[str, str]:
        given = super().environment
        database = given["DATABASE_URL"].rpartition("/")[2]
        return {**given, **environment(database, self.home), "BROKER_URL": self.broker.url}


@dataclass
class WholeSite:
    """A running site, with a coordinator who has signed in."""

    site: Site
    address: str
    browser: httpx.Client
    item: ReportItem

    def offer(self, stage: int) -> None:
        """Have the report wait for the coordinator with another value in it."""
        person = User.objects.get(username="reporter")
        ReportItem.objects.filter(pk=self.item.pk).update(
            value=Decimal(stage), version=1, entered_by=person, entered_at=timezone.now()
        )
        reports = Report.objects.filter(pk=self.item.report_id)
        road = ["draft", "submitted", "approved"]
        state = reports.get().state
        for after in road[road.index(state) + 1 if state in road else 0 :]:
            reports.update(state=after)

    def open_review(self) -> dict[str, str]:
        """The page on which the coordinator decides: the fields of its form."""
        return self.fields(self.browser.get(f"{self._report}/xem-xet/"))

    def publish(self, form: dict[str, str]) -> None:
        """Press the button; returns when the server has answered."""
        answer = self.browser.post(
            f"{self._report}/buoc/publish/",
            data=form,
            headers={"Referer": f"{self._report}/xem-xet/"},
        )
        assert answer.status_code == 302, answer.text

    @property
    def _report(self) -> str:
        return f"{self.address}/bao-cao/{self.item.report_id}"

    def fields(self, page: httpx.Response) -> dict[str, str]:
        """The hidden fields of the form on which the decision is taken."""
        assert page.status_code == 200, page.text
        form = page.text[page.text.index('id="buoc"') :]
        return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form))

    def verdict(self) -> str:
        """The word that the Overview has for the target, for a reader who is not signed in."""
        page = httpx.get(f"{self.address}/", headers={"Accept-Language": "vi"}).text
        found = re.search(rf'href="/muc-tieu/{TARGET}/" title="([^:"]+):', page)
        assert found, "the target is not on the Overview"
        return found[1]

    def settle(self) -> None:
        """Wait until the worker is idle: no verdict due, no figure or page being made."""
        eventually("no verdict is due", queue_is_empty)
        with Celery(broker=self.site.broker.url) as app:
            look = app.control.inspect(timeout=2)

            def idle() -> bool:
                running, waiting = look.active(), look.reserved() or {}
                return running is not None and not any([*running.values(), *waiting.values()])

            eventually("the worker has nothing to do", idle)

    def seconds_to_change(self) -> tuple[float, float]:
        """Publish; seconds from the press of the button, and from the answer to it, until the
        Overview has another verdict. AssertionError if it never comes."""
        before, form = self.verdict(), self.open_review()
        pressed = time.perf_counter()
        self.publish(form)
        answered = time.perf_counter()
        eventually("the Overview has another verdict", lambda: self.verdict() != before)
        seen = time.perf_counter()
        return seen - pressed, seen - answered


@contextmanager
def whole_site(database: str, folder: Path) -> Iterator[WholeSite]:
    """Everything started, one report with one value ready to be published, the worker warm."""
    catalogue_database.create(database)
    home = folder / "site"
    home.mkdir()
    site = _DemoSite(home)
    try:
        with catalogue_database.connected_to(database):
            item = _report()
            site.broker.start()
            with (
                mock.patch.dict("os.environ", {"BROKER_URL": site.broker.url}),
                serving(database, folder) as address,
                httpx.Client(timeout=30) as browser,
            ):
                site.worker()
                site.ask()
                _sign_in(browser, address)
                whole = WholeSite(site, address, browser, item)
                whole.settle()
                yield whole
    finally:
        site.stop()
        catalogue_database.drop(database)


def _report() -> ReportItem:
    """The ministry's report of the cycle that is open, with its accounts."""
    # Tests hash quickly; the server asks for what production would accept.
    password = PBKDF2PasswordHasher().encode(_PASSWORD, "salt")
    for name in ("coordinator", "reporter"):
        User.objects.create(username=name, email=f"{name}@thuocdo.test", password=password)
    SystemRole.objects.create(user=User.objects.get(username="coordinator"), role="coordinator")
    open_due_cycles(catalogue_database.TODAY)
    item: ReportItem = ReportItem.objects.select_related("report").get(
        report__organisation__code=MINISTRY,
        report__cycle__duty__code="qd749-yearly",
        indicator__code=INDICATOR,
        subject__code="VN",
    )
    return item


def _sign_in(browser: httpx.Client, address: str) -> None:
    page = browser.get(f"{address}/tai-khoan/login/")
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)
    assert token, page.text
    answer = browser.post(
        f"{address}/tai-khoan/login/",
        data={"login": "coordinator", "password": _PASSWORD, "csrfmiddlewaretoken": token[1]},
        headers={"Referer": f"{address}/tai-khoan/login/"},
    )
    assert answer.status_code == 302, answer.text
