"""Mark-up built as strings: marks, pills, badges, data tables.

A page has a hundred marks and tables of hundreds of cells; building them here is many times
as fast as a template include for each. Every text that comes from outside is escaped.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from django.utils.functional import Promise
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from dashboard import formatting, statuses
from dashboard.components import Cell, Column, Mark, MatrixGroup, MatrixRow, Table

#: Badge code: (word, what it means, shown as a tooltip).
BADGES: dict[str, tuple[str | Promise, str | Promise]] = {
    "draft": (_("Dự thảo"), _("Văn bản chưa có hiệu lực")),
    "inferred": (_("suy ra"), _("Văn bản không nêu; do hệ thống suy ra")),
    "interpreted": (_("cách hiểu"), _("Con số là cách hiểu của hệ thống, văn bản không ghi")),
    "synthetic": (_("số liệu giả định"), _("Số liệu tạo ra để minh hoạ")),
    "derived": (_("tính ra"), _("Tính từ số liệu công bố, không in sẵn")),
    "unverified": (_("chưa kiểm chứng"), _("Chưa đối chiếu với văn bản gốc")),
    "unpublished": (_("chưa công bố"), _("Số liệu chưa được công bố")),
}


def _safe(text: str) -> SafeString:
    return mark_safe(text)  # noqa: S308 - every caller escapes what comes from outside


def mark(code: str, *, size: str = "", named: bool = True) -> SafeString:
    """The shape of a status; ``size`` is "" or "lg"; unnamed where its word stands beside it."""
    item = statuses.status(code)
    label = f'role="img" aria-label="{escape(item.label)}"' if named else 'aria-hidden="true"'
    return _safe(
        f'<svg class="td-mark {code} {escape(size)}" viewBox="0 0 16 16" width="14" height="14"'
        f' {label}><use href="#{item.symbol_id}"/></svg>'
    )


def pill(code: str, *, short: bool = False) -> SafeString:
    """Shape and word of a status."""
    item = statuses.status(code)
    word = escape(item.short if short else item.label)
    return _safe(f'<span class="td-pill {code}">{mark(code, named=False)}{word}</span>')


def badge(code: str) -> SafeString:
    """A badge of :data:`BADGES`."""
    word, meaning = BADGES[code]
    return _safe(f'<span class="td-badge {code}" title="{escape(meaning)}">{escape(word)}</span>')


def badges(codes: Sequence[str]) -> str:
    """Several badges, each with a space before it."""
    return "".join(f" {badge(code)}" for code in codes)


def marks(items: Sequence[Mark]) -> SafeString:
    """One link per target, grouped by status, what needs attention first."""
    ordered = sorted(items, key=lambda item: statuses.status(item.status).order)
    groups = []
    for code, members in groupby(ordered, key=lambda item: item.status):
        word = escape(statuses.status(code).label)
        drawing = mark(code, named=False)
        links = []
        for item in members:
            name = f"{word}: {escape(item.name)}"
            links.append(
                f'<li><a href="{escape(item.url)}" title="{name}" aria-label="{name}">'
                f"{drawing}</a></li>"
            )
        groups.append(f'<ul class="td-marks" aria-label="{word}">{"".join(links)}</ul>')
    return _safe(f'<div class="td-marks-row">{"".join(groups)}</div>')


def matrix(groups: Sequence[MatrixGroup], *, caption: str) -> SafeString:
    """How many targets have each status, by horizon, pillar or both: small enough for a phone."""
    heads = "".join(
        f'<th scope="col" class="{item.code}">{mark(item.code, named=False)}'
        f'<span class="word">{escape(item.short)}</span></th>'
        for item in statuses.STATUSES
    )
    bodies = []
    for group in groups:
        title = escape(group.title)
        rows = "".join(_matrix_row(row) for row in group.rows)
        bodies.append(
            f'<thead><tr><th scope="col">{title}</th>{heads}</tr></thead><tbody>{rows}</tbody>'
            if not bodies
            else f'<tbody><tr class="group"><th scope="rowgroup" colspan="9">{title}</th></tr>'
            f"{rows}</tbody>"
        )
    return _safe(
        '<div class="td-card"><table class="td-matrix">'
        f'<caption class="visually-hidden">{escape(caption)}</caption>'
        f"{''.join(bodies)}</table></div>"
    )


def _matrix_row(row: MatrixRow) -> str:
    title = escape(row.title)
    if row.url:
        title = f'<a href="{escape(row.url)}">{title}</a>'
    cells = []
    for item in statuses.STATUSES:
        entry = row.counts.get(item.code)
        if entry is None or not entry.count:
            cells.append('<td class="zero">0</td>')
            continue
        text = formatting.number(entry.count, 0)
        if entry.url:
            name = escape(f"{text} {item.label}, {row.title}")
            text = f'<a href="{escape(entry.url)}" aria-label="{name}">{text}</a>'
        cells.append(f'<td class="{item.code}">{text}</td>')
    return f'<tr><th scope="row">{title}</th>{"".join(cells)}</tr>'


def _column_head(column: Column) -> str:
    text = escape(column.text)
    if column.sort_url:
        text = f'<a href="{escape(column.sort_url)}">{text}</a>'
    sort = f' aria-sort="{escape(column.sorted)}"' if column.sorted else ""
    return f'<th scope="col"{_classes(column)}{sort}>{text}</th>'


def _classes(column: Column) -> str:
    names = " ".join(
        name for name, wanted in (("num", column.numeric), ("minor", column.minor)) if wanted
    )
    return f' class="{names}"' if names else ""


def _content(cell: Cell) -> str:
    text = cell.html or escape(cell.text) or (formatting.none() if not cell.status else "")
    if cell.url:
        text = f'<a href="{escape(cell.url)}">{text}</a>'
    if cell.status:
        shape = mark(cell.status, named=not cell.text)
        text = f'<span class="td-with-mark">{shape}<span>{text}</span></span>'
    note = f' <span class="note">{escape(cell.note)}</span>' if cell.note else ""
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
