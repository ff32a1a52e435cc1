"""What a first visit loads, compressed as the server sends it: at most 700 kB with Plotly."""

from __future__ import annotations

import re
from pathlib import Path

import brotli
import pytest
from django.template.loader import render_to_string
from django.test import Client

STATIC = Path(__file__).resolve().parents[2] / "static"
LIMIT = 700_000  # bytes
COMPRESSED = {".css", ".js", ".svg", ".html"}


def weight(path: Path) -> int:
    """Bytes over the wire; fonts are compressed already."""
    content = path.read_bytes()
    return len(brotli.compress(content)) if path.suffix in COMPRESSED else len(content)


def first_visit() -> dict[str, int]:
    """Every file a page with a figure asks for, with its bytes."""
    assets = render_to_string("_partials/assets.html")
    names = set(re.findall(r'"/static/([^"]+)"', assets))
    fonts = set(re.findall(r"fonts/[\w.-]+woff2", (STATIC / "vendor/fonts.css").read_text()))
    files = {STATIC / name for name in names} | {STATIC / "vendor" / name for name in fonts}
    return {str(path.relative_to(STATIC)): weight(path) for path in files}


@pytest.mark.urls("tests.frontend.gallery")
def test_a_first_visit_stays_light(client: Client) -> None:
    files = first_visit()
    page = len(brotli.compress(client.get("/bo-phan/").content))
    assert {"vendor/plotly.min.js", "vendor/tabler.min.css", "vendor/htmx.min.js"} <= files.keys()
    assert sum(files.values()) + page <= LIMIT, files


def test_our_own_files_are_small() -> None:
    own = {name: size for name, size in first_visit().items() if not name.startswith("vendor/")}
    assert sum(own.values()) <= 20_000, own
