"""One run of a source, from asking it to the values it brought; and who asks for one.

A run takes its source for itself (`locking`), makes its row `running`, asks the source (no
transaction is open while it does), and then writes all that follows from the answers together with
the row's end, in one transaction. So a process that is killed at any point leaves a `running` row
that nobody works on, and nothing else; whoever comes next says `killed` in it. What killed a run
may kill the next one too: after three in a row the circuit is open.

Three roads lead here: a message of the scheduler (`run_source`), a person who asks (`ask`, a
`waiting` row that a worker takes up by `run_waiting`), and `watch`, which takes up what a killed
worker or a lost message left behind.
"""

from __future__ import annotations

import datetime as dt
from typing import Final

import structlog
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from targets.models import DataSource, SourceRun
from targets.sources.runs import circuit, locking, scheduling
from targets.sources.runs.fingerprints import fingerprint
from targets.sources.runs.pulling import clear, perform
from targets.trail import acting

log = structlog.get_logger(__name__)

Kind, Status, Outcome = SourceRun.Kind, SourceRun.Status, SourceRun.Outcome

#: A waiting run whose message may be lost is asked for again after this long.
PATIENCE: Final = dt.timedelta(seconds=60)


class NotNowError(Exception):
    """Nothing was done; the message is a sentence that says why."""


class SourceBusyError(NotNowError):
    """A run of the source is on its way."""

    def __init__(self) -> None:
        super().__init__(_("Nguồn này đang có một lượt chạy. Hãy chờ lượt đó xong."))


class SourcePausedError(NotNowError):
    """The circuit is open."""

    def __init__(self) -> None:
        super().__init__(_("Nguồn này đang tạm dừng sau nhiều lần thất bại."))


class SourceOffError(NotNowError):
    """The source is switched off, or never pulled."""

    def __init__(self) -> None:
        super().__init__(_("Nguồn này đang tắt hoặc không phải nguồn để lấy. Hãy bật nguồn trước."))


def run_source(
    source_id: int,
    *,
    kind: str = Kind.SCHEDULED,
    task_id: str | None = None,
    by: User | None = None,
    now: dt.datetime | None = None,
) -> SourceRun:
    """Read a source in this process and write what it brought; the ended run.

    `task_id` names the message that asked: the run that it led to is returned if it has ended,
    and repeated if it was killed. A failure is told by the run, not raised. Raises NotNowError
    where nothing was done, DataSource.DoesNotExist.
    """
    at = now or timezone.now()
    with locking.only_run_of(source_id) as mine:
        if not mine:
            raise SourceBusyError
        source = DataSource.objects.select_related("owner", "source").get(pk=source_id)
        _demand_on(source, kind)
        _bury(source, at)
        run = _of_message(task_id)
        if run is None or run.status == Status.WAITING:
            if kind == Kind.SCHEDULED and circuit.is_open(source, at):
                raise SourcePausedError
            run = _begun(source, run, kind=kind, task_id=task_id, by=by, at=at)
            perform(run, now)
        return run


def run_waiting(run_id: int, *, now: dt.datetime | None = None) -> SourceRun | None:
    """Do a run that was asked for; None where it is not waiting (any more).

    Raises SourceBusyError; the run goes on waiting and `watch` asks for it again. Raises
    SourceOffError where the source was switched off meanwhile; the run says so.
    """
    run = SourceRun.objects.filter(pk=run_id, status=Status.WAITING).first()
    if run is None:
        return None
    at = now or timezone.now()
    with locking.only_run_of(run.data_source_id) as mine:
        if not mine:
            raise SourceBusyError
        source = DataSource.objects.select_related("owner", "source").get(pk=run.data_source_id)
        _bury(source, at)
        waiting = SourceRun.objects.select_related("by").filter(pk=run_id, status=Status.WAITING)
        run = waiting.first()
        if run is None:
            return None
        if not source.enabled and run.kind != Kind.TRIAL:
            _give_up(run, at)
            raise SourceOffError
        run = _begun(source, run, kind=run.kind, task_id=run.task_id, by=run.by, at=at)
        perform(run, now)
    return run


