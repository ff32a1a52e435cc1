"""What the two embedded servers have in common: a child process on a loopback port."""

from __future__ import annotations

import ctypes
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import IO, ClassVar

import psutil

from dashboard.services.account import Account, ground, server_account
from dashboard.services.errors import ServiceError

HOST = "127.0.0.1"
_START_SECONDS = 60.0
_STOP_SECONDS = 30.0
_LOG_LIMIT = 5_000_000  # bytes, then the log is put aside once
_PR_SET_PDEATHSIG = 1


def free_port(candidates: Iterable[int]) -> int | None:
    """The first port of these that nobody listens on (0 stands for any), or None."""
    for port in candidates:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    return None


class Server(ABC):
    """One embedded server in a directory of its own; the process that starts it owns it.

    ``home`` keeps the port, the password and the log; the data is in ``data``, which lies in
    ``home`` or, for root in a closed directory, outside (see ``account``). Without ``durable``
    the server trades safety on power loss for speed, as tests want.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    stop_signal: ClassVar[signal.Signals]

    def __init__(self, home: Path, *, durable: bool = True) -> None:
        self.home = home
        self.durable = durable
        self.process: subprocess.Popen[bytes] | None = None
        self.port = 0
        self.account: Account | None = None
        self.ground = home

    # What each server says about itself.

    @abstractmethod
    def prepare(self) -> None:
        """Make what the first start needs, and clear what an ended server left."""

    @abstractmethod
    def command(self) -> tuple[Sequence[str], bytes]:
        """The command that runs the server in the foreground, and its standard input."""

    @abstractmethod
    def is_ready(self) -> bool:
        """Whether the server answers a request by now."""

    @property
    @abstractmethod
    def url(self) -> str:
        """The address with user and password, as DATABASE_URL or REDIS_URL has it."""

    # What they share.

    @property
    def log(self) -> Path:
        """The file that the server writes its messages to."""
        return self.home / f"{self.name}.log"

    @property
    def data(self) -> Path:
        """The directory of the server's data."""
        return self.ground / "data"

    @property
    def password(self) -> str:
        """The password of this installation, made on first use, readable by the owner only."""
        path = self.home / "password"
        if not path.exists():
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                file.write(secrets.token_urlsafe(32))
        return path.read_text(encoding="ascii")

    def start(self) -> None:
        """Start the server and wait until it answers; ``ServiceError`` with its log if not."""
        self.home.mkdir(parents=True, exist_ok=True)
        self.account = server_account(self.home / "data")
        self.ground = ground(self.home, self.account)
        if self.ground != self.home and (self.home / "data").is_dir():
            raise ServiceError(
                f"the data of {self.title} in {self.home / 'data'} can no longer be reached by "
                f"the user who runs it: open the way to it, or move it to {self.data}"
            )
        self.prepare()
        self.port = self._choose_port()
        arguments, given = self.command()
        self._put_log_aside()
        with self.log.open("ab") as log:
            self.process = self.spawn(arguments, stdout=log, stdin=subprocess.PIPE)
        if self.process.stdin is not None:
            self.process.stdin.write(given)
            self.process.stdin.close()
        try:
            self._wait(self.is_ready, _START_SECONDS)
        except ServiceError:
            self.stop()
            raise

    def stop(self) -> None:
        """Ask the server to end cleanly and wait; end it by force only if it does not."""
        process, self.process = self.process, None
        if process is None or process.poll() is not None:
            return
        process.send_signal(self.stop_signal)
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def spawn(
        self, arguments: Sequence[str], *, stdout: IO[bytes] | int, stdin: int
    ) -> subprocess.Popen[bytes]:
        """Run a program of the server as the account that owns the data, in its own session."""
        account = self.account
        return subprocess.Popen(
            arguments,
            stdin=stdin,
            stdout=stdout,
            stderr=subprocess.STDOUT,
            cwd="/",
            start_new_session=True,
            umask=0o077,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"},
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
            preexec_fn=end_with_parent(self.stop_signal),  # noqa: PLW1509 one thread only
        )

    def end_leftover(self, pid: int) -> bool:
        """End a server that an owner killed by force left; False where ``pid`` is another's.

        Both servers work in their data directory: a leftover is known by that.
        """
        asked = False
        try:
            process = psutil.Process(pid)
            if Path(process.cwd()) != self.data.resolve():
                return False
            process.send_signal(self.stop_signal)
            asked = True
            end = time.monotonic() + _STOP_SECONDS
            while process.status() != psutil.STATUS_ZOMBIE:
                if time.monotonic() > end:
                    process.kill()
                time.sleep(0.02)
        except psutil.AccessDenied:  # another user's process
            return False
        except psutil.NoSuchProcess:
            return asked
        return True

    def _wait(self, ready: Callable[[], bool], seconds: float) -> None:
        end = time.monotonic() + seconds
        while not ready():
            ended = self.process is None or self.process.poll() is not None
            if ended or time.monotonic() > end:
                how = "ended at once" if ended else f"did not answer within {seconds:.0f} s"
                raise ServiceError(f"{self.title} {how}. Its log {self.log} says:\n{self._tail()}")
            time.sleep(0.02)

    def _choose_port(self) -> int:
        """The port of the last start if it is free, so that addresses stay, else a random one."""
        path = self.home / "port"
        wanted = int(path.read_text(encoding="ascii")) if path.exists() else 0
        chosen = free_port((wanted, 0))
        if chosen is None:
            raise ServiceError(f"no free port on {HOST} for {self.title}")
        path.write_text(f"{chosen}", encoding="ascii")
        return chosen

    def _put_log_aside(self) -> None:
        if self.log.exists() and self.log.stat().st_size > _LOG_LIMIT:
            self.log.replace(self.log.with_suffix(".log.1"))

    def _tail(self, lines: int = 15) -> str:
        if not self.log.exists():
            return "(nothing)"
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])


def end_with_parent(number: signal.Signals) -> Callable[[], None] | None:
    """On Linux: have the kernel send this signal to the child if its owner is killed."""
    if sys.platform != "linux":
        return None
    library = ctypes.CDLL(None)

    def request() -> None:
        library.prctl(_PR_SET_PDEATHSIG, int(number), 0, 0, 0)

    return request
