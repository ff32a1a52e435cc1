"""A run killed at any point leaves nothing behind that the next look does not put right."""

from __future__ import annotations

import hashlib
import json
import os
import random
import zlib
from collections import Counter
from collections.abc import Iterator
from statistics import median
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.conf import settings
from django.db import connection

from targets.models import (
    DataSource,
    HeldValue,
    Indicator,
    Observation,
    RawBody,
    RunBody,
    RunRejection,
    Series,
    SeriesMapping,
    SourceRun,
    Unit,
    ValidationRule,
)
from targets.sources.runs import locking, running
from targets.trail.verifying import verify
from tests.celery.workers import eventually
from tests.committed import second_connection, transactional_db
from tests.factory import make
from tests.sources.serving import MAPPING, Answer, Row, Service, place, serving
from tests.whole.forking import Forker, forker

__all__ = ["transactional_db"]

POINTS = 50
PLACES, YEARS = 34, range(2019, 2025)
#: Logged; `PULL_SEED` repeats a run as far as chance goes.
SEED = int(os.environ.get("PULL_SEED", random.SystemRandom().randrange(10**6)))


@pytest.fixture
def service() -> Iterator[Service]:
    with serving() as started:
        yield started


@pytest.fixture
def runs(transactional_db: None, service: Service) -> Iterator[Forker]:
    address = urlsplit(os.environ["DATABASE_URL"])
    name = connection.settings_dict["NAME"]
    environment = {
        **os.environ,
        "DATABASE_URL": urlunsplit(address._replace(path=f"/{name}")),
        "PULL_HOSTS": service.host,
        "PULL_PRIVATE_NETWORKS": "127.0.0.1/32",
        "LOG_LEVEL": "ERROR",
    }
    with forker(environment) as started:
        yield started


def first_edition(slug: str) -> list[Row]:
    """Values of every place and year; one that nobody can read, one that is not plausible."""
    found: list[Row] = [
        {"area": f"{area}", "period": f"{year}", "value": 10 + area / 10 + year - 2015, "of": slug}
        for area in range(PLACES)
        for year in YEARS
    ]
    found.append({"area": "0", "period": "2025", "value": "x", "of": slug})
    found.append({"area": "1", "period": "2025", "value": 99, "of": slug})
    return found


def second_edition(slug: str) -> list[Row]:
    """The same with some corrected, one more year, and another number that is not plausible."""
    found = [dict(row) for row in first_edition(slug)]
    for row in found[::7]:
        if isinstance(row["value"], float):
            row["value"] += 0.25
    found[-1]["value"] = 98
    found += [
        {"area": f"{area}", "period": "2026", "value": 30 + area / 10, "of": slug}
        for area in range(PLACES)
    ]
    return list(found)


def sources(service: Service) -> list[DataSource]:
    """As many alike as there are points, and one that is left in peace."""
    unit = make(Unit, kind="percent", decimals=2)
    make(ValidationRule, check_kind="range", unit=unit, minimum=0, maximum=90)
    for area in range(PLACES):
        place(str(area))
    made = []
    for number in range(POINTS + 1):
        slug = f"alike-{number:02d}"
        source = make(
            DataSource, slug=slug, name_vi="Nguồn", name_en="Source", adapter="json",
            address=service.url(f"/{slug}"), mapping=MAPPING, trust="automatic", enabled=True,
        )  # fmt: skip
        indicator = make(Indicator, unit=unit, levels=["province"])
        make(SeriesMapping, data_source=source, series=make(Series, indicator=indicator))
        service.answers[f"/{slug}"] = Answer(headers={"ETag": '"1"'}, pause=0.01)
        made.append(source)
    return made


def content(source: DataSource) -> dict[str, Any]:
    """All that a source has brought about, without ids, times, and runs that were killed."""
    mine = SourceRun.objects.filter(data_source=source).exclude(outcome="killed").order_by("pk")
    order = {run.pk: number for number, run in enumerate(mine)}
    key = ("organisation__codes__code", "period")
    numbers = ("value", "numerator", "denominator", "vintage", "published_on")
    source.refresh_from_db()
    return {
        "source": [source.failures, source.paused_until, source.source and source.source.title],
        "runs": list(
            mine.values_list(
                "kind", "status", "outcome", "detail", "requests", "retries", "bytes",
                "rows_read", "added", "revised", "unchanged", "held", "rejected", "rejections",
            )
        ),
        "observations": sorted(
            [order[run], ended is None, *rest]
            for run, ended, *rest in Observation.objects.filter(
                series__mappings__data_source=source
            ).values_list("run", "superseded_at", *key, "value", "vintage", "state", "synthetic")
        ),
        "held": sorted(
            [order[run], *rest]
            for run, *rest in HeldValue.objects.filter(data_source=source)
            .order_by("pk")
            .values_list("run", *key, *numbers, "state", "reasons", "standing__value", "previous")
        ),
        "rejected": sorted(
            [order[run], *rest]
            for run, *rest in RunRejection.objects.filter(run__data_source=source).values_list(
                "run", "place", "field", "reason", "shown"
            )
        ),
        "bodies": sorted(
            [order[body.run_id], body.position, body.status_code, body.etag, said(body)]
            for body in RunBody.objects.filter(run__data_source=source).select_related("raw")
        ),
    }  # fmt: skip


