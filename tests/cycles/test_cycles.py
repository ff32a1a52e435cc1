"""Cycles are opened once, kept in step with the catalogue, and closed by the coordinator."""

from __future__ import annotations

import datetime as dt
from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.utils import timezone

from targets.models import (
    Assignment,
    Indicator,
    Organisation,
    Report,
    ReportAction,
    ReportingCycle,
    ReportingDuty,
    ReportItem,
    Series,
    Target,
)
from targets.reporting.cycles import (
    CycleError,
    Filled,
    close_cycle,
    open_due_cycles,
    open_period,
    reopen_cycle,
)
from tests.factory import make

pytestmark = pytest.mark.django_db

TODAY = dt.date(2026, 11, 22)


@pytest.fixture
def ministry() -> Organisation:
    return a_ministry()


def a_ministry() -> Organisation:
    """The only ministry: it leads the only target of a yearly duty and reports its own part."""
    make(Organisation, code="VN", kind="country")
    collector = make(Organisation, kind="party")
    duty = make(ReportingDuty, code="yearly", reporters=["ministry"], collector=collector)
    body = make(Organisation, code="BXX", kind="ministry")
    demand(duty, body)
    return body


def demand(duty: ReportingDuty, lead: Organisation) -> Target:
    indicator = make(Indicator, levels=["national", "ministry"], aggregation="sum")
    target = make(Target, document=duty.document, indicator=indicator, due_year=2030,
                  horizon="2030")  # fmt: skip
    make(Assignment, target=target, organisation=lead)
    return target


def the_duty() -> ReportingDuty:
    return ReportingDuty.objects.get(code="yearly")


def test_what_is_due_is_opened_with_reports_and_items(ministry: Organisation) -> None:
    (opened,) = open_due_cycles(TODAY)
    assert (opened.new, opened.filled) == (True, Filled(reports=1, items=2))
    cycle = ReportingCycle.objects.get()
    assert (cycle.period, cycle.opens_on, cycle.due_on, cycle.closed_on) == (
        "2026", dt.date(2026, 10, 15), dt.date(2026, 12, 14), None,
    )  # fmt: skip
    report = Report.objects.get()
    assert (report.organisation, report.state, report.sample) == (ministry, "draft", False)
    assert [(i.position, i.subject.code, i.version) for i in report.items.all()] == [
        (1, "VN", 0),
        (2, "BXX", 0),
    ]


def test_values_go_to_a_series_of_reported_values_that_is_judged(ministry: Organisation) -> None:
    open_due_cycles(TODAY)
    series = Series.objects.get()
    assert (series.code, series.official) == ("bao-cao", True)
    assert set(ReportItem.objects.values_list("series", flat=True)) == {series.pk}


def test_a_second_run_does_nothing(ministry: Organisation) -> None:
    open_due_cycles(TODAY)
    before = list(ReportItem.objects.values())
    assert open_due_cycles(TODAY) == []
    assert open_due_cycles(TODAY + dt.timedelta(days=30)) == []
    assert list(ReportItem.objects.values()) == before


@pytest.mark.parametrize(
    ("today", "periods"),
    [
        (dt.date(2026, 10, 14), []),
        (dt.date(2026, 10, 15), ["2026"]),
        (dt.date(2027, 1, 14), ["2026"]),  # the scheduler was off when it was due
        (dt.date(2027, 1, 15), []),
    ],
)
def test_a_cycle_opens_on_its_day(
    ministry: Organisation, today: dt.date, periods: list[str]
) -> None:
    assert [one.cycle.period for one in open_due_cycles(today)] == periods


@pytest.mark.parametrize("change", [{"active": False}, {"legal_status": "draft"},
                                    {"legal_status": "superseded"},
                                    {"issued_on": dt.date(2026, 12, 15)}])  # fmt: skip
def test_what_does_not_bind_opens_nothing(
    ministry: Organisation, change: dict[str, object]
) -> None:
    duty = the_duty()
    for about in (duty, duty.document):
        for name, value in change.items():
            if hasattr(about, name):
                setattr(about, name, value)
        about.save()
    assert open_due_cycles(TODAY) == []


