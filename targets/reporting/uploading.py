"""A spreadsheet handed in for a report: kept, read by a worker, shown, then applied whole or not.

The request only keeps the bytes. A worker claims the upload and reads it; a killed worker leaves
nothing behind, and the next one begins anew. Nothing in the report changes before a person has
seen every change and applies them, and then through `entering` like any typed value.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import structlog
from django.contrib.auth.models import User
from django.core.files.uploadedfile import UploadedFile
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from targets.models import Report, StoredFile, Upload, UploadChange
from targets.models.files import MAX_BYTES
from targets.reporting import evidence, proposing
from targets.reporting.entering import (
    OPEN_STATES,
    Change,
    ConflictsError,
    Entered,
    Typed,
    enter_many,
)
from targets.reporting.headings import UnclearHeadingError
from targets.reporting.mark import ForgedMarkError
from targets.spreadsheets.model import RefusedError
from targets.spreadsheets.reading import read_spreadsheet
from targets.spreadsheets.refusals import sentence
from targets.trail import acting

log = structlog.get_logger(__name__)

EXTENSIONS: Final = ("xlsx", "xls", "ods", "csv", "tsv", "txt")
#: A worker that died this often over a file is not sent again.
MAX_ATTEMPTS: Final = 3
# The first key of our advisory locks on uploads.
_LOCK: Final = 5_711
_WAITING = (Upload.State.WAITING, Upload.State.READING)


class UploadRefusedError(Exception):
    """Nothing was done; the message is a sentence that says why and what to do."""


@dataclass(frozen=True, slots=True)
class Applied:
    """How many cells an applied upload changed."""

    changed: int


def hand_in(report_id: int, file: UploadedFile[bytes], *, by: User) -> Upload:
    """Keep a spreadsheet for a report and ask a worker to read it; an earlier one is dropped.

    Only name, size and state are looked at. Raises UploadRefusedError, Report.DoesNotExist.
    """
    name = evidence.clean_name(file.name or "")
    if evidence.extension_of(name) not in EXTENSIONS:
        raise UploadRefusedError(sentence("extension", {}))
    if (file.size or 0) > MAX_BYTES:
        raise UploadRefusedError(evidence.too_large())
    content = file.read()
    if not content:
        raise UploadRefusedError(sentence("empty", {}))
    with acting(by=by), transaction.atomic():
        report = Report.objects.select_for_update(no_key=True).get(pk=report_id)
        _demand_open(report)
        digest = hashlib.sha256(content).hexdigest()
        pending = Upload.objects.filter(report=report, by=by, state__in=_PENDING)
        # A click too many is the same upload, not a second one.
        same = pending.filter(file__sha256=digest, file__name=name, state__in=_WAITING).first()
        if same is not None:
            return same
        pending.update(state=Upload.State.DISCARDED, finished_at=timezone.now())
        stored = evidence.keep(content, name, "application/octet-stream", by=by)
        upload = Upload.objects.create(report=report, file=stored, by=by)
        _ask_worker(upload.pk)
    return upload


_PENDING = (*_WAITING, Upload.State.READY, Upload.State.REFUSED)


def read_upload(upload_id: int) -> bool:
    """Read an upload in this process; False where there is nothing to do or another worker does.

    May be called any number of times, at once, and after a worker was killed in the middle.
    """
    with _claimed(upload_id) as upload:
        if upload is None:
            return False
        with acting(by=upload.by, origin="worker"):
            _read(upload)
    return True


def unread_uploads() -> list[int]:
    """What nobody reads though somebody should: asked for again by the scheduler."""
    return list(
        Upload.objects.filter(state__in=_WAITING).order_by("pk").values_list("pk", flat=True)
    )


def pending_upload(report_id: int, *, by: User) -> Upload | None:
    """The upload of this person that is being read or waits to be applied (one query)."""
    waiting = (*_WAITING, Upload.State.READY)
    return Upload.objects.filter(report=report_id, by=by, state__in=waiting).first()


def decide(upload_id: int, *, by: User, decisions: Mapping[int, str]) -> None:
    """Keep which of two values a person chose, by the id of the change."""
    chosen = {pk: word for pk, word in decisions.items() if word in UploadChange.Decision.values}
    with acting(by=by), transaction.atomic():
        for word in UploadChange.Decision.values:
            UploadChange.objects.filter(
                upload=upload_id,
                upload__state=Upload.State.READY,
                conflict=True,
                pk__in=[pk for pk, one in chosen.items() if one == word],
            ).update(decision=word)


def apply_upload(upload_id: int, *, by: User) -> Applied:
    """Enter every change of an upload into the report, or none.

    Raises UploadRefusedError: unreadable cells, open conflicts, or changed cells meanwhile, which
    then stand as conflicts.
    """
    try:
        with transaction.atomic():
            return _apply(upload_id, by)
    except ConflictsError as clash:
        # Written after the transaction that was given up.
        proposing.note_conflicts(upload_id, clash.conflicts)
        raise UploadRefusedError(
            _("Có người vừa sửa số trong báo cáo. Hãy xem hai số và chọn, rồi áp dụng lại.")
        ) from None


def discard(upload_id: int, *, by: User) -> None:
    """Drop an upload that was not applied; twice is as good as once."""
    with acting(by=by):
        Upload.objects.filter(pk=upload_id, state__in=_PENDING).update(
            state=Upload.State.DISCARDED, finished_at=timezone.now()
        )


def _demand_open(report: Report) -> None:
    if report.state not in OPEN_STATES:
        raise UploadRefusedError(
            _("Báo cáo không còn mở để nhập nên không tải lên được. Hãy rút lại báo cáo trước.")
        )


def _ask_worker(upload_id: int) -> None:
    from targets.tasks import ask_to_read

    ask_to_read(upload_id)


@contextmanager
def _claimed(upload_id: int) -> Iterator[Upload | None]:
    """The upload for this worker alone, None if there is nothing to read.

    The lock belongs to the connection: that of a killed worker is free at once.
    """
    key = [_LOCK, upload_id % 2**31]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", key)
        (got,) = cursor.fetchone()
    if not got:
        yield None
        return
    try:
        upload = Upload.objects.select_related("report", "file", "by").filter(pk=upload_id).first()
        if upload is None or upload.state not in _WAITING:
            yield None
        elif upload.attempts >= MAX_ATTEMPTS:
            with acting(by=upload.by, origin="worker"):
                _refuse(upload, "worker", {})
            yield None
        else:
            upload.attempts += 1
            begun = Upload.objects.filter(pk=upload_id, state__in=_WAITING).update(
                state=Upload.State.READING, attempts=upload.attempts, rows_read=0, rows_total=0
            )
            yield upload if begun else None
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", key)


def _read(upload: Upload) -> None:
    extension = evidence.extension_of(upload.file.name)
    kind = "csv" if extension in {"tsv", "txt"} else extension
    try:
        book, cost = read_spreadsheet(bytes(upload.file.content), kind)
        found = proposing.propose(upload, book, progress=_progress(upload))
    except RefusedError as refusal:
        _refuse(upload, refusal.code, refusal.names)
    except ForgedMarkError:
        _refuse(upload, "forged", {})
    except proposing.OtherReportError as other:
        _refuse(upload, other.code, {})
    except UnclearHeadingError as unclear:
        _refuse(
            upload,
            "unclear_heading",
            {
                "sheet": unclear.sheet,
                "column": unclear.column,
                "titles": "”, “".join(unclear.titles),
            },
        )
    except proposing.NoHeadingError:
        _refuse(upload, "no_heading", {})
    else:
        with transaction.atomic():
            # Of a run that was killed after it wrote.
            UploadChange.objects.filter(upload=upload).delete()
            UploadChange.objects.bulk_create(found.changes, batch_size=500)
            Upload.objects.filter(pk=upload.pk, state=Upload.State.READING).update(
                state=Upload.State.READY,
                rows_read=found.rows,
                rows_total=found.rows,
                problems=found.problems,
                found=found.told,
                finished_at=timezone.now(),
            )
        log.info("upload_read", upload=upload.pk, rows=found.rows, peak_kib=cost.peak_kib)


def _progress(upload: Upload) -> Callable[[int, int], None]:
    """Tells how many rows are read, where other connections see it at once."""

    def tell(read: int, total: int) -> None:
        Upload.objects.filter(pk=upload.pk).update(rows_read=read, rows_total=total)

    return tell


def _refuse(upload: Upload, code: str, names: Mapping[str, Any]) -> None:
    Upload.objects.filter(pk=upload.pk, state__in=_WAITING).update(
        state=Upload.State.REFUSED,
        problems=[{"code": code, "names": dict(names), "place": ""}],
        finished_at=timezone.now(),
    )
    log.info("upload_refused", upload=upload.pk, code=code)


def _apply(upload_id: int, by: User) -> Applied:
    upload = (
        Upload.objects.select_for_update(of=("self",), no_key=True)
        .select_related("report")
        .get(pk=upload_id)
    )
    if upload.state == Upload.State.APPLIED:
        return Applied(int(upload.found.get("applied", 0)))  # the same click twice
    if upload.state != Upload.State.READY:
        raise UploadRefusedError(_("Tệp này không còn chờ áp dụng. Hãy tải lại trang."))
    changes = list(upload.changes.select_related(None))
    if any(one.problems for one in changes) or proposing.blocking_problems(upload.problems):
        raise UploadRefusedError(
            _("Còn ô không đọc được. Hãy sửa trong tệp rồi tải lên lại; chưa có gì được áp dụng.")
        )
    if any(one.conflict and not one.decision for one in changes):
        raise UploadRefusedError(_("Hãy chọn một trong hai số ở từng dòng có xung đột."))
    taken = [one for one in changes if one.decision != UploadChange.Decision.SKIP]
    name = StoredFile.objects.values_list("name", flat=True).get(pk=upload.file_id)
    outcomes: list[Entered] = []
    if taken:
        outcomes = enter_many(
            upload.report_id,
            by=by,
            changes=[Change(one.item_id, typed_of(one), one.item_version) for one in taken],
            why=_("Tải lên từ tệp %(name)s") % {"name": name},
        )
    changed = sum(outcome.changed for outcome in outcomes)
    upload.found = {**upload.found, "applied": changed}
    upload.state, upload.finished_at = Upload.State.APPLIED, timezone.now()
    with acting(by=by):
        upload.save(update_fields=["state", "finished_at", "found"])
    return Applied(changed)


def typed_of(change: UploadChange) -> Typed:
    """What a change would put into its cell."""
    return Typed(
        change.value, change.numerator, change.denominator, change.unavailable, change.note
    )
