"""Who owes which value in a cycle: computed from targets, assignments and levels, never listed.

Asked for are the indicators of the targets of the duty's document that are in force: not retired,
not only restating another one, not due before the days of data began; and indicators that can
still be measured in the period and are more than context.

- The country's value is owed by the lead. Where several lead, the first one in the order of the
  catalogue (targets, then assignments) owes it, so that one value is not reported twice; groups
  ("every ministry") lead no national value. A value that somebody else publishes officially (a
  rank of the United Nations, a figure of the statistics office) is pulled and not asked for.
- Its own value is owed by every ministry and agency, or every province, where the indicator exists
  at that level and a target asks it of each (by its scope, or with "every ministry" as a lead), or
  where the country's value is a sum or ratio of theirs.

An organisation owes while it exists: from its founding, if that is not after the days of data, and
nothing once it ended. Who holds its functions on the due day owes what it owed: the national
values it led, and its own value where it ended between the last day of data and the due day.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, Protocol

from targets.lineage import Lineage
from targets.models import (
    COUNTRY_CODE,
    Assignment,
    Indicator,
    Organisation,
    ReportingCycle,
    ReportingDuty,
    Series,
    Target,
)
from targets.reporting.series import REPORTED

Kind = Organisation.Kind
Level = Indicator.Level
Reporters = ReportingDuty.Reporters

#: The kinds of organisation behind the words of a duty (and the levels of the same names).
KINDS: Final[dict[str, tuple[str, ...]]] = {
    Reporters.MINISTRY: (Kind.MINISTRY, Kind.AGENCY),
    Reporters.PROVINCE: (Kind.PROVINCE,),
}
_GROUPS: Final[dict[str, frozenset[str]]] = {
    "ALL-BODIES": frozenset((Reporters.MINISTRY, Reporters.PROVINCE)),
    "ALL-MINISTRIES": frozenset((Reporters.MINISTRY,)),
    "ALL-PROVINCES": frozenset((Reporters.PROVINCE,)),
    "LOCAL-AUTHORITIES": frozenset((Reporters.PROVINCE,)),
}
_SCOPES: Final[dict[str, frozenset[str]]] = {
    Target.Scope.COUNTRY: frozenset(),
    Target.Scope.EACH_MINISTRY: frozenset((Reporters.MINISTRY,)),
    Target.Scope.EACH_PROVINCE: frozenset((Reporters.PROVINCE,)),
    Target.Scope.EACH_MINISTRY_AND_PROVINCE: frozenset((Reporters.MINISTRY, Reporters.PROVINCE)),
}


class Period(Protocol):
    """What of a cycle its obligations follow from."""

    @property
    def duty(self) -> ReportingDuty: ...
    @property
    def data_from(self) -> dt.date: ...
    @property
    def data_to(self) -> dt.date: ...
    @property
    def due_on(self) -> dt.date: ...


@dataclass(frozen=True, slots=True)
class Obligation:
    """One value that an organisation owes: of an indicator, for the country or for a body (ids).

    `inherited_from`: who owed it by the document or at the end of the data, if that was another.
    """

    indicator_id: int
    subject_id: int
    inherited_from_id: int | None = None


@dataclass
class _Demand:
    """What the targets of the document ask of one indicator."""

    indicator: Indicator
    targets: list[Target] = field(default_factory=list)
    leads: list[Assignment] = field(default_factory=list)

    def asks_each(self, reporters: str) -> bool:
        """Whether every body of this kind owes its own value."""
        if reporters not in self.indicator.levels:
            return False
        return (
            self.indicator.aggregation != Indicator.Aggregation.NONE
            or any(reporters in _SCOPES[target.scope] for target in self.targets)
            or any(reporters in _GROUPS.get(lead.organisation.code, ()) for lead in self.leads)
        )


def obligations(cycle: Period, lineage: Lineage | None = None) -> dict[int, list[Obligation]]:
    """What each organisation (id) owes in a cycle, in the order of the document's targets.

    An indicator comes once: the country's value first, then the own one. Six queries; without an
    entry an organisation owes nothing.
    """
    known = lineage or Lineage()
    country = known.by_code(COUNTRY_CODE)
    bodies = _Bodies(cycle, known)
    owed: dict[int, list[Obligation]] = defaultdict(list)
    demands = _demands(cycle)
    published = _published_elsewhere(demand.indicator.pk for demand in demands)
    for demand in demands:
        indicator = demand.indicator
        if Level.NATIONAL in indicator.levels and indicator.pk not in published:
            holder = bodies.holder(demand.leads)
            if holder:
                who, inherited_from = holder
                owed[who].append(Obligation(indicator.pk, country.pk, inherited_from))
        for reporters in cycle.duty.reporters:
            if demand.asks_each(reporters):
                for who, subject in bodies.each(reporters):
                    owed[who].append(
                        Obligation(indicator.pk, subject, None if who == subject else subject)
                    )
    return dict(owed)


def obligations_of(organisation: Organisation, cycle: ReportingCycle) -> list[Obligation]:
    """What one organisation owes in a cycle."""
    return obligations(cycle).get(organisation.pk, [])


def _demands(cycle: Period) -> list[_Demand]:
    """The indicators that the duty's document asks for in the period, in the order of targets."""
    targets = (
        Target.objects.filter(document_id=cycle.duty.document_id, restates=None)
        .exclude(retired_on__lte=cycle.due_on)
        .exclude(due_year__lt=cycle.data_from.year)
        .exclude(indicator__context_only=True)
        .exclude(indicator__measurable_until__lt=cycle.data_to.year)
        .select_related("indicator")
        .order_by("position", "pk")
    )
    demands: dict[int, _Demand] = {}
    for target in targets:
        demand = demands.setdefault(target.indicator_id, _Demand(target.indicator))
        demand.targets.append(target)
    of_target = {t.pk: (demand, t) for demand in demands.values() for t in demand.targets}
    leads = (
        Assignment.objects.filter(target__in=of_target, role=Assignment.Role.LEAD)
        .select_related("organisation")
        .order_by("target__position", "target_id", "position", "pk")
    )
    for lead in leads:
        of_target[lead.target_id][0].leads.append(lead)
    return list(demands.values())


