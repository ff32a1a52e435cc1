"""`manage.py pull SLUG [--try]`: read a source now, here, and say what it brought."""

from __future__ import annotations

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from targets.models import DataSource, SourceRun
from targets.sources.runs import running


class Command(BaseCommand):
    help = "Read a source of values in this process; with --try, write nothing and show the rows."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug")
        parser.add_argument("--try", action="store_true", dest="trial")

    def handle(self, *, slug: str, trial: bool, **options: object) -> None:
        source = DataSource.objects.filter(slug=slug).first()
        if source is None:
            raise CommandError(_("Không có nguồn số liệu “%s”.") % slug)
        kind = SourceRun.Kind.TRIAL if trial else SourceRun.Kind.MANUAL
        try:
            run = running.run_source(source.pk, kind=kind)
        except running.NotNowError as reason:
            raise CommandError(str(reason)) from None
        for row in run.preview:
            self.stdout.write("\t".join(str(cell) for cell in row.values()))
        if run.status == SourceRun.Status.FAILED:
            raise CommandError(f"{run.get_outcome_display()}: {run.detail}")
        self.stdout.write(
            _(
                "%(status)s: đọc %(rows_read)s dòng; thêm %(added)s, sửa %(revised)s, "
                "giữ nguyên %(unchanged)s, chờ xem xét %(held)s, bỏ qua %(rejected)s."
            )
            % {"status": run.get_status_display(), **vars(run)}
        )
