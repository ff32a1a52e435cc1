"""Values into the cells of a report."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from targets import triggers
from targets.models import Indicator, Report, ReportItem, Series, Unit
from targets.reporting.entering import (
    Change,
    Conflict,
    ConflictsError,
    Entered,
    EntryRefusedError,
    Typed,
    derived,
    enter_item,
    enter_many,
)
from tests.factory import make

pytestmark = pytest.mark.django_db


def _item(report: Report | None = None, **indicator: Any) -> ReportItem:
    series = make(Series, indicator=make(Indicator, **indicator))
    return make(ReportItem, series=series, report=report or make(Report))


def _save(item: ReportItem, typed: Typed, by: User, seen: int = 0) -> Entered | Conflict:
    return enter_item(item.pk, by=by, seen_version=seen, typed=typed)


def test_a_value_is_kept_with_who_and_when_and_a_version() -> None:
    item, user = _item(), make(User)
    outcome = _save(item, Typed(Decimal("98.5"), note="  số ước  "), user)
    assert isinstance(outcome, Entered)
    assert outcome.changed
    item.refresh_from_db()
    assert (item.value, item.note, item.version) == (Decimal("98.5"), "số ước", 1)
    assert item.entered_by == user
    assert item.entered_at == outcome.held.at


def test_the_same_input_again_writes_nothing_whatever_version_was_seen() -> None:
    item, user = _item(), make(User)
    first = _save(item, Typed(Decimal("98.5")), user)
    again = _save(item, Typed(Decimal("98.50")), make(User), seen=0)
    assert isinstance(first, Entered)
    assert isinstance(again, Entered)
    assert not again.changed
    assert again.held == first.held


def test_nothing_typed_into_an_empty_cell_is_no_entry() -> None:
    item = _item()
    outcome = _save(item, Typed(), make(User))
    assert isinstance(outcome, Entered)
    assert (outcome.changed, outcome.held.version) == (False, 0)


def test_a_cell_changed_by_somebody_else_is_a_conflict_with_both_values() -> None:
    item, one, other = _item(), make(User), make(User)
    _save(item, Typed(Decimal(10)), other)
    outcome = _save(item, Typed(Decimal(12)), one, seen=0)
    assert isinstance(outcome, Conflict)
    assert outcome.mine.value == Decimal(12)
    assert outcome.theirs.typed.value == Decimal(10)
    assert (outcome.theirs.by, outcome.theirs.version) == (other, 1)
    assert outcome.theirs.at is not None
    item.refresh_from_db()
    assert item.value == Decimal(10)
    assert isinstance(_save(item, Typed(Decimal(12)), one, seen=1), Entered)


def test_a_ratio_is_derived_and_what_was_typed_as_its_value_does_not_count() -> None:
    item = _item(aggregation="ratio", unit=make(Unit, ratio_scale=100))
    outcome = _save(
        item, Typed(Decimal(5), numerator=Decimal(2), denominator=Decimal(3)), make(User)
    )
    assert outcome.held.typed.value == Decimal("66.66666667")  # type: ignore[union-attr]


def test_half_a_ratio_is_kept_until_the_other_half_comes() -> None:
    item, user = _item(aggregation="ratio"), make(User)
    first = _save(item, Typed(numerator=Decimal(1)), user)
    assert isinstance(first, Entered)
    assert first.held.typed == Typed(numerator=Decimal(1))
    whole = Typed(numerator=Decimal(1), denominator=Decimal(4))
    second = _save(item, whole, user, seen=1)
    assert second.held.typed.value == Decimal(25)  # type: ignore[union-attr]


def test_a_denominator_of_zero_gives_no_value() -> None:
    item = _item(aggregation="ratio")
    outcome = _save(item, Typed(numerator=Decimal(1), denominator=Decimal(0)), make(User))
    assert outcome.held.typed.value is None  # type: ignore[union-attr]


def test_only_a_ratio_has_numerator_and_denominator() -> None:
    item = _item(aggregation="sum")
    with pytest.raises(EntryRefusedError) as refused:
        _save(item, Typed(numerator=Decimal(1)), make(User))
    assert refused.value.item_id == item.pk


def test_not_available_needs_a_note_and_clears_the_numbers() -> None:
    item, user = _item(), make(User)
    _save(item, Typed(Decimal(3)), user)
    with pytest.raises(EntryRefusedError, match="vì sao"):
        _save(item, Typed(unavailable=True), user, seen=1)
    _save(item, Typed(Decimal(3), unavailable=True, note="chưa điều tra"), user, seen=1)
    item.refresh_from_db()
    assert (item.value, item.unavailable, item.note) == (None, True, "chưa điều tra")


@pytest.mark.parametrize("number", ["1e16", "-1e16", "NaN", "Infinity"])
def test_a_number_that_the_column_cannot_hold_is_refused(number: str) -> None:
    with pytest.raises(EntryRefusedError, match="quá lớn"):
        _save(_item(), Typed(Decimal(number)), make(User))


@pytest.mark.parametrize("state", Report.State.values)
def test_values_are_entered_in_drafts_and_returned_reports_only(state: str) -> None:
    item = _item(make(Report, state=state))
    if state in {"draft", "returned"}:
        assert isinstance(_save(item, Typed(Decimal(1)), make(User)), Entered)
        return
    with pytest.raises(EntryRefusedError, match="không nhập được"):
        _save(item, Typed(Decimal(1)), make(User))
    item.refresh_from_db()
    assert item.version == 0


def test_a_cell_that_does_not_exist() -> None:
    with pytest.raises(ReportItem.DoesNotExist):
        enter_item(0, by=make(User), seen_version=0, typed=Typed())


def test_many_cells_at_once_in_the_order_given() -> None:
    report, user = make(Report), make(User)
    items = [_item(report) for _ in range(3)]
    outcomes = enter_many(
        report.pk,
        by=user,
        changes=[Change(item.pk, Typed(Decimal(n)), 0) for n, item in enumerate(reversed(items))],
        why="dán",
    )
    assert [one.held.typed.value for one in outcomes] == [0, 1, 2]
    values = report.items.order_by("position").values_list("value", "version", "entered_by")
    assert [*values] == [(Decimal(n), 1, user.pk) for n in (2, 1, 0)]


def test_many_cells_all_or_none() -> None:
    report, user, other = make(Report), make(User), make(User)
    items = [_item(report) for _ in range(3)]
    _save(items[1], Typed(Decimal(7)), other)
    changes = [Change(item.pk, Typed(Decimal(1)), 0) for item in items]
    with pytest.raises(ConflictsError) as refused:
        enter_many(report.pk, by=user, changes=changes)
    assert [one.theirs.item_id for one in refused.value.conflicts] == [items[1].pk]
    assert list(report.items.values_list("value", flat=True)) == [None, 7, None]
    changes[2] = Change(items[2].pk, Typed(Decimal("1e30")), 0)
    with pytest.raises(EntryRefusedError) as too_large:
        enter_many(report.pk, by=user, changes=changes)
    assert too_large.value.item_id == items[2].pk
    # Without a version seen, whatever is there is replaced.
    enter_many(report.pk, by=user, changes=[Change(item.pk, Typed(Decimal(1))) for item in items])
    assert list(report.items.values_list("value", flat=True)) == [1, 1, 1]


def test_cells_of_another_report_are_not_touched() -> None:
    report, stranger = make(Report), _item()
    with pytest.raises(ReportItem.DoesNotExist):
        enter_many(report.pk, by=make(User), changes=[Change(stranger.pk, Typed(Decimal(1)))])
    with pytest.raises(Report.DoesNotExist):
        enter_many(0, by=make(User), changes=[])


_amounts = st.decimals(
    min_value=Decimal("-99999999"), max_value=Decimal("99999999"), places=4, allow_nan=False
)


class OnTheDatabase(TestCase):
    """Properties over many inputs, each in a transaction of its own."""

    @settings(max_examples=200, deadline=None)
    @given(
        numerator=_amounts,
        denominator=_amounts.filter(lambda number: number > 0),
        scale=st.sampled_from([Decimal(1), Decimal(100), Decimal(1000), Decimal("0.01")]),
    )
    def test_a_ratio_is_what_the_database_makes_of_it(
        self, numerator: Decimal, denominator: Decimal, scale: Decimal
    ) -> None:
        formula = triggers.ratio("%s::numeric(24,4)", "%s::numeric(12,2)", "%s::numeric(24,4)")
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {formula}", [numerator, scale, denominator])
            (expected,) = cursor.fetchone()
        assert derived(numerator, denominator, Unit(ratio_scale=scale)) == expected

    @settings(max_examples=40, deadline=None)
    @given(
        st.lists(
            st.tuples(
                st.integers(0, 1),  # who
                st.sampled_from(["look", "save", "lost answer"]),
                st.integers(0, 3).map(Decimal),
            ),
            max_size=12,
        )
    )
    def test_two_people_never_overwrite_what_they_have_not_seen(
        self, moves: list[tuple[int, str, Decimal]]
    ) -> None:
        item, people = _item(), (make(User), make(User))
        seen: list[tuple[int, Decimal | None]] = [(0, None), (0, None)]
        now: tuple[int, Decimal | None] = (0, None)
        for who, move, value in moves:
            if move == "look":
                seen[who] = now
                continue
            outcome = _save(item, Typed(value), people[who], seen=seen[who][0])
            if value == now[1]:
                assert isinstance(outcome, Entered)
                assert not outcome.changed
            elif seen[who] != now:
                assert isinstance(outcome, Conflict)
                assert (outcome.theirs.version, outcome.theirs.typed.value) == now
            else:
                assert isinstance(outcome, Entered)
                assert outcome.changed
                now = (now[0] + 1, value)
            if move == "save" and isinstance(outcome, Entered):
                seen[who] = now  # of a lost answer nothing is learned; it is simply sent again
            item.refresh_from_db()
            assert (item.version, item.value) == now
