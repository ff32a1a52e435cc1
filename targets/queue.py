"""The "needs assessing" rows: asking for verdicts, beyond what the triggers ask by themselves."""

from __future__ import annotations

from django.db import connection

from targets.triggers import BUMP_DATA_VERSION, ENQUEUE_PAIRS


def enqueue_everything() -> int:
    """Make every verdict due (nightly, and after a change of the catalogue); returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(ENQUEUE_PAIRS.format(concerned="TRUE"))
        count = int(cursor.rowcount)
        cursor.execute(BUMP_DATA_VERSION)
    return count
