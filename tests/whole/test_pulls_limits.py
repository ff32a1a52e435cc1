"""Real workers over sources that take too long, that kill whoever reads them, that are lost."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from typing import Any

import psutil
import pytest
from celery import Celery
from django.contrib.auth.models import User
from django.utils import timezone

from targets.models import DataSource, Observation, SourceRun
from targets.sources.runs import running
from tests.celery.conftest import site, transactional_db
from tests.celery.workers import Site, eventually
from tests.factory import make
from tests.sources.serving import Service, place, rows, serving

__all__ = ["site", "transactional_db"]


@pytest.fixture
def service(site: Site) -> Iterator[Service]:
    with serving() as started:
        site.also |= {"PULL_HOSTS": started.host, "PULL_PRIVATE_NETWORKS": "127.0.0.1/32"}
        yield started


@pytest.fixture
def source(service: Service) -> DataSource:
    place("H")
    source = service.source()
    service.answers["/values"].rows = rows("H", y2024=12.5)
    return source


def send(site: Site, task: str, *args: int, **options: Any) -> None:
    with Celery(broker=site.broker.url) as app:
        queue = "celery" if task == "watch_sources" else "pulls"
        app.send_task(f"targets.tasks.{task}", args, queue=queue, **options)


def outcomes() -> list[str]:
    return list(SourceRun.objects.order_by("pk").values_list("outcome", flat=True))


def ended(number: int) -> bool:
    return SourceRun.objects.filter(finished_at__isnull=False).count() >= number


def to_children(worker: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """A signal to the processes in which a worker does its tasks."""
    for child in psutil.Process(worker.pid).children():
        os.kill(child.pid, number)


def test_a_source_that_kills_whoever_reads_it_is_left_alone_after_three(
    site: Site, service: Service, source: DataSource
) -> None:
    worker = site.worker()
    service.when_asked = lambda _path: to_children(worker, signal.SIGKILL)
    send(site, "pull_source", source.pk, task_id="poison")
    eventually("the circuit is open", lambda: _failures(source) >= 5)
    # What comes after it in the queue is done by the same worker.
    other = service.source("/other")
    service.when_asked = lambda _path: None
    service.answers["/other"].rows = rows("H", y2024=1)
    send(site, "pull_source", other.pk)
    eventually("another source is read", Observation.objects.exists)
    assert outcomes() == ["killed", "killed", "killed", ""]
    assert service.asked == ["/values"] * 3 + ["/other"]


def _failures(source: DataSource) -> int:
    return DataSource.objects.values_list("failures", flat=True).get(pk=source.pk)


def test_a_run_over_its_soft_limit_says_so(
    site: Site, service: Service, source: DataSource
) -> None:
    site.worker()
    service.answers["/values"].pause = 20
    send(site, "pull_source", source.pk, soft_time_limit=1)
    eventually("it has ended", lambda: ended(1))
    run = SourceRun.objects.get()
    assert (run.status, run.outcome, run.detail["seconds"]) == ("failed", "timeout", 1)


def test_a_run_over_its_hard_limit_is_taken_up_by_the_watch(
    site: Site, service: Service, source: DataSource
) -> None:
    worker = site.worker()
    # Stopped where it is, it cannot heed the soft limit.
    service.when_asked = lambda _path: to_children(worker, signal.SIGSTOP)
    send(site, "pull_source", source.pk, soft_time_limit=1, time_limit=2)
    eventually("it runs", lambda: len(service.asked) == 1)
    service.when_asked = lambda _path: None

    def looked_at() -> bool:
        send(site, "watch_sources")
        return ended(2)

    eventually("the watch has taken it up", looked_at)
    assert outcomes() == ["killed", ""]
    assert Observation.objects.get().value == 12.5


def test_a_lost_message_is_sent_again_by_the_watch(
    site: Site, service: Service, source: DataSource
) -> None:
    # Asked for while nobody took messages.
    run = make(
        SourceRun, data_source=source, status="waiting", kind="manual", by=make(User),
        started_at=timezone.now() - 2 * running.PATIENCE,
    )  # fmt: skip
    site.worker()
    send(site, "watch_sources")
    eventually("it has run", lambda: ended(1))
    run.refresh_from_db()
    assert (run.status, service.asked) == ("succeeded", ["/values"])
