# ruff: noqa: S608 (the interpolated text is written in this module)
"""Staged values into observations: new versions for what changed, nothing for what did not."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from django.db import connection, transaction
from django.utils import timezone

from targets.catalogue.reading import Problems
from targets.trail import acting
from targets.values import checking
from targets.values.locking import take_turn
from targets.values.resolving import resolve
from targets.values.staging import stage_carefully, stage_quickly


class ValuesError(Exception):
    """The file has mistakes; `problems` names every one, and nothing was written."""

    def __init__(self, problems: Problems) -> None:
        super().__init__("\n".join(problems.lines()))
        self.problems = problems


@dataclass(frozen=True)
class Loaded:
    """Counts of one load: rows read, versions added, of which revisions, rows already known."""

    read: int
    added: int
    revised: int
    unchanged: int


_COUNT_KEYS = """
    SELECT count(*) FROM (SELECT DISTINCT series_id, organisation_id, period FROM resolved) k
"""
# Of several lines of one key the last one is in force.
_MARK_EDITIONS = """
    UPDATE resolved n SET older = true
    FROM (
        SELECT line, lead(line) OVER (
            PARTITION BY series_id, organisation_id, period ORDER BY line
        ) AS next FROM resolved
    ) k
    WHERE k.line = n.line AND k.next IS NOT NULL
"""
_SERIES_HAVE_VALUES = """
    SELECT EXISTS (SELECT 1 FROM (SELECT DISTINCT series_id FROM resolved) k
                   JOIN targets_observation x USING (series_id))
"""
# A publisher brings out the periods of a series in their order: a first edition without a day of
# its own was out, at the latest, when a later period of the same series was.
_DAYS_ARE_MIXED = """
    SELECT EXISTS (SELECT 1 FROM resolved WHERE published_on IS NULL)
       AND (EXISTS (SELECT 1 FROM staged_day) OR EXISTS (
            SELECT 1 FROM (SELECT DISTINCT series_id FROM resolved) k
            JOIN targets_observation x USING (series_id) WHERE x.published_on IS NOT NULL))
"""
_INFER_KNOWN = """
    UPDATE resolved n SET known_on = k.out_by
    FROM (
        SELECT line,
               min(published_on) OVER (
                   PARTITION BY series_id, organisation_id ORDER BY period_end DESC
                   RANGE BETWEEN UNBOUNDED PRECEDING AND INTERVAL '1 day' PRECEDING
               ) AS out_by,
               row_number() OVER (
                   PARTITION BY series_id, organisation_id, period ORDER BY line NULLS FIRST
               ) AS edition
        FROM (
            SELECT line, series_id, organisation_id, period, period_end, published_on
            FROM resolved
            UNION ALL
            SELECT NULL, series_id, organisation_id, period, period_end, published_on
            FROM targets_observation
            WHERE series_id IN (SELECT series_id FROM resolved)
        ) every
    ) k
    WHERE k.line = n.line AND k.edition = 1 AND n.published_on IS NULL
"""
_SAME_KEY = """x.series_id = n.series_id AND x.organisation_id = n.organisation_id
    AND x.period = n.period"""
_SAME_CONTENT = """x.value = n.value
    AND x.numerator IS NOT DISTINCT FROM n.numerator
    AND x.denominator IS NOT DISTINCT FROM n.denominator
    AND x.vintage = n.vintage AND x.published_on IS NOT DISTINCT FROM n.published_on
    AND x.synthetic = n.synthetic AND x.derived = n.derived AND x.source_id = n.source_id
    AND x.caveat_vi = n.caveat_vi AND x.caveat_en = n.caveat_en"""
# Another edition that came out before the one in force does not replace it: a file of last year's
# figures may be loaded after this year's. (The same edition with an earlier day corrects the day.)
_MARK_OVERTAKEN = f"""
    UPDATE resolved n SET older = true
    FROM targets_observation x
    WHERE {_SAME_KEY} AND x.superseded_at IS NULL
      AND x.vintage <> n.vintage AND x.published_on > n.published_on
