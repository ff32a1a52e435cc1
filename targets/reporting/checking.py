"""Reports against the rules: what is wrong at which cell, and what stops a submission.

Three queries for a whole report and for one cell alike: the cells with what is known beside them,
the rules, and, only where a total is reported, its parts.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from targets.models import Report, ReportItem, ValidationRule, WarningReason
from targets.reporting.checks import (
    ERROR,
    WARNING,
    Cell,
    Failure,
    Measure,
    Numbers,
    Rule,
    closed,
    failures,
    particular,
    sentence,
)
from targets.reporting.surroundings import (
    Rows,
    Surrounded,
    of_item,
    of_open_reports,
    of_report,
    with_parts,
)
from targets.trail import acting

#: The columns of a rule in the order of `checks.Rule`.
_RULE = (
    "pk",
    "code",
    "check_kind",
    "severity",
    "indicator_id",
    "unit_id",
    "unit_kind",
    "minimum",
    "maximum",
    "bound",
    "sentence_vi",
    "sentence_en",
)


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


def findings(report: Report, *, today: dt.date | None = None) -> list[Finding]:
    """What is wrong in a report, in the order of its cells; at most three queries."""
    return _judge(of_report(report.pk), {}, today, whole=True)


def findings_of(item: ReportItem, *, today: dt.date | None = None) -> list[Finding]:
    """What is wrong at one cell as it is stored; at most three queries."""
    return _judge(of_item(item.pk), {}, today, whole=False)


def findings_for(
    report: Report, proposed: Mapping[int, Cell], *, today: dt.date | None = None
) -> list[Finding]:
    """What would be wrong in a report if these cells (by id) held what is proposed.

    Of a ratio the value is the one derived from numerator and denominator.
    """
    return _judge(of_report(report.pk), proposed, today, whole=True)


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
    count = 0
    for frame, rows in of_open_reports(timezone.localdate()).items():
        for row in with_parts(rows, frame) if rule.check == "parts" else rows:
            applying = particular([*others, rule], row.measure)
            found = failures(applying, row.measure, row.cell, row.known)
            count += any(failure.rule is rule for failure in found)
    return count


def load_rules(measure: Measure | None = None) -> list[Rule]:
    """The rules in use, all or those for one measure; one query."""
    rules = ValidationRule.objects.filter(active=True).order_by("code")
    if measure is not None:
        rules = rules.filter(
            Q(indicator=measure.indicator_id)
            | Q(unit=measure.unit_id)
            | Q(unit_kind=measure.unit_kind)
            | Q(indicator=None, unit=None, unit_kind="")
        )
    return [Rule(*row) for row in rules.values_list(*_RULE)]


def _judge(
    by_report: Rows,
    proposed: Mapping[int, Cell],
    today: dt.date | None,
    *,
    whole: bool,
) -> list[Finding]:
    if not by_report:
        return []
    ((frame, rows),) = by_report.items()
    rules = load_rules(None if whole else rows[0].measure)
    rows = [_with(row, proposed[row.item_id]) if row.item_id in proposed else row for row in rows]
    found = []
    if frame.closed_on is not None and frame.closed_on <= (today or timezone.localdate()):
        about = None if whole else rows[0].item_id
        found = [_finding(about, failure, {}) for failure in closed(rules)]
    applying: dict[Measure, dict[str, list[Rule]]] = {}
    for row in with_parts(rows, frame):
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


def _with(row: Surrounded, cell: Cell) -> Surrounded:
    """The row as if it held `cell`: another version, to which no reason was given yet."""
    return row if cell == row.cell else replace(row, cell=cell, reasons={})
