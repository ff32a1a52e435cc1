"""Files that back a value: taken in only if they are what they claim, given out only to be saved.

What a file is, its extension says and its content must bear out; it is kept in the database, whole
with what it proves. Nobody's browser ever runs or shows one from here.
"""

from __future__ import annotations

import hashlib
import io
import re
import unicodedata
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import puremagic
from django.contrib.auth.models import User
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import HttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from targets.models import Evidence, Report, ReportItem, StoredFile
from targets.models.files import MAX_BYTES
from targets.reporting.entering import OPEN_STATES
from targets.spreadsheets import limits
from targets.spreadsheets.model import RefusedError
from targets.spreadsheets.packages import check_directory
from targets.spreadsheets.text import decode
from targets.trail import acting

#: Files that one cell may have.
MAX_FILES: Final = 20
_MAX_NAME: Final = 150
_OPEN_DOCUMENT: Final = "application/vnd.oasis.opendocument"
_OFFICE: Final = "application/vnd.openxmlformats-officedocument"
_MARKUP: Final = re.compile(rb"\s*(?:\xef\xbb\xbf)?\s*<", re.IGNORECASE)
_MAIL_HEADER: Final = re.compile(rb"[A-Za-z][A-Za-z0-9-]{1,60}:[ \t]")


class FileRefusedError(Exception):
    """A file that is not taken; the message is a sentence that says why and what to do."""


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of file: what it is served as, and whether some bytes are one."""

    content_type: str
    is_one: Callable[[bytes], bool]


def accept(upload: UploadedFile[bytes], *, by: User) -> StoredFile:
    """Keep a file; raises FileRefusedError if it is empty, too large or not what it says."""
    if (upload.size or 0) > MAX_BYTES:
        raise FileRefusedError(too_large())
    content = upload.read()
    name = clean_name(upload.name or "")
    kind = _KINDS.get(extension_of(name))
    if kind is None:
        raise FileRefusedError(
            _("“%(name)s”: chỉ nhận tệp %(kinds)s.") % {"name": name, "kinds": kinds()}
        )
    if not content:
        raise FileRefusedError(_("“%(name)s” là tệp trống.") % {"name": name})
    if not kind.is_one(content):
        raise FileRefusedError(
            _(
                "“%(name)s”: nội dung không đúng với đuôi tệp, hoặc tệp có macro hay bị hỏng. Hãy "
                "mở tệp, lưu lại đúng định dạng rồi tải lại."
            )
            % {"name": name}
        )
    return keep(content, name, kind.content_type, by=by)


def keep(content: bytes, name: str, content_type: str, *, by: User) -> StoredFile:
    """The bytes as a row; not looked at."""
    return StoredFile.objects.create(
        name=name,
        content_type=content_type,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        content=content,
        uploaded_by=by,
    )


def serve(stored: StoredFile) -> HttpResponse:
    """The file to be saved: never shown, guessed at, or run, and kept by no cache in between."""
    return HttpResponse(
        bytes(stored.content),
        headers={
            "Content-Type": stored.content_type,
            "Content-Disposition": content_disposition_header(True, clean_name(stored.name)),
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "X-Content-Type-Options": "nosniff",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Cache-Control": "private, no-store",
        },
    )


def add_evidence(item_id: int, upload: UploadedFile[bytes], *, by: User) -> Evidence:
    """Put a file beside a cell. Raises FileRefusedError, ReportItem.DoesNotExist."""
    with acting(by=by), transaction.atomic():
        item = _open_item(item_id)
        files = item.evidence.filter(removed_at=None)
        if files.count() >= MAX_FILES:
            raise FileRefusedError(
                _("Mỗi chỉ tiêu kèm được tối đa %(count)s tệp.") % {"count": MAX_FILES}
            )
        stored = accept(upload, by=by)
        if files.filter(file__sha256=stored.sha256).exists():
            raise FileRefusedError(_("“%(name)s” đã có ở đây rồi.") % {"name": stored.name})
        return Evidence.objects.create(item=item, file=stored)


def remove_evidence(evidence_id: int, *, by: User) -> Evidence:
    """Take a file away; it stays on record. Twice is as good as once."""
    with acting(by=by), transaction.atomic():
        evidence = Evidence.objects.select_for_update(no_key=True).get(pk=evidence_id)
        _open_item(evidence.item_id)
        if evidence.removed_at is None:
            evidence.removed_at, evidence.removed_by = timezone.now(), by
            evidence.save(update_fields=["removed_at", "removed_by"])
    return evidence


def evidence_of(item: ReportItem) -> list[Evidence]:
    """The files beside a cell, without their bytes (one query)."""
    rows = item.evidence.filter(removed_at=None).select_related("file").defer("file__content")
    return list(rows)


def clean_name(name: str) -> str:
    """The name without folders, control and direction signs; with its extension if cut short."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    kept = "".join(
        "_" if sign in '<>:"|?*' else sign
        for sign in last
        if not unicodedata.category(sign).startswith("C")
    )
    plain = " ".join(kept.split()).strip(". ") or "tep"
    if len(plain) <= _MAX_NAME:
        return plain
    extension = extension_of(plain)[:10]
    return f"{plain[: _MAX_NAME - len(extension) - 1]}.{extension}"


