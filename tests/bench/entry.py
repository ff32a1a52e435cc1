"""The save of one cell beside a view that only renders a constant.

Both requests go through the same middleware in the same process, in turns, signed in as the same
reporter; each time is the best of many. The report has forty cells of the real catalogue, with
history and the rules of the catalogue. Every save changes the value. A third measure is what is
asked while somebody types: how it is understood and what it would mean; its limit is our own.
"""

from __future__ import annotations

import datetime as dt
import gzip
import json
from collections.abc import Iterator
from itertools import count
from typing import TYPE_CHECKING, Any

from tests.bench.pages import CONSTANT, _best, _site
from tests.bench.timing import Timing

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from targets.models import Report

SAVE, PREVIEW, MOST_QUERIES = 12.0, 60.0, 10
TIMES = 300
CELLS = 40


def run() -> Iterator[Timing]:
    """Save and preview; AssertionError where a save needs too many queries."""
    with _site():
        from django.db import connection
        from django.test import Client
        from django.test.utils import CaptureQueriesContext
        from django.urls import reverse

        report, user = _report()
        client = Client(headers={"accept-encoding": "gzip, br"})
        client.force_login(user)
        item = report.items.filter(indicator__aggregation="ratio").first()
        assert item is not None
        address = reverse("report-item", args=[report.pk, item.pk])
        versions = count()

        def save() -> None:
            version = next(versions)
            fields = {"numerator": f"{500 + version}", "denominator": "4.321", "note": ""}
            response = client.post(address, {**fields, "version": version})
            answer = _json(response.content)
            assert answer["outcome"] == "saved", answer

        def constant() -> None:
            assert client.get(CONSTANT).status_code == 200

        def preview() -> None:
            fields = {"numerator": "500", "denominator": "4.321"}
            path = reverse("report-preview", args=[report.pk, item.pk])
            assert _json(client.get(path, fields).content)["means"]

        with CaptureQueriesContext(connection) as captured:
            save()
        queries = len(captured)
        assert queries <= MOST_QUERIES, [query["sql"] for query in captured.captured_queries]
        ours, bare = _best(TIMES, save, constant)
        yield Timing(f"Save of one cell ({queries} queries)", ours, bare, SAVE)
        ours, bare = _best(TIMES, preview, constant)
        yield Timing("While typing: understood, verdict", ours, bare, PREVIEW)


def _json(content: bytes) -> Any:
    """The answer as the browser reads it, after decompression."""
    compressed = content.startswith(b"\x1f\x8b")
    return json.loads(gzip.decompress(content) if compressed else content)


def _report() -> tuple[Report, User]:
    from django.contrib.auth.models import User

    from targets.models import Indicator, Organisation, Report, ReportingCycle, ReportItem
    from tests.factory import make

    ministry = Organisation.objects.filter(kind="ministry", valid_to=None)[0]
    cycle = make(ReportingCycle, due_on=dt.date(2026, 12, 14))
    report = make(Report, cycle=cycle, organisation=ministry)
    user = make(User)
    user.memberships.create(organisation=ministry, role="reporter")
    country = Organisation.objects.get(kind="country")
    chosen = Indicator.objects.filter(series__official=True).order_by("-aggregation", "code")
    for indicator in chosen[:CELLS]:
        make(
            ReportItem,
            report=report,
            series=indicator.series.get(official=True),
            subject=country,
        )
    return report, user
