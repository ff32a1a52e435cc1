# ruff: noqa: S608 (names of tables and columns, from `targets.trail.tables` and the catalogue)
"""Recomputing the chain, and comparing the tables with what the trail last said of them.

Nothing here trusts a function or a trigger that the database keeps: somebody who can rewrite rows
can rewrite those as well. Rows are streamed; a million entries take some megabytes of memory.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from targets.trail import values
from targets.trail.tables import TRAILED

_CHUNK = 20_000
_TOLD = 20  # of one table; the first says enough

# The same as in the trigger `trail_link` (a test compares them by what they give).
_TEXT = """jsonb_build_array(
    e.id, (extract(epoch FROM e.happened_at) * 1000000)::bigint, e.actor_id, e.actor_name,
    e.origin, e.why, e.transaction, e.table_name, e.row_id, e.action, e.before, e.after,
    e.report_id, e.target_id, e.organisation_id, e.indicator_id)::text"""
_LINKS = f"""
    SELECT l.position, l.entry_id, l.hash, {_TEXT}, e.id IS NOT NULL,
           concat_ws(' ', e.action, e.table_name, e.row_id, e.happened_at::timestamptz(0))
    FROM targets_traillink l LEFT JOIN targets_trailentry e ON e.id = l.entry_id
    WHERE l.position > %s ORDER BY l.position LIMIT {_CHUNK}
"""
_UNLINKED = """
    SELECT e.id, concat_ws(' ', e.action, e.table_name, e.row_id, e.happened_at::timestamptz(0))
    FROM targets_trailentry e
    WHERE NOT EXISTS (SELECT 1 FROM targets_traillink l WHERE l.entry_id = e.id)
    ORDER BY e.id LIMIT 1
"""
_COLUMNS = """
    SELECT column_name FROM information_schema.columns
    WHERE table_schema = current_schema() AND table_name = %s
"""
# What the trail last said of every row of a table beside the row, where the two are not the same.
_DIFFERING = """
    SELECT coalesce(s.row_id, p.id), s.entry, s.action, s.state, p.row
    FROM (
        SELECT e.row_id, max(e.id) AS entry, (array_agg(e.action ORDER BY e.id DESC))[1] AS action,
               pg_temp.merged(coalesce(e.after, '{{}}') - {secret} ORDER BY e.id) AS state
        FROM targets_trailentry e WHERE e.table_name = %s GROUP BY e.row_id
    ) s
    FULL JOIN (
        SELECT t.id::text AS id, (SELECT to_jsonb(x) FROM (SELECT {columns}) x) AS row
        FROM {table} t
    ) p ON p.id = s.row_id
    WHERE NOT (s.action = 'delete' AND p.id IS NULL)
      AND (s.action = 'delete' OR s.state IS DISTINCT FROM p.row)
    ORDER BY length(coalesce(s.row_id, p.id)), coalesce(s.row_id, p.id)
"""
_CHANGED_FILE = """
    SELECT f.id FROM targets_storedfile f WHERE encode(sha256(f.content), 'hex') <> f.sha256
    ORDER BY f.id LIMIT 1
