"""When sources are due, what the scheduler knows of them, and which of them are silent."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django_celery_beat.models import CrontabSchedule, PeriodicTask
from django_celery_beat.tzcrontab import TzAwareCrontab
from hypothesis import given
from hypothesis import strategies as st

from targets.models import DataSource, SourceRun
from targets.sources.runs import scheduling
from tests.factory import make

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
NOW = dt.datetime(2026, 11, 22, 9, 30, tzinfo=VIETNAM)  # a Sunday
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


def source(schedule: str, **given: Any) -> DataSource:
    """One that is on, and saved only in memory."""
    return DataSource(slug="a", enabled=True, schedule=schedule, **given)


@pytest.mark.parametrize(
    ("schedule", "code"),
    [
        ("", "fields"),
        ("0 6 * *", "fields"),
        ("0 6 * * * *", "fields"),
        ("60 6 * * *", "unreadable"),
        ("0 24 * * *", "unreadable"),
        ("a 6 * * *", "unreadable"),
        ("0 6 0 * *", "unreadable"),
        ("0 6 * 13 *", "unreadable"),
        ("0 6 * * 7", "unreadable"),
        ("*/0 6 * * *", "unreadable"),
        ("1, 6 * * *", "unreadable"),
        ("0 6 31 2 *", "unreadable"),
        ("0 6 30 2,4 *", ""),
        ("0 6 29 2 *", ""),
        ("*/15 8-17 1,15 * mon-fri", ""),
    ],
)
def test_a_schedule_that_cannot_be_is_refused_with_a_sentence(schedule: str, code: str) -> None:
    if not code:
        scheduling.read_schedule(schedule)
        return
    with pytest.raises(ValidationError) as refused:
        scheduling.read_schedule(schedule)
    assert refused.value.code == code
    assert refused.value.messages[0].startswith(("Lịch ", "Không đọc được lịch "))


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        ("0 6 * * *", "2026-11-23 06:00"),
        ("31 9 * * *", "2026-11-22 09:31"),
        ("30 9 * * *", "2026-11-23 09:30"),
        ("*/15 * * * *", "2026-11-22 09:45"),
        ("0 6 1 * *", "2026-12-01 06:00"),
        ("0 6 * * 1", "2026-11-23 06:00"),
        ("0 6 1 * 1", "2027-02-01 06:00"),
        ("0 6 29 2 *", "2028-02-29 06:00"),
    ],
)
def test_the_next_run_is_in_vietnams_time(schedule: str, expected: str) -> None:
    due = scheduling.next_run(source(schedule), NOW.astimezone(dt.UTC))
    assert due is not None
    assert f"{due:%Y-%m-%d %H:%M}" == expected
    assert due.utcoffset() == 7 * HOUR


def test_a_source_that_is_off_or_by_hand_is_never_due() -> None:
    assert scheduling.next_run(source("0 6 * * *"), NOW) is not None
    assert scheduling.next_run(DataSource(schedule="0 6 * * *", enabled=False), NOW) is None
    assert scheduling.next_run(source(""), NOW) is None
    assert scheduling.interval(source("")) is None


def test_a_paused_source_is_due_after_its_pause() -> None:
    paused = source("0 * * * *", paused_until=NOW + 2 * HOUR)
    assert scheduling.next_run(paused, NOW) == dt.datetime(2026, 11, 22, 12, tzinfo=VIETNAM)


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        ("*/15 * * * *", HOUR / 4),
        ("0 6 * * *", DAY),
        ("0 8-17 * * *", 15 * HOUR),
        ("0 6 * * 1-5", 3 * DAY),
        ("0 8,17 * * 1-5", 3 * DAY - 9 * HOUR),
        ("0 6 1 * *", 31 * DAY),
        ("0 6 1 1 *", 365 * DAY),
        ("0 6 29 2 *", 4 * 365 * DAY + DAY),
    ],
)
def test_the_interval_is_the_longest_time_between_two_runs(
    schedule: str, expected: dt.timedelta
) -> None:
    assert scheduling.interval(source(schedule)) == expected


SCHEDULES = st.tuples(
    st.sampled_from(["*", "*/7", "3", "2-5", "0,30", "10-20/3"]),
    st.sampled_from(["*", "6", "8-17", "*/5", "0,23"]),
    st.sampled_from(["*", "1", "15", "28-31", "*/2"]),
    st.sampled_from(["*", "2", "1-6", "*/5"]),
    st.sampled_from(["*", "0", "1-5", "sat"]),
)


@given(SCHEDULES, st.integers(0, 2 * 366 * 24 * 60))
def test_it_is_due_when_the_scheduler_thinks_so(fields: tuple[str, ...], minutes: int) -> None:
    start = dt.datetime(2026, 1, 1, tzinfo=VIETNAM) + dt.timedelta(minutes=minutes)
    due = scheduling.next_run(source(" ".join(fields)), start)
    assert due is not None
    minute, hour, day, month, weekday = fields
    theirs = TzAwareCrontab(minute, hour, weekday, day, month, tz=VIETNAM)
    theirs.nowfun = lambda: start
    assert start + theirs.remaining_estimate(start) == due
    assert scheduling.last_due(source(" ".join(fields)), due) == [due]


@pytest.mark.django_db
class TestSync:
    def test_a_source_that_is_on_has_one_task_that_asks_for_it(self) -> None:
        mine = make(DataSource, enabled=True, schedule="30 6 * * 1-5")
        task = scheduling.sync(mine, NOW)
        assert task is not None
        mine.refresh_from_db()
        assert mine.periodic_task == task
        assert (task.name, task.task) == (f"source:{mine.slug}", "targets.tasks.pull_source")
        assert (json.loads(task.args), task.queue, task.enabled) == ([mine.pk], "pulls", True)
        assert (task.expires, task.expire_seconds, task.one_off) == (None, None, False)
        cron = task.crontab
        assert (cron.minute, cron.hour, cron.day_of_week) == ("30", "6", "1-5")
        assert str(cron.timezone) == "Asia/Ho_Chi_Minh"
        # It is not made up for at once.
        assert task.last_run_at == NOW

    def test_twice_is_as_good_as_once_and_keeps_when_it_ran(self) -> None:
        mine, other = (make(DataSource, enabled=True, schedule="30 6 * * *") for _ in range(2))
        task = scheduling.sync(mine, NOW)
        assert task is not None
        PeriodicTask.objects.filter(pk=task.pk).update(last_run_at=NOW + DAY)
        again = scheduling.sync(mine, NOW + 2 * DAY)
        assert again is not None
        assert (again.pk, again.last_run_at) == (task.pk, NOW + DAY)
        assert scheduling.sync(other, NOW) is not None
        assert CrontabSchedule.objects.filter(minute="30", hour="6").count() == 1

    def test_other_times_count_from_now(self) -> None:
        mine = make(DataSource, enabled=True, schedule="30 6 * * *")
        task = scheduling.sync(mine, NOW)
        DataSource.objects.filter(pk=mine.pk).update(schedule="45 6 * * *", slug="renamed")
        changed = scheduling.sync(mine, NOW + DAY)
        assert task is not None
        assert changed is not None
        assert (changed.pk, changed.crontab.minute, changed.name) == (
            task.pk, "45", "source:renamed",
        )  # fmt: skip
        assert changed.last_run_at == changed.start_time == NOW + DAY

    @pytest.mark.parametrize(
        "change", [{"enabled": False}, {"schedule": ""}, {"enabled": False, "slug": "renamed"}]
    )
    def test_a_source_that_is_off_leaves_no_task(self, change: dict[str, Any]) -> None:
        mine = make(DataSource, enabled=True, schedule="30 6 * * *")
        scheduling.sync(mine, NOW)
        DataSource.objects.filter(pk=mine.pk).update(**change)
        assert scheduling.sync(mine, NOW) is None
        assert not PeriodicTask.objects.filter(task="targets.tasks.pull_source").exists()
        mine.refresh_from_db()
        assert mine.periodic_task is None

    def test_a_deleted_source_leaves_no_task(self) -> None:
        mine = make(DataSource, enabled=True, schedule="30 6 * * *")
        scheduling.sync(mine, NOW)
        DataSource.objects.filter(pk=mine.pk).delete()
        assert not PeriodicTask.objects.filter(task="targets.tasks.pull_source").exists()

    def test_a_schedule_that_cannot_be_changes_nothing(self) -> None:
        mine = make(DataSource, enabled=True, schedule="30 25 * * *")
        with pytest.raises(ValidationError):
            scheduling.sync(mine, NOW)
        assert not PeriodicTask.objects.filter(task="targets.tasks.pull_source").exists()


@pytest.mark.django_db
class TestSilent:
    @staticmethod
    def scheduled(since: dt.datetime, schedule: str = "0 6 * * *") -> DataSource:
        mine = make(DataSource, enabled=True, schedule=schedule)
        scheduling.sync(mine, since)
        return mine

    @staticmethod
    def spoke(mine: DataSource, at: dt.datetime, status: str = "succeeded", **given: Any) -> None:
        outcome = "timeout" if status == "failed" else ""
        make(SourceRun, data_source=mine, status=status, outcome=outcome, started_at=at, **given)

    def test_a_source_is_silent_once_it_was_due_twice_since_it_spoke(self) -> None:
        mine = self.scheduled(NOW - 30 * DAY)
        spoke = dt.datetime(2026, 11, 20, 6, 0, 5, tzinfo=VIETNAM)
        self.spoke(mine, spoke)
        due = dt.datetime(2026, 11, 22, 6, tzinfo=VIETNAM)
        late = due + scheduling.GRACE
        assert scheduling.silent_sources(late - dt.timedelta(seconds=1)) == []
        assert scheduling.silent_sources(late) == [mine]

    @pytest.mark.parametrize(
        ("status", "kind", "silent"),
        [
            ("unchanged", "scheduled", False),
            ("succeeded", "manual", False),
            ("succeeded", "trial", True),
            ("failed", "scheduled", True),
        ],
    )
    def test_what_counts_as_speaking(self, status: str, kind: str, *, silent: bool) -> None:
        mine = self.scheduled(NOW - 30 * DAY)
        self.spoke(mine, NOW - 20 * DAY)
        self.spoke(mine, NOW - HOUR, status, kind=kind)
        assert scheduling.silent_sources(NOW) == ([mine] if silent else [])

    def test_a_source_that_never_spoke_counts_from_when_it_was_scheduled(self) -> None:
        fresh, old = self.scheduled(NOW - DAY), self.scheduled(NOW - 3 * DAY)
        DataSource.objects.filter(pk=fresh.pk).update(created_at=NOW - 300 * DAY)
        assert scheduling.silent_sources(NOW) == [old]

    def test_no_one_waits_for_a_source_over_the_weekend(self) -> None:
        mine = self.scheduled(NOW - 30 * DAY, "0 6 * * 1-5")
        self.spoke(mine, dt.datetime(2026, 11, 20, 6, 1, tzinfo=VIETNAM))  # Friday
        assert scheduling.silent_sources(NOW + DAY) == []  # Monday
        assert scheduling.silent_sources(NOW + 2 * DAY) == [mine]

    def test_sources_that_are_off_are_not_silent(self) -> None:
        mine = self.scheduled(NOW - 30 * DAY)
        DataSource.objects.filter(pk=mine.pk).update(enabled=False)
        assert scheduling.silent_sources(NOW) == []
