"""Search that ignores accents and forgives a slip: "kinh te so" finds "Kinh tế số"."""

from __future__ import annotations

import unicodedata
from typing import Any, TypeVar

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db.models import F, Func, Model, Q, QuerySet, TextField, Value
from django.db.models.functions import Concat, Lower

from documents.models import Document, Provision

M = TypeVar("M", bound=Model)

#: Word similarity (pg_trgm, 0 to 1) from which a misspelt word still counts as found.
SIMILAR = 0.45
#: Longer queries are cut: nobody types them, and each word is a condition.
LONGEST = 200


def words(query: str) -> list[str]:
    """The words of a query, in one Unicode form and lower case."""
    return unicodedata.normalize("NFC", query)[:LONGEST].lower().replace("\x00", " ").split()


def plain(text: str) -> str:
    """The text in lower case without accents, as `unaccent` writes it.

    >>> plain("Đô thị Số")
    'do thi so'
    """
    letters = unicodedata.normalize("NFD", text.lower()).replace("đ", "d")
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def contains(text: str, query: str) -> bool:
    """Whether every word of `query` occurs in `text`; accents do not count."""
    searched = plain(text)
    return all(plain(word) in searched for word in words(query))


def matching(rows: QuerySet[M], query: str, *fields: str, forgiving: bool = True) -> QuerySet[M]:
    """Rows in whose `fields` every word of `query` occurs, best first; if none, similar ones.

    Accents do not count, on either side (`unaccent` also takes đ for d). An empty query matches
    nothing. Not `forgiving`: nothing where the words themselves do not occur. The result carries
    `text` (what was searched) and `likeness` (0 to 1).
    """
    wanted = words(query)
    if not wanted:
        return rows.none()
    parts = [part for field in fields for part in (F(field), Value(" "))]
    found = rows.annotate(text=_plain(Concat(*parts, output_field=TextField())))
    plain_query: Any = _plain(Value(" ".join(wanted)))  # the stubs know only plain strings
    found = found.annotate(likeness=TrigramWordSimilarity(plain_query, F("text")))
    contains = Q()
    for word in wanted:
        contains &= Q(text__contains=_plain(Value(word)))
    chosen = found.filter(contains)
    # A misspelt word finds nothing exactly; only then are look-alikes better than silence.
    if forgiving and not chosen.exists():
        chosen = found.filter(likeness__gte=SIMILAR)
    best: QuerySet[M] = chosen.order_by("-likeness", "pk")
    return best


def _plain(text: object) -> Func:
    return Func(Lower(text), function="unaccent", output_field=TextField())


def search_documents(query: str, *, forgiving: bool = True) -> QuerySet[Document]:
    """Documents by number, title, short title or issuer, in either language."""
    return matching(
        Document.objects.all(),
        query,
        "number",
        "short_vi",
        "short_en",
        "title_vi",
        "title_en",
        "issuer_vi",
        "issuer_en",
        forgiving=forgiving,
    )


def search_provisions(query: str, *, forgiving: bool = True) -> QuerySet[Provision]:
    """Provisions by locator or heading, in either language."""
    rows = Provision.objects.select_related("document")
    return matching(rows, query, "locator", "heading_vi", "heading_en", forgiving=forgiving)
