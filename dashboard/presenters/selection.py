"""Which targets of the register a query asks for, and how many have which status."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from dashboard.presenters.common import status_of
from dashboard.queries import ATTENTION, Query
from dashboard.statuses import ATTENTION as ATTENTION_STATUSES
from targets.register import Register, Row


def understood(register: Register, query: Query) -> Query:
    """The query without slugs that name nothing in the register; those join `refused`."""
    known = {
        "pillar": {row.target.pillar.slug for row in register},
        "document": {row.target.document.slug for row in register},
        "lead": {lead.organisation.code for row in register for lead in row.leads},
    }
    strange = [name for name in known if (slug := getattr(query, name)) and slug not in known[name]]
    if not strange:
        return query
    return query.but(refused=(*query.refused, *strange), **dict.fromkeys(strange, ""))


def counted(row: Row, query: Query) -> bool:
    """Whether a target counts at all: binding ones do, drafts where the reader asks.

    A reader who asks for one document sees all of it; otherwise a figure that only restates
    another would be counted twice.
    """
    if query.document:
        return row.target.document.slug == query.document
    if row.in_headlines:
        return True
    return query.drafts and row.target.document.is_draft and row.target.restates_id is None


def selected(register: Register, query: Query) -> list[Row]:
    """The targets that a query counts, before its choice of a status."""
    return [
        row
        for row in register
        if counted(row, query)
        and query.horizon in {"", row.target.horizon}
        and query.pillar in {"", row.target.pillar.slug}
        and (not query.lead or any(p.organisation.code == query.lead for p in row.leads))
    ]


def of_status(rows: Iterable[Row], status: str) -> list[Row]:
    """The rows of one status; of `attention` those that call for action; of "" all."""
    if not status:
        return list(rows)
    wanted = ATTENTION_STATUSES if status == ATTENTION else {status}
    return [row for row in rows if status_of(row) in wanted]


def counts(rows: Iterable[Row]) -> Counter[str]:
    """How many rows have each status."""
    return Counter(status_of(row) for row in rows)
