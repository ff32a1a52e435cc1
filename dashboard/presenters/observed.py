"""How values are shown: number, period, source, edition, remarks and earlier versions.

Every number on a page leads to its source; these are the cells that do it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext

from dashboard import formatting, markup
from dashboard.components import Cell, Column, Table
from dashboard.foreign import spoken
from dashboard.formatting import localised
from dashboard.presenters.sources.brought import NOTHING_BROUGHT, Brought
from targets.known_values import Merged, Run, Value
from targets.models import Indicator, Observation, Source, Unit

_MONTH: Final = re.compile(r"\d{4}-\d{2}\Z")


def source_url(source: Source) -> str:
    """The address of a source; "" for anything that is not a web address."""
    return source.url if source.url.startswith(("https://", "http://")) else ""


def source_cell(source: Source) -> Cell:
    """Title, link and publisher of a source."""
    publisher = "" if source.publisher == source.title else source.publisher
    return Cell(source.title, url=source_url(source), note=publisher)


def origin_cell(seen: Observation, brought: Brought) -> Cell:
    """The source of a value; of one that was pulled or sent also by which run."""
    cell = source_cell(seen.source)
    words = brought.get(seen.run_id) if seen.run_id is not None else None
    if words is None:
        return cell
    title = spoken(cell.text)
    linked = format_html('<a href="{}">{}</a>', cell.url, title) if cell.url else title
    note = f"{cell.note}; " if cell.note else ""
    return Cell(html=format_html('{} <span class="note">{}{}</span>', linked, note, words))


def edition(seen: Observation) -> str:
    """When a value was published and in which edition; "" where neither is known."""
    vintage = seen.vintage
    if _MONTH.match(vintage):
        vintage = formatting.period(vintage)
        # A month stands in the files as its first day.
        if seen.published_on and seen.published_on.isoformat() == f"{seen.vintage}-01":
            return vintage
    return ", ".join(
        [
            *([formatting.day(seen.published_on)] if seen.published_on else []),
            *filter(None, [vintage]),
        ]
    )


def badges(seen: Observation) -> tuple[str, ...]:
    """Badges of a value: computed, made up."""
    return tuple(
        code
        for code, wanted in (("derived", seen.derived), ("synthetic", seen.synthetic))
        if wanted
    )


def quantity(value: Value, unit: Unit) -> str:
    return formatting.quantity(value.number, unit, trim=True)


def value_cell(value: Value, unit: Unit) -> Cell:
    return Cell(quantity(value, unit), badges=badges(value.latest))


def remarks(value: Value, unit: Unit) -> SafeString:
    """The caveat of a value and the versions it replaced, behind a summary."""
    caveat = localised(value.latest, "caveat")
    if not value.earlier:
        return format_html("{}", caveat)
    count = len(value.earlier)
    summary = ngettext("Đã sửa %(count)s lần", "Đã sửa %(count)s lần", count) % {"count": count}
    versions = format_html_join(
        "", "<li>{}</li>", ((_version(old, unit),) for old in value.earlier)
    )
    return format_html(
        "{}<details><summary>{}</summary><ul>{}</ul></details>", caveat, summary, versions
    )


def _version(old: Observation, unit: Unit) -> SafeString:
    """One replaced version: its number, edition, the day it was recorded, its source."""
    number = formatting.quantity(old.value, unit, trim=True)
    recorded = gettext("ghi nhận %(day)s") % {"day": formatting.day(old.recorded_at)}
    title = spoken(old.source.title)
    if address := source_url(old.source):
        title = format_html('<a href="{}">{}</a>', address, title)
    words = [word for word in (edition(old), recorded, localised(old, "caveat")) if word]
    return format_html("<del>{}</del> ({}): {}", number, "; ".join(words), title)


def run_table(run: Run, caption: str, brought: Brought = NOTHING_BROUGHT) -> Table:
    """All values of a run, newest first, with period, source, edition, remarks and versions."""
    unit = run.series.indicator.unit
    values = [(value, "") for value in reversed(run.values)]
    return value_table(values, unit, caption, brought)


def value_table(
    values: Iterable[tuple[Value, str]],
    unit: Unit,
    caption: str,
    brought: Brought = NOTHING_BROUGHT,
) -> Table:
    """Values with a word of what each is for ("" for none), in the order given."""
    rows = [
        (
            Cell(formatting.period(value.latest.period), note=use),
            value_cell(value, unit),
            origin_cell(value.latest, brought),
            Cell(edition(value.latest)),
            Cell(html=remarks(value, unit)),
        )
        for value, use in values
    ]
    columns = (
        Column(gettext("Kỳ")),
        Column(gettext("Giá trị"), numeric=True),
        Column(gettext("Nguồn")),
        Column(gettext("Công bố, ấn bản")),
        Column(gettext("Ghi chú, bản trước")),
    )
    return Table(caption, columns, rows, stacked=True)


def merged_table(merged: Sequence[Merged], unit: Unit, caption: str) -> Table:
    """Values computed from all predecessors: the sums that they are made of stand beside them."""
    rows = []
    for one in merged:
        parts = "; ".join(formatting.quantity(part.value, unit, trim=True) for part in one.parts)
        how = parts
        if one.numerator is not None and one.denominator is not None:
            how = (
                f"{formatting.number(one.numerator)}"
                f"{formatting.NO_BREAK_SPACE}/{formatting.NO_BREAK_SPACE}"
                f"{formatting.number(one.denominator)}"
            )
        rows.append(
            (
                Cell(formatting.period(one.period)),
                Cell(formatting.quantity(one.value, unit, trim=True), badges=("derived",)),
                Cell(how),
                Cell(parts),
            )
        )
    columns = (
        Column(gettext("Kỳ")),
        Column(gettext("Giá trị"), numeric=True),
        Column(gettext("Tổng tử số / tổng mẫu số")),
        Column(gettext("Của từng tỉnh cũ")),
    )
    return Table(caption, columns, rows, stacked=True)


def sparkline(run: Run, indicator: Indicator, label: str) -> SafeString:
    """The run as a small line, a break where a year has no value within its interval.

    "" where no two values are joined: a lone dot tells less than the number beside it.
    """
    years = run.by_year()
    points: list[tuple[float, float | None]] = []
    last: int | None = None
    joined = False
    for year, value in years.items():
        if last is not None and year - last > indicator.interval_years:
            points.append(((year + last) / 2, None))
        elif last is not None:
            joined = True
        points.append((float(year), float(value.number)))
        last = year
    if not joined:
        return SafeString("")
    rising = indicator.direction == Indicator.Direction.UP
    return markup.sparkline(points, rising=rising, label=label)
