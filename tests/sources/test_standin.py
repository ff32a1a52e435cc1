"""The stand-in speaks the formats of those whom it stands for, and says the published figures."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx
import openpyxl
import pytest
import sdmx
from lxml import etree
from sdmx.message import DataMessage

from dashboard.demo.standin.faults import FAULTS
from dashboard.demo.standin.figures import published
from dashboard.demo.standin.lgsp import secret
from tests.sources.standin import StandIn

RD = "/v2/country/VNM/indicator/GB.XPD.RSDV.GD.ZS"
_PX = "/api/v1/vi/Dân số và lao động/V02.55.px"


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=5, trust_env=False) as client:
        yield client


def _get(client: httpx.Client, url: str, **more: Any) -> httpx.Response:
    answer = client.get(url, **more)
    assert answer.status_code == 200, answer.text
    return answer


def test_the_world_bank_answers_page_by_page_newest_first(
    standin: StandIn, client: httpx.Client
) -> None:
    rows = []
    for page in range(1, 6):
        meta, part = _get(
            client, standin.url(f"{RD}?format=json&per_page=3&page={page}&date=2010:2024")
        ).json()
        assert (meta["page"], meta["pages"], meta["per_page"], meta["total"]) == (page, 5, 3, 15)
        rows += part
    assert [row["date"] for row in rows] == [str(year) for year in range(2024, 2009, -1)]
    assert rows[0]["value"] is None
    assert rows[0]["countryiso3code"] == "VNM"
    told = {row["date"]: row["value"] for row in rows if row["value"] is not None}
    assert told == {year: float(v) for year, v in published()["rd-gdp/worldbank"].items()}


def test_a_mistake_at_the_world_bank_comes_with_status_200(
    standin: StandIn, client: httpx.Client
) -> None:
    told = _get(client, standin.url("/v2/country/VNM/indicator/NO.SUCH?format=json")).json()
    assert [list(part) for part in told] == [["message"]]
    assert told[0]["message"][0]["id"] == "120"


def test_px_web_describes_and_answers_a_table_in_vietnamese(
    standin: StandIn, client: httpx.Client
) -> None:
    url = standin.url(quote(_PX))
    variables = {one["code"]: one for one in _get(client, url).json()["variables"]}
    assert list(variables) == ["Địa phương", "Năm", "Chỉ tiêu"]
    years = variables["Năm"]
    assert years["valueTexts"][-1] == "Sơ bộ 2024"
    item = {"filter": "item", "values": ["0"]}
    answer = client.post(
        url,
        json={
            "query": [{"code": code, "selection": item} for code in ("Địa phương", "Chỉ tiêu")],
            "response": {"format": "json"},
        },
    ).json()
    assert [column["type"] for column in answer["columns"]] == ["d", "t", "d", "c"]
    told = {
        years["valueTexts"][int(row["key"][1])].removeprefix("Sơ bộ "): row["values"][0]
        for row in answer["data"]
    }
    assert told["2023"] == ".."
    assert {year: v for year, v in told.items() if v != ".."} == published()[
        "labour-productivity-level/gso"
    ]


def test_px_web_refuses_too_many_cells_and_lists_folders(
    standin: StandIn, client: httpx.Client
) -> None:
    standin.control(parameters={"cells": 10})
    answer = client.post(
        standin.url(quote(_PX)), json={"query": [], "response": {"format": "json"}}
    )
    assert answer.status_code == 403
    folders = _get(client, standin.url("/api/v1/vi/")).json()
    assert {"id": "Dân số và lao động", "type": "l", "text": "Dân số và lao động"} in folders
    assert client.get(standin.url("/api/v1/vi/Không có")).status_code == 404


@pytest.mark.parametrize(
    ("path", "accept"),
    [
        ("/sdmx/rest/data/WB,WDI,1.0/{key}", ""),
        (
            "/sdmx/rest/data/WDI/{key}",
            "application/vnd.sdmx.structurespecificdata+xml;version=2.1",
        ),
        ("/sdmx/rest/data/WB,WDI/{key}?format=jsondata", "*/*"),
    ],
)
def test_sdmx_2_is_read_by_the_library(
    standin: StandIn, client: httpx.Client, path: str, accept: str
) -> None:
    url = standin.url(path.format(key="A.SP_POP_SCIE_RD_P6.VNM"))
    content = _get(client, url, headers={"Accept": accept}).content
    message = sdmx.read_sdmx(io.BytesIO(content))
    assert isinstance(message, DataMessage)
    told = {
        str(one.dimension["TIME_PERIOD"].value): float(str(one.value))
        for one in message.data[0].obs
    }
    wanted = published()["researchers-per-million/worldbank"]
    assert told == {year: float(value) for year, value in wanted.items()}


@pytest.mark.parametrize("accept", ["application/vnd.sdmx.data+xml;version=3.0.0", "x/json"])
def test_sdmx_3_has_messages_of_its_own(
    standin: StandIn, client: httpx.Client, accept: str
) -> None:
    url = standin.url("/sdmx/v2/data/dataflow/WB/WDI/1.0/A.SP_POP_SCIE_RD_P6.VNM")
    content = _get(client, url, headers={"Accept": accept}).content
    if "xml" in accept:
        tree = etree.fromstring(content)
        assert "v3_0" in str(tree.tag)
        told = {one.get("TIME_PERIOD"): one.get("OBS_VALUE") for one in tree.iter("Obs")}
        assert told == published()["researchers-per-million/worldbank"]
    else:
        data = json.loads(content)["data"]
        (series,) = data["dataSets"][0]["series"].values()
        assert series["observations"]["0"] == [684.842]
        assert data["structures"][0]["dimensions"]["observation"][0]["values"][0]["id"] == "2013"


def test_sdmx_knows_no_series_by_a_wrong_key(standin: StandIn, client: httpx.Client) -> None:
    assert client.get(standin.url("/sdmx/rest/data/WDI/A.NO_SUCH.VNM")).status_code == 404


def test_the_united_nations_file_is_unsorted_and_renames_its_header(
    standin: StandIn, client: httpx.Client
) -> None:
    editions = {}
    for year in ("2022", "2024"):
        text = _get(client, standin.url(f"/egovkb/EGOV_DATA_{year}.csv")).text
        assert '"Viet Nam "' in text
        rows = list(csv.DictReader(io.StringIO(text)))
        names = [row["Country Name"] for row in rows]
        assert names != sorted(names)
        editions[year] = next(row for row in rows if row["Country Name"] == "Viet Nam ")
    assert editions["2022"]["Survey Year"] == "2022"
    assert "Survey Year" not in editions["2024"]
    assert editions["2024"]["E-Government Index"] == "0.77092"
    assert editions["2024"]["E-Government Rank"] == "71"


def test_undp_s_file_is_wide_and_in_latin_1(standin: StandIn, client: httpx.Client) -> None:
    url = standin.url("/hdr/HDR23-24_Composite_indices_complete_time_series.csv")
    content = _get(client, url).content
    with pytest.raises(UnicodeDecodeError):
        content.decode()
    rows = {row["iso3"]: row for row in csv.DictReader(io.StringIO(content.decode("latin-1")))}
    assert rows["CIV"]["country"] == "Côte d'Ivoire"
    assert (rows["VNM"]["hdi_1990"], rows["VNM"]["hdi_2022"]) == ("", "0.726")
    assert rows["VNM"]["hdi_rank_2022"] == "107"


def test_the_ministry_s_workbook_has_a_merged_header(
    standin: StandIn, client: httpx.Client
) -> None:
    answer = _get(client, standin.url("/bo-khcn/vien-thong.xlsx"))
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0]
    assert "D3:E3" in {str(one) for one in sheet.merged_cells.ranges}
    rows = {row[1]: row for row in sheet.iter_rows(min_row=5, values_only=True)}
    assert rows["8/2023"][3:] == (78.3, 101.2)
    assert rows["2025"][2] == 80000


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"Authorization": "Bearer wrong"}, 403),
        ({"Authorization": f"Bearer {secret()}"}, 200),
        ({"X-API-Key": secret()}, 200),
    ],
)
def test_the_ministry_s_service_demands_its_secret(
    standin: StandIn, client: httpx.Client, headers: dict[str, str], status: int
) -> None:
    answer = client.get(standin.url("/lgsp/bo-khcn/chi-tieu?kich_thuoc=4"), headers=headers)
    assert answer.status_code == status
    if status == 200:
        told = answer.json()["duLieu"]
        assert told["tongTrang"] == 2
        assert told["danhSach"][0]["giaTri"] == "39,51"
        assert told["danhSach"][0]["kyDuLieu"] == "06/2025"


def test_unchanged_answers_are_304_until_a_value_is_revised(
    standin: StandIn, client: httpx.Client
) -> None:
    url = standin.url(f"{RD}?format=json")
    first = _get(client, url)
    conditions = {
        "If-None-Match": first.headers["ETag"],
        "If-Modified-Since": first.headers["Last-Modified"],
    }
    for name, value in conditions.items():
        assert client.get(url, headers={name: value}).status_code == 304
    standin.control(values={"rd-gdp/worldbank": {"2021": "0.5", "2019": None}})
    for name, value in conditions.items():
        changed = client.get(url, headers={name: value})
        assert changed.status_code == 200
    told = {row["date"]: row["value"] for row in changed.json()[1]}
    assert (told["2021"], told["2019"], told["2017"]) == (0.5, None, 0.41895)
    assert [one["status"] for one in standin.seen()] == [200, 304, 304, 200, 200]


def test_a_column_can_be_renamed_and_a_year_left_out(
    standin: StandIn, client: httpx.Client
) -> None:
    standin.control(renamed={"E-Government Index": "EGDI"}, dropped=["2022"])
    text = _get(client, standin.url("/egovkb/EGOV_DATA.csv")).text
    assert "EGDI" in text.splitlines()[0]
    assert "E-Government Index" not in text
    assert "2022," not in text
    standin.control(reset=True)
    assert "2022," in _get(client, standin.url("/egovkb/EGOV_DATA.csv")).text


def test_a_counted_fault_is_over_after_so_many_times_and_keys_are_apart(
    standin: StandIn, client: httpx.Client
) -> None:
    standin.control(fault="error", times=2, only="page=2")
    other = StandIn(standin.address, f"{standin.key}-other")
    first, second = (standin.url(f"{RD}?format=json&page={page}") for page in (1, 2))
    assert client.get(first).status_code == 200
    assert client.get(other.url(f"{RD}?format=json&page=2")).status_code == 200
    assert [client.get(second).status_code for _ in range(3)] == [500, 500, 200]


def test_content_changes_between_pages(standin: StandIn, client: httpx.Client) -> None:
    standin.control(fault="pages-change")
    totals = [
        client.get(standin.url(f"{RD}?format=json&per_page=5&page={page}")).json()[0]["total"]
        for page in (1, 2)
    ]
    assert totals == [15, 16]


def test_faults_are_on_the_wire(standin: StandIn, client: httpx.Client) -> None:
    url = f"{RD}?format=json"
    whole = client.get(standin.url(url)).content
    assert client.get(standin.url(url, fault="gzip")).content == whole
    for cut in ("cut", "cut-chunked", "reset"):
        with pytest.raises(httpx.TransportError):
            client.get(standin.url(url, fault=cut))
    with pytest.raises(httpx.ReadTimeout):
        client.get(standin.url(url, fault="slow"), timeout=0.2)
    with client.stream("GET", standin.url(url, fault="gzip-cut")) as answer:
        assert len(gzip.compress(whole)) > len(b"".join(answer.iter_raw())) > 0
    bomb = client.get(standin.url(url, fault="gzip-bomb"))
    assert len(bomb.content) == 100_000_000 > 500 * int(bomb.headers["Content-Length"])
    with client.stream("GET", standin.url(url, fault="huge")) as answer:
        assert answer.headers["Content-Length"] == "10000000000"
    for redirect in ("redirect-private", "redirect-loop", "redirect-file"):
        assert client.get(standin.url(url, fault=redirect)).status_code == 302
    login = client.get(standin.url(url, fault="html"))
    assert login.headers["Content-Type"].startswith("text/html")
    assert client.get(standin.url(url, fault="truncated")).content == whole[: len(whole) // 2]
    limited = client.get(standin.url(url, fault="rate-limit"))
    assert (limited.status_code, limited.headers["Retry-After"]) == (429, "1")
    assert client.get(standin.url(url, fault="no-such")).status_code == 501
    standin.control(fault="rate-limit", parameters={"seconds": 90, "date": True})
    assert client.get(standin.url(url)).headers["Retry-After"].endswith("GMT")
    assert {"drip", "gzip-bomb", "endless", "billion-laughs"} <= FAULTS.keys()


def test_control_refuses_what_it_does_not_know(standin: StandIn) -> None:
    answer = httpx.post(f"{standin.address}/control", json={"key": standin.key, "valuse": {}})
    assert answer.status_code == 400
