"""What a source wrote for the rows of a trial: beside what they would become."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from targets.models import DataSource
from targets.sources.contract import Table
from targets.sources.reading.areas import cleaned

_MOST_LETTERS: Final = 200


def quote(rows: Sequence[dict[str, Any]], tables: Iterable[Table], source: DataSource) -> None:
    """Add to each row `written`, the source's own text of the value ("98,5"; of a ratio "12 / 40"),
    and `unit`, the code of the unit in which it is declared ("" for the indicator's own).

    `tables` are those that the rows came from, read once more as far as the last row's place.
    """
    fields = {
        (one.series.indicator.code, one.series.code): (
            (one.numerator_field, one.denominator_field) if one.numerator_field
            else (one.value_field,),
            one.unit,
        )
        for one in source.mappings.select_related("series__indicator")
    }  # fmt: skip
    wanted: dict[int, dict[str, str | None]] = {row["place"]: {} for row in rows}
    _find(wanted, tables)
    for row in rows:
        names, unit = fields.get((row["indicator"], row["series"]), ((), ""))
        texts = [wanted[row["place"]].get(cleaned(name)) or "" for name in names]
        row |= {"written": " / ".join(texts)[:_MOST_LETTERS], "unit": unit}


def _find(wanted: dict[int, dict[str, str | None]], tables: Iterable[Table]) -> None:
    """The cells of rows by their places, which count through all tables from 1."""
    if not wanted:
        return
    place, last = 0, max(wanted)
    for table in tables:
        names = [cleaned(name or "") for name in table.columns]
        for cells in table.rows:
            place += 1
            if place in wanted:
                wanted[place] = dict(zip(names, cells, strict=True))
            if place >= last:
                return
