"""Published units into the indicator's: exact, and only where they measure the same thing."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
import yaml
from django.conf import settings

from targets.sources.reading.units import (
    UNITS,
    UnitsDifferError,
    choices,
    factor,
    written_with_percent_sign,
)


@pytest.mark.parametrize(
    ("published", "wanted", "times"),
    [
        ("per_million_population", "per_10k_population", "0.01"),
        ("per_10k_population", "per_million_population", "100"),
        ("per_million_population", "per_thousand_population", "0.001"),
        ("per_thousand_population", "percent", "0.1"),
        ("share", "percent", "100"),
        ("percent", "share", "0.01"),
        ("vnd_billion", "vnd_million", "1000"),
        ("vnd", "vnd_trillion", "0.000000000001"),
        ("vnd_billion", "vnd_trillion", "0.001"),
        ("usd", "usd_billion", "0.000000001"),
        ("usd_million", "usd_billion", "0.001"),
        ("thousand_persons", "million", "0.001"),
        ("person", "count", "1"),
        ("mbit_per_s", "gbit_per_s", "0.001"),
        ("rank", "rank", "1"),
        ("", "percent", "1"),
    ],
)
def test_factor_between_units_of_one_dimension(published: str, wanted: str, times: str) -> None:
    assert factor(published, wanted) == Decimal(times)


def test_factors_there_and_back_are_one_for_every_pair() -> None:
    for one, unit in UNITS.items():
        for other, its in UNITS.items():
            if unit.dimension == its.dimension:
                assert factor(one, other) * factor(other, one) == 1, (one, other)


def test_units_that_measure_different_things_are_refused_by_name() -> None:
    with pytest.raises(UnitsDifferError) as refused:
        factor("vnd_billion", "usd_billion")
    assert "tỷ đồng" in refused.value.sentence
    assert "tỷ đô la Mỹ" in refused.value.sentence


def test_a_growth_rate_is_no_part_of_a_whole() -> None:
    with pytest.raises(UnitsDifferError):
        factor("percent", "percent_per_year")


def test_a_unit_that_nobody_knows_is_only_itself() -> None:
    assert factor("furlong", "furlong") == 1
    with pytest.raises(UnitsDifferError, match="furlong"):
        factor("furlong", "percent")


def test_every_unit_of_the_catalogue_can_be_published_in() -> None:
    listed = yaml.safe_load(Path(settings.BASE_DIR, "fixtures/units.yaml").read_text())
    assert {unit["code"] for unit in listed} <= {code for code, _name in choices()}


def test_percent_signs_stand_behind_per_cent_only() -> None:
    assert written_with_percent_sign("percent_per_year")
    assert not written_with_percent_sign("share")
