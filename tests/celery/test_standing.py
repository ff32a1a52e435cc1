"""`standing_on(day)` beside the plainest way: what was known on the day, judged on the day."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

import numpy as np
import pandas as pd
import pytest

from documents.models import Document
from targets.assessment import Method, assess
from targets.known_values import read_runs
from targets.models import Assessment, Indicator, Observation, Series, Target
from tests.celery.world import TODAY, country, demand, judge, publish, revise
from tests.factory import make

FIRST = dt.date(2019, 1, 1)
KINDS: tuple[dict[str, Any], ...] = (
    {"kind": "level"},
    {"kind": "level", "operator": ">", "due_year": 2030, "horizon": "2030"},
    {"kind": "level", "baseline_year": 2020, "baseline_value": 8},
    {"kind": "rank", "operator": "<=", "threshold": 9, "due_year": 2030, "horizon": "2030"},
    {"kind": "growth", "threshold": 7},
    {"kind": "every_year", "threshold": 11, "due_year": 2030, "horizon": "2030"},
    {"kind": "keep", "threshold": 11, "due_year": None, "year_basis": "none", "standing": True,
     "horizon": "standing"},
    {"kind": "relative", "threshold": 40},
    {"kind": "milestone", "operator": "", "threshold": None},
)  # fmt: skip


def day_between(chance: random.Random, first: dt.date, last: dt.date) -> dt.date:
    return first + dt.timedelta(days=chance.randrange((last - first).days + 1))


def some_values(chance: random.Random, series: Series) -> None:
    """Values of some years, known at any time after the year, some corrected later or earlier."""
    for year in range(2018, 2026):
        if chance.random() < 0.3:
            continue
        known = day_between(chance, dt.date(year + 1, 1, 1), TODAY)
        value = publish(series, str(year), round(chance.uniform(5, 25), 1), known)
        while chance.random() < 0.3:
            known = day_between(chance, dt.date(year + 1, 1, 1), TODAY)
            value = revise(value, round(chance.uniform(5, 25), 1), known)


def known_by_hand(series: Series, day: dt.date) -> dict[int, float]:
    """By year: the version in force if it was known, else the last one that was."""
    values: dict[int, float] = {}
    rows = [row for row in Observation.objects.filter(series=series) if row.known_on <= day]
    for year in {row.year for row in rows}:
        versions = [row for row in rows if row.year == year]
        in_force = [row for row in versions if row.superseded_at is None]
        best = in_force[0] if in_force else max(versions, key=lambda row: (row.known_on, row.pk))
        values[year] = float(best.value)
    return values


def judged_by_hand(target: Target, indicator: Indicator, day: dt.date) -> pd.Series:
    def number(value: Any) -> float:
        return np.nan if value is None else float(value)

    values = known_by_hand(indicator.series.get(), day)
    demands = pd.DataFrame(
        {
            "kind": [target.kind],
            "operator": [target.operator],
            "pace_method": [indicator.pace_method],
            "threshold": [number(target.threshold)],
            "threshold_max": [np.nan],
            "due_year": [number(target.due_year)],
            "document_year": [float(target.document.issued_on.year)],
            "baseline_year": [number(target.baseline_year)],
            "baseline_value": [number(target.baseline_value)],
            "interval_years": [float(indicator.interval_years)],
            "unmeasurable_from": [number(indicator.measurable_until) + 1],
        }
    )
    observed = pd.DataFrame([values], columns=sorted(values), dtype="float64")
    method = Method(version="x", on_track_from=0.95, at_risk_from=0.6)
    return assess(demands, observed, today=day, method=method).iloc[0]


def same(stored: float | None, computed: float) -> bool:
    return np.isnan(computed) if stored is None else stored == pytest.approx(computed)


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(4))
def test_the_history_says_on_every_day_what_was_known_on_it(seed: int) -> None:
    chance = random.Random(seed)
    country()
    document = make(Document, issued_on=dt.date(2020, 6, 3))
    targets = []
    for kind in KINDS:
        given: dict[str, Any] = {"interval_years": chance.choice([1, 2])}
        if chance.random() < 0.2:
            given |= {"measurable_until": 2023, "unmeasurable_vi": "Ngừng công bố"}
        indicator = make(Indicator, **given)
        some_values(chance, make(Series, indicator=indicator))
        targets.append((demand(indicator, document=document, **kind), indicator))
    judge()
    days = [document.issued_on, TODAY, dt.date(2026, 1, 1), dt.date(2025, 12, 31)]
    days += [day_between(chance, document.issued_on, TODAY) for _ in range(8)]
    for day in days:
        standing = {a.target_id: a for a in Assessment.objects.standing_on(day)}
        assert len(standing) == len(targets)
        for target, indicator in targets:
            stored, computed = standing[target.pk], judged_by_hand(target, indicator, day)
            shown = {
                year: float(value.number)
                for run in read_runs(day, series__indicator=indicator)
                for year, value in run.by_year().items()
            }
            assert shown == known_by_hand(indicator.series.get(), day), "pages and verdicts agree"
            where = f"{target.kind} on {day}"
            assert (stored.status, stored.reason_code) == (
                computed["status"],
                computed["reason_code"],
            ), where
            for name in ("pace", "attained", "latest_value", "latest_year", "projected_value"):
                assert same(getattr(stored, name), computed[name]), f"{where}: {name}"
    assert not Assessment.objects.standing_on(FIRST).exists()
