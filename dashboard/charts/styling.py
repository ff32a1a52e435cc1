"""What all figures share: how a status looks, how numbers are written, what is sent."""

from __future__ import annotations

import textwrap
from typing import Any

import plotly.graph_objects as go
import plotly.io

from dashboard import formatting

# The pages have a template of their own; copying Plotly's into every figure takes half the time.
plotly.io.templates.default = None

#: Marker symbol of each status, the nearest that Plotly has to the shape of the pages.
SYMBOLS = {
    "missed": "x",
    "off_track": "square",
    "at_risk": "triangle-up",
    "on_track": "circle",
    "achieved": "circle",
    "insufficient": "circle-open-dot",
    "no_data": "circle-open",
    "not_measurable": "line-ew-open",
}
#: Drawn on the marker: the check of "achieved".
MARKER_TEXT = {"achieved": "✓"}

INK = "var(--td-ink)"
SOFT = "var(--td-soft)"
LINE = "var(--td-line)"
PAPER = "var(--td-paper)"


def status_colour(code: str) -> str:
    """The colour of a status."""
    return f"var(--td-{code})"


def series_colour(position: int) -> str:
    """The colour of the nth series or document; there are four, then they come again."""
    return f"var(--td-series-{position % 4 + 1})"


def wrapped(text: str, width: int = 46) -> str:
    """A text in lines that fit a phone."""
    return "<br>".join(textwrap.wrap(text, width))


def lines_of(text: str) -> int:
    """How many lines a wrapped text has."""
    return text.count("<br>") + 1


def spec(figure: go.Figure) -> dict[str, Any]:
    """The figure as it is sent: with the separators of the language, without a tool bar."""
    figure.update_layout(separators=",." if formatting.vietnamese() else ".,")
    sent: dict[str, Any] = figure.to_plotly_json()
    return {"data": sent["data"], "layout": sent["layout"], "config": {"displayModeBar": False}}
