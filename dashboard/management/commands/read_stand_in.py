"""``manage.py read_stand_in ADDRESS``: a step of the demo, with the settings of its processes."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from dashboard.demo import sources


class Command(BaseCommand):
    """Make the demo's sources at a stand-in, and read those that never were."""

    help = "Make the sources of the demonstration, which read from a stand-in on this machine."

    def add_arguments(self, parser: CommandParser) -> None:
        """Where the stand-in listens."""
        parser.add_argument("address")

    def handle(self, *args: Any, **options: Any) -> None:
        """One line for each run."""
        if not settings.DEMO:
            raise CommandError("only a demo has a stand-in (THUOCDO_ENV=demo)")
        for line in sources.read_first(sources.make(sources.SOURCES, options["address"])):
            self.stdout.write(line)
