"""What a person typed into the fields of a cell, read as numbers; and numbers as fields show them.

A field shows a number so that reading it again gives the same one, whatever the unit and the
language: without marks between thousands, and never with a lone mark before three digits.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from targets.models import Indicator, ReportItem, Unit
from targets.reporting.entering import Typed
from targets.reporting.numbers import read_number, write_number

#: The stages that a milestone can have reached.
STAGES: Final = (0, 25, 50, 75, 100)
#: The fields that hold numbers.
NUMBERS: Final = ("numerator", "denominator", "value")


@dataclass(frozen=True, slots=True)
class Texts:
    """The fields of a cell as they stand on the page."""

    value: str = ""
    numerator: str = ""
    denominator: str = ""
    unavailable: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Read:
    """How the fields were understood.

    problems: a sentence for each field that is not a number; then `typed` must not be stored.
    understood: for each field with a number, how it was read, in words of the page's language.
    ambiguous: the fields that could have been read in another way.
    """

    typed: Typed
    problems: Mapping[str, str] = field(default_factory=dict)
    understood: Mapping[str, str] = field(default_factory=dict)
    ambiguous: frozenset[str] = frozenset()


def fields_of(indicator: Indicator) -> tuple[str, ...]:
    """The fields into which numbers of this indicator are typed."""
    ratio = indicator.aggregation == Indicator.Aggregation.RATIO
    return NUMBERS if ratio else ("value",)


def read_texts(texts: Texts, indicator: Indicator) -> Read:
    """The numbers in the fields; `indicator` with its unit."""
    if texts.unavailable:
        return Read(Typed(unavailable=True, note=texts.note))
    numbers: dict[str, Decimal | None] = {}
    problems: dict[str, str] = {}
    understood: dict[str, str] = {}
    ambiguous: set[str] = set()
    for name in NUMBERS:
        text = getattr(texts, name)
        if name not in fields_of(indicator) and text.strip():
            problems[name] = _("Chỉ tiêu này không có tử số và mẫu số, nên “%(text)s” thừa.") % {
                "text": text.strip()
            }
            continue
        reading = read_number(text, indicator.unit if name == "value" else None)
        problem = reading.problem or _stage_problem(reading.value, name, indicator.unit)
        if problem:
            problems[name] = problem
            continue
        numbers[name] = reading.value
        if reading.understood:
            understood[name] = reading.understood
        if reading.ambiguous:
            ambiguous.add(name)
    typed = Typed(
        value=numbers.get("value"),
        numerator=numbers.get("numerator"),
        denominator=numbers.get("denominator"),
        note=texts.note,
    )
    return Read(typed, problems, understood, frozenset(ambiguous))


def _stage_problem(value: Decimal | None, name: str, unit: Unit) -> str:
    if name != "value" or unit.kind != Unit.Kind.STAGE or value is None or value in STAGES:
        return ""
    return _("Giai đoạn là một trong 0, 25, 50, 75, 100.")


def text_of(number: Decimal | None) -> str:
    """A number as its field shows it, in the active language: 1234,5 or 1234.5; "" for none."""
    if number is None:
        return ""
    text = write_number(number, "en").replace(",", "").replace("\u2212", "-")
    whole, mark, decimals = text.partition(".")
    if len(decimals) == 3 and len(whole.lstrip("-")) <= 3:
        decimals += "0"
    if not (get_language() or "vi").startswith("en"):
        mark = mark.replace(".", ",")
    return f"{whole}{mark}{decimals}"


def texts_of(typed: Typed) -> Texts:
    """What a cell holds, as its fields show it."""
    return Texts(
        value=text_of(typed.value),
        numerator=text_of(typed.numerator),
        denominator=text_of(typed.denominator),
        unavailable=typed.unavailable,
        note=typed.note,
    )


def is_answered(item: ReportItem) -> bool:
    """Whether a cell counts as filled in: a value, or the word that there is none."""
    return item.unavailable or item.value is not None
