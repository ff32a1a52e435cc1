"""The circuit of a source: after so many failures in a row it is left alone for a while.

Closed: runs go on as scheduled. Open, from the fifth failure in a row on: scheduled runs do nothing
until `paused_until`. After that one run tries; if it fails too, the pause doubles (an hour to a
day), if it succeeds the circuit is closed. A person may try at any time, which never lengthens a
pause. A source whose runs were killed three times in a row is left alone at once: it may be what
kills them. A source that asks for time (Retry-After) gets it, whatever the count says.

All of it is two columns of the source, written by whoever holds the source's lock.
"""

from __future__ import annotations

import datetime as dt
from typing import Final

import structlog

from targets.models import DataSource, SourceRun
from targets.sources.runs import silence

log = structlog.get_logger(__name__)

#: Failures in a row, and killed runs in a row, that open the circuit.
FAILURES: Final = 5
KILLS: Final = 3
FIRST_PAUSE: Final = dt.timedelta(hours=1)
LONGEST_PAUSE: Final = dt.timedelta(hours=24)

_KINDS: Final = (SourceRun.Kind.SCHEDULED, SourceRun.Kind.MANUAL)


def is_open(source: DataSource, now: dt.datetime) -> bool:
    """Whether the source is to be left alone at this moment."""
    return source.paused_until is not None and now < source.paused_until


def pause_after(failures: int) -> dt.timedelta:
    """How long a source with so many failures in a row is left alone."""
    if failures < FAILURES:
        return dt.timedelta()
    # More doublings than it takes to reach the longest pause would overflow some day.
    doublings = min(failures - FAILURES, 10)
    return min(FIRST_PAUSE * (1 << doublings), LONGEST_PAUSE)


def succeeded(source: DataSource) -> None:
    """Close the circuit: the source spoke."""
    closed = {"failures": 0, "paused_until": None, "silence_told_at": None}
    # In the table, not in what was read when the run began: silence may have been told since.
    DataSource.objects.filter(pk=source.pk).exclude(**closed).update(**closed)


def failed(run: SourceRun, *, now: dt.datetime, retry_after: float | None = None) -> None:
    """Count the failure of an ended run of `run.data_source`, and open the circuit if need be.

    People are told once for each opening, not of every pause that follows. `retry_after` in
    seconds; more than the longest pause counts as that.
    """
    source = run.data_source
    before = source.failures
    if not is_open(source, now):
        source.failures += 1
        if _killed_in_a_row(source) >= KILLS:
            source.failures = max(source.failures, FAILURES)
        if source.failures >= FAILURES:
            source.paused_until = now + pause_after(source.failures)
    if retry_after is not None:
        asked = now + min(dt.timedelta(seconds=max(retry_after, 0)), LONGEST_PAUSE)
        source.paused_until = max(source.paused_until or asked, asked)
    source.save(update_fields=["failures", "paused_until"])
    if before < FAILURES <= source.failures:
        log.warning("source_paused", source=source.slug, until=str(source.paused_until))
        silence.tell_of_pause(run)


def _killed_in_a_row(source: DataSource) -> int:
    """How many of its last runs were killed, up to the number that matters."""
    last = SourceRun.objects.filter(
        data_source=source, kind__in=_KINDS, finished_at__isnull=False
    ).order_by("-pk")[:KILLS]
    outcomes = list(last.values_list("outcome", flat=True))
    killed = [outcome == SourceRun.Outcome.KILLED for outcome in outcomes]
    return killed.index(False) if False in killed else len(killed)
