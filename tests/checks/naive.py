"""The checks once more, as a clerk would do them by hand: slowly, in fractions, one by one.

Shares nothing with `targets.reporting.checks` but its small dataclasses. A cell's broken rules are
(code, column) pairs.
"""

from __future__ import annotations

from fractions import Fraction

from targets.reporting.checks import Cell, Known, Measure, Rule

Broken = set[tuple[str, str]]


def broken(  # noqa: PLR0911, PLR0912 (one list to go down, as a clerk does)
    rules: list[Rule], measure: Measure, cell: Cell, known: Known
) -> Broken:
    """Every rule that the cell breaks, and where."""
    found: Broken = set()
    no_number = {
        name for name in ("value", "numerator", "denominator") if not _storable(cell, name)
    }
    if no_number:
        return {(rule.code, name) for rule in _of("number", rules, measure) for name in no_number}
    if cell.unavailable:
        for rule in _of("note", rules, measure):
            if len(cell.note.strip()) < (1 if rule.bound is None else rule.bound):
                found.add((rule.code, "note"))
        return found
    if (cell.value, cell.numerator, cell.denominator) == (None, None, None):
        return {(rule.code, "value") for rule in _of("required", rules, measure)}
    for rule in _of("evidence", rules, measure):
        if cell.value is not None and not known.has_evidence:
            least = float("-inf" if rule.minimum is None else rule.minimum)
            most = float("inf" if rule.maximum is None else rule.maximum)
            if least <= float(cell.value) <= most:
                found.add((rule.code, "evidence"))
    pair = [cell.numerator, cell.denominator]
    if pair.count(None) == 1:
        column = ("numerator", "denominator")[pair.index(None)]
        return found | {(rule.code, column) for rule in _of("ratio", rules, measure)}
    if cell.denominator is not None and cell.denominator <= 0:
        return found | {(rule.code, "denominator") for rule in _of("ratio", rules, measure)}
    if cell.numerator is not None and cell.denominator is not None:
        over = _of("whole", rules, measure) if cell.numerator > cell.denominator else []
        if over:
            return found | {(rule.code, "numerator") for rule in over}
    if cell.value is None:
        return found
    value = Fraction(cell.value)
    for rule in _of("range", rules, measure):
        low = Fraction(rule.minimum or 0)
        inside = (rule.minimum is None or value >= low) and (
            rule.maximum is None or value <= Fraction(rule.maximum)
        )
        on_step = not rule.bound or ((value - low) / Fraction(rule.bound)).denominator == 1
        if not (inside and on_step):
            found.add((rule.code, "value"))
    for rule in _of("decimals", rules, measure):
        places = measure.decimals if rule.bound is None else int(rule.bound)
        typed = cell.numerator is None
        if typed and (value * Fraction(10**places)).denominator != 1:
            found.add((rule.code, "value"))
    if any(column == "value" for _code, column in found):
        return found
    for rule in _of("jump", rules, measure):
        if known.previous is None or rule.bound is None:
            continue
        before = Fraction(known.previous.value)
        change = abs(value - before)
        allowed = Fraction(rule.bound)
        if measure.unit_kind not in ("percent", "rank", "stage"):
            allowed = allowed / 100 * abs(before)
        if change > allowed and change >= Fraction(rule.minimum or 0):
            found.add((rule.code, "value"))
    for rule in _of("parts", rules, measure):
        found |= {(rule.code, column) for column in _off(cell, known, Fraction(rule.bound or 0))}
    return found


def _of(check: str, rules: list[Rule], measure: Measure) -> list[Rule]:
    """The rules of a check that hold: those of the indicator, else of the unit, and so on."""
    mine = [rule for rule in rules if rule.check == check]
    general = [r for r in mine if (r.indicator_id, r.unit_id, r.unit_kind) == (None, None, "")]
    return (
        [rule for rule in mine if rule.indicator_id == measure.indicator_id]
        or [rule for rule in mine if rule.unit_id == measure.unit_id]
        or [rule for rule in mine if rule.unit_kind == measure.unit_kind]
        or general
    )


def _storable(cell: Cell, name: str) -> bool:
    number = getattr(cell, name)
    if name in cell.problems:
        return False
    if number is None:
        return True
    return number.is_finite() and len(str(abs(int(number)))) <= (16 if name == "value" else 20)


def _off(cell: Cell, known: Known, tolerance: Fraction) -> set[str]:
    parts = known.parts or []
    if known.scale is not None and cell.numerator is None:
        if len(parts) < 2:
            return set()
        above, below = Fraction(0), Fraction(0)
        for part in parts:
            if part.numerator is None or part.denominator is None:
                return set()
            above, below = above + Fraction(part.numerator), below + Fraction(part.denominator)
        if below <= 0:
            return set()
        together = above * Fraction(known.scale) / below
        apart = abs(Fraction(cell.value or 0) - together)
        return {"value"} if apart > abs(together) * tolerance / 100 else set()
    off = set()
    for name in ["value"] if known.scale is None else ["numerator", "denominator"]:
        known_parts = [getattr(part, name) for part in parts]
        told = [Fraction(number) for number in known_parts if number is not None]
        together = sum(told, Fraction(0))
        if not told:
            continue
        apart = Fraction(getattr(cell, name)) - together
        least = abs(together) * tolerance / 100
        if apart < -least or (apart > least and len(told) == len(parts) >= 2):
            off.add(name)
    return off
