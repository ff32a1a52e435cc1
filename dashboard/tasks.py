"""Celery tasks of the pages: figures and contents, built as soon as verdicts change."""

from __future__ import annotations

import datetime as dt

import structlog
from celery import shared_task
from django.core.cache import cache
from kombu.exceptions import OperationalError

from dashboard import figures, ready

log = structlog.get_logger(__name__)

# Seconds in which a figure that readers wait for is asked for only once.
_ASKED_LATELY = 5


@shared_task(soft_time_limit=240, time_limit=300)
def build_figures() -> None:
    """Draw what changed, and make the pages ready that most readers open."""
    drawn = figures.build_figures()
    pages = ready.make_ready()
    if drawn or pages:
        log.info("built", figures=drawn, pages=pages)


@shared_task(soft_time_limit=60, time_limit=90)
def build_past_figure(name: str, language: str, as_of: str) -> None:
    """Draw one figure as of a past day (YYYY-MM-DD)."""
    figures.build_past_figure(name, language, dt.date.fromisoformat(as_of))


@shared_task(soft_time_limit=60, time_limit=90)
def forget_past_figures() -> None:
    """Nightly: figures of past days are built again when somebody asks."""
    figures.forget_past_figures()


def ask_for_figures(**_signal: object) -> None:
    """Have a worker look after the figures; a broker that is down only delays it.

    The receiver of `verdicts_changed`.
    """
    _send(build_figures.name, ())


def ask_for_figure(name: str, language: str, as_of: dt.date | None) -> None:
    """The same for a figure that a reader waits for, at most once in a few seconds."""
    if not cache.add(f"figure-asked:{name}:{language}:{as_of}", 1, _ASKED_LATELY):
        return
    if as_of is None:
        ask_for_figures()
    else:
        _send(build_past_figure.name, (name, language, as_of.isoformat()))


def _send(task: str, arguments: tuple[str, ...]) -> None:
    from celery import current_app

    try:
        current_app.send_task(task, arguments)
    except OperationalError as error:
        log.warning("broker_unreachable", error=str(error))
