"""Web, worker, broker and database are killed at random while people enter and publish."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from tests.celery.workers import eventually
from tests.whole.books import check_books
from tests.whole.reporters import Ledger, enter
from tests.whole.site import Site, running

_SECONDS = 40.0
_KILLS = 8


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with running(tmp_path) as site:
        yield site


def _kill_at_random(site: Site, seconds: float) -> list[str]:
    """Kill each process at least once, in an order and at times left to chance.

    In the main thread: what a thread started, the kernel ends with that thread (`end_with_parent`).
    """
    chance = random.Random()
    names = [*Site.NAMES, *chance.choices(Site.NAMES, k=_KILLS - len(Site.NAMES))]
    chance.shuffle(names)
    for name in names:
        time.sleep(chance.uniform(0.5, 1.5) * seconds / _KILLS / 2)
        site.kill(name)
        time.sleep(chance.uniform(0, 1))
        site.start(name)
    return names


async def _publish(site: Site, coordinator: Mapping[str, Any]) -> list[int]:
    """Publish the approved reports one by one, each again until the server says that it is."""
    published: list[int] = []
    headers = {
        "Cookie": f"sessionid={coordinator['session']}; csrftoken={coordinator['csrf']}",
        "X-CSRFToken": coordinator["csrf"],
    }
    end = time.monotonic() + 3 * _SECONDS
    async with httpx.AsyncClient(base_url=site.address, headers=headers, timeout=20) as client:
        for report in coordinator["approved"]:
            while time.monotonic() < end:
                try:
                    answer = await client.post(
                        f"/bao-cao/{report}/buoc/publish/", data={"seen": ""}
                    )
                    # Taken, or (after an answer that was lost) taken already.
                    if answer.status_code in {302, 200, 409}:
                        published.append(report)
                        break
                    assert answer.status_code >= 500, answer.text
                except httpx.TransportError:
                    pass
                await asyncio.sleep(0.2)
            await asyncio.sleep(_SECONDS / len(coordinator["approved"]) / 2)
    return published


def test_what_was_acknowledged_survives_every_kill(site: Site) -> None:
    world = json.loads(site.python("-m", "tests.whole.prepare", "30", "12", "0"))
    people, coordinator = world["people"], world["coordinator"]

    async def at_work() -> tuple[Ledger, list[int]]:
        return await asyncio.gather(
            enter(site.address, people, seconds=_SECONDS, think=(0.1, 0.6)),
            _publish(site, coordinator),
        )

    with ThreadPoolExecutor(1) as thread:
        work = thread.submit(asyncio.run, at_work())
        killed = _kill_at_random(site, _SECONDS)
        ledger, published = work.result()
    assert set(killed) == set(Site.NAMES)
    assert ledger.errors == [], (killed, site.logs())
    assert ledger.saves > len(people)
    check_books(site, ledger)
    assert published == coordinator["approved"], (killed, site.logs())
    _published_whole(site, coordinator)
    site.manage("verify_history")


def _published_whole(site: Site, coordinator: Mapping[str, Any]) -> None:
    """Each published report has its step and all its values, once; and verdicts follow."""
    wanted = dict.fromkeys(coordinator["approved"], coordinator["values"])
    with psycopg.connect(site.postgres.url, autocommit=True) as connection:
        found = connection.execute(
            "SELECT r.id, r.state, count(DISTINCT a.id), count(DISTINCT p.observation_id),"
            " count(DISTINCT o.id) FILTER (WHERE o.superseded_at IS NULL)"
            " FROM targets_report r"
            " LEFT JOIN targets_reportaction a ON a.report_id = r.id AND a.kind = 'publish'"
            " LEFT JOIN targets_publication p ON p.action_id = a.id"
            " LEFT JOIN targets_observation o ON o.id = p.observation_id"
            " WHERE r.id = ANY(%s) GROUP BY r.id",
            [coordinator["approved"]],
        ).fetchall()
        assert {report: state for report, state, *_ in found} == dict.fromkeys(wanted, "published")
        for report, _state, actions, publications, observations in found:
            assert (actions, publications, observations) == (1, wanted[report], wanted[report])
        eventually(
            "a worker judged what was published",
            lambda: (
                connection.execute("SELECT 1 FROM targets_pendingassessment").fetchone() is None
            ),
        )
