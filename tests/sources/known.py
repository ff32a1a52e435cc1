"""A small world to pull values into, and what is told of a pull."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from django.contrib.auth.models import User

from targets.models import (
    DataSource,
    HeldValue,
    Indicator,
    Observation,
    Organisation,
    Series,
    SourceRun,
    SystemRole,
    Unit,
    ValidationRule,
)
from targets.sources.contract import MappedRow
from targets.sources.taking.intake import Taken, take_in
from targets.sources.taking.rejecting import Rejections
from tests.factory import make

NOW = dt.datetime(2026, 11, 22, 3, tzinfo=dt.UTC)
_hours = count(1)


@dataclass
class World:
    """`share` (per cent) and `count`, of the country, a province and a ministry that ended.

    A share lies from 0 to 100 and moves by at most 15 points; a count is not negative and moves
    by at most half, unless by less than 10.
    """

    source: DataSource
    share: Series
    count: Series
    country: Organisation
    province: Organisation
    ended: Organisation
    rejected: Rejections = field(default_factory=Rejections)

    def row(self, period: str = "2024", value: str = "50", **given: Any) -> MappedRow:
        """A row without a mistake, but for what is given."""
        cells = {"place": 1, "series": self.share.pk, "organisation": self.country.pk, **given}
        return MappedRow(period=period, value=value, **cells)

    def pull(
        self, *rows: MappedRow, source: DataSource | None = None, now: dt.datetime | None = None
    ) -> Taken:
        """A run of the source that brings these rows; `rejected` is what it left out."""
        source = source or self.source
        self.rejected = Rejections()
        when = now or NOW + dt.timedelta(hours=next(_hours))
        run = make(SourceRun, data_source=source, status="succeeded", started_at=when)
        return take_in(iter(rows), source=source, run=run, now=when, rejected=self.rejected)

    def reasons(self) -> list[tuple[str, str, str]]:
        """Field, reason and what stood there, of every row that the last pull left out."""
        return [(one.field, one.reason, one.shown) for one in self.rejected.listed]


def make_world(**given: Any) -> World:
    """The world, with a source that is trusted unless something else is given."""
    percent = make(Unit, kind="percent", ratio_scale=100)
    number = make(Unit, kind="count", ratio_scale=1)
    levels = ["national", "province", "ministry"]
    share = make(Series, indicator=make(Indicator, unit=percent, levels=levels))
    counted = make(Series, indicator=make(Indicator, unit=number, levels=["national"]))
    rule = {"severity": "warning", "check_kind": "jump"}
    make(ValidationRule, unit_kind="percent", minimum=0, maximum=100)
    make(ValidationRule, unit_kind="percent", bound=15, **rule)
    make(ValidationRule, unit_kind="count", minimum=0)
    make(ValidationRule, unit_kind="count", bound=50, minimum=10, **rule)
    return World(
        source=make(DataSource, **{"trust": "automatic", **given}),
        share=share,
        count=counted,
        country=make(Organisation, kind="country"),
        province=make(Organisation, kind="province", valid_from=dt.date(2025, 7, 1)),
        ended=make(Organisation, kind="ministry", valid_to=dt.date(2025, 2, 28)),
    )


def in_force() -> dict[str, Any]:
    """Period -> value in force, where one series is looked at."""
    return dict(Observation.objects.current().values_list("period", "value"))


def held(**given: Any) -> list[tuple[Any, ...]]:
    """Period, value, reasons and state of what was ever held."""
    rows = HeldValue.objects.filter(**given).order_by("id")
    return list(rows.values_list("period", "value", "reasons", "state"))


def coordinator() -> User:
    """Somebody who may decide."""
    user = make(User)
    make(SystemRole, user=user, role="coordinator")
    return user
