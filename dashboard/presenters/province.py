"""The page of one province: what it must meet, what is known of it, whence it came."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from django.urls import reverse
from django.utils.translation import gettext, ngettext

from dashboard import formatting
from dashboard.caching import register_on
from dashboard.components import Cell, ChipGroup, Column, Crumb, Fact, Notice, Table, TargetRow
from dashboard.formatting import localised
from dashboard.presenters import duties, observed, provincial
from dashboard.presenters.common import Links, attention_order, links_as_of, target_row
from dashboard.presenters.demands import listing
from dashboard.presenters.duties import DutyGroup
from dashboard.presenters.organisation import find, life_facts, names_table
from dashboard.presenters.organisations import drafts_filter, exists_on, has_ended
from dashboard.presenters.owed import Owed, owed_by
from dashboard.presenters.selection import counted
from dashboard.presenters.sentences import notices
from dashboard.queries import Query
from documents.models import Document
from targets.known_values import Run, merge, read_runs
from targets.lineage import Lineage, Past, past_of
from targets.models import Assessment, Indicator, Organisation, Target
from targets.register import Register, Row

#: Whoever these groups are told to do something, every province is among them.
GROUPS: Final = frozenset({"ALL-PROVINCES", "ALL-BODIES", "LOCAL-AUTHORITIES"})
_EACH: Final = frozenset({Target.Scope.EACH_PROVINCE, Target.Scope.EACH_MINISTRY_AND_PROVINCE})


@dataclass(frozen=True, slots=True)
class ValuesBlock:
    """The values of one body: the province itself, a merger's computed history, a predecessor."""

    title: str
    url: str
    note: str
    table: Table


@dataclass(frozen=True, slots=True)
class ProvincePage:
    """`/dia-phuong/<code>/`; an ended province has no duties, only values and a successor."""

    title: str
    description: str
    crumbs: Sequence[Crumb]
    sentence: str
    basis: str
    notices: Sequence[Notice]
    unverified: Notice | None
    exists: bool
    filters: Sequence[ChipGroup]
    thresholds: Sequence[TargetRow]
    no_threshold: Notice
    national: Sequence[TargetRow]
    values: Sequence[ValuesBlock]
    no_value: Notice
    groups: Sequence[DutyGroup]
    letters: Sequence[tuple[str, str, Sequence[TargetRow]]]
    partner: Table | None
    owed: Owed | None
    tasks: Table | None
    names: Table
    facts: Sequence[Fact]


def province_page(code: str, query: Query) -> ProvincePage:
    """Everything about one province as known on the day."""
    province = find(code, provinces=True, query=query)
    to = links_as_of(query.as_of)
    register = register_on(query.day)
    lineage, day = register.lineage, query.day
    alive = exists_on(province, day)
    rows = [row for row in register if counted(row, query)]
    own = _own_rows(rows, province, day) if alive else []
    thresholds = [row for row in own if row.target.scope in _EACH]
    national = [row for row in own if _measured_here(row)]
    past = past_of(lineage, province.pk, day)
    runs = read_runs(day, organisation__in=[province.pk, *past.predecessors])
    named = lineage.name_on(province.pk, day)
    name = localised(named, "full") or localised(named, "name")
    return ProvincePage(
        title=name,
        description=_origin(province, past, lineage, day) or name,
        crumbs=(
            Crumb(gettext("Địa phương"), reverse("province-list") + to.as_of_query),
            Crumb(name),
        ),
        sentence=_sentence(province, name, thresholds, lineage, day),
        basis=_origin(province, past, lineage, day),
        notices=notices((), query),
        unverified=_unverified(province),
        exists=alive,
        filters=[drafts_filter(query, reverse("province", args=[code]))],
        thresholds=_threshold_rows(thresholds, day, to),
        no_threshold=Notice(gettext("Chưa văn bản nào đặt ngưỡng cho từng tỉnh, thành phố")),
        national=_threshold_rows(national, day, to),
        values=_values(runs, province, past, lineage=lineage, day=day, to=to),
        no_value=Notice(
            gettext("Chưa có số liệu riêng của nơi này"),
            gettext("Chưa nguồn nào công bố, hoặc chưa được ghi nhận vào ngày đang xem."),
        ),
        groups=_group_duties(rows, {row.target.pk for row in (*thresholds, *national)}, to)
        if alive
        else (),
        letters=_letters(register, to) if alive else (),
        partner=duties.partner_table(rows, province.pk, to),
        owed=owed_by(province, day, to) if query.as_of is None else None,
        tasks=duties.task_table(lineage, _groups_and(province, lineage), day, to)
        if alive
        else None,
        names=names_table(lineage, province),
        facts=[*_relatives(province, lineage, day, to), *life_facts(province)],
    )


