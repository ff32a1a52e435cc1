"""Sentences: one for every reason, with numbers as the language writes them."""

from __future__ import annotations

import pytest
from django.utils.translation import override

from targets.assessment import PROJECTION_REASONS
from targets.assessment.reasons import NUMBERS
from targets.assessment_text import plain, projection_sentence, reason_sentence

PATH = {
    "required_value": 17.0,
    "latest_value": 13.2,
    "latest_year": 2024,
    "threshold": 20.0,
    "due_year": 2025,
}


def percent(number: float) -> str:
    return f"{number:.1f} %".replace(".", ",")


def rank(number: float) -> str:
    return f"hạng {number:.0f}"


@pytest.mark.parametrize("code", sorted(NUMBERS))
def test_every_reason_has_a_sentence_for_its_numbers(code: str) -> None:
    values: dict[str, float | int | str] = {
        key: 2021 if "year" in key or key == "unmeasurable_from" else 1234.5
        for key in NUMBERS[code]
    }
    with override("vi"):
        sentence = reason_sentence(code, values)
    assert sentence[0].isupper()
    assert sentence.endswith(".")
    assert "%" not in sentence
    assert "1234" not in sentence


def test_the_sentence_of_the_design() -> None:
    with override("vi"):
        assert reason_sentence("behind_path", PATH, percent) == (
            "Cần 17,0 % vào 2024 để đúng lộ trình 20,0 % vào 2025; mới đạt 13,2 %."
        )


def test_the_caller_writes_the_values_and_nobody_else_the_years() -> None:
    values = PATH | {"required_value": 57.2, "latest_value": 71.0, "threshold": 50.0}
    with override("vi"):
        assert reason_sentence("behind_path", values, rank) == (
            "Cần hạng 57 vào 2024 để đúng lộ trình hạng 50 vào 2025; mới đạt hạng 71."
        )


def test_a_difference_lost_in_rounding_is_not_written_as_a_contradiction() -> None:
    values = PATH | {"required_value": 57.6, "latest_value": 58.0, "threshold": 50.0}
    with override("vi"):
        sentence = reason_sentence("near_path", values, rank)
    assert sentence == "Hơi chậm so với lộ trình hạng 50 vào 2025: năm 2024 mới đạt hạng 58."


def test_a_late_success_names_its_year() -> None:
    values = {"due_value": 19.0, "due_value_year": 2025, "met_year": 2027, "threshold": 20.0,
              "due_year": 2025}  # fmt: skip
    with override("vi"):
        assert reason_sentence("met_late", values).endswith("đạt muộn, vào 2027.")


@pytest.mark.parametrize("code", ["discontinued", "no_start_year"])
def test_sentences_do_without_numbers_that_do_not_exist(code: str) -> None:
    values = {"unmeasurable_from": 2020} if code == "discontinued" else {"latest_year": 2020}
    with override("vi"):
        assert reason_sentence(code, values).endswith(".")


def test_the_fallback_from_cagr_is_said() -> None:
    with override("vi"):
        sentence = reason_sentence("behind_path", PATH | {"pace_reason": "cagr_undefined"})
        other = reason_sentence("behind_path", PATH | {"pace_reason": "no_due_year"})
    assert "đường thẳng" in sentence
    assert sentence.startswith(other)


def test_an_unknown_reason_is_an_error() -> None:
    with pytest.raises(KeyError):
        reason_sentence("because", {})


@pytest.mark.parametrize("reason", PROJECTION_REASONS)
def test_every_gap_of_a_projection_has_its_sentences(reason: str) -> None:
    with override("vi"):
        text = projection_sentence(reason)
    assert text.count(".") == (0 if not reason else reason.count(",") + 1)


@pytest.mark.parametrize(
    ("number", "vietnamese", "english"),
    [
        (1234.5, "1.234,5", "1,234.5"),
        (0.1 + 0.2, "0,3", "0.3"),
        (-0.001, "0", "0"),
        (1e6, "1.000.000", "1,000,000"),
        (-7.25, "-7,25", "-7.25"),
    ],
)
def test_plain_numbers_follow_the_language(number: float, vietnamese: str, english: str) -> None:
    with override("vi"):
        assert plain(number) == vietnamese
    with override("en"):
        assert plain(number) == english
