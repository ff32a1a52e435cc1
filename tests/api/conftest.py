"""A ministry with a report, its reporter, and a program that calls with the reporter's token."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from targets.models import Indicator, Membership, Organisation, Report, ReportItem, Series, Unit
from targets.tokens import make_token
from tests.factory import make


@dataclass
class Caller:
    """A program with a token (or without)."""

    token: str = ""
    language: str = "vi"
    client: Client = field(default_factory=Client)

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """The response; its JSON has exact numbers under `.data`."""
        sent = {"Accept-Language": self.language, **headers}
        if self.token:
            sent["Authorization"] = f"Bearer {self.token}"
        text = body if isinstance(body, str | bytes) else json.dumps(body, default=_exact)
        response: Any = self.client.generic(
            method,
            f"/api{path}",
            "" if body is None else text,
            content_type="application/json",
            headers=sent,
        )
        if response["Content-Type"].partition(";")[0].endswith("json"):
            response.data = json.loads(response.content, parse_float=Decimal)
        return response


def _exact(value: object) -> object:
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(value)


def token_of(user: User) -> str:
    return make_token(by=user, name="test", expires_on=timezone.localdate())[1]


@pytest.fixture
def ministry() -> Organisation:
    return make(Organisation)


@pytest.fixture
def reporter(ministry: Organisation) -> User:
    user = make(User)
    make(Membership, user=user, organisation=ministry, role="reporter")
    return user


@pytest.fixture
def report(ministry: Organisation) -> Report:
    """Three cells: a share with numerator and denominator, a count, a plain per cent."""
    report = make(Report, organisation=ministry)
    share = make(Indicator, aggregation="ratio", name_vi="Tỷ lệ", name_en="Share")
    count = make(Indicator, unit=make(Unit, kind="count", decimals=0, ratio_scale=1))
    for position, indicator in enumerate([share, count, make(Indicator)], start=1):
        series = make(Series, indicator=indicator, code="bao-cao")
        make(ReportItem, report=report, series=series, position=position)
    return report


@pytest.fixture
def items(report: Report) -> list[ReportItem]:
    return list(report.items.order_by("position"))


@pytest.fixture
def call(reporter: User) -> Caller:
    return Caller(token_of(reporter))


@pytest.fixture
def as_role(ministry: Organisation) -> Callable[[str, Organisation | None], Caller]:
    """A program of a person with a role in an organisation (None: the ministry)."""

    def caller(role: str, organisation: Organisation | None = None) -> Caller:
        user = make(User)
        make(Membership, user=user, organisation=organisation or ministry, role=role)
        return Caller(token_of(user))

    return caller
