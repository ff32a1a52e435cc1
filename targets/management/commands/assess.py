"""`manage.py assess FILE.csv [--as-of DATE]`: the verdicts on the series of a file, as CSV."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from targets.assessment import Method, assess
from targets.assessment_files import COLUMNS_IN, AssessFileError, read_series, write_verdicts

_SHOWN = 100


class Command(BaseCommand):
    help = (
        "Judge the series of a CSV file by the method of this version and print one verdict each. "
        f"Columns: {','.join(COLUMNS_IN)}. Needs no database."
    )
    requires_system_checks = ()
    #: For `manage.py`: no database, no broker.
    needs_services = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", metavar="FILE.csv", type=Path)
        parser.add_argument(
            "--as-of", metavar="DATE", help="the day of the verdict, YYYY-MM-DD; else today"
        )

    def handle(self, *, path: Path, as_of: str | None, **options: object) -> None:
        today = _day(as_of) if as_of else timezone.localdate()
        try:
            targets, values = read_series(path)
        except OSError as error:
            raise CommandError(
                _("Không đọc được tệp %(path)s: %(error)s")
                % {"path": path, "error": error.strerror}
            ) from error
        except AssessFileError as error:
            lines = error.problems.lines()
            left = len(lines) - _SHOWN
            more = [_("và %d lỗi khác") % left] if left > 0 else []
            raise CommandError("\n".join([*lines[:_SHOWN], *more])) from error
        result = assess(targets, values, today=today, method=Method("default"))
        self.stdout.write(write_verdicts(result), ending="")


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise CommandError(
            _("--as-of: «%s» không phải là ngày; viết dạng 2025-12-31") % text
        ) from None
