"""The "needs assessing" rows: asking for verdicts, beyond what the triggers ask by themselves."""

from __future__ import annotations

from django.db import connection

_EVERY_PAIR = """
    INSERT INTO targets_pendingassessment (target_id, organisation_id)
    SELECT t.id, o.id
    FROM targets_target t
    JOIN targets_indicator i ON i.id = t.indicator_id
    JOIN targets_organisation o ON o.kind = 'country' OR (
        CASE o.kind WHEN 'province' THEN 'province' WHEN 'group' THEN NULL ELSE 'ministry' END
            = ANY(i.levels)
        AND EXISTS (
            SELECT 1 FROM targets_observation x
            JOIN targets_series s ON s.id = x.series_id AND s.official
            WHERE s.indicator_id = i.id AND x.organisation_id = o.id
        )
    )
    WHERE t.retired_on IS NULL
"""
_BUMP = """
    INSERT INTO targets_dataversion (id, number) VALUES (1, 1)
    ON CONFLICT (id) DO UPDATE SET number = targets_dataversion.number + 1
"""


def enqueue_everything() -> int:
    """Make every verdict due (nightly, and after a change of the catalogue); returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(_EVERY_PAIR)
        count = int(cursor.rowcount)
        cursor.execute(_BUMP)
    return count
