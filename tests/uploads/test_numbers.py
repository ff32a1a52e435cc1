"""Numbers as people type them: what is read, what is refused, and how it is said."""

from __future__ import annotations

import datetime as dt
import unicodedata
from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from targets.models import Unit
from targets.reporting.numbers import read_cell, read_number, write_number
from tests.uploads.naive_numbers import possible_values

PERCENT = Unit(kind="percent", decimals=2, symbol_vi="%", symbol_en="%", name_vi="phần trăm")
RANK = Unit(kind="rank", decimals=0, name_vi="thứ hạng", name_en="rank")
COUNT = Unit(kind="count", decimals=0, name_vi="số lượng", name_en="number")
MILLION = Unit(kind="count", decimals=1, symbol_vi="triệu", symbol_en="million")
USD = Unit(kind="money", decimals=1, symbol_vi="tỷ USD", symbol_en="USD bn")
DONG = Unit(kind="money", decimals=1, symbol_vi="nghìn tỷ đồng", symbol_en="VND tn")
WORKER = Unit(kind="money", decimals=1, symbol_vi="triệu đồng/lao động", symbol_en="VND m/worker")
TIMES = Unit(kind="ratio", decimals=2, symbol_vi="lần", symbol_en="times")
STAGE = Unit(kind="stage", decimals=0, name_vi="mức hoàn thành (0-100)")

values = st.decimals(
    min_value=Decimal("-9999999999999999"),
    max_value=Decimal("9999999999999999"),
    allow_nan=False,
    allow_infinity=False,
    places=8,
)


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("1.234,5", None, "1234.5"),
        ("1,234.5", None, "1234.5"),
        ("1 234 567", COUNT, "1234567"),
        ("1\u00a0234\u00a0567", COUNT, "1234567"),
        ("1\u202f234,5", None, "1234.5"),
        ("12 345,678", None, "12345.678"),
        ("1.234.567", TIMES, "1234567"),
        ("0.123", TIMES, "0.123"),
        (",5", TIMES, "0.5"),
        ("98,5%", PERCENT, "98.5"),
        ("98,5 % ", PERCENT, "98.5"),
        ("985 ‰", PERCENT, "98.5"),
        ("'98.5", PERCENT, "98.5"),
        ('"98,5"', PERCENT, "98.5"),
        ("\u200b98,5\ufeff", PERCENT, "98.5"),
        ("９８．５％", PERCENT, "98.5"),
        (unicodedata.normalize("NFD", "98,5 Phần Trăm"), PERCENT, "98.5"),
        ("\u22125", PERCENT, "-5"),
        ("–5,25", PERCENT, "-5.25"),
        ("+5", PERCENT, "5"),
        ("hạng 71", RANK, "71"),
        ("71/193", RANK, "71"),
        ("thứ 71", RANK, "71"),
        ("71st", RANK, "71"),
        ("50/100", STAGE, "50"),
        ("50 %", STAGE, "50"),
        ("1.5E+06", COUNT, "1500000"),
        ("1,5e-3", TIMES, "0.0015"),
        ("1,2 triệu", COUNT, "1200000"),
        ("1,2 triệu", None, "1200000"),
        ("1,2 triệu", MILLION, "1.2"),
        ("1,2 tỷ", MILLION, "1200"),
        ("5 tỉ USD", USD, "5"),
        ("$5 tỷ", USD, "5"),
        ("500 triệu đô la Mỹ", USD, "0.5"),
        ("3200 tỷ đồng", DONG, "3.2"),
        ("3,2 nghìn tỷ", DONG, "3.2"),
        ("150 triệu đồng", WORKER, "150"),
        ("2 lần", TIMES, "2"),
        ("98,50000", PERCENT, "98.5"),
        ("-0", PERCENT, "0"),
    ],
)
def test_what_officials_type_is_read(text: str, unit: Unit | None, value: str) -> None:
    reading = read_number(text, unit)
    assert (reading.value, reading.problem, reading.ambiguous) == (Decimal(value), "", False)
    assert reading.understood


