"""``manage.py update_translations``: bring the ``.po`` files in line with the code."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from dashboard.translations.catalogues import update


class Command(BaseCommand):
    """New texts get an empty entry, unused ones go, translations stay."""

    help = "Add entries for new texts to the .po files and drop those that nothing uses."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        """Update every app's file."""
        for line in update(settings.BASE_DIR):
            self.stdout.write(line)
