"""Files into rows: every encoding, header and cell that is not as it should be is named."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from targets.catalogue import cells
from targets.catalogue.reading import Placed, Problems, read_csv, read_yaml

HEADER = "code,name,day,number\n"


class Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    code: cells.Code
    name: cells.Text
    day: cells.Day = None
    number: cells.Number = None
    kind: Literal["", "city", "province"] = ""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "rows.csv"


def read(path: Path, raw: bytes | str) -> tuple[list[Placed[Row]], list[str]]:
    path.write_bytes(raw if isinstance(raw, bytes) else raw.encode("utf-8"))
    problems = Problems()
    reader = read_yaml if path.suffix == ".yaml" else read_csv
    return reader(path, path.name, Row, problems), problems.lines()


def rows(path: Path, raw: bytes | str) -> list[Row]:
    found, problems = read(path, raw)
    assert problems == []
    return [item.row for item in found]


def complaints(path: Path, raw: bytes | str) -> list[str]:
    return read(path, raw)[1]


@pytest.mark.parametrize(
    "encode",
    [
        lambda text: text.encode("utf-8"),
        lambda text: text.encode("utf-8-sig"),
        lambda text: text.replace("\n", "\r\n").encode("utf-8"),
        lambda text: text.replace("\n", "\r").encode("utf-8"),
        lambda text: text.rstrip("\n").encode("utf-8"),
        lambda text: text.replace("\n", "\n\n").encode("utf-8"),
        lambda text: text.replace("\n", "\n , ,,\n").encode("utf-8"),
        lambda text: text.replace(",", " , ").encode("utf-8"),
        lambda text: unicodedata.normalize("NFD", text).encode("utf-8"),
    ],
    ids=["plain", "BOM", "CRLF", "CR", "no end", "blank lines", "empty rows", "spaces", "NFD"],
)
def test_ways_to_write_the_same_rows(path: Path, encode: Callable[[str], bytes]) -> None:
    raw = encode(HEADER + "BYT,Bộ Y tế,2025-03-01,98.5\nBCA,Bộ Công an,,\n")
    assert rows(path, raw) == [
        Row.model_construct(code="BYT", name="Bộ Y tế", day=dt.date(2025, 3, 1),
                            number=Decimal("98.5"), kind=""),
        Row.model_construct(code="BCA", name="Bộ Công an", day=None, number=None, kind=""),
    ]  # fmt: skip


def test_a_cell_may_hold_commas_quotes_lines_and_odd_separators(path: Path) -> None:
    (row,) = rows(path, 'code,name\nA,"x, ""y""\nz\x0b\x85\u2028w"\n')
    assert row.name == 'x, "y"\nz\x0b\x85\u2028w'


def test_a_place_is_the_line_where_the_row_begins(path: Path) -> None:
    found, _none = read(path, 'code,name\n\nA,"one\ntwo\nthree"\nB,x\u2028y\nC,z\n')
    assert [(item.row.code, str(item.place)) for item in found] == [
        ("A", "rows.csv:3"),
        ("B", "rows.csv:6"),
        ("C", "rows.csv:7"),
    ]


@pytest.mark.parametrize(
    ("raw", "line", "said"),
    [
        (HEADER.encode("utf-16"), 1, "UTF-16"),
        (HEADER.encode("utf-16-be"), 1, "NUL"),
        (HEADER.encode() + b"A,x,,\nB,B\xf4\xf2 Y t\xea\xec,,\n", 3, "UTF-8"),
        (b"\xef\xbb\xbf" + HEADER.encode() + b"A,x,,\nB,\xe9,,\n", 3, "UTF-8"),
        (HEADER.encode() + b"A,x\x00,,\n", 2, "NUL"),
    ],
    ids=["UTF-16", "UTF-16 without BOM", "Windows-1258", "Latin-1 with BOM", "NUL"],
)  # fmt: skip
def test_another_encoding_is_named_at_its_line(
    path: Path, raw: bytes, line: int, said: str
) -> None:
    (problem,) = complaints(path, raw)
    assert problem.startswith(f"rows.csv:{line}: ")
    assert said in problem


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("code,day", ["rows.csv:1: name: thiếu cột này"]),
        ("code,name,nmae", ["rows.csv:1: nmae: cột không có trong mẫu; các cột là: code, name, "
                            "day, number, kind"]),
        ("code,name,code", ["rows.csv:1: code: cột ghi hai lần"]),
        ("code,name,", ["rows.csv:1: ?: cột không có trong mẫu; các cột là: code, name, day, "
                        "number, kind"]),
        ("code;name;day", ["rows.csv:1: các cột phải cách nhau bằng dấu phẩy"]),
        ("code\tname\tday", ["rows.csv:1: các cột phải cách nhau bằng dấu phẩy"]),
    ],
)  # fmt: skip
def test_a_header_that_does_not_fit_is_named(path: Path, header: str, said: list[str]) -> None:
    assert complaints(path, f"{header}\nA,x,\n") == said


@pytest.mark.parametrize("raw", [b"", b"\xef\xbb\xbf", b"\n\n"])
def test_an_empty_file_lacks_its_columns(path: Path, raw: bytes) -> None:
    assert complaints(path, raw) == [
        "rows.csv:1: code: thiếu cột này",
        "rows.csv:1: name: thiếu cột này",
    ]


def test_a_header_alone_has_no_rows(path: Path) -> None:
    assert rows(path, "code,name") == []


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("A,x,\nB,y\nC,z\n", ["rows.csv:2: có 3 ô, cần 2 (thiếu hoặc thừa dấu phẩy?)"]),
        ("A,x\nB\nC\n", ["rows.csv:3: có 1 ô, cần 2 (thiếu hoặc thừa dấu phẩy?)",
                         "rows.csv:4: có 1 ô, cần 2 (thiếu hoặc thừa dấu phẩy?)"]),
        ('A,x\nB,"y\nC,z\n', ["rows.csv:3: không đọc được CSV: unexpected end of data"]),
        ('A,"x"y\nB,y\n', ["rows.csv:2: không đọc được CSV: ',' expected after '\"'"]),
        ("A," + "x" * 200_000, ["rows.csv:2: không đọc được CSV: field larger than field limit "
                                "(131072)"]),
        ("A,\n,x\n", ["rows.csv:2: name: không được để trống",
                      "rows.csv:3: code: «»: cần chữ không dấu, số và gạch nối, ví dụ BKHCN"]),
    ],
)  # fmt: skip
def test_a_line_that_does_not_fit_is_named(path: Path, lines: str, said: list[str]) -> None:
    assert complaints(path, f"code,name\n{lines}") == said


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("code", "bộ", "«bộ»: cần chữ không dấu, số và gạch nối, ví dụ BKHCN"),
        ("day", "1/3/2025", "«1/3/2025»: cần một ngày dạng 2025-03-01"),
        ("day", "2025-02-29", "«2025-02-29»: cần một ngày dạng 2025-03-01"),
        ("day", "20250301", "«20250301»: cần một ngày dạng 2025-03-01"),
        ("day", "2025-W09-6", "«2025-W09-6»: cần một ngày dạng 2025-03-01"),
        ("number", "98,5", "«98,5»: cần một số, dấu thập phân là dấu chấm, ví dụ 98.5"),
        ("number", "1e5", "«1e5»: cần một số"),
        ("number", "1_000", "«1_000»: cần một số"),
        ("number", "NaN", "«NaN»: cần một số"),
        ("number", "98%", "«98%»: cần một số"),
        ("number", "١٢", "«١٢»: cần một số"),
        ("number", "1" * 15, "nhiều nhất 14 chữ số trước dấu chấm và 6 chữ số sau"),
        ("number", "0.1234567", "nhiều nhất 14 chữ số trước dấu chấm và 6 chữ số sau"),
        ("kind", "village", "cần một trong: '', 'city', 'province'"),
    ],
)
def test_a_cell_that_does_not_fit_is_named(path: Path, column: str, value: str, said: str) -> None:
    given = {"code": "A", "name": "x", column: value}
    raw = "\n".join([",".join(given), ",".join(f'"{cell}"' for cell in given.values())])
    (problem,) = complaints(path, raw)
    assert problem.startswith(f"rows.csv:2: {column}: ")
    assert said in problem


CELLS: list[tuple[Any, list[str], list[str]]] = [
    (cells.Text, ["x"], [""]),
    (cells.Slug, ["a", "digital-economy", "5g", "a" * 50], ["", "A", "a_b", "-a", "kinh tế"]),
    (cells.Slug, [], ["a" * 51]),
    (cells.OptionalSlug, ["", "ict"], ["ICT"]),
    (cells.IndicatorCode, ["a" * 80], ["", "a" * 81]),
    (cells.TargetKey, ["a" * 100], ["", "a" * 101]),
    (cells.OptionalTargetKey, ["", "qd749-2025-egdi"], ["a" * 101]),
    (cells.UnitCode, ["percent_per_year", "u" * 50], ["", "%", "Percent", "u" * 51]),
    (cells.YesNo, ["yes", "no", ""], ["true", "1", "Yes", "có"]),
    (cells.Whole, ["0", "9999"], ["", "-1", "1.0", "10000", "x"]),
    (cells.Year, ["", "1986", "2025", "2100"], ["25", "2101", "năm 2025", "2025.0"]),
    (cells.GivenDay, ["2025-03-01"], ["", "2025-3-1"]),
    (cells.Number, ["", "-0.5", "20", "1" * 14], ["1" * 15, ".5", "5.", "--1", "0,5"]),
    (cells.Scale, ["100", "0.01"], ["", "0.001"]),
    (cells.Pace, ["0.95"], ["", "0.12345"]),
    (cells.Levels, ["national", "national province", "national;ministry"], ["", "quốc gia"]),
]


@pytest.mark.parametrize(("kind", "good", "bad"), CELLS)
def test_the_types_of_cells(kind: Any, good: list[str], bad: list[str]) -> None:
    adapter = TypeAdapter(kind)
    for text in good:
        adapter.validate_python(text)
    for text in bad:
        with pytest.raises(ValidationError):
            adapter.validate_python(text)


def test_a_type_without_words_of_ours_is_explained_in_those_of_its_library(path: Path) -> None:
    class Counted(BaseModel):
        count: int

    path.write_text("count\nmany\n", encoding="utf-8")
    problems = Problems()
    read_csv(path, "rows.csv", Counted, problems)
    (said,) = problems.lines()
    assert said.startswith("rows.csv:2: count: Input should be a valid integer")


@given(st.binary(max_size=200) | st.text(alphabet='code,name\n\r"x \0é\ufeff', max_size=60).map(
    lambda text: b"code,name\n" + text.encode()
))  # fmt: skip
def test_whatever_a_file_holds_gives_rows_or_problems(
    tmp_path_factory: pytest.TempPathFactory, raw: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.csv"
    found, problems = read(path, raw)
    for item in found:
        assert item.row.name == item.row.name.strip()
        assert item.row.name
    assert problems or all(item.place.line > 1 for item in found)


YAML = "- code: A\n  name: một\n- code: B\n  name: hai\n"


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ("- code: A\n  name:\n", ["rows.yaml:2: name: không được để trống"]),
        ("- code: A\n  name: x\n  day: 1/3\n", ["rows.yaml:3: day: «1/3»: cần một ngày"]),
        ("- code: A\n", ["rows.yaml:1: name: thiếu giá trị này"]),
        ("- code: A\n  name: x\n  nmae: y\n", ["rows.yaml:3: nmae: tên không có trong mẫu"]),
        ("- code: A\n  name: x\n  name: y\n", ["rows.yaml:3: name: ghi hai lần"]),
        ("code: A\nname: x\n", ["rows.yaml:1: cần một danh sách (- ...)"]),
        ("- A\n- code: B\n  name: x\n", ["rows.yaml:1: cần các dòng «tên: giá trị»"]),
        ("- code: [A, B]\n  name: x\n", ["rows.yaml:1: cần các dòng «tên: giá trị»"]),
        ("- ? [A]\n  : x\n", ["rows.yaml:1: cần các dòng «tên: giá trị»"]),
        ("- code: A\n name: x\n", ["rows.yaml:2: không đọc được YAML: "]),
        ("- code: A\n  name: @x\n", ["rows.yaml:2: không đọc được YAML: "]),
        ("- code: A\n  name: x\x07\n", ["rows.yaml:2: không đọc được YAML: "]),
        ("- code: A\n  name: x\n---\n- code: B\n", ["rows.yaml:3: không đọc được YAML: "]),
    ],
)
def test_a_list_that_does_not_fit_is_named_at_its_line(
    tmp_path: Path, raw: str, said: list[str]
) -> None:
    found = complaints(tmp_path / "rows.yaml", raw)
    assert len(found) == len(said), found
    for line, start in zip(found, said, strict=True):
        assert line.startswith(start)


def test_a_list_is_read_as_text(tmp_path: Path) -> None:
    raw = "# note\n- code: 2025\n  name: yes\n  day: 2025-03-01\n  number: 1.50\n"
    (row,) = rows(tmp_path / "rows.yaml", raw)
    assert (row.code, row.name, row.day, row.number) == (
        "2025", "yes", dt.date(2025, 3, 1), Decimal("1.50"),
    )  # fmt: skip


@pytest.mark.parametrize("raw", ["", "# only a note\n", "[]\n"])
def test_an_empty_list_has_no_rows(tmp_path: Path, raw: str) -> None:
    assert rows(tmp_path / "rows.yaml", raw) == []


def test_a_list_in_another_encoding_is_named(tmp_path: Path) -> None:
    (problem,) = complaints(tmp_path / "rows.yaml", YAML.encode("utf-16"))
    assert problem.startswith("rows.yaml:1: tệp ghi bằng UTF-16")
