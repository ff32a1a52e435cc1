"""Verdicts and figures made by real workers: killed, cut off from the broker, two at once."""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.conf import settings
from django.db import connection

from dashboard.models import StoredFigure, StoredPage
from targets.assessing import BATCH, LOCK, LOCKS
from targets.models import (
    Assessment,
    DataVersion,
    Indicator,
    Observation,
    PendingAssessment,
    Series,
    Target,
)
from targets.queue import enqueue_everything
from tests.celery.workers import Site, eventually, queue_is_empty
from tests.celery.world import country, demand, judge, publish, revise
from tests.committed import second_connection
from tests.factory import make

PAUSE = 5_799  # an advisory lock that only the trigger of this test knows


def nothing_lost_double_or_wrong() -> None:
    """One verdict in force for each target and day, and a computation of our own agrees."""
    in_force = Assessment.objects.filter(superseded_at__isnull=True)
    found = Counter(in_force.values_list("target_id", "organisation_id", "as_of"))
    assert max(found.values()) == 1
    assert {target for target, _organisation, _day in found} == set(
        Target.objects.values_list("pk", flat=True)
    )
    enqueue_everything()
    assert judge() == 0


def some_targets(number: int) -> list[Series]:
    """Targets with two values each."""
    country()
    made = []
    for _ in range(number):
        indicator = make(Indicator)
        series = make(Series, indicator=indicator)
        demand(indicator, due_year=2030, horizon="2030")
        publish(series, "2020", 10)
        publish(series, "2024", 13)
        made.append(series)
    return made


@contextmanager
def held_before_reading(target: Target) -> Iterator[Callable[[], bool]]:
    """A worker that claimed the target waits here; the block gets the question whether it does."""
    with second_connection() as other:
        other.execute("SELECT pg_advisory_lock(%s, %s)", [LOCK, target.pk % LOCKS])
        yield lambda: waiting_for(LOCK) == 1


@contextmanager
def held_while_writing(target: Target) -> Iterator[Callable[[], bool]]:
    """The same in the middle of writing: some verdicts are inserted, others are not."""
    with second_connection() as other, connection.cursor() as cursor:
        other.execute("SELECT pg_advisory_lock(%s, 0)", [PAUSE])
        cursor.execute(
            f"""
            CREATE FUNCTION pause_for_test() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                PERFORM pg_advisory_xact_lock_shared({PAUSE}, 0);
                RETURN NULL;
            END $$;
            CREATE TRIGGER zz_pause_for_test AFTER INSERT ON targets_assessment
            FOR EACH ROW WHEN (NEW.target_id = {target.pk}) EXECUTE FUNCTION pause_for_test();
            """
        )
        try:
            yield lambda: waiting_for(PAUSE) == 1
        finally:
            other.execute("SELECT pg_advisory_unlock_all()")
            cursor.execute("DROP FUNCTION pause_for_test CASCADE")


def waiting_for(key: int) -> int:
    """How many sessions wait for advisory locks of a first key."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted "
            "AND classid = %s",
            [key],
        )
        (number,) = cursor.fetchone()
    return int(number)


def test_loaded_values_become_verdicts_figures_and_pages_by_themselves(site: Site) -> None:
    fixtures = settings.BASE_DIR / "fixtures"
    site.worker(processes=2)
    site.command("load_catalogue")
    site.command("load_observations", str(fixtures / "observations" / "international-rankings.csv"))
    eventually("verdicts", lambda: queue_is_empty() and Assessment.objects.exists())
    eventually(
        "figures and pages of this state of the data",
        lambda: (
            StoredFigure.objects.filter(
                name="indicator-egdi-rank-world", data_version=DataVersion.now()
            ).count()
            == 2
            and StoredPage.objects.count() == 14
        ),
    )
    egdi = Assessment.objects.filter(target__indicator__code="egdi-rank-world")
    assert {a.status for a in egdi} > {"no_data"}
    nothing_lost_double_or_wrong()


@pytest.mark.parametrize("held", [held_before_reading, held_while_writing])
def test_a_worker_killed_in_the_middle_of_a_batch_loses_nothing(
    site: Site, held: Callable[[Target], object]
) -> None:
    some_targets(30)
    pending = PendingAssessment.objects.count()
    worker = site.worker()
    with held(Target.objects.order_by("pk")[15]) as in_the_middle:  # type: ignore[attr-defined]
        site.ask()
        eventually("the worker is in the middle", in_the_middle)
        site.kill(worker)
        assert not Assessment.objects.exists()
        assert PendingAssessment.objects.count() == pending
    # The server notices the lost connection when it is let on, and rolls back.
    eventually("what it had claimed is free again", lambda: unclaimed() == pending)
    assert not Assessment.objects.exists()
    site.worker()
    site.ask()
    eventually("all verdicts", queue_is_empty)
    assert not Assessment.objects.filter(superseded_at__isnull=False).exists()
    nothing_lost_double_or_wrong()


def unclaimed() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM targets_pendingassessment FOR UPDATE SKIP LOCKED")
        return len(cursor.fetchall())


def test_a_write_while_the_broker_is_down_is_judged_once_it_is_back(
    site: Site, tmp_path_factory: pytest.TempPathFactory
) -> None:
    series = some_targets(1)[0]
    target = Target.objects.get()
    site.worker()
    site.scheduler()
    site.ask()
    eventually("the first verdict", queue_is_empty)
    assert Assessment.objects.standing_on(dt.date(2026, 11, 22)).get().status == "at_risk"

    site.broker.stop()
    file = tmp_path_factory.mktemp("values") / "new.csv"
    columns = "indicator,series,organisation,period,value,published_on,source_title,unit"
    row = f"{series.indicator.code},{series.code},VN,2025,25,2026-03-01,Báo cáo,"
    file.write_text(f"{columns}\n{row}{series.indicator.unit.code}\n", encoding="utf-8-sig")
    site.command("load_observations", str(file))
    assert not queue_is_empty()

    site.broker.start()
    eventually("the verdict", queue_is_empty)
    verdict = Assessment.objects.standing_on(dt.date(2026, 11, 22)).get(target=target)
    assert (verdict.status, verdict.latest_value) == ("achieved", 25)
    nothing_lost_double_or_wrong()


def test_two_workers_at_once_on_the_same_targets(site: Site) -> None:
    all_series = some_targets(120)
    while PendingAssessment.objects.count() < 2 * BATCH:
        enqueue_everything()
    site.worker()
    site.worker()
    with held_before_reading(Target.objects.order_by("-pk")[0]):
        for _ in range(4):
            site.ask()
        # The second waits for the first, which waits for us.
        eventually("both have claimed a batch", lambda: waiting_for(LOCK) == 2)
        # Corrections arrive while both are at work.
        chance = random.Random(1)
        for series in chance.sample(all_series, 40):
            old = Observation.objects.current().get(series=series, period="2024")
            revise(old, chance.uniform(5, 35), dt.date(2026, 1, chance.randrange(1, 28)))
    site.ask()
    eventually("an empty queue", queue_is_empty)
    nothing_lost_double_or_wrong()
    repeated = Counter(
        Assessment.objects.values_list("target_id", "as_of", "status", "pace", "latest_value")
    )
    assert max(repeated.values()) == 1, "a verdict was written twice"
