"""Entries of the trail in words: rows and columns by name, values as people write them."""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django.apps import apps
from django.contrib.auth.models import User
from django.db import models
from django.utils.text import Truncator
from django.utils.translation import gettext

from dashboard import formatting
from dashboard.naming import short_names
from dashboard.presenters.trail_names import column
from documents.models import Document, Provision
from targets.models import (
    Directive,
    DirectiveAnswer,
    Indicator,
    Observation,
    Organisation,
    Pillar,
    Report,
    ReportAction,
    ReportingCycle,
    ReportingDuty,
    ReportItem,
    Series,
    StoredFile,
    Target,
    TrailEntry,
    Unit,
)
from targets.people import full_name
from targets.trail.tables import TRAILED

_LONG: Final = 200  # characters of a text that are shown
_MODELS: Final = {
    model._meta.db_table: model for model in apps.get_models(include_auto_created=True)
}
# How a row of each kind is read when another one refers to it, and what it is called then.
_CALLED: Final[dict[type[models.Model], tuple[tuple[str, ...], Callable[[Any], str]]]] = {
    Directive: ((), lambda row: _short(row.text)),
    DirectiveAnswer: ((), lambda row: _short(row.text)),
    Document: ((), lambda row: _local(row, "short")),
    Indicator: ((), lambda row: _local(row, "name")),
    Observation: (("series__indicator",), lambda row: f"{_indicator(row.series)}, {row.period}"),
    Pillar: ((), lambda row: _local(row, "short")),
    Provision: (
        ("document",),
        lambda row: f"{_local(row.document, 'short')}, {row.short_locator}",
    ),
    Report: (("cycle__duty",), lambda row: f"{_local(row.cycle.duty, 'name')}, {row.cycle.period}"),
    ReportAction: ((), lambda row: str(row.get_kind_display())),
    ReportItem: (("indicator",), lambda row: _local(row.indicator, "name")),
    ReportingCycle: (("duty",), lambda row: f"{_local(row.duty, 'name')}, {row.period}"),
    ReportingDuty: ((), lambda row: _local(row, "name")),
    Series: (("indicator",), lambda row: f"{_indicator(row)} ({_local(row, 'publisher')})"),
    StoredFile: ((), lambda row: str(row.name)),
    Target: ((), lambda row: _local(row, "label")),
    Unit: ((), lambda row: _local(row, "name")),
    User: ((), full_name),
}


@dataclass(frozen=True)
class Said:
    """One entry with its documents read; numbers keep their decimals."""

    entry: TrailEntry
    before: Mapping[str, Any]
    after: Mapping[str, Any]

    @property
    def row(self) -> Mapping[str, Any]:
        """What is known of the row, as it came to be or as it last was."""
        return {**self.before, **self.after}

    @property
    def changed(self) -> list[str]:
        """The columns that an update changed."""
        return [name for name in self.after if self.after[name] != self.before.get(name)]


def read(entry: TrailEntry) -> Said:
    """`entry` comes from `targets.trail.reading.entries`."""
    before, after = entry.before_text, entry.after_text  # type: ignore[attr-defined]
    return Said(entry, _document(before), _document(after))


