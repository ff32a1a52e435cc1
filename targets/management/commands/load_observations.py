"""`manage.py load_observations FILE...`: published values from CSV files."""

from __future__ import annotations

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils.translation import gettext as _

from targets.tasks import ask_for_verdicts
from targets.values.loading import ValuesError, load_observations


class Command(BaseCommand):
    help = "Load published values; all files or none, every mistake with its file and line."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="report, change nothing")

    def handle(self, *, files: list[Path], dry_run: bool, **options: object) -> None:
        lines: list[str] = []
        with transaction.atomic():
            for path in files:
                if not path.is_file():
                    lines.append(_("Không có tệp %s.") % path)
                    continue
                try:
                    loaded = load_observations(path)
                except ValuesError as error:
                    lines += error.problems.lines()
                    continue
                self.stdout.write(
                    _("%(file)s: đọc %(read)d, thêm %(added)d, sửa %(revised)d, giữ %(unchanged)d")
                    % {
                        "file": path.name,
                        "read": loaded.read,
                        "added": loaded.added,
                        "revised": loaded.revised,
                        "unchanged": loaded.unchanged,
                    }
                )
            if lines or dry_run:
                transaction.set_rollback(True)
            else:
                ask_for_verdicts()
        if lines:
            raise CommandError(
                "\n".join([*lines, _("%d lỗi; chưa thay đổi gì trong cơ sở dữ liệu.") % len(lines)])
            )
        if dry_run:
            self.stdout.write(_("Chạy thử: chưa ghi gì."))
