"""A source on loopback and a fetcher that may ask it, without waiting for anything."""

from __future__ import annotations

import json
import traceback
from pathlib import Path
from typing import Any

import pytest

from targets.models import DataSource
from targets.sources.contract import Body, Request, SourceError
from targets.sources.network.egress import EgressRules
from targets.sources.network.fetching import LIMITS, Fetcher, Limits
from tests.factory import make
from tests.sources.servers import Server

LOOPBACK = "127.0.0.1/32"


class Clock:
    """Seconds that pass only while somebody sleeps; `slept` is how long each time."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def __call__(self) -> float:
        return sum(self.slept)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


def source_at(server: Server, path: str = "/", **given: Any) -> DataSource:
    return make(DataSource, address=server.url(path), **given)


def fetcher(
    source: DataSource,
    folder: Path,
    *servers: Server,
    clock: Clock | None = None,
    limits: Limits = LIMITS,
    **given: Any,
) -> Fetcher:
    """One that may ask these servers. Without a clock time goes by, but nothing is waited for."""
    rules = EgressRules([server.host for server in servers], [LOOPBACK])
    if clock is not None:
        given |= {"clock": clock, "sleep": clock.sleep}
    return Fetcher(
        source, folder, limits=limits, **{"rules": rules, "sleep": lambda _seconds: None, **given}
    )


def failed(fetch: Fetcher, request: Request | str) -> SourceError:
    """How it fails."""
    with pytest.raises(SourceError) as caught:
        fetch(Request(request) if isinstance(request, str) else request)
    json.dumps(caught.value.detail)  # it goes into a record
    return caught.value


def said_of(error: BaseException) -> str:
    """Everything that a log would say of an error, with all that led to it."""
    texts = traceback.format_exception(error)
    met: BaseException | None = error
    while met is not None:
        texts += [repr(met), str(met), repr(met.__dict__)]
        met = met.__cause__ or (None if met.__suppress_context__ else met.__context__)
    return "\n".join(texts)


def content(body: Body) -> bytes:
    data = body.path.read_bytes()
    assert len(data) == body.size
    return data
