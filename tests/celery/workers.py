"""Real workers for the tests: processes of their own, with a broker of their own.

The broker is not the one that other tests share, because it is stopped and started again. The
database is the one of the test, in which everything is really committed.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit, urlunsplit

from celery import Celery
from django.db import connection

from dashboard.services.valkey import Valkey
from targets.models import PendingAssessment

PROJECT = Path(__file__).resolve().parent.parent.parent
#: Seconds until a test gives up; what it waits for takes a few.
PATIENCE = 90.0


def eventually(what: str, happened: Callable[[], bool], patience: float = PATIENCE) -> None:
    """Look until it happened; AssertionError with `what` at the deadline."""
    end = time.monotonic() + patience
    while not happened():
        assert time.monotonic() < end, f"did not happen in {patience:g} s: {what}"
        time.sleep(0.05)


def queue_is_empty() -> bool:
    return not PendingAssessment.objects.exists()


class Site:
    """Worker, scheduler and commands over the test's database and a broker that can be stopped."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.broker = Valkey(home / "broker", durable=True)
        #: Beside what every process of the tests has in its environment.
        self.also: dict[str, str] = {}
        self._processes: list[subprocess.Popen[bytes]] = []

    @property
    def environment(self) -> dict[str, str]:
        """That of the test, with its database and this broker."""
        address = urlsplit(os.environ["DATABASE_URL"])
        name = connection.settings_dict["NAME"]
        return {
            **os.environ,
            "DATABASE_URL": urlunsplit(address._replace(path=f"/{name}")),
            "BROKER_URL": self.broker.url,
            "BEAT_HEARTBEAT": str(self.home / "beat.heartbeat"),
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
            **self.also,
        }

    def worker(self, *, processes: int = 1) -> subprocess.Popen[bytes]:
        """A worker that takes tasks."""
        number = len(self._processes)
        log = self.home / f"worker-{number}.log"
        process = self._start(
            log,
            "worker",
            f"--hostname=worker-{number}",
            f"--concurrency={processes}",
            "--queues=celery,pulls",
            "--loglevel=INFO",
        )
        eventually(f"a worker is ready; see {log}", lambda: b" ready." in log.read_bytes())
        return process

    def scheduler(self) -> subprocess.Popen[bytes]:
        """The scheduler with the schedule of the settings."""
        return self._start(self.home / "beat.log", "beat", "--loglevel=INFO", "--pidfile=")

    def _start(self, log: Path, *arguments: str) -> subprocess.Popen[bytes]:
        output: IO[bytes]
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "celery", "-A", "dashboard.celery", *arguments],
                cwd=PROJECT,
                env=self.environment,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        self._processes.append(process)
        return process

    def ask(self) -> None:
        """What the scheduler sends: look at the queue."""
        with Celery(broker=self.broker.url) as app:
            app.send_task("targets.tasks.assess_pending")

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A command of manage.py; its exit code is 0."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=PROJECT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """SIGKILL to the worker and all its children at once."""
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def stop(self) -> None:
        """End all processes, then the broker."""
        for process in self._processes:
            if process.poll() is None:
                self.kill(process)
        self.broker.stop()

    def logs(self) -> str:
        """What the processes wrote, for the message of a test that failed."""
        return "\n".join(path.read_text(errors="replace") for path in self.home.glob("*.log"))


@contextmanager
def running(home: Path) -> Iterator[Site]:
    """A site with a started broker; everything it starts is ended."""
    site = Site(home)
    site.broker.start()
    try:
        yield site
    finally:
        site.stop()
