"""The sources of values that an installation starts with, switched off.

Like the rules of validation they are not synced: administrators edit them in the application. A
load adds the sources whose slug is not there yet, and leaves the others as they are.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError as Unsound
from django.utils.translation import gettext as _
from pydantic import ValidationError

from targets.catalogue.reading import Placed, Problems
from targets.catalogue.references import Known
from targets.catalogue.rows import DataSourceRow
from targets.catalogue.syncing import Change
from targets.models import DataSource, Series, SeriesMapping
from targets.sources.adapters.registry import adapter_of
from targets.sources.contract import SourceError
from targets.sources.reading.describing import Mapping_, read_where
from targets.sources.runs.scheduling import read_schedule


def check_sources(
    items: Iterable[Placed[DataSourceRow]], series: Known, problems: Problems
) -> None:
    """Name everything in the sources that a run would stumble over.

    `series` holds those of the catalogue as `indicator/series`.
    """
    for item in items:
        row = item.row
        for field, schema, given in (
            ("options", adapter_of(row.adapter).options, row.options),
            ("mapping", Mapping_, row.mapping),
        ):
            try:
                schema.model_validate(given)
            except ValidationError as error:
                for one in error.errors():
                    at = ".".join((field, *map(str, one["loc"])))
                    problems.add(item.place, at, one["msg"])
        try:
            if row.schedule:
                read_schedule(row.schedule)
        except Unsound as error:
            problems.add(item.place, "schedule", " ".join(error.messages))
        for wanted in row.series:
            if wanted.series not in series:
                message = _("chuỗi số liệu «%s» không có trong series.csv") % wanted.series
                problems.add(item.place, "series", message)
            try:
                read_where(wanted.where)
            except SourceError:
                problems.add(item.place, "series.where", _("cần dạng {trường: giá trị}"))


def add_missing_sources(items: Iterable[Placed[DataSourceRow]]) -> list[Change]:
    """Add the sources whose slug is unknown; call in a transaction. Returns what was added."""
    rows = Series.objects.select_related("indicator")
    series = {f"{one.indicator.code}/{one.code}": one for one in rows}
    known = set(DataSource.objects.values_list("slug", flat=True))
    changes = []
    for item in items:
        row = item.row
        if row.slug in known:
            continue
        plain: dict[str, Any] = row.model_dump(exclude={"series"})
        source = DataSource.objects.create(**plain)
        SeriesMapping.objects.bulk_create(
            SeriesMapping(
                data_source=source,
                series=series[wanted.series],
                where=wanted.where,
                value_field=wanted.value_field,
                unit=wanted.unit,
            )
            for wanted in row.series
        )
        changes.append(Change("added", "datasource", row.slug))
    return changes
