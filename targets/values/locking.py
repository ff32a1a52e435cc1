"""The turn of whoever writes values: one writer at a time, and all in the same order of locks."""

from __future__ import annotations

from django.db import connection


def take_turn() -> None:
    """Keep other writers of values out until the transaction ends.

    Another one waits, and then finds what this one has written. The data version is locked first,
    because a person's step, whose trigger raises it, may go on to write values: in the other
    order the two would wait for each other.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM targets_dataversion FOR UPDATE")
        cursor.execute("LOCK TABLE targets_observation IN SHARE ROW EXCLUSIVE MODE")
