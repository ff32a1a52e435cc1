"""The league of leads: who answers for how many targets, by status."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext

from dashboard.components import Chip, ChipGroup, Count, MatrixGroup, MatrixRow
from dashboard.formatting import localised
from dashboard.presenters.common import Links
from dashboard.presenters.selection import counts
from dashboard.queries import Query
from targets.models import Organisation, OrganisationName
from targets.register import Row

_SHOWN = 12


@dataclass(frozen=True, slots=True)
class League:
    """Leads with their counts; `hidden`: how many did not fit. A target of two leads is in both."""

    sorting: tuple[ChipGroup, ...]
    groups: tuple[MatrixGroup, ...]
    hidden: int
    all_url: str


@dataclass(frozen=True, slots=True)
class _Leader:
    organisation: Organisation
    name: OrganisationName
    counts: dict[str, int]

    @property
    def total(self) -> int:
        return sum(self.counts.values())


_ORDERS: dict[str, Callable[[_Leader], tuple[object, ...]]] = {
    "": lambda it: (
        -(it.counts.get("missed", 0) + it.counts.get("off_track", 0)),
        -it.counts.get("at_risk", 0),
        -it.total,
        it.organisation.position,
    ),
    "most": lambda it: (-it.total, it.organisation.position),
    "protocol": lambda it: (it.organisation.position, it.organisation.code),
}


def league(rows: Sequence[Row], query: Query, to: Links) -> League:
    """Who leads how many of the rows, in the order the reader chose (the worst first)."""
    leaders = sorted(_leaders(rows), key=_ORDERS.get(query.sort, _ORDERS[""]))
    shown = leaders if query.sort == "protocol" else leaders[:_SHOWN]
    return League(
        sorting=(_sorting(query),),
        groups=(
            MatrixGroup(
                title=gettext("Cơ quan chủ trì"),
                rows=tuple(_matrix_row(leader, query, to) for leader in shown),
            ),
        ),
        hidden=len(leaders) - len(shown),
        all_url=query.but(sort="protocol").url("/", "chu-tri"),
    )


def _leaders(rows: Sequence[Row]) -> list[_Leader]:
    led: dict[int, list[Row]] = {}
    names: dict[int, tuple[Organisation, OrganisationName]] = {}
    for row in rows:
        for part in row.leads:
            names[part.organisation.pk] = (part.organisation, part.name)
        for pk in {part.organisation.pk for part in row.leads}:
            led.setdefault(pk, []).append(row)
    return [_Leader(*names[pk], dict(counts(members))) for pk, members in led.items()]


def _matrix_row(leader: _Leader, query: Query, to: Links) -> MatrixRow:
    code = leader.organisation.code
    return MatrixRow(
        title=localised(leader.name, "short"),
        url=to.organisation(leader.organisation),
        counts={
            status: Count(number, query.but(lead=code, status=status).url("/", "danh-sach"))
            for status, number in leader.counts.items()
        },
    )


def _sorting(query: Query) -> ChipGroup:
    words = {
        "": gettext("Nhiều chậm, không đạt nhất"),
        "most": gettext("Nhiều mục tiêu nhất"),
        "protocol": gettext("Tất cả, theo thứ tự cơ quan"),
    }
    present = query.sort if query.sort in words else ""
    return ChipGroup(
        label=gettext("Xếp theo"),
        chips=tuple(
            Chip(text, query.but(sort=sort).url("/", "chu-tri"), current=sort == present)
            for sort, text in words.items()
        ),
    )
