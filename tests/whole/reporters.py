"""Reporters who enter values over HTTP, all in one process, and what was acknowledged to them.

Each does as the page does: one request at a time, the version that was seen goes along, a request
without an answer is sent again until there is one. Bounded in number and in time.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

COUNT, SECONDS = 200, 60.0
#: Seconds between two saves of one person: the time to read a row, type a number and leave it.
THINK = (2.0, 6.0)
_PAUSE = 0.2  # seconds before a request without an answer is sent again
_PATIENCE = 60.0  # seconds until a person gives up


@dataclass
class Kept:
    """What one item holds, as far as its writer was told."""

    version: int = 0
    value: int | None = None


@dataclass
class Ledger:
    """All that was acknowledged, and how long each save took in seconds."""

    items: dict[int, Kept] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)
    unanswered: int = 0
    errors: list[str] = field(default_factory=list)

    @property
    def saves(self) -> int:
        return sum(kept.version for kept in self.items.values())

    def at(self, share: float) -> float:
        """The time that this share of all saves took at most."""
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


async def enter(
    address: str,
    people: Sequence[Mapping[str, Any]],
    *,
    seconds: float,
    think: tuple[float, float] = THINK,
) -> Ledger:
    """Have everybody enter values for so long; the ledger says what came of it."""
    ledger = Ledger()
    limits = httpx.Limits(max_connections=len(people), max_keepalive_connections=len(people))
    async with httpx.AsyncClient(base_url=address, limits=limits, timeout=20) as client:
        chance = random.Random(20261214)
        await asyncio.gather(
            *(
                _Person(client, person, ledger, think, random.Random(chance.random())).work(seconds)
                for person in people
            )
        )
    return ledger


@dataclass
class _Person:
    """One reporter: who they are and what they have to fill, and the book they are kept in."""

    client: httpx.AsyncClient
    who: Mapping[str, Any]
    ledger: Ledger
    think: tuple[float, float]
    chance: random.Random

    async def work(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        await asyncio.sleep(self.chance.uniform(0, self.think[1]))
        turn = 0
        while time.monotonic() < end:
            item = self.who["items"][turn % len(self.who["items"])]
            turn += 1
            if not await self._enter(item, turn):
                return
            await asyncio.sleep(self.chance.uniform(*self.think))

    async def _enter(self, item: int, value: int) -> bool:
        """Enter one value; False after a mistake, which is in the ledger."""
        kept = self.ledger.items.setdefault(item, Kept())
        began = time.perf_counter()
        answer = await self._save(item, kept.version, value)
        if answer is None:
            return False
        self.ledger.seconds.append(time.perf_counter() - began)
        if answer["outcome"] not in {"saved", "unchanged"} or answer["version"] != kept.version + 1:
            self.ledger.errors.append(f"item {item}, version {kept.version} seen: {answer}")
            return False
        kept.version, kept.value = answer["version"], value
        return True

    async def _save(self, item: int, version: int, value: int) -> dict[str, Any] | None:
        give_up = time.monotonic() + _PATIENCE
        while time.monotonic() < give_up:
            try:
                response = await self.client.post(
                    f"/bao-cao/{self.who['report']}/o/{item}/",
                    data={"version": version, "value": value},
                    headers={
                        "Cookie": f"sessionid={self.who['session']}; csrftoken={self.who['csrf']}",
                        "X-CSRFToken": self.who["csrf"],
                        "X-Requested-With": "XMLHttpRequest",
                    },
                )
                if response.status_code == httpx.codes.OK:
                    return dict(response.json())
                if response.status_code < httpx.codes.INTERNAL_SERVER_ERROR:
                    self.ledger.errors.append(f"item {item}: answer {response.status_code}")
                    return None
            except httpx.TransportError:
                pass  # the server is not there, or went away before it answered
            self.ledger.unanswered += 1
            await asyncio.sleep(_PAUSE)
        self.ledger.errors.append(f"item {item}: no answer in {_PATIENCE:g} s")
        return None
