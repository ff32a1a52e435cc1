"""Five hundred sources due at the same minute: scheduler, two workers, and verdicts meanwhile."""

from __future__ import annotations

import datetime as dt
import re
import time
from collections import Counter
from collections.abc import Iterator

import pytest
from celery import Celery
from django.utils import timezone
from django_celery_beat.models import CrontabSchedule, PeriodicTask

from targets.models import (
    AssessmentMethod,
    DataSource,
    Indicator,
    Observation,
    Organisation,
    OrganisationCode,
    Series,
    SeriesMapping,
    SourceRun,
    Target,
    Unit,
)
from targets.sources.runs import scheduling
from tests.celery.conftest import site, transactional_db
from tests.celery.workers import PATIENCE, Site, eventually, queue_is_empty
from tests.factory import make
from tests.sources.serving import MAPPING, Answer, Service, serving

__all__ = ["site", "transactional_db"]

MANY, PLACES = 500, 25
#: Pulls that may begin before a verdict that was asked for. Each of the two workers has one in its
#: hands and looks for the next thing to do at the moment of asking; other tasks go first as well.
BEFORE_A_VERDICT = 6
_LINE = re.compile(
    r"^(?P<at>\S+)Z .*Task targets\.tasks\.(?P<task>\w+)\[(?P<id>[^\]]+)\] "
    r"succeeded in (?P<seconds>[\d.e-]+)s"
)


@pytest.fixture
def service(site: Site) -> Iterator[Service]:
    with serving() as started:
        site.also |= {
            "PULL_HOSTS": started.host,
            "PULL_PRIVATE_NETWORKS": "127.0.0.1/32",
            "LOG_LEVEL": "INFO",
        }
        yield started
    PeriodicTask.objects.filter(task=scheduling.TASK).delete()


def sources_due(service: Service, due: dt.datetime) -> None:
    """Sources whose time was at one minute, of which the scheduler has not told yet."""
    unit = make(Unit, kind="percent", decimals=2)
    places = [make(Organisation, kind="province") for _ in range(PLACES)]
    for number, organisation in enumerate(places):
        make(OrganisationCode, organisation=organisation, scheme="test", code=str(number))
    indicators = [make(Indicator, unit=unit, levels=["province"]) for _ in range(MANY // PLACES)]
    make(AssessmentMethod, active=True)
    make(Target, indicator=indicators[0], scope="each_province", threshold=50, due_year=2030)
    series = [make(Series, indicator=indicator) for indicator in indicators]
    sources = DataSource.objects.bulk_create(
        DataSource(
            slug=f"due-{number}",
            name_vi=f"Nguồn {number}",
            name_en=f"Source {number}",
            adapter="json",
            address=service.url(f"/{number}"),
            mapping=MAPPING,
            trust="automatic",
            enabled=True,
            schedule=f"{due.minute} {due.hour} * * *",
        )
        for number in range(MANY)
    )
    SeriesMapping.objects.bulk_create(
        SeriesMapping(data_source=source, series=series[number // PLACES])
        for number, source in enumerate(sources)
    )
    for number, source in enumerate(sources):
        rows = [{"area": str(number % PLACES), "period": "2024", "value": number % 90}]
        service.answers[f"/{number}"] = Answer(list(rows))
        scheduling.sync(source)
    assert (
        CrontabSchedule.objects.filter(periodictask__task=scheduling.TASK).distinct().count() == 1
    )
    PeriodicTask.objects.filter(task=scheduling.TASK).update(
        last_run_at=due - dt.timedelta(hours=23), start_time=due - dt.timedelta(hours=23)
    )


def all_ended() -> bool:
    return SourceRun.objects.filter(finished_at__isnull=False).count() >= MANY


def test_each_of_many_runs_once_and_no_verdict_waits_for_them(site: Site, service: Service) -> None:
    sources_due(service, timezone.localtime() - dt.timedelta(minutes=1))
    for _ in range(2):
        site.worker()
    began = time.monotonic()
    site.scheduler()
    asked: dict[str, float] = {}
    eventually("the first run", SourceRun.objects.exists)
    with Celery(broker=site.broker.url) as app:
        while not all_ended() and time.monotonic() - began < 3 * PATIENCE:
            name = f"probe-{len(asked)}"
            asked[name] = time.time()
            app.send_task("targets.tasks.assess_pending", task_id=name)
            # One at a time, so that no question waits for another.
            answered(site, name)
            time.sleep(0.2)
    seconds = time.monotonic() - began
    eventually("all verdicts", queue_is_empty)
    runs = list(SourceRun.objects.values_list("data_source", "status", "kind", "added"))
    assert Counter(runs).most_common(1)[0][1] == 1
    assert {run[1:] for run in runs} == {("succeeded", "scheduled", 1)}, site.logs()[-3000:]
    assert len(runs) == len({run[0] for run in runs}) == MANY
    assert Counter(service.asked) == Counter(f"/{number}" for number in range(MANY))
    assert Observation.objects.count() == MANY

    begun = sorted(begins(site))
    pulls = [at for at, task, _ in begun if task == "pull_source"]
    assert len(pulls) == MANY
    waits = {name: at - asked[name] for at, _, name in begun if name in asked}
    before = {
        name: sum(asked[name] < at < asked[name] + wait for at in pulls)
        for name, wait in waits.items()
    }
    print(
        f"{MANY} sources in {seconds:.1f} s; of {len(waits)} verdicts asked for meanwhile, the "
        f"longest wait was {max(waits.values()):.2f} s and {max(before.values())} pulls"
    )
    assert max(before.values()) <= BEFORE_A_VERDICT, (before, waits)


def answered(site: Site, name: str) -> None:
    eventually(f"the end of {name}", lambda: f"[{name}] succeeded" in site.logs())


def begins(site: Site) -> Iterator[tuple[float, str, str]]:
    """When each task began, as the workers logged its end: (seconds, task, id)."""
    for line in site.logs().splitlines():
        found = _LINE.match(line)
        if found:
            ended = dt.datetime.fromisoformat(found["at"]).replace(tzinfo=dt.UTC).timestamp()
            yield ended - float(found["seconds"]), found["task"], found["id"]
