"""The pillars: all of them side by side, and one with its charts and all its targets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from dashboard import formatting, statuses
from dashboard.components import (
    Cell,
    Chip,
    ChipGroup,
    Column,
    Crumb,
    Figure,
    MarksRow,
    Notice,
    Table,
    TargetRow,
    Tile,
)
from dashboard.formatting import localised
from dashboard.presenters.common import (
    Links,
    attention_order,
    links_as_of,
    mark,
    status_of,
    target_row,
    title_of,
)
from dashboard.presenters.progress import needed, reached, unit_words, value_text
from dashboard.presenters.selection import counts, of_status, selected, understood
from dashboard.presenters.sentences import basis, headline, notices
from dashboard.queries import ATTENTION, HORIZONS, Query
from targets.known_values import Run, read_runs
from targets.models import Indicator, Pillar, Target
from targets.register import Register, Row

LIST = "muc-tieu"


@dataclass(frozen=True, slots=True)
class PillarCard:
    """One pillar on the list: its sentence, its marks."""

    name: str
    url: str
    sentence: str
    marks: MarksRow


@dataclass(frozen=True, slots=True)
class PillarListPage:
    title: str
    description: str
    sentence: str
    basis: str
    cards: tuple[PillarCard, ...]


@dataclass(frozen=True, slots=True)
class PillarPage:
    """All that the templates of one pillar print."""

    title: str
    description: str
    crumbs: tuple[Crumb, ...]
    sentence: str
    basis: str
    notices: tuple[Notice, ...]
    filters: tuple[ChipGroup, ...]
    tiles: tuple[Tile, ...]
    bullets: Figure | None
    paths: tuple[Figure, ...]
    without_path: str
    list_title: str
    rows: tuple[TargetRow, ...]
    empty: Notice


def pillar_list_page(register: Register, asked: Query) -> PillarListPage:
    """All pillars that have targets on the day."""
    query = understood(register, asked)
    to = links_as_of(query.as_of)
    rows = selected(register, query)
    cards = []
    for pillar in _pillars(register):
        members = [row for row in rows if row.target.pillar_id == pillar.pk]
        cards.append(
            PillarCard(
                name=localised(pillar, "name"),
                url=to.pillar(pillar),
                sentence=headline(members, register.day),
                marks=MarksRow(
                    localised(pillar, "name"),
                    to.pillar(pillar),
                    tuple(mark(row, to) for row in members),
                ),
            )
        )
    sentence = ngettext(
        "%(count)s mục tiêu trong %(pillars)s trụ cột",
        "%(count)s mục tiêu trong %(pillars)s trụ cột",
        len(rows),
    ) % {"count": len(rows), "pillars": len(cards)}
    return PillarListPage(
        title=gettext("Trụ cột"),
        description=sentence,
        sentence=sentence,
        basis=basis(register, query),
        cards=tuple(cards),
    )


def pillar_page(register: Register, slug: str, asked: Query) -> PillarPage:
    """One pillar (one query to the database, for the values). Raises Http404 for none."""
    pillar = next((one for one in _pillars(register) if one.slug == slug), None)
    if pillar is None:
        raise Http404(slug)
    path = reverse("pillar", args=[slug])
    query = understood(register, asked.but(pillar=slug, refused=asked.refused))
    to = links_as_of(query.as_of)
    rows = sorted(selected(register, query), key=attention_order)
    name = localised(pillar, "name")
    whole = sorted(
        selected(register, query.but(horizon="", lead="", document="")), key=attention_order
    )
    runs = _runs(register, whole)
    own = query.but(pillar="", refused=query.refused)
    listed = of_status(rows, query.status)
    return PillarPage(
        title=name,
        description=headline(rows, register.day),
        crumbs=(
            Crumb(gettext("Trụ cột"), f"{reverse('pillar-list')}{to.as_of_query}"),
            Crumb(name),
        ),
        sentence=f"{name}. {headline(rows, register.day)}",
        basis=basis(register, query),
        notices=notices(rows, query),
        filters=_filters(own, path),
        tiles=tuple(
            Tile(
                status=code,
                count=count,
                url=own.but(status="" if own.status == code else code).url(path, LIST),
                current=own.status == code,
            )
            for code, count in ((code, counts(rows)[code]) for code in statuses.CODES)
        ),
        bullets=_bullets(whole, slug, query, to) if whole else None,
        paths=tuple(_path(runs[pk], members, to) for pk, members in _measured(whole, runs)),
        without_path=_without_path(whole, runs),
        list_title=_list_title(listed, query),
        rows=tuple(target_row(row, to) for row in listed),
        empty=Notice(title=gettext("Không có mục tiêu nào ở đây")),
    )


def _pillars(register: Register) -> list[Pillar]:
    found = {row.target.pillar_id: row.target.pillar for row in register}
    return sorted(found.values(), key=lambda pillar: pillar.position)


def _list_title(listed: Sequence[Row], query: Query) -> str:
    if not query.status:
        word = gettext("Các mục tiêu")
    elif query.status == ATTENTION:
        word = gettext("Cần chú ý")
    else:
        word = str(statuses.status(query.status).label)
    return gettext("%(status)s: %(count)s mục tiêu") % {"status": word, "count": len(listed)}


def _filters(query: Query, path: str) -> tuple[ChipGroup, ...]:
    def chip(text: str, **changes: str | bool) -> Chip:
        current = all(getattr(query, name) == value for name, value in changes.items())
        return Chip(text, query.but(**changes).url(path), current=current)

    words = {"standing": gettext("Thường xuyên")}
    return (
        ChipGroup(
            gettext("Thời hạn"),
            (
                chip(gettext("Tất cả"), horizon=""),
                *(chip(words.get(one, one), horizon=one) for one in HORIZONS),
            ),
        ),
        ChipGroup(
            gettext("Văn bản"),
            (
                chip(gettext("Còn hiệu lực"), drafts=False),
                chip(gettext("Kể cả dự thảo"), drafts=True),
            ),
        ),
    )


def _bullets(rows: Sequence[Row], slug: str, query: Query, to: Links) -> Figure:
    name = f"pillar-{slug}-drafts" if query.drafts else f"pillar-{slug}"
    return Figure(
        slug=name,
        url=to.to("figure", name),
        title=gettext("Đi được bao xa"),
        note=gettext(
            "Mỗi thanh đi từ mức lúc đầu tới ngưỡng của chính mục tiêu đó, vì đơn vị khác nhau; "
            "số liệu thật ghi ở từng dòng. Yêu cầu không có mức lúc đầu thì tính từ không."
        ),
        table=_bullets_table(rows, to),
        height="xl",
    )


def _bullets_table(rows: Sequence[Row], to: Links) -> Table:
    return Table(
        gettext("Các con số của biểu đồ: đã đi và cần đi bao nhiêu phần quãng đường"),
        (
            Column(gettext("Mục tiêu")),
            Column(gettext("Yêu cầu")),
            Column(gettext("Số liệu"), numeric=True),
            Column(gettext("Trạng thái")),
            Column(gettext("Đã đi"), numeric=True),
            Column(gettext("Cần đi"), numeric=True),
        ),
        tuple(
            (
                Cell(title_of(row.target), url=to.target(row.target)),
                Cell(formatting.demand(row.target)),
                Cell(value_text(row)),
                Cell(str(statuses.status(status_of(row)).label), status=status_of(row)),
                Cell(_share(reached(row))),
                Cell(_share(needed(row))),
            )
            for row in rows
        ),
        stacked=True,
    )


def _share(value: float | None) -> str:
    return "" if value is None else formatting.percent(100 * value, 0)


def _runs(register: Register, rows: Sequence[Row]) -> dict[int, Run]:
    """The official values of the rows' indicators, by indicator."""
    found = read_runs(
        register.day,
        organisation=register.organisation,
        series__official=True,
        series__indicator__in={row.target.indicator_id for row in rows},
    )
    return {run.series.indicator_id: run for run in found}