"""
# A row in force is known if the current version says the same; an older edition is known if any
# version does.
_DROP_KNOWN = f"""
    DELETE FROM resolved n USING targets_observation x
    WHERE {_SAME_KEY} AND {_SAME_CONTENT} AND (n.older OR x.superseded_at IS NULL)
"""
_SUPERSEDE = f"""
    UPDATE targets_observation x SET superseded_at = greatest(%(now)s, x.recorded_at)
    FROM resolved n
    WHERE {_SAME_KEY} AND NOT n.older AND x.superseded_at IS NULL
"""
# In the order of the lines where there are editions: of two that became known on one day the
# later one counts.
_INSERT = """
    INSERT INTO targets_observation (
        series_id, organisation_id, period, period_start, period_end, year, value, numerator,
        denominator, vintage, published_on, known_on, recorded_at, superseded_at, state,
        synthetic, derived, source_id, caveat_vi, caveat_en)
    SELECT series_id, organisation_id, period, period_start, period_end,
           extract(year FROM period_end), value, numerator, denominator, vintage, published_on,
           least(published_on, known_on, %(today)s), %(now)s,
           CASE WHEN older THEN %(now)s END, 'published',
           synthetic, derived, source_id, caveat_vi, caveat_en
    FROM resolved
    {order}
"""


def load_observations(
    path: Path, *, now: dt.datetime | None = None, dry_run: bool = False
) -> Loaded:
    """Load a CSV file of published values in one transaction.

    A value that equals the version in force changes nothing; another one becomes the new version
    and supersedes it. Rows of one key with different vintages are editions, oldest first: all but
    the last are kept as superseded versions. So is an edition that was published before the one
    in force. A value is kept to eight decimals, a numerator and denominator exactly. A first
    edition without a day of publication counts as known by the day on which a later period of its
    series was published, else by the day of the load.

    Raises ValuesError, with every mistake at its line, and writes nothing.
    """
    moment = now or timezone.now()
    with acting(why=path.name), transaction.atomic():
        take_turn()
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL work_mem = '256MB'")
        loaded = _apply(_read(path), moment)
        if dry_run:
            transaction.set_rollback(True)
    return loaded


@dataclass(frozen=True)
class _Read:
    """What is in `resolved`: so many rows; with `editions`, several of one key."""

    rows: int
    editions: bool


def _read(path: Path) -> _Read:
    """Leave the file's rows in `resolved`.

    A file without a mistake is read by COPY and checked in one pass. Whatever that finds wrong,
    the careful reading names, or takes as what was meant.
    """
    raw = path.read_bytes()
    with transaction.atomic():
        if stage_quickly(raw):
            read = _resolve(checking.BREACH)
            if not checking.has_breach(editions=read.editions):
                return read
        transaction.set_rollback(True)  # its sources may be misread
    problems = Problems()
    if stage_carefully(raw, path.name, problems):
        read = _resolve("false")
        checking.name_breaches(path.name, problems)
    if problems:
        raise ValuesError(problems)
    return read


def _resolve(breach: str) -> _Read:
    rows = resolve(breach)
    with connection.cursor() as cursor:
        cursor.execute(_COUNT_KEYS)
        (keys,) = cursor.fetchone()
    return _Read(rows, editions=rows > keys)


def _apply(read: _Read, now: dt.datetime) -> Loaded:
    parameters = {"now": now, "today": timezone.localdate(now)}
    unchanged = revised = 0
    with connection.cursor() as cursor:
        if read.editions:
            cursor.execute(_MARK_EDITIONS)
        cursor.execute(_DAYS_ARE_MIXED)
        if cursor.fetchone() == (True,):
            cursor.execute(_INFER_KNOWN)
        cursor.execute(_SERIES_HAVE_VALUES)
        if cursor.fetchone() == (True,):
            cursor.execute(_MARK_OVERTAKEN)
            cursor.execute(_DROP_KNOWN)
            unchanged = cursor.rowcount
            cursor.execute(_SUPERSEDE, parameters)
            revised = cursor.rowcount
        cursor.execute(_INSERT.format(order="ORDER BY line" if read.editions else ""), parameters)
        added = cursor.rowcount
    return Loaded(read=read.rows, added=added, revised=revised, unchanged=unchanged)
