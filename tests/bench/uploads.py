"""What a worker does to make the preview of an upload of 5,000 rows, in seconds of work.

The work is the processor time of the worker and of the child that parses the file; the bare time is
one second, so the ratio is the seconds and the limit is five of them.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Iterator

from tests.bench.pages import _site
from tests.bench.timing import Timing

SECONDS = 5.0


def run() -> Iterator[Timing]:
    """One reading of each kind of spreadsheet; AssertionError where a row was lost."""
    with _site():
        from django.contrib.auth.models import User
        from django.core.files.uploadedfile import SimpleUploadedFile

        from targets.models import Membership, Report, Unit
        from targets.reporting import uploading
        from tests.factory import make
        from tests.spreadsheets.files import ods, xls, xlsx
        from tests.uploads.large import ROWS, owe_much, table

        report = make(Report)
        owe_much(report, make(Unit, code="percent-of-5000", symbol_vi="%", decimals=2))
        reporter = make(User)
        make(Membership, user=reporter, organisation=report.organisation)
        for write in (xlsx, xls, ods):
            file = SimpleUploadedFile(f"a.{write.__name__}", write(table()))
            upload = uploading.hand_in(report.pk, file, by=reporter)
            before = _work()
            assert uploading.read_upload(upload.pk)
            spent = _work() - before
            assert upload.changes.count() == ROWS
            yield Timing(f"Preview of 5,000 rows from .{write.__name__}", spent, 1.0, SECONDS)


def _work() -> float:
    child = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + child.ru_utime + child.ru_stime
