"""Values that wait, or waited, as rows: the standing one and the new one side by side."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from dashboard import formatting
from dashboard.formatting import localised
from dashboard.naming import short_names
from dashboard.presenters import provincial
from dashboard.presenters.sources import words
from dashboard.presenters.sources.reasons import Bounds, reason_words
from targets.models import HeldValue
from targets.people import full_name


@dataclass(frozen=True, slots=True)
class HeldRow:
    """One held value. `standing` is "" where there is none; `stale`: it was replaced meanwhile."""

    pk: int
    name: str
    indicator: str
    url: str
    series: str
    organisation: str
    period: str
    new: str
    new_note: str
    standing: str
    standing_note: str
    stale: bool
    difference: str
    previous: str
    reasons: Sequence[str]
    state: str
    state_word: str
    decided: str
    synthetic: bool


def with_all(held: QuerySet[HeldValue]) -> QuerySet[HeldValue]:
    """The values with what a row of each shows, in one query."""
    return held.select_related(
        "data_source", "series", "indicator__unit", "standing__source", "run", "decided_by"
    ).defer("data_source__options", "data_source__mapping", "run__preview", "run__rejections")


def held_rows(found: Iterable[HeldValue]) -> list[HeldRow]:
    """The rows of these values (two queries at most)."""
    values = list(found)
    if not values:
        return []
    bounds = Bounds()
    names = short_names({value.organisation_id for value in values})
    return [_row(value, names[value.organisation_id], bounds) for value in values]


def _row(held: HeldValue, organisation: str, bounds: Bounds) -> HeldRow:
    unit = held.indicator.unit
    indicator = localised(held.indicator, "name")
    period = formatting.period(held.period)
    standing = held.standing
    return HeldRow(
        pk=held.pk,
        name=", ".join((indicator, organisation, period)),
        indicator=indicator,
        url=reverse("indicator", args=[held.indicator.code]),
        series=provincial.series_title(held.series),
        organisation=organisation,
        period=period,
        new=formatting.quantity(held.value, unit, trim=True),
        new_note=_edition(held),
        standing=formatting.quantity(standing.value, unit, trim=True) if standing else "",
        standing_note=standing.source.title if standing else "",
        stale=standing is not None
        and standing.superseded_at is not None
        and held.state == HeldValue.State.WAITING,
        difference=formatting.difference(held.value - standing.value, unit) if standing else "",
        previous=""
        if held.previous is None
        else formatting.quantity(held.previous, unit, trim=True),
        reasons=reason_words(held, bounds),
        state=held.state,
        state_word=str(held.get_state_display()),
        decided=_decided(held),
        synthetic=held.data_source.synthetic,
    )


def _edition(held: HeldValue) -> str:
    """Numerator over denominator and the publisher's edition, where there are any."""
    parts = []
    if held.numerator is not None and held.denominator is not None:
        share = (formatting.number(held.numerator), formatting.number(held.denominator))
        parts.append(f"{formatting.NO_BREAK_SPACE}/{formatting.NO_BREAK_SPACE}".join(share))
    if held.published_on:
        parts.append(_("công bố %(day)s") % {"day": formatting.day(held.published_on)})
    if held.vintage:
        parts.append(_("ấn bản %(vintage)s") % {"vintage": held.vintage})
    return "; ".join(parts)


def _decided(held: HeldValue) -> str:
    """Who decided when and why; "" where nobody did."""
    if held.decided_by is None or held.decided_at is None:
        return ""
    said = {
        "what": held.get_state_display(),
        "who": full_name(held.decided_by),
        "when": words.when(held.decided_at),
    }
    text = _("%(what)s: %(who)s, %(when)s") % said
    return f"{text} “{held.decision_note}”" if held.decision_note else text
