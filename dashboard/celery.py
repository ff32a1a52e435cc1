"""The Celery application: ``celery -A dashboard.celery worker`` and ``beat``."""

import os
from contextlib import ExitStack

from celery import Celery
from celery.signals import task_postrun, task_prerun

from targets.trail import acting

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")

app = Celery("thuocdo")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

_running: dict[str, ExitStack] = {}


@task_prerun.connect
def _begin(task_id: str, **_signal: object) -> None:
    """What a task changes, nobody did: it comes from the worker."""
    stack = _running[task_id] = ExitStack()
    stack.enter_context(acting(by=lambda: None, origin="worker"))


@task_postrun.connect
def _end(task_id: str, **_signal: object) -> None:
    _running.pop(task_id, ExitStack()).close()