def _published_elsewhere(indicators: Iterable[int]) -> set[int]:
    """Those of the indicators that have an official series which is not of reported values."""
    rows = Series.objects.filter(indicator__in=list(indicators), official=True)
    return set(rows.exclude(code=REPORTED).values_list("indicator_id", flat=True))


class _Bodies:
    """The organisations that report in a cycle, on its due day."""

    def __init__(self, cycle: Period, lineage: Lineage) -> None:
        self._cycle = cycle
        self._lineage = lineage
        self._kinds = {kind for name in cycle.duty.reporters for kind in KINDS[name]}

    def holder(self, leads: Iterable[Assignment]) -> tuple[int, int | None] | None:
        """Who owes a national value, and from whom that came; None where no lead reports."""
        for lead in leads:
            given = lead.organisation_id
            for holder in self._holders(given, lead.function):
                if self._reports(holder):
                    return holder, given if holder != given else None
        return None

    def each(self, reporters: str) -> Iterator[tuple[int, int]]:
        """Who owes its own value, by whom it is reported and whose it is, in their order."""
        kinds = KINDS[reporters]
        bodies = [o for o in self._lineage.organisations.values() if o.kind in kinds]
        for body in sorted(bodies, key=lambda o: (o.position, o.pk)):
            if not self._lived(body):
                continue
            for holder in self._holders(body.pk, ""):
                if self._reports(holder):
                    yield holder, body.pk
                    break

    def _holders(self, organisation_id: int, function: str) -> list[int]:
        """Who holds on the due day what an organisation was given, in the order of the catalogue.

        `Lineage` knows the day of a succession, which is the first day of the successor.
        """
        found = self._lineage.holders(organisation_id, function, self._cycle.due_on)
        organisations = self._lineage.organisations
        ids = {holder.organisation_id for holder in found}
        return sorted(ids, key=lambda pk: (organisations[pk].position, pk))

    def _reports(self, organisation_id: int) -> bool:
        body = self._lineage.organisations[organisation_id]
        ended = body.valid_to is not None and body.valid_to < self._cycle.due_on
        return body.kind in self._kinds and not ended

    def _lived(self, body: Organisation) -> bool:
        """Whether it existed on the last day of data: then it has a value of its own."""
        cycle = self._cycle
        return (body.valid_from is None or body.valid_from <= cycle.data_to) and (
            body.valid_to is None or body.valid_to >= cycle.data_to
        )
