"""``manage.py demo``: everything in the foreground until Ctrl-C."""

from __future__ import annotations

import http.client
import json
import os
import secrets
import signal
import time
from argparse import ArgumentTypeError
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections

from dashboard.demo import sources
from dashboard.demo.accounts import ACCOUNTS, demo_password
from dashboard.demo.preparing import Preparation
from dashboard.demo.processes import ProcessEndedError, Processes
from dashboard.services.locks import FileLock
from dashboard.services.server import HOST, free_port

_FIRST_PORT, _PORTS = 8000, 50
_STAND_IN_PORT = 8900
_ENVIRONMENT = {"THUOCDO_ENV": "demo", "PYTHONUNBUFFERED": "1"}
_PATIENCE = 60.0  # seconds until the web server answers


def _port(text: str) -> int:
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise ArgumentTypeError(f"{text!r} is no port number")
    return int(text)


class Command(BaseCommand):
    """Prepare what is missing, start all processes, end them together."""

    help = "Run the whole of Thước Đo on this machine, on loopback, until Ctrl-C."
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        """The port to serve on."""
        parser.add_argument(
            "--port",
            type=_port,
            default=os.environ.get("PORT") or None,
            help=f"port of the web server (default: the first free one from {_FIRST_PORT})",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until Ctrl-C, SIGTERM or the terminal's end."""
        if not settings.DEMO:
            raise CommandError("the demo runs with THUOCDO_ENV=demo, or unset")
        lock = FileLock(settings.VAR_DIR / "demo.lock")
        address_file = settings.VAR_DIR / "demo.address"
        if not lock.try_lock():
            where = address_file.read_text() if address_file.exists() else "(it is starting)"
            raise CommandError(
                f"the demo is running already: {where}. Stop that one with Ctrl-C first."
            )
        processes = Processes(settings.BASE_DIR, settings.VAR_DIR / "log")
        try:
            port = _free_port(options["port"])
            os.environ.setdefault("SITE_URL", f"http://{HOST}:{port}")
            preparation = Preparation(self._say)
            preparation.run()
            environment = _ENVIRONMENT | self._start_stand_in(processes, preparation)
            connections.close_all()
            self._start_web(processes, port, environment)
            address = f"http://{HOST}:{port}/"
            self._await_answer(processes, "web", port, "/suc-khoe/")
            self._start_work(processes, environment)
            address_file.write_text(address)
            self._tell(address)
            while True:
                processes.check()
                time.sleep(0.5)
        except KeyboardInterrupt:
            self._say("Stopping ...")
        except ProcessEndedError as error:
            raise CommandError(str(error)) from None
        finally:
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, signal.SIG_IGN)  # a second Ctrl-C must not cut this short
            processes.stop()
            address_file.unlink(missing_ok=True)
            lock.release()
        self._say("Stopped; the data stays in var/.")

    def _start_stand_in(self, processes: Processes, preparation: Preparation) -> dict[str, str]:
        """Have the sources' stand-in serve; what the processes that read from it need."""
        port = free_port([*range(_STAND_IN_PORT, _STAND_IN_PORT + _PORTS), 0]) or 0
        secret = secrets.token_urlsafe(24)
        processes.start(
            "stand-in",
            ["dashboard.demo.standin", "--port", str(port), "--state", json.dumps(sources.BEGIN)],
            {sources.GIVES_SECRET: secret},
        )
        self._await_answer(processes, "stand-in", port, "/")
        address = f"http://{HOST}:{port}"
        environment = sources.environment(address, secret)
        preparation.read_sources(address, _ENVIRONMENT | environment)
        return environment

    def _start_web(self, processes: Processes, port: int, environment: dict[str, str]) -> None:
        processes.start(
            "web",
            [
                *("gunicorn", "dashboard.wsgi", "--bind", f"{HOST}:{port}", "--preload"),
                *("--worker-class", "gthread", "--workers", "2", "--threads", "4"),
                *("--no-control-socket", "--graceful-timeout", "5"),
            ],
            environment | {"DATABASE_POOL_SIZE": "4"},
        )

    def _start_work(self, processes: Processes, environment: dict[str, str]) -> None:
        celery = ["celery", "--app", "dashboard.celery", "--quiet"]
        worker = [*celery, "worker", "--concurrency", "1", "--loglevel", "INFO"]
        worker += ["--queues", "celery,pulls", "--without-mingle", "--without-gossip"]
        processes.start("worker", worker, environment)
        beat = [*celery, "beat", "--loglevel", "INFO", "--pidfile="]
        processes.start("scheduler", beat, environment)

    def _await_answer(self, processes: Processes, name: str, port: int, path: str) -> None:
        end = time.monotonic() + _PATIENCE
        while time.monotonic() < end:
            processes.check()
            connection = http.client.HTTPConnection(HOST, port, timeout=10)
            try:
                connection.request("GET", path)
                if connection.getresponse().status == 200:
                    return
            except OSError:
                pass  # not listening yet
            finally:
                connection.close()
            time.sleep(0.1)
        raise CommandError(f"the {name} process did not answer; see {processes.log(name)}")

    def _tell(self, address: str) -> None:
        password = demo_password(settings.VAR_DIR / "demo-password")
        self._say("")
        self._say(f"Thước Đo is at {address}")
        names = ", ".join(account.username for account in ACCOUNTS)
        self._say(f"Sign in as {names}; password {password}")
        self._say("Logs are in var/log. Ctrl-C stops everything.")

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()


def _free_port(wanted: int | None) -> int:
    """The port wanted, else the first free one; ``CommandError`` where there is none."""
    candidates = [int(wanted)] if wanted else range(_FIRST_PORT, _FIRST_PORT + _PORTS)
    port = free_port(candidates)
    if port is not None:
        return port
    raise CommandError(
        f"port {candidates[0]} is in use by another program; choose one with PORT=..."
        if wanted
        else f"no free port from {_FIRST_PORT} to {_FIRST_PORT + _PORTS - 1}"
    )
