"""Kept pages go out compressed, and are the same pages."""

from __future__ import annotations

import gzip
import re

import pytest
from django.test import Client

pytestmark = pytest.mark.usefixtures("catalogue_db")

_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="[^"]*"')


def _text(raw: bytes) -> str:
    return _TOKEN.sub("", raw.decode())


@pytest.mark.parametrize("path", ["/", "/tru-cot/kinh-te-so/", "/chi-tieu/gii-rank/"])
def test_a_compressed_page_is_the_page(client: Client, path: str) -> None:
    plain = client.get(path)
    squeezed = client.get(path, headers={"accept-encoding": "gzip, br"})
    assert "Content-Encoding" not in plain.headers
    assert squeezed.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in plain.headers["Vary"]
    assert "Accept-Encoding" in squeezed.headers["Vary"]
    assert int(squeezed.headers["Content-Length"]) == len(squeezed.content)
    assert len(squeezed.content) < len(plain.content) / 4
    assert _text(gzip.decompress(squeezed.content)) == _text(plain.content)
