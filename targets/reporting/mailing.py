"""The outbox: letters written with what they tell of, sent by a worker, each at most once.

A letter is a row of `Mail`, committed together with what it tells. A worker claims it by a
conditional UPDATE and sends it. What went wrong before the mail server had the text is tried again,
ever later; when the connection breaks while the server has the text, nobody knows whether it
arrives: such a letter is given up, because its reader also has the notice in the application.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import smtplib
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import structlog
from django.conf import settings
from django.contrib.auth.models import User
from django.core.cache import cache
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from kombu.exceptions import OperationalError

from targets.models import Mail
from targets.reporting.smtp import EmailBackend

log = structlog.get_logger(__name__)

#: Minutes from a failed attempt to the next one; after the last the letter is given up.
WAITS = (1, 5, 15, 60, 180, 360, 720, 1440)
#: A claim older than this belongs to a worker that was killed: sending takes seconds.
STUCK = dt.timedelta(minutes=15)
#: A mail server that could not be reached is left alone for so long: whoever hangs up on it would
#: keep a worker from other work.
PAUSE = dt.timedelta(minutes=1)
_BATCH = 100
_ERROR_LENGTH = 500


@dataclass(frozen=True, slots=True)
class Sent:
    """What one run did: letters sent, put off until later, given up."""

    sent: int = 0
    put_off: int = 0
    given_up: int = 0


class _UndeliverableError(Exception):
    """The letter will never go out as it is."""


def queue_letters(letters: Mapping[int, tuple[str, str]], *, key: str) -> None:
    """Put one letter (subject, body) for each user id into the outbox; sent after the commit.

    A letter of the same key to the same person is there already or was sent: nothing happens.
    """
    rows = [
        Mail(user_id=user, key=f"{key}:{user}", subject=" ".join(subject.split()), body=body)
        for user, (subject, body) in letters.items()
    ]
    if rows:
        Mail.objects.bulk_create(rows, ignore_conflicts=True)
        ask_for_mails()


def ask_for_mails() -> None:
    """Have a worker look at the outbox once the running transaction is committed.

    Only a hint: the scheduler looks at it anyway.
    """
    transaction.on_commit(_ask, robust=True)


def _ask() -> None:
    from targets.tasks import send_mails

    try:
        send_mails.delay()
    except OperationalError as error:
        log.warning("broker_unreachable", error=str(error))


def send_waiting(*, now: dt.datetime | None = None, limit: int = _BATCH) -> Sent:
    """Send up to `limit` letters that are due. Call it outside a transaction.

    Where the mail server cannot be reached, all that wait are left for a later run.
    """
    moment = now or timezone.now()
    if _paused(moment):
        return Sent()
    _free_stuck(moment)
    due = Mail.objects.filter(
        sent_at=None, failed_at=None, claimed_at=None, not_before__lte=moment
    ).order_by("pk")
    waiting = list(due.values_list("pk", flat=True)[:limit])
    counts = {"sent": 0, "put_off": 0, "given_up": 0}
    if not waiting:
        return Sent()
    connection: BaseEmailBackend = get_connection()
    try:
        for pk in waiting:
            if not _claim(pk, moment):
                continue
            try:
                connection.open()
            except (OSError, smtplib.SMTPException) as error:
                counts[_put_off(pk, moment, error)] += 1
                cache.set(_server(), moment.isoformat(), PAUSE.total_seconds())
                break
            counts[_send(connection, Mail.objects.select_related("user").get(pk=pk), moment)] += 1
    finally:
        _close(connection)
    return Sent(**counts)


def _server() -> str:
    return f"mail-server-away:{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"


def _paused(moment: dt.datetime) -> bool:
    """Whether the mail server could not be reached a moment ago."""
    since = cache.get(_server())
    return since is not None and moment < dt.datetime.fromisoformat(since) + PAUSE


def _claim(pk: int, moment: dt.datetime) -> bool:
    """Whether this call is the one that may send the letter."""
    return (
        Mail.objects.filter(
            pk=pk, sent_at=None, failed_at=None, claimed_at=None, not_before__lte=moment
        ).update(claimed_at=moment, attempts=F("attempts") + 1)
        == 1
    )


def _send(connection: BaseEmailBackend, letter: Mail, moment: dt.datetime) -> str:
    """Send a claimed letter and write down how that went: a word of `Sent`."""

    def handing_over() -> None:
        Mail.objects.filter(pk=letter.pk).update(handed_at=timezone.now())
        letter.handed_at = moment

    try:
        message = _message(letter)
        if isinstance(connection, EmailBackend):
            connection.deliver(message, handing_over)
        else:
            handing_over()
            connection.send_messages([message])
    except _UndeliverableError as error:
        return _give_up(letter.pk, moment, error)
    except (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused) as error:
        # The server said no: it has not taken the letter.
        _close(connection)
        if _for_good(error):
            return _give_up(letter.pk, moment, error)
        return _put_off(letter.pk, moment, error)
    except (OSError, smtplib.SMTPException) as error:
        _close(connection)
        if letter.handed_at is not None:
            return _give_up(letter.pk, moment, error)
        return _put_off(letter.pk, moment, error)
    Mail.objects.filter(pk=letter.pk).update(sent_at=timezone.now(), error="")
    return "sent"


def _message(letter: Mail) -> EmailMessage:
    user: User = letter.user
    if not user.email:
        raise _UndeliverableError("the account has no address")
    return EmailMessage(
        subject=letter.subject,
        body=letter.body,
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[user.email],
        headers={"Message-ID": message_id(letter.key), "Auto-Submitted": "auto-generated"},
    )


def message_id(key: str) -> str:
    """The Message-ID of the letter with this key: the same on every attempt."""
    host = urlsplit(settings.SITE_URL).hostname
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:40]}@{host}>"


def _for_good(error: smtplib.SMTPResponseException | smtplib.SMTPRecipientsRefused) -> bool:
    """Whether the refusal is about this letter and lasting; what concerns us may be mended."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _text in error.recipients.values())
    return isinstance(error, smtplib.SMTPDataError) and error.smtp_code >= 500


def _put_off(pk: int, moment: dt.datetime, error: Exception) -> str:
    attempts = Mail.objects.values_list("attempts", flat=True).get(pk=pk)
    if attempts > len(WAITS):
        return _give_up(pk, moment, error)
    Mail.objects.filter(pk=pk).update(
        claimed_at=None,
        handed_at=None,
        not_before=moment + dt.timedelta(minutes=WAITS[attempts - 1]),
        error=_words(error),
    )
    log.warning("mail_put_off", mail=pk, attempts=attempts, error=_words(error))
    return "put_off"


def _give_up(pk: int, moment: dt.datetime, error: Exception) -> str:
    Mail.objects.filter(pk=pk).update(failed_at=moment, error=_words(error))
    log.error("mail_given_up", mail=pk, error=_words(error))
    return "given_up"


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:_ERROR_LENGTH]


def _free_stuck(moment: dt.datetime) -> None:
    """What a killed worker had claimed: free again, unless the mail server may have it."""
    stuck = Mail.objects.filter(sent_at=None, failed_at=None, claimed_at__lt=moment - STUCK)
    given_up = stuck.filter(handed_at__isnull=False).update(
        failed_at=moment, error="the worker was lost while the mail server had the text"
    )
    freed = stuck.filter(handed_at=None).update(claimed_at=None)
    if given_up or freed:
        log.warning("mail_stuck", freed=freed, given_up=given_up)


def _close(connection: BaseEmailBackend) -> None:
    try:
        connection.close()
    except (OSError, smtplib.SMTPException) as error:
        log.info("mail_connection_closed_badly", error=str(error))
