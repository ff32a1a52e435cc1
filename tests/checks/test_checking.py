"""Reports against the rules, as the database has them."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone, translation
from pytest_django import DjangoAssertNumQueries

from targets.models import (
    Evidence,
    Indicator,
    Observation,
    Organisation,
    Report,
    ReportingCycle,
    ReportItem,
    Series,
    Unit,
    ValidationRule,
    WarningReason,
)
from targets.reporting import checking
from targets.reporting.checking import ReasonRefusedError, findings, findings_for, findings_of
from targets.reporting.checks import Cell
from targets.reporting.ruling import rule_of
from tests.factory import make

pytestmark = pytest.mark.django_db

PLACES = {
    "range": "{value} ngoài {minimum} - {maximum}",
    "jump": "{previous} năm {period}, nay {value}",
    "parts": "{value} khác {parts}",
}


def rule(check: str, severity: str = "error", **given: Any) -> ValidationRule:
    sentence = PLACES.get(check, check)
    return make(
        ValidationRule,
        check_kind=check,
        severity=severity,
        **{"sentence_vi": sentence, "sentence_en": f"EN {sentence}", **given},
    )


def item(**given: Any) -> ReportItem:
    """A cell; what it holds was entered by somebody."""
    if given.keys() & {"value", "numerator", "unavailable", "note"} and "version" not in given:
        given = {"version": 1, "entered_by": make(User), "entered_at": timezone.now(), **given}
    return make(ReportItem, **given)


def told(found: list[checking.Finding]) -> list[tuple[int | None, str, str]]:
    return [(one.item_id, one.check, one.column) for one in found]


def published(of: ReportItem, period: str, value: object, **given: Any) -> Observation:
    return make(
        Observation,
        **{
            "series": of.series,
            "organisation": of.subject,
            "period": period,
            "value": value,
            **given,
        },
    )


def test_findings_come_in_the_order_of_the_cells() -> None:
    report = make(Report)
    rule("required")
    later = item(report=report, position=2)
    sooner = item(report=report, position=1)
    assert told(findings(report)) == [
        (sooner.pk, "required", "value"),
        (later.pk, "required", "value"),
    ]


def test_a_sentence_carries_its_numbers_as_the_language_writes_them() -> None:
    rule("range", minimum=0, maximum=100)
    cell = item(value=Decimal("1234.5"))
    assert findings_of(cell)[0].sentence == "1.234,5 ngoài 0 - 100"
    with translation.override("en"):
        assert findings_of(cell)[0].sentence == "EN 1,234.5 ngoài 0 - 100"


def test_a_rule_switched_off_is_not_asked() -> None:
    rule("required", active=False)
    assert findings_of(item()) == []


def test_the_rule_of_the_indicator_goes_before_that_of_its_unit_its_kind_and_the_general() -> None:
    cell = item(value=7)
    unit = cell.indicator.unit
    general = rule("range", maximum=1)
    assert [one.rule_id for one in findings_of(cell)] == [general.pk]
    kind = rule("range", maximum=2, unit_kind=unit.kind)
    assert [one.rule_id for one in findings_of(cell)] == [kind.pk]
    of_unit = rule("range", maximum=3, unit=unit)
    assert [one.rule_id for one in findings_of(cell)] == [of_unit.pk]
    rule("range", maximum=10, indicator=cell.indicator)
    assert findings_of(cell) == []


class TestEvidence:
    def test_a_file_answers_it(self) -> None:
        rule("evidence")
        cell = item(value=50)
        assert told(findings_of(cell)) == [(cell.pk, "evidence", "evidence")]
        make(Evidence, item=cell)
        assert findings_of(cell) == []

    def test_a_file_taken_away_does_not(self) -> None:
        rule("evidence")
        cell = item(value=50)
        make(Evidence, item=cell, removed_at=timezone.now())
        assert told(findings_of(cell)) == [(cell.pk, "evidence", "evidence")]


class TestJump:
    def test_against_the_last_value_before_the_data_of_the_cycle(self) -> None:
        rule("jump", "warning", bound=10)
        cell = item(value=60)
        published(cell, "2023", 55)
        assert findings_of(cell) == []
        published(cell, "2025", Decimal("49.9"))
        (found,) = findings_of(cell)
        assert found.sentence == "49,9 năm 2025, nay 60"
        assert found.needs_reason

    def test_a_value_of_the_same_period_is_not_the_one_before(self) -> None:
        rule("jump", "warning", bound=10)
        cell = item(value=60)
        published(
            cell,
            "2026",
            1,
            period_start=dt.date(2025, 12, 15),
            period_end=dt.date(2026, 12, 14),
        )
        assert findings_of(cell) == []

    def test_the_half_year_before_counts(self) -> None:
        cycle = make(
            ReportingCycle,
            period="2026-H2",
            data_from=dt.date(2026, 7, 1),
            data_to=dt.date(2026, 12, 31),
        )
        rule("jump", "warning", bound=10)
        cell = item(report=make(Report, cycle=cycle), value=60)
        half = {"period_start": dt.date(2026, 1, 1), "period_end": dt.date(2026, 6, 30)}
        published(cell, "2026-H1", 10, **half)
        assert [one.check for one in findings_of(cell)] == ["jump"]

    @pytest.mark.parametrize(
        "given",
        [{"state": "approved"}, {"superseded_at": dt.datetime(2099, 1, 1, tzinfo=dt.UTC)}],
        ids=["not published", "superseded"],
    )
    def test_what_is_not_in_force_is_not_compared(self, given: dict[str, Any]) -> None:
        rule("jump", "warning", bound=10)
        cell = item(value=60)
        published(cell, "2025", 1, **given)
        assert findings_of(cell) == []

    def test_another_series_or_organisation_is_not_compared(self) -> None:
        rule("jump", "warning", bound=10)
        cell = item(value=60)
        published(cell, "2025", 1, organisation=make(Organisation))
        published(cell, "2025", 1, series=make(Series, indicator=cell.indicator, official=False))
        assert findings_of(cell) == []

    def test_the_note_of_the_cell_answers_it(self) -> None:
        rule("jump", "warning", bound=10)
        cell = item(value=60, note="Đổi cách tính")
        published(cell, "2025", 1)
        (found,) = findings_of(cell)
        assert found.reason == "Đổi cách tính"
        assert not found.blocks


@pytest.fixture
def total() -> ReportItem:
    """The country's value of an indicator that is summed, reported by a ministry."""
    country = make(Organisation, kind="country")
    count_unit = make(Unit, kind="count", ratio_scale=1, decimals=0)
    indicator = make(Indicator, aggregation="sum", unit=count_unit)
    rule("parts", "warning")
    return item(series=make(Series, indicator=indicator), subject=country, value=30)


