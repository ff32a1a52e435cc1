"""Taking in and the plain second implementation agree, run after run, on random runs.

So do random rules and the checks that people's reports go through. And the same rows again, in any
order, change nothing.
"""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from targets.models import (
    DataSource,
    HeldValue,
    Indicator,
    Observation,
    Organisation,
    Series,
    SourceRun,
    Unit,
    ValidationRule,
)
from targets.reporting.checks import Measure
from targets.reporting.ruling import rule_of
from targets.sources.contract import MappedRow
from targets.sources.taking.deciding import accept, refuse
from targets.sources.taking.intake import Taken, take_in
from targets.sources.taking.rejecting import Rejections
from tests.factory import make
from tests.sources.known import NOW, coordinator
from tests.sources.naive_intake import Key, Numbers, Standing, Store, Waiting

pytestmark = pytest.mark.django_db

KINDS = ("percent", "count", "rank")
PERIODS = [
    *("2020", "2021", "2022", "2023"),
    *("2021-H1", "2021-H2", "2022-H1", "2021-Q3", "2021-Q4", "2022-Q1"),
    *("2021-08", "2021-09", "2021-12", "2022-01"),
]  # fmt: skip
NUMBERS = ["0", "1", "9.5", "10", "12", "15", "20", "25", "33.33333333", "40", "99", "130", "-4"]
RATIOS = [("1", "3"), ("2", "6"), ("1", "10"), ("-1", "7"), ("3", "2"), ("0", "5")]
PLACES = st.tuples(st.integers(0, 2), st.integers(0, 1), st.sampled_from(PERIODS))
VALUES = st.one_of(
    st.sampled_from(NUMBERS).map(lambda value: (value, "", "")),
    st.sampled_from(RATIOS).map(lambda ratio: ("", *ratio)),
)
ROWS = st.lists(st.tuples(PLACES, VALUES), max_size=14)
BOUND = st.none() | st.sampled_from([0, 5, 10, 40])
RULES = st.lists(
    st.fixed_dictionaries(
        {
            "check_kind": st.sampled_from(["range", "range", "jump", "jump", "whole"]),
            "severity": st.sampled_from(["error", "warning"]),
            "of": st.sampled_from(["indicator", "unit", "kind", "all"]),
            "which": st.integers(0, 2),
            "minimum": BOUND,
            "maximum": st.none() | st.sampled_from([40, 100]),
            "bound": BOUND,
            "active": st.sampled_from([True, True, True, False]),
        }
    ),
    max_size=7,
)
RUNS = st.lists(
    st.fixed_dictionaries(
        {
            "rows": ROWS,
            "review": st.booleans(),
            "source": st.sampled_from([0, 0, 0, 1]),
            "then": st.sampled_from(["", "", "accepted", "refused"]),
        }
    ),
    min_size=1,
    max_size=4,
)


