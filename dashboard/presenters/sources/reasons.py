"""Why a value is held, in words with the bounds that it broke."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from django.utils.translation import gettext as _

from dashboard import formatting
from targets.models import HeldValue, Indicator
from targets.reporting.checking import load_rules
from targets.reporting.checks import COUNTED_IN_POINTS, Measure, Rule, particular

Reason = HeldValue.Reason


class Bounds:
    """The ranges and jumps that hold for the indicators of some values (one query)."""

    def __init__(self) -> None:
        self._rules: list[Rule] = [rule for rule in load_rules() if rule.check in {"range", "jump"}]
        self._known: dict[int, dict[str, list[Rule]]] = {}

    def of(self, indicator: Indicator) -> dict[str, list[Rule]]:
        """The rules of one indicator by check."""
        if indicator.pk not in self._known:
            unit = indicator.unit
            measure = Measure(indicator.pk, unit.pk, unit.kind, unit.decimals)
            self._known[indicator.pk] = particular(self._rules, measure)
        return self._known[indicator.pk]


def reason_words(held: HeldValue, bounds: Bounds) -> list[str]:
    """Each reason of a held value as a sentence, in the order in which they were found."""
    rules = bounds.of(held.indicator)
    words = {
        Reason.TRUST: lambda: _("Nguồn này luôn được xem xét trước khi công bố."),
        Reason.RANGE: lambda: _range_words(held, rules.get("range", ())),
        Reason.JUMP: lambda: _jump_words(held, rules.get("jump", ())),
        Reason.REPLACES: lambda: _("Khác giá trị đang công bố, vốn đã được duyệt."),
    }
    return [words[Reason(code)]() for code in held.reasons]


def _range_words(held: HeldValue, rules: Sequence[Rule]) -> str:
    unit = held.indicator.unit
    for rule in rules:
        low, high = rule.minimum, rule.maximum
        below, above = low is not None and held.value < low, high is not None and held.value > high
        said = {
            "low": formatting.quantity(low, unit, trim=True),
            "high": formatting.quantity(high, unit, trim=True),
        }
        if (below or above) and low is not None and high is not None:
            return _("Ngoài khoảng hợp lý, từ %(low)s đến %(high)s.") % said
        if below:
            return _("Nhỏ hơn mức hợp lý, ít nhất %(low)s.") % said
        if above:
            return _("Lớn hơn mức hợp lý, nhiều nhất %(high)s.") % said
        step = rule.bound
        if step and (held.value - (low or Decimal(0))) % step:
            return _("Không phải bội số của %(step)s.") % {"step": formatting.number(step)}
    return _("Ngoài khoảng hợp lý.")


def _jump_words(held: HeldValue, rules: Iterable[Rule]) -> str:
    if held.previous is None:
        return _("Thay đổi đột ngột.")
    unit = held.indicator.unit
    change = held.value - held.previous
    said = {
        "change": formatting.difference(change, unit),
        "previous": formatting.quantity(held.previous, unit, trim=True),
    }
    bounds = [rule.bound for rule in rules if rule.bound is not None]
    if not bounds:
        return _("Thay đổi %(change)s so với %(previous)s của kỳ trước.") % said
    if unit.kind in COUNTED_IN_POINTS:
        said["bound"] = formatting.difference(min(bounds), unit).lstrip("+")
    else:
        said["bound"] = formatting.percent(min(bounds), trim=True)
    return (
        _("Thay đổi %(change)s so với %(previous)s của kỳ trước; bình thường không quá %(bound)s.")
        % said
    )
