"""Tables at an address: headers found, wide made long, zips; what was renamed fails loudly."""

from __future__ import annotations

import csv
import io
import struct
import zipfile
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from targets.sources.adapters.registry import adapter_of
from targets.sources.adapters.tables import TableOptions, Tables
from targets.sources.contract import Outcome, SourceError, Table
from tests.sources.answers import Answers, Rows, body_of, named
from tests.spreadsheets.files import comma_separated, xlsx

# The shape of the UN's E-Government Knowledge Base: unsorted, a space behind "Viet Nam".
EGOV_2022 = (
    "Survey Year,Country Name,E-Government Rank,E-Government Index,Online Service Index\r\n"
    "2022,Zambia,131,0.4499,0.3933\r\n"
    "2022,Viet Nam ,86,0.6787,0.6484\r\n"
    "2022,Lao People's Democratic Republic,159,0.3764,0.3005\r\n"
    '2022,"Iran (Islamic Republic of)",91,0.6433,0.4196\r\n'
    "2022,Denmark,1,0.9717,0.9797\r\n"
)
EGOV_2024 = (
    "Survey Year,Country Name,EGDI rank,EGDI,Online Service Index\n"
    "2024,Viet Nam ,71,0.7709,0.7081\n"
    "2024,Denmark,1,0.9847,0.9992\n"
)
# UNDP's composite indices: one column an indicator and year, latin-1.
UNDP = (
    "iso3,country,hdicode,region,hdi_rank_2022,hdi_1990,hdi_1991,hdi_2022,le_1990,le_1991,le_2022\n"
    "VNM,Viet Nam,High,EAP,107,0.492,0.501,0.726,69.19,69.45,74.582\n"
    "CIV,Côte d'Ivoire,Medium,SSA,166,0.427,,0.534,52.5,52.32,58.916\n"
    "TUR,Türkiye,Very High,ECA,45,0.598,0.604,0.855,67.74,67.99,78.475\n"
    "CUW,Curaçao,,LAC,,,,,74.1,74.3,\n"
)


def read(tmp_path: Path, content: bytes, *, charset: str = "", **options: Any) -> Table:
    body = body_of(tmp_path / "body", content, charset=charset)
    (table,) = Tables().tables("http://x/", TableOptions.model_validate(options), [body])
    return table


def rows(tmp_path: Path, content: bytes, **options: Any) -> Rows:
    return named([read(tmp_path, content, **options)])


def refused(tmp_path: Path, content: bytes, **options: Any) -> SourceError:
    with pytest.raises(SourceError) as caught:
        rows(tmp_path, content, **options)
    return caught.value