@pytest.mark.parametrize(
    ("text", "unit", "says"),
    [
        ("abc", PERCENT, "không phải là số"),
        ("-", PERCENT, "Chưa có số liệu"),
        ("n/a", PERCENT, "Chưa có số liệu"),
        (unicodedata.normalize("NFD", "Chưa có số liệu"), PERCENT, "Chưa có số liệu"),
        ("16-18", PERCENT, "là một khoảng"),
        ("16 – 18 %", PERCENT, "là một khoảng"),
        ("16 đến 18", PERCENT, "là một khoảng"),
        ("khoảng 98", PERCENT, "không phải là số chính xác"),
        (">98", PERCENT, "không phải là số chính xác"),
        ("01/05/2026", PERCENT, "giống một ngày"),
        ("1-May", PERCENT, "giống một ngày"),
        ("71/193", PERCENT, "hai ô riêng"),
        ("98,5*", PERCENT, "*"),
        ("98,5²", PERCENT, "nhiều hơn một số"),
        ("98,5 (năm 2025)", PERCENT, "nhiều hơn một số"),
        ("(5)", PERCENT, "dấu trừ"),
        ("#DIV/0!", PERCENT, "lỗi của Excel"),
        ("=1+1", PERCENT, "công thức"),
        ("1.23,4", TIMES, "dấu thập phân"),
        ("1.234.56", TIMES, "dấu thập phân"),
        ("5,", TIMES, "chỉ ghi số"),
        ("1_000", COUNT, "nhiều hơn một số"),
        ("1,2 triệu", PERCENT, "triệu"),
        ("40 tổ chức", COUNT, "tổ chức"),
        ("5 tỷ đồng", USD, "tỷ USD"),
        ("5 USD", USD, "tỷ USD"),
        ("€5 tỷ", USD, "tỷ USD"),
        ("hạng 71 thế giới", RANK, "thế giới"),
        ("98,5%", None, "không phải phần trăm"),
        ("98,5%", RANK, "%"),
        ("1e300", COUNT, "quá lớn"),
        ("12345678901234567", COUNT, "quá lớn"),
        ("0.123456789", TIMES, "nhiều nhất là 8"),
        ("9" * 101, COUNT, "Quá dài"),
    ],
)
def test_what_is_not_one_exact_number_is_refused_with_a_sentence(
    text: str, unit: Unit | None, says: str
) -> None:
    reading = read_number(text, unit)
    assert reading.value is None
    assert says in reading.problem
    assert not reading.understood


@pytest.mark.parametrize(
    ("text", "unit", "value", "understood"),
    [
        ("1.234", COUNT, "1234", "1.234 (dấu chấm ngăn hàng nghìn)"),
        ("1,234", COUNT, "1234", "1.234 (dấu phẩy ngăn hàng nghìn)"),
        ("1.234", PERCENT, "1.234", "1,234\u202f% (dấu chấm là dấu thập phân)"),
        ("1,234", PERCENT, "1.234", "1,234\u202f% (dấu phẩy là dấu thập phân)"),
        ("1.234", TIMES, "1234", "1.234\u00a0lần (dấu chấm ngăn hàng nghìn)"),
        ("1,234", TIMES, "1.234", "1,234\u00a0lần (dấu phẩy là dấu thập phân)"),
        ("1.234", None, "1234", "1.234 (dấu chấm ngăn hàng nghìn)"),
        ("1.234 triệu", COUNT, "1234000000", "1.234.000.000 (dấu chấm ngăn hàng nghìn)"),
    ],
)
def test_what_can_be_read_in_two_ways_is_read_by_the_rule_and_marked(
    text: str, unit: Unit | None, value: str, understood: str
) -> None:
    reading = read_number(text, unit)
    assert (reading.value, reading.ambiguous, reading.understood) == (
        Decimal(value),
        True,
        understood,
    )