def part(of: ReportItem, state: str = "submitted", **given: Any) -> ReportItem:
    report = make(Report, cycle=of.report.cycle, state=state, sample=given.pop("sample", False))
    return item(report=report, series=of.series, **given)


class TestParts:
    def test_the_total_of_all_that_owe_it(self, total: ReportItem) -> None:
        part(total, value=10)
        part(total, "published", value=20)
        assert findings_of(total) == []
        part(total, "approved", value=1)
        (found,) = findings_of(total)
        assert (found.check, found.sentence) == ("parts", "30 khác 31")

    def test_while_one_has_not_reported_the_total_may_be_more(self, total: ReportItem) -> None:
        part(total, value=10)
        part(total)
        assert findings_of(total) == []

    def test_but_not_less(self, total: ReportItem) -> None:
        part(total, value=31)
        part(total)
        assert [one.check for one in findings_of(total)] == ["parts"]

    @pytest.mark.parametrize("state", ["draft", "returned"])
    def test_a_draft_is_nobodys_word(self, total: ReportItem, state: str) -> None:
        part(total, state, value=1000)
        assert findings_of(total) == []

    def test_a_sample_is_no_part(self, total: ReportItem) -> None:
        part(total, value=1000, sample=True)
        assert findings_of(total) == []

    def test_the_same_report_is_read_as_it_stands(self, total: ReportItem) -> None:
        item(report=total.report, series=total.series, value=1000)
        assert [one.check for one in findings_of(total)] == ["parts"]

    def test_a_published_value_stands_for_a_report_not_handed_in(self, total: ReportItem) -> None:
        reopened = part(total, "draft", value=1)
        published(reopened, "2026", 40)
        assert [one.sentence for one in findings_of(total)] == ["30 khác 40"]

    def test_what_is_handed_in_goes_before_what_is_published(self, total: ReportItem) -> None:
        again = part(total, value=29)
        published(again, "2026", 40)
        assert findings_of(total) == []

    def test_another_period_is_another_matter(self, total: ReportItem) -> None:
        other = make(ReportingCycle, duty=total.report.cycle.duty, period="2025")
        item(report=make(Report, cycle=other, state="published"), series=total.series, value=99)
        assert findings_of(total) == []

    def test_a_ratio_is_compared_by_numerator_and_denominator(self) -> None:
        rule("parts", "warning")
        country = make(Organisation, kind="country")
        series = make(Series, indicator=make(Indicator, aggregation="ratio"))
        whole = item(series=series, subject=country, value=50, numerator=50, denominator=100)
        part(whole, value=60, numerator=60, denominator=100)
        assert [one.column for one in findings_of(whole)] == ["numerator"]


