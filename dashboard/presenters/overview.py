"""The Overview: what leadership sees first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext

from dashboard import statuses
from dashboard.components import (
    Chip,
    ChipGroup,
    Count,
    MarksRow,
    MatrixGroup,
    MatrixRow,
    Notice,
    TargetRow,
    Tile,
)
from dashboard.formatting import localised
from dashboard.presenters.changes import MONTHS_SHOWN, Changes, changes_between, months_before
from dashboard.presenters.common import (
    Links,
    attention_order,
    links_as_of,
    mark,
    target_row,
)
from dashboard.presenters.league import League, league
from dashboard.presenters.selection import counts, of_status, selected, understood
from dashboard.presenters.sentences import basis, headline, notices
from dashboard.queries import ATTENTION, HORIZONS, Query
from targets.models import Pillar
from targets.register import Register, Row

PATH = "/"
LIST = "danh-sach"
_MOST_ROWS = 12


@dataclass(frozen=True, slots=True)
class TargetList:
    """The list of targets: what needs attention, or those of the status that was chosen."""

    title: str
    rows: tuple[TargetRow, ...]
    empty: Notice
    all_text: str = ""
    all_url: str = ""


@dataclass(frozen=True, slots=True)
class OverviewPage:
    """All that the templates of the Overview print."""

    title: str
    description: str
    kicker: str
    sentence: str
    basis: str
    notices: tuple[Notice, ...]
    filters: tuple[ChipGroup, ...]
    tiles: tuple[Tile, ...]
    horizons: MatrixGroup
    pillars: MatrixGroup
    marks: tuple[MarksRow, ...]
    targets: TargetList
    changes: Changes
    since_fields: tuple[tuple[str, str], ...]
    league: League

    @property
    def matrix(self) -> tuple[MatrixGroup, ...]:
        """Both groups, for the one table of a phone."""
        return (self.horizons, self.pillars)


def overview_page(register: Register, asked: Query) -> OverviewPage:
    """The page for a query (two queries to the database, for what changed)."""
    query = understood(register, asked)
    to = links_as_of(query.as_of)
    rows = selected(register, query)
    sentence = headline(rows, register.day)
    since = query.since or months_before(register.day, MONTHS_SHOWN)
    return OverviewPage(
        title=gettext("Tổng quan"),
        description=sentence,
        kicker=_kicker(register, query),
        sentence=sentence,
        basis=basis(register, query),
        notices=notices(rows, query),
        filters=_filters(register, query),
        tiles=_tiles(rows, query),
        horizons=_horizons(rows, query),
        pillars=_by_pillar(rows, query, to),
        marks=tuple(
            MarksRow(
                title=localised(pillar, "short"),
                url=to.pillar(pillar),
                marks=tuple(mark(row, to) for row in members),
            )
            for pillar, members in _pillars(rows)
        ),
        targets=_list(rows, query, to),
        changes=changes_between(register, rows, since, to),
        since_fields=tuple(query.pairs("since")),
        league=league(rows, query, to),
    )


def _pillars(rows: Sequence[Row]) -> list[tuple[Pillar, list[Row]]]:
    found: dict[int, tuple[Pillar, list[Row]]] = {}
    for row in rows:
        found.setdefault(row.target.pillar_id, (row.target.pillar, []))[1].append(row)
    return sorted(found.values(), key=lambda pair: pair[0].position)


def _tiles(rows: Sequence[Row], query: Query) -> tuple[Tile, ...]:
    found = counts(rows)
    return tuple(
        Tile(
            status=code,
            count=found[code],
            url=query.but(status="" if query.status == code else code).url(PATH, LIST),
            current=query.status == code,
        )
        for code in statuses.CODES
    )


def _horizons(rows: Sequence[Row], query: Query) -> MatrixGroup:
    words = _horizon_words()
    return MatrixGroup(
        title=gettext("Thời hạn"),
        rows=tuple(
            MatrixRow(
                title=words[horizon],
                url=query.but(horizon=horizon).url(PATH),
                counts=_linked(
                    [row for row in rows if row.target.horizon == horizon],
                    query.but(horizon=horizon),
                ),
            )
            for horizon in HORIZONS
            if query.horizon in {"", horizon}
        ),
    )


def _by_pillar(rows: Sequence[Row], query: Query, to: Links) -> MatrixGroup:
    return MatrixGroup(
        title=gettext("Trụ cột"),
        rows=tuple(
            MatrixRow(
                title=localised(pillar, "short"),
                url=to.pillar(pillar),
                counts=_linked(members, query.but(pillar=pillar.slug)),
            )
            for pillar, members in _pillars(rows)
        ),
    )


def _linked(rows: Sequence[Row], query: Query) -> dict[str, Count]:
    return {
        status: Count(number, query.but(status=status).url(PATH, LIST))
        for status, number in counts(rows).items()
    }


def _list(rows: Sequence[Row], query: Query, to: Links) -> TargetList:
    wanted = sorted(of_status(rows, query.status or ATTENTION), key=attention_order)
    empty = Notice(title=gettext("Không có mục tiêu nào ở đây"))
    if query.status:
        word = (
            gettext("Cần chú ý")
            if query.status == ATTENTION
            else str(statuses.status(query.status).label)
        )
        return TargetList(
            title=gettext("%(status)s: %(count)s mục tiêu")
            % {"status": word, "count": len(wanted)},
            rows=tuple(target_row(row, to) for row in wanted),
            empty=empty,
            all_text=gettext("Về danh sách cần chú ý"),
            all_url=query.but(status="").url(PATH, LIST),
        )
    shown = wanted[:_MOST_ROWS]
    hidden = len(wanted) - len(shown)
    return TargetList(
        title=gettext("Cần chú ý"),
        rows=tuple(target_row(row, to) for row in shown),
        empty=Notice(
            title=gettext("Không có mục tiêu nào cần chú ý"),
            text=gettext(
                "Không mục tiêu nào trong lựa chọn này không đạt, chậm tiến độ hay có nguy cơ. "
                "Mục tiêu chưa có số liệu không được tính là tốt."
            ),
        ),
        all_text=gettext("Xem cả %(count)s mục tiêu cần chú ý") % {"count": len(wanted)}
        if hidden
        else "",
        all_url=query.but(status=ATTENTION).url(PATH, LIST) if hidden else "",
    )


def _kicker(register: Register, query: Query) -> str:
    """What the page is narrowed to, in words."""
    parts = [_horizon_words()[query.horizon]] if query.horizon else []
    for row in register:
        if row.target.pillar.slug == query.pillar:
            parts.append(localised(row.target.pillar, "name"))
            break
    for row in register:
        if row.target.document.slug == query.document:
            parts.append(localised(row.target.document, "short"))
            break
    if query.lead:
        name = _leads(register)[query.lead]
        parts.append(gettext("%(name)s chủ trì") % {"name": name})
    return " · ".join(parts)


def _horizon_words() -> dict[str, str]:
    return {"2025": "2025", "2030": "2030", "2045": "2045", "standing": gettext("Thường xuyên")}


def _leads(register: Register) -> dict[str, str]:
    """Short names of all leads by code, in protocol order."""
    leads = {
        part.organisation.code: (part.organisation.position, localised(part.name, "short"))
        for row in register
        for part in row.leads
    }
    return {code: name for code, (_position, name) in sorted(leads.items(), key=lambda it: it[1])}


def _filters(register: Register, query: Query) -> tuple[ChipGroup, ...]:
    words = _horizon_words()
    documents = {row.target.document.slug: row.target.document for row in register}
    pillars = {row.target.pillar.slug: row.target.pillar for row in register}
    return (
        ChipGroup(
            label=gettext("Thời hạn"),
            chips=(
                _chip(gettext("Tất cả"), query, horizon=""),
                *(_chip(words[horizon], query, horizon=horizon) for horizon in HORIZONS),
            ),
        ),
        ChipGroup(
            label=gettext("Văn bản"),
            folded=True,
            chips=(
                _chip(gettext("còn hiệu lực"), query, document="", drafts=False),
                _chip(gettext("kể cả dự thảo"), query, document="", drafts=True),
                *(
                    _chip(localised(document, "short"), query, document=slug, drafts=False)
                    for slug, document in documents.items()
                ),
            ),
        ),
        ChipGroup(
            label=gettext("Trụ cột"),
            folded=True,
            chips=(
                _chip(gettext("tất cả"), query, pillar=""),
                *(
                    _chip(localised(pillar, "short"), query, pillar=slug)
                    for slug, pillar in sorted(pillars.items(), key=lambda it: it[1].position)
                ),
            ),
        ),
        ChipGroup(
            label=gettext("Chủ trì"),
            folded=True,
            chips=(
                _chip(gettext("tất cả"), query, lead=""),
                *(_chip(name, query, lead=code) for code, name in _leads(register).items()),
            ),
        ),
    )


def _chip(text: str, query: Query, **changes: str | bool) -> Chip:
    return Chip(
        text=text,
        url=query.but(**changes).url(PATH),
        current=all(getattr(query, name) == value for name, value in changes.items()),
    )
