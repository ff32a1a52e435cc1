"""Periods of publishers in our form."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from targets.sources.reading.times import ESTIMATE, PRELIMINARY, Form, Part, read_parts, read_period
from targets.values.periods import period_days


@pytest.mark.parametrize(
    ("written", "period"),
    [
        ("2024", "2024"),
        ("2024.0", "2024"),
        (" 2024\u00a0", "2024"),
        ("2024Q3", "2024-Q3"),
        ("2024M07", "2024-07"),
        ("2024-Q1", "2024-Q1"),
        ("2024-S1", "2024-H1"),
        ("2024-H2", "2024-H2"),
        ("2024-07", "2024-07"),
        ("2024-A1", "2024"),
        ("Năm 2024", "2024"),
        ("Cả năm 2024", "2024"),
        ("Quý I/2024", "2024-Q1"),
        ("Quý IV năm 2024", "2024-Q4"),
        ("Quý 1 năm 2024", "2024-Q1"),
        ("quý iii 2024", "2024-Q3"),
        ("Q2/2024", "2024-Q2"),
        ("6 tháng đầu năm 2024", "2024-H1"),
        ("6 tháng cuối năm 2024", "2024-H2"),
        ("Tháng 7/2024", "2024-07"),
        ("Tháng 12 năm 2024", "2024-12"),
        ("T7/2024", "2024-07"),
        ("07/2024", "2024-07"),
        ("TỔNG", None),
        ("9 tháng năm 2024", None),
        ("Quý V/2024", None),
        ("2024Q5", None),
        ("2024-13", None),
        ("2024.5", None),
        ("1824", None),
        ("2020-2024", None),
        ("", None),
        ("2024" * 40, None),
    ],
)
def test_forms_of_periods(written: str, period: str | None) -> None:
    read = read_period(written)
    assert (read.period if read else None) == period
    if read:
        assert period_days(read.period)
        assert read.vintage == ""


@pytest.mark.parametrize(
    ("written", "period", "vintage"),
    [
        ("Sơ bộ 2024", "2024", PRELIMINARY),
        ("Sơ bộ\n2024", "2024", PRELIMINARY),
        ("Sơ bộ năm 2024", "2024", PRELIMINARY),
        ("2024 (sơ bộ)", "2024", PRELIMINARY),
        ("Prel. 2024", "2024", PRELIMINARY),
        ("Ước 2024", "2024", ESTIMATE),
        ("Ước tính quý III/2024", "2024-Q3", ESTIMATE),
        ("Est. 2024", "2024", ESTIMATE),
    ],
)
def test_a_vintage_beside_a_period(written: str, period: str, vintage: str) -> None:
    assert read_period(written) == (period, vintage)


@pytest.mark.parametrize(
    "written", ["Sơ bộ 2024", "Năm 2024", "6 tháng đầu năm 2024", "Quý I/2024"]
)
def test_composed_and_decomposed_accents_are_the_same(written: str) -> None:
    assert read_period(unicodedata.normalize("NFD", written)) == read_period(written)


@pytest.mark.parametrize(
    ("form", "taken", "refused"),
    [
        (Form.YEAR, "Năm 2024", "2024Q1"),
        (Form.HALF, "2024-S1", "2024"),
        (Form.QUARTER, "Quý I/2024", "2024-07"),
        (Form.MONTH, "2024M07", "2024"),
        (Form.WORLD_BANK, "2024Q3", "2024-Q3"),
        (Form.SDMX, "2024-Q3", "2024Q3"),
        (Form.VIETNAMESE, "Sơ bộ 2024", "2024-S1"),
        (Form.SDMX, "2024", "Sơ bộ 2024"),
    ],
)
def test_a_declared_form_takes_nothing_else(form: Form, taken: str, refused: str) -> None:
    assert read_period(taken, form)
    assert read_period(refused, form) is None
    assert read_period(taken)


@pytest.mark.parametrize(
    ("parts", "period"),
    [
        ({Part.YEAR: "2024"}, "2024"),
        ({Part.YEAR: "2024.0", Part.QUARTER: "3"}, "2024-Q3"),
        ({Part.YEAR: "Năm 2024", Part.QUARTER: "Quý IV"}, "2024-Q4"),
        ({Part.YEAR: "2024", Part.MONTH: "7"}, "2024-07"),
        ({Part.YEAR: "2024", Part.MONTH: "Tháng 12"}, "2024-12"),
        ({Part.YEAR: "2024", Part.HALF: "6 tháng đầu năm"}, "2024-H1"),
        ({Part.YEAR: "2024", Part.QUARTER: ""}, None),
        ({Part.YEAR: "2024", Part.MONTH: "13"}, None),
    ],
)
def test_a_period_in_several_fields(parts: dict[Part, str], period: str | None) -> None:
    read = read_parts(parts)
    assert (read.period if read else None) == period


@given(st.text(max_size=30))
def test_any_text_is_a_period_of_ours_or_none(text: str) -> None:
    read = read_period(text)
    assert read is None or period_days(read.period) is not None
