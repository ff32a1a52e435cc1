"""What people are told of silent sources and of values that wait, how often, and by what."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import User

from targets.models import DataSource, HeldValue, Mail, Notice, SourceRun, SystemRole
from targets.reporting.notices import path, sentence
from targets.reporting.reminders import send_digests
from targets.sources.runs import circuit, scheduling, silence
from tests.factory import make

pytestmark = pytest.mark.django_db
VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
NOW = dt.datetime(2026, 11, 23, 9, 30, tzinfo=VIETNAM)
DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def coordinator() -> User:
    user = make(User, email="dieu.phoi@example.vn")
    make(SystemRole, user=user, role="coordinator")
    return user


def silent_source() -> DataSource:
    source = make(DataSource, enabled=True, schedule="0 6 * * *", name_vi="Ngân hàng")
    scheduling.sync(source, NOW - 10 * DAY)
    return source


def test_a_silent_source_is_told_of_once_until_it_spoke_again(coordinator: User) -> None:
    source = silent_source()
    assert silence.tell_of_silence(NOW) == 1
    assert silence.tell_of_silence(NOW + DAY) == 0
    notice = Notice.objects.get()
    assert (notice.user, notice.kind) == (coordinator, "source-silent")
    assert "“Ngân hàng” không có lượt lấy thành công" in sentence(notice)
    assert path(notice) == f"/nguon-so-lieu/{source.slug}/"
    source.refresh_from_db()
    circuit.succeeded(source)
    make(SourceRun, data_source=source, status="succeeded", started_at=NOW + DAY)
    assert silence.tell_of_silence(NOW + DAY) == 0
    assert silence.tell_of_silence(NOW + 4 * DAY) == 1
    assert Notice.objects.count() == 2


def test_an_administrator_who_coordinates_is_told_once(coordinator: User) -> None:
    make(SystemRole, user=coordinator, role="administrator")
    make(SystemRole, user=make(User), role="auditor")
    silent_source()
    silence.tell_of_silence(NOW)
    assert Notice.objects.get().user == coordinator


def test_values_that_wait_are_told_of_once_a_day(coordinator: User) -> None:
    make(SystemRole, user=make(User), role="administrator")
    one, other = (make(SourceRun, status="succeeded") for _ in range(2))
    for run in (one, one, other):
        make(HeldValue, run=run, held_at=NOW)
    make(
        HeldValue, run=one, state="refused", decided_at=NOW, decided_by=coordinator,
        decision_note="sai",
    )  # fmt: skip
    early = NOW.replace(hour=7, minute=29)
    assert [silence.tell_of_held(at) for at in (early, NOW, NOW)] == [False, True, False]
    notice = Notice.objects.get()
    assert (notice.user, notice.params) == (coordinator, {"count": 3, "sources": 2})
    assert sentence(notice).startswith("3 giá trị từ 2 nguồn")
    assert path(notice) == "/nguon-so-lieu/cho-xem-xet/"
    # The day after only if something came since.
    Notice.objects.update(created_at=NOW + dt.timedelta(hours=2))
    assert not silence.tell_of_held(NOW + DAY)
    make(HeldValue, run=other, held_at=NOW + DAY / 2)
    assert silence.tell_of_held(NOW + DAY)
    assert Notice.objects.filter(params__count=4).count() == 1


def test_nothing_is_told_where_nothing_waits() -> None:
    assert not silence.tell_of_held(NOW)
    assert silence.tell_of_silence(NOW) == 0
    assert not Notice.objects.exists()


def test_it_all_is_in_the_letter_of_the_day(coordinator: User) -> None:
    silent_source()
    make(HeldValue)
    silence.tell_of_silence(NOW)
    silence.tell_of_held(NOW)
    assert not Mail.objects.exists()
    assert send_digests(NOW.date()) == 1
    letter = Mail.objects.get()
    assert letter.user == coordinator
    assert "Ngân hàng" in letter.body
    assert "/nguon-so-lieu/cho-xem-xet/" in letter.body
