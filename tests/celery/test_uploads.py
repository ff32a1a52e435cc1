"""Uploads read by real workers, one of which is killed in the middle."""

from __future__ import annotations

from celery import Celery
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from targets.models import Indicator, Membership, Report, ReportItem, Unit, Upload
from targets.reporting import uploading
from tests.celery.workers import Site, eventually
from tests.committed import second_connection
from tests.factory import make
from tests.spreadsheets.files import Rows, xlsx

ROWS = 400


def handed_in() -> Upload:
    """A spreadsheet for a report of many rows, waiting to be read."""
    report = make(Report)
    user = make(User)
    make(Membership, user=user, organisation=report.organisation, role="reporter")
    unit = make(Unit, kind="percent", decimals=2)
    for number in range(ROWS):
        indicator = make(Indicator, code=f"c-{number}", unit=unit)
        make(ReportItem, report=report, indicator=indicator, subject=report.organisation)
    rows: Rows = [["Mã", "Giá trị"], *([f"c-{number}", number % 100] for number in range(ROWS))]
    return uploading.hand_in(report.pk, SimpleUploadedFile("a.xlsx", xlsx(rows)), by=user)


def state(upload: Upload) -> str:
    return Upload.objects.values_list("state", flat=True).get(pk=upload.pk)


def test_a_killed_worker_leaves_nothing_and_the_next_one_reads_it_whole(site: Site) -> None:
    upload = handed_in()
    # Whoever reads waits here, so that the worker dies in the middle for certain.
    with second_connection() as other, other.cursor() as cursor:
        cursor.execute("LOCK TABLE targets_uploadchange IN EXCLUSIVE MODE")
        first = site.worker()
        with Celery(broker=site.broker.url) as app:
            app.send_task("targets.tasks.read_upload", [upload.pk])
        eventually("a worker reads it", lambda: state(upload) == "reading")
        eventually("it waits to write", _somebody_waits)
        site.kill(first)
        other.rollback()
    assert not upload.changes.exists()
    site.worker()
    with Celery(broker=site.broker.url) as app:
        # What the scheduler sends.
        app.send_task("targets.tasks.read_uploads")
    eventually("another worker reads it", lambda: state(upload) == "ready")
    upload.refresh_from_db()
    assert upload.changes.count() == ROWS
    assert (upload.rows_read, upload.rows_total) == (ROWS, ROWS)
    assert upload.attempts >= 2


def _somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'relation'")
        (waiting,) = cursor.fetchone()
    return bool(waiting)
