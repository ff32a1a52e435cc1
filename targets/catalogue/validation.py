"""The rules of validation that an installation starts with.

Unlike the rest of the catalogue they are not synced: administrators edit them in the application.
A load adds the rules whose code is not there yet, and leaves the others as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

from targets.catalogue.reading import Placed, Problems
from targets.catalogue.rows import ValidationRuleRow
from targets.catalogue.syncing import Change
from targets.models import ValidationRule
from targets.reporting.checks import Rule
from targets.reporting.ruling import mistakes


class Identified(Protocol):
    """A row of the database."""

    @property
    def pk(self) -> int: ...


def check_rules(items: Iterable[Placed[ValidationRuleRow]], problems: Problems) -> None:
    """Name every rule that is not sound."""
    for item in items:
        row = item.row
        rule = Rule(
            id=0,
            code=row.code,
            check=row.check,
            severity=row.severity,
            indicator_id=1 if row.indicator else None,
            unit_id=1 if row.unit else None,
            unit_kind=row.unit_kind,
            minimum=row.minimum,
            maximum=row.maximum,
            bound=row.bound,
            sentence_vi=row.sentence_vi,
            sentence_en=row.sentence_en,
        )
        for field, problem in mistakes(rule):
            problems.add(item.place, field, problem)


def add_missing_rules(
    items: Iterable[Placed[ValidationRuleRow]],
    indicators: Mapping[str, Identified],
    units: Mapping[str, Identified],
) -> list[Change]:
    """Add the rules whose code is unknown; call in a transaction. Returns what was added."""
    known = set(ValidationRule.objects.values_list("code", flat=True))
    fresh = [
        ValidationRule(
            code=item.row.code,
            check_kind=item.row.check,
            severity=item.row.severity,
            indicator_id=indicators[item.row.indicator].pk if item.row.indicator else None,
            unit_id=units[item.row.unit].pk if item.row.unit else None,
            unit_kind=item.row.unit_kind,
            minimum=item.row.minimum,
            maximum=item.row.maximum,
            bound=item.row.bound,
            sentence_vi=item.row.sentence_vi,
            sentence_en=item.row.sentence_en,
        )
        for item in items
        if item.row.code not in known
    ]
    ValidationRule.objects.bulk_create(fresh)
    return [Change("added", "validationrule", rule.code) for rule in fresh]