class Words:
    """The names of all rows that some entries refer to (a query for each kind of row)."""

    def __init__(self, said: Iterable[Said]) -> None:
        wanted: dict[type[models.Model], set[int]] = defaultdict(set)
        for one in said:
            for name in {*one.before, *one.after}:
                other = _refers_to(one.entry.table_name, name)
                if other is not None:
                    values = (one.before.get(name), one.after.get(name))
                    wanted[other] |= {value for value in values if isinstance(value, int)}
            entry = one.entry
            for model, key in (
                (Report, entry.report_id),
                (Target, entry.target_id),
                (Organisation, entry.organisation_id),
            ):
                if key is not None:
                    wanted[model].add(key)
        self._names = {model: _names(model, keys) for model, keys in wanted.items()}
        self._keys = dict(Target.objects.filter(pk__in=wanted[Target]).values_list("pk", "key"))
        self._codes = dict(
            Organisation.objects.filter(pk__in=wanted[Organisation]).values_list("pk", "code")
        )

    def key(self, target: int) -> str:
        """The key of a target, "" where it is gone."""
        return self._keys.get(target, "")

    def code(self, organisation: int) -> str:
        """The code of an organisation, "" where it is gone."""
        return self._codes.get(organisation, "")

    def name(self, model: type[models.Model], key: int) -> str:
        """What the row is called; its number where it is gone."""
        return self._names.get(model, {}).get(key) or f"#{key}"

    def subject(self, said: Said, *, without: tuple[str, ...] = ()) -> str:
        """Which row it is, by the columns that name it."""
        table = said.entry.table_name
        named = TRAILED[table].named if table in TRAILED else ()
        row = said.row
        parts = [
            self.value(table, name, row[name])
            for name in named
            if name not in without and row.get(name) not in (None, "")
        ]
        return ", ".join(parts)

    def value(self, table: str, name: str, value: object) -> str:
        """A value as people write it."""
        trailed = TRAILED.get(table)
        if trailed and name in trailed.secret:
            return gettext("đã đổi (không ghi nội dung)")
        if value is None or value in ("", [], {}):
            return gettext("trống")
        other = _refers_to(table, name)
        if other is not None and isinstance(value, int):
            return self.name(other, value)
        return _plain(_field(table, name), value)


def name_of(row: Report | Target | Organisation) -> str:
    """What a row is called; a report by its organisation, too."""
    name = _names(type(row), {row.pk}).get(row.pk, "")
    if isinstance(row, Report):
        return f"{name}, {name_of(row.organisation)}"
    return name


def label(name: str) -> str:
    """The name of a column at the beginning of a line."""
    word = column(name)
    return word[:1].upper() + word[1:]


def _document(text: str | None) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(text, parse_float=Decimal) if text else {}
    return found


def _field(table: str, name: str) -> models.Field[Any, Any] | None:
    model = _MODELS.get(table)
    fields = model._meta.concrete_fields if model else ()
    return next((field for field in fields if field.column == name), None)


def _refers_to(table: str, name: str) -> type[models.Model] | None:
    field = _field(table, name)
    return field.related_model if isinstance(field, models.ForeignKey) else None


def _names(model: type[models.Model], keys: set[int]) -> dict[int, str]:
    if model is Organisation:
        return short_names(keys)
    related, call = _CALLED.get(model, ((), str))
    rows = model._default_manager.all()
    if related:  # without a name it would follow every reference, however far
        rows = rows.select_related(*related)
    if model is StoredFile:
        rows = rows.defer("content")
    return {int(key): call(row) for key, row in rows.in_bulk(keys).items()}


def _plain(field: models.Field[Any, Any] | None, value: Any) -> str:
    base = getattr(field, "base_field", field)
    choices = dict(base.flatchoices) if base is not None and base.choices else {}
    if isinstance(value, list):
        return ", ".join(str(choices.get(one, one)) for one in value)
    if value in choices:
        return str(choices[value])
    if isinstance(value, bool):
        return gettext("có") if value else gettext("không")
    if isinstance(field, models.DateField):  # a field of moments is one, too
        return _day_or_moment(field, value)
    if isinstance(field, models.DecimalField):
        return _decimal(Decimal(value))
    return _short(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def _day_or_moment(field: models.Field[Any, Any], value: str) -> str:
    if isinstance(field, models.DateTimeField):
        return formatting.moment(dt.datetime.fromisoformat(value))
    return formatting.day(dt.date.fromisoformat(value))


def _decimal(value: Decimal) -> str:
    digits = -int(value.normalize().as_tuple().exponent)
    return formatting.number(value, max(digits, 0))


def _short(text: str) -> str:
    return Truncator(text).chars(_LONG)


def _local(row: object, name: str) -> str:
    tongue = "vi" if formatting.vietnamese() else "en"
    return str(getattr(row, f"{name}_{tongue}"))


def _indicator(series: Series) -> str:
    return _local(series.indicator, "name")
