"""Codings undone: what was coded comes back, bombs stop at the limit, what is cut is told."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib
from collections.abc import Callable
from pathlib import Path

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from targets.sources.contract import Request
from targets.sources.network.decoding import (
    PIECE,
    BrokenCodingError,
    CutCodingError,
    Decoder,
    decoder_for,
)
from tests.sources.servers import Server, Talk, answer, chunked
from tests.sources.visiting import content, failed, fetcher, source_at


def _bare(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


def _members(data: bytes) -> bytes:
    half = len(data) // 2
    return gzip.compress(data[:half]) + gzip.compress(data[half:]) + b"\0\0"


CODINGS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "gzip": ("gzip", gzip.compress),
    "members": ("x-gzip", _members),
    "zlib": ("deflate", zlib.compress),
    "bare": ("Deflate", _bare),
    "br": ("br", lambda data: brotli.compress(data, quality=5)),
}
everything = pytest.mark.parametrize("coding", CODINGS)


def _made(name: str) -> Decoder:
    decoder = decoder_for(name)
    assert decoder is not None
    return decoder


def _undone(decoder: Decoder, data: bytes, step: int) -> bytes:
    pieces = [
        piece
        for start in range(0, len(data), step)
        for piece in decoder.feed(data[start : start + step])
    ]
    assert all(len(piece) <= 2 * PIECE for piece in pieces)
    return b"".join(pieces)


@everything
@given(
    data=st.binary(max_size=300) | st.builds(bytes.__mul__, st.binary(max_size=9), st.just(30_000)),
    step=st.integers(1, 5000),
)
def test_what_was_coded_comes_back(coding: str, data: bytes, step: int) -> None:
    name, code = CODINGS[coding]
    decoder = _made(name)
    assert _undone(decoder, code(data), step) == data
    decoder.finish()


@everything
@given(data=st.binary(min_size=1, max_size=300), share=st.floats(0.01, 0.99))
def test_what_is_cut_is_told(coding: str, data: bytes, share: float) -> None:
    name, code = CODINGS[coding]
    coded = code(data) if coding != "members" else gzip.compress(data)
    decoder = _made(name)
    cut = coded[: max(1, int(len(coded) * share))]
    assert data.startswith(_undone(decoder, cut, 7))
    with pytest.raises(CutCodingError):
        decoder.finish()


@pytest.mark.parametrize("name", ["gzip", "deflate", "br"])
def test_what_is_not_coded_is_told(name: str) -> None:
    with pytest.raises(BrokenCodingError):
        _undone(_made(name), b"\xff\xff<html>not at all</html>" * 20, 100)


@pytest.mark.parametrize("name", ["", "identity", "gzip", "deflate", "br"])
def test_nothing_is_whole(name: str) -> None:
    decoder = _made(name)
    assert list(decoder.feed(b"")) == []
    decoder.finish()


@pytest.mark.parametrize("name", ["zstd", "compress", "gzip, gzip", "gzip;q=1"])
def test_a_coding_that_was_not_asked_for(name: str) -> None:
    assert decoder_for(name) is None


# Over the line.

_LIMIT = 1_000_000


@pytest.mark.django_db
@everything
def test_a_coded_body_arrives(tmp_path: Path, coding: str) -> None:
    name, code = CODINGS[coding]
    body = b"nam;gia_tri\n2024;18,3\n" * 5000
    coded = code(body)
    with (
        Server({"/": [answer(coded, Content_Encoding=name)]}) as server,
        fetcher(source_at(server), tmp_path, server) as fetch,
    ):
        assert content(fetch(Request(server.url()))) == body
    assert fetch.bytes == len(coded) < len(body)


@pytest.mark.django_db
@everything
def test_a_bomb_stops_at_the_limit(tmp_path: Path, coding: str) -> None:
    name, code = CODINGS[coding]
    bomb = code(bytes(100 * _LIMIT))
    assert len(bomb) < _LIMIT
    with (
        Server({"/": [answer(bomb, Content_Encoding=name)]}) as server,
        fetcher(source_at(server, most_bytes=_LIMIT), tmp_path, server) as fetch,
    ):
        tracemalloc.start()
        try:
            error = failed(fetch, server.url())
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert len(server.asked) == 1
    assert (error.outcome, error.detail["limit"]) == ("too-large", _LIMIT)
    assert peak < 10 * _LIMIT
    assert list(tmp_path.iterdir()) == []


@pytest.mark.django_db
def test_a_claim_of_ten_gigabytes_is_refused_unread(tmp_path: Path) -> None:
    claim = answer(b"", Content_Length="10000000000")
    with (
        Server({"/": [claim + b"x" * 1000]}) as server,
        fetcher(source_at(server), tmp_path, server) as fetch,
    ):
        error = failed(fetch, server.url())
    assert (error.outcome, error.detail["claimed"]) == ("too-large", 10_000_000_000)
    assert fetch.bytes == 0


@pytest.mark.django_db
@pytest.mark.parametrize("head", [chunked(ended=False), answer(b"", Content_Length="")])
def test_a_body_without_an_end_stops_at_the_limit(tmp_path: Path, head: bytes) -> None:
    block = b"0" * 50_000
    framed = b"%x\r\n%b\r\n" % (len(block), block) if b"chunked" in head else block

    def pour(talk: Talk) -> None:
        talk.drip(head, framed, every=0)

    with (
        Server({"/": [pour]}) as server,
        fetcher(source_at(server, most_bytes=_LIMIT), tmp_path, server) as fetch,
    ):
        error = failed(fetch, server.url())
    assert error.outcome == "too-large"
    assert fetch.bytes <= _LIMIT + 100_000
    assert list(tmp_path.iterdir()) == []


@pytest.mark.django_db
def test_more_bytes_than_they_unpack_to_count_too(tmp_path: Path) -> None:
    """Empty members: nothing comes out of them, however many arrive."""
    padding = gzip.compress(b"") * 60_000
    with (
        Server({"/": [answer(padding, Content_Encoding="gzip", Content_Length="")]}) as server,
        fetcher(source_at(server, most_bytes=_LIMIT), tmp_path, server) as fetch,
    ):
        assert len(padding) > _LIMIT
        assert failed(fetch, server.url()).outcome == "too-large"


@pytest.mark.django_db
def test_the_limit_is_of_all_bodies_of_a_run(tmp_path: Path) -> None:
    with (
        Server({"/": [answer(b"x" * 600, Content_Length="")]}) as server,
        fetcher(source_at(server, most_bytes=1000), tmp_path, server) as fetch,
    ):
        first = fetch(Request(server.url()))
        assert failed(fetch, server.url()).outcome == "too-large"
    assert list(tmp_path.iterdir()) == [first.path]


@pytest.mark.django_db
def test_a_body_as_large_as_may_be_fits(tmp_path: Path) -> None:
    with (
        Server({"/": [answer(b"x" * 1000)]}) as server,
        fetcher(source_at(server, most_bytes=1000), tmp_path, server) as fetch,
    ):
        assert fetch(Request(server.url())).size == 1000


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("coding", "body", "outcome"),
    [
        ("gzip", gzip.compress(b"nothing but text" * 50)[:-9], "cut"),
        ("br", brotli.compress(b"nothing but text" * 50)[:-1], "cut"),
        ("gzip", b"not coded at all", "unreadable"),
        ("gzip", gzip.compress(b"text") + b"<html>", "unreadable"),
        ("zstd", b"anything", "unreadable"),
        ("gzip, gzip", b"anything", "unreadable"),
    ],
)
def test_a_coding_that_fails_has_a_name(
    tmp_path: Path, coding: str, body: bytes, outcome: str
) -> None:
    with (
        Server({"/": [answer(body, Content_Encoding=coding)]}) as server,
        fetcher(source_at(server), tmp_path, server) as fetch,
    ):
        assert failed(fetch, server.url()).outcome == outcome
    assert list(tmp_path.iterdir()) == []
