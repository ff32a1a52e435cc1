"""Template tags of the pages: marks, pills, numbers, dates, small charts, links.

Thin: the numbers are written in ``formatting``, the mark-up in ``markup`` and ``svg``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django import template
from django.template.context import Context
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from dashboard import foreign, formatting, markup, statuses, svg
from dashboard import shell as frame
from dashboard.components import Bullet, Mark, MatrixGroup, Table, TargetRow, Tile
from dashboard.formatting import Number, UnitLike

register = template.Library()


# Statuses


@register.simple_tag
def status_sprite() -> SafeString:
    """The symbols that every mark refers to; ``base.html`` has it once."""
    return mark_safe(statuses.sprite())  # noqa: S308 - constant markup


@register.simple_tag
def mark(code: str, size: str = "", named: bool = True) -> SafeString:
    """A status mark. ``named=False`` where the word of the status stands beside it."""
    return markup.mark(code, size=size, named=named)


@register.simple_tag
def pill(code: str, short: bool = False) -> SafeString:
    """Mark and word of a status."""
    return markup.pill(code, short=short)


@register.simple_tag
def badge(code: str) -> SafeString:
    """A badge of ``markup.BADGES``: draft, inferred, interpreted, synthetic, ..."""
    return markup.badge(code)


@register.simple_tag
def marks(items: Sequence[Mark]) -> SafeString:
    """One link per target, grouped by status, what needs attention first."""
    return markup.marks(items)


@register.simple_tag
def tiles(items: Sequence[Tile], label: str = "") -> SafeString:
    """The count of each status as a link."""
    return markup.tiles(items, label=label or gettext("Số mục tiêu theo trạng thái"))


@register.simple_tag
def target_rows(rows: Sequence[TargetRow]) -> SafeString:
    """Targets in rows; ``_partials/target_rows.html`` also says so when there is none."""
    return markup.target_rows(rows)


@register.simple_tag
def matrix(groups: Sequence[MatrixGroup], caption: str) -> SafeString:
    """Counts by status and row (horizon, pillar)."""
    return markup.matrix(groups, caption=caption)


@register.simple_tag
def table(data: Table, card: bool = True) -> SafeString:
    """A data table of ``components.Table``."""
    return markup.table(data, card=card)


@register.filter
def spoken(text: str) -> SafeString:
    """``{{ source.title|spoken }}``: Vietnamese on an English page says that it is."""
    return foreign.spoken(text)


@register.filter
def status_word(code: str) -> str:
    """The word of a status."""
    return str(statuses.status(code).label)


@register.simple_tag
def legend() -> SafeString:
    """All marks with their words, as a list."""
    return format_html(
        '<ul class="td-legend">{}</ul>',
        format_html_join("", "<li>{}</li>", ((pill(code),) for code in statuses.CODES)),
    )


# Numbers, dates, units


def _or_none(value: object, text: str) -> str:
    return formatting.none() if formatting.missing(value) else text


@register.filter
def number(value: Number | None, decimals: int | None = None) -> str:
    """``{{ value|number:1 }}``"""
    return _or_none(value, formatting.number(value, decimals))


@register.filter
def percent(value: Number | None, decimals: int = 1) -> str:
    """``{{ value|percent }}``: the value is in per cent already."""
    return _or_none(value, formatting.percent(value, decimals))


@register.filter
def rank(value: Number | None) -> str:
    """``{{ value|rank }}``"""
    return _or_none(value, formatting.rank(value))


@register.filter
def quantity(value: Number | None, unit: UnitLike | None) -> str:
    """``{{ value|quantity:indicator.unit }}``"""
    return _or_none(value, formatting.quantity(value, unit))


@register.filter
def difference(value: Number | None, unit: UnitLike | None) -> str:
    """``{{ change|difference:indicator.unit }}``"""
    return _or_none(value, formatting.difference(value, unit))


@register.filter
def day(value: dt.date | None) -> str:
    """``{{ document.issued_on|day }}``"""
    return _or_none(value, formatting.day(value))


@register.filter
def moment(value: dt.datetime | None) -> str:
    """``{{ observation.recorded_at|moment }}``"""
    return _or_none(value, formatting.moment(value))


@register.filter
def period(value: str | None) -> str:
    """``{{ observation.period|period }}``"""
    return _or_none(value, formatting.period(value))


@register.filter
def demand(target: formatting.DemandLike) -> str:
    """``{{ target|demand }}``"""
    return formatting.demand(target)


@register.filter
def local(item: object, field: str) -> str:
    """``{{ indicator|local:"name" }}``: the field in the language of the page."""
    return formatting.localised(item, field)


@register.simple_tag
def none(word: str | None = None) -> SafeString:
    """The dash of a missing value; ``word`` tells a screen reader what is missing."""
    return formatting.none(word)


# Small charts


@register.simple_tag
def bullet(numbers: Bullet, status: str = "", label: str = "") -> SafeString:
    """A bullet chart; decorative unless ``label`` is given, for the sentence stands beside it."""
    return markup.bullet(numbers, status, label)


@register.simple_tag
def sparkline(
    points: Sequence[tuple[float, float | None]],
    status: str = "",
    threshold: float | None = None,
    rising: bool = True,
    label: str = "",
) -> SafeString:
    """A sparkline of (year, value) points."""
    return markup.sparkline(points, status, threshold, rising, label)


@register.simple_tag
def tile_map(tiles: Iterable[svg.MapTile], label: str) -> SafeString:
    """The tile map of provinces."""
    return mark_safe(svg.tile_map(list(tiles), label=label))  # noqa: S308 - svg escapes its texts


# Links and forms that keep where the reader is


@register.simple_tag(takes_context=True)
def href(context: Context, name: str, *args: Any) -> str:
    """``{% href "pillar" slug %}``: the address of a page, keeping the as-of date."""
    return f"{reverse(name, args=args)}{context.get('as_of_query', '')}"


@register.simple_tag(takes_context=True)
def hidden_fields(context: Context, *names: str) -> SafeString:
    """The present query as hidden inputs, without the parameters named."""
    return frame.hidden_fields(context["request"], *names)


@register.simple_tag(takes_context=True)
def shell(context: Context, template_name: str) -> SafeString:
    """Header or footer (``dashboard.shell.fragment``)."""
    return frame.fragment(template_name, context["request"])
