"""A page compressed from parts, of which the largest was compressed when it was made.

A deflate stream may be cut wherever a part ends on a byte and looks back at nothing before it
(RFC 1951; zlib's Z_FULL_FLUSH). So the kept content of a page is compressed once, and a request
compresses only the few kilobytes of its frame: a tenth of the time of compressing it all.
"""

from __future__ import annotations

import struct
import zlib

from django.http import HttpRequest

_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"  # RFC 1952: deflate, no name, no time


def accepts_gzip(request: HttpRequest) -> bool:
    """Whether the reader's `Accept-Encoding` allows gzip."""
    offered = request.headers.get("Accept-Encoding", "").replace(" ", "").split(",")
    codings = (item.partition(";") for item in offered)
    return any(name == "gzip" and weight not in ("q=0", "q=0.0") for name, _, weight in codings)


def deflated(part: bytes, *, last: bool = False) -> bytes:
    """A part of a raw deflate stream that stands on its own; `last` ends the stream."""
    squeeze = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
    return squeeze.compress(part) + squeeze.flush(zlib.Z_FINISH if last else zlib.Z_FULL_FLUSH)


def gzipped(before: bytes, content: bytes, content_deflated: bytes, after: bytes) -> bytes:
    """The gzip file of `before + content + after`, given the content as `deflated` made it."""
    check = zlib.crc32(after, zlib.crc32(content, zlib.crc32(before)))
    size = len(before) + len(content) + len(after)
    return b"".join(
        (
            _HEADER,
            deflated(before),
            content_deflated,
            deflated(after, last=True),
            struct.pack("<LL", check, size & 0xFFFFFFFF),
        )
    )
