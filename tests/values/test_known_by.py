"""From which day a value counts as known, where its publisher's day is not."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from targets.models import Indicator, Observation, Organisation, Series
from targets.values.loading import load_observations
from tests.factory import make

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 11, 22, 2, tzinfo=dt.UTC)
TODAY = NOW.date()
HEADER = "indicator,series,organisation,period,value,vintage,published_on,source_title\n"


@pytest.fixture(autouse=True)
def _series() -> None:
    make(Organisation, code="VN", kind="country")
    make(Series, indicator=make(Indicator, code="egdi"), code="un", official=True)


def _load(folder: Path, *lines: str) -> None:
    path = folder / "values.csv"
    path.write_text(HEADER + "".join(f"egdi,un,VN,{line},Report\n" for line in lines), "utf-8")
    load_observations(path, now=NOW)


def _known() -> dict[tuple[str, str], dt.date]:
    return {(o.period, o.vintage): o.known_on for o in Observation.objects.all()}


def test_an_earlier_period_was_out_when_a_later_one_was(tmp_path: Path) -> None:
    _load(tmp_path, "2020,86,,", "2022,80,,2022-09-28", "2024,71,,2024-09-17")
    assert _known()["2020", ""] == dt.date(2022, 9, 28)


def test_a_period_after_the_last_published_one_is_known_from_the_load(tmp_path: Path) -> None:
    _load(tmp_path, "2022,80,,2022-09-28", "2024,71,,")
    assert _known()["2024", ""] == TODAY


def test_a_period_is_not_known_by_the_day_of_the_same_period(tmp_path: Path) -> None:
    _load(tmp_path, "2022,80,,2022-09-28", "2022-H2,79,,")
    assert _known()["2022-H2", ""] == TODAY


def test_only_the_first_edition_of_a_period_was_out_by_then(tmp_path: Path) -> None:
    _load(tmp_path, "2020,86,first,", "2020,87,revised,", "2022,80,,2022-09-28")
    known = _known()
    assert known["2020", "first"] == dt.date(2022, 9, 28)
    assert known["2020", "revised"] == TODAY


def test_a_later_period_loaded_before_counts_too(tmp_path: Path) -> None:
    _load(tmp_path, "2022,80,,2022-09-28")
    _load(tmp_path, "2020,86,,")
    assert _known()["2020", ""] == dt.date(2022, 9, 28)


def test_a_correction_of_a_stored_value_is_known_from_its_load(tmp_path: Path) -> None:
    _load(tmp_path, "2020,86,,", "2022,80,,2022-09-28")
    _load(tmp_path, "2020,85,corrected,")
    assert _known()["2020", "corrected"] == TODAY


def test_series_do_not_tell_of_each_other(tmp_path: Path) -> None:
    make(Series, indicator=Indicator.objects.get(code="egdi"), code="press", official=False)
    path = tmp_path / "values.csv"
    path.write_text(
        HEADER + "egdi,un,VN,2020,86,,,Report\negdi,press,VN,2022,80,,2022-09-28,Report\n", "utf-8"
    )
    load_observations(path, now=NOW)
    assert _known()["2020", ""] == TODAY
