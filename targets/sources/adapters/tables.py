"""Tables at an address: text files (CSV) and workbooks, long or wide, by declared columns."""

from __future__ import annotations

import fnmatch
import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Annotated, Any, ClassVar, Literal, cast

from pydantic import Field, StringConstraints, field_validator

from targets.sources.adapters import table_text, table_workbooks
from targets.sources.adapters.table_shape import Melt, Wanted, header_of
from targets.sources.contract import (
    Adapter,
    Body,
    Fetch,
    Options,
    Outcome,
    Request,
    SourceError,
    Table,
)
from targets.spreadsheets import limits

_ZIP = b"PK\x03\x04"
_OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# What is certainly no table of text, whatever it is called.
_OTHERS = (
    b"%PDF",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"{\\rtf",
    b"\x1f\x8b",
    b"Rar!",
    b"7z\xbc",
)
_MARKUP = (b"<html", b"<!doctype", b"<?xml", b"<table", b"mime-version:")
_MOST_UNPACKED = 1_000_000_000
_MOST_DIRECTORY = 1_000_000

Name = Annotated[str, StringConstraints(min_length=1, max_length=300)]


class Wide(Options):
    """A table with a column for each period: one row is made of each column that matches.

    `pattern` matches the whole name of a column; its groups, `period` and `measure`, become
    columns, the cell becomes `value`. `keep`: the columns that stay; none named, all others.
    """

    pattern: str = Field(max_length=300)
    value: Name = "value"
    keep: list[Name] = Field(default=[], max_length=60)

    @field_validator("pattern")
    @classmethod
    def _has_groups(cls, pattern: str) -> str:
        try:
            groups = set(re.compile(pattern).groupindex)
        except re.error as error:
            raise ValueError(f"{error}") from error
        if not groups or groups - {"period", "measure"}:
            raise ValueError("(?P<period>…), (?P<measure>…)")
        return pattern


class TableOptions(Options):
    """How a file is read; what is not said is found out.

    `columns` must be in the header, which is the first row that has them; `rename` says how a
    column is called here that the file calls otherwise ({"E-Government Rank": "EGDI rank"}).
    `skip` lines (of a sheet: rows) stand before it, `header_rows` is 2 where titles stand above
    titles. The table goes on to the end, or with `until_blank` to the first empty row. `member` is
    the file in a zip that holds several (a pattern as in a shell).

    Of text files: `encoding`, `delimiter`. Of workbooks: `sheet` by name or number from 1,
    `percent` (a cell that shows 98.5 % is "98.5" or its stored "0.985"), and `decimal`, the sign
    that cells holding numbers are written with: the one that the mapping reads.
    """

    columns: list[Name] = Field(default=[], max_length=100)
    rename: dict[Name, Name] = Field(default={}, max_length=100)
    skip: int = Field(default=0, ge=0, le=10_000)
    header_rows: Literal[1, 2] = 1
    until_blank: bool = False
    wide: Wide | None = None
    member: str = Field(default="", max_length=200)
    encoding: Literal[""] | table_text.Encoding = ""
    delimiter: Literal["", ",", ";", "\t", "|"] = ""
    sheet: Annotated[int, Field(ge=1)] | Name = 1
    percent: table_workbooks.Percent = "as-shown"
    decimal: Literal[".", ","] = "."


class Tables(Adapter[TableOptions]):
    """One table of one file; columns as its header names them (see `table_shape`).

    Rows of a text file are streamed; a row that is not as wide as its header fails the run.
    Workbooks have the bounds of uploaded ones. A zip with one file in it is read as that file.
    """

    code = "table"
    options = TableOptions
    accepts: ClassVar[tuple[str, ...]] = ()

    def collect(self, address: str, options: TableOptions, fetch: Fetch) -> list[Body]:
        """The file."""
        return [fetch(Request(address))]

    def tables(
        self, address: str, options: TableOptions, bodies: Sequence[Body]
    ) -> Iterator[Table]:
        (body,) = bodies
        wide = options.wide
        melt = wide and Melt(re.compile(wide.pattern), wide.keep, wide.value)
        wanted = Wanted(
            columns=[*options.columns, *(wide.keep if wide else ())],
            rows=options.header_rows,
            rename=options.rename,
            pattern=melt.pattern if melt else None,
        )
        file = _File(body, options.member)
        if file.kind == "text":
            names, rows = _text_table(file, body.charset, options, wanted)
        else:
            names, rows = _sheet_table(file, options, wanted)
        if melt:
            columns = melt.columns(names)
            if len(set(columns)) < len(columns):
                raise SourceError(Outcome.MISCONFIGURED, reason="wide", found=columns)
            yield Table(columns=columns, rows=melt.rows(names, rows))
        else:
            yield Table(columns=names, rows=rows)


def _text_table(
    file: _File, charset: str, options: TableOptions, wanted: Wanted
) -> tuple[list[str], Iterator[Sequence[str]]]:
    rows = table_text.rows_of(
        file.open,
        encoding=options.encoding,
        charset=charset,
        delimiter=options.delimiter,
        skip=options.skip,
    )
    names = header_of(rows.cut, wanted)
    return names, table_text.as_wide_as(rows, len(names), until_blank=options.until_blank)


