"""The list of provinces: a tile map by one measure, and all known values of each place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext

from dashboard import formatting
from dashboard.components import Cell, Chip, ChipGroup, Column, Crumb, Notice, Table
from dashboard.formatting import localised
from dashboard.presenters import observed, provincial
from dashboard.presenters.common import Links, links_as_of
from dashboard.presenters.demands import listing
from dashboard.presenters.measures import Known, Measure, measures_of
from dashboard.presenters.organisations import exists_on, has_ended
from dashboard.presenters.province_map import TileMap, tile_map
from dashboard.presenters.sentences import notices
from dashboard.queries import Query
from targets.known_values import read_runs
from targets.lineage import Lineage, Past, past_of
from targets.models import Organisation


@dataclass(frozen=True, slots=True)
class ProvinceListPage:
    """`/dia-phuong/`."""

    title: str
    description: str
    crumbs: Sequence[Crumb]
    sentence: str
    basis: str
    notices: Sequence[Notice]
    filters: Sequence[ChipGroup]
    map: TileMap | None
    no_map: Notice
    table: Table
    ended: Table | None


@dataclass(frozen=True, slots=True)
class _Places:
    """The provinces of the day, with the bodies that went into each."""

    lineage: Lineage
    query: Query
    present: Sequence[Organisation]
    past: Mapping[int, Past]

    def known(self, measure: Measure) -> dict[int, Known]:
        return {one.pk: measure.known(one.pk, self.past[one.pk]) for one in self.present}


def province_list_page(query: Query, chosen: str) -> ProvinceListPage:
    """All provinces of the day; `chosen`: key of the measure to map, "" for the fullest one."""
    to = links_as_of(query.as_of)
    lineage = Lineage()
    everyone = sorted(
        (one for one in lineage.organisations.values() if one.kind == Organisation.Kind.PROVINCE),
        key=lambda one: (one.position, one.code),
    )
    present = [one for one in everyone if exists_on(one, query.day)]
    ended = [one for one in everyone if has_ended(one, query.day)]
    past = {one.pk: past_of(lineage, one.pk, query.day) for one in present}
    places = _Places(lineage, query, present, past)
    measures = measures_of(read_runs(query.day, organisation__kind=Organisation.Kind.PROVINCE))
    chief = next((one for one in measures if one.key == chosen), None)
    if chief is None:
        chief = max(measures, key=Measure.places, default=None)
    known = places.known(chief) if chief else {}
    return ProvinceListPage(
        title=gettext("Địa phương"),
        description=gettext("Các tỉnh, thành phố, số liệu đã biết và tiền thân của từng nơi."),
        crumbs=(
            Crumb(gettext("Tổng quan"), reverse("overview") + to.as_of_query),
            Crumb(gettext("Địa phương")),
        ),
        sentence=_sentence(len(present), known),
        basis=chief.title if chief else "",
        notices=notices((), query),
        filters=[_choice(measures, chief, query)] if chief else (),
        map=tile_map(known, chief, lineage, query.day, to) if chief else None,
        no_map=_no_map(),
        table=_table(places, _chief_first(measures, chief), to),
        ended=_ended(ended, places, to) if ended else None,
    )


def _sentence(count: int, known: Mapping[int, Known]) -> str:
    places = ngettext("%(count)s tỉnh, thành phố", "%(count)s tỉnh, thành phố", count)
    words: dict[str, object] = {"places": places % {"count": count}}
    words["own"] = sum(1 for one in known.values() if one.number is not None)
    words["apart"] = sum(1 for one in known.values() if one.apart)
    if words["apart"]:
        return (
            gettext("%(places)s: %(own)s nơi có số của mình, %(apart)s nơi chỉ có số của tỉnh cũ")
            % words
        )
    if words["own"]:
        return gettext("%(places)s: %(own)s nơi có số liệu") % words
    return gettext("%(places)s, chưa có số liệu nào") % words


def _choice(measures: Sequence[Measure], chief: Measure | None, query: Query) -> ChipGroup:
    path = query.url(reverse("province-list"))
    joint = "&" if "?" in path else "?"
    return ChipGroup(
        gettext("Số liệu trên bản đồ"),
        [
            Chip(one.title, f"{path}{joint}do={one.key}", one is chief, one.places())
            for one in measures
        ],
        folded=True,
    )


def _no_map() -> Notice:
    return Notice(
        gettext("Không có bản đồ ô cho ngày này"),
        gettext(
            "Bản đồ vẽ 34 tỉnh, thành phố có từ ngày 01/07/2025 và cần có số liệu; "
            "bảng bên dưới là của ngày đang xem."
        ),
        kind="info",
    )


def _chief_first(measures: Sequence[Measure], chief: Measure | None) -> list[Measure]:
    """The measure of the map, then the others, those with most values first."""
    return sorted(measures, key=lambda one: (one is not chief, -one.places()))


def _table(places: _Places, measures: Sequence[Measure], to: Links) -> Table:
    """Every place with its predecessors and what each measure says of it."""
    lineage, day = places.lineage, places.query.day
    heads = [Column(one.title, numeric=True) for one in measures]
    columns = [
        Column(gettext("Tỉnh, thành phố")),
        *heads[:1],
        Column(gettext("Hình thành từ"), minor=True),
        *heads[1:],
    ]
    rows = []
    for one in places.present:
        name = lineage.name_on(one.pk, day)
        past = places.past[one.pk]
        old = [localised(lineage.name_on(pk, day), "short") for pk in past.predecessors]
        cells = [_cell(each.known(one.pk, past), each, places) for each in measures]
        rows.append(
            (
                Cell(
                    localised(name, "name"),
                    url=to.organisation(one),
                    note=str(name.get_unit_type_display()).lower() if name.unit_type else "",
                ),
                *cells[:1],
                Cell(listing(old) if old else gettext("không đổi")),
                *cells[1:],
            )
        )
    return Table(gettext("Số liệu đã biết của từng địa phương"), columns, rows)


def _cell(known: Known, measure: Measure, places: _Places) -> Cell:
    """The place's own value; else its predecessors', each by name and in small print."""
    if known.own is not None:
        return observed.value_cell(known.own, measure.indicator.unit)
    if known.merged is not None:
        return Cell(measure.write(known.merged.value), badges=("derived",))
    apart = measure.apart(known, places.lineage, places.query.day)
    if not apart:
        return Cell()
    return Cell(
        html=format_html_join(
            SafeString("<br>"), '<span class="note">{}</span>', ((one,) for one in apart)
        )
    )


def _ended(ended: Iterable[Organisation], places: _Places, to: Links) -> Table:
    rows = [
        (
            provincial.place_cell(one.pk, places.lineage, places.query.day, to),
            Cell(formatting.day(one.valid_to)),
        )
        for one in ended
    ]
    columns = (Column(gettext("Tỉnh, thành phố cũ")), Column(gettext("Đến ngày")))
    return Table(gettext("Tỉnh, thành phố cũ"), columns, rows)
