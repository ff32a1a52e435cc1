# ruff: noqa: S608 (the interpolated text is written in this module)
"""Observations in the trail: most come by the thousand, with one entry for all of a statement.

A load's entry has in `after`: `count`; `ids`, the spans of ids [first, last]; `recorded`, the first
and last moment of recording; `digests`, the SHA-256 of every thousand of ids (id / 1000) in order.
An update of many has the new state and `ids`. Fewer rows have an entry each, as in other tables.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

TABLE = "targets_observation"

# The same as in the trigger `trail_values_added` (a test compares them by what they give).
_SAID = """concat_ws('|',
    f.id, f.series_id, f.organisation_id, f.source_id, f.period,
    f.period_start - DATE '2000-01-01', f.period_end - DATE '2000-01-01',
    f.value, coalesce(f.numerator::text, ''), coalesce(f.denominator::text, ''),
    coalesce((f.published_on - DATE '2000-01-01')::text, ''), f.known_on - DATE '2000-01-01',
    coalesce(f.was_superseded_at::text, ''), f.was_state, f.synthetic, f.derived,
    length(f.vintage), f.vintage, length(f.caveat_vi), f.caveat_vi, f.caveat_en)"""
# Of every row that has entries of its own or a share in an update: what they last said, and what
# it was before the first of them.
_MAKE_SAID = """
    CREATE TEMP TABLE said ON COMMIT DROP AS
    SELECT id, max(entry) AS entry, bool_or(action = 'insert') AS inserted,
           pg_temp.merged(after ORDER BY entry) AS state,
           pg_temp.merged(before ORDER BY entry DESC) AS was
    FROM (
        SELECT e.row_id::bigint AS id, e.id AS entry, e.action,
               coalesce(e.before, '{}') AS before, coalesce(e.after, '{}') AS after
        FROM targets_trailentry e
        WHERE e.table_name = 'targets_observation' AND e.row_id <> ''
        UNION ALL
        SELECT share::bigint, e.id, e.action, e.before, e.after - 'ids'
        FROM targets_trailentry e, jsonb_array_elements_text(e.after->'ids') share
        WHERE e.table_name = 'targets_observation' AND e.row_id = '' AND e.action = 'update'
    ) entries GROUP BY id
"""
_MAKE_SPANS = """
    CREATE TEMP TABLE spans ON COMMIT DROP AS
    SELECT e.id AS entry, (span->>0)::bigint AS first, (span->>1)::bigint AS last
    FROM targets_trailentry e, jsonb_array_elements(e.after->'ids') span
    WHERE e.table_name = 'targets_observation' AND e.action = 'load'
"""
_PREPARE = (
    _MAKE_SAID,
    _MAKE_SPANS,
    "CREATE UNIQUE INDEX ON said (id)",
    "ANALYZE said",
    "ANALYZE spans",
)
_REWRITTEN = """
    SELECT s.id, s.entry, o.id IS NULL
    FROM said s LEFT JOIN targets_observation o ON o.id = s.id
    WHERE o.id IS NULL OR s.state <> (
        SELECT jsonb_object_agg(n.key, n.value)
        FROM jsonb_each(to_jsonb(o)) n WHERE s.state ? n.key
    )
    ORDER BY s.id LIMIT 1
"""
_UNKNOWN = """
    SELECT o.id FROM targets_observation o
    LEFT JOIN said s ON s.id = o.id AND s.inserted
    WHERE s.id IS NULL
      AND NOT EXISTS (SELECT 1 FROM spans p WHERE o.id BETWEEN p.first AND p.last)
    ORDER BY o.id LIMIT 1
"""
_LOADS = """
    SELECT e.id, (e.after->>'count')::bigint, e.after->'recorded'->>0, e.after->'recorded'->>1,
           ARRAY(SELECT jsonb_array_elements_text(e.after->'digests'))
    FROM targets_trailentry e
    WHERE e.table_name = 'targets_observation' AND e.action = 'load' ORDER BY e.id
"""
_BLOCKS = f"""
    SELECT f.id / 1000, count(*),
           encode(sha256(convert_to(string_agg({_SAID}, E'\\n' ORDER BY f.id), 'UTF8')), 'hex'),
           bool_and(f.recorded_at BETWEEN %s AND %s
                    AND f.year = extract(year FROM f.period_end))
    FROM (
        SELECT o.*,
               CASE WHEN s.was ? 'superseded_at' THEN (s.was->>'superseded_at')::timestamptz
                    ELSE o.superseded_at END AS was_superseded_at,
               CASE WHEN s.was ? 'state' THEN s.was->>'state' ELSE o.state END AS was_state
        FROM spans p
        JOIN targets_observation o ON o.id BETWEEN p.first AND p.last
        LEFT JOIN said s ON s.id = o.id
        WHERE p.entry = %s
    ) f
    GROUP BY f.id / 1000 ORDER BY f.id / 1000
"""


def verify(cursor: Any) -> Iterator[str]:
    """The first wrong thing of each kind, in plain words. Needs `pg_temp.merged`."""
    for statement in _PREPARE:
        cursor.execute(statement)
    cursor.execute(_REWRITTEN)
    if found := cursor.fetchone():
        row, entry, gone = found
        sentence = (
            _("Số liệu %(row)d đã mất mà nhật ký không ghi việc xóa (mục %(entry)d).")
            if gone
            else _("Số liệu %(row)d không còn như nhật ký ghi lần cuối (mục %(entry)d).")
        )
        yield sentence % {"row": row, "entry": entry}
    cursor.execute(_UNKNOWN)
    if found := cursor.fetchone():
        yield _("Số liệu %(row)d không có trong nhật ký.") % {"row": found[0]}
    cursor.execute(_LOADS)
    for entry, count, since, until, digests in cursor.fetchall():
        cursor.execute(_BLOCKS, [since, until, entry])
        yield from _verify_load(entry, count, digests, cursor.fetchall())


def _verify_load(
    entry: int, count: int, digests: list[str], blocks: list[tuple[int, int, str, bool]]
) -> Iterator[str]:
    present = sum(block[1] for block in blocks)
    if present != count:
        yield _("Lần nạp %(entry)d có %(count)d số liệu, nay còn %(present)d.") % {
            "entry": entry,
            "count": count,
            "present": present,
        }
        return
    for (number, _count, digest, fits), said in zip(blocks, digests, strict=False):
        if digest != said or not fits:
            yield _(
                "Một trong các số liệu từ %(first)d đến %(last)d không còn như khi nạp"
                " (mục %(entry)d)."
            ) % {"first": number * 1000, "last": number * 1000 + 999, "entry": entry}
            return
