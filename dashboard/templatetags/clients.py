"""Which browser on which system a session is, out of what the browser said."""

from __future__ import annotations

from typing import Final

from django import template
from django.utils.translation import gettext as _

register = template.Library()

# The first that occurs counts: most browsers name those they descend from, too.
_BROWSERS: Final = {
    "Edg": "Edge",
    "OPR": "Opera",
    "coc_coc_browser": "Cốc Cốc",
    "Firefox": "Firefox",
    "Chrome": "Chrome",
    "CriOS": "Chrome",
    "Safari": "Safari",
}
_SYSTEMS: Final = {
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Windows": "Windows",
    "Mac OS": "macOS",
    "Linux": "Linux",
}


@register.filter
def client(session: object) -> str:
    """``{{ session|client }}``: "Firefox, Windows"; of a `UserSession`."""
    said = str(getattr(session, "user_agent", ""))
    found = [
        next((name for part, name in names.items() if part in said), "")
        for names in (_BROWSERS, _SYSTEMS)
    ]
    return ", ".join(filter(None, found)) or _("Trình duyệt không rõ")
