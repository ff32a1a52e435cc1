"""The coordinator's queue: reports that wait for publication, and why each stands where it does."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Self
from urllib.parse import urlencode

from django.db.models import F, Max, OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboard import formatting, statuses
from dashboard.components import Chip, ChipGroup, Crumb, Notice
from dashboard.formatting import localised
from dashboard.presenters.common import title_of
from targets.lineage import Lineage
from targets.models import Organisation, Report, ReportAction, ReportingDuty, WarningReason
from targets.reporting.weighing import Weight, weigh

SORTS: Final = ("late", "jump", "effect")
KINDS: Final = ("ministry", "province")
#: Changed verdicts that are named; the rest is counted.
_NAMED = 3


@dataclass(frozen=True, slots=True)
class QueueQuery:
    """What the coordinator wants to see; "" is everything, unknown words count as that."""

    duty: str = ""
    period: str = ""
    kind: str = ""
    sort: str = "late"

    @classmethod
    def parse(cls, request: HttpRequest) -> Self:
        """Read the address; never raises."""
        given = request.GET
        kind, sort = given.get("kind", ""), given.get("sort", "")
        return cls(
            duty=given.get("duty", "")[:80],
            period=given.get("period", "")[:10],
            kind=kind if kind in KINDS else "",
            sort=sort if sort in SORTS else "late",
        )

    def url(self) -> str:
        """The address of this choice."""
        asked = {"duty": self.duty, "period": self.period, "kind": self.kind}
        if self.sort != "late":
            asked["sort"] = self.sort
        query = urlencode({name: text for name, text in asked.items() if text})
        return reverse("review-queue") + (f"?{query}" if query else "")


@dataclass(frozen=True, slots=True)
class Waiting:
    """One report in the queue; `token` is its id and the last action that the reader sees."""

    pk: int
    token: str
    name: str
    url: str
    cycle: str
    sample: bool
    approved: str
    late: str
    jump: str
    effect: str
    reasons: str


@dataclass(frozen=True, slots=True)
class QueuePage:
    """All of the page."""

    title: str
    crumbs: Sequence[Crumb]
    filters: Sequence[ChipGroup]
    rows: Sequence[Waiting]
    empty: Notice
    here: str


def queue_page(query: QueueQuery, today: dt.date) -> QueuePage:
    """The queue as the reader asked for it."""
    waiting = list(_waiting())
    chosen = [report for report in waiting if _fits(report, query)]
    lineage = Lineage()
    weights = weigh(chosen, lineage, today)
    explained = _explained(chosen)
    chosen.sort(key=lambda report: (_rank(weights[report.pk], query.sort), -report.pk))
    chosen.reverse()
    return QueuePage(
        title=ngettext(
            "%(count)s báo cáo chờ kiểm tra và công bố",
            "%(count)s báo cáo chờ kiểm tra và công bố",
            len(chosen),
        )
        % {"count": len(chosen)}
        if chosen
        else _("Không có báo cáo nào chờ kiểm tra"),
        crumbs=(Crumb(_("Báo cáo"), reverse("report-list")), Crumb(_("Chờ duyệt"))),
        filters=_filters(waiting, query),
        rows=[
            _row(report, weights[report.pk], explained[report.pk], lineage, today)
            for report in chosen
        ],
        empty=Notice(
            _("Không có báo cáo nào khớp bộ lọc"),
            action=_("Bỏ bộ lọc"),
            action_url=QueueQuery(sort=query.sort).url(),
        )
        if waiting
        else Notice(
            _("Không có báo cáo nào chờ kiểm tra"),
            _("Báo cáo hiện ở đây khi cơ quan đã phê duyệt."),
        ),
        here=query.url(),
    )


def _waiting() -> QuerySet[Report]:
    approval = (
        ReportAction.objects.filter(report=OuterRef("pk"), kind=ReportAction.Kind.APPROVE)
        .order_by("-pk")
        .values("at")[:1]
    )
    return (
        Report.objects.filter(state=Report.State.APPROVED)
        .select_related("organisation", "cycle__duty")
        .annotate(seen=Max("actions__pk"), approved_at=Subquery(approval))
    )


def _fits(report: Report, query: QueueQuery) -> bool:
    return (
        query.duty in {"", report.cycle.duty.code}
        and query.period in {"", report.cycle.period}
        and query.kind in {"", _kind(report)}
    )


def _kind(report: Report) -> str:
    province = report.organisation.kind == Organisation.Kind.PROVINCE
    return "province" if province else "ministry"


def _rank(weight: Weight, sort: str) -> tuple[float, ...]:
    """The larger the earlier: what was asked for first, the others after it."""
    parts: dict[str, tuple[float, ...]] = {
        "late": (weight.overdue, weight.late),
        "jump": (weight.size,),
        "effect": weight.effect,
    }
    order = [sort, *(one for one in SORTS if one != sort)]
    return tuple(number for one in order for number in parts[one])


def _explained(reports: Sequence[Report]) -> Counter[int]:
    """How many warnings were explained, by report."""
    given = (
        WarningReason.objects.filter(item__report__in=reports, item_version=F("item__version"))
        .values_list("item__report_id", "item_id", "rule_id")
        .distinct()
    )
    return Counter(report for report, _item, _rule in given)


def _filters(waiting: Sequence[Report], query: QueueQuery) -> list[ChipGroup]:
    duties: dict[str, ReportingDuty] = {r.cycle.duty.code: r.cycle.duty for r in waiting}
    periods = sorted({report.cycle.period for report in waiting}, reverse=True)
    kinds = {"ministry": _("Bộ, ngành"), "province": _("Tỉnh, thành phố")}
    sorts = {"late": _("Quá hạn"), "jump": _("Thay đổi lớn"), "effect": _("Đổi trạng thái")}

    def group(label: str, name: str, texts: dict[str, str]) -> ChipGroup:
        return ChipGroup(
            label,
            [
                Chip(
                    text,
                    replace(query, **{name: code}).url(),
                    current=getattr(query, name) == code,
                )
                for code, text in texts.items()
            ],
        )

    everything = {"": _("Tất cả")}
    groups = [group(_("Xếp theo"), "sort", sorts)]
    if len(duties) > 1 or query.duty:
        names = {code: localised(duty, "name") for code, duty in sorted(duties.items())}
        groups.append(group(_("Chế độ"), "duty", everything | names))
    if len(periods) > 1 or query.period:
        texts = {period: formatting.period(period) for period in periods}
        groups.append(group(_("Kỳ"), "period", everything | texts))
    groups.append(group(_("Cơ quan"), "kind", everything | kinds))
    return groups


def _row(
    report: Report, weight: Weight, explained: int, lineage: Lineage, today: dt.date
) -> Waiting:
    seen, approved_at = (getattr(report, name) for name in ("seen", "approved_at"))
    duty = localised(report.cycle.duty, "name")
    return Waiting(
        pk=report.pk,
        token=f"{report.pk}:{seen or 0}",
        name=localised(lineage.name_on(report.organisation_id, today), "name"),
        url=reverse("report-review", args=[report.pk]),
        cycle=f"{duty}, {formatting.period(report.cycle.period)}",
        sample=report.sample,
        approved=_("Cơ quan duyệt lúc %(when)s") % {"when": formatting.moment(approved_at)}
        if approved_at
        else "",
        late=_late(weight, report.cycle.due_on),
        jump=_jump(weight),
        effect=_effect(weight, sample=report.sample),
        reasons=ngettext(
            "%(count)s cảnh báo đã giải thích", "%(count)s cảnh báo đã giải thích", explained
        )
        % {"count": explained}
        if explained
        else "",
    )


def _late(weight: Weight, due: dt.date) -> str:
    if not weight.overdue:
        return _("Trong hạn (%(day)s)") % {"day": formatting.day(due)}
    text = ngettext("Quá hạn %(count)s ngày", "Quá hạn %(count)s ngày", weight.overdue) % {
        "count": weight.overdue
    }
    if not weight.late:
        return _("%(overdue)s, cơ quan nộp đúng hạn") % {"overdue": text}
    late = ngettext(
        "cơ quan nộp trễ %(count)s ngày", "cơ quan nộp trễ %(count)s ngày", weight.late
    ) % {"count": weight.late}
    return f"{text}, {late}"


def _jump(weight: Weight) -> str:
    if weight.leap is None:
        if weight.compared:
            return _("Không có thay đổi so với năm trước")
        return _("Chưa có số năm trước để so sánh")
    item, leap = weight.leap
    unit = item.indicator.unit
    return _("Thay đổi lớn nhất: %(name)s, %(before)s → %(now)s (%(change)s)") % {
        "name": localised(item.indicator, "name"),
        "before": formatting.quantity(leap.before.value, unit, trim=True),
        "now": formatting.quantity(item.value, unit, trim=True),
        "change": formatting.difference(leap.change, unit),
    }


def _effect(weight: Weight, *, sample: bool) -> str:
    if sample:
        return _("Báo cáo mẫu: không tính vào kết luận")
    if not weight.changes:
        return _("Không đổi trạng thái mục tiêu nào")
    text = ngettext(
        "Đổi trạng thái %(count)s mục tiêu", "Đổi trạng thái %(count)s mục tiêu",
        len(weight.changes),
    ) % {"count": len(weight.changes)}  # fmt: skip
    named = list(
        dict.fromkeys(
            f"{title_of(one.target)}: {statuses.status(one.now.status).label} → "
            f"{statuses.status(one.then.status).label}"
            for one in weight.changes
        )
    )
    more = "; …" if len(named) > _NAMED else ""
    return f"{text}: {'; '.join(named[:_NAMED])}{more}"
