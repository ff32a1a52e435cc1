"""`manage.py load_catalogue [--dry-run] [PATH]`: make the database equal to the catalogue."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from targets.catalogue.loading import CatalogueError, load_catalogue
from targets.tasks import ask_for_verdicts


class Command(BaseCommand):
    help = "Check the catalogue files, show what would change, and apply it in one transaction."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", nargs="?", type=Path, default=settings.BASE_DIR / "fixtures")
        parser.add_argument("--dry-run", action="store_true", help="report, change nothing")

    def handle(self, *, path: Path, dry_run: bool, verbosity: int, **options: object) -> None:
        if not path.is_dir():
            raise CommandError(_("Không có thư mục danh mục %s.") % path)
        try:
            changes = load_catalogue(path, today=timezone.localdate(), dry_run=dry_run)
        except CatalogueError as error:
            lines = error.problems.lines()
            raise CommandError(
                "\n".join([*lines, _("%d lỗi; chưa thay đổi gì trong cơ sở dữ liệu.") % len(lines)])
            ) from error
        if not dry_run:
            ask_for_verdicts()
        if dry_run or verbosity > 1:
            for change in changes:
                self.stdout.write(str(change))
        counts = Counter(change.action for change in changes)
        summary = ", ".join(f"{count} {action}" for action, count in sorted(counts.items()))
        self.stdout.write(summary or _("Không có gì thay đổi."))
        if dry_run:
            self.stdout.write(_("Chạy thử: chưa ghi gì."))
