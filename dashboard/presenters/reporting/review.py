"""The page on which a report is approved, returned, verified and published."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db.models import Prefetch
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboard import formatting
from dashboard.components import Crumb, Event, Fact
from dashboard.formatting import localised
from dashboard.presenters.reporting import cells
from dashboard.presenters.reporting.outlooks import OutlookView, outlook_view
from targets.lineage import Lineage
from targets.models import Evidence, Organisation, Report, ReportAction, ReportItem
from targets.people import full_name
from targets.permissions import allowed
from targets.reporting.checking import Finding, findings
from targets.reporting.entering import held
from targets.reporting.history import History, histories
from targets.reporting.preview import Outlook, outlooks
from targets.reporting.publishing import Replaced, would_replace
from targets.reporting.steps import STEPS, Kind
from targets.reporting.texts import is_answered
from targets.reporting.weighing import jump


@dataclass(frozen=True, slots=True)
class Typed:
    """What the reader has typed in the form, to stand there again where it was not taken."""

    reason: str = ""
    remarks: Mapping[int, str] | None = None


@dataclass(frozen=True, slots=True)
class Reviewed:
    """One value with all that helps to judge it; "" where there is nothing to say."""

    pk: int
    name: str
    url: str
    whose: str
    value: str
    empty: bool
    before: str
    before_period: str
    change: str
    note: str
    entered: str
    evidence: Sequence[Evidence]
    findings: Sequence[Finding]
    outlook: OutlookView
    changed: int
    replaces: str
    earlier_remark: str
    remark: str


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """All of the page; `can` holds the steps that the reader may take now."""

    report: Report
    title: str
    crumbs: Sequence[Crumb]
    kicker: str
    sentence: str
    facts: Sequence[Fact]
    can: frozenset[str]
    items: Sequence[Reviewed]
    history: Sequence[Event]
    seen: int
    shown: Sequence[int]
    replaced: int
    reason: str

    @property
    def returnable(self) -> bool:
        return "return" in self.can


def review_page(
    report: Report, reader: User, *, today: dt.date, typed: Typed | None = None
) -> ReviewPage:
    """The page for a reader; the report has organisation, cycle and duty joined."""
    items = _items(report)
    lineage = Lineage()
    by_item: dict[int | None, list[Finding]] = defaultdict(list)
    for finding in findings(report, today=today):
        by_item[finding.item_id].append(finding)
    past = histories(items, lineage, today)
    means = outlooks(
        items, {item.pk: item.value for item in items}, cycle=report.cycle, today=today
    )
    actions = list(report.actions.select_related("by").prefetch_related("remarks"))
    remarks = _earlier_remarks(actions)
    waiting = report.state != Report.State.PUBLISHED
    replaced = {one.item_id: one for one in would_replace(report)} if waiting else {}
    typed = typed or Typed()
    organisation = localised(lineage.name_on(report.organisation_id, today), "name")
    return ReviewPage(
        report=report,
        title=_("Xem xét báo cáo của %(organisation)s") % {"organisation": organisation},
        crumbs=(
            Crumb(_("Báo cáo"), reverse("report-list")),
            Crumb(organisation, report.get_absolute_url()),
            Crumb(_("Xem xét")),
        ),
        kicker=f"{localised(report.cycle.duty, 'name')}, {formatting.period(report.cycle.period)}",
        sentence=_sentence(organisation, items),
        facts=_facts(report, actions, by_item, means),
        can=frozenset(
            kind.value for kind, step in STEPS.items() if allowed(reader, step.permission, report)
        ),
        items=[
            _reviewed(
                item,
                report,
                history=past[item.pk],
                outlook=means[item.pk],
                found=by_item[item.pk],
                replaced=replaced.get(item.pk),
                earlier=remarks.get(item.pk, ""),
                typed=(typed.remarks or {}).get(item.pk, ""),
                lineage=lineage,
                today=today,
            )
            for item in items
        ],
        history=[_event(action) for action in reversed(actions)],
        seen=actions[-1].pk if actions else 0,
        shown=[one.observation.pk for one in replaced.values()],
        replaced=len(replaced),
        reason=typed.reason,
    )


def _items(report: Report) -> list[ReportItem]:
    kept = Evidence.objects.filter(removed_at=None).select_related("file").defer("file__content")
    rows = report.items.select_related(
        "indicator__unit", "indicator__pillar", "series", "subject", "entered_by"
    ).prefetch_related(Prefetch("evidence", queryset=kept, to_attr="kept"))
    return list(rows.order_by("indicator__pillar__position", "position"))


def _earlier_remarks(actions: Sequence[ReportAction]) -> dict[int, str]:
    """What the last return said of single cells, by item."""
    returns = [action for action in actions if action.kind == ReportAction.Kind.RETURN]
    return {one.item_id: one.text for one in returns[-1].remarks.all()} if returns else {}


def _sentence(organisation: str, items: Sequence[ReportItem]) -> str:
    answered = sum(is_answered(item) for item in items)
    return ngettext(
        "%(organisation)s báo cáo %(answered)s trên %(count)s chỉ tiêu",
        "%(organisation)s báo cáo %(answered)s trên %(count)s chỉ tiêu",
        len(items),
    ) % {"organisation": organisation, "answered": answered, "count": len(items)}


def _facts(
    report: Report,
    actions: Sequence[ReportAction],
    found: Mapping[int | None, Sequence[Finding]],
    means: Mapping[int, Outlook],
) -> list[Fact]:
    facts = [Fact(_("Hạn"), formatting.day(report.cycle.due_on))]
    for kind, term in (
        (Kind.SUBMIT, _("Gửi duyệt")),
        (Kind.APPROVE, _("Phê duyệt")),
        (Kind.PUBLISH, _("Công bố")),
    ):
        last = next((one for one in reversed(actions) if one.kind == kind), None)
        if last is not None:
            facts.append(Fact(term, full_name(last.by), note=formatting.moment(last.at)))
    reasons = sum(bool(one.reason) for listed in found.values() for one in listed)
    open_ones = sum(one.blocks for listed in found.values() for one in listed)
    told = []
    if open_ones:
        told.append(
            ngettext("%(count)s chưa xử lý", "%(count)s chưa xử lý", open_ones)
            % {"count": open_ones}
        )
    if reasons:
        told.append(
            ngettext("%(count)s đã giải thích", "%(count)s đã giải thích", reasons)
            % {"count": reasons}
        )
    if told:
        facts.append(Fact(_("Lỗi, cảnh báo"), ", ".join(told)))
    changed = sum(map(_changed, means.values()))
    if not report.sample and report.state != Report.State.PUBLISHED:
        facts.append(
            Fact(
                _("Nếu công bố"),
                ngettext(
                    "%(count)s mục tiêu đổi trạng thái",
                    "%(count)s mục tiêu đổi trạng thái",
                    changed,
                )
                % {"count": changed},
            )
        )
    return facts


def _changed(outlook: Outlook) -> int:
    """How many targets would have another status."""
    return sum(one.now.status != one.then.status for one in outlook.meanings)


def _reviewed(
    item: ReportItem,
    report: Report,
    *,
    history: History,
    outlook: Outlook,
    found: Sequence[Finding],
    replaced: Replaced | None,
    earlier: str,
    typed: str,
    lineage: Lineage,
    today: dt.date,
) -> Reviewed:
    indicator, unit, year = item.indicator, item.indicator.unit, report.cycle.data_to.year
    leap = jump(item.value, indicator, history, year)
    described = cells.described(held(item).typed, unit)
    whose = ""
    if item.subject.kind == Organisation.Kind.COUNTRY:
        whose = _("Số của cả nước")
    elif item.subject_id != report.organisation_id:
        whose = localised(lineage.name_on(item.subject_id, today), "name")
    return Reviewed(
        pk=item.pk,
        name=localised(indicator, "name"),
        url=reverse("indicator", args=[indicator.code]),
        whose=whose,
        value=described,
        empty=item.value is None,
        before=formatting.quantity(leap.before.value, unit, trim=True) if leap else "",
        before_period=formatting.period(leap.before.period) if leap else "",
        change=formatting.difference(leap.change, unit) if leap and leap.change else "",
        note=item.note,
        entered=_("%(who)s nhập lúc %(when)s")
        % {"who": cells.person(item.entered_by), "when": formatting.moment(item.entered_at)}
        if item.entered_by
        else "",
        evidence=getattr(item, "kept", ()),
        findings=found,
        outlook=outlook_view(item, outlook, year, typed=item.value is not None),
        changed=_changed(outlook),
        replaces=_replaces(replaced, item) if replaced else "",
        earlier_remark=earlier,
        remark=typed,
    )


def _replaces(replaced: Replaced, item: ReportItem) -> str:
    one = replaced.observation
    return _("Công bố sẽ thay %(value)s, lấy từ “%(source)s” (ghi nhận %(day)s).") % {
        "value": formatting.quantity(one.value, item.indicator.unit, trim=True),
        "source": one.source.title,
        "day": formatting.day(one.recorded_at),
    }


def _event(action: ReportAction) -> Event:
    count = len(action.remarks.all())
    note = action.reason
    if count and action.reason:
        note = ngettext(
            "%(reason)s (%(count)s ghi chú ở chỉ tiêu)",
            "%(reason)s (%(count)s ghi chú ở chỉ tiêu)",
            count,
        ) % {"reason": action.reason, "count": count}
    edition = (
        "" if action.edition == 1 else " · " + _("bản %(number)s") % {"number": action.edition}
    )
    return Event(
        when=formatting.moment(action.at),
        text=f"{action.get_kind_display()}: {full_name(action.by)}{edition}",
        note=note,
    )
