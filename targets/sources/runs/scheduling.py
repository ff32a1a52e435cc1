"""When sources are due: their schedules as rows of django-celery-beat, and as instants.

A schedule is five fields as in crontab, in Vietnam's time: minute, hour, day of the month, month,
day of the week (Sunday is 0). A day must fit all of its three fields.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice, pairwise
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from celery.schedules import ParseException, crontab
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.signals import post_delete
from django.dispatch import receiver
from django.utils import timezone
from django.utils.translation import gettext as _
from django_celery_beat.models import CrontabSchedule, PeriodicTask

from targets.models import DataSource, SourceRun

ZONE: Final = ZoneInfo("Asia/Ho_Chi_Minh")
QUEUE: Final = "pulls"
TASK: Final = "targets.tasks.pull_source"

_FIELDS: Final = ("minute", "hour", "day_of_month", "month_of_year", "day_of_week")
_DAY: Final = dt.timedelta(days=1)
# 29 February may be eight years away (1896, 1904), and a given day of the week on it 28.
_HORIZON: Final = 28 * 366
#: A run has this long after its source was due before anybody calls the source silent.
GRACE: Final = dt.timedelta(minutes=15)


class Times(NamedTuple):
    """A schedule read: the days that it allows, and the times of each of them in order."""

    months: frozenset[int]
    days: frozenset[int]
    weekdays: frozenset[int]  # Sunday is 0
    times: tuple[dt.time, ...]

    def allows(self, day: dt.date) -> bool:
        """Whether it is due on a day."""
        return (
            day.month in self.months
            and day.day in self.days
            and day.isoweekday() % 7 in self.weekdays
        )


@lru_cache(maxsize=256)
def read_schedule(schedule: str) -> Times:
    """The schedule read. Raises ValidationError with a sentence for a person who wrote it."""
    fields = schedule.split()
    if len(fields) != len(_FIELDS):
        raise ValidationError(
            _(
                "Lịch cần đúng năm phần cách nhau bằng dấu cách: phút, giờ, ngày, tháng, thứ; "
                "ví dụ “30 6 * * *” là 6 giờ 30 mỗi ngày."
            ),
            code="fields",
        )
    try:
        # As the scheduler reads it.
        read = crontab(**dict(zip(_FIELDS, fields, strict=True)))
        minutes, hours, days, months, weekdays = (
            frozenset(getattr(read, name)) for name in _FIELDS
        )
    except (ParseException, ValueError):
        raise ValidationError(
            _(
                "Không đọc được lịch “%(schedule)s”. Phút từ 0 đến 59, giờ từ 0 đến 23, ngày từ 1 "
                "đến 31 và phải có trong tháng, tháng từ 1 đến 12, thứ từ 0 (Chủ nhật) đến 6; dùng "
                "được “*”, “*/15”, “8-17”, “1,15”."
            ),
            code="unreadable",
            params={"schedule": schedule},
        ) from None
    times = tuple(dt.time(hour, minute) for hour in sorted(hours) for minute in sorted(minutes))
    return Times(months, days, weekdays, times)


def next_run(source: DataSource, now: dt.datetime) -> dt.datetime | None:
    """When it is due next, in Vietnam's time; None where it is off or has no schedule.

    While its circuit is open: the first time it is due after the pause.
    """
    if not (source.enabled and source.schedule):
        return None
    start = max(now, source.paused_until) if source.paused_until else now
    return next(_instants(read_schedule(source.schedule), start), None)


def last_due(source: DataSource, now: dt.datetime, count: int = 1) -> list[dt.datetime]:
    """The last times it was due until now, the latest first; fewer where there were no more."""
    read = read_schedule(source.schedule)
    return list(islice(_instants(read, now, backwards=True), count))


def interval(source: DataSource) -> dt.timedelta | None:
    """The longest time between two runs as scheduled; None without a schedule.

    Nights and weekends count: a source read on the hour from 8 to 17 has one of 15 hours.
    """
    return _longest_gap(source.schedule) if source.schedule else None


@lru_cache(maxsize=256)
def _longest_gap(schedule: str) -> dt.timedelta:
    read = read_schedule(schedule)
    times = read.times
    first = dt.date(2026, 1, 1)
    days = list(_days(read, first, most=2 * 366))
    if len(days) < 2:  # once in several years
        days = list(islice(_days(read, first), 2))
    gaps = [_on(first, b) - _on(first, a) for a, b in pairwise(times)]
    gaps += [_on(b, times[0]) - _on(a, times[-1]) for a, b in pairwise(days)]
    return max(gaps)


def silent_sources(now: dt.datetime) -> list[DataSource]:
    """Sources that were due twice, and should have run, since they last spoke.

    A source speaks with a run that succeeds or finds nothing new. One that never did counts from
    when it was put on its schedule, or its schedule was changed.
    """
    found: list[DataSource] = []
    for source in _scheduled().annotate(spoke_at=_spoke_at()).select_related("periodic_task"):
        due = last_due(source, now - GRACE, 2)
        began = source.periodic_task.start_time if source.periodic_task else None
        heard = max((at for at in (source.spoke_at, began) if at is not None), default=None)
        if len(due) == 2 and heard is not None and heard < due[1]:
            found.append(source)
    return found


def _scheduled() -> QuerySet[DataSource]:
    return DataSource.objects.filter(enabled=True).exclude(schedule="")


def _spoke_at() -> Subquery:
    """When the last run that spoke began: found from the newest on, by their index."""
    good = (SourceRun.Status.SUCCEEDED, SourceRun.Status.UNCHANGED)
    spoken = SourceRun.objects.filter(data_source=OuterRef("pk"), status__in=good)
    newest = spoken.exclude(kind=SourceRun.Kind.TRIAL).order_by("-started_at")
    return Subquery(newest.values("started_at")[:1])


@transaction.atomic
def sync(source: DataSource, now: dt.datetime | None = None) -> PeriodicTask | None:
    """Make the scheduler know what the source says; None where nothing is scheduled.

    A source that is off, has no schedule or is pushed to leaves no row behind. A task that was
    there keeps when it last ran unless its times changed. Raises ValidationError.
    """
    # With a lock, so that two editors of a source do not both make its task.
    source = DataSource.objects.select_for_update(no_key=True).get(pk=source.pk)
    if not (source.enabled and source.schedule) or source.adapter == DataSource.Adapter.PUSH:
        _forget(source.slug, source.pk)
        return None
    read_schedule(source.schedule)
    times = dict(zip(_FIELDS, source.schedule.split(), strict=True))
    schedule = CrontabSchedule.objects.filter(**times, timezone=ZONE).first()
    schedule = schedule or CrontabSchedule.objects.create(**times, timezone=ZONE)
    wanted: dict[str, Any] = {
        "name": f"source:{source.slug}",
        "task": TASK,
        "args": json.dumps([source.pk]),
        "kwargs": "{}",
        "crontab": schedule,
        "queue": QUEUE,
        "enabled": True,
    }
    task = source.periodic_task
    if task is None:
        task = PeriodicTask.objects.filter(name=wanted["name"]).first() or PeriodicTask()
    if task.pk and all(getattr(task, name) == value for name, value in wanted.items()):
        return _linked(source, task)
    if task.crontab != schedule or not task.enabled:
        # Counted from now on: it is neither made up for at once nor silent already.
        task.start_time = task.last_run_at = now or timezone.now()
    for name, value in wanted.items():
        setattr(task, name, value)
    task.save()
    return _linked(source, task)


def _linked(source: DataSource, task: PeriodicTask) -> PeriodicTask:
    DataSource.objects.filter(pk=source.pk).exclude(periodic_task=task).update(periodic_task=task)
    return task


def _forget(slug: str, source_id: int) -> None:
    # Also under the name that it had before it was renamed, by what it would run.
    its = Q(name=f"source:{slug}") | Q(task=TASK, args=json.dumps([source_id]))
    PeriodicTask.objects.filter(its).delete()


@receiver(post_delete, sender=DataSource, dispatch_uid="source-deleted")
def _source_deleted(instance: DataSource, **_signal: object) -> None:
    _forget(instance.slug, instance.pk)


def _instants(read: Times, start: dt.datetime, *, backwards: bool = False) -> Iterator[dt.datetime]:
    """When it is due after `start`, or until `start` back in time; Vietnam has no summer time."""
    local = start.astimezone(ZONE)
    for day in _days(read, local.date(), backwards=backwards):
        for time in reversed(read.times) if backwards else read.times:
            instant = _on(day, time).replace(tzinfo=ZONE)
            if (instant <= local) if backwards else (instant > local):
                yield instant


def _days(
    read: Times, start: dt.date, *, backwards: bool = False, most: int = _HORIZON
) -> Iterator[dt.date]:
    step = -_DAY if backwards else _DAY
    for number in range(most):
        day = start + number * step
        if read.allows(day):
            yield day


def _on(day: dt.date, time: dt.time) -> dt.datetime:
    return dt.datetime.combine(day, time)
