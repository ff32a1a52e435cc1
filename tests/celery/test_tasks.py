"""The tasks themselves, called as a worker calls them, and what they tell."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from celery import current_app
from django.conf import settings
from django.db import transaction
from kombu.exceptions import OperationalError
from pytest_django import DjangoCaptureOnCommitCallbacks

from targets import tasks
from targets.models import Assessment, Indicator, PendingAssessment
from targets.signals import verdicts_changed
from tests.celery.world import country, demand
from tests.factory import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def told() -> Iterator[list[str]]:
    """One entry for every time that changed verdicts were told of."""
    heard: list[str] = []

    def hear(**_signal: object) -> None:
        heard.append("changed")

    verdicts_changed.connect(hear, weak=False, dispatch_uid="test")
    yield heard
    verdicts_changed.disconnect(dispatch_uid="test")


def test_pending_verdicts_are_made_and_told_once(told: list[str]) -> None:
    country()
    demand(make(Indicator))
    tasks.assess_pending()
    assert Assessment.objects.count() == 1
    assert not PendingAssessment.objects.exists()
    assert told == ["changed"]
    tasks.assess_pending()
    assert told == ["changed"]


def test_a_verdict_that_stays_the_same_is_not_told(told: list[str]) -> None:
    country()
    target = demand(make(Indicator))
    tasks.assess_pending()
    told.clear()
    make(PendingAssessment, target=target, organisation=Assessment.objects.get().organisation)
    tasks.assess_pending()
    assert told == []


def test_the_nightly_pass_asks_for_every_verdict_after_its_commit(
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    country()
    demand(make(Indicator))
    PendingAssessment.objects.all().delete()
    sent: list[str] = []
    monkeypatch.setattr(tasks.assess_pending, "delay", lambda: sent.append("asked"))
    with django_capture_on_commit_callbacks(execute=True):
        tasks.assess_everything()
        assert sent == []
    assert sent == ["asked"]
    assert PendingAssessment.objects.count() == 1


def test_one_question_for_verdicts_waits_at_a_time(
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    sent: list[str] = []
    monkeypatch.setattr(tasks.assess_pending, "delay", lambda: sent.append("asked"))

    def ask() -> int:
        with django_capture_on_commit_callbacks(execute=True):
            tasks.ask_for_verdicts()
        return len(sent)

    assert [ask(), ask()] == [1, 1]
    tasks.assess_pending()  # has taken it
    assert [ask(), ask()] == [2, 2]


def test_a_broker_that_is_down_does_not_spoil_the_write(
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    def refuse() -> None:
        raise OperationalError("down")

    monkeypatch.setattr(tasks.assess_pending, "delay", refuse)
    with django_capture_on_commit_callbacks(execute=True) as callbacks, transaction.atomic():
        country()
        tasks.ask_for_verdicts()
    assert len(callbacks) == 1


def test_every_scheduled_task_exists_and_has_time_limits() -> None:
    current_app.loader.import_default_modules()
    visible_again = settings.CELERY_BROKER_TRANSPORT_OPTIONS["visibility_timeout"]
    assert isinstance(visible_again, int)
    for entry in settings.CELERY_BEAT_SCHEDULE.values():
        task = current_app.tasks[str(entry["task"])]
        assert task.soft_time_limit is not None
        assert task.time_limit is not None
        assert task.soft_time_limit < task.time_limit < visible_again
