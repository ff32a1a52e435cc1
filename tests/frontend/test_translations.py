"""The English of the interface: complete, and free of Vietnamese."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from pathlib import Path

import polib
import pytest
from django.conf import settings
from django.db.models import Choices
from django.utils import translation

from dashboard import foreign, statuses
from dashboard.translations.catalogues import APPS, po_path, problems
from documents import models as documents
from targets import assessment_text
from targets import models as targets

VIETNAMESE = re.compile(r"[ăâđêôơưàáãèéìíĩòóõùúũýẠ-ỹ]", re.IGNORECASE)
#: The name of the system is a name in both languages.
NAME = "Thước Đo"


def entries() -> Iterator[polib.POEntry]:
    for app in APPS:
        yield from polib.pofile(str(po_path(Path(settings.BASE_DIR), app)))


def english(entry: polib.POEntry) -> list[str]:
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


def labels() -> Iterator[str]:
    """The words of all choices of the models."""
    for module in (documents, targets):
        for model in vars(module).values():
            for choices in vars(model).values() if isinstance(model, type) else ():
                if isinstance(choices, type) and issubclass(choices, Choices):
                    yield from (str(label) for label in choices.labels)


def test_every_text_has_its_english() -> None:
    assert list(problems(Path(settings.BASE_DIR))) == []


def test_the_english_holds_no_vietnamese() -> None:
    left = [
        text for entry in entries() for text in english(entry)
        if VIETNAMESE.search(text.replace(NAME, ""))
    ]  # fmt: skip
    assert left == []


def test_what_begins_a_sentence_in_one_language_begins_it_in_the_other() -> None:
    """Capital for capital, except where the text begins with a number or a name."""
    # What becomes a clause of a sentence, a proper name, or the name of a status in the middle.
    names = ("MOST", "Viet", "Ministry", "Theil", "API", "US", *calendar.day_name)
    wrong = [
        (entry.msgid, text)
        for entry in entries()
        for text in english(entry)
        if entry.msgid[0].isalpha() and text[0].isalpha()
        if entry.msgid[0].isupper() != text[0].isupper() and not text.startswith(names)
    ]
    assert wrong == []


def test_a_number_of_one_and_of_many_differ() -> None:
    same = {
        entry.msgid for entry in entries() if entry.msgid_plural and len(set(english(entry))) == 1
    }
    # Adjectives and phrases that English does not inflect.
    assert same == {
        "%(count)s chưa xong",
        "%(count)s chưa xử lý",
        "%(count)s chưa đánh giá được",
        "%(count)s chưa đến hạn",
        "%(count)s chưa đọc",
        "%(count)s có số mới",
        "%(count)s còn hiệu lực",
        "%(count)s không có gì mới",
        "%(count)s quá hạn",
        "%(count)s thất bại",
        "%(count)s đã giải thích",
        "và %(count)s nữa",
    }


def test_statuses_and_labels_are_english_on_english_pages() -> None:
    with translation.override("en"):
        words = [str(word) for item in statuses.STATUSES for word in (item.label, item.short)]
        words += labels()
    assert len(words) > 60
    assert [word for word in words if VIETNAMESE.search(word)] == []


@pytest.mark.parametrize("language", ["vi", "en"])
def test_reasons_are_told_in_one_language(language: str) -> None:
    """Every sentence of the engine's reasons, with its numbers."""
    sentences = [*assessment_text._SENTENCES.values(), *assessment_text._SHORTER.values()]
    sentences += [*assessment_text._PROJECTION.values(), *assessment_text._PACE_REMARKS.values()]
    with translation.override(language):
        texts = [re.sub(r"%\(\w+\)s", "1", str(sentence)) for sentence in sentences]
    assert all(bool(VIETNAMESE.search(text)) is (language == "vi") for text in texts)
    assert all(text.endswith(".") for text in texts)


def test_vietnamese_names_say_their_language_on_english_pages() -> None:
    with translation.override("en"):
        assert foreign.spoken("Báo <Mới>") == '<span lang="vi">Báo &lt;Mới&gt;</span>'
        assert foreign.spoken("749/QĐ-TTg & more") == "749/QĐ-TTg &amp; more"
    with translation.override("vi"):
        assert foreign.spoken("Báo <Mới>") == "Báo &lt;Mới&gt;"