class TestProposed:
    def test_what_is_proposed_is_judged_and_the_rest_as_it_stands(self) -> None:
        rule("range", maximum=100)
        report = make(Report)
        good, bad = item(report=report, value=1), item(report=report, value=200)
        assert told(findings_for(report, {good.pk: Cell(value=Decimal(101))})) == [
            (good.pk, "range", "value"),
            (bad.pk, "range", "value"),
        ]
        assert findings_for(report, {bad.pk: Cell(value=Decimal(100))}) == []

    def test_a_text_that_is_no_number_is_named(self) -> None:
        rule("number", sentence_vi="Không phải số: {problem}")
        cell = item()
        found = findings_for(cell.report, {cell.pk: Cell(problems={"numerator": "có chữ"})})
        assert [(one.column, one.sentence) for one in found] == [
            ("numerator", "Không phải số: có chữ")
        ]

    def test_a_reason_does_not_pass_to_another_value(self) -> None:
        warning = rule("range", "warning", maximum=100)
        cell = item(value=200)
        checking.give_reason(cell, warning, by=make(User), reason="Đúng thế")
        same = Cell(value=Decimal(200))
        assert not findings_for(cell.report, {cell.pk: same})[0].needs_reason
        other = Cell(value=Decimal(201))
        assert findings_for(cell.report, {cell.pk: other})[0].needs_reason

    def test_a_proposed_part_counts_in_its_total(self, total: ReportItem) -> None:
        own = item(report=total.report, series=total.series, value=1)
        assert findings_for(total.report, {own.pk: Cell(value=Decimal(31))})[0].check == "parts"


class TestReasons:
    def test_a_reason_lets_the_report_go(self) -> None:
        warning = rule("range", "warning", maximum=100)
        cell = item(value=200)
        assert checking.blocking(findings(cell.report))
        given = checking.give_reason(cell, warning, by=make(User), reason="  Đúng \n thế ")
        assert given.reason == "Đúng thế"
        assert findings(cell.report) == [given]
        assert checking.blocking(findings(cell.report)) == []

    def test_it_holds_for_the_version_it_was_given_for(self) -> None:
        warning = rule("range", "warning", maximum=100)
        cell = item(value=200)
        checking.give_reason(cell, warning, by=make(User), reason="Đúng thế")
        ReportItem.objects.filter(pk=cell.pk).update(value=300, version=2)
        assert checking.blocking(findings(cell.report))

    def test_the_last_one_given_is_shown(self) -> None:
        warning = rule("range", "warning", maximum=100)
        cell = item(value=200)
        for reason in ("một", "hai"):
            checking.give_reason(cell, warning, by=make(User), reason=reason)
        assert [one.reason for one in findings(cell.report)] == ["hai"]

    def test_no_reason_passes_an_error(self) -> None:
        error = rule("range", maximum=100)
        cell = item(value=200)
        with pytest.raises(ReasonRefusedError):
            checking.give_reason(cell, error, by=make(User), reason="Đúng thế")
        make(WarningReason, item=cell, rule=error)
        assert checking.blocking(findings(cell.report))

    @pytest.mark.parametrize("reason", ["", " \n"])
    def test_an_empty_one_is_refused(self, reason: str) -> None:
        warning = rule("range", "warning", maximum=100)
        with pytest.raises(ReasonRefusedError):
            checking.give_reason(item(value=200), warning, by=make(User), reason=reason)

    def test_one_for_a_cell_that_has_changed_is_refused(self) -> None:
        warning = rule("range", "warning", maximum=100)
        with pytest.raises(ReasonRefusedError):
            checking.give_reason(
                item(value=200), warning, by=make(User), reason="Đúng thế", seen_version=0
            )

    def test_one_where_nothing_warns_is_refused(self) -> None:
        warning = rule("range", "warning", maximum=100)
        with pytest.raises(ReasonRefusedError):
            checking.give_reason(item(value=20), warning, by=make(User), reason="Đúng thế")


