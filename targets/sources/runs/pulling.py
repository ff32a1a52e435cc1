"""What one run does between its begin and its end: ask, read, map, write; and how it fails.

Everything that follows from the answers is written together with the end of the run's row, in one
transaction, or not at all. A trial does the same and takes it back.

A source that answered with the same bytes as last time, and whose fingerprint is the same, is not
read again (`unchanged`), unless rows were left out last time: why they were may have gone away.
"""

from __future__ import annotations

import datetime as dt
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final

import structlog
from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from pydantic import ValidationError

from targets.models import DataSource, SourceRun
from targets.sources.adapters.registry import adapter_of
from targets.sources.contract import SourceError, Table, mistakes_in
from targets.sources.network import bodies
from targets.sources.network.fetching import Fetcher
from targets.sources.reading.mapping import Mapper
from targets.sources.reading.quoting import quote
from targets.sources.runs import circuit
from targets.sources.runs.plain import plain
from targets.sources.taking import intake
from targets.sources.taking.rejecting import Rejections
from targets.trail import acting

log = structlog.get_logger(__name__)

Kind, Status, Outcome = SourceRun.Kind, SourceRun.Status, SourceRun.Outcome

_GOOD: Final = (Status.SUCCEEDED, Status.UNCHANGED)
_NUMBERS: Final = ("rows_read", "added", "revised", "unchanged", "held", "rejected")


class RunLostError(Exception):
    """Somebody declared the run dead while it was going on: its lock went with its connection."""


def perform(run: SourceRun, now: dt.datetime | None) -> None:
    """Everything between the begin and the end of a run, and its end."""
    source = run.data_source
    begun = time.monotonic()
    context = {"source": source.slug, "run": run.pk, "kind": run.kind}
    with (
        structlog.contextvars.bound_contextvars(**context),
        acting(by=run.by or (lambda: None), origin="worker", why=_why(source)),
    ):
        try:
            _pull(run, now)
        except SourceError as error:
            _fail(run, error.outcome, error.detail, now=now, retry_after=error.retry_after)
        except SoftTimeLimitExceeded:
            _fail(run, Outcome.TIMEOUT, {"seconds": round(time.monotonic() - begun)}, now=now)
        except Exception as error:
            log.exception("source_run_broke")
            _fail(run, Outcome.INTERNAL, {"error": type(error).__name__}, now=now)
        log.info(
            "source_run",
            status=run.status,
            outcome=run.outcome,
            seconds=round(time.monotonic() - begun, 3),
            bytes=run.bytes,
            read=run.rows_read,
            added=run.added,
            revised=run.revised,
            held=run.held,
            rejected=run.rejected,
        )


def _why(source: DataSource) -> str:
    return _("Lấy từ nguồn số liệu %(slug)s") % {"slug": source.slug}


def _pull(run: SourceRun, now: dt.datetime | None) -> None:
    source = run.data_source
    adapter = adapter_of(source.adapter)
    try:
        options = adapter.options.model_validate(source.options)
    except ValidationError as error:
        raise SourceError(Outcome.MISCONFIGURED, problems=mistakes_in(error)) from None
    with _folder(source) as folder, Fetcher(source, folder, accepts=adapter.accepts) as fetch:
        try:
            answers = adapter.collect(source.address, options, fetch)
        finally:
            # Also of a run that fails: what it cost.
            run.requests, run.retries = fetch.requests, fetch.retries
            run.bytes = fetch.bytes
        run.checksum = bodies.checksum(answers)
        read = partial(adapter.tables, source.address, options, answers)
        if run.kind == Kind.TRIAL:
            _try(run, read, now)
            return
        with transaction.atomic():
            if _same_as_last(run):
                run.status = Status.UNCHANGED
            else:
                _take_in(run, read(), now)
                run.status = Status.SUCCEEDED
            bodies.keep(run, fetch.received)
            _end(run, now)
            circuit.succeeded(source)


def _same_as_last(run: SourceRun) -> bool:
    last = (
        SourceRun.objects.filter(data_source=run.data_source, status__in=_GOOD)
        .exclude(kind=Kind.TRIAL)
        .order_by("-pk")
        .values_list("checksum", "fingerprint", "rejected")
        .first()
    )
    return last == (run.checksum, run.fingerprint, 0)


def _take_in(
    run: SourceRun,
    tables: Iterable[Table],
    now: dt.datetime | None,
) -> Rejections:
    """Map and write, in the caller's transaction; the run has its numbers afterwards."""
    mapper = Mapper(run.data_source)
    taken = intake.take_in(
        mapper.rows(tables),
        source=run.data_source,
        run=run,
        now=now or timezone.now(),
        rejected=mapper.rejections,
    )
    run.rows_read = mapper.read
    run.added, run.revised = taken.added, taken.revised
    run.unchanged, run.held = taken.unchanged, taken.held
    mapper.rejections.store(run)
    return mapper.rejections


def _try(run: SourceRun, read: Callable[[], Iterable[Table]], now: dt.datetime | None) -> None:
    """Do all of it, look at what would be there, and take it back; the run keeps the preview."""
    with transaction.atomic():
        rejections = _take_in(run, read(), now)
        preview = intake.preview()
        quote(preview, read(), run.data_source)
        run.preview = plain(preview)
        transaction.set_rollback(True)
    with transaction.atomic():
        rejections.store(run)
        run.status = Status.SUCCEEDED
        _end(run, now)


def _fail(
    run: SourceRun,
    outcome: SourceRun.Outcome,
    detail: dict[str, Any],
    *,
    now: dt.datetime | None,
    retry_after: float | None = None,
) -> None:
    """End the run with why it failed; whatever it had done was rolled back."""
    source = run.data_source
    _reconnect()
    run.status, run.outcome, run.detail = Status.FAILED, outcome, plain(detail)
    for name in _NUMBERS:
        setattr(run, name, 0)
    run.rejections, run.preview = {}, []
    source.refresh_from_db(fields=["failures", "paused_until", "silence_told_at"])
    with transaction.atomic():
        _end(run, now)
        if run.kind != Kind.TRIAL:
            circuit.failed(run, now=run.finished_at or timezone.now(), retry_after=retry_after)


def _reconnect() -> None:
    """A connection that broke under the run is of no use for its end."""
    if connection.connection and not connection.in_atomic_block and not connection.is_usable():
        connection.close()


def _end(run: SourceRun, now: dt.datetime | None) -> None:
    """Write the ended run, if it is still ours to end. Raises RunLostError."""
    run.finished_at = now or timezone.now()
    names = {
        field.attname
        for field in SourceRun._meta.concrete_fields
        if not field.primary_key and field.name not in ("data_source", "by", "task_id")
    }
    ours = SourceRun.objects.filter(pk=run.pk, status=Status.RUNNING)
    if not ours.update(**{name: getattr(run, name) for name in names}):
        raise RunLostError(f"run {run.pk} is not running any more")


def clear(source: DataSource) -> None:
    """Remove the answers that a killed run of the source left; the caller has its lock."""
    shutil.rmtree(_place(source), ignore_errors=True)


@contextmanager
def _folder(source: DataSource) -> Iterator[Path]:
    """An empty folder for the answers."""
    clear(source)
    _place(source).mkdir(parents=True, mode=0o700)
    try:
        yield _place(source)
    finally:
        clear(source)


def _place(source: DataSource) -> Path:
    folder: Path = settings.PULL_FOLDER
    return folder / str(connection.settings_dict["NAME"]) / str(source.pk)
