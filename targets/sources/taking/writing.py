# ruff: noqa: S608 (the interpolated text is written in this package)
"""What a run brought, written: versions of values, values that wait, the source they name."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from django.db import connection
from django.utils import timezone

from targets.models import DataSource, Source, SourceRun
from targets.sources.taking.comparing import ACTION, same_numbers

_SUPERSEDE = f"""
    UPDATE targets_observation x SET superseded_at = greatest(%(now)s, x.recorded_at)
    FROM judged n WHERE x.id = n.standing_id AND {ACTION} = 'revised'
"""
_INSERT = f"""
    INSERT INTO targets_observation (
        series_id, organisation_id, period, period_start, period_end, year, value, numerator,
        denominator, vintage, published_on, known_on, recorded_at, state, synthetic, derived,
        source_id, caveat_vi, caveat_en, run_id)
    SELECT series_id, organisation_id, period, period_start, period_end,
           extract(year FROM period_end), value, numerator, denominator, vintage, published_on,
           least(published_on, %(today)s), %(now)s, 'published', %(synthetic)s, false,
           %(named)s, '', '', %(run)s
    FROM judged WHERE {ACTION} IN ('added', 'revised')
"""
# What waits and is not what the source says now, or would replace something else by now.
_OVERTAKE = f"""
    UPDATE targets_heldvalue h SET state = 'overtaken', decided_at = greatest(%(now)s, h.held_at)
    FROM incoming n
    LEFT JOIN judged j ON j.line = n.line
    WHERE h.data_source_id = %(source)s AND h.state = 'waiting' AND n.breach IS NULL
      AND h.series_id = n.series_id AND h.organisation_id = n.organisation_id
      AND h.period = n.period
      AND NOT (
          j.line IS NOT NULL AND h.standing_id IS NOT DISTINCT FROM j.standing_id
          AND {same_numbers("h")})
"""
_HOLD = f"""
    INSERT INTO targets_heldvalue (
        run_id, data_source_id, series_id, indicator_id, organisation_id, period, value, numerator,
        denominator, vintage, published_on, reasons, standing_id, previous, state, held_at,
        decision_note)
    SELECT %(run)s, %(source)s, series_id, indicator_id, organisation_id, period, value, numerator,
           denominator, vintage, published_on, to_jsonb(reasons), standing_id, previous,
           'waiting', %(now)s, ''
    FROM judged WHERE {ACTION} = 'held'
    ORDER BY line
"""
_WAITING = "SELECT EXISTS (SELECT 1 FROM remembered WHERE state = 'waiting')"
_COUNT = f"SELECT {ACTION} AS action, count(*) FROM judged GROUP BY action"
_SECRET: Final = re.compile(r"(?i)key|token|secret|passw|sign?(ature)?$|auth|credential")


def write(source: DataSource, run: SourceRun, now: dt.datetime) -> dict[str, int]:
    """Write what `judged` says; how many rows were added, revised, held and unchanged."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT)
        counts: dict[str, int] = dict(cursor.fetchall())
        parameters: dict[str, Any] = {
            "now": now,
            "today": timezone.localdate(now),
            "source": source.pk,
            "run": run.pk,
            "synthetic": source.synthetic,
        }
        if counts.get("revised"):
            cursor.execute(_SUPERSEDE, parameters)
        if counts.get("added") or counts.get("revised"):
            named = named_source(source, timezone.localdate(now)).pk
            cursor.execute(_INSERT, {**parameters, "named": named})
        cursor.execute(_WAITING)
        if cursor.fetchone() == (True,):
            cursor.execute(_OVERTAKE, parameters)
        if counts.get("held"):
            cursor.execute(_HOLD, parameters)
    return counts


def named_source(source: DataSource, today: dt.date) -> Source:
    """How the values of a source name it; a row of its own where it is described anew."""
    named, _created = Source.objects.get_or_create(
        title=source.name_vi,
        url=shown_address(source.address),
        publisher=_owner(source, today),
        defaults={"retrieved_on": today},
    )
    if source.source_id != named.pk:
        # Not on the object at hand, which outlives a trial that is taken back.
        DataSource.objects.filter(pk=source.pk).update(source=named)
    return named


def _owner(source: DataSource, today: dt.date) -> str:
    if source.owner is None:
        return ""
    names = source.owner.names
    name = names.exclude(valid_from__gt=today).last() or names.first()
    return name.name_vi if name else source.owner.code


def shown_address(address: str) -> str:
    """An address without what may be secret in it: a user, a parameter that lets somebody in."""
    parts = urlsplit(address)
    asked = parse_qsl(parts.query, keep_blank_values=True)
    told = [(name, value) for name, value in asked if not _SECRET.search(name)]
    return urlunsplit(
        parts._replace(
            netloc=parts.netloc.rpartition("@")[2],
            query=parts.query if told == asked else urlencode(told),
            fragment="",
        )
    )
