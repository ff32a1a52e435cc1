"""Names and titles kept in Vietnamese, such as those of sources, on pages in English."""

from __future__ import annotations

import re
from typing import Final

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString

from dashboard.formatting import vietnamese

# Vowels that English does not write; đ alone also stands in the numbers of documents.
_LETTERS: Final = re.compile(r"[ăâêôơưàáãèéìíĩòóõùúũýẠ-ỹ]", re.IGNORECASE)


def spoken(text: str) -> SafeString:
    """The text escaped; Vietnamese on an English page is marked, for screen readers and hyphens."""
    if vietnamese() or not _LETTERS.search(text):
        return escape(text)
    return format_html('<span lang="vi">{}</span>', escape(text))
