"""What stands beside a target in its document: agreement, contradiction, what it restates."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext

from dashboard import formatting
from dashboard.formatting import localised
from dashboard.presenters.common import Links
from targets.binding import Relation, YearDemands, compare
from targets.models import Target
from targets.register import Row


@dataclass(frozen=True, slots=True)
class Note:
    """A remark on a target: what other documents say of the same thing; (text, URL) pairs."""

    text: str
    links: Sequence[tuple[str, str]]


def remarks(rows: Sequence[Row], to: Links) -> Mapping[int, Sequence[Note]]:
    """By target: where other documents ask the same or something else, and what it restates."""
    by_indicator: dict[int, list[Target]] = defaultdict(list)
    by_pk = {row.target.pk: row.target for row in rows}
    for target in by_pk.values():
        by_indicator[target.indicator_id].append(target)
    found: dict[int, list[Note]] = defaultdict(list)
    for target in by_pk.values():
        original = by_pk.get(target.restates_id or 0)
        if original is not None:
            found[target.pk].append(Note(gettext("Nhắc lại"), (_reference(original, to),)))
    for targets in by_indicator.values():
        if len(targets) > 1:
            for year in compare(targets).years:
                for pk, notes in _of_year(year, to).items():
                    found[pk] += notes
    return found


def _of_year(year: YearDemands, to: Links) -> dict[int, list[Note]]:
    """The remarks on the targets of one indicator and year: agreements, then contradictions."""
    beside: dict[tuple[int, Relation], list[Target]] = defaultdict(list)
    for one, other, relation in year.pairs:
        beside[one.pk, relation].append(other)
        beside[other.pk, relation].append(one)
    binding = year.leading if year.binds else None
    notes: dict[int, list[Note]] = defaultdict(list)
    for relation in (Relation.AGREE, Relation.CONFLICT):
        for (pk, related), others in beside.items():
            if related is relation:
                words = _words(relation, leads=binding is not None and binding.pk == pk)
                links = tuple(_reference(other, to, binding) for other in others)
                notes[pk].append(Note(words, links))
    return notes


def _words(relation: Relation, *, leads: bool) -> str:
    if relation is Relation.AGREE:
        return gettext("Cùng yêu cầu với")
    return gettext("Mức ràng buộc; khác với") if leads else gettext("Khác với")


def _reference(target: Target, to: Links, binding: Target | None = None) -> tuple[str, str]:
    text = f"{localised(target.document, 'short')}, {formatting.demand(target)}"
    if binding is not None and binding.pk == target.pk:
        text = gettext("%(demand)s (mức ràng buộc)") % {"demand": text}
    return text, to.target(target)
