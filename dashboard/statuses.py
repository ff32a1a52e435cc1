"""The eight statuses of a target: code, words, shape and order, in one place.

Colour is never the only sign of a status. Each has its own shape, drawn here on a 16 x 16
grid in ``currentColor``, and its own word. The colours themselves are custom properties of
``static/css/tokens.css`` (``--td-<code>``), so that they can change with the theme.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Status:
    """One status: ``order`` counts from the one that needs attention first."""

    code: str
    label: str | Promise
    short: str | Promise
    shape: str
    drawing: str
    order: int

    @property
    def symbol_id(self) -> str:
        """The id of the symbol of this status in the sprite of the page."""
        return f"m-{self.code}"


_CROSS = (
    '<path d="M3.2 3.2l9.6 9.6M12.8 3.2l-9.6 9.6" fill="none" stroke="currentColor"'
    ' stroke-width="3.2" stroke-linecap="round"/>'
)
_SQUARE = '<rect x="2" y="2" width="12" height="12" rx="1.5"/>'
_TRIANGLE = '<path d="M8 1.6 15 14H1z" stroke="currentColor" stroke-linejoin="round"/>'
_DISC = '<circle cx="8" cy="8" r="6.2"/>'
# The check is cut out of the disc (even-odd), so it takes whatever lies behind it.
_CHECK = (
    '<path fill-rule="evenodd" d="M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1z'
    'M12.1 6.5l-1.4-1.4-3.8 4-1.6-1.6-1.4 1.4 3 3z"/>'
)
_RING = '<circle cx="8" cy="8" r="5.9" fill="none" stroke="currentColor" stroke-width="1.7"/>'
_HALF = f'{_RING}<path d="M8 2.1a5.9 5.9 0 0 1 0 11.8z"/>'
_DASH = '<rect x="2" y="6.8" width="12" height="2.4" rx="1.2"/>'

STATUSES: tuple[Status, ...] = (
    Status("missed", _("Không đạt"), _("Không đạt"), "cross", _CROSS, 0),
    Status("off_track", _("Chậm tiến độ"), _("Chậm"), "square", _SQUARE, 1),
    Status("at_risk", _("Có nguy cơ"), _("Nguy cơ"), "triangle", _TRIANGLE, 2),
    Status("on_track", _("Đúng tiến độ"), _("Đúng"), "disc", _DISC, 3),
    Status("achieved", _("Đạt"), _("Đạt"), "check", _CHECK, 4),
    Status("insufficient", _("Chưa đủ số liệu"), _("Chưa đủ số"), "half", _HALF, 5),
    Status("no_data", _("Chưa có số liệu"), _("Chưa có số"), "ring", _RING, 6),
    Status("not_measurable", _("Không còn đo được"), _("Không đo"), "dash", _DASH, 7),
)

BY_CODE: dict[str, Status] = {status.code: status for status in STATUSES}
CODES: tuple[str, ...] = tuple(BY_CODE)

#: Statuses that call for action, and those for which there is no verdict.
ATTENTION: frozenset[str] = frozenset({"missed", "off_track", "at_risk"})
WITHOUT_VERDICT: frozenset[str] = frozenset({"insufficient", "no_data", "not_measurable"})


def status(code: str) -> Status:
    """The status of this code; ``KeyError`` for anything else, for it would be a bug."""
    return BY_CODE[code]


def sprite() -> str:
    """One hidden SVG with a symbol for each status, to be placed once on a page."""
    symbols = "".join(
        f'<symbol id="{item.symbol_id}" viewBox="0 0 16 16">{item.drawing}</symbol>'
        for item in STATUSES
    )
    return f'<svg class="td-sprite" aria-hidden="true" focusable="false">{symbols}</svg>'
