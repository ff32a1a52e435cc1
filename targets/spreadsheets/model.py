"""What is read of a spreadsheet, and why one is not."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

Value = str | int | float | bool | dt.datetime | dt.date | dt.time | dt.timedelta | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """The cells with something in them, row by row.

    `rows`: (number of the row as people count, from 1; values from column 0 on). `percent`: the
    cells (row number, column) that show per cent, so that 0.985 means 98,5 %. `merged`: ranges
    (first row, first column, last row, last column), both ends inside. A cell that shows an error
    of a formula holds #N/A.
    """

    name: str
    hidden: bool
    rows: list[tuple[int, list[Value]]]
    percent: frozenset[tuple[int, int]] = frozenset()
    merged: tuple[tuple[int, int, int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Spreadsheet:
    """A file that was read: its kind (xlsx, xls, ods, csv), how its text was written, its sheets.

    `properties`: the document's own properties by name, where the kind has them.
    """

    kind: str
    encoding: str
    sheets: list[Sheet]
    properties: dict[str, str] = field(default_factory=dict)


class RefusedError(Exception):
    """A file that is not read: a code of `refusals`, and what its sentence names."""

    def __init__(self, code: str, **names: str | int) -> None:
        super().__init__(code)
        self.code = code
        self.names = names
