"""A ministry's identity provider: a real server process on loopback."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode, urlsplit

from dashboard.services.server import end_with_parent

_PATIENCE = 60.0  # seconds


@dataclass(frozen=True)
class Provider:
    """Where it is; what a person does there."""

    port: int

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def know(self, subject: str, **claims: object) -> None:
        """Have a person with these claims."""
        self._ask("PUT", f"/users/{subject}", json.dumps(claims), "application/json")

    def authorize(self, address: str, subject: str, **changed: str) -> str:
        """Sign in there, as sent by `address`, and be sent back: to which path of the site.

        `changed` tampers with what the site asked.
        """
        parts = urlsplit(address)
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()} | changed
        answer = self._ask(
            "POST",
            f"{parts.path}?{urlencode(asked)}",
            urlencode({"sub": subject}),
            "application/x-www-form-urlencoded",
        )
        back = urlsplit(answer.headers["Location"])
        return f"{back.path}?{back.query}"

    def _ask(self, method: str, path: str, body: str, kind: str) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body, {"Content-Type": kind})
            answer = connection.getresponse()
            answer.read()
            assert answer.status < 400, (path, answer.status)
            return answer
        finally:
            connection.close()


@contextmanager
def serving(*options: str) -> Iterator[Provider]:
    """Run the server with these options of its command."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port), *options],
        env={**os.environ, "AUTHLIB_INSECURE_TRANSPORT": "1", "NO_COLOR": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=end_with_parent(signal.SIGTERM),  # noqa: PLW1509 one thread only
    )
    try:
        _await(port, process)
        yield Provider(port)
    finally:
        process.terminate()
        process.wait(30)


def _await(port: int, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end and process.poll() is None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/.well-known/openid-configuration")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.05)
        finally:
            connection.close()
    raise RuntimeError("the identity provider did not start")
