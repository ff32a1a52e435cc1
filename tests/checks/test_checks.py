"""The checks: at their bounds, and against a second implementation on whatever comes."""

from __future__ import annotations

from decimal import Decimal as D
from typing import Any

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from targets.reporting import checks
from targets.reporting.checks import (
    Cell,
    Known,
    Measure,
    Part,
    Previous,
    Rule,
    failures,
    particular,
    sentence,
    unknown_placeholders,
)
from tests.checks import naive

PERCENT = Measure(indicator_id=1, unit_id=1, unit_kind="percent", decimals=2)
COUNT = Measure(indicator_id=2, unit_id=2, unit_kind="count", decimals=0)


def rule(check: str, **given: Any) -> Rule:
    return Rule(id=1, code="a", check=check, severity="error", **given)


def columns(
    check: Rule, cell: Cell, known: Known | None = None, measure: Measure = PERCENT
) -> list[str]:
    found = failures(particular([check], measure), measure, cell, known or Known())
    return [failure.column for failure in found]


def value(number: str) -> Cell:
    return Cell(value=D(number))


@pytest.mark.parametrize(
    ("number", "wrong"),
    [("-0.00000001", True), ("0", False), ("100", False), ("100.00000001", True)],
)
def test_a_range_includes_its_ends(number: str, wrong: bool) -> None:
    assert columns(rule("range", minimum=D(0), maximum=D(100)), value(number)) == ["value"] * wrong


@pytest.mark.parametrize(
    ("number", "wrong"), [("0", False), ("25", False), ("30", True), ("75", False), ("99.9", True)]
)
def test_a_step_is_counted_from_the_minimum(number: str, wrong: bool) -> None:
    steps = rule("range", minimum=D(0), maximum=D(100), bound=D(25))
    assert columns(steps, value(number)) == ["value"] * wrong


@pytest.mark.parametrize(("number", "wrong"), [("-3", False), ("1", False), ("-2", True)])
def test_a_step_without_a_minimum_is_counted_from_zero_or_below_it(
    number: str, wrong: bool
) -> None:
    assert columns(rule("range", minimum=D(-5), bound=D(2)), value(number)) == ["value"] * wrong


@pytest.mark.parametrize(
    ("number", "wrong"), [("98.5", False), ("98.50000000", False), ("98.55", True)]
)
def test_trailing_zeros_are_no_decimals(number: str, wrong: bool) -> None:
    assert columns(rule("decimals", bound=D(1)), value(number)) == ["value"] * wrong


def test_decimals_without_a_bound_are_those_of_the_unit() -> None:
    assert columns(rule("decimals"), value("1.25")) == []
    assert columns(rule("decimals"), value("1.255")) == ["value"]
    assert columns(rule("decimals"), value("1.5"), measure=COUNT) == ["value"]


def test_a_derived_value_has_as_many_decimals_as_it_needs() -> None:
    third = Cell(value=D("33.33333333"), numerator=D(1), denominator=D(3))
    assert columns(rule("decimals", bound=D(1)), third) == []


@pytest.mark.parametrize(
    ("numerator", "denominator", "wrong"), [(99, 100, False), (100, 100, False), (101, 100, True)]
)
def test_a_part_is_at_most_its_whole(numerator: int, denominator: int, wrong: bool) -> None:
    cell = Cell(value=D(1), numerator=D(numerator), denominator=D(denominator))
    assert columns(rule("whole"), cell) == ["numerator"] * wrong


@pytest.mark.parametrize(
    ("numerator", "denominator", "column"),
    [
        (None, None, None),
        (1, None, "denominator"),
        (None, 1, "numerator"),
        (1, 0, "denominator"),
        (1, -1, "denominator"),
        (0, 1, None),
    ],
)
def test_a_ratio_has_both_or_neither(
    numerator: int | None, denominator: int | None, column: str | None
) -> None:
    above, below = (None if n is None else D(n) for n in (numerator, denominator))
    cell = Cell(D(1), above, below)
    assert columns(rule("ratio"), cell) == ([column] if column else [])


@pytest.mark.parametrize(("number", "wrong"), [("65", False), ("35", False), ("65.01", True)])
def test_a_jump_of_a_per_cent_is_counted_in_points(number: str, wrong: bool) -> None:
    known = Known(previous=Previous(D(50), "2025"))
    assert columns(rule("jump", bound=D(15)), value(number), known) == ["value"] * wrong


@pytest.mark.parametrize(
    ("number", "wrong"), [("300", False), ("100", False), ("301", True), ("99", True)]
)
def test_a_jump_of_a_count_is_counted_in_per_cent_of_what_was(number: str, wrong: bool) -> None:
    known = Known(previous=Previous(D(200), "2025"))
    jump = rule("jump", bound=D(50))
    assert columns(jump, value(number), known, COUNT) == ["value"] * wrong


