"""The tile map of provinces by one measure, and its legend."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from typing import Final

from django.utils.translation import gettext

from dashboard import formatting, svg
from dashboard.formatting import localised
from dashboard.presenters.common import Links
from dashboard.presenters.measures import Known, Measure
from targets.lineage import Lineage
from targets.models import Indicator, MapTile

_SHADES: Final = 6
#: Room for the small print of a tile, in characters.
_TILE_TEXT: Final = 9


@dataclass(frozen=True, slots=True)
class TileMap:
    """The tiles with their legend: the shades, best last, and what else the tiles say."""

    label: str
    tiles: Sequence[svg.MapTile]
    legend: Sequence[svg.MapTile]
    notes: Sequence[str]


@dataclass(frozen=True, slots=True)
class Scale:
    """Six steps of equal width over the numbers shown; `q5` is always the best."""

    low: Decimal
    high: Decimal
    rising: bool

    @classmethod
    def over(cls, numbers: Iterable[Decimal], indicator: Indicator) -> Scale | None:
        """The scale of these numbers; None where there are not two to tell apart."""
        known = list(numbers)
        if len(set(known)) < 2:
            return None
        rising = indicator.direction == Indicator.Direction.UP
        return cls(min(known), max(known), rising)

    def shade(self, number: Decimal) -> str:
        step = min(int((number - self.low) / (self.high - self.low) * _SHADES), _SHADES - 1)
        return self._name(step)

    def steps(self) -> list[tuple[str, Decimal, Decimal]]:
        """(shade, from, to) of every step, in ascending order of the numbers."""
        reach = self.high - self.low
        ends = [self.low + reach * step / _SHADES for step in range(_SHADES + 1)]
        return [(self._name(step), ends[step], ends[step + 1]) for step in range(_SHADES)]

    def _name(self, step: int) -> str:
        return f"q{step if self.rising else _SHADES - 1 - step}"


def tile_map(
    known: Mapping[int, Known], measure: Measure, lineage: Lineage, day: dt.date, to: Links
) -> TileMap | None:
    """The map of the places in `known` (by organisation id); None where its tiles are not theirs.

    Before a merger, and after one that the tiles do not know yet, there is no map for the day.
    """
    drawn = list(MapTile.objects.all())
    if {tile.organisation_id for tile in drawn} != set(known):
        return None
    numbers = [one.number for one in known.values() if one.number is not None]
    scale = Scale.over(numbers, measure.indicator)
    tiles = []
    for tile in drawn:
        what = known[tile.organisation_id]
        inset = tile.kind == MapTile.Kind.ISLAND_INSET
        name = localised(lineage.name_on(tile.organisation_id, day), "name")
        tiles.append(
            svg.MapTile(
                row=tile.row,
                col=tile.col,
                abbr=tile.abbr,
                label=f"{name}: {_words(what, measure, lineage, day)}",
                shade=_shade(what, scale),
                text="" if inset else _small(what, measure),
                url=to.organisation(lineage.organisations[tile.organisation_id]),
                inset=inset,
            )
        )
    return TileMap(
        gettext("Bản đồ ô: %(measure)s") % {"measure": measure.title},
        tiles,
        _legend(scale, measure),
        _notes(known.values(), scale),
    )


def _shade(known: Known, scale: Scale | None) -> str:
    if known.number is None:
        return ""
    return "q5" if scale is None else scale.shade(known.number)


def _words(known: Known, measure: Measure, lineage: Lineage, day: dt.date) -> str:
    """What a tile says, in words."""
    if known.number is not None:
        return measure.write(known.number)
    if not known.apart:
        return gettext("không có số liệu")
    values = "; ".join(measure.apart(known, lineage, day))
    return gettext("chỉ có số của tỉnh cũ: %(values)s") % {"values": values}


def _small(known: Known, measure: Measure) -> str:
    """What is printed on a tile: its number, or the predecessors' side by side."""
    if known.number is not None:
        return _bare(known.number, measure)
    text = "·".join(_bare(value.number, measure) for _pk, value in known.apart)
    return text if len(text) <= _TILE_TEXT else f"({len(known.apart)})"


def _bare(number: Decimal, measure: Measure) -> str:
    """A number without unit or word."""
    return formatting.number(number, min(measure.indicator.unit.decimals, 2), trim=True)


def _legend(scale: Scale | None, measure: Measure) -> list[svg.MapTile]:
    if scale is None:
        return []
    tiles = []
    for column, (shade, low, high) in enumerate(_printed(scale, measure)):
        words = {"low": _bare(low, measure), "high": _bare(high, measure)}
        tiles.append(
            svg.MapTile(
                row=0,
                col=column,
                abbr=words["low"],
                text=f"{formatting.DASH} {words['high']}" if low < high else "",
                label=gettext("từ %(low)s đến %(high)s") % words,
                shade=shade,
            )
        )
    return tiles


def _printed(scale: Scale, measure: Measure) -> list[tuple[str, Decimal, Decimal]]:
    """The steps as they are printed: of whole numbers, only those that lie in each."""
    if measure.indicator.unit.decimals:
        return scale.steps()
    whole = []
    for shade, low, high in scale.steps():
        first = low.to_integral_value(ROUND_CEILING)
        last = high.to_integral_value(ROUND_CEILING) - (0 if high >= scale.high else 1)
        if first <= last:
            whole.append((shade, first, last))
    return whole


def _notes(known: Iterable[Known], scale: Scale | None) -> list[str]:
    notes = [gettext("Màu nổi nhất là tốt nhất.")] if scale else []
    if any(one.apart for one in known):
        notes.append(
            gettext(
                "Ô không tô là nơi hợp nhất: chỉ có số của các tỉnh cũ, ghi cạnh nhau, không gộp."
            )
        )
    return [*notes, gettext("Ô viền đứt là quần đảo Hoàng Sa và Trường Sa.")]
