"""Embedded servers of their own for the tests of this folder."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import redis

from dashboard.services import account
from dashboard.services.holding import OWNER, Hold
from dashboard.services.locks import is_free


@contextlib.contextmanager
def directory(*, mode: int = 0o755) -> Iterator[Path]:
    """A new directory with this mode; what the servers put outside of it is removed as well."""
    made = Path(tempfile.mkdtemp(prefix="thuocdo-test-", dir="/var/tmp"))
    made.chmod(mode)
    try:
        yield made
    finally:
        for link in list(made.rglob(account.OUTSIDE)):
            account.remove(link.parent)
        shutil.rmtree(made)


@contextlib.contextmanager
def held(name: str, home: Path) -> Iterator[str]:
    """The address of a server of the fast kind, held for the block."""
    hold = Hold(name, home, durable=False)
    hold.begin()
    address = hold.wait()
    try:
        yield address
    finally:
        hold.release()


def ask_postgres(address: str, question: str = "SELECT 1") -> object:
    """The first value of the answer."""
    with psycopg.connect(address, connect_timeout=5, autocommit=True) as connection:
        cursor = connection.execute(question)
        row = cursor.fetchone() if cursor.description else None
    return row[0] if row else None


def ask_valkey(address: str) -> bool:
    """Whether the server answers a ping."""
    with redis.Redis.from_url(address, socket_timeout=5) as client:
        return bool(client.ping())


def is_stopped(home: Path) -> bool:
    """Whether no owner is there."""
    return is_free(home / OWNER)
