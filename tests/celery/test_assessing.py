"""From values to the history of a verdict: on which days it changes, and what it rests on."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from documents.models import Document
from targets.models import (
    Assessment,
    AssessmentMethod,
    Indicator,
    Observation,
    Organisation,
    PendingAssessment,
    Series,
    Target,
)
from targets.queue import enqueue_everything
from tests.celery.world import TODAY, country, demand, history, judge, publish, revise
from tests.factory import make

pytestmark = pytest.mark.django_db


def current(target: Target) -> Assessment:
    return Assessment.objects.standing_on(TODAY).get(target=target)


def measured(**given: object) -> tuple[Indicator, Series]:
    country()
    indicator = make(Indicator, **given)
    return indicator, make(Series, indicator=indicator)


def test_a_target_without_a_value_has_a_verdict_from_the_day_of_its_document() -> None:
    indicator, _series = measured()
    target = demand(indicator)
    judge()
    assert history(target) == [("2020-06-03", "no_data")]


def test_the_verdict_changes_when_a_value_becomes_known_and_when_the_due_year_ends() -> None:
    indicator, series = measured()
    target = demand(indicator, threshold=20)  # by 2025
    publish(series, "2020", 10)
    publish(series, "2022", 12)
    publish(series, "2024", 18)
    judge()
    assert history(target) == [
        ("2020-06-03", "no_data"),
        ("2021-01-06", "insufficient"),  # the baseline alone
        ("2023-01-06", "off_track"),  # a fifth of the way in two fifths of the time
        ("2025-01-06", "on_track"),  # all of the way that was due: 0.8 of 1 in 0.8 of the time
        ("2026-01-01", "insufficient"),  # due, and no value of 2025
    ]


def test_a_value_of_the_due_year_settles_it_on_the_day_it_becomes_known() -> None:
    indicator, series = measured()
    target = demand(indicator, threshold=20)
    publish(series, "2020", 10)
    publish(series, "2025", 21, known_on=dt.date(2026, 3, 1))
    judge()
    assert history(target)[-2:] == [("2026-01-01", "insufficient"), ("2026-03-01", "achieved")]


def test_a_value_known_before_the_document_counts_from_the_day_of_the_document() -> None:
    indicator, series = measured()
    late = make(Document, issued_on=dt.date(2024, 12, 22))
    target = demand(indicator, document=late, due_year=2030, horizon="2030")
    publish(series, "2020", 10)
    publish(series, "2022", 25)
    judge()
    assert history(target) == [("2024-12-22", "achieved")]


def test_a_revision_changes_the_verdict_from_its_own_day_and_not_before() -> None:
    indicator, series = measured()
    target = demand(indicator, threshold=20)
    publish(series, "2020", 10)
    first = publish(series, "2022", 19)
    judge()
    assert history(target)[-2:] == [("2023-01-06", "on_track"), ("2026-01-01", "insufficient")]
    revise(first, 10.5, dt.date(2024, 5, 1))
    judge()
    assert history(target)[-3:] == [
        ("2023-01-06", "on_track"),
        ("2024-05-01", "off_track"),
        ("2026-01-01", "insufficient"),
    ]


def test_a_correction_published_before_what_it_corrects_counts_from_its_own_day() -> None:
    indicator, series = measured()
    target = demand(indicator, threshold=20, due_year=2030, horizon="2030")
    publish(series, "2020", 10)
    first = publish(series, "2024", 19, known_on=dt.date(2025, 9, 1))
    revise(first, 10.5, dt.date(2025, 3, 1))
    judge()
    assert history(target)[1:] == [("2021-01-06", "insufficient"), ("2025-03-01", "off_track")]


def test_an_unpublished_value_and_an_unofficial_series_judge_nothing() -> None:
    indicator, series = measured()
    target = demand(indicator)
    other = make(Series, indicator=indicator, official=False)
    publish(series, "2024", 30, state=Observation.State.SUBMITTED)
    publish(other, "2024", 30)
    judge()
    assert history(target) == [("2020-06-03", "no_data")]


def test_publishing_a_submitted_value_makes_the_verdict_due() -> None:
    indicator, series = measured()
    target = demand(indicator)
    value = publish(series, "2025", 30, state=Observation.State.SUBMITTED)
    judge()
    Observation.objects.filter(pk=value.pk).update(state=Observation.State.PUBLISHED)
    judge()
    assert history(target)[-1] == ("2026-01-06", "achieved")


def test_the_figure_of_a_whole_year_goes_before_those_of_its_parts() -> None:
    indicator, series = measured()
    target = demand(indicator, threshold=20)
    publish(series, "2020", 10)
    quarter = {"period_start": dt.date(2025, 10, 1), "period_end": dt.date(2025, 12, 31)}
    publish(series, "2025-Q4", 25, known_on=dt.date(2026, 1, 20), **quarter)
    judge()
    assert history(target)[-1] == ("2026-01-20", "achieved")
    publish(series, "2025", 19, known_on=dt.date(2026, 4, 1))
    judge()
    assert history(target)[-2:] == [("2026-01-20", "achieved"), ("2026-04-01", "missed")]


def test_of_the_parts_of_a_year_the_latest_counts() -> None:
    indicator, series = measured()
    target = demand(indicator, threshold=20)
    for period, month, value in (("2025-11", 11, 21), ("2025-03", 3, 5), ("2025-Q1", 3, 6)):
        publish(
            series,
            period,
            value,
            known_on=dt.date(2026, 2, 1),
            period_start=dt.date(2025, 1 if "Q" in period else month, 1),
            period_end=dt.date(2025, month, 30 if month == 11 else 31),
        )
    judge()
    assert current(target).latest_value == 21


def test_judging_again_writes_nothing() -> None:
    indicator, series = measured()
    demand(indicator)
    publish(series, "2020", 10)
    publish(series, "2022", 12)
    assert judge() > 0
    before = set(Assessment.objects.values_list("pk", "superseded_at"))
    enqueue_everything()
    assert judge() == 0
    assert set(Assessment.objects.values_list("pk", "superseded_at")) == before


def test_a_changed_threshold_supersedes_the_verdicts_and_keeps_the_old_ones() -> None:
    indicator, series = measured()
    target = demand(indicator, threshold=20)
    publish(series, "2025", 18)
    judge()
    assert current(target).status == "missed"
    Target.objects.filter(pk=target.pk).update(threshold=15)
    judge()
    assert current(target).status == "achieved"
    assert Assessment.objects.filter(superseded_at__isnull=False, status="missed").count() == 1


def test_another_method_is_named_by_verdicts_of_its_own() -> None:
    indicator, series = measured()
    target = demand(indicator, threshold=20, due_year=2030, horizon="2030")
    publish(series, "2020", 10)
    publish(series, "2024", 13)  # three tenths in four tenths of the time: 0.75
    judge()
    assert current(target).status == "at_risk"
    AssessmentMethod.objects.update(active=False)
    strict = make(AssessmentMethod, active=True, on_track_from="0.99", at_risk_from="0.80")
    judge()
    assert (current(target).status, current(target).method) == ("off_track", strict)


def test_a_retired_target_has_no_verdict_in_force() -> None:
    indicator, series = measured()
    target = demand(indicator)
    publish(series, "2024", 12)
    judge()
    make_due = PendingAssessment(target=target, organisation=Organisation.objects.get())
    Target.objects.filter(pk=target.pk).update(retired_on=dt.date(2026, 6, 1))
    make_due.save()
    judge()
    assert history(target) == []


def test_an_indicator_that_ended_is_not_measurable_from_the_year_after() -> None:
    indicator, series = measured(measurable_until=2019, unmeasurable_vi="Ngừng công bố")
    early = make(Document, issued_on=dt.date(2018, 6, 1))
    target = demand(indicator, document=early, due_year=2030, horizon="2030")
    publish(series, "2018", 10)
    publish(series, "2019", 11)
    judge()
    assert history(target)[1] == ("2019-01-06", "insufficient")
    assert [status for day, status in history(target) if day >= "2020"] == ["not_measurable"] * 2


def test_a_day_in_the_future_is_not_judged_yet() -> None:
    indicator, series = measured()
    target = demand(indicator, due_year=2030, horizon="2030")
    publish(series, "2020", 10)
    publish(series, "2022", 15)
    judge(today=dt.date(2022, 1, 1))
    assert history(target) == [("2020-06-03", "no_data"), ("2021-01-06", "insufficient")]
    enqueue_everything()
    judge(today=TODAY)
    assert history(target)[-1] == ("2023-01-06", "on_track")


def test_provinces_are_judged_by_their_own_values_where_the_indicator_has_that_level() -> None:
    indicator, series = measured(levels=["national", "province"])
    province = make(Organisation, kind="province")
    target = demand(indicator)
    publish(series, "2025", 25, organisation=province)
    judge()
    assert history(target, province)[-1] == ("2026-01-06", "achieved")
    assert history(target, Organisation.objects.get(code="VN"))[-1][1] == "no_data"


def test_a_claim_is_limited_and_the_rest_waits() -> None:
    from targets.assessing import assess_batch

    indicator, _series = measured()
    for _ in range(5):
        demand(indicator)
    assert PendingAssessment.objects.count() >= 5
    first = assess_batch(today=TODAY, limit=2)
    assert first.claimed == 2
    assert judge() > 0
    assert not PendingAssessment.objects.exists()
    assert Assessment.objects.count() == 5


def test_queries_do_not_grow_with_the_number_of_verdicts() -> None:
    from targets.assessing import assess_batch

    indicator, series = measured()
    publish(series, "2020", 10)
    publish(series, "2022", 12)

    def queries(targets: int) -> int:
        for _ in range(targets):
            demand(indicator)
        with CaptureQueriesContext(connection) as captured:
            assess_batch(today=TODAY)
        return sum("advisory" not in query["sql"] for query in captured)

    assert queries(2) == queries(20)
