"""What the models say of themselves: what was known when, who binds, how a clause is cited."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.db.models import Model
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from documents.models import Document, Provision
from targets.models import (
    Assessment,
    Assignment,
    Observation,
    Organisation,
    OrganisationName,
    Pillar,
    Series,
    Source,
    Target,
)
from tests.factory import make
from tests.models.test_constraints import MODELS

pytestmark = pytest.mark.django_db

Version = Callable[..., Observation]
JANUARY, JUNE, YEAR_END = dt.date(2025, 1, 6), dt.date(2025, 6, 30), dt.date(2025, 12, 31)


@pytest.fixture
def version() -> Version:
    """Adds versions of one value."""
    same = {"series": make(Series), "organisation": make(Organisation)}

    def add(
        value: int, known_on: dt.date, *, current: bool = False, **given: object
    ) -> Observation:
        ended = None if current else timezone.now() + dt.timedelta(hours=1)
        return make(
            Observation, **same, value=value, known_on=known_on, superseded_at=ended, **given
        )

    return add


def known(day: dt.date) -> list[int]:
    return [int(row.value) for row in Observation.objects.known_on(day)]


def test_a_day_sees_the_version_last_published_by_then(version: Version) -> None:
    version(1, JANUARY)
    version(2, JUNE)
    version(3, YEAR_END, current=True)
    assert known(JANUARY - dt.timedelta(days=1)) == []
    assert known(JANUARY) == [1]
    assert known(JUNE - dt.timedelta(days=1)) == [1]
    assert known(JUNE) == [2]
    assert known(YEAR_END) == [3]
    assert [int(row.value) for row in Observation.objects.current()] == [3]


def test_an_older_edition_added_later_does_not_hide_the_newer_one(version: Version) -> None:
    version(3, YEAR_END, current=True)
    version(1, JANUARY)
    assert (known(JUNE), known(YEAR_END)) == ([1], [3])


def test_of_two_versions_of_one_day_the_later_one_counts(version: Version) -> None:
    version(1, JANUARY)
    version(2, JANUARY)
    assert known(JANUARY) == [2]


def test_a_correction_counts_though_it_was_published_before_what_it_corrects(
    version: Version,
) -> None:
    version(1, JUNE)
    version(2, JANUARY, current=True)
    assert (known(JANUARY), known(JUNE), known(YEAR_END)) == ([2], [2], [2])


def test_the_public_sees_the_version_published_before_a_draft(version: Version) -> None:
    version(1, JANUARY)
    version(2, JUNE, current=True, state="draft")
    assert known(YEAR_END) == [2]
    assert [int(v.value) for v in Observation.objects.published().known_on(YEAR_END)] == [1]


def test_verdicts_stand_until_the_next_day_that_has_one() -> None:
    first = make(Assessment, as_of=JANUARY)
    pair = {"target": first.target, "organisation": first.organisation, "method": first.method}
    second = make(Assessment, **pair, as_of=JUNE)
    make(Assessment, **pair, as_of=YEAR_END, superseded_at=timezone.now() + dt.timedelta(hours=1))
    standing = Assessment.objects.standing_on
    assert list(standing(JANUARY - dt.timedelta(days=1))) == []
    assert list(standing(JANUARY)) == [first]
    assert list(standing(YEAR_END)) == [second]


def test_what_counts_in_headlines_is_in_force_and_no_mere_repetition() -> None:
    binding = make(Target)
    make(Target, restates=binding)
    make(Target, document=make(Document, legal_status="draft", number=""))
    make(Target, retired_on=JUNE)
    assert list(Target.objects.binding()) == [binding]
    assert Target.objects.active().count() == 3


def test_a_row_of_a_page_is_read_with_all_it_names(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    make(Target)
    with django_assert_num_queries(1):
        for target in Target.objects.with_catalogue():
            assert target.document.short_vi
            assert target.provision.locator
            assert target.indicator.name_vi
            assert target.pillar.name_vi
            assert target.unit.code


@pytest.mark.parametrize(
    ("status", "draft", "binds"),
    [("draft", True, False), ("in_force", False, True), ("sent", False, False)],
)
def test_only_what_is_in_force_binds(status: str, draft: bool, binds: bool) -> None:
    document = Document(legal_status=status)
    assert (document.is_draft, document.binds) == (draft, binds)


def test_a_clause_has_a_place_on_its_document_page() -> None:
    clause = make(Provision, locator="Điều 1 > II", position=12)
    assert clause.get_absolute_url() == f"{clause.document.get_absolute_url()}#p12"
    assert str(clause) == f"{clause.document.short_vi}, Điều 1, II"


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.model_name)
def test_every_row_can_be_named(model: type[Model]) -> None:
    row = make(model)
    assert str(row)
    assert "object (" not in str(row)


def test_pages_have_addresses() -> None:
    place = make(Organisation, code="ha-noi", kind="province")
    ministry = make(Organisation, code="BKHCN", kind="ministry")
    assert place.get_absolute_url() != ministry.get_absolute_url()
    target = make(Target)
    for row in (place, ministry, target, target.indicator, target.document, make(Pillar)):
        assert row.get_absolute_url().startswith("/")


def test_the_words_of_a_row_are_those_of_its_parts() -> None:
    assignment = make(Assignment, organisation=make(Organisation, code="BKHCN"))
    assert str(assignment) == f"{assignment.target.key}: BKHCN (lead)"
    assert str(make(OrganisationName, name_vi="Bộ Y tế")) == "Bộ Y tế"
    assert str(make(Source, title="Niên giám")) == "Niên giám"
