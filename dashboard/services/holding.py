"""Holding an embedded server: starting it when it is not there, sharing it when it is."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from dashboard.services.errors import ServiceError
from dashboard.services.locks import FileLock, is_free

PROJECT = Path(__file__).resolve().parent.parent.parent
STATE, USERS, OWNER, START = "state.json", "users.lock", "owner.lock", "start.lock"
VARIABLES = {"postgres": "DATABASE_URL", "valkey": "REDIS_URL"}
_PATIENCE = 90.0  # seconds for a start, which on the first time makes the cluster


def var_directory() -> Path:
    """Where this installation keeps what it writes: THUOCDO_VAR, or ``var`` in the project."""
    return Path(os.environ.get("THUOCDO_VAR") or PROJECT / "var").resolve()


def read_state(home: Path) -> dict[str, str | int] | None:
    """What the owner says of its server; None when there is no living owner, or not yet."""
    try:
        state = json.loads((home / STATE).read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return None
    return None if is_free(home / OWNER) else dict(state)


def running_address(name: str) -> str:
    """The address of the embedded server that runs now, for processes beside its holder.

    Where none runs, an address at which nothing answers: settings can be read (by a type checker,
    say) without a server.
    """
    state = read_state(var_directory() / name)
    if state is not None:
        return str(state["url"])
    return {
        "postgres": "postgresql://thuocdo@127.0.0.1:1/thuocdo",
        "valkey": "redis://127.0.0.1:1/0",
    }[name]


class Hold:
    """The use of one server by this process; ends with ``release`` or with the process."""

    def __init__(self, name: str, home: Path, *, durable: bool = True) -> None:
        self.name = name
        self.home = home
        self.started = False
        self._durable = durable
        self._users = FileLock(home / USERS)
        self._start = FileLock(home / START)
        self._owner: subprocess.Popen[bytes] | None = None

    def begin(self) -> None:
        """Take hold, and start an owner if there is none; ``wait`` must follow."""
        make_home(self.home)
        self._users.lock(
            shared=True, seconds=_PATIENCE, waiting_for=f"{self.name}, which is stopping"
        )
        self._start.lock(
            seconds=_PATIENCE, waiting_for=f"{self.name}, which another process is starting"
        )
        if is_free(self.home / OWNER):
            self.started = True
            (self.home / STATE).unlink(missing_ok=True)  # of an owner that was killed
            with (self.home / "owner.log").open("wb") as log:
                self._owner = subprocess.Popen(
                    [sys.executable, "-m", "dashboard.services.owner", self.name, str(self.home)]
                    + ([] if self._durable else ["--fast"]),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    cwd=PROJECT,
                    start_new_session=True,
                )

    def wait(self) -> str:
        """The address of the server, once it answers."""
        end = time.monotonic() + _PATIENCE
        try:
            while (state := read_state(self.home)) is None:
                if self._owner is not None and self._owner.poll() is not None:
                    said = (self.home / "owner.log").read_text(errors="replace").strip()
                    raise ServiceError(f"{self.name} did not start: {said}")
                if time.monotonic() > end:
                    raise ServiceError(f"{self.name} did not start; see {self.home}")
                time.sleep(0.02)
        except BaseException:
            self.release()
            raise
        self._start.release()
        return str(state["url"])

    def release(self) -> bool:
        """Give the server up. Where nobody else holds it, wait until it has stopped: True."""
        self._start.release()
        self._users.release()
        end = time.monotonic() + _PATIENCE
        while time.monotonic() < end:
            if is_free(self.home / OWNER):
                if self._owner is not None:
                    self._owner.wait()
                return True
            with FileLock(self.home / USERS) as probe:
                # Shared fails while the owner stops; exclusive fails while others hold it.
                if probe.try_lock(shared=True) and not probe.try_lock():
                    if self._owner is not None:
                        self._owner.returncode = 0  # it lives on without us: not ours to wait for
                    return is_free(self.home / OWNER)
            time.sleep(0.05)
        raise ServiceError(f"{self.name} did not stop; see {self.home}")


def make_home(home: Path) -> None:
    """The server's directory in ``var``: it may be entered, its secrets are closed files."""
    for path in (home.parent, home):
        try:
            path.mkdir(mode=0o755, parents=True, exist_ok=True)
        except PermissionError:
            raise ServiceError(f"{path} cannot be made: {path.parent} is closed to you") from None
    if not os.access(home, os.W_OK):
        raise ServiceError(
            f"{home} belongs to another user. Run the command as the user who started it first, "
            f"or remove {home}."
        )


@contextmanager
def hold(name: str, home: Path, *, durable: bool = True) -> Iterator[str]:
    """The address of one embedded server, held for the length of the block."""
    held = Hold(name, home, durable=durable)
    held.begin()
    address = held.wait()
    try:
        yield address
    finally:
        held.release()


@contextmanager
def embedded(var: Path | None = None, *, durable: bool = True) -> Iterator[None]:
    """Hold the servers for which the environment names no address, and put theirs into it.

    With DATABASE_URL and REDIS_URL set (or their _FILE forms) nothing is started.
    """
    root = var or var_directory()
    missing = {
        name: variable
        for name, variable in VARIABLES.items()
        if not os.environ.get(variable) and not os.environ.get(f"{variable}_FILE")
    }
    with ExitStack() as stack:
        holds = [Hold(name, root / name, durable=durable) for name in missing]
        for held in holds:
            held.begin()
            stack.callback(held.release)
        for held in holds:
            variable = missing[held.name]
            os.environ[variable] = held.wait()
            stack.callback(os.environ.pop, variable, None)
        yield
