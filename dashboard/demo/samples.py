"""Reports that show the workflow: returned, waiting for the approver, waiting for the coordinator.

Each copies what its organisation owes in the yearly cycle and holds invented values, so each is
marked as a sample: its values never become observations and count in no verdict.
"""

from __future__ import annotations

import datetime as dt
import zlib
from collections.abc import Sequence
from decimal import Decimal

from django.contrib.auth.models import User
from django.db import transaction

from dashboard.demo.accounts import MINISTRY, OTHER_PROVINCE, PROVINCE
from targets.directives import issue_directive
from targets.models import (
    Directive,
    Membership,
    Organisation,
    Report,
    ReportingCycle,
    ReportItem,
    Role,
    SystemRole,
    Unit,
    ValidationRule,
)
from targets.reporting import steps
from targets.reporting.checking import blocking, findings, give_reason
from targets.reporting.cycles import open_due_cycles, open_period
from targets.reporting.entering import Change, Typed, enter_many
from targets.trail import acting

DUTY = "qd749-yearly"
_NOTE = "Số liệu mẫu, không phải số thật"


@transaction.atomic
def make_samples(today: dt.date) -> None:
    """Open the cycles of today and the yearly one, and make what is missing of the samples."""
    with acting(why="Trình diễn", origin="command demo"):
        open_due_cycles(today)
        year = today.year if today <= dt.date(today.year, 12, 14) else today.year + 1
        cycle = open_period(DUTY, str(year), today=today).cycle
        _submitted(cycle, MINISTRY)
        _returned(cycle, PROVINCE)
        _approved(cycle, OTHER_PROVINCE)
        _directive(cycle, today)


def _submitted(cycle: ReportingCycle, code: str) -> None:
    report = _new(cycle, code)
    if report is not None:
        _fill(report)
        steps.submit(report.pk, by=_person(report, Role.REPORTER))


def _returned(cycle: ReportingCycle, code: str) -> None:
    report = _new(cycle, code)
    if report is not None:
        items = _fill(report)
        steps.submit(report.pk, by=_person(report, Role.REPORTER))
        steps.return_report(
            report.pk,
            by=_person(report, Role.APPROVER),
            reason="Mẫu: kiểm tra lại hai chỉ tiêu rồi gửi lại.",
            remarks={
                items[0].pk: "Mẫu: số này khác công văn quý III, đối chiếu lại.",
                items[3].pk: "Mẫu: bổ sung tài liệu chứng minh.",
            },
        )


def _approved(cycle: ReportingCycle, code: str) -> None:
    report = _new(cycle, code)
    if report is not None:
        _fill(report)
        steps.submit(report.pk, by=_person(report, Role.REPORTER))
        steps.approve(report.pk, by=_person(report, Role.APPROVER))


def _new(cycle: ReportingCycle, code: str) -> Report | None:
    """A sample with the items that the organisation really owes; None where there is one."""
    organisation = Organisation.objects.get(code=code)
    report, new = Report.objects.get_or_create(cycle=cycle, organisation=organisation, sample=True)
    if not new:
        return None
    owed = ReportItem.objects.filter(
        report__cycle=cycle, report__organisation=organisation, report__sample=False
    )
    ReportItem.objects.bulk_create(
        ReportItem(
            report=report,
            position=item.position,
            indicator_id=item.indicator_id,
            series_id=item.series_id,
            subject_id=item.subject_id,
            inherited_from_id=item.inherited_from_id,
        )
        for item in owed
    )
    return report


def _fill(report: Report) -> Sequence[ReportItem]:
    """Invented values in every item, with a reason wherever a check warns."""
    by = _person(report, Role.REPORTER)
    items = list(report.items.select_related("indicator__unit"))
    enter_many(report.pk, by=by, changes=[Change(item.pk, _invented(item), 0) for item in items])
    rules = ValidationRule.objects.in_bulk()
    entered = report.items.in_bulk()
    for found in blocking(findings(report)):
        give_reason(entered[found.item_id], rules[found.rule_id], by=by, reason=_NOTE)
    return items


def _invented(item: ReportItem) -> Typed:
    """A number that fits the unit; always the same one for the same item."""
    chance = zlib.crc32(f"{item.indicator.code} {item.subject_id}".encode())
    unit = item.indicator.unit
    if item.indicator.aggregation == "ratio" and unit.kind == Unit.Kind.PERCENT:
        return Typed(numerator=Decimal(400 + chance % 550), denominator=Decimal(1000), note=_NOTE)
    value = {
        Unit.Kind.STAGE: 25 * (1 + chance % 3),
        Unit.Kind.RANK: 1 + chance % 60,
        Unit.Kind.PERCENT: 40 + chance % 55,
    }.get(Unit.Kind(unit.kind), 1 + chance % 90)
    return Typed(value=Decimal(value), note=_NOTE)


def _person(report: Report, role: Role) -> User:
    member = Membership.objects.select_related("user").get(
        organisation=report.organisation_id, role=role
    )
    return member.user


def _directive(cycle: ReportingCycle, today: dt.date) -> None:
    """A question of leadership about a sample, which the ministry has yet to answer."""
    report = Report.objects.get(cycle=cycle, organisation__code=MINISTRY, sample=True)
    if Directive.objects.filter(report=report).exists():
        return
    leader = SystemRole.objects.select_related("user").get(role=Role.LEADERSHIP).user
    issue_directive(
        by=leader,
        addressee=report.organisation,
        text="Mẫu: đề nghị cho biết khi nào hoàn thành việc phê duyệt báo cáo này.",
        due_on=today + dt.timedelta(days=10),
        report=report,
    )
