"""How each source stands: switched off, paused, failing, silent, never run, or well."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from dashboard.presenters.sources import words
from targets.models import DataSource, HeldValue, SourceRun
from targets.sources.runs.circuit import FAILURES
from targets.sources.runs.scheduling import next_run, silent_sources

#: A run in one of these is over and the source was read to its end.
CHECKED: Final = (SourceRun.Status.SUCCEEDED, SourceRun.Status.UNCHANGED)
OPEN: Final = (SourceRun.Status.WAITING, SourceRun.Status.RUNNING)


class Condition(StrEnum):
    """What is to be said of a source first; those that call for somebody come first."""

    FAILING = "failing"
    PAUSED = "paused"
    SILENT = "silent"
    NEVER = "never"
    FINE = "fine"
    OFF = "off"


CONDITIONS: Final[dict[Condition, Promise]] = {
    Condition.FAILING: gettext_lazy("Lượt gần nhất thất bại"),
    Condition.PAUSED: gettext_lazy("Tạm ngắt"),
    Condition.SILENT: gettext_lazy("Im lặng"),
    Condition.NEVER: gettext_lazy("Chưa chạy lần nào"),
    Condition.FINE: gettext_lazy("Bình thường"),
    Condition.OFF: gettext_lazy("Đang tắt"),
}
ATTENTION: Final = frozenset({Condition.FAILING, Condition.PAUSED, Condition.SILENT})


@dataclass(frozen=True, slots=True)
class Standing:
    """A source and how it stands now. `last` is its last run that is over, trials left out.

    `checked_at`: when it was last read to its end. `open_run`: the id of one that waits or runs.
    """

    source: DataSource
    condition: Condition
    last_id: int | None
    checked_at: dt.datetime | None
    open_run: int | None
    waiting: int

    @property
    def word(self) -> str:
        """The condition in words; of a paused source also until when and why."""
        if self.condition == Condition.PAUSED:
            return _pause_words(self.source)
        return str(CONDITIONS[self.condition])

    def note(self, now: dt.datetime) -> str:
        """What the condition means for this source, in a sentence; "" where its word says all."""
        if self.condition == Condition.SILENT:
            return _silence_words(self.checked_at, now)
        if self.condition == Condition.OFF:
            return _("Không được lấy theo lịch cho đến khi quản trị bật lại")
        return ""

    def next_words(self, now: dt.datetime) -> str:
        """When it is read next, in words."""
        source = self.source
        if not source.enabled:
            return _("không, nguồn đang tắt")
        if source.adapter == DataSource.Adapter.PUSH or not source.schedule:
            return words.schedule_words(source)
        following = next_run(source, now)
        return _("không có trong lịch") if following is None else words.when(following)


def _pause_words(source: DataSource) -> str:
    if source.paused_until is None:
        return ""
    said: dict[str, object] = {"until": words.until(source.paused_until)}
    if source.failures < FAILURES:
        return _("Tạm ngắt đến %(until)s vì nguồn yêu cầu chờ") % said
    said["count"] = source.failures
    text = ngettext(
        "Tạm ngắt đến %(until)s sau %(count)s lần lỗi liên tiếp",
        "Tạm ngắt đến %(until)s sau %(count)s lần lỗi liên tiếp",
        source.failures,
    )
    return text % said


def _silence_words(checked_at: dt.datetime | None, now: dt.datetime) -> str:
    if checked_at is None:
        return _("Chưa lần nào đọc được, đã quá hai kỳ theo lịch")
    days = (now - checked_at).days
    if not days:
        return _("Không đọc được lần nào trong hai kỳ theo lịch gần nhất")
    text = ngettext(
        "Không đọc được lần nào trong %(count)s ngày, quá hai kỳ theo lịch",
        "Không đọc được lần nào trong %(count)s ngày, quá hai kỳ theo lịch",
        days,
    )
    return text % {"count": days}


def standings(sources: QuerySet[DataSource], now: dt.datetime) -> list[Standing]:
    """How these sources stand, in their order (three queries, and those of `silent_sources`)."""
    silent = {source.pk for source in silent_sources(now)}
    unfinished = SourceRun.objects.filter(status__in=OPEN).order_by("-pk")
    open_runs = dict(unfinished.values_list("data_source_id", "pk"))
    held = HeldValue.objects.filter(state=HeldValue.State.WAITING).order_by()
    waiting = dict(held.values_list("data_source_id").annotate(Count("pk")))
    return [
        Standing(
            source=source,
            condition=_condition(source, silent, now),
            last_id=source.last_run,
            checked_at=source.checked_at,
            open_run=open_runs.get(source.pk),
            waiting=waiting.get(source.pk, 0),
        )
        for source in _annotated(sources)
    ]


def newest_runs() -> QuerySet[SourceRun]:
    """The runs of the source that an outer query is about, the newest first, trials left out.

    In the order of the index `source_run_latest` and no other: whatever the database believes of
    the table, the first is found without a look at the rest.
    """
    runs = SourceRun.objects.filter(data_source=OuterRef("pk")).order_by("-started_at")
    return runs.exclude(kind=SourceRun.Kind.TRIAL)


def _annotated(sources: QuerySet[DataSource]) -> Iterable[Any]:
    over, checked = newest_runs().exclude(status__in=OPEN), newest_runs().filter(status__in=CHECKED)
    return sources.defer("options", "mapping").annotate(
        last_run=Subquery(over.values("pk")[:1]),
        last_status=Subquery(over.values("status")[:1]),
        checked_at=Subquery(checked.values("finished_at")[:1]),
    )


def _condition(source: Any, silent: Collection[int], now: dt.datetime) -> Condition:
    if not source.enabled:
        return Condition.OFF
    if source.paused_until and source.paused_until > now:
        return Condition.PAUSED
    if source.pk in silent:
        return Condition.SILENT
    if source.last_run is None:
        return Condition.NEVER
    if source.last_status == SourceRun.Status.FAILED:
        return Condition.FAILING
    return Condition.FINE


def last_runs(found: Iterable[Standing]) -> dict[int, SourceRun]:
    """The last finished runs of these, by the id of their source (one query)."""
    ids = [one.last_id for one in found if one.last_id is not None]
    runs = SourceRun.objects.filter(pk__in=ids).defer("preview", "rejections")
    return {run.data_source_id: run for run in runs}


def changed_at(sources: Collection[int]) -> dict[int, dt.datetime]:
    """When each of these last brought something new, by id; those that never did are left out."""
    bringing = newest_runs().filter(status=SourceRun.Status.SUCCEEDED).exclude(added=0, revised=0)
    rows = (
        DataSource.objects.filter(pk__in=sources)
        .order_by()
        .annotate(changed=Subquery(bringing.values("finished_at")[:1]))
        .values_list("pk", "changed")
    )
    return {pk: moment for pk, moment in rows if moment is not None}