def _measured_here(row: Row) -> bool:
    """A demand on the whole country whose indicator can be measured in each province."""
    levels = row.target.indicator.levels
    return row.target.scope == Target.Scope.COUNTRY and Indicator.Level.PROVINCE in levels


def _own_rows(rows: Iterable[Row], province: Organisation, day: dt.date) -> list[Row]:
    """The same targets with the verdicts on this province in place of those on the country."""
    verdicts = {
        verdict.target_id: verdict
        for verdict in Assessment.objects.filter(organisation=province).standing_on(day)
    }
    return [replace(row, assessment=verdicts.get(row.target.pk)) for row in rows]


def _threshold_rows(rows: Iterable[Row], day: dt.date, to: Links) -> list[TargetRow]:
    """What every province must meet; no figure of this one is no verdict, not a bad one."""
    shown = []
    for row in sorted(rows, key=attention_order):
        one = target_row(row, to)
        if row.assessment is None:
            indicator = row.target.indicator
            ended = indicator.measurable_until is not None and day.year > indicator.measurable_until
            one = replace(
                one,
                status="not_measurable" if ended else "no_data",
                reason=localised(indicator, "unmeasurable")
                if ended
                else gettext("Chưa có số liệu của nơi này."),
            )
        shown.append(one)
    return shown


def _sentence(
    province: Organisation, name: str, thresholds: Sequence[Row], lineage: Lineage, day: dt.date
) -> str:
    words: dict[str, object] = {"name": name}
    if has_ended(province, day):
        holders = lineage.holders(province.pk, "", day)
        words["names"] = listing(
            localised(lineage.name_on(one.organisation_id, day), "name") for one in holders
        )
        words["day"] = formatting.day(province.valid_to)
        return gettext("%(name)s (đến %(day)s) nay thuộc %(names)s") % words
    if not exists_on(province, day):
        words["day"] = formatting.day(province.valid_from)
        return gettext("%(name)s thành lập ngày %(day)s, sau ngày đang xem") % words
    if not thresholds:
        return name
    known = sum(1 for row in thresholds if row.assessment is not None)
    words["count"] = len(thresholds)
    must = ngettext(
        "%(name)s phải đạt %(count)s ngưỡng", "%(name)s phải đạt %(count)s ngưỡng", len(thresholds)
    )
    words = {"must": must % words, "known": known}
    if not known:
        return gettext("%(must)s; chưa có số liệu cho ngưỡng nào") % words
    return gettext("%(must)s; có số liệu cho %(known)s") % words


def _origin(province: Organisation, past: Past, lineage: Lineage, day: dt.date) -> str:
    """From what and when it was formed; "" for a place that a merger did not touch."""
    if not past.predecessors or province.valid_from is None:
        return ""
    return gettext("Hình thành ngày %(day)s từ %(names)s.") % {
        "day": formatting.day(province.valid_from),
        "names": listing(localised(lineage.name_on(pk, day), "short") for pk in past.predecessors),
    }


def _unverified(province: Organisation) -> Notice | None:
    if not province.unverified:
        return None
    return Notice(gettext("Có điều cần kiểm chứng"), localised(province, "note"), kind="info")


def _values(
    runs: Sequence[Run],
    province: Organisation,
    past: Past,
    *,
    lineage: Lineage,
    day: dt.date,
    to: Links,
) -> list[ValuesBlock]:
    """The province's own values, what can be computed for it, and its predecessors' apart."""
    by_place: dict[int, list[Run]] = defaultdict(list)
    for run in runs:
        by_place[run.organisation_id].append(run)
    blocks = []
    if province.pk in by_place:
        title = gettext("Số liệu của chính nơi này")
        table = _place_table(by_place[province.pk], title, to)
        blocks.append(ValuesBlock(title, "", "", table))
    blocks.extend(_merged(runs, past))
    for pk in past.predecessors:
        if pk in by_place:
            name = lineage.name_on(pk, day)
            title = localised(name, "short")
            blocks.append(
                ValuesBlock(
                    title,
                    to.organisation(lineage.organisations[pk]),
                    gettext("Tiền thân; số liệu giữ riêng, không cộng và không lấy trung bình."),
                    _place_table(by_place[pk], title, to),
                )
            )
    return blocks


