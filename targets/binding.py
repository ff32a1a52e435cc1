"""Which of several targets of one indicator binds, and where documents agree or contradict.

Pure: works on targets that were read with their documents, asks the database nothing.

The rule: a document in force goes before a draft, and a draft before a letter or a text that was
replaced. Where two documents in force both bind, both must be met, so the stricter threshold is
the one to hold to. Where neither is stricter (they ask the same, or for things that cannot be
compared) the higher-ranking document speaks, then the later one. A restatement makes no demand of
its own and takes no part.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations

from documents.models import Document
from targets.models import Target

_TIERS = {
    Document.LegalStatus.IN_FORCE.value: 0,
    Document.LegalStatus.DRAFT.value: 1,
    Document.LegalStatus.SENT.value: 2,
    Document.LegalStatus.SUPERSEDED.value: 3,
}
_RISING = frozenset({">=", ">", "range"})
_STRICT = frozenset({">", "<"})
# These put a bound on the value itself. The last two hold all the time, not only at the end.
_ON_VALUE = frozenset({"level", "rank", "count", "keep", "every_year"})
_LASTING = frozenset({"keep", "every_year"})


class Ground(StrEnum):
    """Why the leading target goes before another."""

    STATUS = "status"  # in force before draft
    STRICTER = "stricter"
    RANK = "rank"
    LATER = "later"
    ORDER = "order"  # same document: as the text has them


class Relation(StrEnum):
    """How two targets of one year stand to each other."""

    AGREE = "agree"  # two documents ask exactly the same
    CONFLICT = "conflict"  # two documents ask for different thresholds of the same thing
    APART = "apart"  # other scope or kind, or the same document: nothing to compare


@dataclass(frozen=True)
class Other:
    """A target beside the leading one: how it relates to it, and why it does not lead."""

    target: Target
    relation: Relation
    ground: Ground


@dataclass(frozen=True)
class YearDemands:
    """All that is asked of an indicator by one year (None: standing).

    `leading` is the target to hold to; it binds only if its document is in force. `pairs` are all
    pairs of targets with their relation, for agreement also among those that do not lead.
    """

    year: int | None
    leading: Target
    others: tuple[Other, ...]
    pairs: tuple[tuple[Target, Target, Relation], ...]

    @property
    def binds(self) -> bool:
        """False where only drafts (or letters) ask for anything by this year."""
        return self.leading.document.binds

    @property
    def agrees(self) -> bool:
        return any(relation is Relation.AGREE for _a, _b, relation in self.pairs)

    @property
    def conflicts(self) -> bool:
        return any(relation is Relation.CONFLICT for _a, _b, relation in self.pairs)


@dataclass(frozen=True)
class Comparison:
    """The demands on one indicator, year by year, and what they say together.

    `overtaken`: (later, earlier) pairs of two documents where the later year asks no more than the
    earlier one already does.
    """

    years: tuple[YearDemands, ...]
    restated: tuple[Target, ...]
    overtaken: tuple[tuple[Target, Target], ...]

    @property
    def relation(self) -> Relation:
        """Overall: a contradiction in any year, else an agreement in any, else nothing shared."""
        if any(year.conflicts for year in self.years):
            return Relation.CONFLICT
        return Relation.AGREE if any(year.agrees for year in self.years) else Relation.APART

    @property
    def binding(self) -> tuple[Target, ...]:
        """The target that binds, for each year that has one."""
        return tuple(year.leading for year in self.years if year.binds)


def strictness(one: Target, other: Target) -> int | None:
    """1 where `one` asks for more than `other`, -1 for less, 0 for the same.

    None where they cannot be compared: another scope, unit or kind of demand, opposite operators,
    another baseline. The due years are not looked at. A range counts from its lower bound up, as
    it is met; at the same threshold a demand that must hold all the time asks for more than one
    that must be reached.
    """
    if one.scope != other.scope or one.unit_id != other.unit_id or not _same_sort(one, other):
        return None
    if one.kind == Target.Kind.MILESTONE:
        return 0
    if one.threshold is None or other.threshold is None:
        return None
    rising = one.operator in _RISING
    if rising != (other.operator in _RISING):
        return None
    if one.threshold != other.threshold:
        return 1 if (one.threshold > other.threshold) == rising else -1
    return (_severity(one) > _severity(other)) - (_severity(one) < _severity(other))


def compare(targets: Iterable[Target]) -> Comparison:
    """Compare the targets of one indicator (documents joined); order of years, standing last."""
    own: dict[int | None, list[Target]] = defaultdict(list)
    restated = []
    for target in targets:
        if target.restates_id is None:
            own[target.due_year].append(target)
        else:
            restated.append(target)
    years = sorted(own, key=lambda year: (year is None, year))
    return Comparison(
        years=tuple(_year_demands(year, own[year]) for year in years),
        restated=tuple(restated),
        overtaken=_overtaken([own[year] for year in years if year is not None]),
    )


def relation(one: Target, other: Target) -> Relation:
    """How two targets of one indicator and one year stand to each other."""
    order = strictness(one, other)
    if order is None or one.document == other.document:
        return Relation.APART
    return Relation.AGREE if order == 0 else Relation.CONFLICT


def ground(one: Target, other: Target) -> tuple[int, Ground]:
    """Whether `one` goes before `other` (negative) or after it (positive), and why."""
    tier = _TIERS[one.document.legal_status] - _TIERS[other.document.legal_status]
    if tier:
        return tier, Ground.STATUS
    if one.document.binds and (order := strictness(one, other)):
        return -order, Ground.STRICTER
    if rank := one.document.rank - other.document.rank:
        return rank, Ground.RANK
    if days := (other.document.issued_on - one.document.issued_on).days:
        return days, Ground.LATER
    return one.position - other.position, Ground.ORDER


def _severity(target: Target) -> tuple[bool, bool]:
    return target.operator in _STRICT, target.kind in _LASTING


def _same_sort(one: Target, other: Target) -> bool:
    if one.kind in _ON_VALUE and other.kind in _ON_VALUE:
        return True
    if one.kind != other.kind:
        return False
    # "Cut by 30 %" from 2020 and from 2024 are two different numbers.
    return one.kind != Target.Kind.RELATIVE or (
        (one.baseline_year, one.baseline_value) == (other.baseline_year, other.baseline_value)
    )


def _year_demands(year: int | None, targets: list[Target]) -> YearDemands:
    # "Goes before" is no order to sort by (some pairs cannot be compared): the first by the order
    # of documents alone is challenged by whoever goes before it.
    ordered = sorted(targets, key=_precedence)
    leading = ordered[0]
    for challenger in ordered[1:]:
        if ground(challenger, leading)[0] < 0:
            leading = challenger
    others = tuple(
        Other(target, relation(leading, target), ground(leading, target)[1])
        for target in ordered
        if target is not leading
    )
    everyone = (leading, *(other.target for other in others))
    pairs = tuple((a, b, relation(a, b)) for a, b in combinations(everyone, 2))
    return YearDemands(year, leading, others, pairs)


def _precedence(target: Target) -> tuple[int, int, int, int]:
    """The order of documents alone: legal status, rank, date, place in the text."""
    document = target.document
    return (
        _TIERS[document.legal_status],
        document.rank,
        -document.issued_on.toordinal(),
        target.position,
    )


def _overtaken(years: list[list[Target]]) -> tuple[tuple[Target, Target], ...]:
    found = []
    for position, targets in enumerate(years):
        earlier = [target for year in years[:position] for target in year]
        for later in targets:
            for first in earlier:
                order = strictness(later, first)
                if order is not None and order <= 0 and later.document != first.document:
                    found.append((later, first))
    return tuple(found)
