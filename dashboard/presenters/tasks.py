"""The tasks of the annex: who was to do them, who would today, when, paid by what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext, ngettext

from dashboard.components import Chip, ChipGroup, Crumb, Notice
from dashboard.formatting import localised
from dashboard.presenters.common import links_as_of
from dashboard.presenters.task_query import TaskQuery
from dashboard.presenters.task_rows import TaskRow, task_rows
from documents.models import Document
from targets.search import search_tasks


@dataclass(frozen=True, slots=True)
class TasksPage:
    """`/nhiem-vu/`."""

    title: str
    description: str
    crumbs: Sequence[Crumb]
    sentence: str
    basis: str
    origin: str
    origin_url: str
    query: TaskQuery
    filters: Sequence[ChipGroup]
    groups: Sequence[tuple[str, Sequence[TaskRow]]]
    found: str
    clear_url: str
    hidden: Sequence[tuple[str, str]]
    notice: Notice | None


def tasks_page(query: TaskQuery) -> TasksPage:
    """The tasks that fit the query, grouped as the annex groups them."""
    to = links_as_of(query.as_of)
    everything = task_rows(query.day, to)
    wanted = set(search_tasks(query.q).values_list("number", flat=True)) if query.q else None
    if query.q.isdecimal():
        wanted = {int(query.q)}
    rows = _fitting(everything, query, wanted)
    document = Document.objects.filter(tasks__isnull=False).distinct().first()
    return TasksPage(
        title=gettext("Nhiệm vụ"),
        description=gettext(
            "Các nhiệm vụ trong phụ lục của dự thảo nghị quyết về Chính phủ số: cơ quan chủ trì "
            "khi ấy và hiện nay, phối hợp, thời gian, kinh phí."
        ),
        crumbs=(
            Crumb(gettext("Tổng quan"), f"{reverse('overview')}{to.as_of_query}"),
            Crumb(gettext("Nhiệm vụ")),
        ),
        sentence=_sentence(everything),
        basis=gettext(
            "Đây là nhiệm vụ của một dự thảo năm 2020, chưa phải là luật; hệ thống không có số "
            "liệu về việc thực hiện nên không đánh giá tiến độ."
        ),
        origin=localised(document, "title") if document else "",
        origin_url=to.document(document) if document else "",
        query=query,
        filters=_filters(everything, query, wanted) if everything else (),
        groups=[
            (group, list(members)) for group, members in groupby(rows, key=lambda row: row.group)
        ],
        found=_found(len(rows), len(everything)),
        clear_url=TaskQuery(query.today, query.as_of).url(),
        hidden=_hidden(query),
        notice=None if rows else _empty(bool(everything), query),
    )


def _fitting(rows: Iterable[TaskRow], query: TaskQuery, wanted: set[int] | None) -> list[TaskRow]:
    return [row for row in rows if _fits(row, query, wanted)]


def _fits(row: TaskRow, query: TaskQuery, wanted: set[int] | None) -> bool:
    return (
        (wanted is None or row.number in wanted)
        and (not query.lead or query.lead in {party.code for party in row.leads})
        and (not query.written or query.written in {party.written_code for party in row.leads})
        and (not query.group or query.group == row.group_key)
        and (not query.funding or query.funding == row.funding_key)
        and (not query.year or _runs_in(row, int(query.year)))
    )


def _runs_in(row: TaskRow, year: int) -> bool:
    return (row.start_year or year) <= year <= (row.end_year or year)


#: Of one task, the choices of one filter that hold for it: key in the address, and word.
Keys = Callable[[TaskRow], Iterable[tuple[str, str]]]


def _filters(rows: Sequence[TaskRow], query: TaskQuery, wanted: set[int] | None) -> list[ChipGroup]:
    years = [year for row in rows for year in (row.start_year, row.end_year) if year]
    span = range(min(years), max(years) + 1) if years else range(0)
    facets: list[tuple[str, str, Keys]] = [
        ("year", gettext("Năm"), lambda row: [
            (str(year), str(year)) for year in span if _runs_in(row, year)
        ]),
        ("lead", gettext("Chủ trì hiện nay"), lambda row: [(p.code, p.name) for p in row.leads]),
        ("written", gettext("Dự thảo ghi"), lambda row: [
            (p.written_code, p.written) for p in row.leads
        ]),
        ("group", gettext("Nhóm"), lambda row: [(row.group_key, row.group.partition(":")[0])]),
        ("funding", gettext("Kinh phí"), lambda row: [(row.funding_key, row.funding)]),
    ]  # fmt: skip
    groups = []
    for name, label, keys in facets:
        texts = {key: text for row in rows for key, text in keys(row) if key}
        # Each choice counts the tasks that the other filters leave.
        others = _fitting(rows, query.but(name, ""), wanted)
        counts = Counter(key for row in others for key in dict(keys(row)))
        groups.append(ChipGroup(label, _chips(name, texts, counts, query), folded=name != "year"))
    return groups


def _chips(name: str, texts: dict[str, str], counts: Counter[str], query: TaskQuery) -> list[Chip]:
    current = getattr(query, name)
    if name == "year":
        order = sorted(texts)
    else:
        order = list(texts) if name == "group" else sorted(texts, key=lambda key: -counts[key])
    return [
        Chip(gettext("Tất cả"), query.but(name, "").url(), not current),
        *(
            Chip(texts[key], query.but(name, key).url(), key == current, counts[key])
            for key in order
        ),
    ]


def _sentence(rows: Sequence[TaskRow]) -> str:
    if not rows:
        return gettext("Chưa có nhiệm vụ nào trong danh mục.")
    leads: dict[str, int] = {}
    for row in rows:
        for name in {party.name for party in row.leads}:
            leads[name] = leads.get(name, 0) + 1
    total = ngettext("%(count)s nhiệm vụ", "%(count)s nhiệm vụ", len(rows)) % {"count": len(rows)}
    if not leads:
        return f"{total}."
    name = max(leads, key=lambda name: leads[name])
    words = {"tasks": total, "name": name, "count": leads[name]}
    return gettext("%(tasks)s, nay %(name)s chủ trì %(count)s.") % words


def _found(count: int, total: int) -> str:
    if count == total:
        return ngettext("%(count)s nhiệm vụ", "%(count)s nhiệm vụ", count) % {"count": count}
    words = {"count": count, "total": total}
    return gettext("%(count)s trong %(total)s nhiệm vụ") % words


def _hidden(query: TaskQuery) -> list[tuple[str, str]]:
    """What the form of the search word keeps of the address."""
    kept: list[tuple[str, Any]] = [
        (name, getattr(query, name)) for name in ("lead", "written", "year", "group", "funding")
    ]
    if query.as_of:
        kept.append(("as_of", query.as_of.isoformat()))
    return [(name, value) for name, value in kept if value]


def _empty(loaded: bool, query: TaskQuery) -> Notice:
    if not loaded:
        return Notice(
            gettext("Chưa có nhiệm vụ nào."),
            gettext(
                "Danh mục chưa được nạp, hoặc chưa có nhiệm vụ nào vào ngày này. Người quản trị "
                "nạp danh mục bằng lệnh load_catalogue."
            ),
        )
    return Notice(
        gettext("Không có nhiệm vụ nào khớp."),
        gettext("Hãy bỏ bớt điều kiện lọc hoặc thử từ khác, ít từ hơn."),
        action=gettext("Xem tất cả nhiệm vụ"),
        action_url=TaskQuery(query.today, query.as_of).url(),
    )
