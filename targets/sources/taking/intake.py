"""Mapped rows of a run into values in force, values that wait, and rows left out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection
from django.utils.translation import gettext as _

from targets.models import DataSource, SourceRun
from targets.sources.contract import MappedRow
from targets.sources.taking.comparing import ACTION, compare
from targets.sources.taking.rejecting import Rejections
from targets.sources.taking.resolving import reason_of, resolve
from targets.sources.taking.staging import stage
from targets.sources.taking.writing import write
from targets.tasks import ask_for_verdicts
from targets.trail import acting
from targets.values.locking import take_turn

#: Rows that a trial shows.
PREVIEWED: Final = 50
#: Of more rows than these a join goes over whole tables, whatever the planner guesses.
_MANY: Final = 50_000

_PREVIEW = f"""
    SELECT p.place, i.code, s.code, o.code, p.period,
           trim_scale(coalesce(n.value, p.value))::text, n.breach,
           CASE WHEN j.line IS NULL THEN 'unchanged' ELSE {ACTION} END, j.reasons
    FROM (SELECT * FROM pulled ORDER BY line LIMIT %s) p
    JOIN incoming n USING (line)
    LEFT JOIN judged j USING (line)
    LEFT JOIN targets_series s ON s.id = p.series_id
    LEFT JOIN targets_indicator i ON i.id = s.indicator_id
    LEFT JOIN targets_organisation o ON o.id = p.organisation_id
    ORDER BY p.line
"""  # noqa: S608 (the text is ours)


@dataclass(frozen=True)
class Taken:
    """Counts of one run: rows read, values added, revised and held, rows that changed nothing.

    Rows left out are not among the last four; `rejected` counts them.
    """

    read: int = 0
    added: int = 0
    revised: int = 0
    unchanged: int = 0
    held: int = 0


def take_in(
    rows: Iterable[MappedRow],
    *,
    source: DataSource,
    run: SourceRun,
    now: dt.datetime,
    rejected: Rejections,
) -> Taken:
    """Write what a run brings, in the transaction of the caller, and ask for the new verdicts.

    A row that says what is in force changes nothing, whatever its edition. Another number becomes
    a version, and supersedes one that this source published by itself; or it waits for a
    coordinator: because the source is not trusted, the value is outside the range of its indicator
    or too far from the one before, or it would replace what a person published or accepted.
    What was refused is not asked again, and never published by itself. Rows that cannot be are
    counted in `rejected`. The same rows again, in any order, change nothing.

    `rows` are read once, in pieces; meanwhile nothing else may be asked on this connection.
    """
    with acting(by=run.by, why=_("Nguồn số liệu %(source)s") % {"source": source.slug}):
        read = stage(rows, rejected)
        elsewhere = rejected.total  # by the mapper, while it was read, and by the staging
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL work_mem = '256MB'")
            if read > _MANY:
                cursor.execute("SET LOCAL enable_nestloop = off")
        resolve(rejected)
        take_turn()
        compare(source)
        counts = write(source, run, now)
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_nestloop = on")
        ask_for_verdicts()
    added, revised, held = (counts.get(name, 0) for name in ("added", "revised", "held"))
    unchanged = read - (rejected.total - elsewhere) - added - revised - held
    return Taken(read, added, revised, unchanged, held)


def preview(limit: int = PREVIEWED) -> list[dict[str, Any]]:
    """What became of the first rows, in the transaction of `take_in`, before it is rolled back.

    Of each row its place, the codes of indicator, series and organisation, the period, the value
    as decimal text, the action (added, revised, unchanged, held, rejected), and the reason: codes
    of `HeldValue.Reason` with spaces between, or one of `rejecting.REASONS`, or "".
    """
    names = ("place", "indicator", "series", "organisation", "period", "value")
    found = []
    with connection.cursor() as cursor:
        cursor.execute(_PREVIEW, [limit])
        for *columns, breach, action, reasons in cursor.fetchall():
            row = dict(zip(names, columns, strict=True))
            if breach is not None and reason_of(breach):
                row |= {"action": "rejected", "reason": reason_of(breach)}
            else:
                reason = " ".join(reasons or ()) if action == "held" else ""
                row |= {"action": action, "reason": reason}
            found.append(row)
    return found
