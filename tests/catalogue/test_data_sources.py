"""Sources of values in the catalogue: checked like the rest, added once, then the application's."""

from __future__ import annotations

import pytest

from targets.models import DataSource
from tests.catalogue.folder import Folder

FILE = "data_sources.yaml"
pytestmark = pytest.mark.django_db


def test_a_source_arrives_whole_and_switched_off(folder: Folder) -> None:
    folder.load()
    source = DataSource.objects.get()
    assert (source.slug, source.adapter, source.trust) == ("statistics-office", "table", "review")
    assert source.mapping["area"] == {"constant": "VN"}
    assert not source.enabled
    (mapping,) = source.mappings.select_related("series__indicator")
    assert (mapping.series.indicator.code, mapping.series.code) == ("gov-rank", "un")
    assert (mapping.where, mapping.value_field) == ({"measure": "rank"}, "rank")


def test_what_an_administrator_changed_stays(folder: Folder) -> None:
    folder.load()
    DataSource.objects.update(enabled=True, schedule="0 9 * * *")
    folder.replace(FILE, "30 6 * * 1", "0 5 * * 1")
    assert folder.load() == []
    assert DataSource.objects.get().schedule == "0 9 * * *"


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("gov-rank/un", "gov-rank/nobody", "series"),
        ("{encoding: utf-8}", "{delimiter: pipe}", "options.delimiter"),
        ("{encoding: utf-8}", "{colour: red}", "options.colour"),
        ("{constant: VN}", "{}", "mapping.area"),
        ("30 6 * * 1", "30 6 * *", "schedule"),
        ("30 6 * * 1", "0 0 31 2 *", "schedule"),
        ("{measure: rank}", "{measure: {a: b}}", "series.where"),
        ("adapter: table", "adapter: gopher", "adapter"),
        ("https://data", "ftp://data", "address"),
    ],
)
def test_a_mistake_is_named_and_nothing_is_loaded(
    folder: Folder, old: str, new: str, named: str
) -> None:
    folder.replace(FILE, old, new)
    (problem,) = folder.problems()
    assert FILE in problem
    assert named in problem
    assert not DataSource.objects.exists()


def test_two_sources_with_one_slug_are_named(folder: Folder) -> None:
    folder.write(FILE, 2 * folder.text(FILE))
    problems = folder.problems()
    assert any(FILE in one and "statistics-office" in one for one in problems), problems
