"""Decisions on values that wait: all or none, by a coordinator, about what was shown."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, connection, transaction

from targets.models import HeldValue, Observation, PendingAssessment, Target, TrailEntry
from targets.sources.taking.deciding import (
    DecisionForbiddenError,
    DecisionRefusedError,
    accept,
    refuse,
)
from targets.sources.taking.intake import Taken
from tests.factory import make
from tests.sources.known import NOW, World, coordinator, held, in_force, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return make_world(trust="review")


@pytest.fixture
def person(world: World) -> User:
    return coordinator()


def waiting() -> list[int]:
    return list(
        HeldValue.objects.filter(state="waiting").order_by("id").values_list("pk", flat=True)
    )


def test_accepted_values_are_published(world: World, person: User) -> None:
    target = make(Target, indicator=world.share.indicator)
    PendingAssessment.objects.all().delete()
    row = world.row("2024", "", numerator="1", denominator="3", vintage="v",
                    published_on="2025-01-06")  # fmt: skip
    world.pull(row, world.row("2023-Q3", "12"), now=NOW)
    assert accept(waiting(), by=person, note="đã đối chiếu") == 2
    one = Observation.objects.get(period="2024")
    value = HeldValue.objects.get(period="2024")
    assert (value.state, value.decided_by, value.observation) == ("accepted", person, one)
    assert (one.value, one.vintage, one.state) == (Decimal("33.33333333"), "v", "published")
    assert one.run == value.run
    assert one.source.title == world.source.name_vi
    assert str(one.known_on) == "2025-01-06"
    assert [one.target for one in PendingAssessment.objects.all()] == [target]
    entry = TrailEntry.objects.filter(table_name="targets_observation").last()
    assert entry is not None
    assert (entry.actor_name, entry.why) == (person.username, "đã đối chiếu")


def test_an_accepted_value_replaces_what_stood_and_is_not_replaced_itself(
    world: World, person: User
) -> None:
    standing = make(Observation, series=world.share, organisation=world.country, value=12)
    world.source.trust = "automatic"
    world.pull(world.row("2024", "13"))
    accept(waiting(), by=person)
    standing.refresh_from_db()
    assert standing.superseded_at is not None
    assert in_force() == {"2024": 13}
    assert world.pull(world.row("2024", "13")) == Taken(read=1, unchanged=1)
    assert world.pull(world.row("2024", "14")) == Taken(read=1, held=1)
    assert held()[-1] == ("2024", 14, ["replaces"], "waiting")


def test_a_refused_value_is_not_asked_again_nor_published(world: World, person: User) -> None:
    world.pull(world.row("2024", "13"))
    assert refuse(waiting(), by=person, reason="sai đơn vị") == 1
    one = HeldValue.objects.get()
    assert (one.state, one.decided_by, one.decision_note) == ("refused", person, "sai đơn vị")
    assert world.pull(world.row("2024", "13")) == Taken(read=1, unchanged=1)
    world.source.trust = "automatic"
    assert world.pull(world.row("2024", "13")) == Taken(read=1, unchanged=1)
    assert not Observation.objects.exists()
    assert world.pull(world.row("2024", "14")) == Taken(read=1, added=1)


def test_a_source_that_goes_back_to_a_refused_value_takes_back_what_waits(
    world: World, person: User
) -> None:
    world.pull(world.row("2024", "13"))
    refuse(waiting(), by=person, reason="sai")
    world.pull(world.row("2024", "14"))
    assert world.pull(world.row("2024", "13")) == Taken(read=1, unchanged=1)
    assert [state for *_rest, state in held()] == ["refused", "overtaken"]


def test_what_was_refused_before_another_value_was_accepted_is_asked_again(
    world: World, person: User
) -> None:
    for value, decide in (("13", refuse), ("14", accept)):
        world.pull(world.row("2024", value))
        words: dict[str, Any] = {"reason": "sai"} if decide is refuse else {}
        decide(waiting(), by=person, **words)
    assert world.pull(world.row("2024", "13")) == Taken(read=1, held=1)


def test_a_refusal_needs_a_reason(world: World, person: User) -> None:
    world.pull(world.row())
    with pytest.raises(DecisionRefusedError, match="lý do"):
        refuse(waiting(), by=person, reason=" ")


@pytest.mark.parametrize("role", ["", "administrator", "leadership"])
def test_only_a_coordinator_decides(world: World, role: str) -> None:
    world.pull(world.row())
    user = make(User) if not role else coordinator()
    if role:
        user.system_roles.update(role=role)
    with pytest.raises(DecisionForbiddenError):
        accept(waiting(), by=user)
    with pytest.raises(DecisionForbiddenError):
        refuse(waiting(), by=user, reason="x")
    assert len(waiting()) == 1


def test_all_or_none(world: World, person: User) -> None:
    world.pull(world.row("2023"), world.row("2024"))
    make(Observation, series=world.share, organisation=world.country, value=12)
    with pytest.raises(DecisionRefusedError) as refusal:
        accept(waiting(), by=person)
    assert world.share.indicator.name_vi in refusal.value.sentence
    assert "2024" in refusal.value.sentence
    assert in_force() == {"2024": 12}
    assert len(waiting()) == 2


def test_of_two_sources_one_value_at_most_is_accepted(world: World, person: User) -> None:
    world.pull(world.row("2024", "1"))
    world.pull(world.row("2024", "2"), source=make_world(trust="review").source)
    with pytest.raises(DecisionRefusedError, match="cùng một kỳ"):
        accept(waiting(), by=person)
    accept(waiting()[:1], by=person)
    with pytest.raises(DecisionRefusedError, match="có hiệu lực đã khác"):
        accept(waiting(), by=person)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ("UPDATE targets_organisation SET valid_from = '2025-01-01'", "không tồn tại"),
        ("UPDATE targets_unit SET ratio_scale = 1000", "tử số chia mẫu số"),
    ],
)
def test_what_can_no_longer_be_is_told_before_the_database_says_so(
    world: World, person: User, change: str, sentence: str
) -> None:
    world.pull(world.row("2024", "", numerator="1", denominator="3"))
    with connection.cursor() as cursor:
        cursor.execute(change)
    with pytest.raises(DecisionRefusedError, match=sentence):
        accept(waiting(), by=person)


@pytest.mark.parametrize("first", ["accept", "refuse", "overtaken"])
def test_what_was_decided_is_not_decided_again(world: World, person: User, first: str) -> None:
    world.pull(world.row("2024", "13"))
    chosen = waiting()
    if first == "overtaken":
        world.pull(world.row("2024", "14"))
    elif first == "accept":
        accept(chosen, by=person)
    else:
        refuse(chosen, by=person, reason="sai")
    word = {"accept": "chấp nhận", "refuse": "từ chối", "overtaken": "số khác"}[first]
    with pytest.raises(DecisionRefusedError, match=word):
        accept(chosen, by=person)
    with pytest.raises(DecisionRefusedError, match=word):
        refuse(chosen, by=person, reason="x")


def test_nothing_chosen_or_something_unknown(world: World, person: User) -> None:
    with pytest.raises(DecisionRefusedError):
        accept([], by=person)
    with pytest.raises(DecisionRefusedError, match="Tải lại"):
        accept([10**9], by=person)


@pytest.mark.parametrize(
    "change",
    ["state = 'waiting', decided_at = NULL, decided_by_id = NULL", "decision_note = 'other'",
     "state = 'overtaken', decided_by_id = NULL"],
)  # fmt: skip
def test_a_decision_stands_in_sql_typed_by_hand_too(
    world: World, person: User, change: str
) -> None:
    world.pull(world.row())
    refuse(waiting(), by=person, reason="sai")
    with (
        pytest.raises(IntegrityError) as refusal,
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"UPDATE targets_heldvalue SET {change}")
    assert "a decision stands" in str(refusal.value)