def test_an_empty_cell_is_neither_a_value_nor_a_mistake() -> None:
    for text in ("", "  ", "\u00a0\u200b", "'"):
        assert read_number(text, PERCENT) == read_cell(None, PERCENT)
    assert read_cell(None).value is None
    assert not read_cell(None).problem


@given(values)
def test_every_number_written_the_vietnamese_way_reads_back(value: Decimal) -> None:
    assert read_number(write_number(value, "vi")).value == value


@given(values)
def test_every_number_written_the_english_way_reads_back_or_is_marked(value: Decimal) -> None:
    reading = read_number(write_number(value, "en"))
    assert reading.value == value or reading.ambiguous


@given(st.integers(-(10**16) + 1, 10**16 - 1), st.sampled_from(["vi", "en"]))
def test_every_count_reads_back_in_both_ways_of_writing(value: int, language: str) -> None:
    assert read_number(write_number(Decimal(value), language), COUNT).value == value


@given(st.decimals(min_value=-999, max_value=999, places=4), st.sampled_from(["vi", "en"]))
def test_every_percentage_reads_back_in_both_ways_of_writing(value: Decimal, language: str) -> None:
    assert read_number(f"{write_number(value, language)} %", PERCENT).value == value


@given(st.text(alphabet="0123456789., ", max_size=14))
def test_a_plain_second_implementation_agrees(text: str) -> None:
    plain = " ".join(text.split())
    reading = read_number(text)
    possible = possible_values(plain)
    if reading.value is not None:
        assert reading.value in possible
        assert reading.ambiguous == (len(possible) > 1)
    elif plain and not reading.problem.startswith(("Có quá nhiều", "“", "Số quá lớn")):
        assert not possible


@given(st.text(max_size=40), st.sampled_from([None, PERCENT, RANK, COUNT, USD, STAGE, TIMES]))
def test_any_text_gets_a_value_or_a_sentence(text: str, unit: Unit | None) -> None:
    reading = read_number(text, unit)
    assert (reading.value is None) or not reading.problem
    if reading.value is not None:
        assert abs(reading.value) < 10**16
        assert reading.value == round(reading.value, 8)


def test_numbers_of_a_spreadsheet_are_taken_as_they_show() -> None:
    assert read_cell(0.1 + 0.2, TIMES).value == Decimal("0.3")
    assert read_cell(71, RANK).value == 71
    assert read_cell(1.0, RANK).value == 1
    assert read_cell(0.985, PERCENT, percent=True).value == Decimal("98.5")
    assert read_cell(1 / 3, TIMES).value == Decimal("0.33333333")
    assert read_cell("98,5%", PERCENT).value == Decimal("98.5")


@pytest.mark.parametrize(
    ("cell", "unit", "percent", "says"),
    [
        (dt.date(2026, 5, 1), PERCENT, False, "ngày"),
        (dt.time(1, 5), PERCENT, False, "ngày"),
        (True, PERCENT, False, "không phải là số"),
        (float("nan"), PERCENT, False, "không phải là số"),
        (float("inf"), PERCENT, False, "không phải là số"),
        (0.985, COUNT, True, "định dạng phần trăm"),
        (1e300, COUNT, False, "quá lớn"),
    ],
)
def test_cells_that_hold_no_number_are_refused(
    cell: object, unit: Unit, percent: bool, says: str
) -> None:
    reading = read_cell(cell, unit, percent=percent)
    assert reading.value is None
    assert says in reading.problem


def test_the_number_is_shown_in_the_language_of_the_page() -> None:
    assert read_number("1.234,5", USD).understood == "1.234,5\u00a0tỷ USD"
    with translation.override("en"):
        assert read_number("1.234,5", USD).understood == "1,234.5\u00a0USD bn"
        assert read_number("98,5", PERCENT).understood == "98.5%"
