"""A small country with one method, and the shortest ways to give it demands and values."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone

from documents.models import Document
from targets.assessing import assess_batch
from targets.models import (
    COUNTRY_CODE,
    Assessment,
    AssessmentMethod,
    Indicator,
    Observation,
    Organisation,
    Series,
    Target,
)
from tests.factory import make

TODAY = dt.date(2026, 11, 22)


def country() -> Organisation:
    """The country, with the active method beside it."""
    make(AssessmentMethod, active=True)
    return make(Organisation, code=COUNTRY_CODE, kind="country")


def demand(indicator: Indicator, **given: Any) -> Target:
    """At least 20 by 2025, of a document of 2020, unless given otherwise."""
    document = given.pop("document", None) or make(Document)
    return make(Target, indicator=indicator, document=document, **given)


def publish(
    series: Series, period: str, value: float, known_on: dt.date | None = None, **given: Any
) -> Observation:
    """A value of the country, known from the 6 January after its year unless given otherwise."""
    year = int(period[:4])
    organisation = given.pop("organisation", None) or Organisation.objects.get(code=COUNTRY_CODE)
    return make(
        Observation,
        series=series,
        organisation=organisation,
        period=period,
        value=value,
        known_on=known_on or dt.date(year + 1, 1, 6),
        **given,
    )


def revise(old: Observation, value: float, known_on: dt.date) -> Observation:
    """A correction: the old version is superseded, the new one is in force."""
    Observation.objects.filter(pk=old.pk).update(superseded_at=timezone.now())
    return publish(old.series, old.period, value, known_on, organisation=old.organisation)


def judge(today: dt.date = TODAY) -> int:
    """Empty the queue as the worker does; how many verdicts were written."""
    written = 0
    while (outcome := assess_batch(today=today)).claimed:
        written += outcome.written
    return written


def history(target: Target, organisation: Organisation | None = None) -> list[tuple[str, str]]:
    """Day and status of every verdict in force on a target, in order."""
    rows = Assessment.objects.filter(target=target, superseded_at__isnull=True)
    if organisation is not None:
        rows = rows.filter(organisation=organisation)
    return [(row.as_of.isoformat(), row.status) for row in rows.order_by("as_of")]
