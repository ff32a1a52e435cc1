"""The checks of reported values: pure functions of a cell, its measure and what is known of it.

One rule set for the form, the spreadsheet and the API. `targets.reporting.checking` reads what the
checks need from the database and turns what they find into sentences.

What a rule's three numbers mean depends on its check:

| check | minimum, maximum | bound |
| --- | --- | --- |
| range | the least and the greatest value | the step, counted from the minimum (or zero) |
| decimals | | most decimals; none: as many as the unit shows |
| jump | minimum: smaller changes never count | the greatest change: points of a per cent, places of a rank, stages; else per cent of the value before |
| parts | | how far the total may be from its parts, in per cent of their sum; none: 0 |
| evidence | asked for from the minimum up to the maximum; none: for every value | |
| note | | fewest characters; none: 1 |
"""  # noqa: E501 (a table)

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType

from targets.reporting.numbers import write_number

ERROR, WARNING = "error", "warning"

#: Kinds of units of which a change is counted in points, not in per cent of the value before.
COUNTED_IN_POINTS = frozenset({"percent", "rank", "stage"})

#: The order in which the failures of a cell are told.
ORDER = (
    "period",
    "number",
    "required",
    "note",
    "ratio",
    "whole",
    "range",
    "decimals",
    "jump",
    "parts",
    "evidence",
)

#: The numbers of a rule that a check reads; the others stay empty.
BOUNDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "range": ("minimum", "maximum", "bound"),
        "decimals": ("bound",),
        "jump": ("minimum", "bound"),
        "parts": ("bound",),
        "evidence": ("minimum", "maximum"),
        "note": ("bound",),
    }
)

#: What a sentence of a check may name in braces.
PLACEHOLDERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "number": ("problem",),
        "ratio": ("numerator", "denominator"),
        "whole": ("numerator", "denominator"),
        "range": ("value", "minimum", "maximum", "bound"),
        "decimals": ("value", "bound"),
        "jump": ("value", "previous", "period", "bound"),
        "parts": ("value", "parts", "bound"),
        "evidence": ("value", "minimum", "maximum"),
        "note": ("bound",),
    }
)

_PLACEHOLDER = re.compile(r"\{([a-z]*)\}")
# What the columns hold: numeric(24, 8) and numeric(24, 4).
_LIMITS = (
    ("value", Decimal(10) ** 16),
    ("numerator", Decimal(10) ** 20),
    ("denominator", Decimal(10) ** 20),
)

Numbers = Mapping[str, Decimal | str]


@dataclass(frozen=True, slots=True)
class Rule:
    """A validation rule; applies by indicator, unit, kind of unit (at most one) or everywhere."""

    id: int
    code: str
    check: str
    severity: str
    indicator_id: int | None = None
    unit_id: int | None = None
    unit_kind: str = ""
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    bound: Decimal | None = None
    sentence_vi: str = ""
    sentence_en: str = ""


@dataclass(frozen=True, slots=True)
class Measure:
    """What a cell measures: its indicator and how the unit writes numbers."""

    indicator_id: int
    unit_id: int
    unit_kind: str
    decimals: int


@dataclass(frozen=True, slots=True)
class Cell:
    """What a cell holds; of a ratio `value` is derived. `problems`: column -> what is no number."""

    value: Decimal | None = None
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    unavailable: bool = False
    note: str = ""
    problems: Mapping[str, str] = field(default_factory=dict)

    @property
    def derived(self) -> bool:
        """Whether the value follows from a numerator and a denominator."""
        return self.numerator is not None and self.denominator is not None

    @property
    def empty(self) -> bool:
        """Whether no number is there."""
        return self.value is None and self.numerator is None and self.denominator is None


@dataclass(frozen=True, slots=True)
class Previous:
    """The last published value of the same series and organisation before the cycle's data."""

    value: Decimal
    period: str


