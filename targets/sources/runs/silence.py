"""What people are told of sources: paused, silent, values that wait. Once each, in their digest."""

from __future__ import annotations

import datetime as dt
from typing import Final

import structlog
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Count, Max
from django.utils import timezone

from targets.models import DataSource, HeldValue, Notice, Role, SourceRun
from targets.permissions import members
from targets.reporting.notices import notify

log = structlog.get_logger(__name__)

#: Before the digests of the day are written (`reminders`, 8:00).
_HELD_FROM: Final = dt.time(7, 30)
# What a run holds is dated by the begin of its transaction, and seen from its end on.
_OVERLAP: Final = dt.timedelta(hours=1)


def tell_of_pause(run: SourceRun) -> None:
    """A source is left alone from now on: coordinators, administrators, its own reporters."""
    source = run.data_source
    people = _watchers()
    if source.owner is not None:
        people += members(source.owner, Role.REPORTER)
    notify(
        people,
        key=f"source-paused:{source.pk}:{run.pk}",
        kind="source-paused",
        params=_facts(source),
        mail=False,
    )


def tell_of_silence(now: dt.datetime) -> int:
    """Tell of sources that are silent for two of their intervals; of how many.

    Of each once: `silence_told_at` stands until the source speaks (`circuit.succeeded`).
    """
    from targets.sources.runs import scheduling

    told = 0
    for source in scheduling.silent_sources(now):
        with transaction.atomic():
            mine = DataSource.objects.filter(pk=source.pk, silence_told_at=None)
            if not mine.update(silence_told_at=now):
                continue
            notify(
                _watchers(),
                key=f"source-silent:{source.pk}:{now.isoformat()}",
                kind="source-silent",
                params=_facts(source),
                mail=False,
            )
        told += 1
        log.warning("source_silent", source=source.slug)
    return told


def tell_of_held(now: dt.datetime) -> bool:
    """Tell coordinators once a day how many values wait, if there are new ones since last time."""
    local = timezone.localtime(now)
    if local.time() < _HELD_FROM:
        return False
    key = f"values-held:{local.date().isoformat()}"
    if Notice.objects.filter(kind="values-held", key=key).exists():
        return False
    last = Notice.objects.filter(kind="values-held").aggregate(at=Max("created_at"))["at"]
    waiting = HeldValue.objects.filter(state=HeldValue.State.WAITING).aggregate(
        values=Count("pk"),
        sources=Count("data_source", distinct=True),
        newest=Max("held_at"),
    )
    if not waiting["values"] or (last is not None and waiting["newest"] < last - _OVERLAP):
        return False
    with transaction.atomic():
        notify(
            members(None, Role.COORDINATOR),
            key=key,
            kind="values-held",
            params={"count": waiting["values"], "sources": waiting["sources"]},
            mail=False,
        )
    return True


def _watchers() -> list[User]:
    return [*members(None, Role.COORDINATOR), *members(None, Role.ADMINISTRATOR)]


def _facts(source: DataSource) -> dict[str, str | int]:
    return {
        "source": source.slug,
        "name_vi": source.name_vi,
        "name_en": source.name_en or source.name_vi,
    }
