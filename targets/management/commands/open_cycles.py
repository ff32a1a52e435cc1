"""``manage.py open_cycles``: open what should be open today, or one cycle by name."""

from __future__ import annotations

import datetime as dt
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from targets.catalogue.cells import parse_day
from targets.reporting.cycles import CycleError, Opened, open_due_cycles, open_period


class Command(BaseCommand):
    """The same as the scheduled task; safe to run at any time."""

    help = "Mở các kỳ báo cáo đến ngày mở, bổ sung báo cáo còn thiếu (an toàn khi chạy lại)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One day, or one cycle by the code of its duty and its name."""
        parser.add_argument("--today", help="as if it were this day, 2026-11-22")
        parser.add_argument("--duty", help="with --period: open this cycle, also a past one")
        parser.add_argument("--period", help="2026, 2026-H1, 2026-Q3 or 2026-07")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Print a line for every cycle that is new or changed."""
        today = self._day(options["today"])
        try:
            if options["duty"] or options["period"]:
                opened = [open_period(options["duty"] or "", options["period"] or "", today=today)]
            else:
                opened = open_due_cycles(today)
        except CycleError as error:
            raise CommandError(str(error)) from error
        for one in opened:
            self.stdout.write(_line(one))
        if not opened:
            self.stdout.write(_("Không có kỳ nào cần mở hay bổ sung."))

    def _day(self, written: str | None) -> dt.date:
        if written is None:
            return timezone.localdate()
        day = parse_day(written)
        if day is None:
            raise CommandError(_("«%s»: cần một ngày dạng 2025-03-01") % written)
        return day


def _line(one: Opened) -> str:
    return _(
        "%(what)s %(duty)s %(period)s, hạn %(due)s: thêm %(reports)d báo cáo, %(items)d giá trị; "
        "bỏ %(removed)d"
    ) % {
        "what": _("mở") if one.new else _("bổ sung"),
        "duty": one.cycle.duty.code,
        "period": one.cycle.period,
        "due": f"{one.cycle.due_on:%d/%m/%Y}",
        "reports": one.filled.reports,
        "items": one.filled.items,
        "removed": one.filled.removed,
    }
