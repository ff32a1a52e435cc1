"""How an answer goes wrong on its way, each by name.

A fault gets the answer that would be right and writes to the connection what a broken server
writes. Parameters are those of the control message; none of them is needed.
"""

from __future__ import annotations

import datetime as dt
import gzip
import socket
import struct
import time
import zlib
from collections.abc import Callable, Mapping
from email.utils import format_datetime
from functools import cache
from typing import Any, Protocol

from dashboard.demo.standin.messages import Answer


class Wire(Protocol):
    """What a fault may do with the connection."""

    connection: socket.socket
    close_connection: bool

    def head(self, status: int, headers: Mapping[str, str]) -> None: ...
    def write(self, data: bytes) -> None: ...
    def whole(self, answer: Answer) -> None: ...


Fault = Callable[[Wire, Answer, Mapping[str, Any]], None]
_BOMB = 100_000_000  # bytes, unpacked
_CLAIM = 10_000_000_000  # bytes
_PRIVATE = "http://169.254.169.254/latest/meta-data/"
_LOGIN = (
    "<!DOCTYPE html><html lang='vi'><title>Đăng nhập</title>"
    "<form method='post'><input name='ten'><input type='password' name='mat_khau'></form></html>"
)


def _length(answer: Answer) -> dict[str, str]:
    return {"Content-Type": answer.content_type, "Content-Length": str(len(answer.body))}


def _stall(wire: Wire, answer: Answer, given: Mapping[str, Any]) -> None:
    """Nothing at all for `seconds`."""
    time.sleep(given.get("seconds", 30))
    wire.whole(answer)


def _slow(wire: Wire, answer: Answer, given: Mapping[str, Any]) -> None:
    """Half of the body, then silence for `seconds`."""
    wire.head(200, _length(answer))
    half = len(answer.body) // 2
    wire.write(answer.body[:half])
    time.sleep(given.get("seconds", 30))
    wire.write(answer.body[half:])


def _drip(wire: Wire, answer: Answer, given: Mapping[str, Any]) -> None:
    """A byte every `seconds`: no single wait is long, the whole never ends."""
    wire.head(200, _length(answer))
    for byte in answer.body:
        wire.write(bytes([byte]))
        time.sleep(given.get("seconds", 0.2))


