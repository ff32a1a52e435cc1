"""Every way in which the stand-in breaks an answer: a named outcome, nothing half written, healed.

Each fault meets a source that brought values before; its run fails by name and changes nothing but
its own record; the next run, without the fault, brings what is published by then.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from dashboard.demo.standin.faults import FAULTS, PAGES_CHANGE
from targets.models import (
    DataSource,
    Indicator,
    Observation,
    Organisation,
    Series,
    SeriesMapping,
    SourceRun,
    Unit,
)
from targets.sources.contract import Outcome
from targets.sources.runs import running
from tests.factory import make
from tests.sources.standin import StandIn, written

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick_fetching")]

_SERIES = "rd-gdp/worldbank"
_PATH = "/v2/country/VNM/indicator/GB.XPD.RSDV.GD.ZS"


@dataclass(frozen=True)
class Case:
    """A fault, with what it is told, and the outcome that it must lead to."""

    fault: str
    outcome: Outcome
    parameters: dict[str, Any] = field(default_factory=dict)
    only: str = ""
    sdmx: bool = False


_CASES = [
    Case("stall", Outcome.TIMEOUT, {"seconds": 2}),
    Case("slow", Outcome.TIMEOUT, {"seconds": 2}),
    Case("drip", Outcome.TIMEOUT, {"seconds": 0.05}),
    Case("cut", Outcome.CUT),
    Case("cut-chunked", Outcome.CUT),
    Case("reset", Outcome.CUT),
    Case("gzip-cut", Outcome.CUT),
    Case("error", Outcome.BAD_STATUS),
    Case("unavailable", Outcome.BAD_STATUS),
    Case("not-found", Outcome.BAD_STATUS),
    Case("unauthorised", Outcome.CREDENTIAL),
    Case("forbidden", Outcome.BAD_STATUS),
    Case("rate-limit", Outcome.RATE_LIMITED, {"seconds": 0}),
    Case("rate-limit", Outcome.RATE_LIMITED, {"seconds": 600}),
    Case("rate-limit", Outcome.RATE_LIMITED, {"seconds": 600, "date": True}),
    Case("gzip-bomb", Outcome.TOO_LARGE),
    Case("huge", Outcome.TOO_LARGE),
    Case("endless", Outcome.TOO_LARGE),
    Case("html", Outcome.BAD_TYPE),
    Case("html-as-data", Outcome.UNREADABLE),
    Case("truncated", Outcome.UNREADABLE),
    Case("empty", Outcome.UNREADABLE),
    Case("redirect-private", Outcome.REFUSED_ADDRESS),
    Case("redirect-private", Outcome.REFUSED_ADDRESS, {"to": "http://10.0.0.1/v2"}),
    Case("redirect-private", Outcome.REFUSED_ADDRESS, {"to": "http://127.0.0.1:1/v2"}),
    Case("redirect-private", Outcome.REFUSED_ADDRESS, {"to": "http://[::1]/v2"}),
    Case("redirect-file", Outcome.REFUSED_ADDRESS),
    Case("redirect-loop", Outcome.BAD_STATUS),
    Case("billion-laughs", Outcome.UNREADABLE, sdmx=True),
    Case("external-entity", Outcome.UNREADABLE, sdmx=True),
    Case("truncated", Outcome.UNREADABLE, sdmx=True),
    Case("cut", Outcome.CUT, only="page=3"),
    Case("truncated", Outcome.UNREADABLE, only="page=2"),
    Case(PAGES_CHANGE, Outcome.CHANGED_UNDER_WAY),
]


@pytest.fixture
def series() -> Series:
    make(Organisation, code="VN", kind="country")
    unit = make(Unit, code="percent", kind="percent", decimals=3)
    indicator = make(Indicator, code="rd-gdp", unit=unit, levels=["national"])
    return make(Series, indicator=indicator, code="worldbank")


@pytest.fixture
def bank(standin: StandIn, series: Series) -> DataSource:
    """The World Bank's source, over several pages."""
    source = make(
        DataSource,
        adapter="world-bank",
        address=standin.url(_PATH),
        options={"per_page": 4},
        mapping={
            "area": {"field": "countryiso3code", "codes": {"VNM": "VN"}},
            "period": {"field": "date"},
        },
        trust="automatic",
        enabled=True,
        most_bytes=1_000_000,
    )
    make(SeriesMapping, data_source=source, series=series)
    return source


@pytest.fixture
def sdmx(standin: StandIn, series: Series) -> DataSource:
    """An SDMX source of the same series."""
    source = make(
        DataSource,
        adapter="sdmx",
        address=standin.url("/sdmx/rest/data/WB,WDI,1.0/A.GB_XPD_RSDV_GD_ZS.VNM"),
        mapping={
            "area": {"field": "REF_AREA", "codes": {"VNM": "VN"}},
            "period": {"field": "TIME_PERIOD"},
        },
        trust="automatic",
        enabled=True,
    )
    make(SeriesMapping, data_source=source, series=series)
    return source


