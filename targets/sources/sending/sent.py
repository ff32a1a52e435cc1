"""What an organisation sends, row by row: read as a publisher's row, judged as a typed value."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Final

from django.utils.translation import gettext as _

from targets.models import ApiToken, Indicator, Observation, Organisation, Series
from targets.reporting.checking import load_rules, told
from targets.reporting.checks import (
    ERROR,
    Cell,
    Known,
    Measure,
    Previous,
    Rule,
    failures,
    particular,
)
from targets.reporting.entering import EntryRefusedError, Typed, settled
from targets.reporting.numbers import read_cell
from targets.reporting.series import reporting_series_of
from targets.sources.contract import MappedRow
from targets.sources.reading import units
from targets.sources.reading.times import Written, read_period
from targets.sources.taking.rejecting import REASONS
from targets.values.periods import period_days

#: Checks whose warnings `intake` finds by itself, value by value.
_BOUNDED: Final = frozenset({"range", "jump"})
_EXACT: Final = Context(prec=120, rounding=ROUND_HALF_EVEN)
_EIGHT: Final = Decimal("1e-8")
_NUMBERS: Final = ("value", "numerator", "denominator")


@dataclass(frozen=True)
class Sent:
    """One observation as it came; numbers are exact, or text as people type it."""

    indicator: str
    period: str
    value: Decimal | str | None = None
    numerator: Decimal | str | None = None
    denominator: Decimal | str | None = None
    unit: str = ""
    note: str = ""
    organisation: str = ""


@dataclass(frozen=True, order=True)
class Wrong:
    """What is wrong with one row, counted from 0, at which field; told to a person."""

    place: int
    field: str
    sentence: str


@dataclass(frozen=True)
class Read:
    """Rows that can be taken in; `doubtful`: a warning was found that no bound explains."""

    rows: Sequence[MappedRow]
    doubtful: bool


class NotGoodError(Exception):
    """Some row cannot be taken, so none is."""

    def __init__(self, wrong: Iterable[Wrong]) -> None:
        super().__init__("not good")
        self.wrong = sorted(wrong)


class _Mistake(Exception):
    def __init__(self, field: str, sentence: object) -> None:
        super().__init__(field)
        self.field = field
        self.sentence = str(sentence)


def read_sent(rows: Sequence[Sent], *, token: ApiToken, today: dt.date) -> Read:
    """The rows in our terms, judged by the rules of the forms. Raises NotGoodError."""
    return _Reader(rows, token, today).read()


class _Reader:
    """Reads the rows of one request: five queries, however many there are."""

    def __init__(self, rows: Sequence[Sent], token: ApiToken, today: dt.date) -> None:
        if token.organisation is None:
            raise ValueError("a token without an organisation posts nothing")
        self._rows = rows
        self._today = today
        self._own: Organisation = token.organisation
        self._allowed = frozenset(token.indicators)
        known = Indicator.objects.select_related("unit").filter(
            code__in={row.indicator for row in rows}
        )
        self._indicators = {indicator.code: indicator for indicator in known}
        mine = [one for one in self._indicators.values() if one.code in self._allowed]
        self._series = reporting_series_of(mine)
        self._before = _published(self._series.values(), self._own)
        rules = load_rules()
        self._measures = {
            one.pk: Measure(one.pk, one.unit_id, one.unit.kind, one.unit.decimals) for one in mine
        }
        self._rules: Mapping[int, Mapping[str, Sequence[Rule]]] = {
            pk: particular(rules, measure) for pk, measure in self._measures.items()
        }
        self._doubtful = False

    def read(self) -> Read:
        wrong: list[Wrong] = []
        read: list[MappedRow] = []
        seen: set[tuple[int, str]] = set()
        for place, row in enumerate(self._rows):
            try:
                one = self._read_row(place, row)
                if (one.series, one.period) in seen:
                    raise _Mistake("period", _("Chỉ tiêu và kỳ này được gửi hai lần."))
                seen.add((one.series, one.period))
                read.append(one)
            except _Mistake as mistake:
                wrong.append(Wrong(place, mistake.field, mistake.sentence))
        if wrong:
            raise NotGoodError(wrong)
        return Read(read, self._doubtful)

    def _read_row(self, place: int, row: Sent) -> MappedRow:
        if row.organisation not in {"", self._own.code}:
            raise _Mistake("organisation", REASONS["not-own"])
        indicator = self._indicators.get(row.indicator)
        if indicator is None:
            raise _Mistake("indicator", REASONS["indicator"])
        if indicator.code not in self._allowed:
            raise _Mistake("indicator", REASONS["not-allowed"])
        when = self._period(row.period)
        typed = self._numbers(row, indicator)
        self._judge(indicator, when.period, typed, row.note)
        ratio = typed.numerator is not None
        return MappedRow(
            place=place + 1,
            series=self._series[indicator.pk].pk,
            organisation=self._own.pk,
            period=when.period,
            value="" if ratio else _written(typed.value),
            numerator=_written(typed.numerator),
            denominator=_written(typed.denominator),
            vintage=when.vintage,
        )

    def _period(self, text: str) -> Written:
        when = read_period(text)
        days = period_days(when.period) if when else None
        if when is None or days is None:
            raise _Mistake("period", REASONS["period"])
        if days[0] > self._today:
            raise _Mistake("period", _("Kỳ này chưa bắt đầu, chưa thể có số liệu."))
        return when

    def _numbers(self, row: Sent, indicator: Indicator) -> Typed:
        """The numbers as a form would keep them, the value in the indicator's unit."""
        try:
            factor = units.factor(row.unit, indicator.unit.code)
        except units.UnitsDifferError as error:
            raise _Mistake("unit", error.sentence) from None
        numbers: dict[str, Decimal | None] = {}
        own_unit = indicator.unit if row.unit in {"", indicator.unit.code} else None
        for name in _NUMBERS:
            given = getattr(row, name)
            if isinstance(given, str):
                reading = read_cell(given, own_unit if name == "value" else None)
                if reading.problem:
                    raise _Mistake(name, reading.problem)
                given = reading.value
            numbers[name] = given
        given_value = numbers["value"]
        if given_value is None and factor != 1:
            raise _Mistake("unit", _("Đơn vị đi cùng giá trị; tử số và mẫu số ghi nguyên."))
        if given_value is not None and abs(given_value) < Decimal(10) ** 30:
            value = _EXACT.multiply(given_value, factor)
            numbers["value"] = value if factor == 1 else _EXACT.quantize(value, _EIGHT)
        if all(number is None for number in numbers.values()):
            raise _Mistake("value", REASONS["no-value"])
        try:
            typed = settled(
                Typed(numbers["value"], numbers["numerator"], numbers["denominator"]), indicator
            )
        except EntryRefusedError as error:
            raise _Mistake("value", error.sentence) from None
        both = typed.numerator is not None and typed.denominator is not None
        if given_value is not None and both and typed.value != numbers["value"]:
            raise _Mistake("value", REASONS["ratio"])
        return typed

    def _judge(self, indicator: Indicator, period: str, typed: Typed, note: str) -> None:
        """Refuse what a rule calls an error; remember whether one warns."""
        cell = Cell(typed.value, typed.numerator, typed.denominator, note=note)
        known = Known(previous=_last_before(self._before[indicator.pk], period))
        found = failures(self._rules[indicator.pk], self._measures[indicator.pk], cell, known)
        for failure in found:
            if failure.rule.severity == ERROR:
                field = failure.column if failure.column in _NUMBERS else "value"
                raise _Mistake(field, told(failure.rule, failure.numbers))
            self._doubtful |= failure.rule.check not in _BOUNDED
        if (typed.numerator is None) != (typed.denominator is None):
            raise _Mistake("numerator", REASONS["half-ratio"])
        if typed.denominator is not None and typed.denominator <= 0:
            raise _Mistake("denominator", REASONS["denominator"])


def _written(number: Decimal | None) -> str:
    return "" if number is None else f"{number:f}"


def _published(series: Iterable[Series], own: Organisation) -> dict[int, list[tuple[str, Decimal]]]:
    """Indicator -> published periods of the organisation with their values, the oldest first."""
    by_indicator: dict[int, list[tuple[str, Decimal]]] = defaultdict(list)
    rows = (
        Observation.objects.published()
        .current()
        .filter(series__in=list(series), organisation=own)
        .order_by("period_end", "period")
        .values_list("series__indicator_id", "period", "value")
    )
    for indicator, period, value in rows:
        by_indicator[indicator].append((period, value))
    return by_indicator


def _last_before(published: Iterable[tuple[str, Decimal]], period: str) -> Previous | None:
    """The value of the last period of the same length before this one."""
    found = None
    for earlier, value in published:
        if _length(earlier) == _length(period) and earlier < period:
            found = Previous(value, earlier)
    return found


def _length(period: str) -> str:
    """Y, H, Q or M."""
    rest = period[5:6]
    return "M" if rest.isdigit() else rest or "Y"
