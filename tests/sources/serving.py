"""A small service on loopback in the tests' own process, and sources that read it.

For tests of running: what it answers is set from one moment to the next. Faithful formats and
their faults are in `dashboard.demo.standin`.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from targets.models import (
    DataSource,
    Indicator,
    Organisation,
    OrganisationCode,
    Series,
    SeriesMapping,
    Unit,
)
from tests.factory import make

#: How rows of `Service.rows` are read.
MAPPING: dict[str, Any] = {
    "area": {"field": "area", "scheme": "test"},
    "period": {"field": "period", "form": "auto"},
}
Row = Mapping[str, object]


@dataclass
class Answer:
    """What the service answers on one path; `pause` seconds before it begins."""

    rows: list[Row] = field(default_factory=list)
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    pause: float = 0.0


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 500

    def handle_error(self, request: object, client_address: object) -> None:
        """Who asked was killed meanwhile: nothing to tell."""


class Service:
    """Answers by path, and what was asked."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.asked: list[str] = []
        #: Called with each path before it is answered.
        self.when_asked: Callable[[str], None] = lambda _path: None
        service = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                service.asked.append(self.path)
                service.when_asked(self.path)
                answer = service.answers[self.path]
                body = json.dumps(answer.rows).encode()
                time.sleep(answer.pause)
                known = self.headers["If-None-Match"]
                if known is not None and known == answer.headers.get("ETag"):
                    self.send_response(304)
                    self.end_headers()
                    return
                self.send_response(answer.status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                """Not to the output of the tests."""

        self.server = _Server(("127.0.0.1", 0), Handler)

    @property
    def host(self) -> str:
        """As `PULL_HOSTS` wants it."""
        return f"127.0.0.1:{self.server.server_address[1]}"

    def url(self, path: str) -> str:
        """The address of a path."""
        return f"http://{self.host}{path}"

    def source(self, path: str = "/values", **given: Any) -> DataSource:
        """A source that reads a path, trusted and switched on, with one series of percentages."""
        given = {"trust": "automatic", "enabled": True} | given
        source = make(DataSource, adapter="json", address=self.url(path), mapping=MAPPING, **given)
        indicator = make(
            Indicator, levels=["national", "province"], unit=make(Unit, kind="percent", decimals=2)
        )
        make(SeriesMapping, data_source=source, series=make(Series, indicator=indicator))
        self.answers[path] = Answer()
        return source


@contextmanager
def serving() -> Iterator[Service]:
    """A running service."""
    service = Service()
    thread = threading.Thread(
        target=service.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
    )
    thread.start()
    try:
        yield service
    finally:
        service.server.shutdown()
        service.server.server_close()
        thread.join()


def place(code: str) -> Organisation:
    """A province that the service calls by a code."""
    organisation = make(Organisation, kind="province")
    make(OrganisationCode, organisation=organisation, scheme="test", code=code)
    return organisation


def rows(area: str, **values: object) -> list[Row]:
    """Rows about an area: `y2024=98.5` is the value of the period 2024."""
    return [
        {"area": area, "period": period.removeprefix("y"), "value": value}
        for period, value in values.items()
    ]
