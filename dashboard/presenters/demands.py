"""What documents together demand of an indicator: who agrees, who contradicts, which binds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from django.utils.translation import gettext

from dashboard import formatting
from dashboard.components import TargetRow
from dashboard.formatting import localised
from dashboard.presenters.common import Links, target_row
from documents.models import Document
from targets.binding import Comparison, Ground, Relation, YearDemands
from targets.models import Target
from targets.register import Row


@dataclass(frozen=True, slots=True)
class DemandGroup:
    """The targets of one due year, the one to hold to first, and what is to be said of them."""

    title: str
    sentences: Sequence[str]
    rows: Sequence[TargetRow]


def listing(words: Iterable[str]) -> str:
    """`A, B và C`."""
    *most, last = words
    if not most:
        return last
    return gettext("%(most)s và %(last)s") % {"most": ", ".join(most), "last": last}


def document_name(document: Document) -> str:
    """The short name; a draft says that it is one."""
    name = localised(document, "short")
    if document.is_draft and "dự thảo" not in name.lower() and "draft" not in name.lower():
        return gettext("%(name)s (dự thảo)") % {"name": name}
    return name


def year_title(year: int | None) -> str:
    if year is None:
        return gettext("Thường xuyên")
    return gettext("Đến năm %(year)s") % {"year": year}


def demand_groups(comparison: Comparison, rows: dict[int, Row], to: Links) -> list[DemandGroup]:
    """One group for each due year; `rows` are the register's rows by target id."""
    groups = [
        DemandGroup(
            title=year_title(year.year),
            sentences=(*year_sentences(year), *overtaken_sentences(comparison, year.year)),
            rows=[
                demand_row(rows[target.pk], to, binds=year.binds and target is year.leading)
                for target in (year.leading, *(other.target for other in year.others))
            ],
        )
        for year in comparison.years
    ]
    if comparison.restated:
        groups.append(
            DemandGroup(
                title=gettext("Nhắc lại"),
                sentences=(gettext("Không đặt thêm yêu cầu, nên không tính vào số mục tiêu."),),
                rows=[demand_row(rows[target.pk], to) for target in comparison.restated],
            )
        )
    return groups


def demand_row(row: Row, to: Links, *, binds: bool = False) -> TargetRow:
    """A target among others of its indicator: its own label, and which document asks for what."""
    shown = target_row(row, to)
    demand = f"{localised(row.target.document, 'short')}: {shown.demand}"
    if row.target.scope != Target.Scope.COUNTRY:
        demand = f"{demand}, {row.target.get_scope_display()}"
    if binds:
        demand = gettext("%(demand)s (ràng buộc)") % {"demand": demand}
    return replace(shown, title=localised(row.target, "label"), demand=demand)


def year_sentences(year: YearDemands) -> list[str]:
    """Who agrees, who contradicts whom, and which document is to be held to, and why."""
    if not (year.agrees or year.conflicts):
        return []
    camps = _camps(year)
    sentences = [_together(camp) for camp in camps if len(camp) > 1]
    if year.conflicts:
        claims = [
            gettext("%(names)s đòi %(demand)s")
            % {
                "names": listing(document_name(target.document) for target in camp),
                "demand": formatting.demand(camp[0]),
            }
            for camp in camps
        ]
        sentences = [gettext("Không thống nhất: %(claims)s.") % {"claims": "; ".join(claims)}]
    return [*sentences, *filter(None, [_ground(year)])]


def summary(comparison: Comparison) -> str:
    """Agreement and conflict over all years, in one sentence; "" where nothing is shared."""
    conflicts = [str(year.year) for year in comparison.years if year.conflicts and year.year]
    if conflicts:
        words = {"years": listing(conflicts)}
        return gettext("Các văn bản không thống nhất về mốc %(years)s.") % words
    agreements = [
        _together(camp) for year in comparison.years for camp in _camps(year) if len(camp) > 1
    ]
    return " ".join(agreements)


def overtaken_sentences(comparison: Comparison, year: int | None) -> list[str]:
    """Where a later year asks no more than another document already asks of an earlier one."""
    sentences = []
    seen: set[int] = set()
    for later, earlier in comparison.overtaken:
        if later.due_year != year or later.pk in seen or not earlier.document.binds:
            continue
        seen.add(later.pk)
        words = {
            "later": document_name(later.document),
            "earlier": document_name(earlier.document),
            "demand": formatting.demand(earlier),
        }
        sentences.append(
            gettext("%(later)s không đòi thêm: %(earlier)s đã đòi %(demand)s.") % words
        )
    return sentences


def _camps(year: YearDemands) -> list[list[Target]]:
    """The targets that are compared at all, those that ask the same together, the leading first."""
    agreed = {
        frozenset((one.pk, other.pk))
        for one, other, relation in year.pairs
        if relation is Relation.AGREE
    }
    compared = {
        target.pk
        for one, other, relation in year.pairs
        if relation is not Relation.APART
        for target in (one, other)
    }
    camps: list[list[Target]] = []
    for target in (year.leading, *(other.target for other in year.others)):
        if target.pk not in compared:
            continue
        for camp in camps:
            if frozenset((camp[0].pk, target.pk)) in agreed:
                camp.append(target)
                break
        else:
            camps.append([target])
    return camps


def _together(camp: list[Target]) -> str:
    words = {
        "names": listing(document_name(target.document) for target in camp),
        "demand": formatting.demand(camp[0]),
    }
    return gettext("%(names)s cùng đòi %(demand)s.") % words


def _ground(year: YearDemands) -> str:
    """Which document to hold to, and why, against the nearest one that it is compared with."""
    name = document_name(year.leading.document)
    if not year.binds:
        return gettext("Chưa yêu cầu nào có hiệu lực: mới có trong dự thảo.")
    rivals = [other for other in year.others if other.relation is not Relation.APART]
    if not rivals:
        return ""
    grounds = {
        Ground.STATUS: gettext("%(name)s ràng buộc vì đang có hiệu lực."),
        Ground.STRICTER: gettext("Cùng có hiệu lực nên theo ngưỡng chặt hơn, của %(name)s."),
        Ground.RANK: gettext("Lấy theo %(name)s vì ở cấp cao hơn."),
        Ground.LATER: gettext("Lấy theo %(name)s vì ban hành sau."),
        Ground.ORDER: "",
    }
    # Against a draft the status alone says little where another document in force is beaten too.
    in_force = [rival for rival in rivals if rival.ground is not Ground.STATUS]
    return grounds[(in_force or rivals)[0].ground] % {"name": name}
