"""On the page of an indicator: when its sources were last asked."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import JSONField, OuterRef, Subquery
from django.db.models.functions import JSONObject
from django.utils import timezone
from django.utils.translation import gettext as _

from dashboard.formatting import localised
from dashboard.presenters import provincial
from dashboard.presenters.sources import words
from dashboard.presenters.sources.standing import CHECKED, OPEN, Condition, Standing
from targets.models import DataSource, SeriesMapping, SourceRun


@dataclass(frozen=True, slots=True)
class Check:
    """One series and one source of it: when it was last asked, what came, when it is next."""

    series: str
    source: str
    url: str
    sentence: str
    condition: str
    problem: str
    following: str
    synthetic: bool


def checks_of(code: str) -> list[Check]:
    """The last check of every series of an indicator that is pulled (one query)."""
    now = timezone.now()
    runs = SourceRun.objects.filter(data_source=OuterRef("data_source")).exclude(
        kind=SourceRun.Kind.TRIAL
    )
    newest = ("-started_at", "-pk")
    checked = runs.filter(status__in=CHECKED).order_by(*newest)
    mappings = (
        SeriesMapping.objects.filter(series__indicator__code=code)
        .select_related("series__indicator", "data_source")
        .defer("data_source__options", "data_source__mapping", "where")
        .annotate(
            last_status=Subquery(
                runs.exclude(status__in=OPEN).order_by(*newest).values("status")[:1]
            ),
            checked_at=Subquery(checked.values("finished_at")[:1]),
            brought=Subquery(
                checked.values(numbers=JSONObject(added="added", revised="revised", held="held"))[
                    :1
                ],
                output_field=JSONField(),
            ),
        )
        .order_by("-series__official", "series__code", "data_source__slug")
    )
    return [_check(mapping, now) for mapping in mappings]


def _check(mapping: Any, now: dt.datetime) -> Check:
    source: DataSource = mapping.data_source
    standing = Standing(
        source=source,
        condition=_condition(mapping, now),
        last_id=None,
        checked_at=mapping.checked_at,
        open_run=None,
        waiting=0,
    )
    return Check(
        series=provincial.series_title(mapping.series),
        source=localised(source, "name"),
        url=source.get_absolute_url(),
        sentence=_sentence(mapping),
        condition=standing.condition,
        problem=standing.note(now)
        or (_("Lượt gần nhất thất bại") if standing.condition == Condition.FAILING else ""),
        following=_("Lượt tới: %(when)s.") % {"when": standing.next_words(now)},
        synthetic=source.synthetic,
    )


def _condition(mapping: Any, now: dt.datetime) -> Condition:
    source: DataSource = mapping.data_source
    if not source.enabled:
        return Condition.OFF
    if source.paused_until and source.paused_until > now:
        return Condition.PAUSED
    if mapping.last_status == SourceRun.Status.FAILED:
        return Condition.FAILING
    return Condition.FINE if mapping.checked_at else Condition.NEVER


def _sentence(mapping: Any) -> str:
    if mapping.checked_at is None:
        return _("Chưa kiểm tra lần nào. Nguồn:")
    said = {"when": words.when(mapping.checked_at)}
    numbers = mapping.brought
    if numbers["added"] or numbers["revised"]:
        return _("%(when)s; nguồn có số mới. Nguồn:") % said
    if numbers["held"]:
        return _("%(when)s; nguồn có số đang chờ xem xét. Nguồn:") % said
    return _("%(when)s; không có gì mới. Nguồn:") % said
