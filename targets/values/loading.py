# ruff: noqa: S608 (the interpolated text is written in this module)
"""Staged values into observations: new versions for what changed, nothing for what did not."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from django.db import connection, transaction
from django.utils import timezone

from targets.catalogue.reading import Problems
from targets.values.checking import check
from targets.values.staging import stage


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


# `rank_from_last` is 1 for the row in force of its key; earlier rows are older editions.
_RESOLVE = """
    CREATE TEMP TABLE resolved ON COMMIT DROP AS
    SELECT s.ordinal, r.id AS series_id, o.id AS organisation_id, s.period,
           p.period_start, p.period_end,
           CASE WHEN s.numerator = '' THEN s.value::numeric
                ELSE round(s.numerator::numeric * u.ratio_scale / s.denominator::numeric, 8)
           END::numeric(24, 8) AS value,
           nullif(s.numerator, '')::numeric(24, 4) AS numerator,
           nullif(s.denominator, '')::numeric(24, 4) AS denominator,
           s.vintage, d.day AS published_on, s.synthetic = 'yes' AS synthetic,
           s.derived = 'yes' AS derived, c.id AS source_id, s.caveat_vi, s.caveat_en,
           {rank} AS rank_from_last
    FROM staged s
    JOIN targets_indicator i ON i.code = s.indicator
    JOIN targets_unit u ON u.id = i.unit_id
    JOIN targets_series r ON r.indicator_id = i.id AND r.code = s.series
    JOIN targets_organisation o ON o.code = s.organisation
    JOIN staged_period p ON p.period = s.period
    JOIN targets_source c ON c.title = s.source_title AND c.url = s.source_url
                         AND c.publisher = s.source_publisher
    LEFT JOIN staged_day d ON d.written = s.published_on
"""
_RANK_FROM_LAST = """row_number() OVER (
    PARTITION BY s.indicator, s.series, s.organisation, s.period ORDER BY s.ordinal DESC)"""
_HAS_EDITIONS = """
    SELECT (SELECT count(*) FROM staged) > (
        SELECT count(*) FROM (
            SELECT DISTINCT indicator, series, organisation, period FROM staged) keys)
"""
_SOURCES = """
    INSERT INTO targets_source (title, url, publisher)
    SELECT DISTINCT source_title, source_url, source_publisher FROM staged
    ON CONFLICT (title, url, publisher) DO NOTHING
"""
_SAME_KEY = """x.series_id = n.series_id AND x.organisation_id = n.organisation_id
    AND x.period = n.period"""
_SAME_CONTENT = """x.value = n.value
    AND x.numerator IS NOT DISTINCT FROM n.numerator
    AND x.denominator IS NOT DISTINCT FROM n.denominator
    AND x.vintage = n.vintage AND x.published_on IS NOT DISTINCT FROM n.published_on
    AND x.synthetic = n.synthetic AND x.derived = n.derived AND x.source_id = n.source_id
    AND x.caveat_vi = n.caveat_vi AND x.caveat_en = n.caveat_en"""
# The row in force is known if the current version says the same; an older edition is known if any
# version does.
_DROP_KNOWN = f"""
    DELETE FROM resolved n USING targets_observation x
    WHERE {_SAME_KEY} AND {_SAME_CONTENT}
      AND (n.rank_from_last > 1 OR x.superseded_at IS NULL)
"""
_SUPERSEDE = f"""
    UPDATE targets_observation x SET superseded_at = %(now)s
    FROM resolved n
    WHERE {_SAME_KEY} AND n.rank_from_last = 1 AND x.superseded_at IS NULL
"""
_INSERT = """
    INSERT INTO targets_observation (
        series_id, organisation_id, period, period_start, period_end, year, value, numerator,
        denominator, vintage, published_on, known_on, recorded_at, superseded_at, state,
        synthetic, derived, source_id, caveat_vi, caveat_en)
    SELECT series_id, organisation_id, period, period_start, period_end,
           extract(year FROM period_end), value, numerator, denominator, vintage, published_on,
           least(published_on, %(today)s), %(now)s,
           CASE WHEN rank_from_last > 1 THEN %(now)s END, 'published',
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
    the last are kept as superseded versions.

    Raises ValuesError, with every mistake at its line, and writes nothing.
    """
    moment = now or timezone.now()
    problems = Problems()
    with transaction.atomic():
        if stage(path, problems):
            check(path, problems)
        if problems:
            transaction.set_rollback(True)
            raise ValuesError(problems)
        loaded = _apply(moment)
        if dry_run:
            transaction.set_rollback(True)
    return loaded


def _apply(now: dt.datetime) -> Loaded:
    parameters = {"now": now, "today": timezone.localdate(now)}
    with connection.cursor() as cursor:
        cursor.execute(_SOURCES)
        cursor.execute(_HAS_EDITIONS)
        (has_editions,) = cursor.fetchone()
        cursor.execute("DROP TABLE IF EXISTS resolved")
        cursor.execute(_RESOLVE.format(rank=_RANK_FROM_LAST if has_editions else "1"))
        read = cursor.rowcount
        cursor.execute(_DROP_KNOWN)
        unchanged = cursor.rowcount
        cursor.execute(_SUPERSEDE, parameters)
        revised = cursor.rowcount
        cursor.execute(_INSERT.format(order="ORDER BY ordinal" if has_editions else ""), parameters)
        added = cursor.rowcount
    return Loaded(read=read, added=added, revised=revised, unchanged=unchanged)
