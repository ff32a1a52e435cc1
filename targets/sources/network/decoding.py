"""Content codings undone piece by piece, so that no bomb is ever unpacked whole."""

from __future__ import annotations

import zlib
from abc import ABC, abstractmethod
from collections.abc import Iterator

import brotli

#: The most that one piece may be, in bytes.
PIECE = 64 * 1024
#: What we ask for; anything else in an answer is not read.
ACCEPTED = "gzip, deflate, br"


class BrokenCodingError(Exception):
    """The bytes are not what the coding says."""


class CutCodingError(Exception):
    """The bytes end before the coding does."""


class Decoder(ABC):
    """`feed` gives what the bytes so far unpack to, `finish` says whether that was all."""

    @abstractmethod
    def feed(self, data: bytes) -> Iterator[bytes]:
        """Pieces of about PIECE bytes at most; raises BrokenCodingError."""

    @abstractmethod
    def finish(self) -> None:
        """Raises CutCodingError if more was to come."""


def decoder_for(coding: str) -> Decoder | None:
    """For the value of Content-Encoding; None for one that we did not ask for."""
    match coding.strip().lower():
        case "" | "identity":
            return _Identity()
        case "gzip" | "x-gzip":
            return _Gzip()
        case "deflate":
            return _Deflate()
        case "br":
            return _Brotli()
    return None


class _Identity(Decoder):
    def feed(self, data: bytes) -> Iterator[bytes]:
        if data:
            yield data

    def finish(self) -> None:
        """HTTP's own framing has told the end."""


class Zlib(Decoder):
    """One stream of zlib's format, or of what `bits` says."""

    def __init__(self, bits: int = zlib.MAX_WBITS) -> None:
        self._inner = zlib.decompressobj(bits)
        self._begun = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        self._begun = self._begun or bool(data)
        piece = b""
        # With the input used up, a full piece may still have more waiting behind it.
        while not self._inner.eof and (data or len(piece) == PIECE):
            try:
                piece = self._inner.decompress(data, PIECE)
            except zlib.error as error:
                raise BrokenCodingError(str(error)) from None
            data = self._inner.unconsumed_tail
            if piece:
                yield piece

    def finish(self) -> None:
        if self._begun and not self._inner.eof:
            raise CutCodingError

    @property
    def rest(self) -> bytes | None:
        """What follows the stream; None while it goes on."""
        return self._inner.unused_data if self._inner.eof else None


class _Gzip(Decoder):
    """One or more gzip members, as RFC 1952 allows, and zeros behind them."""

    def __init__(self) -> None:
        self._member = Zlib(zlib.MAX_WBITS | 16)

    def feed(self, data: bytes) -> Iterator[bytes]:
        while data:
            if self._member.rest is not None:
                data = data.lstrip(b"\0")
                if not data:
                    return
                self._member = Zlib(zlib.MAX_WBITS | 16)
            yield from self._member.feed(data)
            data = self._member.rest or b""

    def finish(self) -> None:
        self._member.finish()


class _Deflate(Decoder):
    """What servers send as `deflate`: zlib's format as RFC 9110 has it, or bare deflate."""

    def __init__(self) -> None:
        self._head = b""
        self._inner: Zlib | None = None

    def feed(self, data: bytes) -> Iterator[bytes]:
        if self._inner is None:
            self._head += data
            if len(self._head) < 2:
                return
            data = self._head
            wrapped = data[0] & 0x0F == 8 and (data[0] << 8 | data[1]) % 31 == 0
            self._inner = Zlib(zlib.MAX_WBITS if wrapped else -zlib.MAX_WBITS)
        yield from self._inner.feed(data)

    def finish(self) -> None:
        if self._inner is not None:
            self._inner.finish()
        elif self._head:
            raise CutCodingError


class _Brotli(Decoder):
    def __init__(self) -> None:
        self._inner = brotli.Decompressor()
        self._begun = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        self._begun = self._begun or bool(data)
        while not self._inner.is_finished():
            try:
                piece = self._inner.process(data, output_buffer_limit=PIECE)
            except brotli.error as error:
                raise BrokenCodingError(str(error)) from None
            data = b""
            if piece:
                yield piece
            elif self._inner.can_accept_more_data():
                return

    def finish(self) -> None:
        if self._begun and not self._inner.is_finished():
            raise CutCodingError
