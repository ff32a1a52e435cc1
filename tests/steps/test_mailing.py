"""Letters over real SMTP: sent once, put off, given up; two workers, faults, killed workers."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator
from email.message import Message

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from targets import tasks
from targets.models import Mail
from targets.reporting import mailing
from targets.reporting.mailing import STUCK, WAITS, Sent, queue_letters, send_waiting
from tests.committed import transactional_db
from tests.factory import make
from tests.steps.mail_server import HOST, Server, free_port, mail_server, silent_server

__all__ = ["transactional_db"]


@pytest.fixture
def smtp(settings: Settings) -> Iterator[Server]:
    """The server to which letters of the test go."""
    with mail_server() as server:
        settings.EMAIL_BACKEND = "targets.reporting.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = HOST, server.port
        settings.EMAIL_TIMEOUT = 5
        settings.SITE_URL = "https://thuocdo.example"
        yield server


def letters(number: int = 1) -> list[Mail]:
    return [make(Mail, subject=f"Thư {i}", body=f"Nội dung {i}\n") for i in range(number)]


def later(minutes: float) -> dt.datetime:
    return timezone.now() + dt.timedelta(minutes=minutes)


def text_of(message: Message) -> str:
    payload = message.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload.decode()


@pytest.mark.django_db
def test_a_letter_arrives_once_with_an_identity_of_its_own(smtp: Server) -> None:
    (mail,) = letters()
    assert send_waiting() == Sent(sent=1)
    (message,) = smtp.arrived
    assert smtp.recipients == [mail.user.email]
    assert message["Subject"] == "Thư 0"
    assert message["Message-ID"] == mailing.message_id(mail.key)
    assert message["Message-ID"].endswith("@thuocdo.example>")
    assert message["Auto-Submitted"] == "auto-generated"
    assert text_of(message).replace("\r\n", "\n") == "Nội dung 0\n"
    mail.refresh_from_db()
    assert mail.sent_at is not None
    assert mail.attempts == 1
    assert send_waiting() == Sent()
    assert len(smtp.arrived) == 1


@pytest.mark.django_db
def test_the_same_key_is_one_letter_for_each_person() -> None:
    first, second = make(User), make(User)
    for _ in range(2):
        queue_letters({first.pk: ("a", "b"), second.pk: ("a", "b")}, key="report:1")
    assert set(Mail.objects.values_list("key", flat=True)) == {
        f"report:1:{first.pk}",
        f"report:1:{second.pk}",
    }


@pytest.mark.django_db
def test_a_subject_is_one_line(smtp: Server) -> None:
    queue_letters({make(User).pk: ("a\r\nBcc: x@y.vn", "b")}, key="k")
    send_waiting()
    assert smtp.arrived[0]["Subject"] == "a Bcc: x@y.vn"
    assert smtp.arrived[0]["Bcc"] is None


@pytest.mark.django_db
def test_a_server_that_is_not_there_puts_off_one_letter_and_leaves_the_rest(
    smtp: Server, settings: Settings
) -> None:
    letters(3)
    settings.EMAIL_PORT = free_port()
    assert send_waiting() == Sent(put_off=1)
    assert list(Mail.objects.order_by("pk").values_list("attempts", flat=True)) == [1, 0, 0]
    settings.EMAIL_PORT = smtp.port
    assert send_waiting() == Sent(sent=2)  # the first waits for its minute
    assert send_waiting(now=later(WAITS[0] + 0.1)) == Sent(sent=1)
    assert len(smtp.arrived) == 3


@pytest.mark.django_db
def test_a_server_that_never_speaks_is_given_up_on_after_the_time_limit(
    smtp: Server, settings: Settings
) -> None:
    letters()
    settings.EMAIL_TIMEOUT = 0.2
    with silent_server() as port:
        settings.EMAIL_PORT = port
        assert send_waiting() == Sent(put_off=1)
        (second,) = letters()
        assert send_waiting() == Sent(), "the server is left alone for a while"
        second.refresh_from_db()
        assert second.attempts == 0
        assert send_waiting(now=later(1.1)) == Sent(put_off=1)
    mail = Mail.objects.order_by("pk")[0]
    assert (mail.claimed_at, mail.sent_at, mail.failed_at) == (None, None, None)
    assert mail.error


@pytest.mark.django_db
@pytest.mark.parametrize("answer", ["drop", "hang", "451 try again later"])
def test_what_fails_before_the_text_goes_out_is_tried_again(
    smtp: Server, settings: Settings, answer: str
) -> None:
    letters()
    settings.EMAIL_TIMEOUT = 0.3
    smtp.answers["RCPT"] = answer
    assert send_waiting() == Sent(put_off=1)
    smtp.answers.clear()
    assert send_waiting(now=later(2)) == Sent(sent=1)
    assert len(smtp.arrived) == 1


@pytest.mark.django_db
@pytest.mark.parametrize("answer", ["drop", "hang"])
def test_a_letter_that_may_have_arrived_is_not_sent_twice(
    smtp: Server, settings: Settings, answer: str
) -> None:
    letters()
    settings.EMAIL_TIMEOUT = 0.3
    smtp.answers["DATA"] = answer
    assert send_waiting() == Sent(given_up=1)
    mail = Mail.objects.get()
    assert mail.failed_at is not None
    assert mail.handed_at is not None
    smtp.answers.clear()
    assert send_waiting(now=later(10_000)) == Sent()
    assert smtp.asked.count("DATA") == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("command", "answer", "outcome"),
    [
        ("RCPT", "550 no such person", Sent(given_up=1, sent=1)),
        ("DATA", "554 refused", Sent(given_up=1, sent=1)),
        ("DATA", "452 full", Sent(put_off=1, sent=1)),
    ],
)
def test_a_refusal_concerns_one_letter_and_the_next_one_goes_out(
    smtp: Server, command: str, answer: str, outcome: Sent
) -> None:
    letters(2)
    smtp.answers[command] = answer
    first = smtp.handle_RCPT

    async def only_once(*arguments: object) -> str:
        told = await first(*arguments)  # type: ignore[arg-type]
        if command == "RCPT" or "DATA" in smtp.asked:
            smtp.answers.clear()
        return told

    smtp.handle_RCPT = only_once  # type: ignore[method-assign, assignment]
    assert send_waiting() == outcome
    assert [m["Subject"] for m in smtp.arrived] == ["Thư 1"]


@pytest.mark.django_db
def test_attempts_are_bounded_and_ever_further_apart(smtp: Server, settings: Settings) -> None:
    (mail,) = letters()
    settings.EMAIL_PORT = free_port()
    now = later(0)
    for minutes in WAITS:
        assert send_waiting(now=now) == Sent(put_off=1)
        assert send_waiting(now=now) == Sent()
        mail.refresh_from_db()
        assert mail.not_before == now + dt.timedelta(minutes=minutes)
        now = mail.not_before
    assert send_waiting(now=now) == Sent(given_up=1)
    assert send_waiting(now=now + dt.timedelta(days=30)) == Sent()
    mail.refresh_from_db()
    assert mail.attempts == len(WAITS) + 1
    assert "ConnectionRefusedError" in mail.error


@pytest.mark.django_db
def test_a_killed_worker_s_letter_is_free_again_unless_the_server_may_have_it(
    smtp: Server,
) -> None:
    taken, handed, fresh = letters(3)
    long_ago = timezone.now() - STUCK - dt.timedelta(seconds=1)
    Mail.objects.filter(pk=taken.pk).update(claimed_at=long_ago, attempts=1)
    Mail.objects.filter(pk=handed.pk).update(claimed_at=long_ago, handed_at=long_ago, attempts=1)
    Mail.objects.filter(pk=fresh.pk).update(claimed_at=timezone.now(), attempts=1)
    assert send_waiting() == Sent(sent=1)
    assert [m["Subject"] for m in smtp.arrived] == ["Thư 0"]
    handed.refresh_from_db()
    assert handed.failed_at is not None
    fresh.refresh_from_db()
    assert (fresh.sent_at, fresh.failed_at) == (None, None)


@pytest.mark.django_db
def test_an_account_without_an_address_gets_no_letter(smtp: Server) -> None:
    (mail,) = letters()
    User.objects.update(email="")
    assert send_waiting() == Sent(given_up=1)
    mail.refresh_from_db()
    assert "no address" in mail.error
    assert smtp.asked == []


@pytest.mark.usefixtures("transactional_db")
def test_workers_at_once_send_every_letter_once(smtp: Server) -> None:
    letters(40)
    counted: list[int] = []
    start = threading.Barrier(4)

    def work() -> None:
        try:
            start.wait(10)
            counted.append(send_waiting().sent)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sum(counted) == 40
    assert sorted(str(m["Subject"]) for m in smtp.arrived) == sorted(f"Thư {i}" for i in range(40))


@pytest.mark.usefixtures("transactional_db")
def test_a_letter_leaves_with_the_commit_or_not_at_all(
    smtp: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = make(User)
    monkeypatch.setattr(tasks.send_mails, "delay", tasks.send_mails)
    with transaction.atomic():
        queue_letters({user.pk: ("a", "b")}, key="first")
        transaction.set_rollback(True)
    assert smtp.arrived == []
    with transaction.atomic():
        queue_letters({user.pk: ("a", "b")}, key="second")
        assert smtp.arrived == []
    assert len(smtp.arrived) == 1
    assert Mail.objects.get().sent_at is not None


@pytest.mark.django_db
def test_other_ways_of_sending_serve_too(
    mailoutbox: list[object], django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    letters(2)
    assert send_waiting() == Sent(sent=2)
    assert len(mailoutbox) == 2
