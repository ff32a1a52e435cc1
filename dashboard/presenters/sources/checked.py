"""On the page of an indicator: when its sources were last asked."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import JSONField, OuterRef, Subquery
from django.db.models.functions import JSONObject
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from dashboard.formatting import localised
from dashboard.presenters import provincial
from dashboard.presenters.sources import words
from dashboard.presenters.sources.standing import CHECKED, OPEN, Condition, Standing
from targets.models import DataSource, SeriesMapping, SourceRun

_TOLD: Final = frozenset({Condition.FAILING, Condition.PAUSED, Condition.OFF})


@dataclass(frozen=True, slots=True)
class Check:
    """One series and one source of it: when it was last asked, what came, when it is next."""

    series: str
    sentence: SafeString
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
    runs = runs.order_by("-started_at")
    checked = runs.filter(status__in=CHECKED)
    mappings = (
        SeriesMapping.objects.filter(series__indicator__code=code)
        .select_related("series__indicator", "data_source")
        .defer("data_source__options", "data_source__mapping", "where")
        .annotate(
            last_status=Subquery(runs.exclude(status__in=OPEN).values("status")[:1]),
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
        sentence=_sentence(mapping),
        condition=standing.condition,
        problem=standing.word if standing.condition in _TOLD else "",
        following=_("Lượt tới: %(when)s") % {"when": standing.next_words(now)},
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


def _sentence(mapping: Any) -> SafeString:
    source: DataSource = mapping.data_source
    said = {
        "when": words.when(mapping.checked_at),
        "source": format_html(
            '<a href="{}">{}</a>', source.get_absolute_url(), localised(source, "name")
        ),
    }
    numbers = mapping.brought or {"added": 0, "revised": 0, "held": 0}
    if mapping.checked_at is None:
        text = _("Chưa kiểm tra lần nào, nguồn {source}.")
    elif numbers["added"] or numbers["revised"]:
        text = _("Kiểm tra lần cuối: {when}, nguồn {source}; nguồn có số mới.")
    elif numbers["held"]:
        text = _("Kiểm tra lần cuối: {when}, nguồn {source}; có số đang chờ xem xét.")
    else:
        text = _("Kiểm tra lần cuối: {when}, nguồn {source}; không có gì mới.")
    return format_html(text, **said)
