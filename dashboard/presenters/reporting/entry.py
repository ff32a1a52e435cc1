"""The page of one report: what it owes, row by row, with all that helps to fill it in."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db.models import Prefetch
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboard import formatting
from dashboard.components import Crumb
from dashboard.formatting import localised
from dashboard.presenters.reporting import cells
from dashboard.presenters.reporting.cells import Answer, Choice, Field
from dashboard.presenters.reporting.outlooks import OutlookView, outlook_view
from targets import wording
from targets.lineage import Lineage
from targets.models import Evidence, Indicator, Organisation, Report, ReportAction, ReportItem, Unit
from targets.permissions import allowed
from targets.reporting.checking import Finding, findings
from targets.reporting.entering import held
from targets.reporting.history import History, Track, histories
from targets.reporting.preview import outlooks
from targets.reporting.texts import is_answered, texts_of

#: How many past years stand beside a cell.
YEARS = 4


@dataclass(frozen=True, slots=True)
class YearView:
    """One past value; `computed` from all predecessors."""

    period: str
    value: str
    computed: bool = False


@dataclass(frozen=True, slots=True)
class TrackView:
    """Past values of one source; `name` is "" for what the report itself continues."""

    name: str
    years: Sequence[YearView]


@dataclass(frozen=True, slots=True)
class Row:
    """One cell with its surroundings."""

    item: ReportItem
    name: str
    url: str
    unit: str
    whose: str
    inherited: str
    definition: str
    aggregation: str
    tracks: Sequence[TrackView]
    fields: Sequence[Field]
    choices: Sequence[Choice]
    unavailable: bool
    note: str
    saved: str
    outlook: OutlookView
    findings: Sequence[Finding]
    remark: str
    evidence: Sequence[Evidence]
    filled: bool
    answer: Answer | None = None

    @property
    def pk(self) -> int:
        return self.item.pk

    @property
    def ratio(self) -> bool:
        return len(self.fields) > 1


@dataclass(frozen=True, slots=True)
class Group:
    """The rows of one pillar."""

    code: str
    title: str
    rows: Sequence[Row]

    @property
    def filled(self) -> int:
        return sum(row.filled for row in self.rows)


@dataclass(frozen=True, slots=True)
class Listed:
    """One finding in the list that jumps to its cell; `item` None: about the report."""

    finding: Finding
    name: str
    item: int | None


@dataclass(frozen=True, slots=True)
class EntryPage:
    """All of the page."""

    report: Report
    title: str
    crumbs: Sequence[Crumb]
    organisation: str
    cycle: str
    due: str
    late: bool
    closed: bool
    editable: bool
    can: frozenset[str]
    groups: Sequence[Group]
    listed: Sequence[Listed]
    returned: str
    returned_by: str
    last_action: int

    @property
    def total(self) -> int:
        return sum(len(group.rows) for group in self.groups)

    @property
    def filled(self) -> int:
        return sum(group.filled for group in self.groups)

    @property
    def missing(self) -> list[Row]:
        return [row for group in self.groups for row in group.rows if not row.filled]

    @property
    def errors(self) -> int:
        return sum(one.finding.severity == "error" for one in self.listed)

    @property
    def warnings(self) -> int:
        return sum(one.finding.needs_reason for one in self.listed)


def entry_page(
    report: Report, reader: User, *, today: dt.date, answers: Mapping[int, Answer] | None = None
) -> EntryPage:
    """The page for a reader; `answers` are those of cells that were just posted without script."""
    items = _items(report)
    lineage = Lineage()
    found = findings(report, today=today)
    by_item: dict[int | None, list[Finding]] = defaultdict(list)
    for finding in found:
        by_item[finding.item_id].append(finding)
    past = histories(items, lineage, today)
    typed = {item.pk: item.value for item in items}
    means = outlooks(items, typed, cycle=report.cycle, today=today)
    action = _last_action(report)
    remarks = _remarks(action)
    rows = [
        _row(
            item,
            history=past[item.pk],
            outlook=outlook_view(
                item, means[item.pk], report.cycle.data_to.year, typed=item.value is not None
            ),
            found=by_item[item.pk],
            remark=remarks.get(item.pk, ""),
            answer=(answers or {}).get(item.pk),
            lineage=lineage,
            report=report,
            today=today,
        )
        for item in items
    ]
    organisation = localised(lineage.name_on(report.organisation_id, today), "name")
    cycle = f"{localised(report.cycle.duty, 'name')}, {formatting.period(report.cycle.period)}"
    names = {row.pk: row.name for row in rows}
    # Cells that nobody has been to are counted as missing, not listed as mistakes.
    touched = {item.pk for item in items if item.version}
    returned = action if action is not None and report.state == Report.State.RETURNED else None
    return EntryPage(
        report=report,
        title=_("Báo cáo của %(organisation)s") % {"organisation": organisation},
        crumbs=(Crumb(_("Báo cáo"), reverse("report-list")), Crumb(organisation)),
        organisation=organisation,
        cycle=cycle,
        due=_due(report, today),
        late=report.cycle.due_on < today and report.first_submitted_at is None,
        closed=report.cycle.closed_on is not None and report.cycle.closed_on <= today,
        editable=allowed(reader, "targets.enter_report", report),
        can=frozenset(
            kind for kind, permission in _STEPS.items() if allowed(reader, permission, report)
        ),
        groups=_groups(rows),
        listed=[
            Listed(one, names.get(one.item_id or 0, _("Cả báo cáo")), one.item_id)
            for one in sorted(found, key=lambda one: (not one.blocks, one.severity))
            if one.check != "required" or one.item_id in touched
        ],
        returned=returned.reason if returned else "",
        returned_by=cells.person(returned.by) if returned else "",
        last_action=action.pk if action else 0,
    )


_STEPS = {
    "submit": "targets.submit_report",
    "withdraw": "targets.withdraw_report",
    "review": "targets.view_report",
}


def _items(report: Report) -> list[ReportItem]:
    kept = Evidence.objects.filter(removed_at=None).select_related("file").defer("file__content")
    rows = report.items.select_related(
        "indicator__unit", "indicator__pillar", "series", "subject", "entered_by"
    ).prefetch_related(Prefetch("evidence", queryset=kept, to_attr="kept"))
    return list(rows.order_by("indicator__pillar__position", "position"))


def _last_action(report: Report) -> ReportAction | None:
    return report.actions.select_related("by").prefetch_related("remarks").order_by("-pk").first()


def _remarks(action: ReportAction | None) -> dict[int, str]:
    """What was said of each cell when the report came back."""
    if action is None or action.kind != ReportAction.Kind.RETURN:
        return {}
    return {remark.item_id: remark.text for remark in action.remarks.all()}


def _groups(rows: Iterable[Row]) -> list[Group]:
    by_pillar: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_pillar[row.item.indicator.pillar.code].append(row)
    return [
        Group(code, localised(members[0].item.indicator.pillar, "name"), members)
        for code, members in by_pillar.items()
    ]


def _row(
    item: ReportItem,
    *,
    history: History,
    outlook: OutlookView,
    found: Sequence[Finding],
    remark: str,
    answer: Answer | None,
    lineage: Lineage,
    report: Report,
    today: dt.date,
) -> Row:
    indicator = item.indicator
    stored = held(item)
    texts = texts_of(stored.typed)
    if answer is not None and answer.texts is not None:
        texts = cells.from_fields(answer.texts)

    def name(organisation_id: int) -> str:
        return localised(lineage.name_on(organisation_id, today), "short")

    return Row(
        item=item,
        name=localised(indicator, "name"),
        url=reverse("indicator", args=[indicator.code]),
        unit=unit_words(indicator.unit),
        whose=""
        if item.subject_id == report.organisation_id
        else _("Số của cả nước")
        if item.subject.kind == Organisation.Kind.COUNTRY
        else name(item.subject_id),
        inherited=""
        if item.inherited_from_id is None
        else _("Kế thừa của %(name)s") % {"name": name(item.inherited_from_id)},
        definition=localised(indicator, "definition"),
        aggregation=_("Giá trị = tử số / mẫu số")
        if indicator.aggregation == Indicator.Aggregation.RATIO
        else "",
        tracks=_tracks(history, indicator.unit, name),
        fields=cells.fields(texts, indicator, item.value),
        choices=cells.stages() if indicator.unit.kind == Unit.Kind.STAGE else (),
        unavailable=texts.unavailable,
        note=texts.note,
        saved=cells.saved_line(stored),
        outlook=outlook,
        findings=found,
        remark=remark,
        evidence=getattr(item, "kept", ()),
        filled=is_answered(item),
        answer=answer,
    )


def unit_words(unit: Unit) -> str:
    """The unit of a cell, so that nobody has to guess: `%`, `hạng`, `tổ chức`."""
    if unit.kind == Unit.Kind.STAGE:
        return _("mốc, 0 đến 100")
    name, symbol = localised(unit, "name"), localised(unit, "symbol")
    return symbol if symbol and symbol != name and len(name) > len(symbol) else name


def _tracks(history: History, unit: Unit, name: Callable[[int], str]) -> list[TrackView]:
    tracks = []
    if history.own is not None:
        tracks.append(_track("", history.own, unit))
    if history.official is not None:
        series = history.official.series
        publisher = localised(series, "publisher")
        tracks.append(_track(_("Chính thức: %(who)s") % {"who": publisher}, history.official, unit))
    tracks += [_track(name(track.organisation_id), track, unit) for track in history.apart]
    return tracks


def _track(name: str, track: Track, unit: Unit) -> TrackView:
    return TrackView(
        name,
        [
            YearView(
                formatting.period(year.period),
                formatting.quantity(year.value, unit, trim=True),
                year.computed,
            )
            for year in reversed(track.years[-YEARS:])
        ],
    )


def _due(report: Report, today: dt.date) -> str:
    """`Hạn 14/12/2026, còn 22 ngày`."""
    due = report.cycle.due_on
    words = {"day": wording.day(due)}
    if report.first_submitted_at is not None:
        return _("Hạn %(day)s") % words
    left = (due - today).days
    if left == 0:
        return _("Hạn hôm nay, %(day)s") % words
    count = abs(left)
    if left < 0:
        text = ngettext(
            "Hạn %(day)s, đã quá %(count)s ngày", "Hạn %(day)s, đã quá %(count)s ngày", count
        )
    else:
        text = ngettext("Hạn %(day)s, còn %(count)s ngày", "Hạn %(day)s, còn %(count)s ngày", count)
    return text % {**words, "count": count}
