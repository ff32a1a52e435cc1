"""ZIP packages (xlsx, ods) looked through part by part before any parser is given them.

Everything is unpacked here once, in pieces and by count of what really comes out; what the
directory claims is believed only where it is worse. Every XML part goes through expat, which says
whether it has a document type or entities in whatever encoding it is written, and how far the
cells of a worksheet reach.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from xml.parsers import expat

from targets.spreadsheets import limits
from targets.spreadsheets.model import RefusedError
from targets.spreadsheets.parts import Part, part_of

_PIECE = 64 * 1024
_LOCAL_HEADER = 30
_ENCRYPTED = 0x1
# What a workbook without macros, links and embedded files is made of.
_KNOWN = re.compile(
    r".*\.(xml|rels|vml|rdf|png|jpe?g|gif|bmp|tiff?|emf|wmf|svg)|mimetype"
    r"|xl/printersettings/[^/]*\.bin|xl/customproperty/?[^/]*\.bin|xl/customproperty\d*\.bin"
)
_XML = re.compile(r".*\.(xml|rels|rdf)")
_MACROS = re.compile(r".*vba(project|data)[^/]*|xl/macrosheets/.*|basic/.*|scripts/.*")
_EMBEDDED = re.compile(r".*/(embeddings|activex)/.*|.*\.(docx?|xls[xmb]?|pptx?|zip|exe|ole|bin)")
_LINKS = re.compile(r"xl/(externallinks|querytables)/.*|xl/connections\.xml")


def look_through(content: bytes) -> dict[str, Part]:
    """The XML parts of a package by name, or RefusedError.

    Bounds: number of parts, bytes unpacked, ratio of a part, no part inside another, names inside
    the package, deflate or stored only; no macros, no embedded files, no links to other files.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            members = package.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError, RecursionError):
        raise RefusedError("broken") from None
    check_directory(members, len(content))
    found: dict[str, Part] = {}
    unpacked = 0
    for member in members:
        if member.is_dir():
            continue
        parser = part_of(member.filename) if _XML.fullmatch(member.filename.lower()) else None
        size = 0
        for piece in _unpacked(content, member):
            if size == 0 and piece.startswith(b"PK\x03\x04"):
                raise RefusedError("nested")
            size += len(piece)
            unpacked += len(piece)
            if unpacked > limits.MAX_UNPACKED:
                raise RefusedError("unpacked", megabytes=limits.MAX_UNPACKED // 1024**2)
            if size > max(limits.RATIO_COUNTS_FROM, member.compress_size * limits.MAX_RATIO):
                raise RefusedError("ratio")
            if parser is not None:
                _feed(parser, piece)
        if parser is not None:
            _feed(parser, b"", final=True)
            found[member.filename] = parser
    return found


def check_directory(members: list[zipfile.ZipInfo], size: int, *, foreign: bool = False) -> None:
    """What the directory alone gives away; nothing is unpacked.

    `foreign`: another document than a spreadsheet, which may hold parts that we do not know.
    """
    if len(members) > limits.MAX_MEMBERS:
        raise RefusedError("members", count=limits.MAX_MEMBERS)
    if sum(member.file_size for member in members) > limits.MAX_UNPACKED:
        raise RefusedError("unpacked", megabytes=limits.MAX_UNPACKED // 1024**2)
    names = [member.orig_filename.lower() for member in members]
    if len(set(names)) != len(names):
        raise RefusedError("broken")
    for member, name in zip(members, names, strict=True):
        _check_name(name, foreign=foreign)
        if member.flag_bits & _ENCRYPTED:
            raise RefusedError("password")
        if member.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
            raise RefusedError("broken")
    end = 0
    for member in sorted(members, key=lambda member: member.header_offset):
        # Parts that share their bytes are how a small file unpacks to a huge one.
        if member.header_offset < end:
            raise RefusedError("broken")
        end = member.header_offset + _LOCAL_HEADER + member.compress_size
    if end > size:
        raise RefusedError("broken")


def _check_name(name: str, *, foreign: bool) -> None:
    parts = name.split("/")
    if "\\" in name or ":" in name or "\0" in name or name.startswith("/") or ".." in parts:
        raise RefusedError("path")
    if _MACROS.fullmatch(name):
        raise RefusedError("macros")
    if foreign:
        return
    if _LINKS.fullmatch(name):
        raise RefusedError("links")
    if not (name.endswith("/") or _KNOWN.fullmatch(name)):
        raise RefusedError("embedded" if _EMBEDDED.fullmatch(name) else "strange", name=name[:80])


def _unpacked(content: bytes, member: zipfile.ZipInfo) -> Iterator[bytes]:
    """The bytes of a part in pieces, by what is there and not by the size that it claims."""
    start = member.header_offset
    header = content[start : start + _LOCAL_HEADER]
    if len(header) < _LOCAL_HEADER or not header.startswith(b"PK\x03\x04"):
        raise RefusedError("broken")
    start += _LOCAL_HEADER + int.from_bytes(header[26:28], "little")
    start += int.from_bytes(header[28:30], "little")
    packed = memoryview(content)[start : start + member.compress_size]
    if len(packed) < member.compress_size:
        raise RefusedError("broken")
    checksum = 0
    for piece in _inflated(packed) if member.compress_type else _pieces(packed):
        checksum = zlib.crc32(piece, checksum)
        yield piece
    if checksum != member.CRC:
        raise RefusedError("broken")


def _pieces(packed: memoryview) -> Iterator[bytes]:
    for place in range(0, len(packed), _PIECE):
        yield bytes(packed[place : place + _PIECE])


def _inflated(packed: memoryview) -> Iterator[bytes]:
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        for raw in _pieces(packed):
            waiting = raw
            while waiting and not inflater.eof:
                yield inflater.decompress(waiting, _PIECE)
                waiting = inflater.unconsumed_tail
        yield inflater.flush()
    except zlib.error:
        raise RefusedError("broken") from None
    if not inflater.eof:
        raise RefusedError("broken")


def _feed(part: Part, piece: bytes, *, final: bool = False) -> None:
    try:
        part.parser.Parse(piece, final)
    except expat.ExpatError:
        raise RefusedError("broken") from None
