"""The register: every target with its verdict and who answers, as known on one day.

What the pages read. A fixed number of queries whatever the size, and none after that.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Q

from documents.models import Document, Provision
from targets.lineage import Holder, Lineage
from targets.models import (
    COUNTRY_CODE,
    Assessment,
    Assignment,
    Indicator,
    Organisation,
    OrganisationName,
    Pillar,
    Target,
    Unit,
)
from targets.reading import attach, by_pk, instances


@dataclass(frozen=True)
class Answerable:
    """One organisation that answers: as written by the document, and as it stands on the day.

    `assignment` holds role, basis, provision and reason; `holder` the organisation of the day and
    the successions that led to it; `written` and `name` are the two names (the same organisation's,
    where nothing changed hands).
    """

    assignment: Assignment
    organisation: Organisation
    name: OrganisationName
    written: OrganisationName
    holder: Holder


@dataclass(frozen=True)
class Row:
    """One target, its verdict for one organisation (None: not judged yet), and who answers."""

    target: Target
    assessment: Assessment | None
    leads: tuple[Answerable, ...]
    partners: tuple[Answerable, ...]

    @property
    def status(self) -> str:
        """The status, or "" where no worker has judged the target yet."""
        return self.assessment.status if self.assessment else ""

    @property
    def in_headlines(self) -> bool:
        """Drafts are not law, and a restated figure would be counted twice."""
        return self.target.document.binds and self.target.restates_id is None


@dataclass(frozen=True)
class Register:
    """All targets of the catalogue on `day`, in the order of documents and clauses."""

    day: dt.date
    organisation: Organisation
    lineage: Lineage
    rows: tuple[Row, ...]

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def by_key(self) -> dict[str, Row]:
        return {row.target.key: row for row in self.rows}


def read_register(day: dt.date, organisation_code: str = COUNTRY_CODE) -> Register:
    """The register of `day` for one organisation (default: the country).

    Raises Organisation.DoesNotExist for an unknown code.
    """
    lineage = Lineage()
    organisation = lineage.by_code(organisation_code)
    targets = _targets(day)
    verdicts = {
        verdict.target_id: verdict
        for verdict in instances(
            Assessment.objects.filter(
                organisation=organisation,
                target__in=targets,
                superseded_at__isnull=True,
                as_of__lte=day,
            )
            .order_by("target_id", "-as_of")
            .distinct("target_id")
        )
    }
    answerable = _answerable(lineage, targets, day)
    rows = []
    for target in targets.values():
        parts = answerable[target.pk]
        rows.append(
            Row(
                target=target,
                assessment=verdicts.get(target.pk),
                leads=tuple(p for p in parts if p.assignment.role == Assignment.Role.LEAD),
                partners=tuple(p for p in parts if p.assignment.role == Assignment.Role.PARTNER),
            )
        )
    return Register(day, organisation, lineage, tuple(rows))


def _targets(day: dt.date) -> dict[int, Target]:
    """Targets of the day with all that a row of a page names, in order of document and clause.

    Few documents, pillars, units and indicators belong to many targets: each is read once and
    shared, which takes half the time of one wide join.
    """
    targets = instances(
        Target.objects.filter(Q(retired_on__isnull=True) | Q(retired_on__gt=day)).order_by(
            "document_id", "position"
        )
    )
    documents = by_pk(Document.objects.order_by())
    pillars = by_pk(Pillar.objects.order_by())
    units = by_pk(Unit.objects.order_by())
    indicators = by_pk(
        Indicator.objects.filter(pk__in={t.indicator_id for t in targets}).order_by()
    )
    provisions = by_pk(
        Provision.objects.filter(pk__in={t.provision_id for t in targets}).order_by()
    )
    for indicator in indicators.values():
        attach(indicator, pillar=pillars[indicator.pillar_id], unit=units[indicator.unit_id])
    for target in targets:
        document, provision = documents[target.document_id], provisions[target.provision_id]
        attach(provision, document=document)
        attach(
            target,
            document=document,
            provision=provision,
            indicator=indicators[target.indicator_id],
            pillar=pillars[target.pillar_id],
            unit=units[target.unit_id],
        )
    known = [target for target in targets if target.document.issued_on <= day]
    known.sort(key=lambda t: (t.document.rank, -t.document.issued_on.toordinal(), t.document.slug))
    return {target.pk: target for target in known}


def _answerable(
    lineage: Lineage, targets: dict[int, Target], day: dt.date
) -> dict[int, list[Answerable]]:
    found: dict[int, list[Answerable]] = defaultdict(list)
    assignments = instances(
        Assignment.objects.filter(target__in=targets).order_by("target_id", "position")
    )
    cited = {a.provision_id for a in assignments if a.provision_id is not None}
    own = {t.provision_id: t.provision for t in targets.values()}
    provisions = own | by_pk(Provision.objects.filter(pk__in=cited - own.keys()).order_by())
    for assignment in assignments:
        target = targets[assignment.target_id]
        attach(
            assignment,
            target=target,
            organisation=lineage.organisations[assignment.organisation_id],
        )
        if assignment.provision_id is not None:
            provision = provisions[assignment.provision_id]
            attach(provision, document=target.document)
            attach(assignment, provision=provision)
        written = lineage.name_on(assignment.organisation_id, target.document.issued_on)
        for holder in lineage.holders(assignment.organisation_id, assignment.function, day):
            found[target.pk].append(
                Answerable(
                    assignment=assignment,
                    organisation=lineage.organisations[holder.organisation_id],
                    name=lineage.name_on(holder.organisation_id, day),
                    written=written,
                    holder=holder,
                )
            )
    return found
