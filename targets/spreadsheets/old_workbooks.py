"""Workbooks of the old binary format (.xls) looked through before a parser is given them.

The container is Microsoft's compound file; the workbook is one stream of records in it. Only what
refuses a file or says how far its cells reach is read. Formats: [MS-CFB] and [MS-XLS].
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from targets.spreadsheets import limits
from targets.spreadsheets.model import RefusedError
from targets.spreadsheets.parts import Area

_HEADER = 512
_END = 0xFFFFFFFA  # this and all above: no sector
_ENTRY = 128
_STREAM, _ROOT = 2, 5

_BOF, _BOUNDSHEET, _FILEPASS, _SUPBOOK = 0x0809, 0x0085, 0x002F, 0x01AE
_FORMAT, _XF, _ROW, _MULRK = 0x041E, 0x00E0, 0x0208, 0x00BD
# Records of one cell with something in it: NUMBER, RK, LABELSST, LABEL, RSTRING, BOOLERR, FORMULA.
_CELLS = frozenset({0x0203, 0x027E, 0x00FD, 0x0204, 0x00D6, 0x0205, 0x0006, 0x0206, 0x0406})
_BOOLERR = 0x0205
_FORMULAS = frozenset({0x0006, 0x0206, 0x0406})
_MACRO_SHEET = 0x0040
_OWN_SHEETS, _ADD_IN = 0x0401, 0x3A01
_PERCENT_FORMATS = frozenset({9, 10})
_MACROS = ("_VBA_PROJECT_CUR", "_VBA_PROJECT", "VBA", "MACROS")


@dataclass
class _Entry:
    name: str
    kind: int
    start: int
    size: int


class _Compound:
    """The directory and the streams of a compound file."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        version, _order, shift, mini_shift = struct.unpack_from("<HHHH", content, 26)
        if version not in {3, 4} or shift not in {9, 12} or mini_shift != 6:
            raise RefusedError("broken")
        self.sector = 1 << shift
        self.count = len(content) // self.sector + 1
        first_directory, _signature, self.cutoff, mini_start, _minis, difat, _difats = (
            struct.unpack_from("<7I", content, 48)
        )
        self.table = self._table(difat)
        self.mini_table = _numbers(self._chain(mini_start))
        directory = self._chain(first_directory)
        self.entries = [
            entry
            for place in range(0, len(directory) - _ENTRY + 1, _ENTRY)
            if (entry := _entry(directory[place : place + _ENTRY])) is not None
        ]

    def stream(self, entry: _Entry) -> bytes:
        """All bytes of a stream."""
        if entry.size > len(self.content):
            raise RefusedError("broken")
        if entry.size >= self.cutoff:
            return self._chain(entry.start)[: entry.size]
        root = next((one for one in self.entries if one.kind == _ROOT), None)
        if root is None:
            raise RefusedError("broken")
        minis = self._chain(root.start)
        pieces = []
        for number in _walk(entry.start, self.mini_table, len(minis) // 64 + 1):
            pieces.append(minis[number * 64 : number * 64 + 64])
        return b"".join(pieces)[: entry.size]

    def _table(self, difat: int) -> list[int]:
        """Which sector follows which."""
        numbers = list(struct.unpack_from("<109I", self.content, 76))
        for _step in range(self.count):
            if difat >= _END:
                break
            more = _numbers(self._sector(difat))
            numbers += more[:-1]
            difat = more[-1]
        table: list[int] = []
        for number in numbers:
            if number < _END:
                table += _numbers(self._sector(number))
            if len(table) > self.count + self.sector:
                break
        return table

    def _sector(self, number: int) -> bytes:
        start = (number + 1) * self.sector
        piece = self.content[start : start + self.sector]
        if len(piece) < self.sector:
            # The last sector of a file may be cut short by writers that save the padding.
            piece = piece.ljust(self.sector, b"\0")
            if start >= len(self.content):
                raise RefusedError("broken")
        return piece

    def _chain(self, start: int) -> bytes:
        return b"".join(self._sector(n) for n in _walk(start, self.table, self.count))


def _walk(start: int, table: list[int], bound: int) -> Iterator[int]:
    """The numbers of a chain; one that runs in a circle or out of its table is refused."""
    number = start
    for _step in range(bound + 1):
        if number >= _END:
            return
        if number >= len(table):
            raise RefusedError("broken")
        yield number
        number = table[number]
    raise RefusedError("broken")


def _numbers(raw: bytes) -> list[int]:
    return list(struct.unpack(f"<{len(raw) // 4}I", raw[: len(raw) // 4 * 4]))


def _entry(raw: bytes) -> _Entry | None:
    length, kind = struct.unpack_from("<HB", raw, 64)
    if kind == 0:
        return None
    start, size = struct.unpack_from("<II", raw, 116)
    name = raw[: max(0, min(length, 64) - 2)].decode("utf-16-le", "replace")
    return _Entry(name, kind, start, size)


@dataclass
class Found:
    """Of each sheet in order the cells that show per cent or an error: (row number, column)."""

    percent: list[set[tuple[int, int]]] = field(default_factory=list)
    errors: list[set[tuple[int, int]]] = field(default_factory=list)


def look_through(content: bytes) -> Found:
    """What its cells show, or RefusedError: password, macros, links, not a workbook, size."""
    try:
        compound = _Compound(content)
        names = {entry.name.upper() for entry in compound.entries}
        if "ENCRYPTEDPACKAGE" in names:
            raise RefusedError("password")
        if names.intersection(_MACROS):
            raise RefusedError("macros")
        if "\1OLE10NATIVE" in names or any(name.startswith("MBD") for name in names):
            raise RefusedError("embedded")
        streams = [
            entry
            for entry in compound.entries
            if entry.kind == _STREAM and entry.name.upper() in {"WORKBOOK", "BOOK"}
        ]
        if not streams:
            raise RefusedError("not_a_workbook")
        return _Records(compound.stream(streams[0])).found
    except (struct.error, IndexError):
        raise RefusedError("broken") from None


class _Records:
    def __init__(self, stream: bytes) -> None:
        self.found = Found()
        self.stream = stream
        self.sheets: dict[int, int] = {}
        self.current = -1
        self.rows = 0
        self.area = Area()
        self.styles: list[int] = []
        self.formats = set(_PERCENT_FORMATS)
        place = 0
        while place + 4 <= len(stream):
            kind, size = struct.unpack_from("<HH", stream, place)
            self._take(kind, place, stream[place + 4 : place + 4 + size])
            place += 4 + size

    def _take(self, kind: int, place: int, body: bytes) -> None:
        if kind in _CELLS:
            row, column, style = struct.unpack_from("<HHH", body)
            self._cell(row, column, style)
            if self.current >= 0 and _is_error(kind, body):
                self.found.errors[self.current].add((row + 1, column))
        elif kind == _MULRK:
            row, column = struct.unpack_from("<HH", body)
            for step, start in enumerate(range(4, len(body) - 5, 6)):
                self._cell(row, column + step, struct.unpack_from("<H", body, start)[0])
        elif kind == _ROW:
            self.rows += 1
            if self.rows > limits.MAX_ROWS:
                raise RefusedError("rows", count=limits.MAX_ROWS)
        elif kind == _BOF:
            self._sheet(place, body)
        else:
            self._globals(kind, body)

    def _globals(self, kind: int, body: bytes) -> None:
        if kind == _FILEPASS:
            raise RefusedError("password")
        if kind == _SUPBOOK and struct.unpack_from("<H", body, 2)[0] not in {_OWN_SHEETS, _ADD_IN}:
            raise RefusedError("links")
        if kind == _BOUNDSHEET:
            if body[5] == 1:
                raise RefusedError("macros")
            self.sheets[struct.unpack_from("<I", body)[0]] = len(self.found.percent)
            self.found.percent.append(set())
            self.found.errors.append(set())
            if len(self.sheets) > limits.MAX_SHEETS:
                raise RefusedError("sheets", count=limits.MAX_SHEETS)
        elif kind == _XF:
            self.styles.append(struct.unpack_from("<H", body, 2)[0])
        elif kind == _FORMAT and b"%" in body[2:]:
            self.formats.add(struct.unpack_from("<H", body)[0])

    def _sheet(self, place: int, body: bytes) -> None:
        if struct.unpack_from("<H", body, 2)[0] == _MACRO_SHEET:
            raise RefusedError("macros")
        if place in self.sheets:
            self.current = self.sheets[place]
            self.rows, self.area = 0, Area()

    def _cell(self, row: int, column: int, style: int) -> None:
        self.area.take(row + 1, column)
        if self.current >= 0 and style < len(self.styles) and self.styles[style] in self.formats:
            self.found.percent[self.current].add((row + 1, column))


def _is_error(kind: int, body: bytes) -> bool:
    if kind == _BOOLERR:
        return body[7] == 1
    return kind in _FORMULAS and body[6] == 2 and body[12:14] == b"\xff\xff"
