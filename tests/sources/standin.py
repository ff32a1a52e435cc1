"""The stand-in as a process of its own, for tests that need a place where values are published.

    def test_something(standin: StandIn) -> None:
        standin.control(fault="cut", times=1)
        source.address = standin.url("/v2/country/VNM/indicator/GB.XPD.RSDV.GD.ZS")

Each test has a key of its own: what it sets is served to it alone.
"""

from __future__ import annotations

import itertools
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.db import connection
from pytest_django.fixtures import Settings

from dashboard.services.server import end_with_parent
from targets.sources.network import fetching

PROJECT = Path(__file__).resolve().parents[2]
_PATIENCE = 20.0  # seconds
_QUICK = replace(
    fetching.LIMITS, connect=1.0, read=0.4, request=3.0, total=4.0, tries=2, longest_wait=1.0
)
#: What a failed run leaves as it was: all that a run may write but its own row and its source's.
_KEPT = ("observation", "heldvalue", "source", "rawbody", "runbody", "runrejection")
_keys = itertools.count(1)


@dataclass
class StandIn:
    """The running stand-in under one key."""

    address: str
    key: str = ""

    @property
    def host(self) -> str:
        """`127.0.0.1:PORT`, as `PULL_HOSTS` wants it."""
        return self.address.removeprefix("http://")

    def url(self, path: str, *, fault: str = "") -> str:
        """The address of a path under this key; with a fault, one that always has it."""
        broken = f"/fault/{fault}" if fault else ""
        return f"{self.address}/for/{self.key}{broken}{path}"

    def control(self, **changes: Any) -> None:
        """Change what is served: see `dashboard.demo.standin.state.State`."""
        answer = httpx.post(f"{self.address}/control", json={"key": self.key, **changes})
        assert answer.status_code == 204, answer.text

    def seen(self) -> list[dict[str, Any]]:
        """What was asked under this key: method, path, status, headers."""
        answer = httpx.get(f"{self.address}/control", params={"key": self.key})
        found: list[dict[str, Any]] = answer.json()
        return found


def start(home: Path) -> tuple[subprocess.Popen[bytes], str]:
    """Start the process; its address once it listens."""
    announced = home / "standin"
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "dashboard.demo.standin"),
            *("--announce", str(announced), "--control"),
        ],
        cwd=PROJECT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=end_with_parent(signal.SIGTERM),  # noqa: PLW1509 one thread only
    )
    end = time.monotonic() + _PATIENCE
    while not announced.exists():
        assert process.poll() is None, "the stand-in ended at once"
        assert time.monotonic() < end, "the stand-in does not listen"
        time.sleep(0.01)
    return process, announced.read_text()


@pytest.fixture(scope="session")
def standin_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the one stand-in of a session."""
    process, address = start(tmp_path_factory.mktemp("standin"))
    yield address
    process.terminate()
    process.wait()


@pytest.fixture
def standin(standin_process: str, settings: Settings) -> StandIn:
    """The stand-in under a key of this test; only it may be asked."""
    one = StandIn(standin_process, f"test-{next(_keys)}")
    settings.PULL_HOSTS = [one.host]
    settings.PULL_PRIVATE_NETWORKS = ["127.0.0.1/32"]
    return one


@pytest.fixture
def quick_fetching(monkeypatch: pytest.MonkeyPatch) -> None:
    """Short patience: the stand-in's slowness need not be waited for."""
    defaults = fetching.Fetcher.__init__.__kwdefaults__
    assert defaults is not None
    monkeypatch.setitem(defaults, "limits", _QUICK)
    monkeypatch.setitem(defaults, "sleep", lambda _seconds: None)


def written() -> dict[str, list[tuple[Any, ...]]]:
    """All rows of the tables that a failed run must leave alone."""
    found = {}
    with connection.cursor() as cursor:
        for table in _KEPT:
            cursor.execute(f"SELECT * FROM targets_{table} ORDER BY id")
            found[table] = cursor.fetchall()
    return found
