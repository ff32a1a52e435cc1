"""The rows of a run into a temporary table, as they come: nothing is kept in memory."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Final

from django.db import connection

from targets.sources.contract import MappedRow
from targets.sources.taking.rejecting import Rejections

_CHUNK: Final = 5_000
_MAKE = """
    DROP TABLE IF EXISTS pulled;
    CREATE TEMP TABLE pulled (
        line integer GENERATED ALWAYS AS IDENTITY, place bigint, series_id bigint,
        organisation_id bigint, period text, value numeric, numerator numeric,
        denominator numeric, vintage text, published_on date
    ) ON COMMIT DROP
"""
_COPY = """
    COPY pulled (place, series_id, organisation_id, period, value, numerator, denominator,
                 vintage, published_on) FROM STDIN (NULL '')
"""
# A row as COPY reads it, unless a text in it has a sign that means something to COPY.
_LINE: Final = "%d\t%d\t%d\t%s\t%s\t%s\t%s\t%s\t%s\n"
_MARKS: Final = (("\t", 8), ("\n", 1), ("\r", 0), ("\\", 0), ("\0", 0))
_ESCAPES: Final = str.maketrans({"\t": "\\t", "\n": "\\n", "\r": "\\r", "\\": "\\\\"})


def stage(rows: Iterable[MappedRow], rejected: Rejections) -> int:
    """Leave the rows in the temporary table `pulled`, by `line` in their order; how many.

    An empty text is NULL. A row with what PostgreSQL cannot keep (NUL, half a character) is
    rejected. While they are read nothing else can be asked of the database on this connection.
    """
    read = 0
    coming = iter(rows)
    with connection.cursor() as cursor:
        cursor.execute(_MAKE)
        with cursor.copy(_COPY) as sink, _collecting_little():
            while chunk := list(islice(coming, _CHUNK)):
                lines = _lines(chunk, rejected)
                read += lines.count(b"\n")
                sink.write(lines)
                gc.collect(0)
    return read


@contextmanager
def _collecting_little() -> Iterator[None]:
    """Only what is young is collected, once a chunk: rows are tuples of texts, without cycles.

    Python would look through them, and all that the process has loaded, again and again, which
    takes as long as reading and mapping them.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _lines(chunk: Sequence[MappedRow], rejected: Rejections) -> bytes:
    text = "".join([_LINE % row for row in chunk])
    if all(text.count(mark) == times * len(chunk) for mark, times in _MARKS):
        try:
            return text.encode()
        except UnicodeEncodeError:
            pass
    return b"".join(_careful_lines(chunk, rejected))


def _careful_lines(chunk: Iterable[MappedRow], rejected: Rejections) -> Iterable[bytes]:
    for row in chunk:
        ids, texts = row[:3], row[3:]
        line = "\t".join([*map(str, ids), *(text.translate(_ESCAPES) for text in texts)]) + "\n"
        try:
            raw = line.encode()
        except UnicodeEncodeError:
            raw = b"\0"
        if b"\0" in raw:
            shown = "".join(texts).encode(errors="replace").decode()
            rejected.add(row.place, "", "text", shown)
        else:
            yield raw