def ask(source: DataSource, *, kind: str, by: User) -> SourceRun:
    """Have a worker run a source once the transaction is committed; the waiting run.

    `kind` is manual or trial; a trial also of a source that is off. Raises SourceBusyError where a
    run is waiting or going on, SourceOffError.
    """
    with acting(by=by), transaction.atomic():
        source = DataSource.objects.select_for_update(no_key=True).get(pk=source.pk)
        _demand_on(source, kind)
        open_ = source.runs.exclude(kind=Kind.PUSH)
        if open_.filter(status=Status.WAITING).exists() or locking.is_locked(source.pk):
            raise SourceBusyError
        run = SourceRun.objects.create(
            data_source=source,
            kind=kind,
            by=by,
            status=Status.WAITING,
            started_at=timezone.now(),
        )
        _send(run)
    return run


def watch(*, now: dt.datetime | None = None) -> list[SourceRun]:
    """Take up runs whose worker was killed and waiting runs whose message was lost.

    Returns the runs for which messages were sent. A killed trial is left to who wanted it; so is
    a source whose circuit has opened or that was switched off.
    """
    at = now or timezone.now()
    sent = []
    running = SourceRun.objects.filter(status=Status.RUNNING).exclude(kind=Kind.PUSH)
    for source_id in sorted(set(running.values_list("data_source_id", flat=True))):
        with locking.only_run_of(source_id) as mine, transaction.atomic():
            if not mine:
                continue
            source = DataSource.objects.select_related("owner").get(pk=source_id)
            for killed in _bury(source, at):
                if killed.kind != Kind.TRIAL and source.enabled and not circuit.is_open(source, at):
                    sent.append(_successor(killed, at))
    overdue = SourceRun.objects.filter(status=Status.WAITING, started_at__lt=at - PATIENCE)
    for run in overdue:
        # Two who watch at once do not both send it.
        still = SourceRun.objects.filter(pk=run.pk, started_at=run.started_at, status=run.status)
        if still.update(started_at=at):
            _send(run)
            sent.append(run)
    return sent


def _send(run: SourceRun) -> None:
    from targets.tasks import ask_to_pull

    ask_to_pull(run.pk)


def _demand_on(source: DataSource, kind: str) -> None:
    if source.adapter == DataSource.Adapter.PUSH:
        raise SourceOffError
    if not source.enabled and kind != Kind.TRIAL:
        # Where it was switched off past `scheduling`, the scheduler learns of it here.
        scheduling.sync(source)
        raise SourceOffError


def _give_up(run: SourceRun, at: dt.datetime) -> None:
    run.status, run.outcome, run.finished_at = Status.FAILED, Outcome.MISCONFIGURED, at
    run.detail = {"problems": [{"at": "enabled", "is": "off"}]}
    run.save(update_fields=["status", "outcome", "detail", "finished_at"])


def _bury(source: DataSource, at: dt.datetime) -> list[SourceRun]:
    """Say of runs that nobody works on that they were killed; the caller has the lock."""
    clear(source)
    dead = source.runs.filter(status=Status.RUNNING).exclude(kind=Kind.PUSH).order_by("pk")
    killed = []
    for run in dead:
        run.data_source = source
        with transaction.atomic():
            run.status, run.outcome, run.finished_at = Status.FAILED, Outcome.KILLED, at
            run.save(update_fields=["status", "outcome", "finished_at"])
            if run.kind != Kind.TRIAL:
                circuit.failed(run, now=at)
        log.warning("source_run_killed", source=source.slug, run=run.pk)
        killed.append(run)
    return killed


def _of_message(task_id: str | None) -> SourceRun | None:
    """The run that a message led to; None if it led to none, or to one that was killed."""
    if task_id is None:
        return None
    run = SourceRun.objects.filter(task_id=task_id).first()
    if run is not None and run.outcome == Outcome.KILLED:
        SourceRun.objects.filter(pk=run.pk).update(task_id=None)
        return None
    return run


def _successor(killed: SourceRun, at: dt.datetime) -> SourceRun:
    """A waiting run in place of a killed one, with its message."""
    SourceRun.objects.filter(pk=killed.pk).update(task_id=None)
    run = SourceRun.objects.create(
        data_source=killed.data_source,
        kind=killed.kind,
        by=killed.by,
        task_id=killed.task_id,
        status=Status.WAITING,
        started_at=at,
    )
    _send(run)
    return run


def _begun(
    source: DataSource,
    run: SourceRun | None,
    *,
    kind: str,
    task_id: str | None,
    by: User | None,
    at: dt.datetime,
) -> SourceRun:
    """The run as `running`, committed; the waiting one if there is one."""
    if run is None:
        run = SourceRun(kind=kind, task_id=task_id, by=by)
    run.data_source, run.status, run.started_at = source, Status.RUNNING, at
    run.fingerprint = fingerprint(source)
    run.save()
    return run