def zipped(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in members.items():
            package.writestr(name.replace("__", "."), content)
    return out.getvalue()


def test_one_file_is_asked_for(tmp_path: Path) -> None:
    answers = Answers(tmp_path, lambda _request: EGOV_2022.encode())
    adapter = adapter_of("table")
    options = adapter.options.model_validate({})
    bodies = adapter.collect("https://x.example/egdi.csv", options, answers)
    found = named(adapter.tables("https://x.example/egdi.csv", options, bodies))
    assert [request.url for request in answers.asked] == ["https://x.example/egdi.csv"]
    assert found[1] == {
        "Survey Year": "2022",
        "Country Name": "Viet Nam",
        "E-Government Rank": "86",
        "E-Government Index": "0.6787",
        "Online Service Index": "0.6484",
    }
    assert [row["Country Name"] for row in found][3:] == ["Iran (Islamic Republic of)", "Denmark"]


def test_a_renamed_column_is_named_with_what_stands_there(tmp_path: Path) -> None:
    error = refused(
        tmp_path, EGOV_2024.encode(), columns=["Country Name", "E-Government Rank", "Survey Year"]
    )
    assert error.outcome == Outcome.COLUMNS_CHANGED
    assert error.detail["missing"] == ["E-Government Rank"]
    assert "EGDI rank" in error.detail["found"]


def test_both_editions_read_alike_once_the_new_name_is_known(tmp_path: Path) -> None:
    told = {
        "columns": ["EGDI rank", "EGDI"],
        "rename": {"E-Government Rank": "EGDI rank", "E-Government Index": "EGDI"},
    }
    old = rows(tmp_path, EGOV_2022.encode(), **told)
    new = rows(tmp_path, EGOV_2024.encode(), **told)
    assert (old[1]["EGDI rank"], old[1]["EGDI"]) == ("86", "0.6787")
    assert (new[0]["EGDI rank"], new[0]["EGDI"]) == ("71", "0.7709")


def test_a_wide_latin_1_file_becomes_long(tmp_path: Path) -> None:
    wide = {"pattern": r"hdi_(?P<period>\d{4})", "keep": ["iso3", "country"]}
    table = read(tmp_path, UNDP.encode("latin-1"), wide=wide)
    assert table.columns == ["iso3", "country", "period", "value"]
    found = [tuple(row) for row in table.rows]
    assert found[:3] == [
        ("VNM", "Viet Nam", "1990", "0.492"),
        ("VNM", "Viet Nam", "1991", "0.501"),
        ("VNM", "Viet Nam", "2022", "0.726"),
    ]
    assert found[4] == ("CIV", "Côte d'Ivoire", "1991", "")
    assert ("CUW", "Curaçao", "2022", "") in found
    assert len(found) == 12


def test_a_pattern_may_tell_measures_apart(tmp_path: Path) -> None:
    wide = {"pattern": r"(?P<measure>hdi|le)_(?P<period>\d{4})", "value": "số", "keep": ["iso3"]}
    table = read(tmp_path, UNDP.encode("latin-1"), wide=wide)
    assert table.columns == ["iso3", "measure", "period", "số"]
    assert ("VNM", "le", "2022", "74.582") in [tuple(row) for row in table.rows]


def test_a_wide_table_keeps_all_other_columns_unless_told(tmp_path: Path) -> None:
    table = read(tmp_path, UNDP.encode("latin-1"), wide={"pattern": r"le_(?P<period>\d+)"})
    assert table.columns[:3] == ["iso3", "country", "hdicode"]
    assert table.columns[-2:] == ["period", "value"]
    assert "hdi_2022" in table.columns
    assert "le_2022" not in table.columns


@pytest.mark.parametrize(
    ("wide", "missing"),
    [
        ({"pattern": r"gii_(?P<period>\d{4})", "keep": ["iso3"]}, [r"gii_(?P<period>\d{4})"]),
        ({"pattern": r"hdi_(?P<period>\d{4})", "keep": ["ISO"]}, ["ISO"]),
    ],
)
def test_a_wide_table_without_its_columns_fails(
    tmp_path: Path, wide: dict[str, Any], missing: list[str]
) -> None:
    error = refused(tmp_path, UNDP.encode("latin-1"), wide=wide)
    assert error.outcome == Outcome.COLUMNS_CHANGED
    assert error.detail["missing"] == missing
    assert error.detail["found"][0] == "iso3"


def test_the_header_is_found_below_titles(tmp_path: Path) -> None:
    content = comma_separated(
        [
            ["Báo cáo tình hình chuyển đổi số"],
            ["Kỳ: 2024", "Đơn vị: %"],
            [],
            ["Mã", "Tỉnh", "Tỷ lệ"],
            ["01", "Hà Nội", "98.5"],
        ]
    )
    assert rows(tmp_path, content, columns=["Tỉnh", "Tỷ lệ"]) == [
        {"Mã": "01", "Tỉnh": "Hà Nội", "Tỷ lệ": "98.5"}
    ]
    assert rows(tmp_path, content, skip=3) == [{"Mã": "01", "Tỉnh": "Hà Nội", "Tỷ lệ": "98.5"}]


def test_the_world_bank_s_download_is_found_and_made_long(tmp_path: Path) -> None:
    content = (
        '"Data Source","World Development Indicators",\r\n\r\n"Last Updated Date","2024-06-28",'
        '\r\n\r\n"Country Name","Country Code","Indicator Code","2021","2022",\r\n'
        '"Korea, Rep.","KOR","IT.NET","97.6","97.2",\r\n"Viet Nam","VNM","IT.NET","74.2","",\r\n'
    ).encode("utf-8-sig")
    wide = {"pattern": r"(?P<period>\d{4})", "keep": ["Country Code", "Indicator Code"]}
    assert [tuple(row) for row in read(tmp_path, content, wide=wide).rows] == [
        ("KOR", "IT.NET", "2021", "97.6"),
        ("KOR", "IT.NET", "2022", "97.2"),
        ("VNM", "IT.NET", "2021", "74.2"),
        ("VNM", "IT.NET", "2022", ""),
    ]


def test_without_a_word_a_lone_title_is_no_header(tmp_path: Path) -> None:
    content = comma_separated([["Bảng 3"], ["Bảng 3", "Bảng 3"], ["a", "b"], ["1", "2"]])
    assert rows(tmp_path, content) == [{"a": "1", "b": "2"}]


def test_a_header_of_two_rows_is_joined(tmp_path: Path) -> None:
    content = comma_separated(
        [
            ["Địa phương", "", "Hồ sơ", "", "Ghi chú"],
            ["Mã", "Tên", "2023", "2024", ""],
            ["01", "Hà Nội", "90", "95", ""],
        ]
    )
    table = read(tmp_path, content, header_rows=2, columns=["Hồ sơ / 2024"])
    assert table.columns == [
        "Địa phương / Mã",
        "Địa phương / Tên",
        "Hồ sơ / 2023",
        "Hồ sơ / 2024",
        "Ghi chú",
    ]
    assert [list(row) for row in table.rows] == [["01", "Hà Nội", "90", "95", ""]]


def test_repeated_and_missing_names_are_made_distinct(tmp_path: Path) -> None:
    content = comma_separated([["a", "Giá trị", "Giá  trị ", "", "Giá trị"], list("12345")])
    assert read(tmp_path, content).columns == [
        "a",
        "Giá trị",
        "Giá trị (2)",
        "column 4",
        "Giá trị (3)",
    ]


def test_decomposed_letters_are_composed_and_numbers_stay_as_written(tmp_path: Path) -> None:
    decomposed = "Ti\u0309nh;Gia\u0301 tri\u0323\nĐa\u0300 Nă\u0303ng;1.234,5\n"
    assert rows(tmp_path, decomposed.encode(), columns=["Tỉnh", "Giá trị"]) == [
        {"Tỉnh": "Đà Nẵng", "Giá trị": "1.234,5"}
    ]


@pytest.mark.parametrize(
    ("line", "cells"), [("2022,Việt Nam\n", 2), ('2022,"Việt\nNam",86,0.6\n', 4)]
)
def test_a_ragged_row_fails_with_its_line(tmp_path: Path, line: str, cells: int) -> None:
    content = f'year,name,rank\n2021,"Hai\ndòng",5\n{line}2023,x,1\n'
    error = refused(tmp_path, content.encode())
    assert error.outcome == Outcome.UNREADABLE
    ends = 4 + line.count("\n") - 1
    assert error.detail == {"reason": "ragged", "line": ends, "cells": cells, "columns": 3}


def test_lines_are_counted_from_the_first_of_the_file(tmp_path: Path) -> None:
    error = refused(tmp_path, b"title\n\na,b\n1,2\n3\n", skip=2)
    assert error.detail["line"] == 5


@pytest.mark.parametrize("content", [b'a,b\n1,"2\n3,4\n', b'a,b\n1,"2"x\n3,4\n'])
def test_quotes_that_do_not_close_fail(tmp_path: Path, content: bytes) -> None:
    error = refused(tmp_path, content)
    assert (error.outcome, error.detail["reason"]) == (Outcome.UNREADABLE, "quotes")


def test_empty_rows_are_passed_over_or_end_the_table(tmp_path: Path) -> None:
    content = b"a,b\n1,2\n\n,\n3,4\n"
    assert [row["a"] for row in rows(tmp_path, content)] == ["1", "3"]
    assert [row["a"] for row in rows(tmp_path, content + b"\nSource: x\n", until_blank=True)] == [
        "1"
    ]


def test_a_zip_with_one_file_is_that_file(tmp_path: Path) -> None:
    content = zipped(egdi__csv=EGOV_2024.encode())
    assert rows(tmp_path, content)[0]["EGDI rank"] == "71"
    inside = xlsx([["a", "b"], ["x", 1.5]])
    assert rows(tmp_path, zipped(book__xlsx=inside)) == [{"a": "x", "b": "1.5"}]


def test_of_a_zip_with_several_files_one_is_named(tmp_path: Path) -> None:
    content = zipped(Metadata__csv=b"x,y\n", API_VNM__csv=b"a,b\n1,2\n")
    assert rows(tmp_path, content, member="API_*.csv") == [{"a": "1", "b": "2"}]
    error = refused(tmp_path, content)
    assert error.outcome == Outcome.COLUMNS_CHANGED
    assert error.detail["found"] == ["Metadata.csv", "API_VNM.csv"]
    assert refused(tmp_path, content, member="VNM*").detail["missing"] == ["VNM*"]


def test_a_damaged_zip_is_unreadable(tmp_path: Path) -> None:
    content = zipped(a__csv=b"a,b\n" + b"1,2\n" * 50_000)
    for broken in (content[:-30], content[:60] + b"\xff" * 20 + content[80:]):
        error = refused(tmp_path, broken)
        assert (error.outcome, error.detail["reason"]) == (Outcome.UNREADABLE, "zip")


def test_a_zip_with_a_password_is_unreadable(tmp_path: Path) -> None:
    content = bytearray(zipped(a__csv=b"a,b\n1,2\n"))
    for start, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(start) + place] |= 1
    error = refused(tmp_path, bytes(content))
    assert (error.outcome, error.detail["reason"]) == (Outcome.UNREADABLE, "zip")


