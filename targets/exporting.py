"""The targets of the catalogue as a flat list, for comparison with other lists."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from decimal import Decimal

from django.db.models import Prefetch

from targets.models import Assignment, Target


@dataclass(frozen=True)
class ExportedTarget:
    """One target. `document` is the number, of a draft without one the title; None is not given.

    `year` is None for a standing duty. `lead` has the codes of the leading organisations, joined by
    "; ", and `lead_basis` how each is known: one word where it is the same for all.
    """

    document: str
    provision: str
    indicator: str
    indicator_name: str
    pillar: str
    year: int | None
    operator: str
    threshold: Decimal | None
    threshold_max: Decimal | None
    unit: str
    kind: str
    scope: str
    lead: str
    lead_basis: str
    legal_status: str
    interpreted: bool


COLUMNS = tuple(field.name for field in fields(ExportedTarget))


def exported_targets() -> list[ExportedTarget]:
    """Every target of the catalogue as it stands, the highest document first (two queries)."""
    leads = Assignment.objects.filter(role=Assignment.Role.LEAD).select_related("organisation")
    targets = (
        Target.objects.active()
        .with_catalogue()
        .prefetch_related(Prefetch("assignments", leads.order_by("position")))
        .order_by("document__rank", "-document__issued_on", "document__slug", "position")
    )
    return [_exported(target, list(target.assignments.all())) for target in targets]


def as_csv(targets: Iterable[ExportedTarget]) -> str:
    """A header and one line each; decimal point, yes and no, empty for what is not given."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for target in targets:
        row = asdict(target)
        for name in ("threshold", "threshold_max"):
            row[name] = _plain(row[name])
        writer.writerow(row | {"interpreted": "yes" if target.interpreted else "no"})
    return out.getvalue()


def as_json(targets: Iterable[ExportedTarget]) -> str:
    """A list of objects; numbers and booleans as such, null for a number that is not given."""
    rows = [
        {
            name: json.loads(_plain(value)) if isinstance(value, Decimal) else value
            for name, value in asdict(target).items()
        }
        for target in targets
    ]
    return json.dumps(rows, ensure_ascii=False, indent=1) + "\n"


def _exported(target: Target, leads: list[Assignment]) -> ExportedTarget:
    bases = [lead.basis for lead in leads]
    return ExportedTarget(
        document=target.document.number or target.document.title_vi,
        provision=target.provision.locator,
        indicator=target.indicator.code,
        indicator_name=target.indicator.name_vi,
        pillar=target.pillar.code,
        year=target.due_year,
        operator=target.operator,
        threshold=target.threshold,
        threshold_max=target.threshold_max,
        unit=target.unit.code,
        kind=target.kind,
        scope=target.scope,
        lead="; ".join(lead.organisation.code for lead in leads),
        lead_basis="; ".join(bases if len(set(bases)) > 1 else bases[:1]),
        legal_status=target.document.legal_status,
        interpreted=target.interpreted,
    )


def _plain(number: Decimal | None) -> str:
    """A number without trailing zeros and without an exponent."""
    return "" if number is None else f"{number.normalize():f}"
