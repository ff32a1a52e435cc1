"""The whole site as processes of its own: database, broker, web, worker, scheduler.

Apart from the servers that the tests share, because each of these is killed and started again.
All data is durable here: what a killed database had acknowledged must be there afterwards.
"""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from dashboard.services.postgres import Postgres
from dashboard.services.server import HOST, end_with_parent, free_port
from dashboard.services.valkey import Valkey

PROJECT = Path(__file__).resolve().parents[2]
PATIENCE = 90.0  # seconds
_UNSET = {"DATABASE_URL", "REDIS_URL", "BROKER_URL", "THUOCDO_ENV", "THUOCDO_VAR"}


class Site:
    """Its processes by name; `kill` and `start` take the same names."""

    NAMES = ("postgres", "valkey", "web", "worker")

    def __init__(self, home: Path) -> None:
        self.home = home
        self.postgres = Postgres(home / "postgres")
        self.valkey = Valkey(home / "valkey")
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._port = free_port((0,)) or 0

    @property
    def address(self) -> str:
        return f"http://{HOST}:{self._port}"

    @property
    def environment(self) -> dict[str, str]:
        """That of every process of the site."""
        mine = {name: value for name, value in os.environ.items() if name not in _UNSET}
        broker = urlunsplit(urlsplit(self.valkey.url)._replace(path="/1"))
        return {
            **mine,
            "DJANGO_SETTINGS_MODULE": "dashboard.settings",
            "THUOCDO_ENV": "demo",
            "THUOCDO_VAR": str(self.home / "var"),
            "DATABASE_URL": self.postgres.url,
            "REDIS_URL": self.valkey.url,
            "BROKER_URL": broker,
            "STATIC_ROOT": str(self.home / "static"),
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
            "LOG_LEVEL": "WARNING",
        }

    def manage(self, *words: str) -> None:
        """A command of manage.py that must succeed."""
        self.python("manage.py", *words)

    def python(self, *words: str) -> str:
        """A Python process of the site that must succeed; what it printed."""
        done = subprocess.run(
            [sys.executable, *words],
            cwd=PROJECT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-4000:]
        return done.stdout

    def start(self, name: str) -> None:
        """Start one process and, but for the worker, wait until it answers."""
        if name == "postgres":
            self.postgres.start()
        elif name == "valkey":
            self.valkey.start()
        elif name == "web":
            self._processes[name] = self._spawn(
                name,
                *("gunicorn", "dashboard.wsgi", "--bind", f"{HOST}:{self._port}"),
                *("--worker-class", "gthread", "--workers", "2", "--threads", "4"),
                *("--no-control-socket", "--keep-alive", "5"),
            )
            self._await_web()
        elif name == "worker":
            self._processes[name] = self._spawn(
                name,
                *("celery", "--app", "dashboard.celery", "worker", "--concurrency", "1"),
                *("--queues", "celery,pulls", "--loglevel", "WARNING"),
                *("--without-mingle", "--without-gossip", "--beat"),
                *("--schedule", str(self.home / "schedule")),
            )

    def kill(self, name: str) -> None:
        """SIGKILL to a process and all that belong to it, at once."""
        server = {"postgres": self.postgres, "valkey": self.valkey}.get(name)
        process = server.process if server is not None else self._processes.pop(name)
        assert process is not None
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def stop(self) -> None:
        """End everything."""
        for name in list(self._processes):
            self.kill(name)
        self.valkey.stop()
        self.postgres.stop()

    def logs(self) -> str:
        """The last lines of every process, for the message of a test that failed."""
        return "\n".join(
            f"== {path.name}\n{path.read_text(errors='replace')[-3000:]}"
            for path in sorted(self.home.glob("*.log"))
        )

    def _spawn(self, name: str, *module: str) -> subprocess.Popen[bytes]:
        with (self.home / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", *module],
                cwd=PROJECT,
                env=self.environment | ({"DATABASE_POOL_SIZE": "4"} if name == "web" else {}),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=end_with_parent(signal.SIGTERM),  # noqa: PLW1509 one thread only
            )

    def _await_web(self) -> None:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            connection = http.client.HTTPConnection(HOST, self._port, timeout=5)
            try:
                connection.request("GET", "/static/img/favicon.svg")
                if connection.getresponse().status < 500:
                    return
            except OSError:
                time.sleep(0.1)
            finally:
                connection.close()
        raise AssertionError(f"the web server did not answer: {self.logs()}")


@contextmanager
def running(home: Path) -> Iterator[Site]:
    """A site with its tables made and all its processes up; everything is ended afterwards."""
    site = Site(home)
    try:
        site.start("postgres")
        site.start("valkey")
        site.manage("migrate", "--verbosity", "0")
        site.manage("compile_translations")
        site.manage("collectstatic", "--no-input", "--verbosity", "0")
        site.start("web")
        site.start("worker")
        yield site
    finally:
        site.stop()
