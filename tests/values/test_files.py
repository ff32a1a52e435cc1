"""What a file of values may look like, and what is said of one that is not as it should be."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from targets.models import Observation, Source
from targets.values import checking, staging
from tests.values.conftest import HEADER, Complain, Load, line

TITLE = "Tỷ trọng kinh tế số"


def only() -> Observation:
    return Observation.objects.select_related("source").get()


FORMS: dict[str, Callable[[str], bytes]] = {
    "plain": lambda text: text.encode("utf-8"),
    "BOM": lambda text: text.encode("utf-8-sig"),
    "CRLF": lambda text: text.replace("\n", "\r\n").encode("utf-8"),
    "CR": lambda text: text.replace("\n", "\r").encode("utf-8"),
    "CRLF and LF": lambda text: text.replace("\n", "\r\n", 1).encode("utf-8"),
    "no end": lambda text: text.rstrip("\n").encode("utf-8"),
    "blank lines": lambda text: text.replace("\n", "\n\n").encode("utf-8"),
    "blank line first": lambda text: b"\n" + text.encode("utf-8"),
    "empty cells only": lambda text: (text + "," * 16 + "\n").encode("utf-8"),
    "spaces": lambda text: text.replace(",", " , ").encode("utf-8"),
    "no-break spaces": lambda text: text.replace(",", ",\xa0").encode("utf-8"),
    "quoted header": lambda text: text.replace("indicator", '"indicator"', 1).encode("utf-8"),
    "NFD": lambda text: unicodedata.normalize("NFD", text).encode("utf-8"),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_ways_to_write_the_same_values(load: Load, form: str) -> None:
    text = HEADER + line(source_title=TITLE, caveat_vi="Ước tính", vintage="sơ bộ") + "\n"
    assert load(FORMS[form](text)).added == 1
    kept = only()
    assert (kept.value, kept.source.title, kept.caveat_vi, kept.vintage) == (
        Decimal("13.17"), TITLE, "Ước tính", "sơ bộ",
    )  # fmt: skip
    # The same in the plain form is no other version and no other source.
    assert load(text.encode()).unchanged == 1
    assert Source.objects.count() == 1


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ('"a, b"', "a, b"),
        ('"a ""b"" c"', 'a "b" c'),
        ('"a\nb"', "a\nb"),
        ('"a\r\nb"', "a\r\nb"),
        ('"\\."', "\\."),
        ("\\N", "\\N"),
        ("a\\nb", "a\\nb"),
        ("gần ½ – “số”", "gần ½ – “số”"),
        ("a\x0bb\x85c\u2028d", "a\x0bb\x85c\u2028d"),
        ('a "b" c', 'a "b" c'),
        ('5"', '5"'),
        ('5""', '5""'),
    ],
)
def test_a_text_is_kept_as_it_is_written(load: Load, written: str, kept: str) -> None:
    load(line(caveat_vi=written))
    assert only().caveat_vi == kept


def test_a_quoted_cell_ends_with_its_quotation_mark(complain: Complain) -> None:
    (problem,) = complain(line(), line(period="2023", caveat_vi='"a" b'))
    assert problem == "values.csv:3: không đọc được CSV: ',' expected after '\"'"


def test_a_cell_on_a_line_with_the_old_end_mark(load: Load) -> None:
    loaded = load(line(caveat_vi='"a\n\\.\nb"'), line(period="2023"))
    assert loaded.added == 2


def test_columns_may_be_left_out_and_stand_in_any_order(load: Load) -> None:
    load(b"value,source_title,period,organisation,series,indicator\n7.5,Report,2024,VN,gso,share\n")
    kept = only()
    assert kept.value == Decimal("7.5")
    assert (kept.published_on, kept.vintage, kept.source.url) == (None, "", "")


def test_a_header_alone_has_no_values(load: Load) -> None:
    loaded = load(HEADER.encode())
    assert (loaded.read, loaded.added) == (0, 0)


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (HEADER.encode("utf-16"), "values.csv:1: tệp ghi bằng UTF-16; hãy lưu lại dạng CSV UTF-8"),
        ((HEADER + line() + "\n").encode() + b"share,gso,VN,2023,1,,,,,,,B\xf4\xf2 Y t\xea,,,,,\n",
         "values.csv:3: ký tự không đúng bảng mã UTF-8; hãy lưu lại tệp dạng CSV UTF-8"),
        (b"\xe9" + HEADER.encode(),
         "values.csv:1: ký tự không đúng bảng mã UTF-8; hãy lưu lại tệp dạng CSV UTF-8"),
        (HEADER.encode() + line(caveat_vi="a\0b").encode(),
         "values.csv:2: có ký tự NUL; hãy lưu lại tệp dạng CSV UTF-8"),
        ((HEADER + line()).replace(",", ";").encode(),
         "values.csv:1: các cột phải cách nhau bằng dấu phẩy"),
        ((HEADER + line()).replace(",", "\t").encode(),
         "values.csv:1: các cột phải cách nhau bằng dấu phẩy"),
        (HEADER.replace("value", "vlaue").encode(), "values.csv:1: vlaue: cột không có"),
        (HEADER.replace("value", "period").encode(), "values.csv:1: period: cột ghi hai lần"),
        (HEADER.replace("period,", "").encode(), "values.csv:1: period: thiếu cột này"),
        ((HEADER + line() + "\n" + 'share,gso,"VN,2023\n').encode(),
         "values.csv:3: không đọc được CSV: unexpected end of data"),
    ],
    ids=["UTF-16", "Windows-1258", "bad header", "NUL", "semicolons", "tabs", "unknown column",
         "column twice", "column missing", "open quote"],
)  # fmt: skip
def test_a_file_that_cannot_be_read_is_named(complain: Complain, raw: bytes, said: str) -> None:
    (problem,) = complain(raw)
    assert problem.startswith(said)
    assert not Source.objects.exists()


@pytest.mark.parametrize("raw", [b"", b"\xef\xbb\xbf", b"\r\n"])
def test_an_empty_file_lacks_its_columns(complain: Complain, raw: bytes) -> None:
    assert [problem.split(": ")[1] for problem in complain(raw)] == sorted(staging.REQUIRED)


def test_lines_that_are_too_long_or_short_are_named_with_the_other_mistakes(
    complain: Complain,
) -> None:
    assert complain(line(), line(period="2023") + ",x", "share,gso", line(period="24")) == [
        "values.csv:3: có 18 ô, cần 17 (thiếu hoặc thừa dấu phẩy?)",
        "values.csv:4: có 2 ô, cần 17 (thiếu hoặc thừa dấu phẩy?)",
        "values.csv:5: period: «24»: cần kỳ dạng 2024, 2024-H1, 2024-Q3 hoặc 2024-07",
    ]


def test_a_line_is_counted_as_an_editor_counts(complain: Complain) -> None:
    first = line(caveat_vi='"one\ntwo\nthree"')
    problems = complain(first, "", line(period="2023", caveat_vi="a\u2028b"), line(period="x"))
    assert [problem.split(": ")[0] for problem in problems] == ["values.csv:7"]


def test_the_spaces_that_are_taken_off_are_those_that_python_knows() -> None:
    known = {character for character in map(chr, range(0x110000)) if character.isspace()}
    assert set(checking._SPACES) == known


ROWS = st.lists(
    st.sampled_from(
        ["share", "gso", "VN", "2024", "7", "Niên giám", ",", ",", ",", "\n", "\r\n", '"', '""',
         " ", "\\.", "e\u0301", "\xe9", "\0", "1e5", "yes", "x"]
    ),
    max_size=30,
)  # fmt: skip


@given(st.binary(max_size=120) | ROWS.map(lambda parts: "".join(parts).encode()))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_whatever_a_file_holds_gives_values_or_problems(complain: Complain, raw: bytes) -> None:
    header = b"indicator,series,organisation,period,value,source_title\n"
    for content in (raw, header + raw):
        complain(content)
