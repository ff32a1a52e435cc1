"""Fields of a cell: what was typed is read, what is stored is shown so that it reads the same."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from targets.models import Indicator, Unit
from targets.reporting.entering import Typed
from targets.reporting.numbers import read_number
from targets.reporting.texts import Texts, read_texts, text_of, texts_of


def indicator(aggregation: str = "none", kind: str = "percent", decimals: int = 1) -> Indicator:
    unit = Unit(kind=kind, decimals=decimals, symbol_vi="", symbol_en="", name_vi="x", name_en="x")
    return Indicator(aggregation=aggregation, unit=unit)


def test_a_ratio_has_three_fields() -> None:
    read = read_texts(Texts(numerator="1.200", denominator="2 400"), indicator("ratio"))
    assert read.typed == Typed(numerator=Decimal(1200), denominator=Decimal(2400))
    assert read.problems == {}
    assert read.ambiguous == {"numerator"}
    assert set(read.understood) == {"numerator", "denominator"}


def test_a_problem_stays_at_its_field() -> None:
    read = read_texts(Texts(value="khoảng 98", note="ước"), indicator())
    assert set(read.problems) == {"value"}
    assert read.typed.note == "ước"


def test_other_indicators_have_no_numerator() -> None:
    assert set(read_texts(Texts(numerator="1"), indicator()).problems) == {"numerator"}


def test_where_there_is_no_value_the_numbers_are_not_read() -> None:
    read = read_texts(Texts(value="abc", unavailable=True, note="chưa có"), indicator())
    assert read.typed == Typed(unavailable=True, note="chưa có")


@pytest.mark.parametrize(("text", "good"), [("75", True), ("50/100", True), ("60", False)])
def test_stages_of_a_milestone(text: str, good: bool) -> None:
    read = read_texts(Texts(value=text), indicator(kind="stage", decimals=0))
    assert (read.problems == {}) is good


@given(
    number=st.decimals(min_value=-(10**15), max_value=10**15, places=8)
    | st.decimals(min_value=-2000, max_value=2000, places=3)
    | st.integers(-2_000_000, 2_000_000).map(Decimal),
    kind=st.sampled_from(["percent", "count", "index", "money", "rank", "other"]),
    decimals=st.integers(0, 2),
    language=st.sampled_from(["vi", "en"]),
)
def test_what_a_field_shows_reads_as_the_same_number(
    number: Decimal, kind: str, decimals: int, language: str
) -> None:
    unit = indicator(kind=kind, decimals=decimals).unit
    with translation.override(language):
        for of in (unit, None):
            reading = read_number(text_of(number), of)
            assert (reading.value, reading.ambiguous) == (number, False)


def test_an_empty_cell_shows_empty_fields() -> None:
    assert texts_of(Typed(note="x", unavailable=True)) == Texts(unavailable=True, note="x")