def _merged(runs: Iterable[Run], past: Past) -> list[ValuesBlock]:
    """The history before the merger, of every series whose parts are known of all predecessors."""
    by_series: dict[int, list[Run]] = defaultdict(list)
    for run in runs:
        if run.organisation_id in past.whole:
            by_series[run.series_id].append(run)
    blocks = []
    for members in by_series.values():
        series = members[0].series
        if merged := merge(members, past.whole):
            name = localised(series.indicator, "name")
            blocks.append(
                ValuesBlock(
                    gettext("Tính cho địa bàn trước khi hợp nhất: %(name)s") % {"name": name},
                    "",
                    gettext("Tổng tử số chia tổng mẫu số của mọi tỉnh cũ."),
                    observed.merged_table(merged, series.indicator.unit, name),
                )
            )
    return blocks


def _place_table(runs: Iterable[Run], caption: str, to: Links) -> Table:
    """All values of one place: by indicator and series, newest first."""
    rows = []
    for run in runs:
        indicator = run.series.indicator
        for value in reversed(run.values):
            rows.append(
                (
                    Cell(
                        localised(indicator, "name"),
                        url=to.indicator(indicator),
                        note=localised(run.series, "name") or provincial.series_title(run.series),
                    ),
                    Cell(formatting.period(value.latest.period)),
                    observed.value_cell(value, indicator.unit),
                    observed.source_cell(value.latest.source),
                    Cell(observed.edition(value.latest)),
                    Cell(html=observed.remarks(value, indicator.unit)),
                )
            )
    columns = (
        Column(gettext("Chỉ tiêu")),
        Column(gettext("Kỳ")),
        Column(gettext("Giá trị"), numeric=True),
        Column(gettext("Nguồn")),
        Column(gettext("Công bố, ấn bản")),
        Column(gettext("Ghi chú, bản trước")),
    )
    return Table(caption, columns, rows, stacked=True)


def _groups_and(province: Organisation, lineage: Lineage) -> set[int]:
    groups = {one.pk for one in lineage.organisations.values() if one.code in GROUPS}
    return groups | {province.pk}


def _group_duties(rows: Iterable[Row], listed: set[int], to: Links) -> list[DutyGroup]:
    """What all provinces or all bodies are told to lead; the verdict there is on the country."""
    by_group: dict[str, list[Row]] = defaultdict(list)
    titles = {}
    for row in rows:
        for part in row.leads:
            if part.organisation.code in GROUPS and row.target.pk not in listed:
                by_group[part.organisation.code].append(row)
                titles[part.organisation.code] = localised(part.name, "name")
                break
    return [duties.group_of(members, titles[code], "", to) for code, members in by_group.items()]


def _letters(register: Register, to: Links) -> list[tuple[str, str, Sequence[TargetRow]]]:
    """Letters to the provinces: (name, what it does, the figures that it repeats)."""
    by_letter: dict[int, list[Row]] = defaultdict(list)
    for row in register:
        if row.target.document.legal_status == Document.LegalStatus.SENT:
            by_letter[row.target.document_id].append(row)
    return [
        (
            localised(rows[0].target.document, "short"),
            localised(rows[0].target.document, "note"),
            [target_row(row, to) for row in rows],
        )
        for rows in by_letter.values()
    ]


def _relatives(province: Organisation, lineage: Lineage, day: dt.date, to: Links) -> list[Fact]:
    """Predecessors and successors, each with the day and the law."""
    facts = []
    for steps, before in (
        (lineage.received[province.pk], True),
        (lineage.passed_on[province.pk], False),
    ):
        for step in steps:
            if step.effective_on > day:
                continue
            pk = step.predecessor_id if before else step.successor_id
            name = lineage.name_on(pk, day)
            facts.append(
                Fact(
                    gettext("Tiền thân") if before else gettext("Nay thuộc"),
                    localised(name, "short"),
                    url=to.organisation(lineage.organisations[pk]),
                    note=", ".join(filter(None, [formatting.day(step.effective_on), step.note])),
                )
            )
    return facts
