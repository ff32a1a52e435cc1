"""Who changes what a verdict rests on asks for the verdict, in the same transaction."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import transaction
from django.utils import timezone

from targets.models import (
    AssessmentMethod,
    DataVersion,
    Indicator,
    Observation,
    Organisation,
    PendingAssessment,
    Series,
    Target,
)
from targets.queue import enqueue_everything
from tests.committed import second_connection
from tests.factory import make

Pair = tuple[str, str]


def pending() -> set[Pair]:
    """The pairs that are due, as target key and organisation code; forgets them."""
    found = set(
        PendingAssessment.objects.order_by().values_list("target__key", "organisation__code")
    )
    PendingAssessment.objects.all().delete()
    return found


@pytest.fixture
def country(db: None) -> Organisation:
    return make(Organisation, code="VN", kind="country")


@pytest.fixture
def series(country: Organisation) -> Series:
    """The official series of an indicator that exists for the country and the provinces."""
    return make(Series, indicator=make(Indicator, levels=["national", "province"]))


@pytest.fixture
def target(series: Series) -> Target:
    found = make(Target, key="the-target", indicator=series.indicator)
    make(Target, key="another")
    pending()
    return found


def test_a_new_target_is_due_for_the_country(target: Target, series: Series) -> None:
    make(Target, key="new", indicator=series.indicator)
    assert pending() == {("new", "VN")}


def test_a_changed_target_is_due_wherever_there_are_values(target: Target, series: Series) -> None:
    for code in ("A", "B"):
        make(Observation, series=series, organisation=make_province(code))
    make_province("WITHOUT")
    pending()
    Target.objects.filter(pk=target.pk).update(threshold=30)
    assert pending() == {(target.key, code) for code in ("VN", "A", "B")}


def test_a_retired_target_is_not_due(target: Target) -> None:
    Target.objects.filter(pk=target.pk).update(retired_on=dt.date(2026, 1, 1))
    assert pending() == set()
    Target.objects.filter(pk=target.pk).update(retired_on=None)
    assert pending() == {(target.key, "VN")}


@pytest.mark.parametrize(
    ("kind", "levels", "due"),
    [
        ("country", ["province"], True),
        ("province", ["national", "province"], True),
        ("province", ["national", "ministry"], False),
        ("ministry", ["ministry"], True),
        ("agency", ["ministry"], True),
        ("ministry", ["national", "province"], False),
        ("party", ["ministry"], False),
        ("group", ["ministry", "province"], False),
        ("other", ["ministry"], False),
    ],
)
def test_a_value_makes_a_verdict_due_at_the_levels_of_its_indicator(
    db: None, kind: str, levels: list[str], due: bool
) -> None:
    organisation = make(Organisation, kind=kind)
    series = make(Series, indicator=make(Indicator, levels=levels))
    target = make(Target, indicator=series.indicator)
    pending()
    make(Observation, series=series, organisation=organisation)
    expected = {(target.key, organisation.code)} if due else set()
    assert pending() == expected
    Target.objects.filter(pk=target.pk).update(threshold=30)
    assert pending() == expected
    enqueue_everything()
    assert pending() == expected


def test_a_value_of_another_series_makes_nothing_due(
    target: Target, series: Series, country: Organisation
) -> None:
    beside = make(Series, indicator=series.indicator, official=False)
    pending()
    make(Observation, series=beside, organisation=country)
    assert pending() == set()


def test_a_superseded_and_a_published_value_make_verdicts_due(
    target: Target, series: Series, country: Organisation
) -> None:
    value = make(Observation, series=series, organisation=country, state="approved")
    pending()
    Observation.objects.filter(pk=value.pk).update(state="published")
    assert pending() == {(target.key, "VN")}
    Observation.objects.filter(pk=value.pk).update(superseded_at=timezone.now())
    assert pending() == {(target.key, "VN")}


def test_a_changed_indicator_series_or_method_makes_verdicts_due(
    target: Target, series: Series
) -> None:
    Indicator.objects.filter(pk=target.indicator_id).update(interval_years=2)
    assert pending() == {(target.key, "VN")}
    Series.objects.filter(pk=series.pk).update(official=False)
    assert pending() == {(target.key, "VN")}
    make(AssessmentMethod, active=False)
    assert pending() == set()
    make(AssessmentMethod, active=True)
    assert pending() == {(target.key, "VN"), ("another", "VN")}


def test_everything_can_be_made_due(target: Target) -> None:
    before = DataVersion.now()
    assert enqueue_everything() == 2
    assert pending() == {(target.key, "VN"), ("another", "VN")}
    assert DataVersion.now() > before


def test_the_data_version_rises_with_each_change(
    target: Target, series: Series, country: Organisation
) -> None:
    numbers = [DataVersion.now()]
    value = make(Observation, series=series, organisation=country)
    numbers.append(DataVersion.now())
    Observation.objects.filter(pk=value.pk).update(superseded_at=timezone.now())
    numbers.append(DataVersion.now())
    Target.objects.filter(pk=target.pk).update(threshold=30)
    numbers.append(DataVersion.now())
    assert numbers == sorted(set(numbers))


def test_there_is_a_version_before_the_first_change(db: None) -> None:
    assert DataVersion.now() == 0


def test_the_queue_and_the_version_are_seen_together_with_the_value(transactional_db: None) -> None:
    country = make(Organisation, code="VN", kind="country")
    series = make(Series)
    target = make(Target, indicator=series.indicator)
    pending()
    with second_connection() as other:
        other.autocommit = True

        def seen() -> tuple[int, list[tuple[int, int]]]:
            pairs = other.execute(
                "SELECT target_id, organisation_id FROM targets_pendingassessment"
            ).fetchall()
            (number,) = other.execute("SELECT number FROM targets_dataversion").fetchone() or (0,)
            return number, pairs

        version, _none = seen()
        with transaction.atomic():
            make(Observation, series=series, organisation=country)
            assert seen() == (version, [])
            transaction.set_rollback(True)
        assert seen() == (version, [])
        with transaction.atomic():
            make(Observation, series=series, organisation=country)
            assert seen() == (version, [])
        after, pairs = seen()
        assert (after > version, pairs) == (True, [(target.pk, country.pk)])


def make_province(code: str) -> Organisation:
    return make(Organisation, code=code, kind="province")
