"""The demo's life: prepared once, one at a time, quick the second time, nothing left behind."""

from __future__ import annotations

import http.client
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest

from tests.ground.clusters import directory

PROJECT = Path(__file__).resolve().parent.parent.parent
_SECOND_START = 15.0  # seconds


class Demo:
    """``manage.py demo`` in a process, with what it has said so far."""

    def __init__(self, var: Path) -> None:
        unset = {"DATABASE_URL", "REDIS_URL", "THUOCDO_ENV", "PORT"}
        self.environment = {k: v for k, v in os.environ.items() if k not in unset}
        self.environment |= {"THUOCDO_VAR": str(var), "PYTHONUNBUFFERED": "1"}
        self.var = var
        self.lines: list[str] = []
        self.began = time.monotonic()
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "demo"],
            cwd=PROJECT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as said:  # closed when the last process of the demo has ended
            for line in said:
                self.lines.append(line.rstrip())

    @property
    def said(self) -> str:
        return "\n".join(self.lines)

    def address(self, seconds: float = 300) -> str:
        """The address, once it is told."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            found = re.search(r"is at (http://\S+)", self.said)
            if found:
                return found.group(1)
            assert self.process.poll() is None, self.said
            time.sleep(0.02)
        raise AssertionError(f"no address: {self.said}")

    def processes(self) -> list[psutil.Process]:
        """All processes of this demo: they have its directory in their environment or command."""
        found = []
        for process in psutil.process_iter():
            try:
                mine = str(self.var) in " ".join(process.cmdline()) or (
                    process.environ().get("THUOCDO_VAR") == str(self.var)
                )
            except (psutil.AccessDenied, psutil.NoSuchProcess, psutil.ZombieProcess):
                continue
            if mine:
                found.append(process)
        return found

    def end(self, number: signal.Signals) -> int:
        """Send a signal and wait for the end."""
        self.process.send_signal(number)
        code = self.process.wait(60)
        self._reader.join(10)
        return code


@pytest.fixture(scope="module")
def var() -> Iterator[Path]:
    """Where the demo keeps its data."""
    with directory() as made:
        yield made / "var"


@pytest.fixture
def prepared(var: Path) -> None:
    """Have the first start behind us, also where this test runs alone."""
    if not (var / "stamps").exists():
        first = Demo(var)
        first.address()
        first.end(signal.SIGINT)


@pytest.fixture
def demo(var: Path) -> Iterator[Demo]:
    """A demo that has been started, ended by force if the test did not end it."""
    running = Demo(var)
    yield running
    if running.process.poll() is None:
        running.process.kill()
        running.process.wait()
    running._reader.join(10)


def _get(address: str, path: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=30)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def test_a_fresh_demo_prepares_serves_and_leaves_nothing_running(demo: Demo) -> None:
    address = demo.address()
    assert address.startswith("http://127.0.0.1:")
    for step in ("Database tables", "Catalogue of targets", "Accounts", "Sources of values"):
        assert re.search(f"^{step}.*: done", demo.said, re.MULTILINE)
    assert _get(address, "/suc-khoe/")[0] == 200
    assert 'rel="stylesheet"' in _get(address, "/tai-khoan/login/")[1]
    assert re.search(r"Sign in as coordinator, .*; password \S{12}", demo.said)
    assert len(demo.processes()) >= 7  # itself, two owners, web, worker, scheduler, stand-in
    assert demo.end(signal.SIGINT) == 0
    assert demo.processes() == []
    assert demo.lines[-1].startswith("Stopped")


@pytest.mark.usefixtures("prepared")
def test_a_second_start_is_quick_and_keeps_the_data(demo: Demo) -> None:
    began = demo.began
    demo.address()
    took = time.monotonic() - began
    assert "Catalogue of targets: unchanged" in demo.said
    assert "Published values: unchanged" in demo.said
    assert "Sources of values, at a stand-in: unchanged" in demo.said
    # The figure is for a machine that does nothing else; tests of other files may run beside this.
    busy = max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
    assert took < _SECOND_START * busy
    assert demo.end(signal.SIGTERM) == 0
    assert demo.processes() == []


def test_the_demo_runs_once_and_other_commands_run_beside_it(demo: Demo) -> None:
    address = demo.address()
    again = Demo(demo.var)
    assert again.process.wait(60) == 1
    again._reader.join(10)
    assert f"running already: {address}" in again.said
    beside = subprocess.run(
        [sys.executable, "manage.py", "check", "--database", "default"],
        cwd=PROJECT,
        env=demo.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert beside.returncode == 0, beside.stderr
    assert _get(address, "/suc-khoe/")[0] == 200
    assert demo.end(signal.SIGHUP) == 0
    assert demo.processes() == []


def test_the_end_of_one_process_ends_the_demo_with_its_log(demo: Demo) -> None:
    demo.address()
    beat = next(process for process in demo.processes() if "beat" in process.cmdline())
    beat.kill()
    assert demo.process.wait(60) == 1
    demo._reader.join(10)
    assert "the scheduler process ended with code -9" in demo.said
    assert demo.processes() == []