def test_a_zip_whose_list_is_all_there_is_is_refused_unread(tmp_path: Path) -> None:
    content = zipped(a__csv=b"a,b\n1,2\n")
    end = content.rindex(b"PK\x05\x06")
    claimed = content[: end + 12] + struct.pack("<I", 50_000_000) + content[end + 16 :]
    error = refused(tmp_path, claimed)
    assert (error.outcome, error.detail["reason"]) == (Outcome.TOO_LARGE, "members")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b" \r\n", "empty"),
        (b"<!DOCTYPE html><html><body>503</body></html>", "markup"),
        (b'\xef\xbb\xbf<?xml version="1.0"?><a/>', "markup"),
        (b"%PDF-1.7 ...", "kind"),
        (b"\x89PNG\r\n\x1a\n", "kind"),
        (b"a,b\n1,\0\n", "NUL"),
    ],
)
def test_what_is_no_table_is_said_to_be_none(tmp_path: Path, content: bytes, reason: str) -> None:
    error = refused(tmp_path, content)
    assert (error.outcome, error.detail["reason"]) == (Outcome.UNREADABLE, reason)


def test_a_file_without_a_header_fails(tmp_path: Path) -> None:
    error = refused(tmp_path, b"a\nb\nc\n", columns=["x"])
    assert error.outcome == Outcome.COLUMNS_CHANGED
    assert error.detail == {"missing": ["x"], "found": ["a"]}


@pytest.mark.parametrize(
    "options",
    [
        {"wide": {"pattern": "hdi_(?P<year>[0-9]+)"}},
        {"wide": {"pattern": "hdi_[0-9]+"}},
        {"wide": {"pattern": "hdi_("}},
        {"encoding": "ebcdic"},
        {"delimiter": "ab"},
        {"sheet": 0},
        {"header": 3},
    ],
)
def test_options_that_mean_nothing_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        TableOptions.model_validate(options)


def test_a_kept_column_may_not_be_called_as_a_made_one(tmp_path: Path) -> None:
    content = b"value,hdi_2020\nx,1\n"
    error = refused(tmp_path, content, wide={"pattern": r"hdi_(?P<period>\d+)"})
    assert error.outcome == Outcome.MISCONFIGURED


def test_many_columns_as_csv_writes_them(tmp_path: Path) -> None:
    names = [f"c{n}" for n in range(300)]
    out = io.StringIO()
    csv.writer(out).writerows([names, [str(n) for n in range(300)]])
    assert rows(tmp_path, out.getvalue().encode())[0]["c299"] == "299"
