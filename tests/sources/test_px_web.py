"""PX-Web's answers, in the shapes of the statistics office's service."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from targets.sources.adapters.px_web import PxWeb, PxWebOptions, encoded
from targets.sources.adapters.registry import adapter_of
from targets.sources.contract import Outcome, Request, SourceError
from tests.sources.answers import Answers, Rows, as_json, named

ADDRESS = "https://pxweb.gso.gov.vn/api/v1/vi/Dân số và lao động/Dân số/V02.01.px"
PLACES = ["CẢ NƯỚC", "Hà Nội", "Bắc Ninh"]
YEARS = [str(year) for year in range(1990, 2025)]
ABOUT = {
    "title": "Dân số trung bình phân theo Tỉnh, thành phố và Năm",
    "variables": [
        {
            "code": "Tỉnh, thành phố",
            "text": "Tỉnh, thành phố",
            "values": [str(place) for place in range(len(PLACES))],
            "valueTexts": PLACES,
        },
        {
            "code": "Năm",
            "text": "Năm",
            "values": [str(year) for year in range(len(YEARS))],
            "valueTexts": YEARS,
            "time": True,
        },
    ],
}
COLUMNS = [
    {"code": "Tỉnh, thành phố", "text": "Tỉnh, thành phố", "type": "d"},
    {"code": "Năm", "text": "Năm", "type": "t"},
    {"code": "Dân số trung bình", "text": "Dân số trung bình", "type": "c"},
]


def answer_of(cells: list[tuple[list[str], list[Any]]], **more: Any) -> bytes:
    data = [{"key": key, "values": values} for key, values in cells]
    return as_json({"columns": COLUMNS, "comments": [], "data": data, **more})


def selected(request: Request) -> dict[str, list[str]]:
    assert request.json["response"] == {"format": "json"}
    return {part["code"]: part["selection"]["values"] for part in request.json["query"]}


def service(request: Request) -> bytes:
    """Describes the table; then one number for each cell that is asked for."""
    if request.method == "GET":
        return as_json(ABOUT)
    wanted = selected(request)
    return answer_of(
        [
            ([place, year], [f"{place}.{year}0"])
            for place in wanted["Tỉnh, thành phố"]
            for year in wanted["Năm"]
        ]
    )


def collect(
    folder: Path, answer: Callable[[Request], bytes | SourceError], **options: Any
) -> tuple[Answers, Rows]:
    adapter, chosen = PxWeb(), PxWebOptions(**options)
    fetch = Answers(folder, answer)
    bodies = adapter.collect(ADDRESS, chosen, fetch)
    return fetch, named(adapter.tables(ADDRESS, chosen, bodies))


def test_codes_get_their_labels_and_cells_keep_their_digits(tmp_path: Path) -> None:
    def answer(request: Request) -> bytes:
        return (
            service(request) if request.method == "GET" else answer_of([(["0", "32"], ["99.50"])])
        )

    _fetch, rows = collect(tmp_path, answer)
    assert rows == [
        {
            "Tỉnh, thành phố": "CẢ NƯỚC",
            "Tỉnh, thành phố.code": "0",
            "Năm": "2022",
            "Năm.code": "32",
            "value": "99.50",
        }
    ]


def test_vietnamese_names_are_sent_encoded_and_the_encoded_is_kept(tmp_path: Path) -> None:
    fetch, _rows = collect(tmp_path, service)
    sent = {request.url for request in fetch.asked}
    assert sent == {
        "https://pxweb.gso.gov.vn/api/v1/vi/D%C3%A2n%20s%E1%BB%91%20v%C3%A0%20lao%20%C4%91%E1%BB%99"
        "ng/D%C3%A2n%20s%E1%BB%91/V02.01.px"
    }
    assert encoded(next(iter(sent))) == next(iter(sent))
    assert encoded("https://a/50% dân") == "https://a/50%25%20d%C3%A2n"


def test_values_are_chosen_by_label_or_by_code(tmp_path: Path) -> None:
    fetch, rows = collect(
        tmp_path, service, select={"Năm": ["2023", "0"], "Tỉnh, thành phố": ["CẢ NƯỚC"]}
    )
    assert selected(fetch.asked[1]) == {"Tỉnh, thành phố": ["0"], "Năm": ["0", "33"]}
    assert [row["Năm"] for row in rows] == ["1990", "2023"]


@pytest.mark.parametrize("nothing", ["..", ".", "", "......", None])
def test_dots_are_no_value(tmp_path: Path, nothing: str | None) -> None:
    def answer(request: Request) -> bytes:
        return service(request) if request.method == "GET" else answer_of([(["0", "0"], [nothing])])

    _fetch, rows = collect(tmp_path, answer)
    assert [row["value"] for row in rows] == [None]


def test_a_large_table_is_asked_for_in_parts_of_its_first_variable(tmp_path: Path) -> None:
    fetch, rows = collect(tmp_path, service, most_cells=40)
    assert [selected(request)["Tỉnh, thành phố"] for request in fetch.asked[1:]] == [
        ["0"],
        ["1"],
        ["2"],
    ]
    assert len({tuple(row.items()) for row in rows}) == 3 * 35


def test_a_variable_too_long_by_itself_is_cut_along_the_next(tmp_path: Path) -> None:
    fetch, rows = collect(tmp_path, service, most_cells=20)
    parts = [selected(request) for request in fetch.asked[1:]]
    assert all(len(p["Tỉnh, thành phố"]) * len(p["Năm"]) <= 20 for p in parts)
    assert len({tuple(row.items()) for row in rows}) == 3 * 35


def test_a_service_that_allows_fewer_cells_is_asked_for_less_at_a_time(tmp_path: Path) -> None:
    def answer(request: Request) -> bytes | SourceError:
        if request.method == "POST" and len(selected(request)["Tỉnh, thành phố"]) > 1:
            return SourceError(Outcome.BAD_STATUS, status=403)
        return service(request)

    _fetch, rows = collect(tmp_path, answer)
    assert len({tuple(row.items()) for row in rows}) == 3 * 35


def test_a_service_that_forbids_even_one_cell_fails(tmp_path: Path) -> None:
    def answer(request: Request) -> bytes | SourceError:
        if request.method == "POST":
            return SourceError(Outcome.CREDENTIAL, status=403)
        return service(request)

    with pytest.raises(SourceError) as failed:
        collect(tmp_path, answer)
    assert failed.value.outcome == Outcome.CREDENTIAL


def test_contents_side_by_side_become_rows(tmp_path: Path) -> None:
    """Where one variable is what is measured, its values are columns of kind "c"."""
    about = {
        "variables": [
            {"code": "ContentsCode", "text": "Nội dung", "values": ["A", "B"],
             "valueTexts": ["Dân số", "Mật độ"]},
            {"code": "Tid", "text": "Năm", "values": ["2023"], "valueTexts": ["2023"]},
        ]
    }  # fmt: skip
    cells = {
        "columns": [
            {"code": "Tid", "text": "Năm", "type": "t"},
            {"code": "A", "text": "Dân số", "type": "c"},
            {"code": "B", "text": "Mật độ", "type": "c"},
        ],
        "data": [{"key": ["2023"], "values": ["100.3", ".."]}],
        "metadata": [{"updated": "2024-06-29T01:00:00Z", "label": "x"}],
    }
    adapter, options = PxWeb(), PxWebOptions()
    fetch = Answers(tmp_path, lambda r: as_json(about if r.method == "GET" else cells))
    (table,) = adapter.tables(ADDRESS, options, adapter.collect(ADDRESS, options, fetch))
    assert table.columns == ["Nội dung", "Nội dung.code", "Năm", "Năm.code", "value"]
    assert list(table.rows) == [
        ["Dân số", "A", "2023", "2023", "100.3"],
        ["Mật độ", "B", "2023", "2023", None],
    ]
    assert (table.vintage, table.published_on) == ("2024-06-29T01:00:00Z", dt.date(2024, 6, 29))


def test_what_is_chosen_but_gone_is_told_by_name(tmp_path: Path) -> None:
    for select, outcome, missing in (
        ({"Năm": ["2023", "2031"]}, Outcome.PERIOD_MISSING, ["2031"]),
        ({"Tỉnh, thành phố": ["Bắc Giang"]}, Outcome.COLUMNS_CHANGED, ["Bắc Giang"]),
        ({"Tỉnh": "*"}, Outcome.COLUMNS_CHANGED, ["Tỉnh"]),
    ):
        with pytest.raises(SourceError) as failed:
            collect(tmp_path, service, select=select)
        assert (failed.value.outcome, failed.value.detail["missing"]) == (outcome, missing)
        assert failed.value.detail["found"]


def test_a_code_that_the_description_does_not_know_is_a_change_under_way(tmp_path: Path) -> None:
    def answer(request: Request) -> bytes:
        return service(request) if request.method == "GET" else answer_of([(["0", "99"], ["1"])])

    with pytest.raises(SourceError) as failed:
        collect(tmp_path, answer)
    assert failed.value.outcome == Outcome.CHANGED_UNDER_WAY


def test_parts_of_different_editions_are_a_change_under_way(tmp_path: Path) -> None:
    days = iter(range(1, 30))

    def answer(request: Request) -> bytes:
        if request.method == "GET":
            return service(request)
        return answer_of([], metadata=[{"updated": f"2024-06-{next(days):02}"}])

    with pytest.raises(SourceError) as failed:
        collect(tmp_path, answer, most_cells=40)
    assert failed.value.outcome == Outcome.CHANGED_UNDER_WAY


FOLDER = [{"id": "V02.01.px", "type": "t", "text": "Dân số trung bình"}]
HALF = {"variables": [{"code": "Năm", "text": "Năm", "values": ["0", "1"], "valueTexts": ["2023"]}]}


@pytest.mark.parametrize(
    ("about", "cells", "outcome"),
    [
        (as_json(FOLDER), b"", "misconfigured"),
        (as_json(HALF), b"", "columns-changed"),
        (b'{"title": "x"}', b"", "columns-changed"),
        (b'{"variables": ["x"]}', b"", "columns-changed"),
        (b'{"error": "Not found"}', b"", "source-error"),
        (as_json(ABOUT)[:100], b"", "unreadable"),
        (as_json(ABOUT), b'{"columns": [', "unreadable"),
        (as_json(ABOUT), b'{"error": "Too many"}', "source-error"),
        (as_json(ABOUT), b'{"dataset": {}}', "columns-changed"),
        (as_json(ABOUT), answer_of([(["0"], ["1"])]), "columns-changed"),
        (as_json(ABOUT), answer_of([(["0", "0"], ["1", "2"])]), "columns-changed"),
        (
            as_json(ABOUT),
            b'{"columns": [{"code": "x", "type": "d"}], "data": [1]}',
            "columns-changed",
        ),
        (as_json(ABOUT), as_json({"columns": COLUMNS, "data": [1]}), "columns-changed"),
    ],
)
def test_what_is_not_what_the_service_writes_fails_by_name(
    tmp_path: Path, about: bytes, cells: bytes, outcome: str
) -> None:
    with pytest.raises(SourceError) as failed:
        collect(tmp_path, lambda request: about if request.method == "GET" else cells)
    assert failed.value.outcome == outcome


def test_options_say_which_name_is_wrong() -> None:
    for given, place in (
        ({"selection": {}}, ("selection",)),
        ({"most_cells": 0}, ("most_cells",)),
        ({"select": {"Năm": 2023}}, ("select", "Năm")),
        ({"select": {"Năm": []}}, ("select", "Năm")),
    ):
        with pytest.raises(ValidationError) as refused:
            PxWebOptions.model_validate(given)
        assert refused.value.errors()[0]["loc"][: len(place)] == place


def test_the_registry_knows_it() -> None:
    assert isinstance(adapter_of("px-web"), PxWeb)
