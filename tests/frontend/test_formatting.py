"""Numbers, dates and demands in both languages."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from dashboard import formatting

NARROW = "\u202f"
HARD = "\u00a0"
MINUS = "\u2212"


@dataclass
class Unit:
    kind: str = "percent"
    decimals: int = 1
    symbol_vi: str = "%"
    symbol_en: str = "%"


@dataclass
class Target:
    kind: str = "level"
    operator: str = ">="
    threshold: float | None = 20
    threshold_max: float | None = None
    unit: Unit | None = None
    due_year: int | None = 2025
    standing: bool = False


PERCENT = Unit()
RANK = Unit("rank", 0, "hạng", "rank")
COUNT = Unit("count", 0, "tổ chức", "organisations")
STAGE = Unit("stage", 0, "", "")


@pytest.mark.parametrize(
    ("value", "decimals", "vietnamese", "english"),
    [
        (1234.5, 1, "1.234,5", "1,234.5"),
        (1234567, None, "1.234.567", "1,234,567"),
        (0, 1, "0,0", "0.0"),
        (12, 0, "12", "12"),
        (0.4249, None, "0,425", "0.425"),
        (13.0, None, "13", "13"),
        (0.125, 2, "0,13", "0.13"),
        (2.675, 2, "2,68", "2.68"),
        (-4.5, 1, f"{MINUS}4,5", f"{MINUS}4.5"),
        (-0.04, 1, "0,0", "0.0"),
        (Decimal("13.20"), 1, "13,2", "13.2"),
    ],
)
def test_numbers_follow_the_language(
    value: float, decimals: int | None, vietnamese: str, english: str
) -> None:
    with translation.override("vi"):
        assert formatting.number(value, decimals) == vietnamese
    with translation.override("en"):
        assert formatting.number(value, decimals) == english


@pytest.mark.parametrize("value", [None, float("nan"), Decimal("NaN")])
def test_a_missing_value_is_a_dash_and_never_zero(value: float | None) -> None:
    assert formatting.number(value) == formatting.DASH
    assert formatting.percent(value) == formatting.DASH
    assert formatting.rank(value) == formatting.DASH
    assert formatting.quantity(value, PERCENT) == formatting.DASH
    assert formatting.difference(value, PERCENT) == formatting.DASH
    assert formatting.signed(value) == formatting.DASH


def test_a_missing_value_says_a_word_to_a_screen_reader() -> None:
    html = formatting.none("chưa đến hạn")
    assert '<span aria-hidden="true">\u2013</span>' in html
    assert "chưa đến hạn" in html


def test_a_word_for_a_missing_value_is_escaped() -> None:
    assert "<b>" not in formatting.none("<b>")


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (13.2, PERCENT, f"13,2{NARROW}%"),
        (20, Unit(symbol_vi="% GDP"), f"20,0{NARROW}% GDP"),
        (44, RANK, "hạng 44"),
        (50, COUNT, f"50{HARD}tổ chức"),
        (75, STAGE, "75/100"),
        (0.7, Unit("index", 3, "", ""), "0,700"),
        (7.25, None, "7,25"),
    ],
)
def test_a_quantity_carries_its_unit(value: float, unit: Unit | None, expected: str) -> None:
    assert formatting.quantity(value, unit) == expected


def test_english_writes_per_cent_without_a_space() -> None:
    with translation.override("en"):
        assert formatting.quantity(13.2, PERCENT) == "13.2%"


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (1.2, PERCENT, f"+1,2{HARD}điểm phần trăm"),
        (-9, RANK, f"{MINUS}9{HARD}bậc"),
        (0, COUNT, f"0{HARD}tổ chức"),
        (4, None, "+4"),
    ],
)
def test_a_difference_has_its_sign(value: float, unit: Unit | None, expected: str) -> None:
    assert formatting.difference(value, unit) == expected


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        (Target(unit=PERCENT), f"≥{HARD}20{NARROW}% vào 2025"),
        (Target(unit=PERCENT, operator=">", threshold=80.5), f">{HARD}80,5{NARROW}% vào 2025"),
        (Target("rank", "<=", 50, unit=RANK, due_year=2030), "nhóm 50 vào 2030"),
        (Target("rank", "<", 50, unit=RANK, due_year=2030), "trên hạng 50 vào 2030"),
        (
            Target("count", "range", 40, 50, COUNT, 2030),
            f"40\u201350{HARD}tổ chức vào 2030",
        ),
        (Target("growth", ">=", 7, unit=PERCENT), f"tăng ≥{HARD}7{NARROW}% mỗi năm đến 2025"),
        (
            Target("growth", "range", 16, 18, Unit(symbol_vi="%/năm"), 2030),
            f"tăng 16\u201318{NARROW}%/năm đến 2030",
        ),
        (
            Target("every_year", ">=", 3, unit=PERCENT, due_year=None, standing=True),
            f"≥{HARD}3{NARROW}% hằng năm",
        ),
        (
            Target("keep", ">", 0.7, unit=Unit("index", 3, "", ""), due_year=2030),
            f"duy trì >{HARD}0,7 đến 2030",
        ),
        (Target("relative", "<=", -30, unit=PERCENT), f"giảm ≥ 30{NARROW}% vào 2025"),
        (Target("relative", ">=", 30, unit=PERCENT), f"tăng ≥ 30{NARROW}% vào 2025"),
        (Target("milestone", threshold=None, unit=STAGE), "hoàn thành vào 2025"),
        (
            Target(unit=PERCENT, threshold=100, due_year=None, standing=True),
            f"≥{HARD}100{NARROW}%, thường xuyên",
        ),
        (Target(unit=PERCENT, due_year=None), f"≥{HARD}20{NARROW}%"),
        (Target(threshold=3, unit=None), f"≥{HARD}3 vào 2025"),
    ],
)
def test_a_demand_is_said_in_a_few_words(target: Target, expected: str) -> None:
    assert formatting.demand(target) == expected


def test_dates_follow_the_language() -> None:
    day = dt.date(2026, 3, 1)
    assert formatting.day(day) == "01/03/2026"
    with translation.override("en"):
        assert formatting.day(day) == "1 Mar 2026"
    assert formatting.day(None) == formatting.DASH


def test_a_moment_is_told_in_the_time_of_viet_nam() -> None:
    late = dt.datetime(2025, 12, 31, 20, 5, tzinfo=ZoneInfo("UTC"))
    assert formatting.moment(late) == "03:05, 01/01/2026"
    assert formatting.day(late) == "01/01/2026"
    assert formatting.moment(None) == formatting.DASH


@pytest.mark.parametrize(
    ("stored", "vietnamese", "english"),
    [
        ("2025", "2025", "2025"),
        ("2025-11", "11/2025", "Nov 2025"),
        ("2025-Q3", "quý III/2025", "Q3 2025"),
        ("2026-H1", "6 tháng đầu năm 2026", "H1 2026"),
        ("2026-H2", "6 tháng cuối năm 2026", "H2 2026"),
        ("2021-2025", "2021-2025", "2021-2025"),
        ("", formatting.DASH, formatting.DASH),
    ],
)
def test_periods_follow_the_language(stored: str, vietnamese: str, english: str) -> None:
    assert formatting.period(stored) == vietnamese
    with translation.override("en"):
        assert formatting.period(stored) == english


def test_the_other_language_stands_in_where_one_is_empty() -> None:
    unit = Unit(symbol_vi="tổ chức", symbol_en="")
    with translation.override("en"):
        assert formatting.localised(unit, "symbol") == "tổ chức"


def test_a_share_keeps_together() -> None:
    assert formatting.share(8, 27) == f"8{HARD}/{HARD}27"
