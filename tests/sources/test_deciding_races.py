"""Two who decide at once, or decide while a source brings something: one acts, then the other."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from django.db import connection, transaction

from targets.models import HeldValue
from targets.sources.taking.deciding import DecisionRefusedError, accept, refuse
from targets.sources.taking.intake import Taken
from tests.committed import second_connection, transactional_db
from tests.sources.known import NOW, World, coordinator, make_world
from tests.steps.test_races import at_once

__all__ = ["transactional_db"]

pytestmark = pytest.mark.usefixtures("transactional_db")
# Of the locks, which are looked at anew; pg_stat_activity stays as a transaction first saw it.
BLOCKED = """
    SELECT 1 FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))
"""
YEARS = [str(year) for year in range(2020, 2026)]


def waiting() -> list[int]:
    return list(
        HeldValue.objects.filter(state="waiting").order_by("id").values_list("pk", flat=True)
    )


def pull(world: World, value: str, hour: int) -> Taken:
    rows = [world.row(year, value) for year in YEARS]
    with transaction.atomic():
        return world.pull(*rows, now=NOW + dt.timedelta(hours=hour))


def test_of_two_coordinators_one_decides_and_the_other_is_told() -> None:
    world = make_world(trust="review")
    first, second = coordinator(), coordinator()
    for hour in range(4):
        pull(world, str(20 + hour), hour)
        ids = waiting()
        results = at_once(
            partial(accept, ids, by=first),
            partial(refuse, ids[::-1], by=second, reason="sai"),
        )
        assert sorted(map(str, map(type, results))) == sorted(
            map(str, (int, DecisionRefusedError))
        ), results
        assert {one.state for one in HeldValue.objects.filter(pk__in=ids)} <= {
            "accepted" if isinstance(results[0], int) else "refused"
        }
    assert not waiting()


def test_a_decision_and_a_pull_come_one_after_the_other() -> None:
    world = make_world(trust="review")
    person = coordinator()
    pull(world, "20", 0)
    for hour in range(1, 5):
        ids = waiting()
        decided, taken = at_once(
            partial(accept, ids, by=person), partial(pull, world, str(20 + hour), hour)
        )
        assert taken == Taken(read=len(YEARS), held=len(YEARS))
        assert decided == len(YEARS) or isinstance(decided, DecisionRefusedError)
        assert len(waiting()) == len(YEARS)


def test_a_step_that_goes_on_to_write_values_does_not_wait_for_a_pull_that_waits_for_it() -> None:
    world = make_world()
    with second_connection() as step, ThreadPoolExecutor(1) as pool:
        # As the publication of a report does: its state raises the data version, values follow.
        step.execute("UPDATE targets_dataversion SET number = number + 1")
        pulled = pool.submit(on_own_connection, partial(pull, world, "20", 1))
        while not step.execute(BLOCKED).fetchone():
            assert not pulled.done()
        step.execute("SET LOCAL lock_timeout = '5s'")
        step.execute("LOCK TABLE targets_observation IN ROW EXCLUSIVE MODE")
        step.commit()
        assert pulled.result(60) == Taken(read=len(YEARS), added=len(YEARS))


def on_own_connection(action: Callable[[], Taken]) -> Taken:
    try:
        return action()
    finally:
        connection.close()
