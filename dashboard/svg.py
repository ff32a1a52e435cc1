"""Small server-drawn charts: bullet, sparkline and tile map, as strings of inline SVG.

Pure functions of numbers: no request, no database, no clock. Colours come from the style
sheet through classes (``static/css/charts.css``), because the policy of the pages allows no
inline style. Text that comes from outside is escaped here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

Span = tuple[float, float]


def _pixel(value: float) -> str:
    """A coordinate with one decimal, without a trailing zero."""
    return f"{value:.1f}".removesuffix(".0")


def _label(text: str) -> str:
    return f'role="img" aria-label="{escape(text)}"' if text else 'aria-hidden="true"'


def _domain(values: Sequence[float], margin: float) -> Span:
    """The interval that holds all values with a margin on both sides; never of zero width."""
    low, high = min(values), max(values)
    largest = max(abs(low), abs(high))
    if high - low <= 1e-9 * max(largest, 1e-6):  # one value, or as good as one
        reach = max(largest, 1e-6)
        return low - reach / 2, high + reach / 2
    reach = (high - low) * margin
    return low - reach, high + reach


def _scale(domain: Span, start: float, end: float) -> tuple[float, float]:
    """Factor and shift that carry the domain to [start, end]."""
    factor = (end - start) / (domain[1] - domain[0])
    return factor, start - domain[0] * factor


def bullet(
    *,
    baseline: float | None,
    now: float | None,
    needed: float | None,
    threshold: float | None,
    threshold_max: float | None = None,
    rising: bool = True,
    status: str = "",
    label: str = "",
    width: int = 168,
    height: int = 24,
) -> str:
    """Baseline, now, needed by now and threshold on one line; better is always to the right.

    A hollow tick is the baseline, the bar runs from there to the value now (its end a dot),
    the dashed line is what the straight path asks for by the date of the value, the solid
    line is the threshold (a band for a range). With ``rising`` false (ranks, shares that
    must fall) the axis is turned round. Values of any one unit; ``None`` leaves a part out.
    Without a value now only the axis and the threshold are drawn.
    """
    known = [v for v in (baseline, now, needed, threshold, threshold_max) if v is not None]
    middle = height / 2
    parts = [
        f'<svg class="td-bullet" viewBox="0 0 {width} {height}" width="{width}"'
        f' height="{height}" {_label(label)}>'
        f'<line class="axis" x1="2" x2="{width - 2}" y1="{_pixel(middle)}" y2="{_pixel(middle)}"/>'
    ]
    if known:
        ends = (8.0, width - 8.0) if rising else (width - 8.0, 8.0)
        factor, shift = _scale(_domain(known, 0.06), *ends)

        def at(value: float) -> float:
            return value * factor + shift

        if threshold is not None and threshold_max is not None:
            left, right = sorted((at(threshold), at(threshold_max)))
            parts.append(
                f'<rect class="band" x="{_pixel(left)}" y="3"'
                f' width="{_pixel(right - left)}" height="{height - 6}"/>'
            )
        if now is not None:
            start = at(now if baseline is None else baseline)
            left, right = sorted((start, at(now)))
            parts.append(
                f'<rect class="bar {escape(status)}" x="{_pixel(left)}"'
                f' y="{_pixel(middle - 3)}" width="{_pixel(right - left)}" height="6"/>'
            )
        if baseline is not None:
            x = _pixel(at(baseline))
            parts.append(
                f'<line class="base" x1="{x}" x2="{x}" y1="{_pixel(middle - 5)}"'
                f' y2="{_pixel(middle + 5)}"/>'
            )
        if now is not None:
            parts.append(
                f'<circle class="now {escape(status)}" cx="{_pixel(at(now))}"'
                f' cy="{_pixel(middle)}" r="4.5"/>'
            )
        if needed is not None:
            x = _pixel(at(needed))
            parts.append(f'<line class="needed" x1="{x}" x2="{x}" y1="3" y2="{height - 3}"/>')
        if threshold is not None:
            x = _pixel(at(threshold))
            parts.append(f'<line class="threshold" x1="{x}" x2="{x}" y1="2" y2="{height - 2}"/>')
    return "".join((*parts, "</svg>"))


def sparkline(
    points: Sequence[tuple[float, float | None]],
    *,
    threshold: float | None = None,
    rising: bool = True,
    status: str = "",
    label: str = "",
    width: int = 120,
    height: int = 28,
) -> str:
    """A line of (year, value) points in order of year; a missing value breaks the line.

    The last value carries a dot, the threshold is a thin line across. With ``rising`` false
    the axis is turned round, so that up is always better.
    """
    known = [(x, y) for x, y in points if y is not None]
    opening = (
        f'<svg class="td-spark" viewBox="0 0 {width} {height}" width="{width}"'
        f' height="{height}" {_label(label)}>'
    )
    if not known:
        return f"{opening}</svg>"
    values = [y for _, y in known] + ([threshold] if threshold is not None else [])
    x_factor, x_shift = _scale(_domain([x for x, _ in known], 0.0), 5, width - 5)
    bottom_up = (height - 5.0, 5.0) if rising else (5.0, height - 5.0)
    y_factor, y_shift = _scale(_domain(values, 0.0), *bottom_up)
    parts = [opening]
    if threshold is not None:
        y = _pixel(threshold * y_factor + y_shift)
        parts.append(f'<line class="threshold" x1="0" x2="{width}" y1="{y}" y2="{y}"/>')
    path, drawing = [], False
    for x, value in points:
        if value is None:
            drawing = False
            continue
        step = f"{_pixel(x * x_factor + x_shift)} {_pixel(value * y_factor + y_shift)}"
        path.append(f"{'L' if drawing else 'M'}{step}")
        drawing = True
    last_x, last_y = known[-1]
    parts.append(
        f'<path class="line" d="{"".join(path)}"/>'
        f'<circle class="now {escape(status)}" cx="{_pixel(last_x * x_factor + x_shift)}"'
        f' cy="{_pixel(last_y * y_factor + y_shift)}" r="3"/></svg>'
    )
    return "".join(parts)


@dataclass(frozen=True, slots=True)
class MapTile:
    """One tile: ``shade`` is a status code or ``q0`` (lowest) to ``q5``, or "" for no value.

    ``text`` is what is printed under the abbreviation (a value or a rank), ``label`` the
    place and what the tile says of it, ``url`` where the tile leads ("" for nowhere).
    """

    row: int
    col: int
    abbr: str
    label: str
    shade: str = ""
    text: str = ""
    url: str = ""
    inset: bool = False


def tile_map(tiles: Sequence[MapTile], *, label: str, cell: int = 52, gap: int = 4) -> str:
    """The tile map of provinces and both archipelagos; islands are insets with dashed edges."""
    if not tiles:
        return ""
    step = cell + gap
    width = (max(tile.col for tile in tiles) + 1) * step - gap
    height = (max(tile.row for tile in tiles) + 1) * step - gap
    first_col = min(tile.col for tile in tiles)
    width -= first_col * step
    drawn = []
    for tile in sorted(tiles, key=lambda item: (item.row, item.col)):
        x, y = (tile.col - first_col) * step, tile.row * step
        middle = x + cell / 2
        kind = "tile inset" if tile.inset else "tile"
        abbr_y = y + cell / 2 + (-1 if tile.text else 5)
        body = (
            f'<rect class="face" x="{x + 1}" y="{y + 1}" width="{cell - 2}"'
            f' height="{cell - 2}" rx="5"/>'
            f'<text class="abbr" x="{_pixel(middle)}" y="{_pixel(abbr_y)}">'
            f"{escape(tile.abbr)}</text>"
        )
        if tile.text:
            body += (
                f'<text class="value" x="{_pixel(middle)}" y="{_pixel(y + cell / 2 + 14)}">'
                f"{escape(tile.text)}</text>"
            )
        name = escape(f"{tile.label} ({tile.abbr})")
        classes = f"{kind} {escape(tile.shade) or 'blank'}"
        if tile.url:
            drawn.append(
                f'<a class="{classes}" href="{escape(tile.url)}"><title>{name}</title>{body}</a>'
            )
        else:
            drawn.append(
                f'<g class="{classes}" role="img" aria-label="{name}"><title>{name}</title>'
                f"{body}</g>"
            )
    return (
        f'<svg class="td-tiles" viewBox="0 0 {width} {height}" role="group"'
        f' aria-label="{escape(label)}">{"".join(drawn)}</svg>'
    )
