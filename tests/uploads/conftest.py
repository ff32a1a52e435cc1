"""A report to fill in, and people with roles."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from django.contrib.auth.models import User
from django.test import Client

from targets.models import (
    AssessmentMethod,
    Indicator,
    Membership,
    Organisation,
    OrganisationName,
    Report,
    ReportItem,
    Unit,
)
from tests.factory import make


@pytest.fixture
def percent() -> Unit:
    """Per cent, as the catalogue has it."""
    return make(
        Unit,
        code="percent",
        kind="percent",
        name_vi="phần trăm",
        name_en="per cent",
        symbol_vi="%",
        symbol_en="%",
        decimals=2,
        ratio_scale=100,
    )


@pytest.fixture
def report(db: None) -> Report:
    """A draft of an organisation that has a name, with what verdicts need."""
    made = make(Report)
    make(OrganisationName, organisation=made.organisation, name_vi="Bộ Thử nghiệm")
    make(AssessmentMethod, active=True)
    return made


@pytest.fixture
def reporter(report: Report) -> User:
    """Who fills it in."""
    return member(report, "reporter")


def member(report: Report, role: str) -> User:
    """Somebody with a role in the report's organisation."""
    user = make(User)
    make(Membership, user=user, organisation=report.organisation, role=role)
    return user


def add_items(
    report: Report, unit: Unit, names: Sequence[tuple[str, str]], *, aggregation: str = "none"
) -> list[ReportItem]:
    """Cells with these (code, name)."""
    made = []
    for code, name in names:
        indicator = make(
            Indicator,
            code=code,
            name_vi=name,
            name_en=f"{code} in English",
            unit=unit,
            aggregation=aggregation,
        )
        made.append(
            make(
                ReportItem,
                report=report,
                indicator=indicator,
                subject=report.organisation,
                position=report.items.count() + 1,
            )
        )
    return made


@pytest.fixture
def sign_in(client: Client) -> Callable[[User], Client]:
    """A client as somebody."""

    def signed_in(user: User) -> Client:
        client.force_login(user)
        return client

    return signed_in


@pytest.fixture
def elsewhere() -> Organisation:
    """Another organisation."""
    return make(Organisation)
