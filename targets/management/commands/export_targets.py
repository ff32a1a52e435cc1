"""`manage.py export_targets [--format csv|json]`: the list of all targets, to the output."""

from __future__ import annotations

from django.core.management.base import BaseCommand, CommandParser

from targets.exporting import as_csv, as_json, exported_targets

_FORMATS = {"csv": as_csv, "json": as_json}


class Command(BaseCommand):
    help = "Print every target of the catalogue, the highest document first."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--format", choices=sorted(_FORMATS), default="csv")

    def handle(self, *, format: str, **options: object) -> None:
        self.stdout.write(_FORMATS[format](exported_targets()), ending="")
