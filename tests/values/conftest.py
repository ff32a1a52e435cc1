"""A small world to load values into."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest

from targets.models import Indicator, Organisation, Series, Unit
from targets.values.loading import Loaded, ValuesError, load_observations
from tests.committed import transactional_db
from tests.factory import make

__all__ = ["transactional_db"]

NOW = dt.datetime(2026, 11, 22, 2, tzinfo=dt.UTC)
HEADER = (
    "indicator,series,organisation,period,value,numerator,denominator,vintage,published_on,derived,"
    "synthetic,source_title,source_url,source_publisher,caveat_vi,caveat_en,unit\n"
)
Load = Callable[..., Loaded]
Complain = Callable[..., list[str]]


@pytest.fixture
def world(db: None) -> None:
    """`share` (per cent) and `doctors` (per 10,000); the country, a ministry that ended."""
    percent = make(Unit, code="percent", ratio_scale=100)
    share = make(Indicator, code="share", unit=percent, levels=["national", "province"])
    doctors = make(Indicator, code="doctors", unit=make(Unit, code="per-10000", ratio_scale=10000))
    make(Series, indicator=share, code="gso", official=True)
    make(Series, indicator=share, code="mic", official=False)
    make(Series, indicator=doctors, code="moh", official=True)
    make(Organisation, code="VN", kind="country")
    make(Organisation, code="hue", kind="province")
    make(Organisation, code="BTTTT", valid_from=dt.date(2007, 8, 8), valid_to=dt.date(2025, 2, 28))


@pytest.fixture
def load(world: None, tmp_path: Path) -> Load:
    """Loads a file with the full header and these lines (or these bytes as they are)."""

    def load_lines(*lines: str | bytes, now: dt.datetime = NOW, **options: bool) -> Loaded:
        path = tmp_path / "values.csv"
        text = HEADER + "".join(f"{line}\n" for line in lines if isinstance(line, str))
        path.write_bytes(lines[0] if isinstance(lines[0], bytes) else text.encode())
        return load_observations(path, now=now, **options)

    return load_lines


@pytest.fixture
def complain(load: Load) -> Complain:
    """What a load says of such a file."""

    def complaints(*lines: str | bytes) -> list[str]:
        try:
            load(*lines)
        except ValuesError as error:
            return error.problems.lines()
        return []

    return complaints


def line(**given: str) -> str:
    """A line without a mistake, but for what is given."""
    cells = dict.fromkeys(HEADER.strip().split(","), "")
    cells |= {
        "indicator": "share", "series": "gso", "organisation": "VN", "period": "2024",
        "value": "13.17", "source_title": "Niên giám",
    }  # fmt: skip
    if "numerator" in given:
        cells["value"] = ""
    cells |= given
    return ",".join(cells.values())
