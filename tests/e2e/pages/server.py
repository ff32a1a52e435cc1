"""The site as it is run: gunicorn, the built and compressed files of production, real data."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from dashboard.services.server import end_with_parent

ROOT = Path(__file__).resolve().parents[3]
HOST = "127.0.0.1"
_PATIENCE = 60.0  # seconds
# Of the numbers of this run's slot (tests/servers.py) the last pair: no process of pytest has it.
_SLOT, _LAST_PAIR = 32, 30


@contextmanager
def serving(database: str, folder: Path) -> Iterator[str]:
    """The address of a server on this database; its files and its log lie in `folder`."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port = probe.getsockname()[1]
    surroundings = environment(database, folder)
    subprocess.run(
        [sys.executable, "manage.py", "collectstatic", "--no-input", "--verbosity", "0"],
        cwd=ROOT,
        env=surroundings,
        check=True,
    )
    log = folder / "web.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [
                sys.executable, "-m", "gunicorn", "dashboard.wsgi", "--bind", f"{HOST}:{port}",
                "--worker-class", "gthread", "--threads", "4", "--no-control-socket",
            ],
            cwd=ROOT,
            env=surroundings,
            stdout=output,
            stderr=output,
            preexec_fn=end_with_parent(signal.SIGTERM),  # noqa: PLW1509 one thread only
        )  # fmt: skip
    try:
        _await(port, process, log)
        yield f"http://{HOST}:{port}"
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def environment(database: str, folder: Path) -> dict[str, str]:
    """The variables of a process of the site; a worker of it takes the same."""
    number = int(os.environ["THUOCDO_TEST_SLOT"]) * _SLOT + _LAST_PAIR
    return {
        **os.environ,
        "THUOCDO_ENV": "demo",
        "DATABASE_URL": _with_path(os.environ["DATABASE_URL"], database),
        "REDIS_URL": _with_path(os.environ["REDIS_URL"], str(number)),
        "STATIC_ROOT": str(folder / "static"),
    }


def _with_path(address: str, path: str) -> str:
    return urlunsplit(urlsplit(address)._replace(path=f"/{path}"))


def _await(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end and process.poll() is None:
        connection = http.client.HTTPConnection(HOST, port, timeout=5)
        try:
            connection.request("GET", "/suc-khoe/")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.1)
        finally:
            connection.close()
    raise RuntimeError(f"the server did not start: {log.read_text(errors='replace')}")
