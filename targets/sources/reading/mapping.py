"""Rows of a source into rows of ours: which series, organisation and period; what number.

What cannot be read is left out with its reason; what says that the source is no longer what was
described (a column, a label, a year is gone) fails the run. Texts repeat, so what each means is
found once and looked up a column at a time: a million rows take about a second.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from functools import partial
from itertools import islice, repeat
from typing import Any, Final

from django.utils.translation import gettext as _

from targets.models import DataSource, SeriesMapping
from targets.sources.contract import MappedRow, Outcome, SourceError, Table
from targets.sources.reading import expecting, units
from targets.sources.reading.areas import Areas, UnknownAreasError, cleaned
from targets.sources.reading.columns import (
    Cell,
    Choice,
    Memo,
    Number,
    Numbers,
    Placed,
    Plan,
    Refused,
    Stretch,
    at_positions,
    kept,
    keys,
    plans_for,
)
from targets.sources.reading.describing import Mapping_, read_mapping, read_where
from targets.sources.reading.numerals import RATIO_DECIMALS, VALUE_DECIMALS, Numerals, Unread
from targets.sources.reading.times import Written, read_parts, read_period
from targets.sources.taking.rejecting import Rejections
from targets.values.periods import period_days

__all__ = ["Mapper", "Mapping_"]

_AT_ONCE: Final = 8_192  # rows
_TEXTS: Final = 4  # columns of a stretch come first, then those of numbers
_LISTED: Final = 100  # columns that a failure names
_DAY: Final = re.compile(r"(\d{4})-(\d\d?)-(\d\d?)(?:[T ].*)?|(\d\d?)/(\d\d?)/(\d{4})")


class Mapper:
    """Reads the tables of one run of a source.

    `rejections` are the rows left out so far, `read` how many rows there were.
    """

    def __init__(self, source: DataSource, mappings: Iterable[SeriesMapping] | None = None) -> None:
        """`mappings`: of the source, where they are not to be those that are saved.

        Raises SourceError(MISCONFIGURED).
        """
        self.rejections = Rejections()
        self.read = 0
        self._spec = read_mapping(source.mapping)
        if mappings is None:
            mappings = source.mappings.select_related("series__indicator__unit")
        self._mappings = list(mappings)
        if not self._mappings:
            raise _misconfigured("series", _("chưa khai báo chuỗi số liệu nào"))
        try:
            self._areas = Areas(self._spec.area)
        except UnknownAreasError as error:
            raise _misconfigured("area", _("không có cơ quan %s") % error) from error
        self._missing: set[Cell] = {None, "", *map(cleaned, self._spec.missing)}
        self._numbers: dict[tuple[object, ...], Numbers] = {}
        self._choices = self._make_choices()
        self._columns = list(
            dict.fromkeys(
                cleaned(name)
                for name in (
                    *self._spec.named,
                    *(name for choice in self._choices for name in choice.fields),
                    *(numbers.field for numbers in self._numbers.values()),
                )
            )
        )
        self._days = Memo(self._read_day)
        self._vintages = Memo(self._read_vintage)
        self._matched: Counter[int] = Counter()
        self._seen: dict[int, set[str]] = defaultdict(set)
        self._values = 0
        # Read now: while rows are read, nothing else may be asked on the connection.
        wanted = self._spec.expect is None or self._spec.expect.still_there
        self._before = expecting.brought_before(source) if wanted else {}
        self._present: dict[int, set[str]] = defaultdict(set)

    def rows(self, tables: Iterable[Table]) -> Iterator[MappedRow]:
        """Every value of every table, lazily; within some thousand rows in any order.

        One row may bring values of several series. Raises SourceError: COLUMNS_CHANGED for a table
        that lacks a column, and for a series none of whose rows is there though it should be;
        PERIOD_MISSING for a period that should be there, or was there in earlier runs; UNREADABLE
        for a row with more or fewer cells than columns.
        """
        for table in tables:
            for stretch in self._stretches(table):
                for choice in self._choices:
                    for plan, positions in choice.among(stretch):
                        yield from self._values_of(plan, stretch, positions)
        if self._spec.expect is not None:
            expecting.check(
                self._spec.expect,
                self._mappings,
                matched=self._matched,
                seen=self._seen,
                rows=self._values,
            )
        expecting.check_still_there(self._mappings, before=self._before, present=self._present)

    def _stretches(self, table: Table) -> Iterator[Stretch]:
        at = self._find_columns(table)
        spec = self._spec
        placed = Memo(partial(self._place, table.vintage))
        by = [spec.area.field, *spec.period.named] if spec.area.field else [*spec.period.named]
        day = table.published_on.isoformat() if table.published_on else ""
        rows = iter(table.rows)
        while some := list(islice(rows, _AT_ONCE)):
            first = self.read + 1
            self.read += len(some)
            _check_widths(some, len(table.columns), first)
            columns = list(zip(*some, strict=True))
            cells = {name: columns[index] for name, index in at.items()}
            yield Stretch(
                cells=cells,
                places=range(first, first + len(some)),
                placed=placed.of(keys([cells[cleaned(name)] for name in by], len(some))),
                days=self._days.of(cells[cleaned(spec.published_on.field)])
                if spec.published_on and spec.published_on.field
                else [(spec.published_on and spec.published_on.constant) or day] * len(some),
                vintages=self._vintages.of(cells[cleaned(spec.vintage.field)])
                if spec.vintage and spec.vintage.field
                else [""] * len(some),
            )

    def _find_columns(self, table: Table) -> dict[str, int]:
        found = [cleaned(name or "") for name in table.columns]
        missing = [name for name in self._columns if name not in found]
        twice = [name for name in self._columns if found.count(name) > 1]
        if missing or twice:
            raise SourceError(
                Outcome.COLUMNS_CHANGED, missing=missing, twice=twice, found=found[:_LISTED]
            )
        return {name: found.index(name) for name in self._columns}

    def _values_of(
        self, plan: Plan, stretch: Stretch, positions: Sequence[int] | None
    ) -> Iterator[MappedRow]:
        """The values of one series among some rows; all of them, or those at `positions`."""
        columns: list[Sequence[Any]] = [
            *stretch[1:],
            *(stretch.cells[numbers.field] for numbers in plan.numbers),
        ]
        if positions is not None:
            columns = [at_positions(column, positions) for column in columns]
        self._matched[plan.series] += len(columns[0])
        if plan.series in self._before:
            there = {one.period for one in set(columns[1]) if isinstance(one, Placed)}
            self._present[plan.series] |= there
        columns = self._without_values(columns)
        columns[_TEXTS:] = [
            numbers.of(texts) for numbers, texts in zip(plan.numbers, columns[_TEXTS:], strict=True)
        ]
        columns = self._without_refused(plan, self._without_values(columns))
        places, placed, days, vintages, *numbers = columns
        if not places:
            return iter(())
        organisations, periods, own = zip(*placed, strict=True)
        self._seen[plan.series].update(periods)
        self._values += len(places)
        if any(vintages):
            own = tuple(given or default for given, default in zip(vintages, own, strict=True))
        blank = [""] * len(places)
        written = (*numbers, blank, blank) if len(numbers) == 1 else (blank, *numbers)
        fields = zip(
            places, repeat(plan.series, len(places)), organisations, periods, *written, own, days,
            strict=True,
        )  # fmt: skip
        return map(partial(tuple.__new__, MappedRow), fields)

    def _without_values(self, columns: list[Sequence[Any]]) -> list[Sequence[Any]]:
        """Without the rows that are of no concern, or have no number."""
        _places, placed, _days, _vintages, *numbers = columns
        none = [list(map(self._missing.__contains__, column)) for column in numbers]
        if not any(map(all, zip(*none, strict=True))) and None not in placed:
            return columns
        keep = [
            one is not None and not all(lacking)
            for one, *lacking in zip(placed, *none, strict=True)
        ]
        return kept(columns, keep)

    def _without_refused(self, plan: Plan, columns: list[Sequence[Any]]) -> list[Sequence[Any]]:
        """Without the rows that cannot be kept, each of which is named once."""
        refused: dict[int, Refused] = {}
        for column in columns[1:]:
            if Refused in set(map(type, column)):
                for at, cell in enumerate(column):
                    if type(cell) is Refused:
                        refused.setdefault(at, cell)
        if len(plan.numbers) > 1:
            for numbers, column in zip(plan.numbers, columns[_TEXTS:], strict=True):
                if None in column:
                    half = Refused(numbers.field, "half-ratio", "")
                    for at, cell in enumerate(column):
                        if cell is None:
                            refused.setdefault(at, half)
        if not refused:
            return columns
        for at in sorted(refused):
            self.rejections.add(columns[0][at], *refused[at])
        return kept(columns, [at not in refused for at in range(len(columns[0]))])

    def _place(self, vintage: str, key: tuple[Cell, ...]) -> Placed | Refused | None:
        spec = self._spec
        texts = [cleaned(cell or "") for cell in key]
        area_text = texts.pop(0) if spec.area.field else ""
        if self._areas.skips(area_text):
            return None
        written = self._period(texts)
        days = period_days(written.period) if written else None
        if written is None or days is None:
            return Refused(", ".join(spec.period.named), "period", " ".join(texts))
        area = self._areas.find(area_text, days)
        if area is None:
            return None
        if area.reason:
            return Refused(spec.area.field or "", area.reason, area_text)
        constant = spec.vintage.constant if spec.vintage else None
        return Placed(area.organisation, written.period, constant or written.vintage or vintage)

    def _period(self, texts: Sequence[str]) -> Written | None:
        spec = self._spec.period
        if spec.fields is not None:
            return read_parts(dict(zip(spec.fields, texts, strict=True)))
        return read_period(spec.constant or texts[0], spec.form)

    def _read_number(self, name: str, numerals: Numerals, text: Cell) -> Number:
        if text is None or cleaned(text) in self._missing:
            return None
        number = numerals.read(text)
        return Refused(name, number.reason, text) if isinstance(number, Unread) else number

    def _read_day(self, text: Cell) -> str | Refused:
        plain = cleaned(text or "")
        if plain in self._missing:
            return ""
        match = _DAY.fullmatch(plain)
        try:
            if match is None:
                raise ValueError(plain)
            year, month, day, day2, month2, year2 = match.groups()
            return dt.date(int(year or year2), int(month or month2), int(day or day2)).isoformat()
        except ValueError:
            spec = self._spec.published_on
            return Refused((spec and spec.field) or "", "day", plain)

    def _read_vintage(self, text: Cell) -> str | Refused:
        plain = cleaned(text or "")
        if "\0" in plain:
            spec = self._spec.vintage
            return Refused((spec and spec.field) or "", "text", plain)
        return plain

    def _make_choices(self) -> list[Choice]:
        conditions: dict[tuple[str, ...], list[tuple[Plan, list[frozenset[str]]]]] = {}
        for mapping in self._mappings:
            where = dict(sorted(read_where(mapping.where).items()))
            plan = Plan(mapping.series_id, self._numbers_of(mapping))
            conditions.setdefault(tuple(where), []).append((plan, list(where.values())))
        return [
            Choice(fields, Memo(partial(plans_for, plans))) for fields, plans in conditions.items()
        ]

    def _numbers_of(self, mapping: SeriesMapping) -> tuple[Numbers, ...]:
        own = mapping.series.indicator.unit.code
        try:
            factor = units.factor(mapping.unit, own)
        except units.UnitsDifferError as error:
            raise _misconfigured("unit", error.sentence) from error
        if mapping.numerator_field:
            # The value is derived from the two, in the indicator's unit.
            if factor != 1:
                raise _misconfigured("unit", _("chuỗi có tử số và mẫu số thì không đổi đơn vị"))
            parts = (mapping.numerator_field, mapping.denominator_field)
            return tuple(self._number_field(name, RATIO_DECIMALS) for name in parts)
        percent = units.written_with_percent_sign(mapping.unit or own)
        return (self._number_field(mapping.value_field, VALUE_DECIMALS, factor, percent),)

    def _number_field(
        self, name: str, decimals: int, factor: Decimal = Decimal(1), percent: bool = False
    ) -> Numbers:
        name = cleaned(name)
        key = (name, decimals, factor, percent)
        if key not in self._numbers:
            numerals = Numerals(
                decimal=self._spec.decimal,
                thousands=self._spec.thousands,
                factor=factor,
                percent=percent,
                decimals=decimals,
            )
            self._numbers[key] = Numbers(
                name,
                numerals,
                Memo(partial(self._read_number, name, numerals)),
                # A number may be declared to mean that there is none (-999).
                at_once=not any(numerals.all_plain([text]) for text in self._missing if text),
            )
        return self._numbers[key]


def _check_widths(rows: Sequence[Sequence[Cell]], width: int, first: int) -> None:
    if set(map(len, rows)) == {width}:
        return
    for place, row in enumerate(rows, first):
        if len(row) != width:
            raise SourceError(Outcome.UNREADABLE, row=place, cells=len(row), columns=width)


def _misconfigured(at: str, problem: str) -> SourceError:
    return SourceError(Outcome.MISCONFIGURED, problems=[{"at": at, "is": problem}])
