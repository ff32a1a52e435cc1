"""Files made to harm: each is refused with a sentence, and the child stays within its bounds."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable

import openpyxl
import pytest
import xlwt

from targets.child_process import Cost
from targets.spreadsheets import limits, reading
from targets.spreadsheets.model import RefusedError
from targets.spreadsheets.reading import read_spreadsheet
from targets.spreadsheets.refusals import sentence_of
from tests.spreadsheets.files import Rows, deflated_zeros, ods, part, repacked, saved, xls, xlsx

ROWS: Rows = [["Mã", "Giá trị"], ["a", 1]]
SHEET = "xl/worksheets/sheet1.xml"
# An honest small file costs the child about 17 MB; a bomb may cost at most this.
PEAK_KIB = 100 * 1024


@pytest.fixture
def costs(monkeypatch: pytest.MonkeyPatch) -> list[Cost]:
    """What the children of this test cost."""
    seen: list[Cost] = []
    ask = reading._ask_child

    def asked(content: bytes, extension: str) -> tuple[dict[str, object], Cost]:
        answer, cost = ask(content, extension)
        seen.append(cost)
        return answer, cost

    monkeypatch.setattr(reading, "_ask_child", asked)
    return seen


def sheet_with(body: str, *, head: str = "") -> bytes:
    """A workbook whose only sheet holds this."""
    text = (
        f'<?xml version="1.0" encoding="UTF-8"?>{head}'
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f"<sheetData>{body}</sheetData></worksheet>"
    )
    return repacked(xlsx(ROWS), {SHEET: text.encode()})


def zip_bomb() -> bytes:
    """100 kB that unpack to 100 MB of spaces and to more in a second part."""
    return repacked(xlsx(ROWS), {SHEET: b" " * (99 * 1024 * 1024)})


def ratio_bomb() -> bytes:
    return repacked(xlsx(ROWS), {"xl/media/image1.png": bytes(20 * 1024 * 1024)})


def many_members() -> bytes:
    return repacked(xlsx(ROWS), {f"xl/media/{i}.png": b"" for i in range(limits.MAX_MEMBERS + 1)})


def external_entity() -> bytes:
    head = '<!DOCTYPE worksheet [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    return sheet_with('<row r="1"><c r="A1" t="inlineStr"><is><t>&x;</t></is></c></row>', head=head)


def billion_laughs() -> bytes:
    laughs = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 30))
    head = f'<!DOCTYPE worksheet [<!ENTITY l0 "ha">{laughs}]>'
    return sheet_with('<row r="1"><c r="A1"><v>&l29;</v></c></row>', head=head)


def hidden_doctype() -> bytes:
    """The same in UTF-16, where no search for the letters finds it."""
    text = '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE a SYSTEM "http://127.0.0.1/"><a/>'
    return repacked(xlsx(ROWS), {"docProps/app.xml": text.encode("utf-16")})


def doctype_in_ods() -> bytes:
    content = part(ods(ROWS), "content.xml")
    where = content.index(b"?>") + 2
    bad = content[:where] + b'<!DOCTYPE x [<!ENTITY y "z">]>' + content[where:]
    return repacked(ods(ROWS), {"content.xml": bad})


def million_rows() -> bytes:
    return sheet_with("".join(f'<row r="{i}"/>' for i in range(1, 1_000_001)))


def far_cell() -> bytes:
    far = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    return sheet_with(f'<row r="1"><c r="A1"><v>1</v></c></row>{far}')


def wide_rows() -> bytes:
    cells = "".join(f'<row r="{i}"><c r="A{i}"><v>1</v></c></row>' for i in range(1, 19_000))
    return sheet_with(f'<row r="1"><c r="IV1"><v>1</v></c></row>{cells}')


def repeated_rows() -> bytes:
    """One row of an ods that says it stands there a million times."""
    content = part(ods(ROWS), "content.xml")
    bad = content.replace(
        b"<table:table-row", b'<table:table-row table:number-rows-repeated="1000000"'
    )
    return repacked(ods(ROWS), {"content.xml": bad})


def repeated_columns() -> bytes:
    content = part(ods(ROWS), "content.xml")
    bad = content.replace(
        b"<table:table-cell", b'<table:table-cell table:number-columns-repeated="16384"'
    )
    return repacked(ods(ROWS), {"content.xml": bad})


def claimed_two_gigabytes() -> bytes:
    """The directory says that a part has 2 GB."""
    content = bytearray(xlsx(ROWS))
    where = content.index(b"PK\x01\x02")
    content[where + 24 : where + 28] = struct.pack("<I", 2**31 - 1)
    return bytes(content)


def hidden_bomb() -> bytes:
    """The directory says that a part has 10 bytes; 300 MB come out."""
    packed = deflated_zeros(300)
    content = bytearray(repacked(xlsx(ROWS), {"xl/media/image1.png": b""}))
    with zipfile.ZipFile(io.BytesIO(bytes(content))) as package:
        others = {name: package.read(name) for name in package.namelist()}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for other, data in others.items():
            if other != "xl/media/image1.png":
                new.writestr(other, data)
        start = out.tell()
        name = b"xl/media/image1.png"
        local = struct.pack(
            "<4sHHHHHIIIHH", b"PK\x03\x04", 20, 0, 8, 0, 33, 0, len(packed), 10, len(name), 0
        )
        out.write(local + name + packed)
        info = zipfile.ZipInfo("xl/media/image1.png")
        info.compress_type = zipfile.ZIP_DEFLATED
        info.header_offset, info.compress_size, info.file_size = start, len(packed), 10
        info.CRC = 0
        new.filelist.append(info)
        new.NameToInfo[info.filename] = info
        new.start_dir = out.tell()
        new._didModify = True  # type: ignore[attr-defined]
    return out.getvalue()


def overlapping_parts() -> bytes:
    """Two names for the same bytes."""
    content = bytearray(repacked(xlsx(ROWS), {"xl/media/a.png": b"x", "xl/media/b.png": b"x"}))
    directory = [i for i in range(len(content)) if content[i : i + 4] == b"PK\x01\x02"]
    content[directory[-1] + 42 : directory[-1] + 46] = content[
        directory[-2] + 42 : directory[-2] + 46
    ]
    return bytes(content)


def macro_file() -> bytes:
    return repacked(xlsx(ROWS), {"xl/vbaProject.bin": b"\xcc\x61"})


def macro_by_content_type() -> bytes:
    types = part(xlsx(ROWS), "[Content_Types].xml").replace(
        b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
        b"application/vnd.ms-excel.sheet.macroEnabled.main+xml",
    )
    return repacked(xlsx(ROWS), {"[Content_Types].xml": types})


def excel4_macro() -> bytes:
    return repacked(xlsx(ROWS), {"xl/macrosheets/sheet1.xml": b"<macrosheet/>"})


def macro_in_ods() -> bytes:
    return repacked(ods(ROWS), {"Basic/Standard/Module1.xml": b"<module/>"})


def macro_in_xls() -> bytes:
    """The container names a project of macros."""
    content = bytearray(xls(ROWS))
    where = content.index("Root Entry".encode("utf-16-le"))
    name = "_VBA_PROJECT_CUR".encode("utf-16-le")
    content[where : where + len(name)] = name
    content[where + 64 : where + 66] = struct.pack("<H", len(name) + 2)
    return bytes(content)


def external_link() -> bytes:
    return repacked(xlsx(ROWS), {"xl/externalLinks/externalLink1.xml": b"<externalLink/>"})


def external_relation() -> bytes:
    relations = part(xlsx(ROWS), "xl/_rels/workbook.xml.rels").replace(
        b"</Relationships>",
        b'<Relationship Id="x" Type="http://x/relationships/attachedTemplate" '
        b'Target="http://127.0.0.1/t.xlsx" TargetMode="External"/></Relationships>',
    )
    return repacked(xlsx(ROWS), {"xl/_rels/workbook.xml.rels": relations})


def dde_in_ods() -> bytes:
    content = part(ods(ROWS), "content.xml").replace(
        b"</office:spreadsheet>",
        b'<table:dde-links><table:dde-link><office:dde-source office:dde-application="cmd"/>'
        b"</table:dde-link></table:dde-links></office:spreadsheet>",
    )
    return repacked(ods(ROWS), {"content.xml": content})


def link_in_xls() -> bytes:
    book = xlwt.Workbook()
    page = book.add_sheet("a")
    page.write(0, 0, xlwt.Formula("SUM(1;2)"))
    content = saved(book)
    where = content.find(struct.pack("<HH", 0x01AE, 4))
    if where < 0:  # the record is there only with references between sheets
        other = xlwt.Workbook()
        other.add_sheet("b")
        other.add_sheet("a").write(0, 0, xlwt.Formula("b!A1"))
        content = saved(other)
        where = content.find(struct.pack("<HH", 0x01AE, 4))
    assert where > 0
    changed = bytearray(content)
    changed[where + 6 : where + 8] = struct.pack("<H", 5)
    return bytes(changed)


def embedded_file() -> bytes:
    return repacked(xlsx(ROWS), {"xl/embeddings/oleObject1.bin": b"\xd0\xcf"})


def nested_package() -> bytes:
    return repacked(xlsx(ROWS), {"xl/media/image1.png": xlsx(ROWS)})


def name_outside() -> bytes:
    return repacked(xlsx(ROWS), {"../../etc/cron.d/x.xml": b"<a/>"})


def absolute_name() -> bytes:
    return repacked(xlsx(ROWS), {"/etc/x.xml": b"<a/>"})


def windows_name() -> bytes:
    return repacked(xlsx(ROWS), {"C:/x.xml": b"<a/>"})


def strange_part() -> bytes:
    return repacked(xlsx(ROWS), {"xl/run.js": b"alert(1)"})


def many_sheets() -> bytes:
    book = openpyxl.Workbook()
    for _ in range(limits.MAX_SHEETS + 1):
        book.create_sheet()
    return saved(book)


def cut_short() -> bytes:
    return xlsx(ROWS)[:-200]


def bad_checksum() -> bytes:
    content = bytearray(xlsx(ROWS))
    where = content.index(b"PK\x01\x02")
    content[where + 16] ^= 0xFF
    return bytes(content)


def circular_xls() -> bytes:
    """A chain of sectors that never ends."""
    content = bytearray(xls(ROWS))
    first = struct.unpack_from("<I", content, 48)[0]
    table = 512 * (struct.unpack_from("<I", content, 76)[0] + 1)
    struct.pack_into("<I", content, table + 4 * first, first)
    return bytes(content)


HOSTILE: list[tuple[Callable[[], bytes], str, str]] = [
    (zip_bomb, "xlsx", "ratio"),
    (ratio_bomb, "xlsx", "ratio"),
    (many_members, "xlsx", "members"),
    (external_entity, "xlsx", "doctype"),
    (billion_laughs, "xlsx", "doctype"),
    (hidden_doctype, "xlsx", "doctype"),
    (doctype_in_ods, "ods", "doctype"),
    (million_rows, "xlsx", "rows"),
    (far_cell, "xlsx", "rows"),
    (wide_rows, "xlsx", "cells"),
    (repeated_rows, "ods", "rows"),
    (repeated_columns, "ods", "columns"),
    (claimed_two_gigabytes, "xlsx", "unpacked"),
    (hidden_bomb, "xlsx", "ratio"),
    (overlapping_parts, "xlsx", "broken"),
    (macro_file, "xlsx", "macros"),
    (macro_by_content_type, "xlsx", "macros"),
    (excel4_macro, "xlsx", "macros"),
    (macro_in_ods, "ods", "macros"),
    (macro_in_xls, "xls", "macros"),
    (external_link, "xlsx", "links"),
    (external_relation, "xlsx", "links"),
    (dde_in_ods, "ods", "links"),
    (link_in_xls, "xls", "links"),
    (embedded_file, "xlsx", "embedded"),
    (nested_package, "xlsx", "nested"),
    (name_outside, "xlsx", "path"),
    (absolute_name, "xlsx", "path"),
    (windows_name, "xlsx", "path"),
    (strange_part, "xlsx", "strange"),
    (many_sheets, "xlsx", "sheets"),
    (cut_short, "xlsx", "broken"),
    (bad_checksum, "xlsx", "broken"),
    (circular_xls, "xls", "broken"),
]


@pytest.mark.parametrize(
    ("make_file", "extension", "code"), HOSTILE, ids=[one[0].__name__ for one in HOSTILE]
)
def test_a_hostile_file_is_refused_with_a_sentence_and_bounded_memory(
    make_file: Callable[[], bytes], extension: str, code: str, costs: list[Cost]
) -> None:
    with pytest.raises(RefusedError) as refusal:
        read_spreadsheet(make_file(), extension)
    assert refusal.value.code == code
    assert sentence_of(refusal.value).endswith(".")
    assert costs[0].peak_kib < PEAK_KIB
    assert costs[0].cpu_seconds < 5


@pytest.mark.parametrize(
    ("content", "extension", "code"),
    [
        (b"%PDF-1.7\n", "csv", "kind"),
        (b"\x89PNG\r\n\x1a\n", "xls", "kind"),
        (b"MZ\x90\x00", "csv", "kind"),
        (xlsx(ROWS), "xls", "kind"),
        (xlsx(ROWS), "csv", "kind"),
        (xls(ROWS), "xlsx", "kind"),
        (ods(ROWS), "xlsx", "kind"),
        (b"a,b\n1,2\n", "xlsx", "kind"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "xls", "markup"),
        (b'\xef\xbb\xbf<?xml version="1.0"?><Workbook/>', "xls", "markup"),
        (repacked(xlsx(ROWS), {"xl/workbook.xml": None}), "xlsx", "not_a_workbook"),
        (b"", "csv", "empty"),
        (b"\0" * 100, "xlsx", "empty"),
        (b"a\0b\0\0\xd8", "csv", "encoding"),
        (bytes(range(128, 256)) * 20, "csv", "encoding"),
        (b"x" * (limits.MAX_BYTES + 1), "csv", "size"),
        (b"a\n" * (limits.MAX_ROWS + 1), "csv", "rows"),
        (b"a," * 300, "csv", "columns"),
        ((b"a," * 200 + b"\n") * 3000, "csv", "cells"),
        (b'"' + b"a" * 40_000, "csv", "broken"),
        ("Mã;Chỉ tiêu;Giá trị\na;Tỷ lệ hồ sơ\n".encode("cp1252", "replace"), "csv", "lossy"),
    ],
)
def test_a_file_that_is_not_what_its_name_says_is_refused(
    content: bytes, extension: str, code: str
) -> None:
    with pytest.raises(RefusedError) as refusal:
        read_spreadsheet(content, extension)
    assert refusal.value.code == code
    assert sentence_of(refusal.value)


def test_a_child_that_wants_too_much_memory_ends_alone(
    monkeypatch: pytest.MonkeyPatch, costs: list[Cost]
) -> None:
    """Whatever slips past the checks meets the bound of the process."""
    monkeypatch.setattr(reading, "_CHILD", "tests.spreadsheets.greedy")
    with pytest.raises(RefusedError) as refusal:
        read_spreadsheet(b"memory", "csv")
    assert refusal.value.code == "memory"
    assert costs[0].peak_kib < limits.MEMORY // 1024 + 64 * 1024


def test_a_child_that_never_ends_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_CHILD", "tests.spreadsheets.greedy")
    monkeypatch.setattr(limits, "WALL_SECONDS", 0.5)
    with pytest.raises(RefusedError) as refusal:
        read_spreadsheet(b"time", "csv")
    assert refusal.value.code == "time"