def _values() -> dict[str, str]:
    """Period -> value in force, as plain text."""
    return {
        one.period: f"{one.value.normalize():f}"
        for one in Observation.objects.filter(superseded_at=None)
    }


def _of(case: Case, bank: DataSource, sdmx: DataSource) -> DataSource:
    return sdmx if case.sdmx else bank


@pytest.mark.parametrize("case", _CASES, ids=lambda case: f"{case.fault}-{case.outcome}")
def test_a_fault_has_a_name_changes_nothing_and_the_next_run_heals(
    case: Case, bank: DataSource, sdmx: DataSource, standin: StandIn
) -> None:
    source = _of(case, bank, sdmx)
    published = {"2021": "0.42494", "2019": "0.41652", "2017": "0.41895"}
    assert running.run_source(source.pk).status == "succeeded"
    assert _values().items() >= published.items()
    before = written()

    # There is something new, which the fault keeps from coming.
    standin.control(values={_SERIES: {"2021": "0.5", "2023": "0.51"}})
    standin.control(fault=case.fault, parameters=case.parameters, only=case.only)
    failed = running.run_source(source.pk)
    assert (failed.status, failed.outcome) == ("failed", case.outcome), failed.detail
    assert failed.finished_at is not None
    assert (failed.added, failed.revised, failed.held, failed.rows_read) == (0, 0, 0, 0)
    assert written() == before
    source.refresh_from_db()
    assert source.failures == 1

    standin.control(fault="", parameters={}, only="")
    healed = running.run_source(source.pk, kind=SourceRun.Kind.MANUAL)
    assert (healed.status, healed.outcome, healed.added, healed.revised) == (
        *("succeeded", ""),
        *(1, 1),
    )
    assert _values() == {**_values(), **published, "2021": "0.5", "2023": "0.51"}
    source.refresh_from_db()
    assert (source.failures, source.paused_until) == (0, None)


@pytest.mark.parametrize(
    ("fault", "parameters"),
    [("error", {}), ("unavailable", {}), ("cut", {}), ("rate-limit", {"seconds": 0})],
)
def test_what_passes_is_tried_again_within_the_run(
    bank: DataSource, standin: StandIn, fault: str, parameters: dict[str, Any]
) -> None:
    standin.control(fault=fault, parameters=parameters, times=1, only="page=2")
    run = running.run_source(bank.pk)
    assert (run.status, run.retries) == ("succeeded", 1)
    assert _values()["2021"] == "0.42494"


def test_pages_that_changed_once_are_read_again_from_the_first(
    bank: DataSource, standin: StandIn
) -> None:
    standin.control(fault=PAGES_CHANGE, times=1, only="page=2")
    assert running.run_source(bank.pk).status == "succeeded"
    asked = [one["path"].rpartition("=")[2] for one in standin.seen()]
    assert asked == ["1", "2", "1", "2", "3", "4"]


def test_a_compressed_answer_is_no_fault(bank: DataSource, standin: StandIn) -> None:
    standin.control(fault="gzip")
    assert running.run_source(bank.pk).status == "succeeded"
    assert _values()["2021"] == "0.42494"


def test_what_did_not_change_is_not_sent_again(bank: DataSource, standin: StandIn) -> None:
    running.run_source(bank.pk)
    again = running.run_source(bank.pk)
    assert again.status == "unchanged"
    assert {one["status"] for one in standin.seen()[-4:]} == {304}


@pytest.mark.parametrize(
    ("renamed", "missing"), [({"date": "year"}, "date"), ({"value": "gia_tri"}, "value")]
)
def test_a_renamed_field_fails_loudly(
    bank: DataSource, standin: StandIn, renamed: dict[str, str], missing: str
) -> None:
    running.run_source(bank.pk)
    before = written()
    standin.control(renamed=renamed)
    failed = running.run_source(bank.pk)
    assert failed.outcome == Outcome.COLUMNS_CHANGED
    assert missing in failed.detail["missing"]
    assert written() == before
    standin.control(renamed={})
    assert running.run_source(bank.pk).status in {"succeeded", "unchanged"}


def test_a_missing_year_fails_loudly(bank: DataSource, standin: StandIn) -> None:
    bank.mapping["expect"] = {"periods": ["2019", "2021"]}
    bank.save()
    running.run_source(bank.pk)
    before = written()
    standin.control(values={_SERIES: {"2021": None}})
    failed = running.run_source(bank.pk)
    assert failed.outcome == Outcome.PERIOD_MISSING
    assert "2021" in str(failed.detail)
    assert written() == before
    standin.control(values={})
    assert running.run_source(bank.pk).status in {"succeeded", "unchanged"}


def test_every_fault_of_the_stand_in_is_tried_here() -> None:
    tried = {case.fault for case in _CASES} | {"gzip"}
    assert tried == {*FAULTS, PAGES_CHANGE}
