"""Rows fit each other: clause and document, organisation and period, ratio and its parts."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, models, transaction

from documents.models import Document, Provision
from targets.models import Indicator, Observation, Organisation, Series, Target, Task, Unit
from tests.factory import make

pytestmark = pytest.mark.django_db

ENDED = {"valid_from": dt.date(2007, 8, 8), "valid_to": dt.date(2025, 2, 28)}


def refused(**given: Any) -> str:
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        make(Observation, **given)
    return str(refusal.value)


@pytest.mark.parametrize("model", [Target, Task])
def test_a_provision_of_another_document_is_refused(model: type[models.Model]) -> None:
    stranger = make(Provision)
    with pytest.raises(IntegrityError, match="not of this document"), transaction.atomic():
        make(model, document=make(Document), provision=stranger)
    row = make(model)
    with pytest.raises(IntegrityError, match="not of this document"), transaction.atomic():
        model._default_manager.filter(pk=row.pk).update(provision=stranger)


@pytest.mark.parametrize(
    ("period", "start", "end"),
    [
        ("2006", dt.date(2006, 1, 1), dt.date(2006, 12, 31)),
        ("2025-Q2", dt.date(2025, 4, 1), dt.date(2025, 6, 30)),
        ("2025-03", dt.date(2025, 3, 1), dt.date(2025, 3, 31)),
    ],
)
def test_a_value_of_an_organisation_that_did_not_exist_then_is_refused(
    period: str, start: dt.date, end: dt.date
) -> None:
    ended = make(Organisation, **ENDED)
    said = refused(organisation=ended, period=period, period_start=start, period_end=end)
    assert f"{ended.code} did not exist in {period}" in said


@pytest.mark.parametrize(
    ("period", "start", "end"),
    [
        ("2007", dt.date(2007, 1, 1), dt.date(2007, 12, 31)),
        ("2025-02", dt.date(2025, 2, 1), dt.date(2025, 2, 28)),
        ("2025", dt.date(2025, 1, 1), dt.date(2025, 12, 31)),
    ],
)
def test_a_period_that_its_organisation_saw_in_part_is_taken(
    period: str, start: dt.date, end: dt.date
) -> None:
    make(
        Observation,
        organisation=make(Organisation, **ENDED),
        period=period,
        period_start=start,
        period_end=end,
    )


@pytest.mark.parametrize(
    ("scale", "numerator", "denominator", "value"),
    [
        (100, "1", "3", "33.33333333"),
        (100, "2", "3", "66.66666667"),
        (1, "2", "3", "0.66666667"),
        (10000, "7", "8", "8750"),
        (1, "123456789012345", "7", "17636684144620.71428571"),
        (1, "-1", "8", "-0.125"),
    ],
)
def test_a_ratio_is_its_numerator_over_its_denominator(
    scale: int, numerator: str, denominator: str, value: str
) -> None:
    series = make(Series, indicator=make(Indicator, unit=make(Unit, ratio_scale=scale)))
    parts = {"series": series, "numerator": numerator, "denominator": denominator}
    wrong = Decimal(value) + Decimal("0.00000002")
    assert "is not numerator / denominator" in refused(**parts, value=wrong)
    make(Observation, **parts, value=value)


def test_one_bad_row_of_a_statement_refuses_them_all() -> None:
    series, ended = make(Series), make(Organisation, **ENDED)
    rows = [
        Observation(**{**_values(series), "organisation": organisation})
        for organisation in (make(Organisation), ended, make(Organisation))
    ]
    with pytest.raises(IntegrityError), transaction.atomic():
        Observation.objects.bulk_create(rows)
    assert not Observation.objects.filter(series=series).exists()


def _values(series: Series) -> dict[str, Any]:
    """The fields of a valid value of 2006, which is kept under another series."""
    pattern = make(
        Observation,
        period="2006",
        period_start=dt.date(2006, 1, 1),
        period_end=dt.date(2006, 12, 31),
        year=2006,
    )
    names = [f.name for f in Observation._meta.concrete_fields if f.name != "id"]
    return {**{name: getattr(pattern, name) for name in names}, "series": series}
