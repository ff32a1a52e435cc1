"""The small charts: where their parts lie, and that foreign text cannot break out."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard import svg

numbers = st.one_of(st.none(), st.floats(-1e9, 1e9, allow_nan=False))


def position(chart: str, name: str, attribute: str = "x1") -> float:
    """The place of the first part of a class."""
    for element in ElementTree.fromstring(chart).iter():  # noqa: S314 - our own output
        if element.get("class", "").split()[:1] == [name]:
            return float(element.get(attribute, "nan"))
    raise AssertionError(f"no {name} in {chart}")


def test_better_is_to_the_right_where_values_should_rise() -> None:
    chart = svg.bullet(baseline=10, now=14, needed=16, threshold=20)
    places = [
        position(chart, "base"),
        position(chart, "now", "cx"),
        position(chart, "needed"),
        position(chart, "threshold"),
    ]
    assert places == sorted(places)


def test_better_is_to_the_right_for_ranks_too() -> None:
    chart = svg.bullet(baseline=86, now=71, needed=72, threshold=50, rising=False)
    assert position(chart, "base") < position(chart, "now", "cx") < position(chart, "threshold")


def test_a_range_has_a_band_from_bound_to_bound() -> None:
    chart = svg.bullet(baseline=0, now=45, needed=None, threshold=40, threshold_max=50)
    left = position(chart, "band", "x")
    width = position(chart, "band", "width")
    assert left < position(chart, "now", "cx") < left + width


def test_without_a_value_only_axis_and_threshold_are_drawn() -> None:
    chart = svg.bullet(baseline=None, now=None, needed=None, threshold=60)
    assert "threshold" in chart
    assert "now" not in chart
    assert "bar" not in chart


def test_without_any_number_there_is_only_the_axis() -> None:
    chart = svg.bullet(baseline=None, now=None, needed=None, threshold=None)
    assert chart.count("<line") == 1


@given(numbers, numbers, numbers, numbers, st.booleans())
def test_a_bullet_of_any_numbers_is_well_formed_and_inside(
    baseline: float | None,
    now: float | None,
    needed: float | None,
    threshold: float | None,
    rising: bool,
) -> None:
    chart = svg.bullet(
        baseline=baseline, now=now, needed=needed, threshold=threshold, rising=rising
    )
    ElementTree.fromstring(chart)  # noqa: S314 - our own output
    for place in re.findall(r' (?:cx|x1|x)="([^"]+)"', chart):
        assert 0 <= float(place) <= 168


def test_a_gap_breaks_the_line() -> None:
    chart = svg.sparkline([(2020, 8.0), (2021, 9.0), (2022, None), (2023, 12.0)])
    path = re.search(r'd="([^"]+)"', chart)
    assert path is not None
    assert path[1].count("M") == 2


def test_up_is_better_also_for_ranks() -> None:
    chart = svg.sparkline([(2020, 86), (2024, 71)], rising=False)
    path = re.search(r'd="M\S+ (\S+?)L\S+ (\S+)"', chart)
    assert path is not None
    assert float(path[1]) > float(path[2])


@pytest.mark.parametrize("points", [[], [(2020, None)]])
def test_a_sparkline_without_values_is_empty(points: list[tuple[float, float | None]]) -> None:
    assert "path" not in svg.sparkline(points)


@given(st.lists(st.tuples(st.floats(1990, 2050), numbers), max_size=12), numbers)
def test_a_sparkline_of_any_numbers_is_well_formed(
    points: list[tuple[float, float | None]], threshold: float | None
) -> None:
    chart = svg.sparkline(sorted(points, key=lambda p: p[0]), threshold=threshold)
    ElementTree.fromstring(chart)  # noqa: S314 - our own output
    assert "nan" not in chart


def test_tiles_lead_to_their_province_and_islands_are_set_apart() -> None:
    tiles = [
        svg.MapTile(0, 1, "LC", "Lai Châu: 80 %", "q3", "80", "/dia-phuong/12/"),
        svg.MapTile(7, 6, "HS", "Hoàng Sa", inset=True),
    ]
    chart = svg.tile_map(tiles, label="Bản đồ ô")
    ElementTree.fromstring(chart)  # noqa: S314 - our own output
    assert '<a class="tile q3" href="/dia-phuong/12/">' in chart
    assert '<g class="tile inset blank" role="img"' in chart


def test_no_tiles_no_map() -> None:
    assert svg.tile_map([], label="Bản đồ ô") == ""


def test_foreign_text_is_escaped_everywhere() -> None:
    bad = '"><script>x</script>'
    charts = [
        svg.bullet(baseline=1, now=2, needed=3, threshold=4, label=bad, status=bad),
        svg.sparkline([(1, 1), (2, 2)], label=bad, status=bad),
        svg.tile_map([svg.MapTile(0, 0, bad, bad, bad, bad, bad)], label=bad),
    ]
    for chart in charts:
        assert "<script" not in chart
        ElementTree.fromstring(chart)  # noqa: S314 - our own output


def test_no_chart_has_an_inline_style() -> None:
    chart = svg.bullet(baseline=1, now=2, needed=3, threshold=4)
    assert "style=" not in chart
