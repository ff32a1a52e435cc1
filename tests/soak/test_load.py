"""Two hundred reporters at once: nobody sees an error, no value is lost and none is double."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.soak.books import check_books
from tests.soak.reporters import COUNT, enter
from tests.soak.site import Site, running


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with running(tmp_path_factory.mktemp("soak")) as site:
        yield site


def test_two_hundred_reporters_at_once_lose_nothing(site: Site) -> None:
    people = json.loads(site.python("-m", "tests.soak.prepare", str(COUNT), "0"))["people"]
    ledger = asyncio.run(enter(site.address, people, seconds=15))
    assert ledger.errors == [], site.logs()
    assert ledger.unanswered == 0, site.logs()
    assert ledger.saves >= COUNT
    check_books(site, ledger)


def test_a_kept_value_is_in_the_trail(site: Site, tmp_path: Path) -> None:
    site.manage("verify_history")
