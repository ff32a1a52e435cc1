"""A year that a source had and has no more is no news to take in quietly."""

from __future__ import annotations

from typing import Any

import pytest

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
from targets.sources.contract import Outcome, SourceError, Table
from targets.sources.reading.mapping import Mapper
from tests.factory import make

pytestmark = pytest.mark.django_db


def source_with(*periods: str, **expect: Any) -> DataSource:
    """A source of the country's values by year, whose earlier run brought these periods."""
    mapping: dict[str, Any] = {"area": {"constant": "VN"}, "period": {"field": "year"}}
    source = make(DataSource, mapping={**mapping, **({"expect": expect} if expect else {})})
    country = make(Organisation, code="VN", kind="country")
    unit = make(Unit, code="percent")
    series = make(Series, indicator=make(Indicator, unit=unit))
    make(SeriesMapping, data_source=source, series=series)
    run = make(SourceRun, data_source=source, status="succeeded")
    for period in periods:
        make(Observation, series=series, organisation=country, period=period, run=run)
    return source


def read(source: DataSource, *rows: tuple[str, str | None]) -> list[str]:
    table = Table(columns=("year", "value"), rows=rows)
    return sorted(row.period for row in Mapper(source).rows([table]))


def refusal(source: DataSource, *rows: tuple[str, str | None]) -> SourceError:
    with pytest.raises(SourceError) as refused:
        read(source, *rows)
    return refused.value


def test_a_year_gone_from_the_middle_fails_the_run() -> None:
    error = refusal(source_with("2021", "2022", "2023"), ("2021", "1"), ("2023", "3"))
    assert (error.outcome, error.detail["periods"]) == (Outcome.PERIOD_MISSING, ["2022"])


def test_the_latest_year_gone_fails_the_run() -> None:
    error = refusal(source_with("2022", "2023"), ("2022", "2"))
    assert (error.outcome, error.detail["periods"]) == (Outcome.PERIOD_MISSING, ["2023"])


def test_a_series_gone_whole_fails_the_run() -> None:
    error = refusal(source_with("2022"))
    assert error.outcome == Outcome.COLUMNS_CHANGED


def test_years_that_leave_a_window_at_its_old_end_are_not_missed() -> None:
    assert read(source_with("2021", "2022"), ("2022", "2"), ("2023", "3")) == ["2022", "2023"]


def test_a_year_that_is_there_without_a_value_is_there() -> None:
    assert read(source_with("2022", "2023"), ("2022", "2"), ("2023", None)) == ["2022"]


def test_a_row_that_is_left_out_for_its_value_is_there() -> None:
    assert read(source_with("2022", "2023"), ("2022", "2"), ("2023", "x")) == ["2022"]


def test_what_another_source_brought_is_not_missed() -> None:
    source = source_with("2022")
    other = make(SourceRun, status="succeeded")
    (mapping,) = source.mappings.all()
    country = Observation.objects.get().organisation
    make(Observation, series=mapping.series, organisation=country, period="2023", run=other)
    assert read(source, ("2022", "2")) == ["2022"]


def test_an_administrator_may_let_years_go() -> None:
    assert read(source_with("2022", "2023", still_there=False), ("2022", "2")) == ["2022"]
