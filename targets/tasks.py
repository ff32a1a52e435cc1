"""Celery tasks: thin shells around the services, safe to run twice, at once, or never."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

import structlog
from celery import Task, shared_task
from django.core.cache import cache
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from targets import queue
from targets.assessing import assess_batch
from targets.reporting import reminders, uploading
from targets.reporting.cycles import open_due_cycles
from targets.reporting.mailing import send_waiting
from targets.signals import verdicts_changed
from targets.trail.verifying import verify

log = structlog.get_logger(__name__)


@shared_task(soft_time_limit=240, time_limit=300)
def assess_pending() -> None:
    """Empty the queue batch by batch, then tell that verdicts changed."""
    _may_be_asked_again()
    written = 0
    while (outcome := assess_batch()).claimed:
        written += outcome.written
        log.info("assessed", claimed=outcome.claimed, pairs=outcome.pairs, written=outcome.written)
    if written:
        verdicts_changed.send(sender=None)


@shared_task(soft_time_limit=240, time_limit=300)
def assess_everything() -> None:
    """The nightly full pass: a new day may have ended a due year."""
    with transaction.atomic():
        queue.enqueue_everything()
        ask_for_verdicts()


@shared_task(soft_time_limit=240, time_limit=300)
def send_mails() -> None:
    """Send the letters that wait in the outbox."""
    while (outcome := send_waiting()).sent:
        log.info("mails", sent=outcome.sent, put_off=outcome.put_off, given_up=outcome.given_up)


@shared_task(soft_time_limit=240, time_limit=300)
def open_cycles() -> None:
    """Open the reporting cycles of the day; running ones follow the catalogue."""
    for one in open_due_cycles(timezone.localdate()):
        log.info("cycle", cycle=str(one.cycle), new=one.new, items=one.filled.items)


@shared_task(soft_time_limit=100, time_limit=120)
def read_upload(upload_id: int) -> None:
    """Read one spreadsheet that was handed in."""
    uploading.read_upload(upload_id)


@shared_task(soft_time_limit=240, time_limit=300)
def read_uploads() -> None:
    """Read what nobody reads: its worker was killed, or the broker was down."""
    for upload_id in uploading.unread_uploads():
        uploading.read_upload(upload_id)


def ask_to_read(upload_id: int) -> None:
    """Have a worker read an upload once the running transaction is committed."""

    def send() -> None:
        try:
            read_upload.delay(upload_id)
        except OperationalError as error:
            log.warning("broker_unreachable", error=str(error))

    transaction.on_commit(send, robust=True)


@shared_task(soft_time_limit=540, time_limit=600)
def remind() -> None:
    """Tell people what is due or late: one digest a person a day."""
    done = reminders.remind(timezone.localdate())
    log.info("reminders", reports=done.reports, digests=done.digests)


def ask_for_verdicts() -> None:
    """Have a worker look at the queue once the running transaction is committed.

    Only a hint: the queue is in the database and the scheduler looks at it anyway, so a broker
    that is down delays the verdicts and loses none. One hint waits at a time: who commits before
    it is taken is seen by whoever takes it. So hundreds of pulls do not fill the queue.
    """
    transaction.on_commit(_send, robust=True)


#: In the cache while a hint is on its way; as long as it takes until the scheduler looks.
_ASKED: Final = "verdicts-asked"
_ASKED_SECONDS: Final = 10


def _send() -> None:
    try:
        if cache.add(_ASKED, 1, timeout=_ASKED_SECONDS):
            assess_pending.delay()
    except (OperationalError, RedisError) as error:
        log.warning("broker_unreachable", error=str(error))


def _may_be_asked_again() -> None:
    with suppress(RedisError):
        cache.delete(_ASKED)


@shared_task(soft_time_limit=800, time_limit=860)
def verify_history() -> None:
    """The nightly look at the trail. The head in the log is one to hold against a later chain."""
    verdict = verify()
    for problem in verdict.problems:
        log.error("history_rewritten", problem=problem)
    log.info("history_verified", links=verdict.links, head=verdict.head)


# Pulls have a queue of their own: slow sources keep no verdict waiting. What they need is imported
# by who runs them, not by every page that asks for verdicts.


@shared_task(bind=True, soft_time_limit=600, time_limit=660)
def pull_source(self: Task[..., None], source_id: int) -> None:
    """Read a source that is due."""
    from targets.sources.runs import running

    with _nothing_to_do_now(source=source_id):
        running.run_source(source_id, task_id=self.request.id)


@shared_task(soft_time_limit=600, time_limit=660)
def pull_asked(run_id: int) -> None:
    """Do a run that somebody asked for, or that was killed before."""
    from targets.sources.runs import running

    with _nothing_to_do_now(run=run_id):
        running.run_waiting(run_id)


@contextmanager
def _nothing_to_do_now(**about: int) -> Iterator[None]:
    """Busy, paused, off, or deleted meanwhile: the message has done its duty."""
    from targets.models import DataSource
    from targets.sources.runs.running import NotNowError

    try:
        yield
    except (NotNowError, DataSource.DoesNotExist) as reason:
        log.info("source_not_run", why=type(reason).__name__, **about)


@shared_task(soft_time_limit=100, time_limit=120)
def watch_sources() -> None:
    """Take up runs that nobody works on; tell of silent sources and of values that wait."""
    from targets.sources.runs import running, silence

    now = timezone.now()
    sent = running.watch(now=now)
    told = silence.tell_of_silence(now), silence.tell_of_held(now)
    if sent or any(told):
        log.info("sources", sent=[run.pk for run in sent], silent=told[0], held=told[1])


def ask_to_pull(run_id: int) -> None:
    """Have a worker do a waiting run once the running transaction is committed.

    A message that is lost is sent again by `watch_sources`.
    """

    def send() -> None:
        try:
            pull_asked.delay(run_id)
        except OperationalError as error:
            log.warning("broker_unreachable", error=str(error))

    transaction.on_commit(send, robust=True)
