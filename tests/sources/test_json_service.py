"""JSON of any shape: rows found, pages walked, digits kept, everything else named."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import ValidationError

from targets.sources.adapters import json_text
from targets.sources.adapters.json_service import JsonOptions, JsonService
from targets.sources.adapters.registry import adapter_of
from targets.sources.contract import Outcome, Request, SourceError, Table
from tests.sources.answers import Answers, Rows, as_json, body_of, named

ADDRESS = "https://lgsp.example.gov.vn/api/chi-tieu?linhVuc=cds"
ANSWER = """{
  "errorCode": 0, "ngayCapNhat": "15/03/2025 08:00", "dot": "2025-Q1",
  "data": {"tong": 3, "dong": [
    {"ma": "DVC", "diaPhuong": {"ma": "01", "ten": "Hà Nội"}, "nam": 2024, "giaTri": 81.50,
     "chinhThuc": true, "ghiChu": null, "nhan": ["a"]},
    {"ma": "DVC", "diaPhuong": {"ma": "24", "ten": "Bắc Ninh"}, "nam": 2024, "giaTri": 1e2,
     "chinhThuc": false},
    {"ma": "DVC", "diaPhuong": {"ma": "79", "ten": "TP.HCM"}, "nam": 2024, "giaTri": NaN,
     "dan": 12345678901234567890123}
  ]}
}""".encode()
ROWS = "data.dong"


def read(folder: Path, content: bytes, **options: Any) -> list[Table]:
    body = body_of(folder / "answer", content)
    return list(JsonService().tables(ADDRESS, JsonOptions(**options), [body]))


def collect(
    folder: Path, answer: Callable[[Request], bytes], **options: Any
) -> tuple[Answers, Rows]:
    adapter, chosen = JsonService(), JsonOptions(**options)
    fetch = Answers(folder, answer)
    bodies = adapter.collect(ADDRESS, chosen, fetch)
    return fetch, named(adapter.tables(ADDRESS, chosen, bodies))


def test_without_fields_the_columns_are_the_scalars_of_the_rows(tmp_path: Path) -> None:
    (table,) = read(tmp_path, ANSWER, rows=ROWS)
    assert table.columns == [
        "ma", "diaPhuong.ma", "diaPhuong.ten", "nam", "giaTri", "chinhThuc", "ghiChu", "dan",
    ]  # fmt: skip
    assert list(table.rows) == [
        ["DVC", "01", "Hà Nội", "2024", "81.50", "true", None, None],
        ["DVC", "24", "Bắc Ninh", "2024", "1e2", "false", None, None],
        ["DVC", "79", "TP.HCM", "2024", None, None, None, "12345678901234567890123"],
    ]


def test_fields_are_expressions_over_a_row(tmp_path: Path) -> None:
    rows = named(
        read(
            tmp_path,
            ANSWER,
            rows=f"{ROWS}[?giaTri > `81`]",
            fields={"tinh": "diaPhuong.ma", "value": "giaTri", "co": "contains(nhan || `[]`, 'a')"},
        )
    )
    assert rows == [
        {"tinh": "01", "value": "81.50", "co": "true"},
        {"tinh": "24", "value": "1e2", "co": "false"},
    ]


def test_numbers_are_numbers_to_an_expression(tmp_path: Path) -> None:
    assert named(
        read(tmp_path, ANSWER, rows="[data.dong[:2]]", fields={"mean": "avg([].giaTri)"})
    ) == [{"mean": "90.75"}]


def test_what_holds_for_all_rows_is_told_once(tmp_path: Path) -> None:
    (table,) = read(tmp_path, ANSWER, rows=ROWS, vintage="dot", published_on="ngayCapNhat")
    assert (table.vintage, table.published_on) == ("2025-Q1", dt.date(2025, 3, 15))
    with pytest.raises(SourceError) as failed:
        read(tmp_path, ANSWER, rows=ROWS, published_on="dot")
    assert failed.value.outcome == Outcome.UNREADABLE


def test_a_list_alone_is_the_rows(tmp_path: Path) -> None:
    assert named(read(tmp_path, b'[{"a": 0.10}]')) == [{"a": "0.10"}]


@pytest.mark.parametrize(
    ("options", "missing", "found"),
    [
        ({"rows": "data.rows"}, ["data.rows"], ["errorCode", "ngayCapNhat", "dot", "data"]),
        ({"rows": "data.dong[].ma"}, ["data.dong[].ma[*]"], ["str"]),
        ({"rows": "join(',', data.tong)"}, ["join(',', data.tong)"], None),
        (
            {"rows": ROWS, "fields": {"value": "gia_tri", "ma": "ma", "note": "ghiChu"}},
            ["value: gia_tri"],
            ["ma", "diaPhuong", "nam", "giaTri", "chinhThuc", "ghiChu", "nhan"],
        ),
        (
            {"rows": ROWS, "fields": {"value": "diaPhuong.giaTri"}},
            ["value: diaPhuong.giaTri"],
            None,
        ),
    ],
)
def test_another_shape_fails_and_says_what_was_found(
    tmp_path: Path, options: dict[str, Any], missing: list[str], found: list[str] | None
) -> None:
    with pytest.raises(SourceError) as failed:
        named(read(tmp_path, ANSWER, **options))
    assert failed.value.outcome == Outcome.COLUMNS_CHANGED
    assert failed.value.detail["missing"] == missing
    assert found is None or failed.value.detail["found"] == found


def test_a_null_that_stands_there_in_every_row_is_no_renamed_field(tmp_path: Path) -> None:
    assert named(read(tmp_path, b'[{"a": {"b": null}}]', fields={"x": "a.b"})) == [{"x": None}]


def test_an_error_with_status_200_is_told_in_its_own_words(tmp_path: Path) -> None:
    content = as_json({"errorCode": 7, "message": "Không có quyền", "data": None})
    with pytest.raises(SourceError) as failed:
        read(tmp_path, content, rows="data", error="errorCode != `0` && message")
    assert failed.value.outcome == Outcome.SOURCE_ERROR
    assert failed.value.detail == {"message": "Không có quyền"}


@pytest.mark.parametrize(
    "content",
    [
        ANSWER[:300],
        b"",
        b"<html></html>",
        b"{'a': 1}",
        '[{"a": "đ"}]'.encode("utf-16-be"),
        b'[{"a": "\xff"}]',
        b"[" * 500_000,
        b'{"a":' * 500_000,
        b'[{"a":' + b'{"b":' * 50 + b"1" + b"}" * 51 + b"]",
    ],
)
def test_what_is_no_json_is_unreadable(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(SourceError) as failed:
        named(read(tmp_path, content))
    assert failed.value.outcome == Outcome.UNREADABLE


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [("utf-8", ""), ("utf-8-sig", ""), ("utf-8", "UTF-8"), ("utf-16", ""),
     ("utf-16-le", "utf-16le"), ("cp1258", "windows-1258"), ("utf-8-sig", "iso-8859-1")],
)  # fmt: skip
def test_text_is_decoded_as_marked_or_declared(
    tmp_path: Path, encoding: str, declared: str
) -> None:
    body = body_of(tmp_path / "answer", '[{"a": "đô"}]'.encode(encoding), charset=declared)
    assert json_text.read_json(body) == [{"a": "đô"}]


@pytest.mark.parametrize("declared", ["hex", "idna", "no-such", "\0"])
def test_charsets_that_are_none_are_refused(tmp_path: Path, declared: str) -> None:
    with pytest.raises(SourceError) as failed:
        json_text.read_json(body_of(tmp_path / "answer", b"[]", charset=declared))
    assert failed.value.outcome == Outcome.UNREADABLE


def test_more_than_can_be_held_is_too_large(tmp_path: Path) -> None:
    for content in (b"[" + b"[]," * 1_600_000 + b"[]]", b" " * (json_text.MOST_BYTES + 1)):
        with pytest.raises(SourceError) as failed:
            read(tmp_path, content)
        assert failed.value.outcome == Outcome.TOO_LARGE


def numbered(request: Request, *, pages: int = 3) -> bytes:
    """Two rows on each page, as a service with `page` and `size` gives them."""
    page = int(parse_qs(urlsplit(request.url).query).get("page", ["1"])[0])
    rows = [{"id": f"{page}.{row}"} for row in range(2)] if page <= pages else []
    return as_json({"items": rows, "total": 2 * pages})


def test_pages_are_counted_until_one_is_empty(tmp_path: Path) -> None:
    page = {"parameter": "page", "size_parameter": "size", "size": 2}
    fetch, rows = collect(tmp_path, numbered, rows="items", page=page)
    assert [request.url for request in fetch.asked] == [
        f"{ADDRESS}&page={number}&size=2" for number in (1, 2, 3, 4)
    ]
    assert [row["id"] for row in rows] == ["1.0", "1.1", "2.0", "2.1", "3.0", "3.1"]


def test_a_known_total_saves_the_empty_page_and_must_come_true(tmp_path: Path) -> None:
    page = {"parameter": "page"}
    fetch, rows = collect(tmp_path, numbered, rows="items", page=page, total="total")
    assert len(fetch.asked) == 3
    assert len(rows) == 6


def test_a_total_that_changes_under_way_means_once_more_from_the_first(tmp_path: Path) -> None:
    asked = iter(range(100))
    fetch, rows = collect(
        tmp_path,
        lambda request: numbered(request, pages=2 if next(asked) == 0 else 3),
        rows="items",
        page={"parameter": "page"},
        total="total",
    )
    assert len(rows) == 6
    assert fetch.asked[0] == fetch.asked[-3]
    with pytest.raises(SourceError) as failed:
        collect(
            tmp_path,
            lambda request: numbered(request, pages=next(asked)),
            rows="items",
            page={"parameter": "page"},
            total="total",
        )
    assert failed.value.outcome == Outcome.CHANGED_UNDER_WAY


def test_a_page_parameter_that_the_service_ignores_is_found_out(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as failed:
        collect(tmp_path, numbered, rows="items", page={"parameter": "trang"})
    assert failed.value.outcome == Outcome.MISCONFIGURED


def test_posted_pages_are_counted_in_the_body(tmp_path: Path) -> None:
    def answer(request: Request) -> bytes:
        assert request.url == ADDRESS
        return as_json([{"a": request.json["skip"]}] if request.json["skip"] < 20 else [])

    fetch, rows = collect(
        tmp_path,
        answer,
        method="POST",
        body={"linhVuc": "cds"},
        page={"parameter": "skip", "first": 0, "step": 10},
    )
    assert [request.json for request in fetch.asked] == [
        {"linhVuc": "cds", "skip": skip} for skip in (0, 10, 20)
    ]
    assert [row["a"] for row in rows] == ["0", "10"]


def linked(*links: str | None) -> Callable[[Request], bytes]:
    following = iter(links)
    return lambda request: as_json({"items": [{"u": request.url}], "next": next(following)})


def test_links_to_the_next_page_are_followed_on_the_same_server(tmp_path: Path) -> None:
    _fetch, rows = collect(
        tmp_path,
        linked("?cursor=b", "https://lgsp.example.gov.vn:443/api/x?cursor=c", None),
        rows="items",
        next="next",
    )
    assert [row["u"] for row in rows] == [
        ADDRESS,
        "https://lgsp.example.gov.vn/api/chi-tieu?cursor=b",
        "https://lgsp.example.gov.vn:443/api/x?cursor=c",
    ]


@pytest.mark.parametrize(
    ("links", "outcome"),
    [
        (["https://elsewhere.example/"], Outcome.REFUSED_ADDRESS),
        (["http://lgsp.example.gov.vn/api"], Outcome.REFUSED_ADDRESS),
        (["https://["], Outcome.REFUSED_ADDRESS),
        (["?a=1", "?a=2", "?a=1"], Outcome.CHANGED_UNDER_WAY),
        ([f"?a={page}" for page in range(30)], Outcome.TOO_LARGE),
    ],
)
def test_links_that_lead_elsewhere_or_nowhere_fail(
    tmp_path: Path, links: list[str], outcome: Outcome
) -> None:
    with pytest.raises(SourceError) as failed:
        collect(tmp_path, linked(*links), rows="items", next="next", most_pages=20)
    assert failed.value.outcome == outcome


@pytest.mark.parametrize(
    ("given", "place", "kind"),
    [
        ({"row": "x"}, ("row",), "extra_forbidden"),
        ({"rows": "a[?"}, ("rows",), "jmespath"),
        ({"fields": {"value": "a.[b"}}, ("fields", "value"), "jmespath"),
        ({"page": {"parameter": "p", "sise": 1}}, ("page", "sise"), "extra_forbidden"),
        ({"page": {"parameter": "p", "size": 1}}, ("page",), "size_half"),
        ({"page": {"parameter": "p"}, "next": "n"}, (), "two_ways"),
        ({"body": {}}, (), "body_of_get"),
        ({"page": {"parameter": "p"}, "method": "POST"}, (), "page_in_body"),
        ({"method": "PUT"}, ("method",), "literal_error"),
    ],
)
def test_options_say_which_name_is_wrong(
    given: dict[str, Any], place: tuple[str, ...], kind: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        JsonOptions.model_validate(given)
    assert [(error["loc"], error["type"]) for error in refused.value.errors()] == [(place, kind)]


def test_the_registry_knows_it() -> None:
    assert isinstance(adapter_of("json"), JsonService)
