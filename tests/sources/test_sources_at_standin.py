"""Each format as the demonstration describes it: what goes wrong is named and changes nothing."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.demo import sources
from dashboard.demo.standin.lgsp import secret
from targets.models import DataSource, Observation
from targets.sources.contract import Outcome
from targets.sources.runs import running
from tests.sources.standin import StandIn, written

_DESCRIBED = {one.slug.removeprefix("mo-phong-"): one for one in sources.SOURCES}
_WHOLE = ["ngan-hang-the-gioi", "sdmx", "px-web", "lien-hop-quoc", "undp", "excel-bo", "lgsp"]
_RENAMED = [
    ("ngan-hang-the-gioi", {"date": "year"}),
    ("sdmx", {"REF_AREA": "GEO"}),
    ("px-web", {"Chỉ tiêu": "Phân tổ"}),
    ("lien-hop-quoc", {"Survey Year": "Year"}),
    ("lien-hop-quoc", {"E-Government Index": "EGDI"}),
    ("undp", {"iso3": "code"}),
    ("excel-bo", {"Băng rộng": "Internet"}),
    ("lgsp", {"giaTri": "soLieu"}),
]

pytestmark = pytest.mark.usefixtures("catalogue_db", "quick_fetching")


@pytest.fixture(autouse=True)
def _secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(sources.READS_SECRET, secret())


def _make(name: str, standin: StandIn) -> DataSource:
    (made,) = sources.make([_DESCRIBED[name]], standin.address, key=standin.key)
    return made


def _fails(source: DataSource, outcome: Outcome) -> dict[str, Any]:
    before = written()
    run = running.run_source(source.pk)
    assert (run.status, run.outcome) == ("failed", outcome), run.detail
    assert written() == before
    detail: dict[str, Any] = run.detail
    return detail


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        ("cut", Outcome.CUT),
        ("error", Outcome.BAD_STATUS),
        ("html", Outcome.BAD_TYPE),
        ("html-as-data", Outcome.UNREADABLE),
        ("truncated", Outcome.UNREADABLE),
        ("empty", Outcome.UNREADABLE),
    ],
)
@pytest.mark.parametrize("name", _WHOLE)
def test_a_fault_in_any_format(name: str, fault: str, outcome: Outcome, standin: StandIn) -> None:
    source = _make(name, standin)
    standin.control(fault=fault)
    if (name, fault) == ("undp", "truncated"):
        outcome = Outcome.COLUMNS_CHANGED  # half of this file is half of its header
    _fails(source, outcome)
    standin.control(fault="")
    assert running.run_source(source.pk).status == "succeeded"


@pytest.mark.parametrize(("name", "renamed"), _RENAMED)
def test_a_renamed_column_in_any_format(
    name: str, renamed: dict[str, str], standin: StandIn
) -> None:
    source = _make(name, standin)
    running.run_source(source.pk)
    standin.control(renamed=renamed)
    said = str(_fails(source, Outcome.COLUMNS_CHANGED))
    assert all(old in said and new in said for old, new in renamed.items())


@pytest.mark.parametrize(
    ("name", "year"),
    [
        ("ngan-hang-the-gioi", "2021"),
        ("lien-hop-quoc", "2022"),
        ("undp", "2022"),
        ("px-web", "2024"),
    ],
)
def test_a_missing_year_in_any_format(name: str, year: str, standin: StandIn) -> None:
    source = _make(name, standin)
    source.mapping["expect"] = {"periods": [year], "every_series": False}
    source.save()
    assert running.run_source(source.pk).status == "succeeded"
    standin.control(dropped=[year])
    assert year in str(_fails(source, Outcome.PERIOD_MISSING))


def test_the_header_that_the_united_nations_renamed_is_declared(standin: StandIn) -> None:
    source = _make("lien-hop-quoc", standin)
    source.address = standin.url("/egovkb/EGOV_DATA_2024.csv")
    source.save()
    _fails(source, Outcome.COLUMNS_CHANGED)
    source.options["rename"] = {"Year": "Survey Year"}
    source.save()
    run = running.run_source(source.pk)
    assert (run.status, run.unchanged) == ("succeeded", 5)


def test_px_web_is_asked_in_parts_where_it_refuses_so_many_cells(standin: StandIn) -> None:
    source = _make("px-web", standin)
    standin.control(parameters={"cells": 8})
    run = running.run_source(source.pk)
    assert (run.status, run.unchanged) == ("succeeded", 9)
    asked = [(one["method"], one["status"]) for one in standin.seen()]
    assert ("POST", 403) in asked
    assert asked.count(("POST", 200)) >= 4


def test_a_wrong_secret_is_told_by_its_name_only(
    standin: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = _make("lgsp", standin)
    monkeypatch.setenv(sources.READS_SECRET, "not-the-secret")
    assert "not-the-secret" not in str(_fails(source, Outcome.CREDENTIAL))
    monkeypatch.delenv(sources.READS_SECRET)
    assert sources.CREDENTIAL in str(_fails(source, Outcome.CREDENTIAL))


def test_an_api_key_opens_what_a_bearer_token_opens(standin: StandIn) -> None:
    source = _make("lgsp", standin)
    source.credential = DataSource.Credential.API_KEY
    source.save()
    assert running.run_source(source.pk).unchanged == 6
    assert not Observation.objects.filter(synthetic=True).exists()
