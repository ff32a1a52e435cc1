"""Which run of which source brought a value."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Final

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from dashboard import formatting
from dashboard.formatting import localised
from targets.models import SourceRun

#: By the id of a run: words that lead to the page of its source.
Brought = Mapping[int, SafeString]
NOTHING_BROUGHT: Final[Brought] = MappingProxyType({})


def brought_by(runs: Collection[int]) -> Brought:
    """For values that runs brought: by which source and when (one query, none for no runs)."""
    if not runs:
        return NOTHING_BROUGHT
    rows = SourceRun.objects.filter(pk__in=runs).select_related("data_source")
    rows = rows.only(
        "started_at", "kind", "data_source__slug", "data_source__name_vi", "data_source__name_en"
    )
    return {run.pk: _brought(run) for run in rows}


def _brought(run: SourceRun) -> SafeString:
    pushed = run.kind == SourceRun.Kind.PUSH
    text = _("gửi đến %(when)s qua") if pushed else _("lấy %(when)s từ")
    return format_html(
        '{} <a href="{}">{}</a>',
        text % {"when": formatting.moment(run.started_at)},
        run.data_source.get_absolute_url(),
        localised(run.data_source, "name"),
    )
