"""Who, from where and why: of requests, services, tasks, commands, and SQL typed by hand."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest
from celery import shared_task
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse
from pytest_django import Settings

from dashboard.middleware import TrailMiddleware, client_address
from targets.models import TrailEntry, Unit, ValidationRule
from targets.trail import acting
from tests.factory import make

pytestmark = pytest.mark.django_db


def told() -> tuple[int | None, str, str, str]:
    """Of the newest entry."""
    entry = TrailEntry.objects.latest("id")
    return entry.actor_id, entry.actor_name, entry.origin, entry.why


def test_what_is_inside_is_by_whom_it_says(person: User) -> None:
    with acting(by=person, why="vì thế", origin="web 10.0.0.7"):
        make(ValidationRule)
    assert told() == (person.pk, "Nguyễn Văn A", "web 10.0.0.7", "vì thế")


def test_what_is_left_out_stays_as_it_was_outside(person: User) -> None:
    other = make(User)
    with acting(by=person, why="ngoài", origin="web 10.0.0.7"):
        with acting(why="trong"):
            make(ValidationRule)
            assert told() == (person.pk, "Nguyễn Văn A", "web 10.0.0.7", "trong")
        with acting(by=other):
            make(ValidationRule)
            assert told() == (other.pk, other.username, "web 10.0.0.7", "ngoài")
        make(ValidationRule)
        assert told()[3] == "ngoài"


def test_nothing_of_it_stays_behind_in_the_same_transaction(person: User) -> None:
    with acting(by=person, why="vì thế", origin="web 10.0.0.7"):
        make(ValidationRule)
    make(ValidationRule)
    who, name, origin, why = told()
    assert (who, name, why) == (None, "", "")
    assert origin.startswith("sql ")


def test_a_savepoint_rolled_back_does_not_take_it_along(person: User) -> None:
    with acting(by=person), transaction.atomic():
        with transaction.atomic():
            make(ValidationRule)
            transaction.set_rollback(True)
        make(ValidationRule)
    assert told()[0] == person.pk


@pytest.mark.parametrize("why", ["100% '; DROP TABLE x; --", "\\", "a\0b", "%s %(x)s", "“đ”"])
def test_a_reason_is_a_text_whatever_it_holds(person: User, why: str) -> None:
    with acting(by=person, why=why):
        make(ValidationRule)
        rule = ValidationRule.objects.latest("pk")
        ValidationRule.objects.filter(pk=rule.pk).update(sentence_vi="100%")
    assert told()[3] == why.replace("\0", "")


def test_statements_of_every_form_tell(person: User) -> None:
    rule = make(ValidationRule)
    change = "UPDATE targets_validationrule SET bound = coalesce(bound, 0) + 1 WHERE id = {}"
    with acting(by=person), connection.cursor() as cursor:
        cursor.execute(change.format(rule.pk))
        assert cursor.rowcount == 1
        assert told()[0] == person.pk
        cursor.executemany(change.format("%s"), [(rule.pk,), (rule.pk,)])
        found = TrailEntry.objects.order_by("-id")[:2]
        assert [entry.actor_id for entry in found] == [person.pk] * 2
        cursor.execute(f"WITH x AS ({change.format('%(id)s')} RETURNING id) SELECT id FROM x",
                       {"id": rule.pk})  # fmt: skip
        assert cursor.fetchall() == [(rule.pk,)]
        assert told()[0] == person.pk
    assert TrailEntry.objects.filter(actor=person).count() == 4


def test_a_statement_stays_one_query(person: User, django_assert_num_queries: Any) -> None:
    with acting(by=person), django_assert_num_queries(1):
        make(Unit)


def test_threads_and_coroutines_each_have_their_own() -> None:
    seen: dict[str, str] = {}

    def look(name: str) -> None:
        from targets.trail.acting import current

        with acting(why=name):
            seen[name] = current().why

    async def wait(name: str) -> None:
        from targets.trail.acting import current

        with acting(why=name):
            await asyncio.sleep(0)
            seen[name] = current().why

    async def both() -> None:
        await asyncio.gather(wait("a"), wait("b"))

    with acting(why="outside"):
        threads = [threading.Thread(target=look, args=(name,)) for name in ("c", "d")]
        # In a thread of their own: a browser of another test may have left its loop in this one.
        threads.append(threading.Thread(target=lambda: asyncio.run(both())))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert seen == {name: name for name in "abcd"}


def test_a_request_acts_for_its_user_from_its_address(client: Client, person: User) -> None:
    person.set_password("thước-đo-2026")
    person.save()
    client.force_login(person)
    client.post(
        reverse("account_change_password"),
        {
            "oldpassword": "thước-đo-2026",
            "password1": "thước-đo-2027!",
            "password2": "thước-đo-2027!",
        },
        REMOTE_ADDR="10.0.0.7",
    )
    entry = TrailEntry.objects.filter(table_name="auth_user", action="update").latest("id")
    assert (entry.actor_id, entry.origin) == (person.pk, "web 10.0.0.7")
    assert entry.after == {"username": person.username, "password": "changed"}


def test_a_request_that_writes_nothing_asks_for_no_user() -> None:
    request = RequestFactory().get("/")

    def answer(given: HttpRequest) -> HttpResponse:
        return HttpResponse()

    assert TrailMiddleware(answer)(request).status_code == 200  # which has no user at all


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        (0, "1.2.3.4", "10.0.0.7"),
        (1, "", "10.0.0.7"),
        (1, "1.2.3.4", "1.2.3.4"),
        (1, "6.6.6.6, 1.2.3.4", "1.2.3.4"),
        (1, "2001:db8::1", "2001:db8::1"),
        (1, "<script>", "10.0.0.7"),
        (2, "1.2.3.4", "10.0.0.7"),
        (2, "6.6.6.6, 1.2.3.4, 9.9.9.9", "1.2.3.4"),
    ],
)
def test_only_a_known_proxy_says_where_a_request_comes_from(
    settings: Settings, proxies: int, forwarded: str, expected: str
) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    request = RequestFactory().get(
        "/", REMOTE_ADDR="10.0.0.7", headers={"X-Forwarded-For": forwarded} if forwarded else {}
    )
    assert client_address(request) == expected


@shared_task
def write() -> None:
    """Something to do."""
    make(ValidationRule)


def test_a_task_is_the_workers_even_where_somebody_asked_for_it(person: User) -> None:
    with acting(by=person, origin="web 10.0.0.7"):
        write.apply()
        assert told()[:3] == (None, "", "worker")
        make(ValidationRule)
        assert told()[0] == person.pk
