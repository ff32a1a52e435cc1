"""Saves that really happen at the same time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from decimal import Decimal
from typing import TypeVar

import pytest
from django.contrib.auth.models import User
from django.db import connection
from pytest_django.plugin import DjangoDbBlocker

from targets.models import Indicator, Report, ReportItem, Series
from targets.reporting.entering import (
    Change,
    Conflict,
    ConflictsError,
    Entered,
    EntryRefusedError,
    Typed,
    enter_item,
    enter_many,
)
from tests.committed import second_connection
from tests.committed import transactional_db as _transactional_db
from tests.factory import make

transactional_db = _transactional_db
T = TypeVar("T")


@pytest.fixture(autouse=True)
def _nobody_left(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Set up before the tables are filled, so done after they are emptied."""
    yield
    with django_db_blocker.unblock():
        User.objects.all().delete()


@pytest.fixture
def item(transactional_db: None) -> ReportItem:
    return make(ReportItem, series=make(Series, indicator=make(Indicator)))


def together(*actions: Callable[[], T]) -> list[Future[T]]:
    """All at once, each in a thread with a connection of its own; waits for all."""

    def run(action: Callable[[], T]) -> T:
        try:
            return action()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(actions)) as pool:
        return [pool.submit(run, action) for action in actions]


def test_of_many_at_once_one_is_kept_and_the_others_are_told(item: ReportItem) -> None:
    people = [make(User) for _ in range(6)]

    def save(number: int) -> Callable[[], Entered | Conflict]:
        typed = Typed(Decimal(number))
        return lambda: enter_item(item.pk, by=people[number], seen_version=0, typed=typed)

    outcomes = [one.result() for one in together(*(save(number) for number in range(6)))]
    kept = [one for one in outcomes if isinstance(one, Entered)]
    told = [one for one in outcomes if isinstance(one, Conflict)]
    assert len(kept) == 1
    assert len(told) == 5
    item.refresh_from_db()
    assert (item.value, item.version) == (kept[0].held.typed.value, 1)
    assert {one.theirs.typed.value for one in told} == {item.value}


def test_the_same_save_sent_twice_at_once_is_one_entry(item: ReportItem) -> None:
    user = make(User)

    def save() -> Entered | Conflict:
        return enter_item(item.pk, by=user, seen_version=0, typed=Typed(Decimal(5)))

    outcomes = [one.result() for one in together(save, save, save)]
    assert all(isinstance(one, Entered) for one in outcomes)
    item.refresh_from_db()
    assert item.version == 1


def test_two_blocks_over_the_same_cells_do_not_wait_for_each_other_for_ever(
    transactional_db: None,
) -> None:
    report = make(Report)
    items = [
        make(ReportItem, report=report, series=make(Series, indicator=make(Indicator)))
        for _ in range(8)
    ]
    user = make(User)

    def block(order: list[ReportItem], value: int) -> Callable[[], list[Entered]]:
        changes = [Change(one.pk, Typed(Decimal(value)), 0) for one in order]
        return lambda: enter_many(report.pk, by=user, changes=changes)

    found = together(block(items, 1), block(items[::-1], 2))
    failed = [one for one in found if one.exception() is not None]
    assert len(failed) == 1
    assert isinstance(failed[0].exception(), ConflictsError)
    assert len(set(report.items.values_list("value", flat=True))) == 1


@pytest.mark.parametrize("many", [False, True], ids=["cell", "block"])
def test_a_save_waits_for_a_step_and_then_finds_the_report_closed(
    item: ReportItem, many: bool
) -> None:
    user = make(User)

    def save() -> object:
        if many:
            change = Change(item.pk, Typed(Decimal(5)), 0)
            return enter_many(item.report_id, by=user, changes=[change])
        return enter_item(item.pk, by=user, seen_version=0, typed=Typed(Decimal(5)))

    with second_connection() as step, ThreadPoolExecutor(1) as pool:
        step.execute(
            "UPDATE targets_report SET state = 'submitted' WHERE id = %s", [item.report_id]
        )

        def run() -> object:
            try:
                return save()
            finally:
                connection.close()

        saving = pool.submit(run)
        with second_connection() as watch:
            watch.autocommit = True
            waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
            while not watch.execute(waiting).fetchone()[0]:  # type: ignore[index]
                assert not saving.done()
        step.commit()
        with pytest.raises(EntryRefusedError):
            saving.result(20)
    item.refresh_from_db()
    assert item.version == 0
