"""Twenty thousand rows of one file: every value arrives, and memory does not grow with the rows.

`python -m tests.bench pulls` measures a million.
"""

from __future__ import annotations

import datetime as dt
import tracemalloc
from decimal import Decimal
from pathlib import Path

import pytest

from targets.models import DataSource, Indicator, Observation, Organisation, Series, Unit
from tests.bench.pulls import make_source, pull, write
from tests.bench.values import PERIODS, PROVINCES
from tests.factory import make

pytestmark = pytest.mark.django_db
INDICATORS = 5


@pytest.fixture
def source() -> DataSource:
    unit = make(Unit, kind="percent", ratio_scale=100)
    for number in range(INDICATORS):
        indicator = make(Indicator, code=f"measure-{number}", unit=unit, levels=["province"])
        make(Series, indicator=indicator)
    for number in range(PROVINCES):
        make(Organisation, code=f"province-{number}", kind="province",
             valid_from=dt.date(1997, 1, 1))  # fmt: skip
    made: DataSource = make_source()
    return made


def test_every_value_arrives_in_bounded_memory(source: DataSource, tmp_path: Path) -> None:
    path = tmp_path / "values.csv"
    write(path, indicators=INDICATORS)
    rows = INDICATORS * PROVINCES * len(PERIODS)
    peaks = []
    for most in (rows // 10, rows):
        tracemalloc.start()
        taken = pull(source, path, rows=most)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert taken.read == most
    assert Observation.objects.count() == rows == 20_000
    # Ten times the rows; what is read at once is the same.
    assert peaks[1] < 1.5 * peaks[0]
    one = Observation.objects.get(
        series__indicator__code="measure-3", organisation__code="province-17", period="2019-Q2"
    )
    assert [one.value, one.numerator, one.denominator] == [Decimal("59.7"), 597, 1000]
    assert one.published_on == dt.date(2019, 12, 4)


def test_the_file_again_changes_what_it_revises(source: DataSource, tmp_path: Path) -> None:
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    write(first, indicators=INDICATORS)
    write(second, indicators=INDICATORS, revised=True)
    pull(source, first)
    assert pull(source, first).unchanged == 20_000
    taken = pull(source, second)
    assert (taken.revised, taken.unchanged) == (2_000, 18_000)
    assert Observation.objects.current().count() == 20_000
