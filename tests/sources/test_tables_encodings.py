"""Text files in every encoding that they come in, declared or found; streamed, never held."""

from __future__ import annotations

import codecs
import csv
import io
import tracemalloc
import unicodedata
from collections import deque
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from targets.sources.adapters.table_text import Encoding, as_wide_as, encoding_of, rows_of
from targets.sources.adapters.tables import TableOptions, Tables
from targets.sources.contract import Outcome, SourceError
from targets.spreadsheets import text as offices
from tests.sources.answers import body_of, named

VIETNAMESE = (
    "Mã;Tỉnh, thành phố;Tỷ lệ hồ sơ trực tuyến\n01;Thành phố Hà Nội;1.234,5\n"
    "48;Thành phố Đà Nẵng;98,5\n79;Thành phố Hồ Chí Minh;ước đạt một nửa\n"
)
_TCVN3 = {letter: sign for sign, letter in offices._TCVN3.items()}
_VNI_MARKS = {mark: sign for sign, mark in offices._VNI_MARKS.items()}
_VNI_ALONE = {letter: sign for sign, letter in offices._VNI_ALONE.items()}


def in_1258(text: str) -> bytes:
    """As Windows writes it: tones stand behind their letters."""
    out = []
    for letter in text:
        apart = unicodedata.normalize("NFD", letter)
        tone = [mark for mark in apart if mark in "\u0300\u0301\u0303\u0309\u0323"]
        plain = unicodedata.normalize("NFC", "".join(m for m in apart if m not in tone))
        out.append(plain + "".join(tone))
    return "".join(out).encode("cp1258")


def in_vni(text: str) -> bytes:
    """As VNI Windows writes it: a letter, and its marks as a second one."""
    out = []
    for letter in text:
        small = letter.lower()
        if small in _VNI_ALONE:
            written = _VNI_ALONE[small]
        else:
            apart = unicodedata.normalize("NFD", small)
            base, marks = apart[0], apart[1:]
            if marks and unicodedata.normalize("NFC", base + marks[0]) in _VNI_ALONE:
                base, marks = _VNI_ALONE[unicodedata.normalize("NFC", base + marks[0])], marks[1:]
            # Marks above come before those below in Unicode's order, not in VNI's.
            marks = "".join(
                sorted(marks, key=lambda mark: mark in "\u0300\u0301\u0303\u0309\u0323")
            )
            written = base + (_VNI_MARKS[marks] if marks else "")
        out.append(written.upper() if letter.isupper() else written)
    return "".join(out).encode("cp1252")


def written(text: str, encoding: str) -> bytes:
    match encoding:
        case "windows-1258":
            return in_1258(text)
        case "vni":
            return in_vni(text)
        case "tcvn3":
            return text.translate(_TCVN3).encode("latin-1")
        case "windows-1252":
            return text.encode("cp1252")
        case _:
            return text.encode(encoding)


def cells(tmp_path: Path, content: bytes, **options: str | int) -> list[list[str]]:
    path = tmp_path / "file"
    path.write_bytes(content)
    return list(rows_of(lambda: path.open("rb"), **options).cut)  # type: ignore[arg-type]


WANTED = [line.split(";") for line in VIETNAMESE.splitlines()]


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "windows-1258", "vni"],
)
def test_vietnamese_is_read_without_being_told_its_encoding(tmp_path: Path, encoding: str) -> None:
    assert cells(tmp_path, written(VIETNAMESE, encoding)) == WANTED


def test_tcvn3_is_told_by_its_words(tmp_path: Path) -> None:
    # Its capitals are small letters in another font.
    assert cells(tmp_path, written(VIETNAMESE, "tcvn3")) == WANTED


def test_marks_of_unicode_leave_nothing_in_the_first_name(tmp_path: Path) -> None:
    for content in (
        codecs.BOM_UTF8 + b"a,b\n",
        codecs.BOM_UTF16_LE + "a,b\n".encode("utf-16-le"),
        codecs.BOM_UTF16_BE + "a,b\n".encode("utf-16-be"),
    ):
        assert cells(tmp_path, content) == [["a", "b"]]
    declared = codecs.BOM_UTF16_LE + "a,b\n".encode("utf-16-le")
    assert cells(tmp_path, declared, encoding="utf-16-le") == [["a", "b"]]


@pytest.mark.parametrize("charset", ["", "utf-8", "iso-8859-1"])
def test_western_letters_are_windows_1252_whatever_the_server_says(
    tmp_path: Path, charset: str
) -> None:
    names = ["Côte d'Ivoire", "Türkiye", "São Tomé and Príncipe", "Curaçao", "Nauru – “x”"]
    content = ("country\n" + "".join(f"{name}\n" for name in names)).encode("cp1252")
    assert cells(tmp_path, content, charset=charset, delimiter=",")[1:] == [[n] for n in names]


def test_bytes_that_windows_1252_does_not_have_are_latin_1(tmp_path: Path) -> None:
    assert cells(tmp_path, "é,\x81\n".encode("latin-1")) == [["é", "\x81"]]


def test_letters_far_into_the_file_count(tmp_path: Path) -> None:
    content = b"a,b\n" * 50_000 + in_1258("Thành phố Hồ Chí Minh,1\n")
    assert cells(tmp_path, content)[-1] == ["Thành phố Hồ Chí Minh", "1"]


def test_a_declared_encoding_that_is_not_the_file_s_fails(tmp_path: Path) -> None:
    for content in (b"a,\xe9\n", b"a,b\n" * 100_000 + b"a,\xe9\n"):
        with pytest.raises(SourceError) as caught:
            cells(tmp_path, content, encoding="utf-8")
        assert caught.value.outcome == Outcome.UNREADABLE
        assert caught.value.detail == {"reason": "encoding", "encoding": "utf-8"}