@pytest.mark.parametrize(("number", "wrong"), [("11", False), ("12", True), ("-8", True)])
def test_a_small_change_is_no_jump(number: str, wrong: bool) -> None:
    known = Known(previous=Previous(D(2), "2025"))
    jump = rule("jump", minimum=D(10), bound=D(50))
    assert columns(jump, value(number), known, COUNT) == ["value"] * wrong


def test_from_zero_every_change_is_a_jump() -> None:
    known = Known(previous=Previous(D(0), "2025"))
    jump = rule("jump", bound=D(50))
    assert columns(jump, value("1"), known, COUNT) == ["value"]
    assert columns(jump, value("0"), known, COUNT) == []
    assert columns(jump, value("1"), Known(), COUNT) == []


@pytest.mark.parametrize(
    ("total", "parts", "wrong"),
    [
        ("30", [10, 20], False),
        ("30.3", [10, 20], False),
        ("30.31", [10, 20], True),
        ("29.7", [10, 20], False),
        ("29.69", [10, 20], True),
        ("500", [10, None], False),
        ("9.8", [10, None], True),
        ("500", [10], False),
        ("500", [], False),
        ("500", [None, None], False),
        ("0", [0, 0], False),
    ],
)
def test_a_total_against_its_parts(total: str, parts: list[int | None], wrong: bool) -> None:
    known = Known(parts=[Part(value=None if n is None else D(n)) for n in parts])
    assert columns(rule("parts", bound=D(1)), value(total), known, COUNT) == ["value"] * wrong


@pytest.mark.parametrize(
    ("cell", "wrong"),
    [
        (Cell(D(50), D(30), D(60)), []),
        (Cell(D(50), D(31), D(60)), ["numerator"]),
        (Cell(D(50), D(30), D(59)), ["denominator"]),
        (Cell(D(50)), []),
        (Cell(D("50.6")), ["value"]),
    ],
    ids=str,
)
def test_a_ratio_against_its_parts(cell: Cell, wrong: list[str]) -> None:
    parts = [Part(D(50), D(10), D(20)), Part(D(50), D(20), D(40))]
    known = Known(parts=parts, scale=D(100))
    assert columns(rule("parts", bound=D(1)), cell, known) == wrong


def test_a_ratio_given_alone_waits_for_all_parts() -> None:
    known = Known(parts=[Part(D(50), D(10), D(20)), Part(D(50))], scale=D(100))
    assert columns(rule("parts"), value("99"), known) == []


@pytest.mark.parametrize(
    ("number", "wrong"), [("24", False), ("25", True), ("75", True), ("75.1", False)]
)
def test_evidence_is_asked_for_from_one_value_to_another(number: str, wrong: bool) -> None:
    asked = rule("evidence", minimum=D(25), maximum=D(75))
    assert columns(asked, value(number)) == ["evidence"] * wrong
    assert columns(asked, value(number), Known(has_evidence=True)) == []


@pytest.mark.parametrize(("note", "wrong"), [("123456789", True), (" 1234567890 ", False)])
def test_the_note_of_what_is_not_available_says_something(note: str, wrong: bool) -> None:
    cell = Cell(unavailable=True, note=note)
    assert columns(rule("note", bound=D(10)), cell) == ["note"] * wrong
    assert columns(rule("note"), cell) == []
    assert columns(rule("note"), Cell(unavailable=True, note=" ")) == ["note"]


@pytest.mark.parametrize(
    ("cell", "wrong"),
    [
        (value("9999999999999999.99999999"), []),
        (value("10000000000000000"), ["value"]),
        (value("NaN"), ["value"]),
        (value("Infinity"), ["value"]),
        (Cell(numerator=D("1e20"), denominator=D(1)), ["numerator"]),
        (Cell(problems={"denominator": "?"}), ["denominator"]),
    ],
    ids=str,
)
def test_what_is_no_number_that_can_be_kept(cell: Cell, wrong: list[str]) -> None:
    assert columns(rule("number"), cell) == wrong


def test_only_a_cell_with_nothing_at_all_is_required() -> None:
    assert columns(rule("required"), Cell()) == ["value"]
    for cell in (value("0"), Cell(unavailable=True), Cell(numerator=D(1))):
        assert columns(rule("required"), cell) == []


def test_what_rests_on_a_mistake_is_not_told_again() -> None:
    rules = particular(
        [rule("whole"), rule("range", maximum=D(100)), rule("ratio"), rule("required")], PERCENT
    )
    over = Cell(value=D(120), numerator=D(6), denominator=D(5))
    assert [one.rule.check for one in failures(rules, PERCENT, over, Known())] == ["whole"]
    known = Known(previous=Previous(D(1), "2025"))
    high = particular([rule("range", maximum=D(100)), rule("jump", bound=D(15))], PERCENT)
    assert [one.rule.check for one in failures(high, PERCENT, value("120"), known)] == ["range"]
    half = Cell(value=D(120), numerator=D(6))
    assert [one.rule.check for one in failures(rules, PERCENT, half, Known())] == ["ratio"]


