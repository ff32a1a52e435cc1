"""Reading pages as a reader does: their text, without mark-up."""

from __future__ import annotations

import html
import re

from django.test import Client


def page(client: Client, url: str, *, language: str = "vi", status: int = 200) -> str:
    """The mark-up of a page."""
    client.cookies["django_language"] = language
    response = client.get(url)
    assert response.status_code == status, f"{url}: {response.status_code}"
    return response.content.decode()


def text(client: Client, url: str, *, language: str = "vi") -> str:
    """The words of a page's content, each space a plain one."""
    return words(page(client, url, language=language))


def words(markup: str) -> str:
    """Mark-up as plain words; the frame around <main> left out where there is one."""
    _before, main, content = markup.partition("<main")
    content = content.partition("</main>")[0].partition(">")[2] if main else markup
    plain = re.sub(r"<title>.*?</title>", " ", content)  # of drawings
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", plain)).split())


def section(markup: str, anchor: str) -> str:
    """The words of the section whose heading has this id."""
    _before, _heading, rest = markup.partition(f'<h2 id="{anchor}">')
    assert rest, f"no section {anchor}"
    return words(rest.partition("</section>")[0])
