"""``manage.py check_translations``: whether every text of the interface has its English."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from dashboard.translations.catalogues import problems


class Command(BaseCommand):
    """Fail where a translation is missing, fuzzy, stale, or has other placeholders."""

    help = "Check that every text has an English translation, none fuzzy and none stale."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        """Name every problem; exit code 1 if there is one."""
        found = list(problems(settings.BASE_DIR))
        for problem in found:
            self.stderr.write(problem)
        if found:
            raise CommandError(f"{len(found)} problems in the translations")
        self.stdout.write("Translations are complete.")