def extension_of(name: str) -> str:
    """Small letters behind the last dot."""
    return name.rpartition(".")[2].lower() if "." in name else ""


def kinds() -> str:
    """The extensions that are taken, for people."""
    return ", ".join(f".{extension}" for extension in _KINDS)


def too_large() -> str:
    """The sentence for a file beyond the limit."""
    return _("Tệp lớn hơn %(megabytes)s MB. Hãy giảm dung lượng rồi tải lại.") % {
        "megabytes": MAX_BYTES // 1024**2
    }


def _open_item(item_id: int) -> ReportItem:
    """The item, its report held in a state in which entries are taken."""
    item = ReportItem.objects.select_related("report").get(pk=item_id)
    report = Report.objects.select_for_update(no_key=True).get(pk=item.report_id)
    if report.state not in OPEN_STATES:
        raise FileRefusedError(
            _("Báo cáo không còn mở để nhập nên không đổi được tài liệu. Hãy tải lại trang.")
        )
    return item


def _is_pdf(content: bytes) -> bool:
    return content.startswith(b"%PDF-") and b"%%EOF" in content[-2048:] and _named(content, "pdf")


def _is_picture(content_type: str, start: bytes) -> Callable[[bytes], bool]:
    def is_one(content: bytes) -> bool:
        return content.startswith(start) and _named(content, content_type)

    return is_one


def _named(content: bytes, what: str) -> bool:
    """Whether the library of signatures says so, too."""
    try:
        return what in str(puremagic.from_string(content[:4096], mime=True))
    except puremagic.PureError:
        return False


def _is_office(main: str) -> Callable[[bytes], bool]:
    """A package of Microsoft's kind whose main part is of this type; no macros."""

    def is_one(content: bytes) -> bool:
        types = _part(content, "[Content_Types].xml")
        return (
            f"{_OFFICE}.{main}+xml".encode() in types
            and b"macroenabled" not in types.lower()
            and b"vbaproject" not in types.lower()
        )

    return is_one


def _is_open_document(kind: str) -> Callable[[bytes], bool]:
    def is_one(content: bytes) -> bool:
        return _part(content, "mimetype") == f"{_OPEN_DOCUMENT}.{kind}".encode()

    return is_one


def _part(content: bytes, name: str) -> bytes:
    """The beginning of one part of a package whose directory is sound; b"" if there is none."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            check_directory(package.infolist(), len(content), foreign=True)
            with package.open(name) as part:
                return part.read(limits.RATIO_COUNTS_FROM)
    except (zipfile.BadZipFile, KeyError, ValueError, NotImplementedError, EOFError, OSError):
        return b""
    except RefusedError:
        return b""


def _is_text(content: bytes) -> bool:
    if _MARKUP.match(content):
        return False
    try:
        decode(content)
    except RefusedError:
        return False
    return True


def _is_mail(content: bytes) -> bool:
    head = content[:4096]
    return b"\0" not in content and bool(_MAIL_HEADER.match(head)) and b"\nFrom:" in b"\n" + head


_JPEG = _Kind("image/jpeg", _is_picture("jpeg", b"\xff\xd8\xff"))
_KINDS: Final = {
    "pdf": _Kind("application/pdf", _is_pdf),
    "docx": _Kind(
        f"{_OFFICE}.wordprocessingml.document", _is_office("wordprocessingml.document.main")
    ),
    "xlsx": _Kind(f"{_OFFICE}.spreadsheetml.sheet", _is_office("spreadsheetml.sheet.main")),
    "odt": _Kind(f"{_OPEN_DOCUMENT}.text", _is_open_document("text")),
    "ods": _Kind(f"{_OPEN_DOCUMENT}.spreadsheet", _is_open_document("spreadsheet")),
    "png": _Kind("image/png", _is_picture("png", b"\x89PNG\r\n\x1a\n")),
    "jpg": _JPEG,
    "jpeg": _JPEG,
    "csv": _Kind("text/csv; charset=utf-8", _is_text),
    "eml": _Kind("message/rfc822", _is_mail),
}
