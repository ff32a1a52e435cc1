"""What a trial quotes of its source, beside what the rows would become."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from pytest_django.fixtures import Settings

from targets.models import DataSource, Indicator, Series, SeriesMapping, Unit
from targets.sources.contract import Table
from targets.sources.reading.quoting import quote
from targets.sources.runs import running
from tests.factory import make
from tests.sources.serving import Service, place, serving

UNIT = "vnd_billion"


@pytest.fixture
def service(settings: Settings) -> Iterator[Service]:
    with serving() as started:
        settings.PULL_HOSTS = [started.host]
        settings.PULL_PRIVATE_NETWORKS = ["127.0.0.1/32"]
        yield started


def tables(read: list[int]) -> Iterator[Table]:
    """Two tables of three rows; `read` notes each row that is really read."""

    def rows(first: int) -> Iterator[list[str | None]]:
        for number in range(first, first + 3):
            read.append(number)
            yield [f"{number},5", None, f"{number}0"]

    for first in (1, 4):
        yield Table(columns=["Giá trị ", "a", "b"], rows=rows(first))


def test_texts_are_found_by_place_through_all_tables(db: None) -> None:
    source = make(DataSource)
    series = make(Series, indicator=make(Indicator))
    ratio = make(Series, indicator=make(Indicator))
    make(SeriesMapping, data_source=source, series=series, value_field="Giá trị", unit=UNIT)
    make(
        SeriesMapping, data_source=source, series=ratio, numerator_field="a", denominator_field="b"
    )
    preview = [
        {"place": 5, "indicator": series.indicator.code, "series": series.code},
        {"place": 2, "indicator": ratio.indicator.code, "series": ratio.code},
    ]
    read: list[int] = []
    quote(preview, tables(read), source)
    assert [(row["written"], row["unit"]) for row in preview] == [("5,5", UNIT), (" / 20", "")]
    assert read == [1, 2, 3, 4, 5]
    read.clear()
    quote([], tables(read), source)
    assert read == []


def test_a_trial_shows_the_value_before_and_after_conversion(service: Service, db: None) -> None:
    place("H")
    source = service.source(enabled=False)
    mapping = source.mappings.select_related("series__indicator").get()
    Indicator.objects.filter(pk=mapping.series.indicator_id).update(
        unit=make(Unit, code="vnd_million", kind="money")
    )
    source.mappings.update(unit=UNIT)
    service.answers["/values"].rows = [{"area": "H", "period": "2023", "value": 12.50}]
    asked = running.ask(source, kind="trial", by=make(User))
    run = running.run_waiting(asked.pk)
    assert run is not None
    assert [(row["written"], row["unit"], row["value"]) for row in run.preview] == [
        ("12.5", UNIT, "12500")
    ]
