"""One bullet for each target of a pillar, on one scale: from where it started to its threshold.

Targets differ in unit and direction, so their values cannot share an axis. What they share is the
way from the baseline (0) to the threshold (1); the real values stand in words at every bar. A
demand without a baseline (a growth rate, a floor, "keep above") starts from zero and its end is
the value as a share of the threshold. What is beyond the frame ends in an arrow.
"""

from __future__ import annotations

import textwrap
from typing import Any

import pandas as pd
import plotly.graph_objects as go
from django.utils.translation import gettext

from dashboard import statuses
from dashboard.charts import styling

COLUMNS = ("name", "document", "demand", "value", "status", "reached", "needed", "hover")

_LEFT, _RIGHT = -0.09, 1.16  # the frame; beyond it are arrows
_GUTTER, _TEXT = -0.15, -0.11
_LINE, _BAR, _GAP = 17, 24, 10  # pixels
_TOP, _BOTTOM = 28, 40
_NAME = 46  # letters that fit a phone


def bullets(targets: pd.DataFrame) -> dict[str, Any]:
    """The figure of a pillar's targets, in the order of the frame.

    Columns: name, document, demand, value (texts), status (code), reached and needed (share of the
    way from baseline to threshold: where the value is, where it should be by now; NaN for none),
    hover (lines of text). Empty or not.
    """
    rows = _laid_out(targets)
    height = int(rows["bottom"].max()) if len(rows) else 40
    figure = go.Figure()
    _bars(figure, rows)
    for code in statuses.CODES:
        _status(figure, code, rows[rows["status"] == code])
    _needed(figure, rows)
    _beyond(figure, rows)
    _words(figure, rows)
    figure.update_layout(
        height=height + _TOP + _BOTTOM,
        margin={"l": 8, "r": 8, "t": _TOP, "b": _BOTTOM},
        barmode="overlay",
        hovermode="closest",
        xaxis={
            "range": [_GUTTER - 0.025, _RIGHT],
            "tickvals": [0, 0.5, 1],
            "ticktext": [gettext("lúc đầu"), gettext("nửa đường"), gettext("ngưỡng")],
            "side": "top",
            "zeroline": False,
            "fixedrange": True,
        },
        yaxis={"range": [height, 0], "visible": False, "fixedrange": True},
        legend={"orientation": "h", "x": 0, "y": 0, "yanchor": "top"},
        shapes=[*_threshold_line(rows), *_separators(rows)],
    )
    return styling.spec(figure)


def _laid_out(targets: pd.DataFrame) -> pd.DataFrame:
    """With wrapped words and, in pixels from the top, `top`, `middle` (of the bar), `bottom`."""
    rows = targets.reset_index(drop=True).copy()
    rows["drawn"] = rows["reached"].notna()
    # A target without a value is only named; the table and its tooltip have the whole name.
    rows["title"] = [
        styling.wrapped(name, _NAME) if drawn else textwrap.shorten(name, _NAME, placeholder="…")
        for name, drawn in zip(rows["name"], rows["drawn"], strict=True)
    ]
    rows["facts"] = [
        styling.wrapped(f"{document}: {demand} · {value}", _NAME)
        for document, demand, value in zip(
            rows["document"], rows["demand"], rows["value"], strict=True
        )
    ]
    tops, middles, bottoms = [], [], []
    top = 6.0
    for title, facts, drawn in zip(rows["title"], rows["facts"], rows["drawn"], strict=True):
        lines = styling.lines_of(title) + (styling.lines_of(facts) if drawn else 0)
        words = _LINE * lines
        bottom = top + words + (_BAR if drawn else 0) + _GAP
        tops.append(top)
        middles.append(top + words + _BAR / 2)
        bottoms.append(bottom)
        top = bottom
    return rows.assign(top=tops, middle=middles, bottom=bottoms)


def _clipped(values: pd.Series) -> pd.Series:
    return values.clip(_LEFT + 0.03, _RIGHT - 0.03)


def _bars(figure: go.Figure, rows: pd.DataFrame) -> None:
    drawn = rows[rows["drawn"]]
    figure.add_bar(
        orientation="h",
        y=drawn["middle"].tolist(),
        x=_clipped(drawn["reached"]).tolist(),
        width=7,
        marker={"color": [styling.status_colour(code) for code in drawn["status"]]},
        hoverinfo="skip",
        showlegend=False,
    )


