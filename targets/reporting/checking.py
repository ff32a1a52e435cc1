"""Reports against the rules: what is wrong at which cell, and what stops a submission.

Three queries for a whole report and for one cell alike: the cells with what is known beside them,
the rules, and, only where a total is reported, its parts.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from django.contrib.postgres.expressions import ArraySubquery
from django.db import transaction
from django.db.models import (
    BooleanField,
    Case,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Cast, ExtractYear, JSONObject
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from targets.models import (
    Evidence,
    Indicator,
    Observation,
    Organisation,
    Report,
    ReportItem,
    ValidationRule,
    WarningReason,
)
from targets.reporting.checks import (
    ERROR,
    WARNING,
    Cell,
    Failure,
    Known,
    Measure,
    Numbers,
    Part,
    Previous,
    Rule,
    closed,
    failures,
    particular,
    sentence,
)
from targets.reporting.ruling import rule_of
from targets.trail import acting

#: States in which a report's values are its organisation's word.
_REPORTED = (Report.State.SUBMITTED, Report.State.APPROVED, Report.State.PUBLISHED)
_OPEN = (Report.State.DRAFT, Report.State.RETURNED)


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule that one cell breaks (`item_id` None: the report as a whole), told to a person.

    `column` is value, numerator, denominator, note or evidence. `reason` is why a warning does
    not stop the report: given for this very version of the cell, else the note of the cell (the
    only place for a reason that a spreadsheet has).
    """

    item_id: int | None
    column: str
    rule_id: int
    code: str
    check: str
    severity: str
    sentence: str
    reason: str = ""

    @property
    def blocks(self) -> bool:
        """Whether the report cannot be submitted because of it."""
        return self.severity == ERROR or not self.reason

    @property
    def needs_reason(self) -> bool:
        """Whether it is a warning that waits for a reason."""
        return self.severity == WARNING and not self.reason


