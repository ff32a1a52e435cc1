"""After how many failures a source is left alone, for how long, who is told, and what closes it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone, translation

from targets.models import (
    DataSource,
    Membership,
    Notice,
    Organisation,
    SourceRun,
    SystemRole,
)
from targets.reporting.notices import sentence
from targets.sources.runs import circuit, running
from tests.factory import make

NOW = dt.datetime(2026, 11, 22, 9, 30, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


@pytest.mark.parametrize(
    ("failures", "hours"),
    [(0, 0), (4, 0), (5, 1), (6, 2), (7, 4), (8, 8), (9, 16), (10, 24), (11, 24), (30_000, 24)],
)
def test_the_pause_doubles_from_an_hour_to_a_day(failures: int, hours: int) -> None:
    assert circuit.pause_after(failures) == hours * HOUR


def test_a_circuit_is_open_until_its_instant() -> None:
    source = DataSource(paused_until=NOW)
    assert circuit.is_open(source, NOW - HOUR)
    assert not circuit.is_open(source, NOW)
    assert not circuit.is_open(DataSource(), NOW)


def fail(source: DataSource, now: dt.datetime, outcome: str = "timeout", **given: Any) -> None:
    run = make(
        SourceRun, data_source=source, status="failed", outcome=outcome, started_at=now,
        finished_at=now,
    )  # fmt: skip
    circuit.failed(run, now=now, **given)
    source.refresh_from_db()


@pytest.mark.django_db
class TestFailures:
    def test_the_fifth_in_a_row_opens_it_and_each_trial_doubles_the_pause(self) -> None:
        source = make(DataSource)
        for number in range(4):
            fail(source, NOW)
            assert source.failures == number + 1
            assert source.paused_until is None
        fail(source, NOW)
        assert source.paused_until == NOW + HOUR
        # One trial after the pause.
        fail(source, NOW + HOUR)
        assert source.paused_until == NOW + 3 * HOUR
        circuit.succeeded(source)
        source.refresh_from_db()
        assert source.failures == 0
        assert source.paused_until is None

    def test_a_person_who_tries_during_a_pause_does_not_lengthen_it(self) -> None:
        source = make(DataSource, failures=5, paused_until=NOW + HOUR)
        fail(source, NOW)
        assert (source.failures, source.paused_until) == (5, NOW + HOUR)

    def test_three_killed_runs_in_a_row_open_it(self) -> None:
        source = make(DataSource)
        fail(source, NOW, "killed")
        fail(source, NOW, "killed")
        fail(source, NOW, "timeout")
        fail(source, NOW, "killed")
        assert source.paused_until is None
        source = make(DataSource)
        for _ in range(3):
            assert source.paused_until is None
            fail(source, NOW, "killed")
        assert (source.failures, source.paused_until) == (5, NOW + HOUR)

    @pytest.mark.parametrize(
        ("seconds", "pause"), [(120, dt.timedelta(minutes=2)), (1e9, 24 * HOUR), (-5, 0 * HOUR)]
    )
    def test_a_source_that_asks_for_time_gets_it(self, seconds: float, pause: dt.timedelta) -> None:
        source = make(DataSource)
        fail(source, NOW, "rate-limited", retry_after=seconds)
        assert (source.failures, source.paused_until) == (1, NOW + pause)
        assert not Notice.objects.exists()

    def test_the_longer_of_two_pauses_counts(self) -> None:
        source = make(DataSource, failures=4)
        fail(source, NOW, "rate-limited", retry_after=60)
        assert source.paused_until == NOW + HOUR

    def test_those_who_care_are_told_once_for_each_opening(self) -> None:
        people = {role: make(User) for role in ("coordinator", "administrator", "leadership")}
        for role, user in people.items():
            make(SystemRole, user=user, role=role)
        owner = make(Organisation)
        reporter, stranger = make(User), make(User)
        make(Membership, user=reporter, organisation=owner, role="reporter")
        make(Membership, user=stranger, role="reporter")
        source = make(DataSource, owner=owner, name_vi="Ngân hàng", name_en="")
        for number in range(9):
            fail(source, NOW + number * 24 * HOUR)
        told = {people["coordinator"], people["administrator"], reporter}
        assert {one.user for one in Notice.objects.all()} == told
        assert Notice.objects.count() == 3
        assert "“Ngân hàng” thất bại nhiều lần" in sentence(Notice.objects.all()[0])
        with translation.override("en"):
            assert "Ngân hàng" in sentence(Notice.objects.all()[0])
        circuit.succeeded(source)
        source.refresh_from_db()
        for _ in range(5):
            fail(source, NOW)
        assert Notice.objects.count() == 6


@pytest.mark.django_db
def test_a_paused_source_is_not_asked_by_the_scheduler_and_may_be_by_a_person() -> None:
    source = make(DataSource, enabled=True, paused_until=timezone.now() + HOUR, failures=5)
    with pytest.raises(running.SourcePausedError, match="tạm dừng"):
        running.run_source(source.pk)
    assert not SourceRun.objects.exists()
    assert running.ask(source, kind="manual", by=make(User)).status == "waiting"
