"""The owner of one embedded server: ``python -m dashboard.services.owner NAME HOME``.

It starts the server, tells where it is, and stops it when nobody holds it any more. Only one
owner can exist for one directory: it keeps an exclusive lock as long as it lives.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import time
from pathlib import Path

from dashboard.services.errors import ServiceError
from dashboard.services.holding import OWNER, STATE, USERS
from dashboard.services.locks import FileLock
from dashboard.services.postgres import Postgres
from dashboard.services.server import Server
from dashboard.services.valkey import Valkey

SERVERS: dict[str, type[Server]] = {kind.name: kind for kind in (Postgres, Valkey)}
_PAUSE = 0.1  # seconds between two looks at who holds the server


class _Ended(Exception):
    """The owner was asked to end."""


def main() -> int:
    """Own one server until its last holder is gone; 0 after a clean end, 1 with a message."""
    parser = argparse.ArgumentParser(description="Own one embedded server.")
    parser.add_argument("name", choices=sorted(SERVERS))
    parser.add_argument("home", type=Path)
    parser.add_argument("--fast", action="store_true", help="speed before safety, for tests")
    given = parser.parse_args()

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the holder
    signal.signal(signal.SIGTERM, _on_terminate)
    server = SERVERS[given.name](given.home, durable=not given.fast)
    with FileLock(given.home / OWNER) as owner, FileLock(given.home / USERS) as users:
        if not owner.try_lock():
            print(f"{server.title} already has an owner", flush=True)
            return 1
        try:
            server.start()
            _write_state(server)
            return _serve(server, users)
        except ServiceError as error:
            print(error, flush=True)
            return 1
        except _Ended:
            return 0
        finally:
            (given.home / STATE).unlink(missing_ok=True)
            server.stop()


def _serve(server: Server, users: FileLock) -> int:
    """Wait until nobody holds the server (0), or until it ends by itself (1)."""
    while not users.try_lock():
        if server.process is None or server.process.poll() is not None:
            print(f"{server.title} ended by itself; see {server.log}", flush=True)
            return 1
        time.sleep(_PAUSE)
    return 0


def _write_state(server: Server) -> None:
    """Tell the holders where the server is; readable by this user only."""
    path = server.home / STATE
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(
            {
                "owner": os.getpid(),
                "server": server.process.pid if server.process else None,
                "port": server.port,
                "url": server.url,
            },
            file,
        )
    fresh.replace(path)


def _on_terminate(number: int, frame: object) -> None:
    raise _Ended


if __name__ == "__main__":
    sys.exit(main())
