"""Tables in text files (CSV and its kin): which encoding, which separator, rows in a stream.

A file is read twice, first for its encoding, and never held: a million rows cost what a thousand
cost. Work is done on blocks of text (decoding, composing letters, looking for spaces around
cells), so that a row costs next to nothing beyond `csv`.
"""

from __future__ import annotations

import codecs
import csv
import io
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import IO, Any, Literal

from targets.sources.contract import Outcome, SourceError
from targets.spreadsheets import text as offices

Encoding = Literal[
    "utf-8",
    "utf-16",
    "utf-16-le",
    "utf-16-be",
    "utf-32",
    "latin-1",
    "windows-1252",
    "windows-1258",
    "tcvn3",
    "vni",
]
Open = Callable[[], IO[bytes]]

_PIECE = 256 * 1024
_SAMPLE = 64 * 1024
# What a line may hold at most; a file without line ends is refused, not swallowed.
_LONGEST = 4 * 1024 * 1024
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CODECS = {"utf-8": "utf-8-sig", "windows-1252": "cp1252"} | {
    name: codec for name, codec, _change in offices.OLDER
}
_CHANGES = {name: change for name, _codec, change in offices.OLDER if change is not str}
# Spaces that `str.strip` takes off and that are not ASCII.
_WIDE_SPACES = tuple(chr(sign) for sign in range(0x80, 0x3001) if chr(sign).isspace())


@dataclass(frozen=True)
class TextRows:
    """The rows of a text file, cells without outer spaces; read once.

    `line` tells the number of the line that was read last, from 1.
    """

    cut: Iterator[list[str]]
    line: Callable[[], int]


def rows_of(
    opened: Open, *, encoding: str = "", charset: str = "", delimiter: str = "", skip: int = 0
) -> TextRows:
    """Rows of a file after `skip` lines; what is not declared is found out.

    `charset` is what the server said. Raises SourceError (unreadable), now or while the rows are
    read: text not in its encoding, NUL in it, letters lost as ?, quotes that do not close.
    """
    blocks = _Blocks(opened, encoding or encoding_of(opened, charset))
    head = io.StringIO(blocks.head, newline="")
    for _line in range(skip):
        head.readline()
    rest = head.read()
    if rest[:4].lower() == "sep=" and len(said := rest[: rest.find("\n")].strip()) == 5:
        delimiter = delimiter or said[4]
        skip += 1
    blocks.delimiter = delimiter or offices.separator_of(rest[:_SAMPLE])
    lines = islice(chain.from_iterable(blocks), skip, None)
    reader = csv.reader(lines, delimiter=blocks.delimiter, strict=True)
    return TextRows(_cut(reader, blocks, skip), lambda: skip + reader.line_num)


def encoding_of(opened: Open, charset: str = "") -> str:
    """The encoding of a file: by its mark, else Unicode by its form, else by its letters.

    A file that is not Unicode is in one of the older Vietnamese encodings where its words are
    Vietnamese, else in what the server said, else in Windows-1252.
    """
    with opened() as stream:
        head = stream.read(_PIECE)
        for mark, name in _MARKS:
            if head.startswith(mark):
                return name
        # Western text in UTF-16 has every other byte zero.
        zeros = [head[start:_SAMPLE:2].count(0) for start in (0, 1)]
        if max(zeros) * 4 >= min(len(head), _SAMPLE):
            return "utf-16-be" if zeros[0] > zeros[1] else "utf-16-le"
        decoder = codecs.getincrementaldecoder("utf-8")()
        sample, unicode = b"", True
        for piece in chain([head], iter(lambda: stream.read(_PIECE), b"")):
            if unicode:
                try:
                    decoder.decode(piece)
                except UnicodeDecodeError:
                    unicode = False
            if len(sample) < _SAMPLE:
                if not piece.isascii():
                    lines = (line for line in piece.split(b"\n") if not line.isascii())
                    sample = b"\n".join([sample, *lines])[:_SAMPLE]
            elif not unicode:
                break
    return "utf-8" if unicode else _older(sample, charset)


