"""A measure over the years: what was observed, and the way each document asks it to go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd
import plotly.graph_objects as go
from django.utils.translation import gettext

from dashboard.charts import styling

OBSERVED = ("series", "official", "x", "value", "hover")
DEMANDS = (
    "document", "colour", "draft", "status", "start_year", "start_value", "due_year",
    "threshold", "threshold_max", "by_ratio", "flat", "hover",
)  # fmt: skip
PROJECTED = ("from_year", "from_value", "due_year", "value", "low", "high", "hover")

_DASHES = ("5px,4px", "2px,3px", "7px,3px,2px,3px", "9px,4px")


@dataclass(frozen=True, slots=True)
class Axis:
    """The axis of values: its title or, for a short unit, a suffix; reversed for ranks."""

    title: str
    reversed: bool
    suffix: str
    whole: bool


def path(
    observed: pd.DataFrame, demands: pd.DataFrame, axis: Axis, *, projected: pd.DataFrame | None
) -> dict[str, Any]:
    """Observed series, the required path and threshold of each demand, the projection.

    observed: series (name), official (bool), x (year as a number, or a date within it), value,
        hover; one row per value, in order.
    demands: document (its short name), colour (a number that stands for the document in
        all figures), draft (bool), status, start_year and start_value of the path (NaN where there
        is none), due_year (NaN for a standing duty), threshold, threshold_max, by_ratio (whether
        the path grows by a ratio), flat (whether the threshold holds for all years), hover.
    projected: the rows to draw of from_year, from_value, due_year, value, low, high, hover; None
        for a small figure, which also leaves out the other publishers' series.
    """
    small = projected is None
    figure = go.Figure()
    if projected is not None:
        _projection(figure, projected)
    last = _last_year(observed, demands)
    named: set[str] = set()
    for _index, demand in demands.iterrows():
        _demand(figure, demand, last, in_legend=demand["document"] not in named)
        named.add(demand["document"])
    _series(figure, observed[observed["official"]] if small else observed, in_legend=not small)
    figure.update_layout(
        height=260 if small else 400,
        margin={"l": 8, "r": 14, "t": 8, "b": 8},
        hovermode="closest",
        xaxis={"tickformat": "d", "dtick": _step(observed, demands), "fixedrange": True},
        yaxis={
            "title": {"text": "" if small else axis.title, "font": {"size": 12}},
            "autorange": "reversed" if axis.reversed else True,
            "ticksuffix": axis.suffix,
            "tickformat": ",d" if axis.whole else ",.4~g",
            "rangemode": "normal",
            "fixedrange": True,
            "zeroline": False,
        },
        legend={
            "orientation": "h",
            "x": 0,
            "y": -0.16,
            "yanchor": "top",
            "font": {"size": 11 if small else 12},
        },
    )
    return styling.spec(figure)


def _years(observed: pd.DataFrame, demands: pd.DataFrame) -> pd.Series:
    return pd.concat(
        [observed["x"], demands["start_year"], demands["due_year"]], ignore_index=True
    ).dropna()


def _last_year(observed: pd.DataFrame, demands: pd.DataFrame) -> float:
    years = _years(observed, demands)
    return float(years.max()) if len(years) else 0.0


def _step(observed: pd.DataFrame, demands: pd.DataFrame) -> int:
    """Years between two ticks, so that about six fit."""
    years = _years(observed, demands)
    span = float(years.max() - years.min()) if len(years) else 1.0
    return next((step for step in (1, 2, 5, 10) if span / step <= 6), 20)


def _series(figure: go.Figure, observed: pd.DataFrame, *, in_legend: bool) -> None:
    for position, (name, values) in enumerate(observed.groupby("series", sort=False)):
        official = bool(values["official"].iloc[0])
        colour = styling.INK if official else styling.series_colour(position)
        figure.add_scatter(
            name=str(name),
            showlegend=in_legend,
            x=values["x"].tolist(),
            y=values["value"].tolist(),
            mode="lines+markers",
            line={"color": colour, "width": 2.6 if official else 1.6},
            marker={
                "size": 7,
                "symbol": "circle" if official else "diamond-open",
                "color": colour,
            },
            customdata=values["hover"].tolist(),
            hovertemplate="%{customdata}<extra></extra>",
        )


def _demand(figure: go.Figure, demand: pd.Series, last: float, *, in_legend: bool) -> None:
    """The path of one demand as a line, its threshold as a mark at the due year."""
    colour = styling.series_colour(demand["colour"])
    dash = _DASHES[demand["colour"] % len(_DASHES)]
    due = last if pd.isna(demand["due_year"]) else float(demand["due_year"])
    xs, ys = _way(demand, due)
    figure.add_scatter(
        name=demand["document"],
        legendgroup=demand["document"],
        legendrank=1001,
        showlegend=in_legend,
        x=xs,
        y=ys,
        mode="lines",
        line={"color": colour, "width": 1.8, "dash": dash},
        opacity=0.75 if demand["draft"] else 1.0,
        hovertemplate=f"{demand['hover']}<extra></extra>",
    )
    symbol = "diamond-tall-open" if demand["draft"] else "diamond-tall"
    ends = [demand["threshold"]]
    if pd.notna(demand["threshold_max"]):
        ends.append(demand["threshold_max"])
    figure.add_scatter(
        legendgroup=demand["document"],
        showlegend=False,
        x=[due] * len(ends),
        y=ends,
        mode="lines+markers" if len(ends) > 1 else "markers",
        line={"color": colour, "width": 4},
        marker={"symbol": symbol, "size": 12, "color": colour, "line": {"width": 1.6}},
        hovertemplate=f"{demand['hover']}<extra></extra>",
    )


def _way(demand: pd.Series, due: float) -> tuple[list[float], list[float]]:
    """Points of the required path; level where the threshold holds for every year."""
    threshold = float(demand["threshold"])
    start, base = demand["start_year"], demand["start_value"]
    if pd.isna(start) or float(start) >= due:
        return [due], [threshold]
    if demand["flat"] or pd.isna(base):
        return [float(start), due], [threshold, threshold]
    if demand["by_ratio"] and base > 0 and threshold > 0:
        years = [float(year) for year in range(int(start), int(due) + 1)]
        share = [(year - start) / (due - start) for year in years]
        return years, [float(base * (threshold / base) ** part) for part in share]
    return [float(start), due], [float(base), threshold]


def _projection(figure: go.Figure, projected: pd.DataFrame) -> None:
    """The trend as a dotted line inside its interval."""
    name = gettext("xu hướng và khoảng của nó")
    for position, row in enumerate(projected.to_dict("records")):
        years = [row["from_year"], row["due_year"]]
        if pd.notna(row["low"]) and pd.notna(row["high"]):
            figure.add_scatter(
                legendgroup="projection",
                showlegend=False,
                x=[years[0], years[1], years[1]],
                y=[row["from_value"], row["high"], row["low"]],
                mode="lines",
                fill="toself",
                fillcolor=styling.LINE,
                line={"width": 0},
                hoverinfo="skip",
            )
        figure.add_scatter(
            name=name,
            legendgroup="projection",
            legendrank=1002,
            showlegend=position == 0,
            x=years,
            y=[row["from_value"], row["value"]],
            mode="lines",
            line={"color": styling.SOFT, "width": 1.6, "dash": "dot"},
            hovertemplate=f"{row['hover']}<extra></extra>",
        )
