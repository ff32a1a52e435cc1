"""How the rows of a source are read, as `DataSource.mapping` says it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Annotated, Any

from django.utils.translation import gettext as _
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from targets.sources.contract import Outcome, SourceError, mistakes_in
from targets.sources.reading.areas import AreaSpec, cleaned
from targets.sources.reading.expecting import ExpectSpec
from targets.sources.reading.numerals import DecimalMark, ThousandsMark
from targets.sources.reading.times import Form, Part, read_period

Text = Annotated[str, Field(min_length=1)]


class _Spec(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PeriodSpec(_Spec):
    """Where a row's period stands: in a field, in several (`fields`), or one for all rows."""

    field: Text | None = None
    fields: dict[Part, Text] | None = None
    constant: Text | None = None
    form: Form = Form.AUTO

    @model_validator(mode="after")
    def _one_way(self) -> PeriodSpec:
        if sum(way is not None for way in (self.field, self.fields, self.constant)) != 1:
            raise ValueError("field, fields or constant, one of them")
        if self.fields is not None and Part.YEAR not in self.fields:
            raise ValueError("fields need a year")
        if self.constant is not None and read_period(self.constant, self.form) is None:
            raise ValueError("constant is not a period")
        return self

    @property
    def named(self) -> tuple[str, ...]:
        """The fields that are read."""
        if self.fields is not None:
            return tuple(self.fields.values())
        return () if self.field is None else (self.field,)


class TextSpec(_Spec):
    """A text from a field, or one for all rows."""

    field: Text | None = None
    constant: Text | None = None

    @model_validator(mode="after")
    def _one_way(self) -> TextSpec:
        if (self.field is None) == (self.constant is None):
            raise ValueError("field or constant, one of them")
        return self


class Mapping_(_Spec):
    """What `DataSource.mapping` may say: how rows are read, whatever the adapter.

    A text among `missing`, or none at all, is no value: its row is skipped. Numbers have the
    `decimal` mark and, where declared, `thousands` apart by a mark of their own.
    """

    area: AreaSpec
    period: PeriodSpec
    decimal: DecimalMark = "."
    thousands: ThousandsMark = ""
    missing: tuple[str, ...] = ("..", "...", "…", "NA", "N/A", "n/a", "NaN", "nan", "null")
    vintage: TextSpec | None = None
    published_on: TextSpec | None = None
    expect: ExpectSpec | None = None

    @model_validator(mode="after")
    def _sense(self) -> Mapping_:
        if self.decimal == self.thousands:
            raise ValueError("decimal and thousands are the same mark")
        if self.published_on and self.published_on.constant is not None:
            dt.date.fromisoformat(self.published_on.constant)
        return self

    @property
    def named(self) -> tuple[str, ...]:
        """The fields that it names, of any table."""
        texts = [spec.field for spec in (self.area, self.vintage, self.published_on) if spec]
        expected = self.expect.columns if self.expect else ()
        return (*(name for name in texts if name), *self.period.named, *expected)


def read_mapping(described: Mapping[str, Any]) -> Mapping_:
    """The description, checked. Raises SourceError(MISCONFIGURED) with what is wrong, and where."""
    try:
        return Mapping_.model_validate(described)
    except ValidationError as error:
        raise SourceError(Outcome.MISCONFIGURED, problems=mistakes_in(error)) from error


def read_where(where: object) -> dict[str, frozenset[str]]:
    """Fields, and the texts that they may have, of a `SeriesMapping.where`.

    Each field goes with a text or a number, or a list of them: any. Raises SourceError.
    """
    wrong = SourceError(
        Outcome.MISCONFIGURED,
        problems=[{"at": "where", "is": _("cần dạng {cột: giá trị hoặc [các giá trị]}")}],
    )
    if not isinstance(where, dict):
        raise wrong
    read = {}
    for name, meant in where.items():
        texts = meant if isinstance(meant, list) else [meant]
        if not texts or not all(isinstance(text, str | int | float) for text in texts):
            raise wrong
        read[cleaned(name)] = frozenset(cleaned(str(text)) for text in texts)
    return read