def _older(sample: bytes, charset: str) -> str:
    shares = {}
    for name, codec, change in offices.OLDER:
        try:
            shares[name] = offices.share_of_syllables(change(sample.decode(codec)))
        except UnicodeDecodeError:
            continue
    best = max(shares, key=lambda name: shares[name], default="")
    if best and shares[best] >= offices.GOOD_SHARE:
        return best
    if charset.lower().replace("_", "-") in {"windows-1258", "cp1258"}:
        return "windows-1258"
    return "windows-1252" if "windows-1252" in shares else "latin-1"


class _Blocks:
    """The text of a file in pieces of whole lines, each an iterator of its lines.

    `spaced` turns true, before the lines of a piece are given, once any cell may need stripping.
    """

    def __init__(self, opened: Open, encoding: str) -> None:
        self.encoding = encoding
        self.delimiter = ","
        self.spaced = False
        self._pieces = self._read(opened)
        self.head = next(self._pieces, "").removeprefix("\ufeff")
        if offices.lost_letters(self.head[:_SAMPLE]):
            raise SourceError(Outcome.UNREADABLE, reason="lossy", encoding=encoding)

    def __iter__(self) -> Iterator[Iterator[str]]:
        around = (
            *(sign for sign in '"\t\x0b\x0c\x1c\x1d\x1e\x1f' if sign != self.delimiter),
            *(f"{sign} " for sign in (self.delimiter, "\n", "\r")),
            *(f" {sign}" for sign in (self.delimiter, "\n", "\r")),
        )
        for piece in chain([self.head], self._pieces):
            self.spaced = (
                self.spaced
                or piece[:1] == " "
                or piece[-1:] == " "
                or any(signs in piece for signs in around)
                or (not piece.isascii() and any(sign in piece for sign in _WIDE_SPACES))
            )
            yield io.StringIO(piece, newline="")

    def _read(self, opened: Open) -> Iterator[str]:
        codec = _CODECS.get(self.encoding, self.encoding)
        rest = ""
        with opened() as raw, io.TextIOWrapper(raw, encoding=codec, newline="") as stream:
            try:
                for piece in chain(iter(lambda: stream.read(_PIECE), ""), [""]):
                    text = rest + piece
                    # \r at the end may be the half of a line end.
                    end = max(text.rfind("\n"), text.rfind("\r", 0, -1)) + 1 if piece else len(text)
                    rest = text[end:]
                    if len(rest) > _LONGEST:
                        raise SourceError(Outcome.UNREADABLE, reason="no line ends")
                    if end:
                        yield self._ready(text[:end])
            except UnicodeError as error:
                raise SourceError(
                    Outcome.UNREADABLE, reason="encoding", encoding=self.encoding
                ) from error

    def _ready(self, text: str) -> str:
        if "\0" in text:
            raise SourceError(Outcome.UNREADABLE, reason="NUL")
        change = _CHANGES.get(self.encoding)
        if change is not None:
            text = change(text)
        return (
            text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)
        )


def _cut(reader: Any, blocks: _Blocks, skip: int) -> Iterator[list[str]]:
    strip = str.strip
    try:
        for row in reader:
            yield list(map(strip, row)) if blocks.spaced else row
    except csv.Error as error:
        raise SourceError(
            Outcome.UNREADABLE, reason="quotes", message=str(error), line=skip + reader.line_num
        ) from error


def as_wide_as(rows: TextRows, width: int, *, until_blank: bool) -> Iterator[list[str]]:
    """The rows with something in them, each as wide as the header; any other fails the run.

    `until_blank`: up to the first row with nothing in it.
    """
    line = rows.line
    for row in rows.cut:
        if len(row) == width and (row[0] or any(row)):
            yield row
        elif any(row):
            raise SourceError(
                Outcome.UNREADABLE, reason="ragged", line=line(), cells=len(row), columns=width
            )
        elif until_blank:
            return
