"""The thresholds of a cell, and what the value in it would mean for the verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from dashboard import formatting
from dashboard.formatting import localised
from dashboard.presenters.common import Links, badges_of, clause_of, title_of, write
from targets.assessment_text import reason_sentence
from targets.models import ReportItem
from targets.reporting.preview import Meaning, Outlook, Verdict


@dataclass(frozen=True, slots=True)
class ThresholdView:
    """One threshold: what is demanded, by which clause, and the verdict.

    `before` is the status by what is published, "" where the value typed changes nothing of it.
    `reason` is "" except at the threshold that the cell speaks of.
    """

    demand: str
    clause: str
    url: str
    status: str
    before: str
    reason: str
    badges: Sequence[str]
    title: str = ""


@dataclass(frozen=True, slots=True)
class OutlookView:
    """All thresholds of a cell; `typed` says whether a value was judged or what is published.

    `beside` explains, where it is so, why the value decides nothing.
    """

    typed: bool
    thresholds: Sequence[ThresholdView]
    beside: str = ""


def outlook_view(item: ReportItem, outlook: Outlook, year: int, *, typed: bool) -> OutlookView:
    """`year`: that of the cell's value. `typed`: whether there is one."""
    to = Links()
    lead = _lead(outlook.meanings, year)
    several = len({title_of(one.target) for one in outlook.meanings}) > 1
    return OutlookView(
        typed=typed and outlook.counts,
        thresholds=[
            _threshold(one, to, speaks=one is lead, named=several) for one in outlook.meanings
        ],
        beside=""
        if outlook.counts or not outlook.meanings
        else _("Kết luận dựa trên một nguồn chính thức khác; số này được nêu bên cạnh."),
    )


def _lead(meanings: Sequence[Meaning], year: int) -> Meaning | None:
    """The next one due of those that bind, else the last of them, else the first of all."""
    binding = [one for one in meanings if one.binds]
    ahead = [one for one in binding if (one.target.due_year or year) >= year]
    return next(iter(ahead or binding[-1:] or meanings), None)


def _threshold(one: Meaning, to: Links, *, speaks: bool, named: bool) -> ThresholdView:
    target = one.target
    badges = badges_of(target)
    return ThresholdView(
        demand=formatting.demand(target),
        clause=clause_of(target),
        url=to.target(target),
        status=one.then.status,
        before="" if one.now.status == one.then.status else one.now.status,
        reason=_reason(one, one.then) if speaks else "",
        badges=badges,
        title=title_of(target) if named else "",
    )


def _reason(one: Meaning, verdict: Verdict) -> str:
    indicator = one.target.indicator
    if verdict.status == "not_measurable" and localised(indicator, "unmeasurable"):
        return localised(indicator, "unmeasurable")
    return reason_sentence(
        verdict.reason_code, verdict.reason_values, lambda value: write(one.target, value)
    )