def _cut(wire: Wire, answer: Answer, _given: Mapping[str, Any]) -> None:
    """The connection ends before as much came as Content-Length says."""
    wire.head(200, _length(answer))
    wire.write(answer.body[: len(answer.body) // 2])
    wire.close_connection = True


def _cut_chunked(wire: Wire, answer: Answer, _given: Mapping[str, Any]) -> None:
    """A chunked body without its last chunk."""
    wire.head(200, {"Content-Type": answer.content_type, "Transfer-Encoding": "chunked"})
    half = answer.body[: len(answer.body) // 2]
    wire.write(b"%x\r\n%b\r\n" % (len(half), half))
    wire.close_connection = True


def _reset(wire: Wire, answer: Answer, _given: Mapping[str, Any]) -> None:
    """The connection is reset in the middle of the body."""
    wire.head(200, _length(answer))
    wire.write(answer.body[: len(answer.body) // 2])
    wire.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    wire.connection.close()
    wire.close_connection = True


def _status(number: int, text: str) -> Fault:
    def fault(wire: Wire, _answer: Answer, given: Mapping[str, Any]) -> None:
        wire.whole(
            Answer(text.encode(), "text/plain; charset=utf-8", status=given.get("status", number))
        )

    return fault


def _rate_limit(wire: Wire, _answer: Answer, given: Mapping[str, Any]) -> None:
    """429; Retry-After in `seconds`, or as a date that many seconds ahead with `date`."""
    seconds = given.get("seconds", 1)
    when = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=seconds)
    after = format_datetime(when, usegmt=True) if given.get("date") else str(seconds)
    wire.whole(Answer(b"Too many requests", "text/plain", 429, {"Retry-After": after}))


def _gzip(wire: Wire, answer: Answer, _given: Mapping[str, Any]) -> None:
    """Compressed: no fault, but the same body in another dress."""
    body = gzip.compress(answer.body, mtime=0)
    wire.whole(Answer(body, answer.content_type, headers={"Content-Encoding": "gzip"}))


def _gzip_cut(wire: Wire, answer: Answer, _given: Mapping[str, Any]) -> None:
    """Compressed, whole by its Content-Length, and yet without its end."""
    body = gzip.compress(answer.body, mtime=0)
    body = body[: len(body) * 2 // 3]
    wire.whole(Answer(body, answer.content_type, headers={"Content-Encoding": "gzip"}))


def _gzip_bomb(wire: Wire, answer: Answer, _given: Mapping[str, Any]) -> None:
    """A hundred megabytes of blanks in a tenth of one."""
    wire.whole(Answer(_bomb(), answer.content_type, headers={"Content-Encoding": "gzip"}))


@cache
def _bomb() -> bytes:
    """One compressed block again and again: nobody waits until all of it is packed."""
    blanks = b" " * 1_000_000
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    block = packer.compress(blanks) + packer.flush(zlib.Z_FULL_FLUSH)
    times = _BOMB // len(blanks)
    check = 0
    for _ in range(times):
        check = zlib.crc32(blanks, check)
    head = b"\x1f\x8b\x08\0\0\0\0\0\x02\xff"
    return head + block * times + packer.flush() + struct.pack("<II", check, times * len(blanks))


def _huge(wire: Wire, answer: Answer, _given: Mapping[str, Any]) -> None:
    """Ten gigabytes are announced."""
    wire.head(200, {"Content-Type": answer.content_type, "Content-Length": str(_CLAIM)})
    wire.write(b" " * 100_000)
    wire.close_connection = True


def _endless(wire: Wire, answer: Answer, given: Mapping[str, Any]) -> None:
    """Chunks without end, and without a word of how many (at most `bytes`)."""
    wire.head(200, {"Content-Type": answer.content_type, "Transfer-Encoding": "chunked"})
    chunk = b"10000\r\n" + b" " * 65_536 + b"\r\n"
    for _ in range(given.get("bytes", _CLAIM) // 65_536):
        wire.write(chunk)
    wire.close_connection = True


def _login(content_type: str) -> Fault:
    def fault(wire: Wire, answer: Answer, _given: Mapping[str, Any]) -> None:
        wire.whole(Answer(_LOGIN.encode(), content_type or answer.content_type))

    return fault


def _truncated(wire: Wire, answer: Answer, _given: Mapping[str, Any]) -> None:
    """Half of the text, told as if it were all."""
    wire.whole(Answer(answer.body[: len(answer.body) // 2], answer.content_type))


def _empty(wire: Wire, answer: Answer, _given: Mapping[str, Any]) -> None:
    wire.whole(Answer(b"", answer.content_type))


def _redirect(to: str) -> Fault:
    def fault(wire: Wire, _answer: Answer, given: Mapping[str, Any]) -> None:
        wire.whole(Answer(b"", "text/plain", 302, {"Location": given.get("to", to)}))

    return fault


def _loop(wire: Wire, _answer: Answer, _given: Mapping[str, Any]) -> None:
    """Sent to the same address, again and again."""
    wire.whole(Answer(b"", "text/plain", 302, {"Location": "?lai"}))


def _xml(text: str) -> Fault:
    def fault(wire: Wire, answer: Answer, _given: Mapping[str, Any]) -> None:
        wire.whole(Answer(text.encode(), answer.content_type))

    return fault


_LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a0 "ha">'
    + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 11))
    + "]><message:GenericData"
    ' xmlns:message="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message">'
    "<message:Header><message:ID>&a10;</message:ID></message:Header></message:GenericData>"
)
_EXTERNAL = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY file SYSTEM "file:///etc/hostname">]>'
    "<message:GenericData"
    ' xmlns:message="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message">'
    "<message:Header><message:ID>&file;</message:ID></message:Header></message:GenericData>"
)

FAULTS: dict[str, Fault] = {
    "stall": _stall,
    "slow": _slow,
    "drip": _drip,
    "cut": _cut,
    "cut-chunked": _cut_chunked,
    "reset": _reset,
    "error": _status(500, "Internal Server Error"),
    "unavailable": _status(503, "Service Unavailable"),
    "not-found": _status(404, "Not Found"),
    "unauthorised": _status(401, "Unauthorized"),
    "forbidden": _status(403, "Forbidden"),
    "rate-limit": _rate_limit,
    "gzip": _gzip,
    "gzip-cut": _gzip_cut,
    "gzip-bomb": _gzip_bomb,
    "huge": _huge,
    "endless": _endless,
    "html": _login("text/html; charset=utf-8"),
    "html-as-data": _login(""),
    "truncated": _truncated,
    "empty": _empty,
    "redirect-private": _redirect(_PRIVATE),
    "redirect-file": _redirect("file:///etc/hostname"),
    "redirect-loop": _loop,
    "billion-laughs": _xml(_LAUGHS),
    "external-entity": _xml(_EXTERNAL),
}
#: The source's content changes between its pages; a matter of the speakers, not of the wire.
PAGES_CHANGE = "pages-change"
