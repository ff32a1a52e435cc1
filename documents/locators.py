"""How a place in a document is cited, in the language of the reader.

Locators are kept as the text has them: ``Điều 1 > II > 1 > a > gạch đầu dòng 2``.
"""

from __future__ import annotations

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

LOCATOR_SEPARATOR: Final = " > "

_WORDS: Final[dict[str, str | Promise]] = {
    "Điều": _("Điều %(number)s"),
    "gạch đầu dòng": _("gạch đầu dòng %(number)s"),
    "đoạn": _("đoạn %(number)s"),
    "mục": _("mục %(number)s"),
    "tiểu mục": _("tiểu mục %(number)s"),
    "Tài liệu kèm theo": _("Tài liệu kèm theo %(number)s"),
}
_ANNEX: Final = _("Phụ lục")


def part_text(part: str) -> str:
    """One part of a locator: `gạch đầu dòng 2`, in English `bullet 2`; a bare number stays."""
    if part == "Phụ lục":
        return str(_ANNEX)
    word, _space, number = part.rpartition(" ")
    return str(_WORDS[word]) % {"number": number} if word in _WORDS else part


def last_part(locator: str) -> str:
    """The innermost part of a locator."""
    return part_text(locator.rpartition(LOCATOR_SEPARATOR)[2])


def shorten_locator(locator: str) -> str:
    """Join the bare numbers of a locator by dots and keep worded parts apart by commas.

    `Điều 1, II.1.a, gạch đầu dòng 2`; in English `Article 1, II.1.a, bullet 2`.
    """
    phrases: list[str] = []
    number_open = False
    for part in locator.split(LOCATOR_SEPARATOR):
        if " " in part:
            phrases.append(part_text(part))
            number_open = False
        elif number_open:
            phrases[-1] += f".{part}"
        else:
            phrases.append(part)
            number_open = True
    return ", ".join(phrases)
