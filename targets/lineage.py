"""Who answers today for a duty that a document gave to an organisation that may have ended."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import F

from targets.models import Organisation, OrganisationName, Succession
from targets.reading import attach, by_pk, instances


@dataclass(frozen=True)
class Holder:
    """An organisation that holds a duty on a day, and the functions by which it came to it."""

    organisation_id: int
    steps: tuple[Succession, ...]

    @property
    def inherited(self) -> bool:
        return bool(self.steps)


@dataclass(frozen=True, slots=True)
class Past:
    """What a body was formed from; `whole` holds them only if each went into it alone.

    One that was split among several successors cannot be added to any of them.
    """

    predecessors: tuple[int, ...] = ()
    whole: tuple[int, ...] = ()


class Lineage:
    """All organisations with their names and successions, read once (three queries)."""

    def __init__(self) -> None:
        self.organisations = by_pk(Organisation.objects.all())
        self._names: dict[int, list[OrganisationName]] = defaultdict(list)
        since_ever_first = F("valid_from").asc(nulls_first=True)
        for name in instances(OrganisationName.objects.order_by(since_ever_first)):
            attach(name, organisation=self.organisations[name.organisation_id])
            self._names[name.organisation_id].append(name)
        self.passed_on: dict[int, list[Succession]] = defaultdict(list)
        self.received: dict[int, list[Succession]] = defaultdict(list)
        for succession in instances(Succession.objects.order_by("effective_on", "pk")):
            attach(
                succession,
                predecessor=self.organisations[succession.predecessor_id],
                successor=self.organisations[succession.successor_id],
            )
            self.passed_on[succession.predecessor_id].append(succession)
            self.received[succession.successor_id].append(succession)

    def by_code(self, code: str) -> Organisation:
        """The organisation with this code; raises Organisation.DoesNotExist."""
        for organisation in self.organisations.values():
            if organisation.code == code:
                return organisation
        raise Organisation.DoesNotExist(code)

    def name_on(self, organisation_id: int, day: dt.date) -> OrganisationName:
        """The name an organisation had on a day (its last one, if it had ended by then).

        Raises KeyError for an organisation without a name (the catalogue does not allow one).
        """
        names = self._names[organisation_id]
        if not names:
            raise KeyError(organisation_id)
        begun = [n for n in names if n.valid_from is None or n.valid_from <= day]
        return begun[-1] if begun else names[0]

    def names_of(self, organisation_id: int) -> list[OrganisationName]:
        """All names of an organisation, the oldest first."""
        return list(self._names[organisation_id])

    def holders(self, organisation_id: int, function: str, day: dt.date) -> list[Holder]:
        """Who holds on `day` what `organisation_id` was given.

        With a `function` the duty follows it, also away from an organisation that still exists;
        without one, an ended organisation's duty goes to every successor, and one that exists
        keeps its own. Each holder is named once, by the shortest way.
        """
        found: dict[int, Holder] = {}
        front = [Holder(organisation_id, ())]
        while front:
            moved: list[Holder] = []
            for holder in front:
                onward = self._onward(holder.organisation_id, function, day)
                if not onward:
                    found.setdefault(holder.organisation_id, holder)
                for step in onward:
                    moved.append(Holder(step.successor_id, (*holder.steps, step)))
            front = moved
        return list(found.values())

    def _onward(self, organisation_id: int, function: str, day: dt.date) -> Iterable[Succession]:
        steps = [s for s in self.passed_on[organisation_id] if s.effective_on <= day]
        by_function = [s for s in steps if s.function == function]
        if by_function:
            return by_function
        ended = self.organisations[organisation_id].valid_to
        if ended is None or ended >= day:
            return ()
        # One edge per successor is enough to name it.
        return list({s.successor_id: s for s in reversed(steps)}.values())


def past_of(lineage: Lineage, organisation_id: int, day: dt.date) -> Past:
    """The bodies that an organisation was formed from by a day, each once."""
    before = tuple(
        dict.fromkeys(
            step.predecessor_id
            for step in lineage.received[organisation_id]
            if step.effective_on <= day
        )
    )
    whole = all(
        {step.successor_id for step in lineage.passed_on[one]} == {organisation_id}
        for one in before
    )
    return Past(before, before if whole else ())