class TestPeriod:
    @pytest.mark.parametrize(("day", "is_closed"), [(30, False), (31, True)])
    def test_from_the_day_it_closed(self, day: int, is_closed: bool) -> None:
        period = rule("period")
        cycle = make(ReportingCycle, closed_on=dt.date(2027, 1, 31))
        cell = item(report=make(Report, cycle=cycle), value=1)
        today = dt.date(2027, 1, day)
        expected = [(None, "period", "")] if is_closed else []
        assert told(findings(cell.report, today=today)) == expected
        assert [one.rule_id for one in findings_of(cell, today=today)] == [period.pk] * is_closed

    def test_an_open_cycle_has_no_end(self) -> None:
        rule("period")
        assert findings(item(value=1).report, today=dt.date(2099, 1, 1)) == []


def test_a_report_without_cells_breaks_nothing() -> None:
    rule("period")
    assert findings(make(Report)) == []


@pytest.mark.parametrize("cells", [1, 40])
def test_a_report_costs_three_queries_however_many_cells(
    total: ReportItem, cells: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for check in ("required", "range", "jump", "evidence"):
        rule(check, "warning", bound=1, maximum=1)
    for number in range(cells):
        other = item(report=total.report, value=number)
        published(other, "2025", 500)
        make(WarningReason, item=other)
        make(Evidence, item=other)
    part(total, value=3)
    with django_assert_num_queries(3):
        findings(total.report)
    with django_assert_num_queries(3):
        findings_of(total)
    with django_assert_num_queries(2):
        findings_of(other)


class TestHits:
    def test_counts_the_cells_of_open_reports_that_a_rule_would_hit(self) -> None:
        for state in Report.State.values:
            item(report=make(Report, state=state), value=200)
        item(value=20)
        draft = rule("range", maximum=100)
        assert checking.hits(rule_of(draft)) == 2
        assert checking.hits(replace(rule_of(draft), maximum=Decimal(10))) == 3

    def test_a_closed_cycle_is_not_open(self) -> None:
        cycle = make(ReportingCycle, closed_on=dt.date(2020, 1, 1))
        item(report=make(Report, cycle=cycle), value=200)
        assert checking.hits(rule_of(rule("range", maximum=100))) == 0

    def test_a_more_particular_rule_keeps_its_cells(self) -> None:
        cell = item(value=200)
        item(value=300)
        rule("range", maximum=1000, indicator=cell.indicator)
        assert checking.hits(rule_of(rule("range", maximum=100))) == 1

    def test_totals_are_compared_too(self, total: ReportItem) -> None:
        part(total, value=31)
        assert checking.hits(rule_of(ValidationRule.objects.get(check_kind="parts"))) == 1


def test_the_note_of_a_cell_answers_its_warnings_and_no_error() -> None:
    rule("range", "warning", maximum=100)
    rule("evidence")
    cell = item(value=200, note="Theo nghị quyết mới")
    warned, missing = findings_of(cell)
    assert (warned.reason, warned.blocks) == ("Theo nghị quyết mới", False)
    assert (missing.reason, missing.blocks) == ("", True)
