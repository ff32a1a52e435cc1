"""Names and titles kept in Vietnamese, such as those of sources, on pages in English."""

from __future__ import annotations

import re
from typing import Final

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString

from dashboard.formatting import vietnamese

# Vowels that English does not write; đ alone also stands in the numbers of documents.
_LETTERS: Final = re.compile(r"[ăâêôơưàáãèéìíĩòóõùúũýẠ-ỹ]", re.IGNORECASE)


def tongue(text: str) -> str:
    """`vi` for a Vietnamese text on an English page, "" for one in the language of the page."""
    return "" if vietnamese() or not _LETTERS.search(text) else "vi"


def spoken(text: str) -> SafeString:
    """The text escaped; Vietnamese on an English page is marked, for screen readers and hyphens."""
    if not tongue(text):
        return escape(text)
    return format_html('<span lang="vi">{}</span>', escape(text))
