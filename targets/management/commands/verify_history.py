"""`manage.py verify_history [--head HASH]`: whether somebody rewrote the trail or what it tells."""

from __future__ import annotations

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from targets.trail.verifying import verify


class Command(BaseCommand):
    help = "Recompute the chain of the trail and compare the tables with what it last said."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--head", default="", help="the last hash of an earlier run, kept outside the database"
        )

    def handle(self, *, head: str, **options: object) -> None:
        verdict = verify(head)
        if verdict.problems:
            raise CommandError("\n".join(verdict.problems))
        self.stdout.write(_("%d mục nhật ký, không mục nào bị sửa.") % verdict.links)
        self.stdout.write(_("Đầu chuỗi: %s") % verdict.head)
