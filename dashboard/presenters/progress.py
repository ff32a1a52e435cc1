"""How far a target has come on the way from its baseline to its threshold, for the charts."""

from __future__ import annotations

from django.utils.translation import gettext

from dashboard import formatting
from dashboard.formatting import localised
from dashboard.presenters.common import rising, shown_value, threshold_of, unit_of
from targets.models import Unit
from targets.register import Row


def unit_words(unit: Unit) -> str:
    """What the numbers on an axis are: the symbol of the unit or, without one, its name."""
    if unit.kind == Unit.Kind.RANK:
        return gettext("hạng, trên cao là tốt hơn")
    return formatting.symbol(unit) or localised(unit, "name")


def value_text(row: Row) -> str:
    """`14,0 % (2025)`; "" where there is no value."""
    value, year = shown_value(row)
    if value is None:
        return ""
    text = formatting.quantity(value, unit_of(row.target), trim=True)
    return f"{text} ({year})" if year else text


def reached(row: Row) -> float | None:
    """The share of the way from baseline (0) to threshold (1) that is done; None without a value.

    Without a baseline: the value as a share of the threshold, the better way round.
    """
    verdict = row.assessment
    value, _year = shown_value(row)
    threshold = threshold_of(row)
    if verdict is None or value is None or threshold is None:
        return None
    if verdict.attained is not None:
        return verdict.attained
    if verdict.reason_code == "only_baseline":
        return 0.0
    if value <= 0 or threshold <= 0:
        return None
    return value / threshold if rising(row.target) else threshold / value


def needed(row: Row) -> float | None:
    """The share that should be done by the year of the value; None where it is all, or nothing."""
    verdict = row.assessment
    if verdict is None or verdict.attained is None or verdict.expected is None:
        return None
    return verdict.expected if 0 < verdict.expected < 1 else None
