"""The scheduler with a heartbeat, so that a stuck one can be noticed."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django_celery_beat.schedulers import DatabaseScheduler


class Scheduler(DatabaseScheduler):  # type: ignore[misc]
    """django-celery-beat's scheduler that touches a file every time it has looked for work."""

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """Send what is due; seconds until the next look."""
        pause: float = super().tick(*args, **kwargs)
        settings.BEAT_HEARTBEAT.touch()
        return pause