def _measured(rows: Sequence[Row], runs: dict[int, Run]) -> list[tuple[int, list[Row]]]:
    """The rows that have values, by indicator, in the order of the rows."""
    found: dict[int, list[Row]] = {}
    for row in rows:
        if row.target.indicator_id in runs:
            found.setdefault(row.target.indicator_id, []).append(row)
    return list(found.items())


def _path(run: Run, rows: Sequence[Row], to: Links) -> Figure:
    indicator = rows[0].target.indicator
    name = f"path-{indicator.code}"
    return Figure(
        slug=name,
        url=to.to("figure", name),
        title=localised(indicator, "name"),
        note=f"{localised(run.series, 'publisher')} · {unit_words(indicator.unit)}",
        table=_path_table(run, rows, indicator),
        height="s",
    )


def _path_table(run: Run, rows: Sequence[Row], indicator: Indicator) -> Table:
    """Year by year: the value, and what the demands of the year ask for."""
    values = run.by_year()
    thresholds: dict[int, list[Target]] = {}
    for row in rows:
        if row.target.due_year is not None:
            thresholds.setdefault(row.target.due_year, []).append(row.target)
    return Table(
        localised(indicator, "name"),
        (
            Column(gettext("Năm")),
            Column(gettext("Số liệu"), numeric=True),
            Column(gettext("Ngưỡng")),
        ),
        tuple(
            (
                Cell(str(year)),
                Cell(
                    formatting.quantity(values[year].number, indicator.unit, trim=True)
                    if year in values
                    else ""
                ),
                Cell(
                    "; ".join(
                        f"{localised(target.document, 'short')}: {formatting.demand(target)}"
                        for target in thresholds.get(year, ())
                    )
                ),
            )
            for year in sorted({*values, *thresholds})
        ),
    )


def _without_path(rows: Sequence[Row], runs: dict[int, Run]) -> str:
    """How many measures have no value to be drawn."""
    missing = {row.target.indicator_id for row in rows} - runs.keys()
    if not missing:
        return ""
    return ngettext(
        "%(count)s chỉ tiêu khác chưa có số liệu nào nên không có gì để vẽ.",
        "%(count)s chỉ tiêu khác chưa có số liệu nào nên không có gì để vẽ.",
        len(missing),
    ) % {"count": len(missing)}
