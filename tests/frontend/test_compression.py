"""Pages compressed from parts."""

from __future__ import annotations

import gzip

import pytest
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from dashboard.compression import accepts_gzip, deflated, gzipped


@given(st.binary(), st.binary(max_size=5000), st.binary())
def test_the_parts_make_one_gzip_file_of_the_whole(
    before: bytes, content: bytes, after: bytes
) -> None:
    whole = gzipped(before, content, deflated(content), after)
    assert gzip.decompress(whole) == before + content + after


def test_what_repeats_shrinks() -> None:
    content = b"<li>Kinh t\xe1\xba\xbf s\xe1\xbb\x91</li>" * 4000
    assert len(gzipped(b"", content, deflated(content), b"")) < len(content) / 50


@pytest.mark.parametrize(
    ("header", "accepted"),
    [
        ("", False),
        ("gzip", True),
        ("br, gzip;q=0.8", True),
        ("br,  gzip", True),
        ("gzip;q=0", False),
        ("gzip; q=0", False),
        ("br, deflate", False),
    ],
)
def test_only_a_reader_who_takes_gzip_gets_it(header: str, accepted: bool) -> None:
    assert accepts_gzip(RequestFactory().get("/", headers={"accept-encoding": header})) is accepted