def said(body: RunBody) -> str:
    """What was kept, as it would be of any source."""
    kept = zlib.decompress(body.raw.compressed)
    assert hashlib.sha256(kept).hexdigest() == body.raw.sha256
    rows = json.loads(kept)
    return json.dumps([{**row, "of": ""} for row in rows])


def publish(service: Service, source: DataSource, edition: int) -> None:
    answer = service.answers[f"/{source.slug}"]
    answer.rows = (first_edition, second_edition)[edition](source.slug)
    answer.headers["ETag"] = f'"{edition}"'


def its_connection_is_gone(source: DataSource) -> None:
    eventually("its connection is gone", lambda: not locking.is_locked(source.pk))


def put_right(runs: Forker, source: DataSource, task: str, *, by_the_watch: bool) -> None:
    """What follows a killed worker: the watch, or the same message once more."""
    if by_the_watch:
        for run in running.watch():
            runs.run(waiting=run.pk)
    runs.run(source=source.pk, task=task)


def test_a_run_killed_at_fifty_points_is_as_if_it_had_not_been(
    runs: Forker, service: Service
) -> None:
    print(f"PULL_SEED={SEED}")
    before = verify().problems  # in rows that other tests left in this database
    chance = random.Random(SEED)
    alike = sources(service)
    peaceful, *others = alike
    seconds: list[list[float]] = [[], []]  # of whole runs of each edition
    for edition in range(2):
        publish(service, peaceful, edition)
        seconds[edition].append(runs.run(source=peaceful.pk, task=f"peace-{edition}")["seconds"])
    wanted = content(peaceful)
    assert [one[7:13] for one in wanted["runs"]] == [
        (206, 204, 0, 0, 1, 1),
        (240, 34, 30, 174, 1, 1),
    ]
    found: Counter[str] = Counter()
    for number, source in enumerate(others):
        killed_in = number % 2
        for edition in range(2):
            publish(service, source, edition)
            task = f"{source.slug}-{edition}"
            if edition != killed_in:
                seconds[edition].append(runs.run(source=source.pk, task=task)["seconds"])
                continue
            after = chance.uniform(0, median(seconds[edition][-5:]))
            killed = runs.run(source=source.pk, task=task, kill_after=after)["killed"]
            its_connection_is_gone(source)
            run = SourceRun.objects.filter(task_id=task).first()
            found[f"{'killed' if killed else 'ended'}, {run.status if run else 'not begun'}"] += 1
            if run is not None and run.status == "running":
                nothing_of(run)
            put_right(runs, source, task, by_the_watch=chance.random() < 0.5)
        assert content(source) == wanted, (SEED, source.slug)
    print(dict(found), [round(median(one), 3) for one in seconds])
    assert found["killed, running"] >= POINTS // 5, (SEED, found)
    assert not SourceRun.objects.filter(status__in=["waiting", "running"]).exists()
    assert not RawBody.objects.exclude(pk__in=RunBody.objects.values("raw")).exists()
    folder = settings.PULL_FOLDER / str(connection.settings_dict["NAME"])
    assert list(folder.iterdir()) == []
    assert verify().problems == before


def nothing_of(run: SourceRun) -> None:
    """A killed run has its row and nothing else."""
    assert not Observation.objects.filter(run=run).exists()
    assert not HeldValue.objects.filter(run=run).exists()
    assert not run.bodies.exists()
    assert not run.rejected_rows.exists()


def test_the_lock_of_a_killed_run_goes_though_the_server_still_works_for_it(
    runs: Forker, service: Service
) -> None:
    source = service.source()
    service.answers["/values"].rows = first_edition("a")[:1]
    place("0")
    with second_connection() as other:
        other.execute("LOCK TABLE targets_observation IN EXCLUSIVE MODE")
        assert runs.run(source=source.pk, task="a", kill_after=3)["killed"]
        eventually("its lock is gone", lambda: not locking.is_locked(source.pk))
        other.rollback()
    runs.run(source=source.pk, task="a")
    outcomes = SourceRun.objects.order_by("pk").values_list("status", "outcome")
    assert list(outcomes) == [("failed", "killed"), ("succeeded", "")]


def test_a_run_that_was_declared_dead_while_it_went_on_writes_nothing(
    runs: Forker, service: Service
) -> None:
    source = service.source()
    service.answers["/values"].rows = first_edition("a")[:1]
    place("0")

    def bury(_path: str) -> None:
        with second_connection() as other:
            other.execute(
                "UPDATE targets_sourcerun"
                " SET status = 'failed', outcome = 'killed', finished_at = now()"
            )

    service.when_asked = bury
    runs.run(source=source.pk, task="a")
    assert SourceRun.objects.get().outcome == "killed"
    assert not Observation.objects.exists()
    assert not RawBody.objects.exists()
