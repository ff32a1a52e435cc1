"""A fresh installation: every page answers before the catalogue is loaded, and says what to do."""

from __future__ import annotations

import pytest
from django.test import Client

LISTS = (
    "/",
    "/tru-cot/",
    "/chi-tieu/",
    "/co-quan/",
    "/dia-phuong/",
    "/nhiem-vu/",
    "/van-ban/",
    "/tim/",
    "/tim/?q=kinh+te",
    "/tru-cot/kinh-te-so/",
)
SINGLE = (
    "/chi-tieu/egdi-rank-world/",
    "/muc-tieu/qd749-2025-egdi/",
    "/co-quan/BKHCN/",
    "/dia-phuong/ha-noi/",
    "/van-ban/qd749/",
    "/bieu-do/pillar-kinh-te-so.json",
)
QUERIES = ("", "as_of=2024-01-01", "as_of=x", "horizon=2025&drafts=1&status=missed", "q=%00")


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("path", LISTS)
def test_lists_answer(client: Client, path: str, query: str, language: str) -> None:
    client.cookies["django_language"] = language
    answer = client.get(f"{path}{'&' if '?' in path else '?'}{query}")
    assert answer.status_code == 200
    assert "<h1" in answer.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("path", SINGLE)
def test_single_pages_are_not_found(client: Client, path: str) -> None:
    assert client.get(path).status_code == 404