"""


@dataclass
class Verdict:
    """How many links there are, the hash of the last one, and what is wrong, in plain words."""

    links: int = 0
    head: str = ""
    problems: list[str] = field(default_factory=list)


def verify(head: str = "") -> Verdict:
    """Look at everything, as of one moment. `head`: the last hash at an earlier moment.

    Call outside of a transaction. Without a head that was kept elsewhere, nobody can tell a chain
    that was computed anew from its first link, or that lost its last ones.
    """
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SET LOCAL timezone = 'UTC'; SET LOCAL extra_float_digits = 1")
        cursor.execute(
            "SET LOCAL datestyle = 'ISO, YMD'; SET LOCAL work_mem = '128MB'; SET LOCAL jit = off"
        )
        cursor.execute(
            "CREATE AGGREGATE pg_temp.merged(jsonb)"
            " (sfunc = pg_catalog.jsonb_concat, stype = jsonb, initcond = '{}')"
        )
        try:
            verdict = _verify_chain(cursor, head.strip().lower())
            verdict.problems += _verify_rows(cursor)
        finally:
            # Of the session, which may outlive this.
            transaction.set_rollback(True)
    return verdict


def _verify_chain(cursor: Any, head: str) -> Verdict:
    verdict = Verdict()
    known = not head
    last = b""
    for place, entry, kept, text, there, words in _links(cursor):
        verdict.links += 1
        if place != verdict.links:
            verdict.problems.append(
                _("Mắt xích %(place)d bị mất: mục nhật ký ở đó đã bị xóa.")
                % {"place": verdict.links}
            )
        elif not there:
            verdict.problems.append(
                _("Mục nhật ký %(entry)d (mắt xích %(place)d) đã bị xóa.")
                % {"entry": entry, "place": place}
            )
        elif hashlib.sha256(last + text.encode()).digest() != bytes(kept):
            verdict.problems.append(
                _(
                    "Mục nhật ký %(entry)d (mắt xích %(place)d: %(words)s) không khớp mã băm:"
                    " nó, hoặc thứ tự quanh nó, đã bị sửa."
                )
                % {"entry": entry, "place": place, "words": words}
            )
        if verdict.problems:
            break  # whatever follows hangs on this
        last = bytes(kept)
        known = known or last.hex() == head
    verdict.head = last.hex()
    if not verdict.problems and not known:
        verdict.problems.append(
            _("Đầu chuỗi %(head)s không có trong chuỗi: chuỗi đã bị viết lại hoặc cắt ngắn.")
            % {"head": head}
        )
    cursor.execute(_UNLINKED)
    if unlinked := cursor.fetchone():
        verdict.problems.append(
            _("Mục nhật ký %(entry)d (%(words)s) nằm ngoài chuỗi: nó được chèn thêm.")
            % {"entry": unlinked[0], "words": unlinked[1]}
        )
    return verdict


def _links(cursor: Any) -> Iterator[tuple[int, int, bytes, str, bool, str]]:
    place = 0
    while True:
        cursor.execute(_LINKS, [place])
        rows = cursor.fetchall()
        yield from rows
        if len(rows) < _CHUNK:
            return
        place = rows[-1][0]


def _verify_rows(cursor: Any) -> Iterator[str]:
    for table, trailed in TRAILED.items():
        if table == values.TABLE:
            continue
        cursor.execute(_COLUMNS, [table])
        left_out = {*trailed.secret, *trailed.ignored}
        columns = sorted(name for (name,) in cursor.fetchall() if name not in left_out)
        cursor.execute(
            _DIFFERING.format(
                table=table,
                columns=", ".join(f't."{name}"' for name in columns),
                secret=f"'{{{','.join(trailed.secret)}}}'::text[]",
            ),
            [table],
        )
        told = 0
        for row, entry, action, said, present in cursor.fetchall():
            place = {"table": table, "row": row, "entry": entry}
            if sentence := _difference(place, action, _read(said), _read(present)):
                yield sentence
                told += 1
                if told == _TOLD:
                    break
    cursor.execute(_CHANGED_FILE)
    if changed := cursor.fetchone():
        yield _("Tệp %(row)s không còn là tệp đã nộp: nội dung không khớp mã băm của nó.") % {
            "row": changed[0]
        }
    yield from values.verify(cursor)


def _read(document: Any) -> dict[str, Any] | None:
    if document is None or isinstance(document, dict):
        return document
    read: dict[str, Any] = json.loads(document, parse_float=Decimal)
    return read


def _difference(
    place: dict[str, Any],
    action: str | None,
    said: dict[str, Any] | None,
    present: dict[str, Any] | None,
) -> str:
    """What is wrong with a row, or nothing: columns come and go without an entry."""
    if said is None:
        return _("%(table)s %(row)s: dòng này không có trong nhật ký.") % place
    if present is None:
        return _("%(table)s %(row)s: dòng đã mất mà nhật ký không ghi việc xóa.") % place
    if action == "delete":
        return _("%(table)s %(row)s: nhật ký ghi đã xóa (mục %(entry)d) mà dòng vẫn còn.") % place
    for name, value in present.items():
        if name in said and said[name] != value:
            return _(
                "%(table)s %(row)s: %(name)s là %(value)s, nhật ký ghi %(said)s (mục %(entry)d)."
            ) % {**place, "name": name, "value": value, "said": said[name]}
    return ""
