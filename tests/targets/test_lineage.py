"""Who answers on a day for what a document gave to an organisation that may have ended."""

from __future__ import annotations

import datetime as dt

import pytest

from targets.lineage import Holder, Lineage
from targets.models import Organisation, OrganisationName, Succession
from tests.factory import make

pytestmark = pytest.mark.django_db

MERGER = dt.date(2025, 3, 1)
BEFORE, AFTER = dt.date(2025, 2, 28), dt.date(2025, 3, 1)


def organisation(code: str, **given: object) -> Organisation:
    made = make(Organisation, code=code, **given)
    make(OrganisationName, organisation=made, name_vi=code, short_vi=code)
    return made


def passes(old: Organisation, new: Organisation, function: str, day: dt.date = MERGER) -> None:
    make(Succession, predecessor=old, successor=new, function=function, effective_on=day)


def ended(code: str) -> Organisation:
    return organisation(code, valid_to=MERGER - dt.timedelta(days=1))


def codes(holders: list[Holder]) -> list[str]:
    names = dict(Organisation.objects.values_list("pk", "code"))
    return sorted(names[holder.organisation_id] for holder in holders)


def test_an_organisation_that_exists_keeps_what_it_was_given() -> None:
    health = organisation("HEALTH")
    (holder,) = Lineage().holders(health.pk, "", AFTER)
    assert (holder.organisation_id, holder.inherited) == (health.pk, False)


def test_before_the_day_of_the_succession_the_old_one_answers() -> None:
    old, new = ended("OLD"), organisation("NEW")
    passes(old, new, "it")
    lineage = Lineage()
    assert codes(lineage.holders(old.pk, "", BEFORE)) == ["OLD"]
    assert codes(lineage.holders(old.pk, "", AFTER)) == ["NEW"]


def test_a_duty_follows_its_function() -> None:
    old, science, police = ended("OLD"), organisation("SCIENCE"), organisation("POLICE")
    passes(old, science, "it")
    passes(old, police, "security")
    lineage = Lineage()
    (holder,) = lineage.holders(old.pk, "security", AFTER)
    assert holder.organisation_id == police.pk
    assert [step.function for step in holder.steps] == ["security"]
    assert holder.steps[0].predecessor.code == "OLD"
    assert holder.steps[0].successor.code == "POLICE"


def test_a_function_can_leave_an_organisation_that_lives_on() -> None:
    home, finance = organisation("HOME"), organisation("FINANCE")
    passes(home, finance, "statistics")
    lineage = Lineage()
    assert codes(lineage.holders(home.pk, "statistics", AFTER)) == ["FINANCE"]
    assert codes(lineage.holders(home.pk, "", AFTER)) == ["HOME"]
    assert codes(lineage.holders(home.pk, "another", AFTER)) == ["HOME"]


def test_without_a_function_every_successor_of_an_ended_one_answers_once() -> None:
    old, science, police = ended("OLD"), organisation("SCIENCE"), organisation("POLICE")
    for function in ("it", "telecoms"):
        passes(old, science, function)
    passes(old, police, "security")
    assert codes(Lineage().holders(old.pk, "", AFTER)) == ["POLICE", "SCIENCE"]
    assert codes(Lineage().holders(old.pk, "unknown", AFTER)) == ["POLICE", "SCIENCE"]


def test_a_succession_is_followed_to_its_end() -> None:
    first, second, third = ended("A"), ended("B"), organisation("C")
    passes(first, second, "it", dt.date(2021, 1, 1))
    passes(second, third, "it")
    (holder,) = Lineage().holders(first.pk, "it", AFTER)
    assert holder.organisation_id == third.pk
    assert len(holder.steps) == 2


def test_an_ended_one_without_successor_still_names_itself() -> None:
    old = ended("OLD")
    assert codes(Lineage().holders(old.pk, "it", AFTER)) == ["OLD"]


def test_a_name_is_that_of_the_day() -> None:
    body = make(Organisation, code="HUE")
    for name, start, end in (
        ("Thừa Thiên Huế", None, dt.date(2024, 12, 31)),
        ("Huế", dt.date(2025, 1, 1), None),
    ):
        make(OrganisationName, organisation=body, name_vi=name, valid_from=start, valid_to=end)
    lineage = Lineage()
    assert lineage.name_on(body.pk, dt.date(2020, 1, 1)).name_vi == "Thừa Thiên Huế"
    assert lineage.name_on(body.pk, dt.date(2025, 1, 1)).name_vi == "Huế"
    assert lineage.name_on(body.pk, dt.date(2025, 1, 1)).organisation == body
    assert [name.name_vi for name in lineage.names_of(body.pk)] == ["Thừa Thiên Huế", "Huế"]


def test_before_its_first_name_an_organisation_has_that_name() -> None:
    body = make(Organisation)
    make(OrganisationName, organisation=body, name_vi="Mới", valid_from=dt.date(2025, 1, 1))
    assert Lineage().name_on(body.pk, dt.date(2020, 1, 1)).name_vi == "Mới"


def test_an_organisation_without_a_name_and_an_unknown_code_are_errors() -> None:
    nameless = make(Organisation)
    with pytest.raises(KeyError):
        Lineage().name_on(nameless.pk, AFTER)
    with pytest.raises(Organisation.DoesNotExist):
        Lineage().by_code("NOBODY")
