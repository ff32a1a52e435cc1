"""One run of a source at a time, by a lock that a killed worker does not leave behind."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

from django.db import InterfaceError, OperationalError, connection

# The first key of our advisory locks on sources; the second is the source's id.
LOCK: Final = 5_712
_LOOK_FOR_THE_CLIENT: Final = """
    SELECT set_config('client_connection_check_interval', '2s', false),
           set_config('tcp_keepalives_idle', '30', false),
           set_config('tcp_keepalives_interval', '10', false),
           set_config('tcp_keepalives_count', '3', false)
"""


@contextmanager
def only_run_of(source_id: int) -> Iterator[bool]:
    """Whether the source is this session's alone for the block.

    The lock is the session's: it outlives transactions, and that of a killed worker is free as
    soon as the server notices that its connection is gone; so it is told to look for that, also
    while it works for us, and on a network that went away without a word.
    """
    key = [LOCK, source_id % 2**31]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", key)
        (got,) = cursor.fetchone()
        if got:
            cursor.execute(_LOOK_FOR_THE_CLIENT)
    try:
        yield got
    finally:
        if got:
            # A connection that was lost has taken its lock with it.
            with suppress(OperationalError, InterfaceError), connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", key)


def is_locked(source_id: int) -> bool:
    """Whether some session holds the source right now (a look that takes nothing)."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT EXISTS (
                SELECT FROM pg_locks
                WHERE locktype = 'advisory' AND granted AND objsubid = 2
                  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
                  AND classid = %s AND objid = %s
            )
            """,
            [LOCK, source_id % 2**31],
        )
        (held,) = cursor.fetchone()
    return bool(held)