class Both:
    """The database and the plain store, with the same world in them."""

    def __init__(self, rules: list[dict[str, Any]], loaded: list[Any]) -> None:
        units = [make(Unit, kind=kind, ratio_scale=scale) for kind, scale in
                 zip(KINDS, (100, 1, 1), strict=True)]  # fmt: skip
        levels = ["national", "province"]
        self.series = [
            make(Series, indicator=make(Indicator, unit=unit, levels=levels)) for unit in units
        ]
        self.organisations = [make(Organisation, kind=kind) for kind in ("country", "province")]
        self.sources = [make(DataSource), make(DataSource)]
        self.by = coordinator()
        for rule in rules:
            self._make_rule(**rule)
        self.store = Store(
            measures={
                one.pk: Measure(one.indicator_id, unit.pk, unit.kind, unit.decimals)
                for one, unit in zip(self.series, units, strict=True)
            },
            scales={
                one.pk: int(unit.ratio_scale) for one, unit in zip(self.series, units, strict=True)
            },
            rules=[rule_of(row) for row in ValidationRule.objects.filter(active=True)],
        )
        for (series, organisation, period), (value, *_ratio) in dict(loaded).items():
            key = self.key(series, organisation, period)
            make(Observation, series_id=key.series, organisation_id=key.organisation,
                 period=period, value=Decimal(value or 7), **_days(period))  # fmt: skip
            self.store.in_force[key] = Standing(Numbers(Decimal(value or 7), None, None), None)
        self.hours = 0

    def _make_rule(self, of: str, which: int, **given: Any) -> None:
        if given["maximum"] is not None and (given["minimum"] or 0) > given["maximum"]:
            given["minimum"] = None
        about: dict[str, dict[str, Any]] = {
            "indicator": {"indicator": self.series[which].indicator},
            "unit": {"unit": self.series[which].indicator.unit},
            "kind": {"unit_kind": KINDS[which]},
            "all": {},
        }
        make(ValidationRule, **about[of], **given)

    def key(self, series: int, organisation: int, period: str) -> Key:
        return Key(self.series[series].pk, self.organisations[organisation].pk, period)

    def rows(self, drawn: list[Any]) -> list[MappedRow]:
        return [
            MappedRow(place, *self.key(*where), *numbers)
            for place, (where, numbers) in enumerate(drawn, 1)
        ]

    def take(self, rows: list[MappedRow], which: int, review: bool) -> Counter[str]:
        """What the database makes of a run."""
        self.hours += 1
        source = self.sources[which]
        source.trust = "review" if review else "automatic"
        rejected = Rejections()
        taken = take_in(
            rows,
            source=source,
            run=make(SourceRun, data_source=source),
            now=NOW + dt.timedelta(hours=self.hours),
            rejected=rejected,
        )
        return Counter(vars(taken)) + Counter(rejected=rejected.total)

    def decide(self, state: str) -> None:
        """A person decides on what waits: one value for a key, and only what still can be."""
        waiting = HeldValue.objects.filter(state="waiting").order_by("id")
        chosen: dict[Key, tuple[int, Waiting]] = {}
        ours = [one for one in self.store.held if one.state == "waiting"]
        for theirs, mine in zip(waiting, sorted(ours, key=self._order), strict=True):
            if state == "refused" or mine.standing is self.store.in_force.get(mine.key):
                chosen[mine.key] = (theirs.pk, mine)
        if chosen:
            ids = [pk for pk, _mine in chosen.values()]
            if state == "accepted":
                accept(ids, by=self.by)
            else:
                refuse(ids, by=self.by, reason="sai")
            self.store.decide([mine for _pk, mine in chosen.values()], state)

    def _order(self, one: Waiting) -> tuple[Any, ...]:
        (found,) = HeldValue.objects.filter(
            state="waiting", data_source=one.source, series=one.key.series,
            organisation=one.key.organisation, period=one.key.period,
        )  # fmt: skip
        return (found.pk,)

    def agree(self) -> None:
        stands = {
            Key(one.series_id, one.organisation_id, one.period): one
            for one in Observation.objects.current()
        }
        assert {key: _numbers(one) for key, one in stands.items()} == {
            key: one.numbers for key, one in self.store.in_force.items()
        }
        fields = ("data_source_id", "series_id", "organisation_id", "period")
        found = Counter(
            (
                tuple(getattr(one, name) for name in fields), _numbers(one), tuple(one.reasons),
                one.standing.value if one.standing else None, one.previous, one.state,
            )
            for one in HeldValue.objects.select_related("standing")
        )  # fmt: skip
        assert found == Counter(
            (
                (one.source, *one.key), one.numbers, tuple(one.reasons),
                one.standing.numbers.value if one.standing else None, one.previous, one.state,
            )
            for one in self.store.held
        )  # fmt: skip


def _numbers(one: Observation | HeldValue) -> Numbers:
    return Numbers(one.value, one.numerator, one.denominator)


def _days(period: str) -> dict[str, Any]:
    from targets.values.periods import period_days

    days = period_days(period)
    assert days is not None
    return {"period_start": days[0], "period_end": days[1]}


@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
)
@given(rules=RULES, loaded=st.lists(st.tuples(PLACES, VALUES), max_size=6), runs=RUNS,
       chance=st.randoms(use_true_random=False))  # fmt: skip
def test_run_after_run(
    rules: list[dict[str, Any]], loaded: list[Any], runs: list[Any], chance: random.Random
) -> None:
    with transaction.atomic():
        both = Both(rules, loaded)
        for run in runs:
            rows = both.rows(run["rows"])
            which, review = run["source"], run["review"]
            expected = both.store.pull(rows, both.sources[which].pk, review)
            assert both.take(rows, which, review) == expected
            both.agree()
            versions = Observation.objects.count(), HeldValue.objects.count()
            again = chance.sample(rows, len(rows))
            assert both.take(again, which, review) == Counter(
                read=len(rows),
                rejected=expected["rejected"],
                unchanged=len(rows) - expected["rejected"],
            )
            both.agree()
            assert (Observation.objects.count(), HeldValue.objects.count()) == versions
            if run["then"]:
                both.decide(run["then"])
                both.agree()
        transaction.set_rollback(True)


def test_what_is_counted_is_what_is_told() -> None:
    assert set(vars(Taken())) == {"read", "added", "revised", "unchanged", "held"}
