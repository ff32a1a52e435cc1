"""One run of a source: what it writes, what it records, who may run beside it, what it repeats."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from decimal import Decimal

import pytest
import structlog
from django.conf import settings as django_settings
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone
from pytest_django.fixtures import Settings

from dashboard import logs
from targets.models import (
    HeldValue,
    Observation,
    Organisation,
    RawBody,
    RunBody,
    SourceRun,
    ValidationRule,
)
from targets.sources.runs import locking, running
from tests.committed import second_connection
from tests.factory import make
from tests.sources.serving import Service, place, rows, serving

pytestmark = pytest.mark.django_db


@pytest.fixture
def service(settings: Settings) -> Iterator[Service]:
    with serving() as started:
        settings.PULL_HOSTS = [started.host]
        settings.PULL_PRIVATE_NETWORKS = ["127.0.0.1/32"]
        yield started


@pytest.fixture
def here() -> Organisation:
    return place("H")


def current() -> dict[str, Decimal]:
    return {one.period: one.value for one in Observation.objects.current()}


def numbers(run: SourceRun) -> tuple[int, ...]:
    return (run.rows_read, run.added, run.revised, run.unchanged, run.held, run.rejected)


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """What is logged, as production and as development write it."""
    stream = io.StringIO()
    handlers = []
    for as_json in (True, False):
        given = logs.configuration(json=as_json, level="INFO")["formatters"]["structured"]
        handlers.append(logging.StreamHandler(stream))
        handlers[-1].setFormatter(
            structlog.stdlib.ProcessorFormatter(
                foreign_pre_chain=given["foreign_pre_chain"], processors=given["processors"]
            )
        )
        logging.getLogger().addHandler(handlers[-1])
    yield stream
    for handler in handlers:
        logging.getLogger().removeHandler(handler)


def test_a_run_writes_values_and_its_record_together(service: Service, here: Organisation) -> None:
    source = service.source()
    service.answers["/values"].rows = rows("H", y2022=10, y2023=12.5, y2024="x")
    run = running.run_source(source.pk, task_id="a")
    run.refresh_from_db()
    assert (run.status, run.outcome, run.kind, run.task_id) == ("succeeded", "", "scheduled", "a")
    assert numbers(run) == (3, 2, 0, 0, 0, 1)
    assert run.rejections == {"number": 1}
    assert [(one.place, one.shown) for one in run.rejected_rows.all()] == [(3, "x")]
    assert current() == {"2022": 10, "2023": Decimal("12.5")}
    assert {one.run for one in Observation.objects.all()} == {run}
    assert (run.requests, run.retries, run.finished_at is not None) == (1, 0, True)
    assert run.bytes == RawBody.objects.get().size
    assert run.checksum == RawBody.objects.get().sha256
    assert not list((django_settings.PULL_FOLDER).rglob(f"{source.pk}/*"))


def test_the_same_answer_is_not_read_again(service: Service, here: Organisation) -> None:
    source = service.source()
    service.answers["/values"].rows = rows("H", y2023=12.5)
    first = running.run_source(source.pk)
    second = running.run_source(source.pk)
    assert (first.status, second.status) == ("succeeded", "unchanged")
    assert numbers(second) == (0,) * 6
    assert RawBody.objects.count() == 1
    assert RunBody.objects.count() == 2
    service.answers["/values"].rows = rows("H", y2023=13)
    third = running.run_source(source.pk)
    assert (third.status, numbers(third)) == ("succeeded", (1, 0, 1, 0, 0, 0))
    assert current() == {"2023": 13}


def _described_anew(source_id: int) -> None:
    run = SourceRun.objects.filter(data_source=source_id).latest("pk")
    run.data_source.mappings.update(where={"area": "H"})


def _a_rule_more(source_id: int) -> None:
    make(ValidationRule, check_kind="range", maximum=11, unit_kind="percent")


def _published_by_others(source_id: int) -> None:
    mapping = (
        SourceRun.objects.filter(data_source=source_id).latest("pk").data_source.mappings.get()
    )
    other = Organisation.objects.get(codes__code="H")
    make(Observation, series=mapping.series, organisation=other, period="2020", value=1)


@pytest.mark.parametrize("change", [_described_anew, _a_rule_more, _published_by_others])
def test_the_same_answer_is_read_again_where_something_else_has_changed(
    service: Service, here: Organisation, change: object
) -> None:
    source = service.source()
    service.answers["/values"].rows = rows("H", y2023=12.5)
    running.run_source(source.pk)
    assert callable(change)
    change(source.pk)
    run = running.run_source(source.pk)
    assert (run.status, numbers(run)) == ("succeeded", (1, 0, 0, 1, 0, 0))
    assert running.run_source(source.pk).status == "unchanged"


def test_rows_left_out_are_looked_at_every_time(service: Service, here: Organisation) -> None:
    source = service.source()
    service.answers["/values"].rows = rows("H", y2023=12.5) + rows("LATER", y2023=3)
    assert running.run_source(source.pk).rejections == {"organisation": 1}
    place("LATER")
    run = running.run_source(source.pk)
    assert (run.status, numbers(run)) == ("succeeded", (2, 1, 0, 1, 0, 0))
    assert running.run_source(source.pk).status == "unchanged"


def test_a_failure_changes_nothing_and_says_why(service: Service, here: Organisation) -> None:
    source = service.source()
    service.answers["/values"].rows = rows("H", y2023=12.5)
    running.run_source(source.pk)
    service.answers["/values"].status = 404
    run = running.run_source(source.pk)
    run.refresh_from_db()
    assert (run.status, run.outcome, run.detail["status"]) == ("failed", "bad-status", 404)
    service.answers["/values"].status = 200
    service.answers["/values"].rows = [{"area": "H", "year": "2023", "value": 1}]
    run = running.run_source(source.pk)
    assert (run.status, run.outcome) == ("failed", "columns-changed")
    assert numbers(run) == (0,) * 6
    assert current() == {"2023": Decimal("12.5")}
    assert RawBody.objects.count() == 1
    source.refresh_from_db()
    assert source.failures == 2
    service.answers["/values"].rows = rows("H", y2023=14)
    assert running.run_source(source.pk).status == "succeeded"
    source.refresh_from_db()
    assert source.failures == 0


def test_options_that_cannot_be_are_named(service: Service, here: Organisation) -> None:
    source = service.source(options={"rows": "@", "colour": "red"})
    run = running.run_source(source.pk)
    assert (run.status, run.outcome) == ("failed", "misconfigured")
    assert [one["at"] for one in run.detail["problems"]] == ["colour"]
    assert service.asked == []


def test_what_nobody_expected_is_recorded_and_logged_without_secrets(
    service: Service,
    here: Organisation,
    monkeypatch: pytest.MonkeyPatch,
    logged: io.StringIO,
) -> None:
    monkeypatch.setenv("SOURCE_SECRET_LGSP", "hush-hush")
    source = service.source(credential="bearer", credential_name="lgsp")
    service.answers["/values"].rows = rows("H", y2023=12.5)
    with connection.cursor() as cursor:
        # A rule of the database that nobody told the code of.
        cursor.execute(
            "ALTER TABLE targets_observation"
            " ADD CONSTRAINT surprise CHECK (value <> 12.5) NOT VALID"
        )
    run = running.run_source(source.pk)
    run.refresh_from_db()
    assert (run.status, run.outcome) == ("failed", "internal")
    assert numbers(run) == (0,) * 6
    assert run.detail == {"error": "IntegrityError"}
    assert not Observation.objects.exists()
    assert logged.getvalue().count("source_run_broke") == 2
    assert "IntegrityError" in logged.getvalue()
    assert "hush-hush" not in logged.getvalue()


def test_a_source_that_is_being_read_is_left_alone(service: Service) -> None:
    source = service.source()
    with second_connection() as other:
        other.execute("SELECT pg_advisory_lock(%s, %s)", [locking.LOCK, source.pk])
        assert locking.is_locked(source.pk)
        with pytest.raises(running.SourceBusyError, match="đang có một lượt chạy"):
            running.run_source(source.pk)
        with pytest.raises(running.SourceBusyError):
            running.ask(source, kind="manual", by=make(User))
        other.execute("SELECT pg_advisory_unlock_all()")
        assert not locking.is_locked(source.pk)
    assert not SourceRun.objects.exists()
    assert service.asked == []


def test_a_message_that_comes_twice_runs_once(service: Service, here: Organisation) -> None:
    source = service.source()
    service.answers["/values"].rows = rows("H", y2023=12.5)
    first = running.run_source(source.pk, task_id="a")
    again = running.run_source(source.pk, task_id="a")
    assert first.pk == again.pk
    assert len(service.asked) == SourceRun.objects.count() == 1


def test_a_message_whose_run_was_killed_runs_again(service: Service, here: Organisation) -> None:
    source = service.source()
    service.answers["/values"].rows = rows("H", y2023=12.5)
    dead = make(SourceRun, data_source=source, task_id="a", status="running")
    run = running.run_source(source.pk, task_id="a")
    dead.refresh_from_db()
    assert (dead.status, dead.outcome, dead.task_id) == ("failed", "killed", None)
    assert (run.status, run.task_id) == ("succeeded", "a")
    source.refresh_from_db()
    assert source.failures == 0


def test_a_source_that_is_off_is_not_read_and_leaves_the_schedule(service: Service) -> None:
    source = service.source(schedule="0 6 * * *")
    from targets.sources.runs import scheduling

    scheduling.sync(source)
    type(source).objects.filter(pk=source.pk).update(enabled=False)
    with pytest.raises(running.SourceOffError):
        running.run_source(source.pk)
    source.refresh_from_db()
    assert source.periodic_task is None
    assert service.asked == []


def test_a_trial_shows_what_would_be_and_writes_nothing(
    service: Service, here: Organisation
) -> None:
    source = service.source(enabled=False)
    service.answers["/values"].rows = rows("H", y2022=10, y2023=12.5, y2024="x")
    asked = running.ask(source, kind="trial", by=make(User))
    assert asked.status == "waiting"
    run = running.run_waiting(asked.pk)
    assert run is not None
    run.refresh_from_db()
    assert (run.pk, run.status, run.kind) == (asked.pk, "succeeded", "trial")
    assert numbers(run) == (3, 2, 0, 0, 0, 1)
    assert [one["period"] for one in run.preview] == ["2022", "2023"]
    assert {one["action"] for one in run.preview} == {"added"}
    assert run.rejected_rows.count() == 1
    assert not Observation.objects.exists()
    assert not RawBody.objects.exists()
    source.refresh_from_db()
    assert source.source is None
    service.answers["/values"].status = 404
    failed = running.run_waiting(running.ask(source, kind="trial", by=make(User)).pk)
    assert failed is not None
    assert failed.outcome == "bad-status"
    source.refresh_from_db()
    assert source.failures == 0


def test_who_asks_is_told_of_a_run_that_waits_and_of_a_source_that_is_off(
    service: Service,
) -> None:
    source, person = service.source(), make(User)
    run = running.ask(source, kind="manual", by=person)
    assert (run.status, run.by) == ("waiting", person)
    with pytest.raises(running.SourceBusyError):
        running.ask(source, kind="trial", by=person)
    with pytest.raises(running.SourceOffError):
        running.ask(service.source("/off", enabled=False), kind="manual", by=person)


def test_a_run_that_waits_is_given_up_where_its_source_is_switched_off(service: Service) -> None:
    source = service.source()
    run = running.ask(source, kind="manual", by=make(User))
    type(source).objects.update(enabled=False)
    with pytest.raises(running.SourceOffError):
        running.run_waiting(run.pk)
    run.refresh_from_db()
    assert (run.status, run.outcome) == ("failed", "misconfigured")
    source.refresh_from_db()
    assert source.failures == 0
    assert service.asked == []


def test_a_run_by_hand_is_in_the_name_of_who_asked(service: Service, here: Organisation) -> None:
    source, person = service.source(), make(User)
    service.answers["/values"].rows = rows("H", y2023=12.5)
    asked = running.ask(source, kind="manual", by=person)
    run = running.run_waiting(asked.pk)
    assert run is not None
    assert (run.status, run.by, run.kind) == ("succeeded", person, "manual")
    assert running.run_waiting(asked.pk) is None


def test_the_watch_takes_up_what_was_killed_and_what_was_lost(
    service: Service, here: Organisation
) -> None:
    now = timezone.now()
    killed, lost, paused = (service.source(f"/{n}") for n in range(3))
    dead = make(SourceRun, data_source=killed, task_id="a", by=make(User), kind="manual")
    waiting = make(
        SourceRun, data_source=lost, kind="manual", status="waiting",
        started_at=now - 2 * running.PATIENCE,
    )  # fmt: skip
    make(SourceRun, data_source=lost, kind="trial", status="waiting", started_at=now)
    for _ in range(3):
        make(SourceRun, data_source=paused, status="failed", outcome="killed")
    make(SourceRun, data_source=paused)
    sent = running.watch(now=now)
    dead.refresh_from_db()
    assert dead.outcome == "killed"
    successor = SourceRun.objects.get(task_id="a")
    assert [run.pk for run in sent] == [successor.pk, waiting.pk]
    assert (successor.status, successor.by, successor.kind) == ("waiting", dead.by, "manual")
    paused.refresh_from_db()
    assert paused.paused_until is not None
    assert running.watch(now=now) == []
    # Its message comes again as well.
    service.answers["/0"].rows = rows("H", y2023=1)
    run = running.run_source(killed.pk, task_id="a", kind="manual")
    assert (run.pk, run.status) == (successor.pk, "succeeded")


def test_values_of_a_source_that_is_not_trusted_wait(service: Service, here: Organisation) -> None:
    source = service.source(trust="review")
    service.answers["/values"].rows = rows("H", y2023=12.5)
    run = running.run_source(source.pk)
    assert numbers(run) == (1, 0, 0, 0, 1, 0)
    assert HeldValue.objects.get().run == run
    assert running.run_source(source.pk).status == "unchanged"
