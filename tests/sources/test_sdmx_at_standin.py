"""Every form in which an SDMX service answers, over HTTP: the same values."""

from __future__ import annotations

import pytest

from dashboard.demo.standin.figures import published
from targets.models import DataSource, Indicator, Observation, Organisation, Series, SeriesMapping
from targets.sources.runs import running
from tests.factory import make
from tests.sources.standin import StandIn


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("version", "path", "form", "structure"),
    [
        ("2.1", "/sdmx/rest", "xml", ""),
        ("2.1", "/sdmx/rest", "xml", "dataflow"),
        ("2.1", "/sdmx/rest", "json", ""),
        ("3.0", "/sdmx/v2", "xml", ""),
        ("3.0", "/sdmx/v2", "json", ""),
    ],
)
def test_it_is_read_in_every_version_and_form(
    standin: StandIn, version: str, path: str, form: str, structure: str
) -> None:
    make(Organisation, code="VN", kind="country")
    series = make(Series, indicator=make(Indicator, levels=["national"]))
    source = make(
        DataSource,
        adapter="sdmx",
        address=standin.url(path),
        options={
            "dataflow": "WB,WDI,1.0",
            "key": "A.GB_XPD_RSDV_GD_ZS.VNM+THA",
            "version": version,
            "format": form,
            "structure": structure,
        },
        mapping={
            "area": {"field": "REF_AREA", "codes": {"VNM": "VN"}},
            "period": {"field": "TIME_PERIOD"},
        },
        trust="automatic",
        enabled=True,
    )
    make(SeriesMapping, data_source=source, series=series)
    run = running.run_source(source.pk)
    assert (run.status, run.outcome) == ("succeeded", ""), run.detail
    told = {one.period: f"{one.value.normalize():f}" for one in Observation.objects.all()}
    assert told == published()["rd-gdp/worldbank"]