class ReasonRefusedError(Exception):
    """The reason cannot be taken; `sentence` tells the person why."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class _Row:
    """A cell as stored, and what is known beside it."""

    item_id: int
    indicator_id: int
    subject_id: int
    measure: Measure
    cell: Cell
    known: Known
    reasons: Mapping[int, str]
    adds_up: bool
    scale: Decimal | None


@dataclass(frozen=True, slots=True)
class _Cycle:
    """What the cells of a report have in common."""

    report_id: int
    period: str
    sample: bool
    closed_on: dt.date | None


def findings(report: Report, *, today: dt.date | None = None) -> list[Finding]:
    """What is wrong in a report, in the order of its cells; at most three queries."""
    return _judge(ReportItem.objects.filter(report=report.pk), {}, today, whole=True)


def findings_of(item: ReportItem, *, today: dt.date | None = None) -> list[Finding]:
    """What is wrong at one cell as it is stored; at most three queries."""
    return _judge(ReportItem.objects.filter(pk=item.pk), {}, today, whole=False)


def findings_for(
    report: Report, proposed: Mapping[int, Cell], *, today: dt.date | None = None
) -> list[Finding]:
    """What would be wrong in a report if these cells (by id) held what is proposed.

    Of a ratio the value is the one derived from numerator and denominator.
    """
    return _judge(ReportItem.objects.filter(report=report.pk), proposed, today, whole=True)


def blocking(found: Iterable[Finding]) -> list[Finding]:
    """Those that stop a submission: errors, and warnings without a reason."""
    return [finding for finding in found if finding.blocks]


def give_reason(
    item: ReportItem,
    rule: ValidationRule,
    *,
    by: User,
    reason: str,
    seen_version: int | None = None,
) -> Finding:
    """Say why a warning does not stop a cell; it holds until the cell is changed.

    Raises ReasonRefusedError where there is no such warning, or the cell is another than seen.
    """
    reason = " ".join(reason.split())
    if not reason:
        raise ReasonRefusedError(_("Viết lý do, rồi lưu."))
    with acting(by=by, why=reason), transaction.atomic():
        held = ReportItem.objects.select_for_update(no_key=True).get(pk=item.pk)
        if seen_version not in {None, held.version}:
            raise ReasonRefusedError(
                _("Ô này vừa được sửa; xem lại giá trị mới rồi hãy cho lý do.")
            )
        found = next((one for one in findings_of(held) if one.rule_id == rule.pk), None)
        if found is None:
            raise ReasonRefusedError(_("Ô này không còn cảnh báo đó, không cần lý do."))
        if found.severity == ERROR:
            raise ReasonRefusedError(_("Đây là lỗi: sửa số liệu, lý do không bỏ qua được."))
        WarningReason.objects.create(
            item=held, rule=rule, item_version=held.version, reason=reason, by=by
        )
    return replace(found, reason=reason)


def hits(rule: Rule) -> int:
    """At how many cells of reports open for entry a rule would find something.

    The rule stands among those in use, in place of the one with its id if there is one.
    """
    others = [one for one in load_rules() if one.id != rule.id]
    entered = ReportItem.objects.filter(
        Q(report__cycle__closed_on=None) | Q(report__cycle__closed_on__gt=timezone.localdate()),
        report__state__in=_OPEN,
    )
    count = 0
    for cycle, rows in _rows(entered).items():
        for row in _with_parts(rows, cycle) if rule.check == "parts" else rows:
            applying = particular([*others, rule], row.measure)
            found = failures(applying, row.measure, row.cell, row.known)
            count += any(failure.rule is rule for failure in found)
    return count


def load_rules(rules: QuerySet[ValidationRule] | None = None) -> list[Rule]:
    """The rules in use (or `rules`), as the checks take them; one query."""
    rows = ValidationRule.objects.filter(active=True) if rules is None else rules
    return [rule_of(row) for row in rows.order_by("code")]


def _judge(
    items: QuerySet[ReportItem],
    proposed: Mapping[int, Cell],
    today: dt.date | None,
    *,
    whole: bool,
) -> list[Finding]:
    by_cycle = _rows(items)
    if not by_cycle:
        return []
    ((cycle, rows),) = by_cycle.items()
    rules = load_rules()
    rows = [_with(row, proposed[row.item_id]) if row.item_id in proposed else row for row in rows]
    rows = _with_parts(rows, cycle)
    found = []
    if cycle.closed_on is not None and cycle.closed_on <= (today or timezone.localdate()):
        about = None if whole else rows[0].item_id
        found = [_finding(about, failure, {}) for failure in closed(rules)]
    applying: dict[Measure, dict[str, list[Rule]]] = {}
    for row in rows:
        if row.measure not in applying:
            applying[row.measure] = particular(rules, row.measure)
        for failure in failures(applying[row.measure], row.measure, row.cell, row.known):
            found.append(_finding(row.item_id, failure, row.reasons, row.cell.note))
    return found


def _finding(
    item_id: int | None, failure: Failure, reasons: Mapping[int, str], note: str = ""
) -> Finding:
    rule = failure.rule
    reason = ""
    if rule.severity == WARNING:
        reason = reasons.get(rule.id, "") or note.strip()
    return Finding(
        item_id=item_id,
        column=failure.column,
        rule_id=rule.id,
        code=rule.code,
        check=rule.check,
        severity=rule.severity,
        sentence=told(rule, failure.numbers),
        reason=reason,
    )


def told(rule: Rule, numbers: Numbers) -> str:
    """The sentence of a rule in the active language."""
    english = (get_language() or "vi").startswith("en")
    return sentence(rule.sentence_en if english else rule.sentence_vi, numbers)


def _with(row: _Row, cell: Cell) -> _Row:
    """The row as if it held `cell`: another version, to which no reason was given yet."""
    return row if cell == row.cell else replace(row, cell=cell, reasons={})


def _rows(items: QuerySet[ReportItem]) -> dict[_Cycle, list[_Row]]:
    """The cells by their reports, with what is known of each but the parts of totals; one query."""
    before = Observation.objects.filter(
        Q(period_end__lt=OuterRef("report__cycle__data_from"))
        | Q(year__lt=ExtractYear(OuterRef("report__cycle__data_to"))),
        series=OuterRef("series"),
        organisation=OuterRef("subject"),
        superseded_at__isnull=True,
        state=Observation.State.PUBLISHED,
    ).order_by("-period_end", "-id")
    reasons = WarningReason.objects.filter(
        item=OuterRef("pk"), item_version=OuterRef("version")
    ).order_by("pk")
    found = (
        items.select_related("indicator__unit", "report__cycle", "subject")
        .annotate(
            previous=Subquery(
                before.values(one=JSONObject(value=Cast("value", TextField()), period="period"))[:1]
            ),
            given_reasons=ArraySubquery(
                reasons.values(one=JSONObject(rule="rule_id", reason="reason"))
            ),
            has_evidence=Exists(
                Evidence.objects.filter(item=OuterRef("pk"), removed_at__isnull=True)
            ),
        )
        .order_by("position", "pk")
    )
    by_cycle: dict[_Cycle, list[_Row]] = defaultdict(list)
    for item in found:
        report = item.report
        cycle = _Cycle(report.pk, report.cycle.period, report.sample, report.cycle.closed_on)
        by_cycle[cycle].append(_row(item))
    return by_cycle


def _row(item: Any) -> _Row:
    """`item` with the annotations of `_rows`."""
    indicator = item.indicator
    unit = indicator.unit
    previous = item.previous and Previous(Decimal(item.previous["value"]), item.previous["period"])
    national = item.subject.kind == Organisation.Kind.COUNTRY
    return _Row(
        item_id=item.pk,
        indicator_id=indicator.pk,
        subject_id=item.subject_id,
        measure=Measure(indicator.pk, unit.pk, unit.kind, unit.decimals),
        cell=cell_of(item),
        known=Known(previous=previous or None, has_evidence=item.has_evidence),
        reasons={given["rule"]: given["reason"] for given in item.given_reasons},
        adds_up=national and indicator.aggregation != Indicator.Aggregation.NONE,
        scale=unit.ratio_scale if indicator.aggregation == Indicator.Aggregation.RATIO else None,
    )


def cell_of(item: ReportItem) -> Cell:
    """What an item holds, as the checks take it."""
    return Cell(item.value, item.numerator, item.denominator, item.unavailable, item.note)


def _with_parts(rows: list[_Row], cycle: _Cycle) -> list[_Row]:
    """The rows with the parts of those that are totals; a query if there are any."""
    indicators = {row.indicator_id for row in rows if row.adds_up}
    if not indicators:
        return rows
    parts = _parts(indicators, cycle)
    for row in rows:
        # What is proposed for an organisation's own cell counts before what is stored of it.
        if row.indicator_id in indicators and not row.adds_up:
            parts[row.indicator_id][row.subject_id] = _part(row.cell)
    return [
        replace(
            row,
            known=replace(row.known, parts=list(parts[row.indicator_id].values()), scale=row.scale),
        )
        if row.adds_up
        else row
        for row in rows
    ]


def _part(cell: Cell) -> Part:
    return Part(cell.value, cell.numerator, cell.denominator)


def _parts(indicators: set[int], cycle: _Cycle) -> dict[int, dict[int, Part]]:
    """By indicator and organisation: what was reported for the period, else what is published.

    An organisation that owes the value but has not reported it has an empty part.
    """
    told = Case(
        When(report__state__in=_REPORTED, then=Value(True)),
        When(report=cycle.report_id, then=Value(True)),
        default=Value(False),
        output_field=BooleanField(),
    )
    numbers = ("value", "numerator", "denominator")
    reported = (
        ReportItem.objects.filter(
            indicator__in=indicators,
            report__cycle__period=cycle.period,
            report__sample=cycle.sample,
        )
        .exclude(subject__kind=Organisation.Kind.COUNTRY)
        .order_by()
        .annotate(about=F("indicator_id"), whose=F("subject_id"), told=told)
        .values_list("about", "whose", "told", *numbers)
    )
    published = (
        Observation.objects.filter(
            series__indicator__in=indicators,
            period=cycle.period,
            superseded_at__isnull=True,
            state=Observation.State.PUBLISHED,
            series__in=ReportItem.objects.filter(report=cycle.report_id).values("series"),
        )
        .exclude(organisation__kind=Organisation.Kind.COUNTRY)
        .order_by()
        .annotate(
            about=F("series__indicator_id"),
            whose=F("organisation_id"),
            told=Value(None, output_field=BooleanField()),
        )
        .values_list("about", "whose", "told", *numbers)
    )
    found: dict[int, dict[int, Part]] = defaultdict(dict)
    # Published first, so that what was reported since takes its place.
    rows: list[tuple[Any, ...]] = list(published.union(reported, all=True))
    for about, whose, is_told, *known in sorted(rows, key=lambda row: row[2] is not None):
        if is_told is None or is_told:
            found[about][whose] = Part(*known)
        else:
            found[about].setdefault(whose, Part())
    return found