def test_text_whose_letters_were_lost_fails(tmp_path: Path) -> None:
    lost = "T? l? h? s? tr?c tuy?n;Th? t?c hành chính\n" * 5
    with pytest.raises(SourceError) as caught:
        cells(tmp_path, lost.encode())
    assert caught.value.detail["reason"] == "lossy"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_separator_is_found(tmp_path: Path, delimiter: str) -> None:
    rows = [["Năm", "Tên, gọi"], ["2024", "a; b"], ["2025", "c"]]
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    assert cells(tmp_path, out.getvalue().encode()) == rows


def test_excel_s_own_word_for_the_separator_is_heard(tmp_path: Path) -> None:
    assert cells(tmp_path, b"sep=;\r\na;b,c\r\n1;2,3\r\n") == [["a", "b,c"], ["1", "2,3"]]


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_every_way_to_end_a_line(tmp_path: Path, ends: str) -> None:
    text = ends.join(f"{n},{'x' * (n % 700)}" for n in range(2000))
    found = cells(tmp_path, text.encode())
    assert [row[0] for row in found] == [str(n) for n in range(2000)]


@pytest.mark.parametrize("space", [" ", "\u00a0", "\t", "\u3000", "  "])
def test_spaces_around_cells_go_wherever_they_first_appear(tmp_path: Path, space: str) -> None:
    clean = "a,b,c\n" * 100_000
    found = cells(tmp_path, f"{clean}Viet Nam{space},{space}1,2{space}\n".encode(), delimiter=",")
    assert found[-1] == ["Viet Nam", "1", "2"]
    assert found[0] == ["a", "b", "c"]
    quoted = f'{clean}"Viet Nam{space}","{space}1","x\n"\n'
    assert cells(tmp_path, quoted.encode(), delimiter=",")[-1] == ["Viet Nam", "1", "x"]


def test_a_file_without_line_ends_is_not_swallowed(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"a," * 20_000_000)
    tracemalloc.start()
    with pytest.raises(SourceError) as caught:
        deque(rows_of(lambda: path.open("rb"), delimiter=",").cut, 0)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert caught.value.detail["reason"] == "no line ends"
    assert peak < 40_000_000


def test_a_quote_that_opens_a_huge_file_fails_early(tmp_path: Path) -> None:
    content = b'a,b\n1,"x\n' + b"1,2\n" * 1_000_000
    with pytest.raises(SourceError) as caught:
        cells(tmp_path, content)
    assert caught.value.detail["reason"] == "quotes"


def test_50_000_rows_are_streamed(tmp_path: Path) -> None:
    path = tmp_path / "file"
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["iso3", "nước", "năm", "số", "ghi chú", "nguồn"])
        writer.writerows(["VNM", "Việt Nam", 1990 + n % 35, n / 7, "", "x"] for n in range(50_000))
    tracemalloc.start()
    rows = rows_of(lambda: path.open("rb"), encoding=encoding_of(lambda: path.open("rb")))
    names = next(rows.cut)
    count = sum(1 for _row in as_wide_as(rows, len(names), until_blank=False))
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 50_000
    assert peak < 8_000_000


def signs_of(codec: str) -> str:
    """The letters and signs that an encoding of single bytes has."""
    found = bytes(range(32, 256)).decode(codec, "ignore")
    return "".join(sign for sign in found if unicodedata.category(sign) != "Cc")


LETTERS = "aăâbcdđeêghiklmnoôơpqrstuưvxyàảãáạằẳẵắặềểễếệỷọồữựĂÂĐÊƠƯ019 ,;'\"\n.-"
# What is read anywhere in Unicode: any letter, some of them apart from their marks.
ANYTHING = st.one_of(
    st.sampled_from(LETTERS), st.characters(exclude_categories=("Cs", "Cc", "Cn"))
).filter(lambda sign: sign != "\ufeff")
SIGNS: dict[Encoding, st.SearchStrategy[str]] = {
    "utf-8": ANYTHING,
    "utf-16": ANYTHING,
    "utf-16-le": ANYTHING,
    "utf-16-be": ANYTHING,
    "utf-32": ANYTHING,
    "latin-1": st.sampled_from(signs_of("latin-1")),
    "windows-1252": st.sampled_from(signs_of("cp1252")),
    "windows-1258": st.sampled_from(LETTERS),
    "vni": st.sampled_from(LETTERS),
    "tcvn3": st.sampled_from("".join(map(chr, _TCVN3)) + "abcxyz019 ,;\"'\n"),
}


def cell_of(signs: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.text(signs, max_size=8).map(lambda text: unicodedata.normalize("NFC", text).strip())


@st.composite
def tables(draw: st.DrawFn) -> tuple[Encoding, str, list[list[str]]]:
    encoding = draw(st.sampled_from(sorted(SIGNS)))
    width = draw(st.integers(2, 5))
    row = st.lists(cell_of(SIGNS[encoding]), min_size=width, max_size=width)
    names = [f"c{n}" for n in range(width)]
    found = draw(st.lists(row.filter(any), max_size=6))
    return encoding, draw(st.sampled_from(",;\t|")), [names, *found]


@given(tables())
def test_whatever_csv_writes_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, table: tuple[Encoding, str, list[list[str]]]
) -> None:
    encoding, delimiter, wanted = table
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(wanted)
    body = body_of(tmp_path_factory.mktemp("t") / "b", written(out.getvalue(), encoding))
    options = TableOptions(encoding=encoding, delimiter=delimiter)  # type: ignore[arg-type]
    found = named(Tables().tables("", options, [body]))
    assert [list(row.values()) for row in found] == wanted[1:]
