"""From a verified report to observations: new versions beside the old ones, never over them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext

from targets import wording
from targets.models import Observation, Publication, Report, ReportAction, ReportItem, Source
from targets.reporting.notices import names_of
from targets.tasks import ask_for_verdicts


@dataclass(frozen=True, slots=True)
class Replaced:
    """A value in force that did not come from this report, and that publication would replace."""

    item_id: int
    observation: Observation


class StandingValuesError(Exception):
    """Publication would replace values from elsewhere that the publisher was not shown."""


def publish_values(
    report: Report, action: ReportAction, *, shown: Collection[int] | None = None
) -> list[Observation]:
    """Make the values of a report observations in force, and ask for the verdicts that they change.

    Call it in the transaction of the step, after the new state of the report was stored: that locks
    the data version, so that of two publications the second sees what the first wrote. What is
    empty, declared as not known, or in force already with the same numbers, adds nothing; of a
    sample nothing does. `shown`: ids of the values from elsewhere that the publisher saw would be
    replaced; another one raises StandingValuesError. None leaves that check out.
    """
    items = [] if report.sample else list(_publishable(report))
    if not items:
        return []
    standing = _standing(report, items, lock=True)
    if shown is not None:
        unseen = {one.observation.pk for one in _replaced(items, standing)} - set(shown)
        if unseen:
            raise StandingValuesError
    fresh = [item for item in items if not _same(item, standing.get(_place(item)))]
    if not fresh:
        return []
    now, today = timezone.now(), timezone.localdate()
    replaced = [one.pk for item in fresh if (one := standing.get(_place(item))) is not None]
    Observation.objects.filter(pk__in=replaced).update(superseded_at=now)
    source = _source(report, today)
    made = Observation.objects.bulk_create(
        _observation(item, report, source, now=now, today=today) for item in fresh
    )
    Publication.objects.bulk_create(
        Publication(item=item, action=action, observation=observation)
        for item, observation in zip(fresh, made, strict=True)
    )
    ask_for_verdicts()
    return made


def would_replace(report: Report) -> list[Replaced]:
    """The values from elsewhere that publishing the report as it stands would replace."""
    if report.sample:
        return []
    items = list(_publishable(report))
    return _replaced(items, _standing(report, items))


def _publishable(report: Report) -> QuerySet[ReportItem]:
    return (
        report.items.filter(unavailable=False, value__isnull=False)
        .select_related("series", "subject", "indicator")
        .order_by("position")
    )


def _place(item: ReportItem) -> tuple[int, int]:
    """What an item's value is about, within the period of its report."""
    return item.series_id, item.subject_id


def _standing(
    report: Report, items: Sequence[ReportItem], *, lock: bool = False
) -> dict[tuple[int, int], Observation]:
    """The versions in force where the items would go, by series and organisation."""
    rows = Observation.objects.current().filter(
        period=report.cycle.period,
        series__in={item.series_id for item in items},
        organisation__in={item.subject_id for item in items},
    )
    rows = rows.select_related("source").order_by("pk")
    if lock:
        rows = rows.select_for_update(of=("self",))
    return {(row.series_id, row.organisation_id): row for row in rows}


def _replaced(
    items: Iterable[ReportItem], standing: dict[tuple[int, int], Observation]
) -> list[Replaced]:
    """Of what stands, what no publication of these very items made and says something else."""
    found = [
        Replaced(item.pk, one)
        for item in items
        if (one := standing.get(_place(item))) is not None and not _same(item, one)
    ]
    ours = set(
        Publication.objects.filter(
            observation__in=[one.observation for one in found],
            item__in=[one.item_id for one in found],
        ).values_list("item_id", "observation_id")
    )
    return [one for one in found if (one.item_id, one.observation.pk) not in ours]


def _ratio(item: ReportItem) -> tuple[Decimal | None, Decimal | None]:
    """Numerator and denominator where both are known: an observation has both or none."""
    if item.numerator is None or item.denominator is None:
        return None, None
    return item.numerator, item.denominator


def _same(item: ReportItem, one: Observation | None) -> bool:
    """Whether what stands says what the item says, to the public."""
    return (
        one is not None
        and one.state == Observation.State.PUBLISHED
        and one.value == item.value
        and (one.numerator, one.denominator) == _ratio(item)
    )


def _observation(
    item: ReportItem, report: Report, source: Source, *, now: dt.datetime, today: dt.date
) -> Observation:
    cycle = report.cycle
    numerator, denominator = _ratio(item)
    return Observation(
        series=item.series,
        organisation=item.subject,
        period=cycle.period,
        period_start=cycle.data_from,
        period_end=cycle.data_to,
        year=cycle.data_to.year,
        value=item.value or Decimal(0),  # `_publishable` leaves out what has none
        numerator=numerator,
        denominator=denominator,
        published_on=today,
        known_on=today,
        recorded_at=now,
        state=Observation.State.PUBLISHED,
        source=source,
        caveat_vi=item.note,
    )


def _source(report: Report, today: dt.date) -> Source:
    """The report as a source: one row for all its editions."""
    name_vi, _name_en = names_of(report.organisation)
    with translation.override(settings.LANGUAGE_CODE):
        title = gettext("Báo cáo %(duty)s kỳ %(period)s của %(organisation)s") % {
            "duty": report.cycle.duty.name_vi,
            "period": wording.period(report.cycle.period),
            "organisation": name_vi,
        }
    source, _created = Source.objects.get_or_create(
        title=title,
        url=report.get_absolute_url(),
        publisher=name_vi,
        defaults={"retrieved_on": today},
    )
    return source
