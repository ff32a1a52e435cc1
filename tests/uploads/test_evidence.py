"""Evidence files: what is taken in, who may have them, and how they are handed out."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from dashboard.uploads import MAX_BODY, BodyLimitMiddleware
from targets.models import Evidence, Membership, Organisation, Report, ReportItem, StoredFile, Unit
from targets.models.files import MAX_BYTES
from targets.reporting import evidence
from targets.reporting.evidence import FileRefusedError, clean_name
from tests.factory import make
from tests.spreadsheets.files import ods, repacked, xlsx
from tests.uploads.conftest import add_items, member

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\nstartxref\n0\n%%EOF\n"
PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00"
    b"\x1f\x15\xc4\x89"
)
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xd9"
EML = b"From: a@example.vn\r\nTo: b@example.vn\r\nSubject: so lieu\r\n\r\nXin gui.\r\n"
ROWS = [["a", 1]]


def package(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, data in parts.items():
            made.writestr(name, data)
    return out.getvalue()


DOCX = package(
    {
        "[Content_Types].xml": b'<Types><Override PartName="/word/document.xml" ContentType='
        b'"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/>'
        b"</Types>",
        "word/document.xml": b"<w:document/>",
        "word/embeddings/chart.xlsx": xlsx(ROWS),
    }
)
ODT = package({"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": b"<a/>"})


@pytest.fixture
def item(report: Report, percent: Unit) -> ReportItem:
    return add_items(report, percent, [("a", "Chỉ tiêu a")])[0]


def put(item: ReportItem, by: User, name: str, content: bytes) -> Evidence:
    return evidence.add_evidence(item.pk, SimpleUploadedFile(name, content), by=by)


@pytest.mark.parametrize(
    ("name", "content", "content_type"),
    [
        ("a.pdf", PDF, "application/pdf"),
        ("a.PNG", PNG, "image/png"),
        ("a.jpeg", JPEG, "image/jpeg"),
        ("a.docx", DOCX, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (
            "a.xlsx",
            xlsx(ROWS),
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ),
        ("a.ods", ods(ROWS), "application/vnd.oasis.opendocument.spreadsheet"),
        ("a.odt", ODT, "application/vnd.oasis.opendocument.text"),
        ("a.csv", "Mã;Giá trị\na;1\n".encode(), "text/csv; charset=utf-8"),
        ("thư.eml", EML, "message/rfc822"),
    ],
)
def test_files_that_are_what_they_say_are_kept_whole(
    item: ReportItem, reporter: User, name: str, content: bytes, content_type: str
) -> None:
    stored = put(item, reporter, name, content).file
    stored.refresh_from_db()
    assert (stored.name, stored.content_type) == (name, content_type)
    assert (bytes(stored.content), stored.size) == (content, len(content))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.exe", b"MZ"),
        ("a.html", b"<script>alert(1)</script>"),
        ("a.svg", b"<svg/>"),
        ("khong-duoi", PDF),
        ("a.pdf", b""),
        ("a.pdf", b"<html><script>alert(1)</script>"),
        ("a.pdf", PNG),
        ("a.png", PDF),
        ("a.png", b"<svg onload=alert(1)>"),
        ("a.jpg", PNG),
        ("a.csv", b"<html><script>alert(1)</script>"),
        ("a.csv", b"\xef\xbb\xbf  <script>"),
        ("a.csv", b"MZ\x00\x01\x02\xff"),
        ("a.eml", b"<html>"),
        ("a.eml", b"just text"),
        ("a.docx", xlsx(ROWS)),
        ("a.xlsx", DOCX),
        ("a.xlsx", b"PK\x03\x04 cut short"),
        ("a.xlsx", repacked(xlsx(ROWS), {"xl/vbaProject.bin": b"macros"})),
        ("a.xlsx", repacked(xlsx(ROWS), {"../../evil.xml": b"<a/>"})),
        ("a.ods", ODT),
        ("a.odt", repacked(ODT, {"Basic/Standard/a.xml": b"<a/>"})),
    ],
)
def test_files_that_are_not_are_refused_with_a_sentence(
    item: ReportItem, reporter: User, name: str, content: bytes
) -> None:
    with pytest.raises(FileRefusedError) as refusal:
        put(item, reporter, name, content)
    assert str(refusal.value).endswith(".")
    assert not StoredFile.objects.exists()


def test_a_file_beyond_the_limit_is_refused(item: ReportItem, reporter: User) -> None:
    with pytest.raises(FileRefusedError, match="20 MB"):
        put(item, reporter, "a.pdf", PDF + b" " * MAX_BYTES)


def test_the_same_file_twice_and_too_many_files_are_refused(
    item: ReportItem, reporter: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = put(item, reporter, "a.pdf", PDF)
    with pytest.raises(FileRefusedError, match="đã có"):
        put(item, reporter, "b.pdf", PDF)
    evidence.remove_evidence(first.pk, by=reporter)
    put(item, reporter, "b.pdf", PDF)
    monkeypatch.setattr(evidence, "MAX_FILES", 1)
    with pytest.raises(FileRefusedError, match="tối đa 1"):
        put(item, reporter, "c.png", PNG)


def test_a_file_taken_away_stays_on_record(item: ReportItem, reporter: User) -> None:
    given = put(item, reporter, "a.pdf", PDF)
    evidence.remove_evidence(given.pk, by=reporter)
    again = evidence.remove_evidence(given.pk, by=reporter)
    assert again.removed_by == reporter
    assert StoredFile.objects.filter(pk=given.file_id).exists()
    assert evidence.evidence_of(item) == []


def test_nothing_changes_once_the_report_is_sent(item: ReportItem, reporter: User) -> None:
    given = put(item, reporter, "a.pdf", PDF)
    sent = make(Report, state="submitted")
    ReportItem.objects.filter(pk=item.pk).update(report=sent)
    with pytest.raises(FileRefusedError, match="không còn mở"):
        put(item, reporter, "b.png", PNG)
    with pytest.raises(FileRefusedError, match="không còn mở"):
        evidence.remove_evidence(given.pk, by=reporter)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\Users\\a\\báo cáo.pdf", "báo cáo.pdf"),
        ("a\r\nSet-Cookie: x=1.pdf", "aSet-Cookie_ x=1.pdf"),
        ("\u202efdp.exe", "fdp.exe"),
        ('a"b;c.pdf', "a_b;c.pdf"),
        ("..", "tep"),
        ("x" * 300 + ".pdf", "x" * 146 + ".pdf"),
        ("ba\u0301o.pdf", "báo.pdf"),
    ],
)
def test_a_name_is_only_a_name(given: str, kept: str) -> None:
    assert clean_name(given) == kept


def test_a_file_is_handed_out_to_be_saved_and_nothing_else(
    item: ReportItem, reporter: User, sign_in: Callable[[User], Client]
) -> None:
    given = put(item, reporter, "Báo cáo “năm”.pdf", PDF)
    answer = sign_in(reporter).get(reverse("evidence", args=[given.pk]))
    assert answer.content == PDF
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"].startswith("attachment; filename*=utf-8''B%C3%A1o")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert answer["Cache-Control"] == "private, no-store"


def test_only_who_may_see_the_report_gets_a_file(
    item: ReportItem, reporter: User, client: Client, elsewhere: Organisation
) -> None:
    given = put(item, reporter, "a.pdf", PDF)
    address = reverse("evidence", args=[given.pk])
    assert client.get(address).status_code == 302
    stranger = make(User)
    make(Membership, user=stranger, organisation=elsewhere, role="reporter")
    client.force_login(stranger)
    assert client.get(address).status_code == 404
    client.force_login(member(item.report, "viewer"))
    assert client.get(address).status_code == 200
    assert client.post(reverse("evidence-remove", args=[given.pk])).status_code == 403
    evidence.remove_evidence(given.pk, by=reporter)
    assert client.get(address).status_code == 404


def test_files_are_added_and_taken_away_on_the_page(
    item: ReportItem, reporter: User, sign_in: Callable[[User], Client]
) -> None:
    client = sign_in(reporter)
    add = reverse("evidence-add", args=[item.report_id, item.pk])
    files = [SimpleUploadedFile("a.pdf", PDF), SimpleUploadedFile("b.exe", b"MZ")]
    answer = client.post(add, {"file": files}, headers={"HX-Request": "true"})
    page = answer.content.decode()
    assert "a.pdf" in page
    assert "“b.exe”: chỉ nhận tệp" in page
    given = Evidence.objects.get()
    answer = client.post(reverse("evidence-remove", args=[given.pk]))
    assert answer["Location"].endswith(f"#o-{item.pk}")
    answer = client.post(add, {}, headers={"HX-Request": "true"})
    assert "Hãy chọn một tệp" in answer.content.decode()


def test_a_file_too_large_is_let_go_while_it_comes_in(
    item: ReportItem, reporter: User, sign_in: Callable[[User], Client]
) -> None:
    answer = sign_in(reporter).post(
        reverse("evidence-add", args=[item.report_id, item.pk]),
        {"file": SimpleUploadedFile("a.pdf", PDF + b" " * MAX_BYTES)},
        headers={"HX-Request": "true"},
    )
    assert "lớn hơn 20 MB" in answer.content.decode()
    assert not StoredFile.objects.exists()


@pytest.mark.parametrize("claim", [str(2 * 1024**3), str(MAX_BODY + 1), "-1", "many"])
def test_a_request_that_claims_too_much_is_refused_before_it_is_read(
    db: None, rf: RequestFactory, claim: str
) -> None:
    class Unread(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise AssertionError("the body was read")

    request = rf.post("/bao-cao/1/tai-len/", headers={"Content-Length": claim})
    request.META["CONTENT_LENGTH"] = claim
    request.META["wsgi.input"] = Unread()

    def page(_request: object) -> None:
        raise AssertionError("the page was asked")

    answer = BodyLimitMiddleware(page)(request)  # type: ignore[arg-type]
    assert isinstance(answer, HttpResponse)
    assert answer.status_code == 413
    assert "20 MB" in answer.content.decode()
    assert answer["Connection"] == "close"
