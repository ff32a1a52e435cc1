"""The template of a report, with all texts and numbers as the reader's language writes them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Final

from django.core import signing
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from dashboard import formatting
from dashboard.formatting import localised
from dashboard.presenters.reporting import cells
from dashboard.presenters.reporting.entry import unit_words
from targets.lineage import Lineage
from targets.models import Indicator, Report, ReportItem, Unit
from targets.reporting import mark
from targets.reporting.entering import held
from targets.reporting.history import History, Year, histories
from targets.reporting.preview import Outlook, outlooks
from targets.reporting.rows import keys_of
from targets.reporting.texts import text_of
from targets.reporting.workbook import Line, Template

#: Past years that the file shows, and demands of one indicator.
YEARS: Final = 3
DEMANDS: Final = 3


def template(report: Report, *, today: dt.date, readonly: bool) -> Template:
    """What the file shows; a fixed number of queries."""
    items = list(
        report.items.select_related(
            "indicator__unit", "indicator__pillar", "series", "subject", "entered_by"
        ).order_by("indicator__pillar__position", "position")
    )
    lineage = Lineage()
    past = histories(items, lineage, today)
    means = outlooks(items, {}, cycle=report.cycle, today=today)
    keys = keys_of(items)
    years = _years(past, report.cycle.data_to.year)
    groups: dict[str, list[Line]] = {}
    for item in items:
        heading = localised(item.indicator.pillar, "name")
        line = _line(item, keys[item.pk], past[item.pk], means[item.pk], years)
        groups.setdefault(heading, []).append(line)
    organisation = localised(lineage.name_on(report.organisation_id, today), "name")
    period = formatting.period(report.cycle.period)
    return Template(
        title=_("Báo cáo của %(organisation)s") % {"organisation": organisation},
        subtitle=f"{localised(report.cycle.duty, 'name')}, {period}",
        due=_("Số liệu từ %(first)s đến %(last)s. Hạn nộp: %(due)s.")
        % {
            "first": formatting.day(report.cycle.data_from),
            "last": formatting.day(report.cycle.data_to),
            "due": formatting.day(report.cycle.due_on),
        },
        language=get_language() or "vi",
        sample=report.sample,
        years=[str(year) for year in years],
        groups=list(groups.items()),
        mark=mark.sign(report.pk, report.edition, {keys[item.pk]: held(item) for item in items}),
        short_mark=signing.dumps([report.pk, report.edition], salt="thuocdo.template"),
        readonly=readonly,
    )


def _years(past: Mapping[int, History], until: int) -> list[int]:
    """The last years with a value of any row, oldest first."""
    known = {
        year.year for history in past.values() for year in _known(history) if year.year < until
    }
    return sorted(known)[-YEARS:]


def _known(history: History) -> Sequence[Year]:
    track = history.own or history.official
    return track.years if track else ()


def _line(
    item: ReportItem, key: str, history: History, outlook: Outlook, years: Sequence[int]
) -> Line:
    indicator = item.indicator
    ratio = indicator.aggregation == Indicator.Aggregation.RATIO
    halves = ratio and item.numerator is not None and item.denominator is not None
    track = history.own or history.official
    past = {
        str(year.year): formatting.quantity(year.value, indicator.unit, trim=True)
        for year in (track.years if track else ())
        if year.year in years
    }
    stage = indicator.unit.kind == Unit.Kind.STAGE
    choices = [choice.text for choice in cells.stages() if choice.value] if stage else []
    value = "" if halves else text_of(item.value)
    if stage and item.value is not None:
        value = next(
            (one.text for one in cells.stages() if one.value == text_of(item.value)), value
        )
    return Line(
        key=key,
        name=localised(indicator, "name"),
        unit=unit_words(indicator.unit),
        demand=_demands(outlook),
        definition=localised(indicator, "definition"),
        past=past,
        ratio=ratio,
        choices=choices,
        kept={
            "value": value,
            "numerator": text_of(item.numerator),
            "denominator": text_of(item.denominator),
            "note": item.note,
        },
        unavailable=item.unavailable,
    )


def _demands(outlook: Outlook) -> str:
    """What the documents demand, those that bind first: `≥ 80 % vào 2025 (749/QĐ-TTg)`."""
    return "\n".join(
        f"{formatting.demand(meaning.target)} ({localised(meaning.target.document, 'short')})"
        for meaning in outlook.meanings[:DEMANDS]
    )
