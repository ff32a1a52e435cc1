"""A values file into a temporary table of text, as fast as COPY reads it."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import BufferedReader
from pathlib import Path

import psycopg
from django.db import connection
from django.utils.translation import gettext as _
from psycopg import sql

from targets.catalogue.reading import Place, Problems, decode

COLUMNS = (
    "indicator",
    "series",
    "organisation",
    "period",
    "value",
    "numerator",
    "denominator",
    "vintage",
    "published_on",
    "derived",
    "synthetic",
    "source_title",
    "source_url",
    "source_publisher",
    "caveat_vi",
    "caveat_en",
    "unit",
)
REQUIRED = ("indicator", "series", "organisation", "period", "source_title")
_CHUNK = 1 << 20


def stage(path: Path, problems: Problems) -> bool:
    """Copy the file into the temporary table `staged`; False and problems where it cannot be.

    The table has one text column per name in COLUMNS ("" where the file has no such column or an
    empty cell) and `ordinal`, the row's place in the file from 1. Call inside a transaction.
    """
    with path.open("rb") as file:
        header = _header(file, path.name, problems)
        if header is None:
            return False
        with connection.cursor() as cursor:
            columns = sql.SQL(", ").join(
                sql.SQL("{} text NOT NULL DEFAULT ''").format(sql.Identifier(name))
                for name in COLUMNS
            )
            cursor.execute("DROP TABLE IF EXISTS staged")
            cursor.execute(
                sql.SQL(
                    "CREATE TEMP TABLE staged "
                    "(ordinal bigint GENERATED ALWAYS AS IDENTITY, {}) ON COMMIT DROP"
                ).format(columns)
            )
            copy = sql.SQL(
                "COPY staged ({}) FROM STDIN (FORMAT csv, FORCE_NOT_NULL ({}), ENCODING 'UTF8')"
            ).format(*[sql.SQL(", ").join(map(sql.Identifier, header))] * 2)
            try:
                # A savepoint of its own: the scan below needs a working transaction.
                cursor.execute("SAVEPOINT staging")
                with cursor.copy(copy) as sink:
                    for chunk in _chunks(file):
                        sink.write(chunk)
            except psycopg.DataError as error:
                cursor.execute("ROLLBACK TO SAVEPOINT staging")
                before = len(problems.found)
                _scan(path, len(header), problems)
                if len(problems.found) == before:
                    problems.add(Place(path.name, 1), "", str(error).splitlines()[0])
                return False
            cursor.execute("ANALYZE staged")
    return True


def line_of(path: Path, ordinals: set[int]) -> dict[int, int]:
    """The file lines of rows by their ordinals: only read where there is something to say."""
    lines: dict[int, int] = {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file)
        next(reader)
        start = reader.line_num + 1
        for ordinal, _cells in enumerate(reader, 1):
            if ordinal in ordinals:
                lines[ordinal] = start
            start = reader.line_num + 1
    return lines


def _chunks(file: BufferedReader) -> Iterator[bytes]:
    while chunk := file.read(_CHUNK):
        yield chunk


def _header(file: BufferedReader, name: str, problems: Problems) -> list[str] | None:
    """The column names of the first line, which is consumed."""
    place = Place(name, 1)
    first = file.readline()
    try:
        text = first.decode("utf-8-sig")
    except UnicodeDecodeError:
        problems.add(place, "", _("ký tự không đúng bảng mã UTF-8; hãy lưu lại tệp dạng CSV UTF-8"))
        return None
    header = [cell.strip() for cell in next(csv.reader([text]), [])]
    before = len(problems.found)
    for column in header:
        if column not in COLUMNS:
            problems.add(
                place,
                column or "?",
                _("cột không có trong mẫu; các cột là: %s") % ", ".join(COLUMNS),
            )
        elif header.count(column) > 1:
            problems.add(place, column, _("cột ghi hai lần"))
    for column in REQUIRED:
        if column not in header:
            problems.add(place, column, _("thiếu cột này"))
    return header if len(problems.found) == before else None


def _scan(path: Path, width: int, problems: Problems) -> None:
    """Name every line that COPY could not have taken."""
    text = decode(path, path.name, problems)
    if text is None:
        return
    reader = csv.reader(text.splitlines(keepends=True), strict=True)
    try:
        next(reader)
        start = reader.line_num + 1
        for cells in reader:
            if len(cells) != width:
                problems.add(
                    Place(path.name, start),
                    "",
                    _("có %(got)d ô, cần %(want)d (thiếu hoặc thừa dấu phẩy?)")
                    % {"got": len(cells), "want": width},
                )
            start = reader.line_num + 1
    except csv.Error as error:
        problems.add(Place(path.name, reader.line_num), "", _("không đọc được CSV: %s") % error)
