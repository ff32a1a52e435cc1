"""Search that ignores accents: in the database over rows, in Python over one document."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from documents import search
from documents.models import Document, Provision


@pytest.fixture
def decree(db: None) -> Document:
    return Document.objects.create(
        slug="qd749",
        number="749/QĐ-TTg",
        title_vi="Chương trình Chuyển đổi số quốc gia",
        title_en="National Digital Transformation Programme",
        short_vi="749/QĐ-TTg",
        short_en="749/QĐ-TTg",
        kind="pm_decision",
        issuer_vi="Thủ tướng Chính phủ",
        issuer_en="Prime Minister",
        issued_on=dt.date(2020, 6, 3),
        legal_status="in_force",
        rank=3,
    )


@pytest.fixture
def clause(decree: Document) -> Provision:
    return Provision.objects.create(
        document=decree,
        locator="Điều 1",
        position=1,
        depth=1,
        heading_vi="Kinh tế số trong GDP",
        heading_en="Digital economy in GDP",
    )


@pytest.mark.parametrize(
    "query",
    [
        "749",
        "749/qd-ttg",
        "chuyển đổi số",
        "chuyen doi so",
        "CHUYEN DOI SO",
        "số chuyển",  # any order
        "thu tuong",
        "digital transformation",
        "chuye\u0302\u0309n",  # accents as separate signs
        "chuyên đôi sô",  # other accents
        "chuyen doi sso",  # a slip
        "transformtion",
    ],
)
def test_a_document_is_found(decree: Document, query: str) -> None:
    assert list(search.search_documents(query)) == [decree]


@pytest.mark.parametrize("query", ["", "   ", "xyzzy", "\x00", "%", "_", "kinh tế số 2045"])
def test_what_matches_nothing_finds_nothing(decree: Document, query: str) -> None:
    assert not search.search_documents(query)


def test_a_provision_is_found_by_its_heading_in_either_language(clause: Provision) -> None:
    assert list(search.search_provisions("kinh te so")) == [clause]
    assert list(search.search_provisions("economy")) == [clause]
    assert list(search.search_provisions("dieu 1")) == [clause]


def test_the_exact_word_goes_before_the_similar_one(clause: Provision) -> None:
    Provision.objects.create(
        document=clause.document, locator="Điều 2", position=2, depth=1,
        heading_vi="Kinh tế sông nước", heading_en="Rivers",
    )  # fmt: skip
    assert next(iter(search.search_provisions("kinh te song"))).locator == "Điều 2"
    assert [p.locator for p in search.search_provisions("kinh te so")] == ["Điều 1", "Điều 2"]


def test_a_very_long_query_is_cut() -> None:
    assert sum(map(len, search.words("kinh " * 1000))) <= search.LONGEST


def test_a_text_contains_every_word_of_the_query() -> None:
    assert search.contains("Thứ hạng Chính phủ điện tử", "dien tu hang")
    assert not search.contains("Thứ hạng Chính phủ điện tử", "dien tu 5g")
    assert search.contains("bất kỳ", "")


@given(st.text())
def test_plain_text_stays_plain(text: str) -> None:
    assert search.plain(search.plain(text)) == search.plain(text)
