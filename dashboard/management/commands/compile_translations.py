"""``manage.py compile_translations``: the ``.mo`` files that Django reads, from ``.po`` files."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from dashboard.translations.catalogues import compile_all


class Command(BaseCommand):
    """Compile what has changed."""

    help = "Compile the translations that have changed since they were last compiled."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        """Compile and name the files written."""
        for path in compile_all(settings.BASE_DIR):
            self.stdout.write(f"{path.relative_to(settings.BASE_DIR)}")
