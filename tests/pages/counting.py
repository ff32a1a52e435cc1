"""Recounting what the pages say, the plainest way: loops over the tables, no presenter."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter

from targets.models import COUNTRY_CODE, Assessment, Target

CODES = (
    "missed", "off_track", "at_risk", "on_track", "achieved", "insufficient", "no_data",
    "not_measurable",
)  # fmt: skip


def verdicts(day: dt.date) -> dict[str, str]:
    """Status by key of every target on a day."""
    found: dict[str, tuple[dt.date, str]] = {}
    for row in Assessment.objects.select_related("target", "organisation"):
        if row.organisation.code != COUNTRY_CODE or row.superseded_at or row.as_of > day:
            continue
        if row.target.key not in found or found[row.target.key][0] < row.as_of:
            found[row.target.key] = (row.as_of, row.status)
    return {key: status for key, (_day, status) in found.items()}


def targets(day: dt.date, *, drafts: bool = False, **wanted: str) -> list[Target]:
    """Targets that count on a day, narrowed by horizon, pillar (slug) or document (slug)."""
    found = []
    for target in Target.objects.select_related("document", "pillar"):
        if target.document.issued_on > day or (target.retired_on and target.retired_on <= day):
            continue
        draft, binding = (target.document.legal_status == word for word in ("draft", "in_force"))
        if "document" in wanted:
            counts_here = target.document.slug == wanted["document"]
        else:
            counts_here = target.restates_id is None and (binding or (drafts and draft))
        if not counts_here:
            continue
        if wanted.get("horizon", target.horizon) != target.horizon:
            continue
        if wanted.get("pillar", target.pillar.slug) != target.pillar.slug:
            continue
        found.append(target)
    return found


def counts(day: dt.date, *, drafts: bool = False, **wanted: str) -> dict[str, int]:
    """How many of them have each status; every status is there."""
    status = verdicts(day)
    found = Counter(status[target.key] for target in targets(day, drafts=drafts, **wanted))
    return {code: found[code] for code in CODES}


def tiles(html: str) -> dict[str, int]:
    """The counts on the tiles of a page."""
    return {
        code: int(number)
        for code, number in re.findall(
            r'class="td-count (\w+)[^"]*"[^>]*>\s*<span class="n">(\d+)', html
        )
    }


def matrix(html: str) -> dict[str, dict[str, int]]:
    """The rows of the first matrix of a page by their heading."""
    table = re.search(r'<table class="td-matrix">(.*?)</table>', html, re.DOTALL)
    assert table
    rows: dict[str, dict[str, int]] = {}
    for head, cells in re.findall(
        r'<tr><th scope="row">(.*?)</th>(.*?)</tr>', table.group(1), re.DOTALL
    ):
        numbers = [int(re.sub(r"<[^>]+>", "", cell)) for cell in re.findall(r"<td.*?</td>", cells)]
        rows[re.sub(r"<[^>]+>", "", head)] = dict(zip(CODES, numbers, strict=True))
    return rows
