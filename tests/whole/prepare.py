"""`python -m tests.whole.prepare REPORTERS APPROVED NEW`: people and reports, as JSON.

Reporters with items to fill, a coordinator with approved reports to publish, and officials who
have a password and a report of twenty values, and never saw the site.
Five people share a report and each has items of their own in it, so that the locks of a report
are shared and every item has one writer, whose last acknowledged value must be there afterwards.
"""

from __future__ import annotations

import datetime as dt
import json
import secrets
import string
import sys
import time
from collections.abc import Iterator
from decimal import Decimal

import django

django.setup()

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402
from django.contrib.auth.hashers import make_password  # noqa: E402
from django.contrib.auth.models import User  # noqa: E402
from django.contrib.sessions.backends.cached_db import SessionStore  # noqa: E402
from django.utils import timezone  # noqa: E402

from targets.models import (  # noqa: E402
    AssessmentMethod,
    Indicator,
    Membership,
    Organisation,
    OrganisationName,
    Report,
    ReportingCycle,
    ReportingDuty,
    ReportItem,
    Role,
    Series,
    SystemRole,
    Target,
    Unit,
)
from targets.reporting import steps  # noqa: E402
from targets.reporting.entering import Change, Typed, enter_many  # noqa: E402
from tests.factory import begin_after, make  # noqa: E402
from tests.whole.sizes import (  # noqa: E402
    ITEMS_PER_PERSON,
    PEOPLE_PER_REPORT,
    VALUES_OF_NEWCOMER,
    VALUES_PER_REPORT,
)


def people(count: int) -> Iterator[dict[str, object]]:
    """Session, CSRF token, report and items of each person."""
    cycle = make(ReportingCycle)
    unit = make(Unit, kind="count", decimals=0)
    series = [
        make(Series, indicator=make(Indicator, unit=unit, levels=["national", "ministry"]))
        for _ in range(PEOPLE_PER_REPORT * ITEMS_PER_PERSON)
    ]
    report = None
    for number in range(count):
        place = number % PEOPLE_PER_REPORT
        if report is None or place == 0:
            report = make(Report, cycle=cycle)
        own = series[place * ITEMS_PER_PERSON : (place + 1) * ITEMS_PER_PERSON]
        items = [make(ReportItem, report=report, series=one) for one in own]
        user = make(User)
        make(Membership, user=user, organisation=report.organisation)
        yield {
            **_signed_in(user),
            "report": report.pk,
            "items": [item.pk for item in items],
        }


def coordinator(count: int) -> dict[str, object]:
    """A coordinator's session, reports that wait for one, and how many values each has."""
    make(AssessmentMethod, active=True)
    cycle = make(ReportingCycle)
    unit = make(Unit, kind="count", decimals=0)
    series = [
        make(Series, indicator=make(Indicator, unit=unit, levels=["ministry"]))
        for _ in range(VALUES_PER_REPORT)
    ]
    for one in series:
        make(Target, indicator=one.indicator, threshold=100)
    reports = [_approved(make(Report, cycle=cycle), series) for _ in range(count)]
    user = make(User)
    make(SystemRole, user=user, role=Role.COORDINATOR)
    return {**_signed_in(user), "approved": reports, "values": VALUES_PER_REPORT}


def newcomer() -> dict[str, object]:
    """An official's name and password; nothing is filled in yet."""
    organisation = make(Organisation, kind="province")
    make(OrganisationName, organisation=organisation, name_vi="Tỉnh Thử", short_vi="Tỉnh Thử")
    duty = make(ReportingDuty, name_vi="Báo cáo năm")
    today = timezone.localdate()
    cycle = make(
        ReportingCycle,
        duty=duty,
        period=str(today.year),
        data_from=dt.date(today.year, 1, 1),
        data_to=dt.date(today.year, 12, 31),
        opens_on=today,
        due_on=today + dt.timedelta(days=22),
    )
    report = make(Report, cycle=cycle, organisation=organisation)
    count = make(Unit, kind="count", decimals=0, ratio_scale=1)
    share = make(Unit, code="percent", decimals=2, symbol_vi="%")
    for number in range(VALUES_OF_NEWCOMER):
        ratio = number % 4 == 0
        indicator = make(
            Indicator,
            unit=share if ratio else count,
            aggregation="ratio" if ratio else "sum",
            levels=["national", "province"],
        )
        make(ReportItem, report=report, series=make(Series, indicator=indicator))
    password = secrets.token_urlsafe(12)
    user = make(User, username=f"newcomer-{report.pk}", password=make_password(password))
    make(Membership, user=user, organisation=organisation)
    return {"name": user.username, "password": password, "report": report.pk}


def _approved(report: Report, series: list[Series]) -> int:
    reporter, approver = make(User), make(User)
    make(Membership, user=reporter, organisation=report.organisation)
    make(Membership, user=approver, organisation=report.organisation, role=Role.APPROVER)
    items = [make(ReportItem, report=report, series=one) for one in series]
    changes = [Change(item.pk, Typed(value=Decimal(item.pk)), 0) for item in items]
    enter_many(report.pk, by=reporter, changes=changes)
    steps.submit(report.pk, by=reporter)
    steps.approve(report.pk, by=approver)
    return report.pk


def _signed_in(user: User) -> dict[str, object]:
    csrf = "".join(secrets.choice(string.ascii_letters) for _ in range(32))
    return {"session": _session(user), "csrf": csrf}


def _session(user: User) -> str:
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return str(session.session_key)


if __name__ == "__main__":
    # The site may have been prepared for another test before, at less than a row a millisecond.
    begin_after(time.time_ns() // 1_000_000 % 2_000_000_000)
    json.dump(
        {
            "people": list(people(int(sys.argv[1]))),
            "coordinator": coordinator(int(sys.argv[2])) if int(sys.argv[2]) else None,
            "newcomers": [newcomer() for _ in range(int(sys.argv[3]))],
        },
        sys.stdout,
    )
