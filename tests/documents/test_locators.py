"""Citing a place in a document, in both languages."""

from __future__ import annotations

import pytest
from django.utils import translation

from documents.locators import last_part, shorten_locator


@pytest.mark.parametrize(
    ("locator", "vietnamese", "english"),
    [
        (
            "Điều 1 > II > 1 > a > gạch đầu dòng 2",
            "Điều 1, II.1.a, gạch đầu dòng 2",
            "Article 1, II.1.a, bullet 2",
        ),
        ("II > 2 > đoạn 1", "II.2, đoạn 1", "II.2, paragraph 1"),
        ("Phụ lục > I > 2 > tiểu mục 3", "Phụ lục, I.2, tiểu mục 3", "Annex, I.2, sub-item 3"),
        ("Tài liệu kèm theo 1 > mục 4", "Tài liệu kèm theo 1, mục 4", "Enclosure 1, item 4"),
        ("V > 3 > đ", "V.3.đ", "V.3.đ"),
    ],
)
def test_a_clause_is_cited_in_the_language_of_the_reader(
    locator: str, vietnamese: str, english: str
) -> None:
    with translation.override("vi"):
        assert shorten_locator(locator) == vietnamese
    with translation.override("en"):
        assert shorten_locator(locator) == english


def test_the_innermost_part_stands_alone() -> None:
    with translation.override("en"):
        assert last_part("II > 2 > đoạn 1") == "paragraph 1"
        assert last_part("IV") == "IV"