def _status(figure: go.Figure, code: str, rows: pd.DataFrame) -> None:
    """The marks of one status: beside every name, and at the end of every bar."""
    if rows.empty:
        return
    drawn = rows[rows["drawn"]]
    beside = (rows["top"] + _LINE / 2 - 2).tolist()
    check = styling.MARKER_TEXT.get(code)
    figure.add_scatter(
        name=str(statuses.status(code).label),
        x=[_GUTTER] * len(rows) + _clipped(drawn["reached"]).tolist(),
        y=beside + drawn["middle"].tolist(),
        mode="markers+text" if check else "markers",
        text=[check] * (len(rows) + len(drawn)) if check else None,
        textfont={"size": 10, "color": styling.PAPER},
        marker={
            "symbol": styling.SYMBOLS[code],
            "size": 12,
            "color": styling.status_colour(code),
            "line": {"width": 2, "color": styling.status_colour(code)}
            if styling.SYMBOLS[code].endswith("-open")
            else {"width": 0},
        },
        customdata=rows["hover"].tolist() + drawn["hover"].tolist(),
        hovertemplate="%{customdata}<extra></extra>",
    )


def _needed(figure: go.Figure, rows: pd.DataFrame) -> None:
    shown = rows[rows["drawn"] & rows["needed"].notna()]
    if shown.empty:
        return
    figure.add_scatter(
        name=gettext("mức cần có vào năm của số liệu"),
        x=_clipped(shown["needed"]).tolist(),
        y=shown["middle"].tolist(),
        mode="markers",
        marker={
            "symbol": "line-ns-open",
            "size": 18,
            "color": styling.INK,
            "line": {"width": 2, "color": styling.INK},
        },
        customdata=shown["hover"].tolist(),
        hovertemplate="%{customdata}<extra></extra>",
    )


def _beyond(figure: go.Figure, rows: pd.DataFrame) -> None:
    """Arrows where a value lies outside the frame."""
    for symbol, edge, outside in (
        ("triangle-left", _LEFT, rows["reached"] < _LEFT + 0.03),
        ("triangle-right", _RIGHT - 0.012, rows["reached"] > _RIGHT - 0.03),
    ):
        far = rows[outside]
        if not far.empty:
            figure.add_scatter(
                x=[edge] * len(far),
                y=far["middle"].tolist(),
                mode="markers",
                marker={"symbol": symbol, "size": 9, "color": styling.INK},
                hoverinfo="skip",
                showlegend=False,
            )


def _words(figure: go.Figure, rows: pd.DataFrame) -> None:
    """The names, and under those with a bar what is demanded and what was reached."""
    drawn = rows[rows["drawn"]]
    for y, text, colour in (
        (rows["top"], rows["title"], styling.INK),
        (
            drawn["top"] + drawn["title"].map(styling.lines_of) * _LINE,
            drawn["facts"],
            styling.SOFT,
        ),
    ):
        figure.add_scatter(
            x=[_TEXT] * len(y),
            y=y.tolist(),
            mode="text",
            text=text.tolist(),
            textposition="bottom right",
            textfont={"size": 12.5, "color": colour},
            hoverinfo="skip",
            showlegend=False,
            cliponaxis=False,
        )


def _threshold_line(rows: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        {
            "type": "line",
            "x0": 1,
            "x1": 1,
            "y0": middle - 10,
            "y1": middle + 10,
            "line": {"color": styling.INK, "width": 3},
        }
        for middle in rows.loc[rows["drawn"], "middle"]
    ] + [
        {
            "type": "line",
            "x0": 0,
            "x1": 1,
            "y0": middle,
            "y1": middle,
            "layer": "below",
            "line": {"color": styling.LINE, "width": 2},
        }
        for middle in rows.loc[rows["drawn"], "middle"]
    ]


def _separators(rows: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        {
            "type": "line",
            "xref": "paper",
            "x0": 0,
            "x1": 1,
            "y0": bottom - _GAP / 2 + 2,
            "y1": bottom - _GAP / 2 + 2,
            "layer": "below",
            "line": {"color": styling.LINE, "width": 1},
        }
        for bottom in rows["bottom"].iloc[:-1]
    ]
