"""Reports: list, one with its values, many values at once, hand in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Annotated, Any, cast

from django.contrib.auth.models import User
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Router
from pydantic import Field

from dashboard.access import refusal
from dashboard.api import schemas
from dashboard.api.problems import ProblemError
from dashboard.api.schemas import ItemsIn, ItemsOut, ReportDetailOut, ReportsOut, SubmittedOut
from dashboard.formatting import localised
from dashboard.naming import short_names
from targets.lineage import Lineage
from targets.models import Indicator, Report, ReportItem, Unit
from targets.permissions import allowed, visible_reports
from targets.reporting import steps
from targets.reporting.checking import Finding, blocking, findings
from targets.reporting.entering import (
    Change,
    Conflict,
    ConflictsError,
    Entered,
    EntryRefusedError,
    Typed,
    enter_many,
)
from targets.reporting.history import History, histories
from targets.reporting.numbers import read_cell

router = Router(tags=["reports"])

_LAST_SHOWN = 5


@router.get("/reports", response=ReportsOut, summary="Reports that the token's owner may see")
def report_list(
    request: HttpRequest,
    state: str = "",
    period: str = "",
    limit: Annotated[int, Field(ge=1, le=500)] = 100,
    offset: Annotated[int, Field(ge=0, le=100_000)] = 0,
) -> dict[str, Any]:
    """Latest due day first; state: draft, submitted, returned, approved or published."""
    shown = _reports(_user(request)).order_by("-cycle__due_on", "cycle", "organisation", "pk")
    if state:
        if state not in Report.State.values:
            raise ProblemError(
                "invalid",
                _("state là một trong: %s.") % ", ".join(Report.State.values),
            )
        shown = shown.filter(state=state)
    if period:
        shown = shown.filter(cycle__period=period)
    page = list(shown.annotate(size=Count("items"))[offset : offset + limit])
    names = short_names({report.organisation_id for report in page})
    return {
        "count": shown.count(),
        "reports": [_brief(report, report.size, names) for report in page],
    }


@router.get("/reports/{int:report_id}", response=ReportDetailOut, summary="One report")
def report_detail(request: HttpRequest, report_id: int) -> dict[str, Any]:
    """With its values, what was published before, and what the rules find."""
    report = _visible(_user(request), report_id)
    items = list(
        report.items.select_related("indicator__unit", "series", "subject").order_by(
            "position", "pk"
        )
    )
    past = histories(items, Lineage(), timezone.localdate())
    found = findings(report)
    names = short_names({report.organisation_id})
    return {
        **_brief(report, len(items), names),
        "values": [_item(item, past[item.pk], found) for item in items],
        "findings": [_finding(one) for one in found if one.item_id is None],
    }


@router.patch("/reports/{int:report_id}/items", response=ItemsOut, summary="Values, many at once")
def report_items(request: HttpRequest, report_id: int, payload: ItemsIn) -> dict[str, Any]:
    """All are kept or none. 409 with both values where somebody else changed one meanwhile."""
    user = _user(request)
    report = _visible(user, report_id)
    _require(user, "targets.enter_report", report)
    changes = _changes(report, payload)
    try:
        entered = enter_many(report.pk, by=user, changes=changes, why=payload.why or _("Qua API"))
    except ConflictsError as error:
        raise ProblemError(
            "conflict",
            _("Có ô đã được sửa sau khi bạn đọc; chưa ô nào được ghi. Xem conflicts, rồi gửi lại."),
            conflicts=[_conflict(one) for one in error.conflicts],
        ) from None
    except EntryRefusedError as error:
        raise ProblemError(
            "invalid", error.sentence, errors=_at(payload, error.item_id, error.sentence)
        ) from None
    found = findings(report)
    return {
        "items": [_held(one, found) for one in entered],
        "blocking": len(blocking(found)),
    }


@router.post("/reports/{int:report_id}/submit", response=SubmittedOut, summary="Hand in a report")
def report_submit(request: HttpRequest, report_id: int) -> dict[str, Any]:
    """For the approver of the organisation; refused while errors or unexplained warnings stand."""
    user = _user(request)
    report = _visible(user, report_id)
    _require(user, "targets.submit_report", report)
    try:
        action = steps.submit(report.pk, by=user)
    except steps.StepForbiddenError as error:
        raise ProblemError("forbidden", error.sentence) from None
    except steps.StepRefusedError as error:
        kind = "findings" if error.findings else "state"
        raise ProblemError(
            kind, error.sentence, findings=[_finding(one) for one in error.findings]
        ) from None
    return {"id": report.pk, "state": action.to_state}


def _user(request: HttpRequest) -> User:
    """The owner of the token: nothing here runs without one."""
    return cast(User, request.user)


def _reports(user: User) -> QuerySet[Report]:
    return Report.objects.select_related("cycle__duty", "organisation").filter(
        visible_reports(user)
    )


def _visible(user: User, report_id: int) -> Report:
    report = _reports(user).filter(pk=report_id).first()
    if report is None:
        raise ProblemError("not-found", _("Không có báo cáo này, hoặc bạn không được xem."))
    return report


def _require(user: User, permission: str, report: Report) -> None:
    if not allowed(user, permission, report):
        raise ProblemError("forbidden", refusal(permission))


def _changes(report: Report, payload: ItemsIn) -> list[Change]:
    """What was sent as the service takes it; a problem that names every place that is not good."""
    wanted = {sent.id for sent in payload.items}
    rows = report.items.select_related("indicator__unit").filter(pk__in=wanted)
    items = {item.pk: item for item in rows}
    errors: list[dict[str, Any]] = []
    changes = []
    seen: set[int] = set()
    for place, sent in enumerate(payload.items):
        problem = ""
        if sent.id not in items:
            problem = _("Không có ô này trong báo cáo.")
        elif sent.id in seen:
            problem = _("Ô này được gửi hai lần.")
        seen.add(sent.id)
        if problem:
            errors.append(_error(place, "id", sent.id, problem))
            continue
        unit = items[sent.id].indicator.unit
        numbers: dict[str, Decimal | None] = {}
        for name, of_value in (("value", True), ("numerator", False), ("denominator", False)):
            numbers[name], problem = _number(getattr(sent, name), unit if of_value else None)
            if problem:
                errors.append(_error(place, name, sent.id, problem))
        typed = Typed(**numbers, unavailable=sent.unavailable, note=sent.note)
        changes.append(Change(sent.id, typed, sent.seen_version))
    if errors:
        raise ProblemError("invalid", _("Chưa ô nào được ghi; xem errors."), errors=errors)
    return changes


def _number(sent: object, unit: Unit | None) -> tuple[Decimal | None, str]:
    """A number as it is, a string as people type it."""
    if isinstance(sent, Decimal):
        return sent, ""
    reading = read_cell(sent, unit)
    return reading.value, reading.problem


def _error(place: int, name: str, item: int, detail: str) -> dict[str, Any]:
    return {"pointer": f"#/items/{place}/{name}", "item": item, "detail": detail}


def _at(payload: ItemsIn, item: int | None, detail: str) -> list[dict[str, Any]]:
    return [
        {"pointer": f"#/items/{place}", "item": item, "detail": detail}
        for place, sent in enumerate(payload.items)
        if sent.id == item
    ]


def _typed(typed: Typed) -> dict[str, Any]:
    return {
        "value": typed.value,
        "numerator": typed.numerator,
        "denominator": typed.denominator,
        "unavailable": typed.unavailable,
        "note": typed.note,
    }


def _conflict(conflict: Conflict) -> dict[str, Any]:
    theirs = conflict.theirs
    return {
        "item": theirs.item_id,
        "yours": _typed(conflict.mine),
        "theirs": {**_typed(theirs.typed), "version": theirs.version, "entered_at": theirs.at},
    }


def _held(entered: Entered, found: Iterable[Finding]) -> dict[str, Any]:
    held = entered.held
    return {
        "id": held.item_id,
        "changed": entered.changed,
        **_typed(held.typed),
        "version": held.version,
        "findings": [_finding(one) for one in found if one.item_id == held.item_id],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return schemas.FindingOut(
        item=finding.item_id,
        column=finding.column,
        rule=finding.code,
        severity=finding.severity,
        sentence=finding.sentence,
        reason=finding.reason,
        blocks=finding.blocks,
    ).model_dump()


def _brief(report: Report, size: int, names: dict[int, str]) -> dict[str, Any]:
    cycle = report.cycle
    return {
        "id": report.pk,
        "duty": cycle.duty.code,
        "duty_name": localised(cycle.duty, "name"),
        "period": cycle.period,
        "organisation": report.organisation.code,
        "organisation_name": names[report.organisation_id],
        "state": report.state,
        "edition": report.edition,
        "sample": report.sample,
        "data_from": cycle.data_from,
        "data_to": cycle.data_to,
        "due_on": cycle.due_on,
        "items": size,
        "url": f"/api/reports/{report.pk}",
    }


def _item(item: ReportItem, past: History, found: Sequence[Finding]) -> dict[str, Any]:
    indicator, unit = item.indicator, item.indicator.unit
    years = past.own.years if past.own else ()
    return {
        "id": item.pk,
        "indicator": indicator.code,
        "name": localised(indicator, "name"),
        "definition": localised(indicator, "definition"),
        "unit": {
            "code": unit.code,
            "name": localised(unit, "name"),
            "symbol": localised(unit, "symbol"),
            "decimals": unit.decimals,
        },
        "subject": item.subject.code,
        "ratio": indicator.aggregation == Indicator.Aggregation.RATIO,
        "value": item.value,
        "numerator": item.numerator,
        "denominator": item.denominator,
        "unavailable": item.unavailable,
        "note": item.note,
        "version": item.version,
        "entered_at": item.entered_at,
        "last": [
            {"period": year.period, "value": year.value, "computed": year.computed}
            for year in reversed(years[-_LAST_SHOWN:])
        ],
        "findings": [_finding(one) for one in found if one.item_id == item.pk],
    }
