"""What decides, beside the bytes of a source, what a run of it brings about: as one digest.

Two runs with the same bytes and the same fingerprint bring about the same, so the second needs
not read them. Into it go how the source is described, the code that reads it, and whatever its
rows are compared with that others may have changed: the rules, the units of its indicators, values
of its series that it did not bring itself, decisions on what was held. What the source itself
brought stays out: the same bytes agree with it.
"""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

from django.db.models import Count, Max, Q

from targets.models import (
    DataSource,
    HeldValue,
    Observation,
    OrganisationCode,
    OrganisationName,
    ValidationRule,
)


def fingerprint(source: DataSource) -> str:
    """SHA-256 in hexadecimal; taken before a run reads anything, so that it is never too new."""
    parts = [_description(source), _surroundings(source), _code()]
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()


def _description(source: DataSource) -> list[Any]:
    columns = ("series", "where", "value_field", "numerator_field", "denominator_field", "unit")
    facts = ("series__indicator__unit", "series__indicator__unit__ratio_scale")
    return [
        [source.adapter, source.address, source.options, source.mapping],
        [source.trust, source.synthetic, source.name_vi],
        list(source.mappings.order_by("pk").values_list(*columns, *facts)),
    ]


def _surroundings(source: DataSource) -> list[Any]:
    rules = ValidationRule.objects.filter(active=True).order_by("pk")
    bounds = ("check_kind", "indicator", "unit", "unit_kind", "minimum", "maximum", "bound")
    # In force or not: a value that was corrected has a version more.
    others = Observation.objects.filter(
        Q(run=None) | ~Q(run__data_source=source),
        series__in=source.mappings.values("series"),
    )
    decided = HeldValue.objects.filter(data_source=source, decided_by__isnull=False)
    return [
        list(rules.values_list("pk", *bounds)),
        others.aggregate(Count("pk"), Max("pk"), Count("superseded_at")),
        decided.aggregate(Count("pk"), Max("decided_at")),
        # Who is who: names and codes are given up by a new row or by an end.
        OrganisationName.objects.aggregate(Count("pk"), Max("pk"), Count("valid_to")),
        OrganisationCode.objects.aggregate(Count("pk"), Max("pk"), Count("valid_to")),
    ]


@cache
def _code() -> str:
    """Of the modules that read: a new release may read the same bytes differently."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parents[1].rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()
