"""Who owes what in a cycle: by the real catalogue, by hand, and by a second implementation."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import pytest

from targets.models import (
    Assignment,
    Indicator,
    Organisation,
    ReportingCycle,
    ReportingDuty,
    Series,
    Succession,
    Target,
)
from targets.reporting.obligations import Obligation, obligations, obligations_of
from targets.reporting.windows import windows
from tests.cycles.naive import Owed, owes
from tests.factory import make

END = dt.date(2026, 12, 14)


def cycle_of(code: str, period: str) -> ReportingCycle:
    duty = ReportingDuty.objects.select_related("document").get(code=code)
    window = next(w for w in windows(duty, int(period[:4])) if w.period == period)
    return ReportingCycle(
        duty=duty, period=period, data_from=window.data_from, data_to=window.data_to,
        opens_on=window.opens_on, due_on=window.due_on,
    )  # fmt: skip


def in_words(cycle: ReportingCycle) -> dict[str, list[Owed]]:
    codes = dict(Organisation.objects.values_list("pk", "code"))
    indicators = dict(Indicator.objects.values_list("pk", "code"))
    return {
        codes[who]: [
            Owed(
                indicators[one.indicator_id],
                codes[one.subject_id],
                codes[one.inherited_from_id] if one.inherited_from_id else None,
            )
            for one in owed
        ]
        for who, owed in obligations(cycle).items()
    }


@pytest.mark.usefixtures("catalogue_db")
@pytest.mark.parametrize(
    ("code", "period"),
    [
        ("qd749-yearly", "2024"),
        ("qd749-yearly", "2025"),
        ("qd749-yearly", "2026"),
        ("qd749-yearly", "2029"),
        ("nq57-half-yearly", "2025-H1"),
        ("nq57-half-yearly", "2026-H2"),
        ("dt-cps-monthly", "2025-02"),
        ("dt-cps-quarterly", "2026-Q4"),
    ],
)
def test_a_naive_second_implementation_agrees(code: str, period: str) -> None:
    cycle = cycle_of(code, period)
    owed = in_words(cycle)
    assert all(len(set(items)) == len(items) for items in owed.values())
    for body in Organisation.objects.values_list("code", flat=True):
        naive = owes(
            body, cycle.duty.document.slug, cycle.data_from, cycle.data_to, cycle.due_on
        )  # fmt: skip
        assert set(owed.get(body, [])) == naive, body


@pytest.mark.usefixtures("catalogue_db")
def test_decision_749_in_2026_counted_by_hand() -> None:
    owed = in_words(cycle_of("qd749-yearly", "2026"))
    # 17 ministries and 6 agencies that exist; 34 provinces. Nobody who has ended.
    assert len(owed) == 23 + 34
    assert not {"BTTTT", "BKHDT", "bac-giang", "BCSDCP", "VN"} & owed.keys()
    # A ministry that leads nothing: its own part of what is asked of every body or adds up.
    assert {one.indicator for one in owed["BQP"]} == {
        "online-services-level4", "work-files-central-province", "reporting-regimes-connected",
        "inspections-digital", "digital-economy-sector-share", "administrative-procedures",
        "iot-in-infrastructure-projects", "digital-transformation-experts",
    }  # fmt: skip
    # The same eight, and 24 values of the country that it leads in place of its predecessor.
    most = owed["BKHCN"]
    assert Counter(one.subject for one in most) == {"BKHCN": 8, "VN": 24}
    assert {one.inherited_from for one in most if one.subject == "VN"} == {"BTTTT"}
    assert {len(owed[province]) for province in owed if province.islower()} == {15}
    # The network-security function of the former ministry went elsewhere.
    assert Owed("security-by-design", "VN", "BTTTT") in owed["BCA"]


@pytest.mark.usefixtures("catalogue_db")
def test_what_is_not_asked_for() -> None:
    asked = {one.indicator for items in in_words(cycle_of("qd749-yearly", "2026")).values()
             for one in items}  # fmt: skip
    # Ranks and figures that others publish; the district level; lists that were due in 2020.
    assert not asked & {
        "egdi-rank-world", "gii-rank", "itu-gci-rank-world", "wef-gci-rank", "digital-economy-gdp",
        "payment-accounts", "work-files-district", "priority-initiative-lists",
    }  # fmt: skip
    assert "work-files-district" in {
        one.indicator for one in in_words(cycle_of("qd749-yearly", "2024"))["ha-noi"]
    }


@pytest.mark.usefixtures("catalogue_db")
def test_of_several_leads_the_first_one_reports_the_national_value() -> None:
    owed = in_words(cycle_of("qd749-yearly", "2026"))
    subject = Counter(one.indicator for items in owed.values() for one in items
                      if one.subject == "VN")  # fmt: skip
    assert set(subject.values()) == {1}
    assert Owed("finance-agencies-fully-digital", "VN", None) in owed["NHNN"]
    assert "finance-agencies-fully-digital" not in {one.indicator for one in owed["BTC"]}


def a_cycle(**terms: object) -> ReportingCycle:
    collector = make(Organisation, kind="party")
    duty = make(ReportingDuty, reporters=["ministry"], collector=collector)
    return make(ReportingCycle, duty=duty, **terms)


def demand(
    cycle: ReportingCycle, lead: Organisation, *, function: str = "", **of: object
) -> Target:
    indicator = make(Indicator, **{"levels": ["national"], **of})
    target = make(Target, document=cycle.duty.document, indicator=indicator, due_year=2030,
                  horizon="2030")  # fmt: skip
    make(Assignment, target=target, organisation=lead, function=function)
    return target


@pytest.fixture
def country(db: None) -> Organisation:
    return make(Organisation, code="VN", kind="country")


def test_a_successor_owes_what_its_predecessor_led_by_its_function(country: Organisation) -> None:
    cycle = a_cycle()
    old = make(Organisation, valid_to=dt.date(2026, 2, 28))
    heirs = {name: make(Organisation) for name in ("digital", "press")}
    for name, heir in heirs.items():
        make(Succession, predecessor=old, successor=heir, function=name,
             effective_on=dt.date(2026, 3, 1))  # fmt: skip
    target = demand(cycle, old, function="press")
    assert obligations(cycle) == {
        heirs["press"].pk: [Obligation(target.indicator_id, country.pk, old.pk)]
    }
    assert obligations_of(heirs["digital"], cycle) == []


@pytest.mark.parametrize(
    ("end", "who"),
    [
        (dt.date(2026, 6, 30), {"heir"}),  # its value of the year is the successor's
        (dt.date(2026, 12, 13), {"heir"}),
        (END, {"old", "heir"}),
    ],
)
def test_an_organisation_owes_nothing_after_its_end(
    country: Organisation, end: dt.date, who: set[str]
) -> None:
    cycle = a_cycle()
    old = make(Organisation, valid_to=end)
    heir = make(Organisation, valid_from=dt.date(2020, 1, 1))
    make(Succession, predecessor=old, successor=heir, effective_on=end + dt.timedelta(days=1))
    demand(cycle, heir, levels=["ministry"], aggregation="sum")
    assert obligations(cycle).keys() == {{"old": old, "heir": heir}[name].pk for name in who}


def test_an_end_between_data_and_due_day_leaves_the_own_value_to_the_heir(
    country: Organisation,
) -> None:
    cycle = a_cycle(due_on=dt.date(2027, 1, 15))
    old = make(Organisation, valid_to=dt.date(2026, 12, 31))
    heir = make(Organisation, valid_from=dt.date(2027, 1, 1))
    make(Succession, predecessor=old, successor=heir, effective_on=dt.date(2027, 1, 1))
    target = demand(cycle, old, levels=["ministry"], aggregation="sum")
    assert obligations(cycle) == {heir.pk: [Obligation(target.indicator_id, old.pk, old.pk)]}


@pytest.mark.parametrize(
    ("founded", "owes_it"),
    [(dt.date(2026, 3, 1), True), (END, True), (dt.date(2026, 12, 15), False)],
)
def test_a_body_owes_from_its_founding(
    country: Organisation, founded: dt.date, owes_it: bool
) -> None:
    cycle = a_cycle()
    new = make(Organisation, valid_from=founded)
    demand(cycle, country, levels=["ministry"], aggregation="sum")
    assert bool(obligations_of(new, cycle)) is owes_it


def test_what_somebody_publishes_is_asked_of_nobody(country: Organisation) -> None:
    cycle, lead = a_cycle(), make(Organisation)
    target = demand(cycle, lead, levels=["national", "ministry"], aggregation="ratio")
    assert len(obligations_of(lead, cycle)) == 2
    reported = make(Series, indicator=target.indicator, code="bao-cao", official=True)
    assert len(obligations_of(lead, cycle)) == 2
    reported.official = False
    reported.save()
    make(Series, indicator=target.indicator, official=True)
    assert obligations_of(lead, cycle) == [Obligation(target.indicator_id, lead.pk)]


@pytest.mark.parametrize(
    "change",
    [
        {"retired_on": dt.date(2026, 11, 22)},
        {"due_year": 2024, "horizon": "2025"},
        {"restates": True},
        {"indicator": {"context_only": True}},
        {"indicator": {"measurable_until": 2025, "unmeasurable_vi": "x", "unmeasurable_en": "x"}},
    ],
    ids=["retired", "due before the data", "restating", "context only", "not measured any more"],
)
def test_what_a_target_no_longer_asks(country: Organisation, change: dict[str, object]) -> None:
    cycle, lead = a_cycle(), make(Organisation)
    of_indicator = change.pop("indicator", {})
    assert isinstance(of_indicator, dict)
    target = demand(cycle, lead, **of_indicator)
    if change.pop("restates", None):
        change["restates"] = make(Target)
    Target.objects.filter(pk=target.pk).update(**change)
    assert obligations(cycle) == {}


def test_the_number_of_queries_does_not_grow(
    country: Organisation, django_assert_num_queries: pytest.FixtureRequest
) -> None:
    cycle, lead = a_cycle(), make(Organisation)
    for _number in range(5):
        demand(cycle, lead, levels=["national", "ministry"], aggregation="sum")
    with django_assert_num_queries(6):  # type: ignore[operator]
        assert len(obligations(cycle)[lead.pk]) == 10
