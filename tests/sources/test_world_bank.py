"""The World Bank's answers, as its service writes them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import ValidationError

from targets.sources.adapters.registry import adapter_of
from targets.sources.adapters.world_bank import WorldBank, WorldBankOptions
from targets.sources.contract import Outcome, Request, SourceError
from tests.sources.answers import Answers, as_json, body_of, named

ADDRESS = "https://api.worldbank.org/v2/country/VNM/indicator/IT.NET.USER.ZS"
USERS = [("2024", None), ("2023", "78.08"), ("2022", "78.590"), ("2021", "74.21"), ("2020", "70.3")]


def row(year: str, value: str | None) -> str:
    """A row byte for byte as the service writes it, its digits included."""
    return (
        '{"indicator":{"id":"IT.NET.USER.ZS","value":"Individuals using the Internet"},'
        '"country":{"id":"VN","value":"Viet Nam"},"countryiso3code":"VNM",'
        f'"date":"{year}","value":{value or "null"},"unit":"","obs_status":"","decimal":0}}'
    )


def page(number: int, size: int = 2, *, edition: str = "2025-07-01", rows: Any = None) -> bytes:
    known = USERS if rows is None else rows
    pages = -(-len(known) // size)
    shown = known[(number - 1) * size : number * size]
    meta = (
        f'{{"page":{number},"pages":{pages},"per_page":{size},"total":{len(known)},'
        f'"sourceid":"2","lastupdated":"{edition}"}}'
    )
    return f"[{meta},[{','.join(row(*entry) for entry in shown)}]]".encode("utf-8-sig")


def number_of(request: Request) -> int:
    return int(parse_qs(urlsplit(request.url).query)["page"][0])


def collect(
    folder: Path, answer: Callable[[Request], bytes], **options: Any
) -> tuple[Answers, list[dict[str, str | None]]]:
    adapter, chosen = WorldBank(), WorldBankOptions(**options)
    fetch = Answers(folder, answer)
    bodies = adapter.collect(ADDRESS, chosen, fetch)
    return fetch, named(adapter.tables(ADDRESS, chosen, bodies))


def test_every_page_is_walked_and_the_digits_stay(tmp_path: Path) -> None:
    fetch, rows = collect(tmp_path, lambda request: page(number_of(request)))
    assert [number_of(request) for request in fetch.asked] == [1, 2, 3]
    assert [(r["date"], r["value"]) for r in rows] == USERS
    assert rows[1] == {
        "indicator.id": "IT.NET.USER.ZS",
        "indicator.value": "Individuals using the Internet",
        "country.id": "VN",
        "country.value": "Viet Nam",
        "countryiso3code": "VNM",
        "date": "2023",
        "value": "78.08",
        "unit": "",
        "obs_status": "",
        "decimal": "0",
    }


def test_the_edition_is_the_vintage_and_the_day_of_publication(tmp_path: Path) -> None:
    body = body_of(tmp_path / "page", page(1, 9))
    (table,) = WorldBank().tables(ADDRESS, WorldBankOptions(), [body])
    assert (table.vintage, table.published_on) == ("2025-07-01", dt.date(2025, 7, 1))


def test_a_complete_address_keeps_what_it_asks_for(tmp_path: Path) -> None:
    fetch = Answers(tmp_path, lambda request: page(1, 9))
    WorldBank().collect(f"{ADDRESS}?date=2020:2024&format=xml", WorldBankOptions(), fetch)
    (asked,) = fetch.asked
    assert asked.url == f"{ADDRESS}?date=2020:2024&format=json&per_page=1000&page=1"


def test_several_indicators_are_one_question_to_one_database(tmp_path: Path) -> None:
    fetch = Answers(tmp_path, lambda request: page(1, 9))
    options = WorldBankOptions(
        indicators=["IT.NET.USER.ZS", "IT.CEL.SETS.P2"], countries=["VNM", "THA"], date="2020:2024"
    )
    WorldBank().collect("https://api.worldbank.org/v2/", options, fetch)
    assert fetch.asked[0].url == (
        "https://api.worldbank.org/v2/country/VNM;THA/indicator/IT.NET.USER.ZS;IT.CEL.SETS.P2"
        "?source=2&date=2020:2024&format=json&per_page=1000&page=1"
    )


def test_an_edition_that_changes_under_way_is_read_again_from_the_first_page(
    tmp_path: Path,
) -> None:
    editions = iter(["2025-07-01"] * 2 + ["2025-10-01"] * 4)
    fetch, rows = collect(tmp_path, lambda r: page(number_of(r), edition=next(editions)))
    assert [number_of(request) for request in fetch.asked] == [1, 2, 3, 1, 2, 3]
    assert [(r["date"], r["value"]) for r in rows] == USERS


def test_a_source_that_never_holds_still_fails(tmp_path: Path) -> None:
    editions = iter(range(1, 30))
    with pytest.raises(SourceError) as failed:
        collect(tmp_path, lambda r: page(number_of(r), edition=f"2025-07-{next(editions):02}"))
    assert failed.value.outcome == Outcome.CHANGED_UNDER_WAY


def test_a_page_that_is_gone_when_it_is_asked_for_is_a_change_under_way(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as failed:
        collect(tmp_path, lambda r: page(number_of(r), rows=USERS[: 4 - number_of(r)]))
    assert failed.value.outcome == Outcome.CHANGED_UNDER_WAY


def test_an_error_with_status_200_is_told_in_its_own_words(tmp_path: Path) -> None:
    said = {"id": "120", "key": "Invalid value", "value": "The parameter value is not valid"}
    with pytest.raises(SourceError) as failed:
        collect(tmp_path, lambda request: as_json([{"message": [said]}]))
    assert failed.value.outcome == Outcome.SOURCE_ERROR
    assert failed.value.detail == {"message": "Invalid value: The parameter value is not valid"}


@pytest.mark.parametrize(
    ("content", "outcome"),
    [
        (b'[{"page":0,"pages":0,"per_page":0,"total":0,"lastupdated":null},null]', "source-error"),
        (page(1)[:-40], "unreadable"),
        (b"", "unreadable"),
        (b"[" * 200_000, "unreadable"),
        (
            b'[{"page":1,"pages":1,"total":1},[' + b'{"a":' * 500 + b"1" + b"}" * 500 + b"]]",
            "unreadable",
        ),
        (b'{"page":1}', "columns-changed"),
        (b'[{"page":1,"pages":1,"total":1},{"a":1}]', "columns-changed"),
        (b'[{"page":1,"total":1},[{"a":1}]]', "columns-changed"),
        (b'[{"page":2,"pages":1,"total":1},[{"a":1}]]', "unreadable"),
        (b'[{"page":1,"pages":9999,"total":1},[{"a":1}]]', "too-large"),
        (page(1, 9).replace(b'"date"', b'"year"'), "columns-changed"),
    ],
)
def test_what_is_not_what_the_service_writes_fails_by_name(
    tmp_path: Path, content: bytes, outcome: str
) -> None:
    with pytest.raises(SourceError) as failed:
        collect(tmp_path, lambda request: content)
    assert failed.value.outcome == outcome


def test_options_say_which_name_is_wrong() -> None:
    for given, place in (
        ({"indicator": ["A"]}, ("indicator",)),
        ({"indicators": ["a/../b"]}, ("indicators", 0)),
        ({"per_page": 0}, ("per_page",)),
        ({"date": "từ 2020"}, ("date",)),
        ({"countries": ["VNM"]}, ()),
    ):
        with pytest.raises(ValidationError) as refused:
            WorldBankOptions.model_validate(given)
        assert [error["loc"] for error in refused.value.errors()] == [place]


def test_options_and_address_must_not_both_name_indicators(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as failed:
        collect(tmp_path, lambda request: page(1), indicators=["A"])
    assert failed.value.outcome == Outcome.MISCONFIGURED


def test_the_registry_knows_it_and_no_adapter_for_what_is_pushed() -> None:
    assert isinstance(adapter_of("world-bank"), WorldBank)
    with pytest.raises(ValueError, match="push"):
        adapter_of("push")
