"""The demonstration's sources: read once, counted nowhere, two values to review, one broken."""

from __future__ import annotations

import pytest
from django.utils import timezone

from dashboard.demo import sources
from dashboard.demo.standin.lgsp import secret
from targets.models import DataSource, HeldValue, Observation, PendingAssessment, SourceRun
from targets.sources.runs import circuit
from tests.sources.standin import StandIn


@pytest.fixture
def made(
    catalogue_db: None, standin: StandIn, monkeypatch: pytest.MonkeyPatch
) -> dict[str, DataSource]:
    """The sources by slug, at the stand-in as the demo starts it."""
    monkeypatch.setenv(sources.READS_SECRET, secret())
    standin.control(values=sources.BEGIN["values"])
    made = sources.make(sources.SOURCES, standin.address, key=standin.key)
    return {source.slug: source for source in made}


def test_all_but_the_broken_one_find_the_published_values(made: dict[str, DataSource]) -> None:
    known = Observation.objects.count()
    for _line in sources.read_first(made.values()):
        pass
    runs = SourceRun.objects.exclude(data_source__slug="mo-phong-hong")
    assert {(run.data_source.slug, run.status, run.outcome) for run in runs} == {
        (slug, "succeeded", "") for slug in made if slug != "mo-phong-hong"
    }
    assert {run.data_source.slug: (run.added, run.revised, run.rejected) for run in runs} == {
        slug: (0, 0, 0) for slug in made if slug != "mo-phong-hong"
    }
    assert all(run.unchanged > 4 for run in runs)
    assert Observation.objects.count() == known
    assert not Observation.objects.filter(synthetic=True).exists()
    assert not PendingAssessment.objects.exists()


def test_what_differs_waits_for_the_coordinator(made: dict[str, DataSource]) -> None:
    for _line in sources.read_first(made.values()):
        pass
    held = {
        (str(one.series.indicator.code), one.period): (one.reasons, one.standing is not None)
        for one in HeldValue.objects.all()
    }
    assert held == {
        ("rd-gdp", "2021"): (["trust", "replaces"], True),
        ("dossiers-fully-online", "2025-11"): (["trust"], False),
    }


def test_the_broken_one_is_left_alone_and_says_why(made: dict[str, DataSource]) -> None:
    broken = made["mo-phong-hong"]
    said = list(sources.read_first([broken]))
    assert said == ["mo-phong-hong: failed bad-type"] * circuit.FAILURES
    broken.refresh_from_db()
    assert circuit.is_open(broken, timezone.now())


def test_made_again_they_follow_the_stand_in_and_are_read_no_more(
    made: dict[str, DataSource], standin: StandIn
) -> None:
    assert not sources.are_ready(standin.address)
    list(sources.read_first(made.values()))
    assert sources.are_ready(standin.address)
    assert not sources.are_ready("http://127.0.0.1:1")
    again = sources.make(sources.SOURCES, "http://127.0.0.1:1", key=standin.key)
    assert [source.pk for source in again] == [source.pk for source in made.values()]
    assert list(sources.read_first(again)) == []


def test_each_names_itself_a_stand_in(made: dict[str, DataSource]) -> None:
    for source in made.values():
        assert source.name_vi.startswith("Máy chủ mô phỏng")
        assert source.synthetic
        assert source.trust == "review"
        assert (
            source.periodic_task is not None or DataSource.objects.get(pk=source.pk).periodic_task
        )
