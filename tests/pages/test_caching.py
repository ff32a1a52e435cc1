"""Contents are kept for exactly what they depend on, and never for the wrong reader."""

from __future__ import annotations

import datetime as dt
import re

import pytest
import time_machine
from django.contrib.auth.models import User
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client

from dashboard.caching import register_on, state_of_data
from dashboard.models import StoredPage
from dashboard.ready import make_ready
from targets.models import Assessment, Pillar, Target
from targets.register import Register
from tests.catalogue_database import TODAY

pytestmark = pytest.mark.usefixtures("catalogue_db")


def get(client: Client, path: str = "/") -> str:
    return client.get(path).content.decode()


def test_a_change_of_the_data_shows_at_once(client: Client) -> None:
    assert "Kinh tế số mới" not in get(client)
    Pillar.objects.filter(slug="kinh-te-so").update(short_vi="Kinh tế số mới")
    assert "Kinh tế số mới" in get(client)


def test_a_new_verdict_shows_at_once(client: Client) -> None:
    key = Target.objects.binding().filter(assessments__status="no_data").first()
    assert key is not None
    get(client)
    old = Assessment.objects.standing_on(TODAY).get(target=key, organisation__code="VN")
    Assessment.objects.filter(pk=old.pk).update(superseded_at=dt.datetime.now(dt.UTC))
    old.pk, old.superseded_at, old.status = None, None, "missed"
    old.save(force_insert=True)
    assert f'<a href="/muc-tieu/{key.key}/" title="Không đạt' in get(client)


def test_the_two_languages_are_kept_apart(client: Client) -> None:
    get(client)
    client.cookies["django_language"] = "en"
    english = get(client)
    assert '<html lang="en"' in english
    assert "Digital economy" in english or "Economy" in english
    del client.cookies["django_language"]
    assert '<html lang="vi"' in get(client)


def test_the_next_day_is_drawn_anew(client: Client) -> None:
    assert "22/11/2026" in get(client)
    with time_machine.travel("2026-11-23T02:00:00Z"):
        assert "Theo số liệu đã biết đến 23/11/2026" in get(client)


def test_nothing_of_a_signed_in_reader_is_kept_for_others(client: Client) -> None:
    client.force_login(User.objects.create_user("nguyen.thi.a"))
    assert "nguyen.thi.a" in get(client)
    stranger = get(Client())
    assert "nguyen.thi.a" not in stranger
    assert "Đăng nhập" in stranger


def test_each_reader_has_a_token_of_their_own() -> None:
    tokens = {
        re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', get(Client()))[0] for _ in range(2)
    }
    assert len(tokens) == 2


def test_what_a_stranger_puts_into_the_address_is_not_kept_for_others(client: Client) -> None:
    get(client, "/?foo=%22%3E%3Cb%3Ezzz9")
    assert "zzz9" not in get(client)


def test_a_failed_page_is_not_kept(client: Client) -> None:
    assert client.get("/tru-cot/moi/").status_code == 404
    pillar = Target.objects.first()
    assert pillar is not None
    Pillar.objects.filter(pk=pillar.pillar_id).update(slug="moi")
    assert client.get("/tru-cot/moi/").status_code == 200


def test_prepared_pages_are_sent_from_the_database_when_the_cache_is_empty(client: Client) -> None:
    assert make_ready() == 14
    assert make_ready() == 0
    cache.clear()
    StoredPage.objects.filter(path="/", language="vi").update(content="<p>đã chuẩn bị</p>")
    assert "<p>đã chuẩn bị</p>" in get(client)
    assert "<p>đã chuẩn bị</p>" not in get(client, "/?drafts=1")


def test_prepared_pages_of_an_earlier_state_are_not_sent(client: Client) -> None:
    make_ready()
    StoredPage.objects.update(content="<p>cũ</p>")
    cache.clear()
    Pillar.objects.filter(slug="kinh-te-so").update(position=9)
    assert "<p>cũ</p>" not in get(client)
    assert make_ready() == 13  # the Overview in Vietnamese was made by that request
    assert StoredPage.objects.count() == 14


def test_the_register_is_read_once_for_a_state_of_the_data() -> None:
    first = register_on(TODAY)
    assert register_on(TODAY) is first
    assert register_on(dt.date(2025, 6, 30)) is not first
    Pillar.objects.filter(slug="kinh-te-so").update(position=8)
    again = register_on(TODAY)
    assert again is not first
    assert isinstance(again, Register)


def test_few_registers_stay_in_memory() -> None:
    first = register_on(TODAY)
    for days in range(1, 8):
        register_on(TODAY - dt.timedelta(days=days))
    assert register_on(TODAY) is not first


def test_two_states_of_one_number_are_told_apart() -> None:
    def bump() -> None:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE targets_dataversion SET number = number + 1")

    before = state_of_data()
    with transaction.atomic():
        bump()
        rolled_back = state_of_data()
        transaction.set_rollback(True)
    assert state_of_data() == before
    with transaction.atomic():
        bump()
        assert state_of_data()[1] == rolled_back[1]
        assert state_of_data() != rolled_back
