"""Mark-up built as strings: marks, pills, badges, data tables.

A page has a hundred marks and tables of hundreds of cells; building them here is many times
as fast as a template include for each. Every text that comes from outside is escaped.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from functools import wraps
from html import escape
from itertools import groupby
from typing import ParamSpec

from django.utils.functional import Promise
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from dashboard import formatting, statuses, svg
from dashboard.components import (
    Bullet,
    Cell,
    Column,
    Lead,
    Mark,
    MatrixGroup,
    MatrixRow,
    Table,
    TargetRow,
    Tile,
)
from dashboard.foreign import spoken

P = ParamSpec("P")

#: Badge code: (word, what it means, shown as a tooltip).
BADGES: dict[str, tuple[str | Promise, str | Promise]] = {
    "draft": (_("Dự thảo"), _("Văn bản chưa có hiệu lực")),
    "inferred": (_("suy ra"), _("Văn bản không nêu; do hệ thống suy ra")),
    "interpreted": (_("cách hiểu"), _("Con số là cách hiểu của hệ thống, văn bản không ghi")),
    "synthetic": (_("số liệu giả định"), _("Số liệu tạo ra để minh hoạ")),
    "derived": (_("tính ra"), _("Tính từ số liệu công bố, không in sẵn")),
    "unverified": (_("chưa kiểm chứng"), _("Chưa đối chiếu với văn bản gốc")),
    "sample": (_("Mẫu"), _("Chỉ để minh hoạ quy trình, không công bố và không tính ở đâu")),
    "unpublished": (_("chưa công bố"), _("Số liệu chưa được công bố")),
}


def _safe(text: str) -> SafeString:
    return mark_safe(text)  # noqa: S308 - every caller escapes what comes from outside


def _once_per_language(build: Callable[P, SafeString]) -> Callable[P, SafeString]:
    """Remember what a function of a few constants builds, apart for each language."""
    known: dict[Hashable, SafeString] = {}

    @wraps(build)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> SafeString:
        key = (get_language(), args, *kwargs.items())
        if key not in known:
            known[key] = build(*args, **kwargs)
        return known[key]

    return wrapper


@_once_per_language
def word(code: str, *, short: bool = False) -> SafeString:
    """The word of a status."""
    item = statuses.status(code)
    return _safe(escape(str(item.short if short else item.label)))


@_once_per_language
def mark(code: str, *, size: str = "", named: bool = True) -> SafeString:
    """The shape of a status; ``size`` is "" or "lg"; unnamed where its word stands beside it."""
    label = f'role="img" aria-label="{word(code)}"' if named else 'aria-hidden="true"'
    symbol = statuses.status(code).symbol_id
    return _safe(
        f'<svg class="td-mark {code} {escape(size)}" viewBox="0 0 16 16" width="14" height="14"'
        f' {label}><use href="#{symbol}"/></svg>'
    )


@_once_per_language
def pill(code: str, *, short: bool = False) -> SafeString:
    """Shape and word of a status."""
    shape = mark(code, named=False)
    return _safe(f'<span class="td-pill {code}">{shape}{word(code, short=short)}</span>')


@_once_per_language
def badge(code: str) -> SafeString:
    """A badge of :data:`BADGES`."""
    name, meaning = BADGES[code]
    return _safe(
        f'<span class="td-badge {code}" title="{escape(str(meaning))}">{escape(str(name))}</span>'
    )


def link(url: str, text: str, *, classes: str = "") -> str:
    """A link, or the text alone where there is no address; ``text`` is mark-up already."""
    named = f' class="{classes}"' if classes else ""
    return f'<a{named} href="{escape(url)}">{text}</a>' if url else text


def badges(codes: Sequence[str]) -> str:
    """Several badges, each with a space before it."""
    return "".join(f" {badge(code)}" for code in codes)


def tiles(items: Sequence[Tile], *, label: str) -> SafeString:
    """The count of each status as a link."""
    parts = []
    for item in items:
        zero = "" if item.count else " zero"
        current = ' aria-current="true"' if item.current else ""
        parts.append(
            f'<li><a class="td-count {item.status}{zero}" href="{escape(item.url)}"{current}>'
            f'<span class="n">{formatting.number(item.count, 0)}</span> '
            f'<span class="l">{mark(item.status, named=False)}<span>{word(item.status)}</span>'
            "</span></a></li>"
        )
    return _safe(f'<ul class="td-counts" aria-label="{escape(label)}">{"".join(parts)}</ul>')


def marks(items: Sequence[Mark]) -> SafeString:
    """One link per target, grouped by status, what needs attention first."""
    ordered = sorted(items, key=lambda item: statuses.status(item.status).order)
    groups = []
    for code, members in groupby(ordered, key=lambda item: item.status):
        status, drawing = word(code), mark(code, named=False)
        links = []
        for item in members:
            name = f"{status}: {escape(item.name)}"
            links.append(
                f'<li><a href="{escape(item.url)}" title="{name}" aria-label="{name}">'
                f"{drawing}</a></li>"
            )
        groups.append(f'<ul class="td-marks" aria-label="{status}">{"".join(links)}</ul>')
    return _safe(f'<div class="td-marks-row">{"".join(groups)}</div>')


def matrix(groups: Sequence[MatrixGroup], *, caption: str) -> SafeString:
    """How many targets have each status, by horizon, pillar or both: small enough for a phone."""
    heads = "".join(
        f'<th scope="col" class="{code}">{mark(code, named=False)}'
        f'<span class="word">{word(code, short=True)}</span></th>'
        for code in statuses.CODES
    )
    bodies: list[str] = []
    for group in groups:
        title = escape(group.title)
        rows = "".join(_matrix_row(row) for row in group.rows)
        bodies.append(
            f'<tbody><tr class="group"><th scope="rowgroup" colspan="9">{title}</th></tr>'
            f"{rows}</tbody>"
            if bodies
            else f'<thead><tr><th scope="col">{title}</th>{heads}</tr></thead><tbody>{rows}</tbody>'
        )
    return _safe(
        '<div class="td-card"><table class="td-matrix">'
        f'<caption class="visually-hidden">{escape(caption)}</caption>'
        f"{''.join(bodies)}</table></div>"
    )


def _matrix_row(row: MatrixRow) -> str:
    title = escape(row.title)
    cells = []
    for code in statuses.CODES:
        entry = row.counts.get(code)
        if entry is None or not entry.count:
            cells.append('<td class="zero">0</td>')
            continue
        text = formatting.number(entry.count, 0)
        if entry.url:
            name = f"{text} {word(code)}, {title}"
            text = f'<a href="{escape(entry.url)}" aria-label="{name}">{text}</a>'
        cells.append(f'<td class="{code}">{text}</td>')
    return f'<tr><th scope="row">{link(row.url, title)}</th>{"".join(cells)}</tr>'


def target_rows(rows: Sequence[TargetRow]) -> SafeString:
    """Targets in rows: what is demanded, where it stands, why, who answers, by which clause."""
    return _safe(f'<ul class="td-card td-rows">{"".join(map(_target_row, rows))}</ul>')


def _target_row(row: TargetRow) -> str:
    value = escape(row.value) or formatting.none()
    period = f"<small>{escape(row.period)}</small>" if row.period else ""
    chart = bullet(row.bullet, row.status) if row.bullet else ""
    projection = f' <span class="proj">{escape(row.projection)}</span>' if row.projection else ""
    leads = "".join(map(_lead, row.leads))
    clause = ""
    if row.clause:
        clause = link(row.clause_url, escape(row.clause), classes="clause")
    return (
        f'<li class="td-row"><div class="what">{mark(row.status, size="lg")}<div>'
        f"{link(row.url, escape(row.title), classes='name')}"
        f'<span class="demand">{escape(row.demand)}{badges(row.badges)}</span></div></div>'
        f'<div class="now"><span class="value">{value}{period}</span>{chart}</div>'
        f'<p class="why">{escape(row.reason)}{projection}</p>'
        f'<div class="who">{leads}{clause}</div></li>'
    )


def _lead(lead: Lead) -> str:
    note = f' <span class="note">{escape(lead.note)}</span>' if lead.note else ""
    return f'<span class="lead-by">{link(lead.url, escape(lead.name))}{note}</span>'


def bullet(numbers: Bullet, status: str = "", label: str = "") -> SafeString:
    """A bullet chart; decorative unless ``label`` is given, for the sentence stands beside it."""
    return _safe(
        svg.bullet(
            baseline=numbers.baseline,
            now=numbers.now,
            needed=numbers.needed,
            threshold=numbers.threshold,
            threshold_max=numbers.threshold_max,
            rising=numbers.rising,
            status=status,
            label=label,
        )
    )


def sparkline(
    points: Sequence[tuple[float, float | None]],
    status: str = "",
    threshold: float | None = None,
    rising: bool = True,
    label: str = "",
) -> SafeString:
    """A sparkline of (year, value) points."""
    return _safe(
        svg.sparkline(points, threshold=threshold, rising=rising, status=status, label=label)
    )


def _column_head(column: Column) -> str:
    text = escape(column.text)
    text = link(column.sort_url, text)
    sort = f' aria-sort="{escape(column.sorted)}"' if column.sorted else ""
    return f'<th scope="col"{_classes(column)}{sort}>{text}</th>'


def _classes(column: Column) -> str:
    names = " ".join(
        name for name, wanted in (("num", column.numeric), ("minor", column.minor)) if wanted
    )
    return f' class="{names}"' if names else ""


def _content(cell: Cell) -> str:
    text = (
        conditional_escape(cell.html)
        or spoken(cell.text)
        or (formatting.none() if not cell.status else "")
    )
    text = link(cell.url, text)
    if cell.status:
        shape = mark(cell.status, named=not cell.text)
        text = f'<span class="td-with-mark">{shape}<span>{text}</span></span>'
    note = f' <span class="note">{spoken(cell.note)}</span>' if cell.note else ""
    return f"{text}{badges(cell.badges)}{note}"


def table(data: Table, *, card: bool = True) -> SafeString:
    """A data table in a region that scrolls by itself and can be reached by keyboard.

    Raises ``ValueError`` for a row that does not have one cell for each column.
    """
    head = "".join(_column_head(column) for column in data.columns)
    body = []
    for row in data.rows:
        cells = []
        for position, (column, cell) in enumerate(zip(data.columns, row, strict=True)):
            tag = 'th scope="row"' if position == 0 else "td"
            label = f' data-label="{escape(column.text)}"' if data.stacked and position else ""
            content = f"<span>{_content(cell)}</span>" if label else _content(cell)
            cells.append(f"<{tag}{_classes(column)}{label}>{content}</{tag[:2]}>")
        body.append(f"<tr>{''.join(cells)}</tr>")
    names = "td-scroll" + (" td-card" if card else "") + (" stacked" if data.stacked else "")
    hidden = ' class="visually-hidden"' if data.caption_hidden else ""
    caption = escape(data.caption)
    return _safe(
        f'<div class="{names}" role="region" aria-label="{caption}" tabindex="0">'
        f'<table class="td-table"><caption{hidden}>{caption}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table></div>"
    )