def test_a_new_target_adds_items_to_reports_still_entered(ministry: Organisation) -> None:
    other = make(Organisation, kind="ministry")
    open_due_cycles(TODAY)
    Report.objects.filter(organisation=other).update(state="submitted")
    ReportItem.objects.filter(report__organisation=ministry, position=2).update(
        value=5, version=1, entered_by=make(User), entered_at=timezone.now()
    )
    demand(the_duty(), ministry)
    (changed,) = open_due_cycles(TODAY)
    assert (changed.new, changed.filled) == (False, Filled(items=2))
    assert ReportItem.objects.filter(report__organisation=ministry).count() == 4
    assert ReportItem.objects.filter(report__organisation=other).count() == 1
    assert ReportItem.objects.get(version=1).value == 5


def test_what_a_retired_target_asked_goes_unless_somebody_worked_on_it(
    ministry: Organisation,
) -> None:
    open_due_cycles(TODAY)
    kept = ReportItem.objects.get(position=2)
    ReportItem.objects.filter(pk=kept.pk).update(
        value=5, version=1, entered_by=make(User), entered_at=timezone.now()
    )
    Target.objects.update(retired_on=TODAY)
    (changed,) = open_due_cycles(TODAY)
    assert changed.filled == Filled(removed=1)
    assert list(ReportItem.objects.values_list("pk", flat=True)) == [kept.pk]


@pytest.mark.parametrize("worked_on", [True, False])
def test_the_report_of_a_body_that_ended_goes_unless_somebody_worked_on_it(
    ministry: Organisation, worked_on: bool
) -> None:
    open_due_cycles(TODAY)
    if worked_on:
        make(ReportAction, report=Report.objects.get())
    Organisation.objects.filter(pk=ministry.pk).update(valid_to=TODAY)
    (changed,) = open_due_cycles(TODAY)
    assert changed.filled == Filled(removed=2)
    assert Report.objects.exists() is worked_on


def test_a_sample_keeps_what_it_was_made_with(ministry: Organisation) -> None:
    (opened,) = open_due_cycles(TODAY)
    sample = make(Report, cycle=opened.cycle, organisation=ministry, sample=True)
    item = make(ReportItem, report=sample)
    Target.objects.update(retired_on=TODAY)
    open_due_cycles(TODAY)
    assert list(sample.items.all()) == [item]


def test_after_its_due_day_a_cycle_stays_as_it_is(ministry: Organisation) -> None:
    (opened,) = open_due_cycles(TODAY)
    demand(the_duty(), ministry)
    assert open_due_cycles(opened.cycle.due_on + dt.timedelta(days=1)) == []


def test_the_coordinator_closes_a_cycle_that_is_over(ministry: Organisation) -> None:
    (opened,) = open_due_cycles(TODAY)
    by = make(User)
    with pytest.raises(CycleError, match="chưa hết hạn"):
        close_cycle(opened.cycle.pk, by=by, today=opened.cycle.due_on)
    after = opened.cycle.due_on + dt.timedelta(days=1)
    assert close_cycle(opened.cycle.pk, by=by, today=after).closed_on == after
    later = after + dt.timedelta(days=1)
    assert close_cycle(opened.cycle.pk, by=by, today=later).closed_on == after
    assert reopen_cycle(opened.cycle.pk, by=by).closed_on is None


def test_an_operator_opens_a_past_cycle_by_name(ministry: Organisation) -> None:
    out = StringIO()
    call_command("open_cycles", duty="yearly", period="2024", today="2026-11-22", stdout=out)
    assert "mở yearly 2024, hạn 14/12/2024: thêm 1 báo cáo, 2 giá trị; bỏ 0" in out.getvalue()
    call_command("open_cycles", today="2026-11-22", stdout=out)
    assert set(ReportingCycle.objects.values_list("period", flat=True)) == {"2024", "2026"}
    call_command("open_cycles", today="2026-11-22", stdout=out)
    assert "Không có kỳ nào cần mở" in out.getvalue()


@pytest.mark.parametrize(
    ("duty", "period"), [("yearly", "2026-H1"), ("yearly", "mười"), ("yearly", ""), ("x", "2026")]
)
def test_what_is_no_cycle_is_refused_with_a_sentence(
    ministry: Organisation, duty: str, period: str
) -> None:
    with pytest.raises(CycleError, match="«"):
        open_period(duty, period, today=TODAY)
    with pytest.raises(CommandError, match="«"):
        call_command("open_cycles", duty=duty, period=period)
    with pytest.raises(CommandError, match="cần một ngày"):
        call_command("open_cycles", today="22/11/2026")
