"""English pages over the real catalogue: nothing Vietnamese that does not say so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from django.test import Client

from targets.models import Observation, TaskRole

# Vowels with Vietnamese marks; Đ alone is in the numbers of documents and of their points.
VIETNAMESE = re.compile(r"[ăâêôơưàáãèéìíĩòóõùúũýẠ-ỹ]", re.IGNORECASE)
SPOKEN = ("title", "aria-label", "placeholder", "alt", "content", "data-label")
EMPTY = {"br", "hr", "img", "input", "link", "meta", "source", "wbr"}

URLS = (
    "/",
    "/?drafts=1&horizon=2030",
    "/?as_of=2025-06-30",
    "/?pillar=no-such",
    "/tru-cot/",
    "/tru-cot/kinh-te-so/",
    "/chi-tieu/",
    "/chi-tieu/digital-economy-gdp/",
    "/chi-tieu/wef-gci-rank/",
    "/chi-tieu/dti-province-rank/",
    "/muc-tieu/qd749-2025-egdi/",
    "/muc-tieu/qd749-2030-labour-productivity/",
    "/muc-tieu/nq57-2030-budget-sti/",
    "/co-quan/",
    "/co-quan/BKHCN/",
    "/co-quan/BTTTT/",
    "/co-quan/ALL-BODIES/",
    "/dia-phuong/",
    "/dia-phuong/?as_of=2025-06-30",
    "/nhiem-vu/",
    "/van-ban/",
    "/van-ban/qd749/",
    "/van-ban/dt-cps/?status=attention",
    "/tim/",
    "/tim/?q=du+lieu",
    "/tim/?q=zzzz",
)


class Interface(HTMLParser):
    """The texts and spoken attributes of a page that are not marked as Vietnamese."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, str]] = []
        self.texts: list[str] = []

    @property
    def language(self) -> str:
        return next((language for _tag, language in reversed(self.open) if language), "")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if (given.get("lang") or self.language) != "vi":
            self.texts += [given[name] or "" for name in SPOKEN if name in given]
        if tag not in EMPTY:
            self.open.append((tag, given.get("lang") or ""))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in EMPTY:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        hidden = any(tag in {"script", "style"} for tag, _language in self.open)
        if self.language != "vi" and not hidden:
            self.texts.append(data)


def interface(markup: str) -> list[str]:
    """The texts of a page that are not marked as Vietnamese, each space a plain one."""
    parser = Interface()
    parser.feed(markup)
    parser.close()
    return [" ".join(text.split()) for text in parser.texts]


def vietnamese(markup: str, names: list[str]) -> Iterator[str]:
    """What is Vietnamese in the interface of a page, known names of its data left out."""
    known = re.compile("|".join(map(re.escape, sorted(names, key=len, reverse=True))))
    return (text for text in interface(markup) if VIETNAMESE.search(known.sub("", text)))


@pytest.mark.parametrize("url", URLS)
def test_english_pages_are_in_english(catalogue_db: None, client: Client, url: str) -> None:
    # The system's name, what documents wrote, and editions named after a paper.
    names = ["Thước Đo", "Tạp chí Cộng sản"]
    names += TaskRole.objects.values_list("as_written", flat=True).distinct()
    names += filter(None, Observation.objects.values_list("vintage", flat=True).distinct())
    client.cookies["django_language"] = "en"
    response = client.get(url)
    markup = response.content.decode()
    assert response.status_code == 200
    assert '<html lang="en"' in markup
    assert list(vietnamese(markup, names)) == []


def test_numbers_and_dates_are_written_as_in_english(catalogue_db: None, client: Client) -> None:
    client.cookies["django_language"] = "en"
    markup = client.get("/chi-tieu/digital-economy-gdp/").content.decode()
    assert "14.02%" in markup
    assert "≥\N{NO-BREAK SPACE}30% by 2030" in markup
    assert not [text for text in interface(markup) if re.search(r"\d,\d{1,2}\b|\d %", text)]
    markup = client.get("/van-ban/qd749/").content.decode()
    assert "3 Jun 2020" in markup


def test_one_is_told_apart_from_many(catalogue_db: None, client: Client) -> None:
    client.cookies["django_language"] = "en"
    for url in ("/", "/co-quan/", "/van-ban/qd749/", "/nhiem-vu/"):
        markup = client.get(url).content.decode()
        assert not re.search(r"\b1 (?:targets|tasks|organisations|provinces|drafts)\b", markup)
