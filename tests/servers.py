"""Pytest plugin, loaded before the settings: PostgreSQL and Valkey for this run.

Real servers, started when no address is given, in ``var/test`` (apart from a demo's data) and
tuned for speed. Runs at the same time share the servers but not the data: each takes a slot,
with a database and a range of Valkey numbers of its own.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest

from dashboard.services import embedded
from dashboard.services.locks import FileLock

_SLOTS = 8
_NUMBERS = 32  # Valkey databases of one slot: two (cache, queue) for each of 16 processes
_held = ExitStack()


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests() -> Iterator[None]:
    """Have the servers ready before pytest-django reads the settings."""
    os.environ["THUOCDO_ENV"] = "test"
    if "PYTEST_XDIST_WORKER" in os.environ:
        _take_numbers(int(os.environ["PYTEST_XDIST_WORKER"].removeprefix("gw")) + 1)
    else:
        var = Path(__file__).resolve().parent.parent / "var" / "test"
        os.environ["THUOCDO_VAR"] = str(var)
        _held.enter_context(embedded(var, durable=False))
        slot = _take_slot(var)
        os.environ["THUOCDO_TEST_DATABASE"] = f"test_thuocdo_{slot}"
        os.environ["THUOCDO_TEST_SLOT"] = str(slot)
        _take_numbers(0)
    # Playwright's loop runs in the thread of the tests, which Django would take for async code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    return (yield)


def pytest_unconfigure() -> None:
    """Give the servers and the slot up; the last one stops them."""
    _held.close()


def _take_slot(var: Path) -> int:
    for slot in range(_SLOTS):
        lock = FileLock(var / f"slot-{slot}.lock")
        if lock.try_lock():
            _held.callback(lock.release)
            return slot
        lock.release()
    raise pytest.UsageError(f"{_SLOTS} test runs are already using {var}; wait for one to end")


def _take_numbers(process: int) -> None:
    first = int(os.environ["THUOCDO_TEST_SLOT"]) * _NUMBERS + process * 2
    parts = urlsplit(os.environ["REDIS_URL"])
    os.environ["REDIS_URL"] = urlunsplit(parts._replace(path=f"/{first}"))