@dataclass(frozen=True, slots=True)
class Part:
    """What one organisation contributes to a total; all None: nothing known of it yet."""

    value: Decimal | None = None
    numerator: Decimal | None = None
    denominator: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What is known beside the cell. `parts` None: it is no total, or its parts do not add up."""

    previous: Previous | None = None
    parts: Sequence[Part] | None = None
    scale: Decimal | None = None
    """Of a ratio what turns numerator / denominator into the unit; None: values are summed."""
    has_evidence: bool = False


@dataclass(frozen=True, slots=True)
class Failure:
    """A rule that a cell breaks, at which column, and the numbers of its sentence."""

    rule: Rule
    column: str
    numbers: Numbers


def particular(rules: Iterable[Rule], measure: Measure) -> dict[str, list[Rule]]:
    """The rules that hold for a measure, by check: of each check only the most particular."""
    by_check: dict[str, dict[int, list[Rule]]] = defaultdict(lambda: defaultdict(list))
    for rule in rules:
        rank = _rank(rule, measure)
        if rank is not None:
            by_check[rule.check][rank].append(rule)
    return {check: by_rank[min(by_rank)] for check, by_rank in by_check.items()}


def _rank(rule: Rule, measure: Measure) -> int | None:
    """0 for a rule of the indicator, 3 for a general one; None where it does not apply."""
    if rule.indicator_id is not None:
        return 0 if rule.indicator_id == measure.indicator_id else None
    if rule.unit_id is not None:
        return 1 if rule.unit_id == measure.unit_id else None
    if rule.unit_kind:
        return 2 if rule.unit_kind == measure.unit_kind else None
    return 3


def failures(
    rules: Mapping[str, Sequence[Rule]], measure: Measure, cell: Cell, known: Known
) -> list[Failure]:
    """The rules that a cell breaks, in `ORDER`; `rules` as `particular` gives them.

    What rests on a mistake that is told already is not told again: a cell that is no number, is
    declared unknown or is empty breaks nothing else, the value of a ratio is not judged while its
    numerator and denominator are wrong, and one that is wrong by itself is compared with no other.
    The period is the report's business: see `closed`.
    """
    found: list[Failure] = []

    def judge(check: str, judging: Callable[[Rule], Iterable[tuple[str, Numbers]]]) -> None:
        for rule in rules.get(check, ()):
            found.extend(Failure(rule, column, numbers) for column, numbers in judging(rule))

    judge("number", lambda rule: _number(cell))
    if next(_number(cell), None):
        return found
    if cell.unavailable:
        judge("note", lambda rule: _note(rule, cell))
        return found
    if cell.empty:
        judge("required", lambda rule: [("value", {})])
        return found
    judge("ratio", lambda rule: _ratio(cell))
    judge("whole", lambda rule: _whole(cell))
    if not found and not next(_ratio(cell), None):
        judge("range", lambda rule: _range(rule, cell))
        judge("decimals", lambda rule: _decimals(rule, measure, cell))
        if not found:
            judge("jump", lambda rule: _jump(rule, measure, cell, known))
            judge("parts", lambda rule: _parts(rule, cell, known))
    judge("evidence", lambda rule: _evidence(rule, cell, known))
    return found


def closed(rules: Iterable[Rule]) -> list[Failure]:
    """What a report breaks whose cycle takes no more entries."""
    return [Failure(rule, "", {}) for rule in rules if rule.check == "period"]


def _number(cell: Cell) -> Iterator[tuple[str, Numbers]]:
    for column, limit in _LIMITS:
        number = getattr(cell, column)
        if column in cell.problems:
            yield column, {"problem": cell.problems[column]}
        elif number is not None and (not number.is_finite() or abs(number) >= limit):
            yield column, {"problem": ""}


def _note(rule: Rule, cell: Cell) -> Iterator[tuple[str, Numbers]]:
    fewest = Decimal(1) if rule.bound is None else rule.bound
    if len(cell.note.strip()) < fewest:
        yield "note", {"bound": fewest}


def _ratio(cell: Cell) -> Iterator[tuple[str, Numbers]]:
    above, below = cell.numerator, cell.denominator
    numbers = _given(numerator=above, denominator=below)
    if above is None and below is not None:
        yield "numerator", numbers
    elif (below is None and above is not None) or (below is not None and below <= 0):
        yield "denominator", numbers


def _whole(cell: Cell) -> Iterator[tuple[str, Numbers]]:
    if cell.numerator is None or cell.denominator is None or cell.denominator <= 0:
        return
    if cell.numerator > cell.denominator:
        yield "numerator", {"numerator": cell.numerator, "denominator": cell.denominator}


def _range(rule: Rule, cell: Cell) -> Iterator[tuple[str, Numbers]]:
    value = cell.value
    if value is None:
        return
    below = rule.minimum is not None and value < rule.minimum
    above = rule.maximum is not None and value > rule.maximum
    between = bool(rule.bound) and (value - (rule.minimum or 0)) % (rule.bound or 1) != 0
    if below or above or between:
        yield (
            "value",
            _given(value=value, minimum=rule.minimum, maximum=rule.maximum, bound=rule.bound),
        )


def _decimals(rule: Rule, measure: Measure, cell: Cell) -> Iterator[tuple[str, Numbers]]:
    most = Decimal(measure.decimals) if rule.bound is None else rule.bound
    if cell.value is not None and not cell.derived and decimals(cell.value) > most:
        yield "value", {"value": cell.value, "bound": most}


def _jump(rule: Rule, measure: Measure, cell: Cell, known: Known) -> Iterator[tuple[str, Numbers]]:
    if cell.value is None or known.previous is None or rule.bound is None:
        return
    before = known.previous.value
    change = abs(cell.value - before)
    in_points = measure.unit_kind in COUNTED_IN_POINTS
    # From zero every change is without bound, in per cent.
    greatest = rule.bound if in_points else abs(before) * rule.bound / 100
    if change > greatest and (rule.minimum is None or change >= rule.minimum):
        yield (
            "value",
            {
                "value": cell.value,
                "previous": before,
                "period": known.previous.period,
                "bound": rule.bound,
            },
        )


def _parts(rule: Rule, cell: Cell, known: Known) -> Iterator[tuple[str, Numbers]]:
    tolerance = rule.bound or Decimal(0)
    for column, total, together, complete in _totals(cell, known):
        slack = abs(together) * tolerance / 100
        # While parts are missing the total can be more than those known, but not less.
        if total < together - slack or (complete and total > together + slack):
            yield column, {"value": total, "parts": round(together, 4), "bound": tolerance}


def _totals(cell: Cell, known: Known) -> Iterator[tuple[str, Decimal, Decimal, bool]]:
    """What is compared: column, total, sum of the parts known, whether all parts are.

    Of a ratio numerators and denominators are; where the total is given as its value alone, that
    is compared once all parts are known as ratios.
    """
    if cell.value is None or not known.parts:
        return
    if known.scale is None:
        columns = ["value"]
    elif cell.derived:
        columns = ["numerator", "denominator"]
    else:
        above, below = (_told(known.parts, name) for name in ("numerator", "denominator"))
        whole = len(above) == len(below) == len(known.parts) > 1
        if whole and sum(below) > 0:
            yield "value", cell.value, sum(above, Decimal(0)) * known.scale / sum(below), True
        return
    for column in columns:
        told = _told(known.parts, column)
        if told:
            complete = len(told) == len(known.parts) > 1
            yield column, getattr(cell, column), sum(told, Decimal(0)), complete


def _told(parts: Iterable[Part], column: str) -> list[Decimal]:
    return [number for part in parts if (number := getattr(part, column)) is not None]


def _evidence(rule: Rule, cell: Cell, known: Known) -> Iterator[tuple[str, Numbers]]:
    if cell.value is None or known.has_evidence:
        return
    from_here = rule.minimum is None or cell.value >= rule.minimum
    to_here = rule.maximum is None or cell.value <= rule.maximum
    if from_here and to_here:
        yield "evidence", _given(value=cell.value, minimum=rule.minimum, maximum=rule.maximum)


def _given(**numbers: Decimal | None) -> Numbers:
    return {name: number for name, number in numbers.items() if number is not None}


def decimals(value: Decimal) -> int:
    """How many digits after the point a number has, trailing zeros aside."""
    exponent = value.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def sentence(text: str, numbers: Numbers) -> str:
    """A rule's sentence with its numbers, as the active language writes them.

    A name in braces that has no number is an ellipsis: "nothing known" must not read as zero.
    """

    def number(match: re.Match[str]) -> str:
        known = numbers.get(match[1], "…")
        return known if isinstance(known, str) else write_number(known)

    return " ".join(_PLACEHOLDER.sub(number, text).split())


def unknown_placeholders(text: str, check: str) -> list[str]:
    """The names in braces that a sentence of this check cannot have; also a lone brace."""
    names = PLACEHOLDERS.get(check, ())
    wrong = [f"{{{name}}}" for name in _PLACEHOLDER.findall(text) if name not in names]
    rest = _PLACEHOLDER.sub("", text)
    return wrong + [brace for brace in "{}" if brace in rest]