def _sheet_table(
    file: _File, options: TableOptions, wanted: Wanted
) -> tuple[list[str], Iterator[Sequence[str]]]:
    sheet = table_workbooks.sheet_of(file.content(), file.kind, options.sheet)
    rows = table_workbooks.rows_of(
        sheet, percent=options.percent, decimal=options.decimal, skip=options.skip
    )
    names = header_of(rows, wanted)
    return names, _filled(rows, until_blank=options.until_blank)


def _filled(rows: Iterator[Sequence[str]], *, until_blank: bool) -> Iterator[Sequence[str]]:
    for row in rows:
        if any(row):
            yield row
        elif until_blank:
            return


class _File:
    """The file that a body is, or that is in it. `kind`: text, xlsx, xls or ods, by its bytes."""

    def __init__(self, body: Body, member: str) -> None:
        self._path = body.path
        self._member = ""
        with body.path.open("rb") as stream:
            self.kind = _kind(stream.read(1024))
        if self.kind == "zip":
            names = _members(body)
            if "[Content_Types].xml" in names:
                self.kind = "xlsx"
            elif {"mimetype", "content.xml"} <= set(names):
                self.kind = "ods"
            else:
                self._member = _chosen(names, member)
                with self.open() as stream:
                    self.kind = _kind(stream.read(1024))
                if self.kind == "zip":
                    self.kind = "ods" if self._member.lower().endswith(".ods") else "xlsx"

    def open(self) -> IO[bytes]:
        """Its bytes from the start."""
        if not self._member:
            return self._path.open("rb")
        return io.BufferedReader(_Unpacked(self._path, self._member))

    def content(self) -> bytes:
        """All of a workbook's bytes."""
        with self.open() as stream:
            content = stream.read(limits.MAX_BYTES + 1)
        if len(content) > limits.MAX_BYTES:
            raise SourceError(Outcome.TOO_LARGE, reason="size", most=limits.MAX_BYTES)
        return content


def _kind(head: bytes) -> str:
    if head.startswith(_ZIP):
        return "zip"
    if head.startswith(_OLD):
        return "xls"
    start = head.lstrip(b"\xef\xbb\xbf \r\n\t")
    if not start:
        raise SourceError(Outcome.UNREADABLE, reason="empty")
    if start.lower().startswith(_MARKUP):
        raise SourceError(Outcome.UNREADABLE, reason="markup")
    if start.startswith(_OTHERS):
        raise SourceError(Outcome.UNREADABLE, reason="kind")
    return "text"


def _members(body: Body) -> list[str]:
    """The files in a zip; its list is looked at before it is read, since it may be all there is."""
    try:
        with body.path.open("rb") as stream:
            stream.seek(max(0, body.size - 66_000))
            tail = stream.read()
            end = tail.rindex(b"PK\x05\x06")
            (directory,) = struct.unpack_from("<I", tail, end + 12)
            if directory > _MOST_DIRECTORY:
                raise SourceError(Outcome.TOO_LARGE, reason="members", count=limits.MAX_MEMBERS)
            with zipfile.ZipFile(stream) as package:
                return [one.filename for one in package.infolist() if not one.is_dir()]
    except (zipfile.BadZipFile, ValueError, struct.error, NotImplementedError, EOFError) as error:
        raise SourceError(Outcome.UNREADABLE, reason="zip") from error


def _chosen(names: Sequence[str], member: str) -> str:
    files = [name for name in names if not name.startswith("__MACOSX/")]
    if member:
        files = [name for name in files if fnmatch.fnmatchcase(name, member)]
    if len(files) != 1:
        raise SourceError(
            Outcome.COLUMNS_CHANGED, missing=[member or "1 file"], found=list(names)[:60]
        )
    return files[0]


class _Unpacked(io.RawIOBase):
    """A member of a zip as a stream; ends the run when it is more than any source may be."""

    def __init__(self, path: Path, member: str) -> None:
        super().__init__()
        self._read = 0
        self._open = ExitStack()
        try:
            package = self._open.enter_context(zipfile.ZipFile(path))
            self._stream = self._open.enter_context(package.open(member))
        except (RuntimeError, NotImplementedError, zipfile.BadZipFile) as error:
            self.close()
            raise SourceError(Outcome.UNREADABLE, reason="zip") from error

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            piece = self._stream.read(len(cast("bytearray", buffer)))
        except (zipfile.BadZipFile, zlib.error, EOFError) as error:
            raise SourceError(Outcome.UNREADABLE, reason="zip") from error
        self._read += len(piece)
        if self._read > _MOST_UNPACKED:
            raise SourceError(Outcome.TOO_LARGE, reason="unpacked", most=_MOST_UNPACKED)
        buffer[: len(piece)] = piece
        return len(piece)

    def close(self) -> None:
        self._open.close()
        super().close()