NUMBERS = st.one_of(
    st.integers(-5, 130).map(D),
    st.decimals(-5, 130, places=2),
    st.sampled_from([D("0.00000001"), D("1e16"), D("1e20"), D("NaN"), D("99.99999999")]),
)
FEW = st.none() | st.integers(-2, 120).map(D)


@st.composite
def rule_sets(draw: st.DrawFn) -> list[Rule]:
    rules = []
    for number in range(draw(st.integers(0, 14))):
        where = draw(
            st.sampled_from(
                [
                    {},
                    {"indicator_id": 1},
                    {"indicator_id": 9},
                    {"unit_id": 1},
                    {"unit_kind": "percent"},
                    {"unit_kind": "count"},
                ]
            )
        )
        rules.append(
            Rule(
                id=number,
                code=f"r{number}",
                check=draw(st.sampled_from([c for c in checks.ORDER if c != "period"])),
                severity="error",
                minimum=draw(FEW),
                maximum=draw(FEW),
                bound=draw(st.none() | st.integers(0, 60).map(D)),
                **where,  # type: ignore[arg-type]
            )
        )
    return rules


CELLS = st.builds(
    Cell,
    value=st.none() | NUMBERS,
    numerator=st.none() | NUMBERS,
    denominator=st.none() | NUMBERS,
    unavailable=st.booleans(),
    note=st.sampled_from(["", "  ", "vì sao", "chưa có số liệu của quý bốn"]),
    problems=st.sampled_from([{}, {}, {}, {"value": "?"}]),
)
PARTS = st.builds(Part, value=FEW, numerator=FEW, denominator=FEW)
KNOWN = st.builds(
    Known,
    previous=st.none() | st.builds(Previous, st.integers(-2, 120).map(D), st.just("2025")),
    parts=st.none() | st.lists(PARTS, max_size=4),
    scale=st.none() | st.sampled_from([D(1), D(100)]),
    has_evidence=st.booleans(),
)


@settings(max_examples=600, deadline=None)
@given(rules=rule_sets(), measure=st.sampled_from([PERCENT, COUNT]), cell=CELLS, known=KNOWN)
def test_two_implementations_agree(
    rules: list[Rule], measure: Measure, cell: Cell, known: Known
) -> None:
    found = failures(particular(rules, measure), measure, cell, known)
    pairs = [(failure.rule.code, failure.column) for failure in found]
    assert len(pairs) == len(set(pairs))
    assert set(pairs) == naive.broken(rules, measure, cell, known)
    order = [checks.ORDER.index(failure.rule.check) for failure in found]
    assert order == sorted(order)


@given(rules=rule_sets(), measure=st.sampled_from([PERCENT, COUNT]), cell=CELLS, known=KNOWN)
@settings(max_examples=150, deadline=None)
def test_every_number_of_a_sentence_can_be_named_in_it(
    rules: list[Rule], measure: Measure, cell: Cell, known: Known
) -> None:
    for failure in failures(particular(rules, measure), measure, cell, known):
        assert failure.numbers.keys() <= set(checks.PLACEHOLDERS.get(failure.rule.check, ()))


class TestSentences:
    def test_numbers_are_exact_and_in_the_style_of_the_language(self) -> None:
        numbers = {"value": D("1234.50000000"), "bound": D("0.00000001")}
        assert sentence("{value}; {bound}", numbers) == "1.234,5; 0,00000001"
        with translation.override("en"):
            assert sentence("{value}; {bound}", numbers) == "1,234.5; 0.00000001"

    def test_what_is_not_known_is_an_ellipsis(self) -> None:
        assert sentence("{value} từ {minimum}.", {"value": D(3)}) == "3 từ …."

    def test_texts_in_it_are_not_read_as_a_pattern(self) -> None:
        assert sentence("{problem}", {"problem": "{value} %s {0.__class__}"}) == (
            "{value} %s {0.__class__}"
        )
        assert sentence("{0.__class__} %s", {}) == "{0.__class__} %s"

    @pytest.mark.parametrize(
        ("text", "unknown"),
        [
            ("{value} ngoài {minimum}", []),
            ("{previous}", ["{previous}"]),
            ("{value.real}", ["{", "}"]),
            ("{value", ["{"]),
            ("{}", ["{}"]),
        ],
    )
    def test_a_name_that_the_check_does_not_know_is_found(
        self, text: str, unknown: list[str]
    ) -> None:
        assert unknown_placeholders(text, "range") == unknown
