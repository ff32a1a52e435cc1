"""Which figures there are, and the frames of numbers and words that each is drawn from.

Names: `pillar-<slug>` (a bullet for every target of the pillar that counts in headlines) and
`pillar-<slug>-drafts` (with the drafts'), `path-<indicator>` (a small figure of one measure) and
`indicator-<indicator>` (the large one, with all publishers and the projection).
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from django.utils.translation import gettext

from dashboard import formatting, statuses
from dashboard.charts import bullets, paths
from dashboard.charts.styling import wrapped
from dashboard.formatting import localised
from dashboard.presenters.common import (
    attention_order,
    reason,
    status_of,
    threshold_of,
    title_of,
    write,
)
from dashboard.presenters.progress import needed, reached, unit_words, value_text
from dashboard.presenters.provincial import series_title
from targets.known_values import Run, read_runs
from targets.models import Indicator, Unit
from targets.register import Register, Row, read_register

# Raise it when a change of the code changes what is drawn from the same frames.
_FORM = 2
_FLAT = frozenset({"growth", "every_year", "keep"})


@dataclass(frozen=True)
class Material:
    """All that figures are drawn from, as known on one day (a fixed number of queries)."""

    register: Register
    runs: dict[str, list[Run]]
    rows: dict[str, list[Row]]

    @property
    def documents(self) -> list[str]:
        """Slugs of all documents: the place of one gives it its colour in every figure."""
        return sorted({row.target.document.slug for row in self.register})

    @classmethod
    def read(cls, day: dt.date) -> Material:
        """The register and the country's published values."""
        register = read_register(day)
        runs: dict[str, list[Run]] = {}
        for run in read_runs(day, organisation=register.organisation):
            runs.setdefault(run.series.indicator.code, []).append(run)
        rows: dict[str, list[Row]] = {}
        for row in register:
            rows.setdefault(row.target.indicator.code, []).append(row)
        return cls(register, runs, rows)


@dataclass(frozen=True)
class Drawing:
    """A figure that can be drawn: `inputs` is the digest of all that it would show."""

    inputs: str
    draw: Callable[[], dict[str, Any]]


def names(material: Material) -> list[str]:
    """The figures that the material has something for."""
    pillars = sorted({row.target.pillar.slug for row in material.register})
    with_paths = [
        code
        for code, runs in material.runs.items()
        if code in material.rows and any(run.series.official for run in runs)
    ]
    return [
        *(f"pillar-{slug}" for slug in pillars),
        *(f"pillar-{slug}-drafts" for slug in pillars),
        *(f"path-{code}" for code in with_paths),
        *(f"indicator-{code}" for code in material.runs),
    ]


def drawing(material: Material, name: str) -> Drawing:
    """The drawing of a name of `names`, in the active language. Raises KeyError for others."""
    sort, _dash, rest = name.partition("-")
    if sort == "pillar":
        slug = rest.removesuffix("-drafts")
        frame = pillar_frame(pillar_rows(material.register, slug, drafts=slug != rest))
        return Drawing(_digest([frame]), lambda: bullets.bullets(frame))
    runs = material.runs[rest]
    indicator = runs[0].series.indicator
    rows = [row for row in material.rows.get(rest, ()) if row.target.restates_id is None]
    observed, demands = observed_frame(runs), demands_frame(rows, material.documents)
    projected = projected_frame(rows) if sort == "indicator" else None
    axis = _axis(indicator.unit)
    frames = [observed, demands, *([projected] if projected is not None else [])]
    return Drawing(
        _digest(frames, axis),
        lambda: paths.path(observed, demands, axis, projected=projected),
    )


def pillar_rows(register: Register, slug: str, *, drafts: bool) -> list[Row]:
    """The targets of a pillar that its page counts, the worst first."""
    rows = [
        row
        for row in register
        if row.target.pillar.slug == slug
        and (
            row.in_headlines
            or (drafts and row.target.document.is_draft and row.target.restates_id is None)
        )
    ]
    return sorted(rows, key=attention_order)


def pillar_frame(rows: Iterable[Row]) -> pd.DataFrame:
    """The rows as `charts.bullets` takes them."""
    return pd.DataFrame(
        [
            {
                "name": title_of(row.target),
                "document": localised(row.target.document, "short"),
                "demand": formatting.demand(row.target),
                "value": value_text(row),
                "status": status_of(row),
                "reached": reached(row),
                "needed": needed(row),
                "hover": _hover(row),
            }
            for row in rows
        ],
        columns=list(bullets.COLUMNS),
    ).astype({"reached": "float64", "needed": "float64"})


def _hover(row: Row) -> str:
    target = row.target
    lines = [
        title_of(target),
        f"{localised(target.document, 'short')}: {formatting.demand(target)}",
        f"{statuses.status(status_of(row)).label}. {reason(row)}",
    ]
    return "<br>".join(wrapped(line, 60) for line in lines)


def observed_frame(runs: Sequence[Run]) -> pd.DataFrame:
    """The values of an indicator's series, one a year, as `charts.paths` takes them."""
    return pd.DataFrame(
        [
            {
                "series": series_title(run.series),
                "official": run.series.official,
                "x": float(year),
                "value": float(value.number),
                "hover": wrapped(
                    f"{formatting.period(value.latest.period)}: "
                    f"{formatting.quantity(value.number, run.series.indicator.unit, trim=True)}. "
                    f"{value.latest.source.publisher}",
                    60,
                ),
            }
            for run in runs
            for year, value in run.by_year().items()
        ],
        columns=list(paths.OBSERVED),
    )


def demands_frame(rows: Iterable[Row], documents: Sequence[str]) -> pd.DataFrame:
    """The demands on an indicator, those with a number, as `charts.paths` takes them."""
    records = []
    for row in rows:
        verdict, target = row.assessment, row.target
        threshold = threshold_of(row)
        if threshold is None:
            continue
        flat = target.kind in _FLAT
        start = target.document.issued_on.year if flat or verdict is None else verdict.baseline_year
        name = localised(target.document, "short")
        records.append(
            {
                "document": name,
                "colour": documents.index(target.document.slug),
                "draft": target.document.is_draft,
                "status": status_of(row),
                "start_year": start,
                "start_value": None if flat or verdict is None else verdict.baseline_value,
                "due_year": target.due_year,
                "threshold": threshold,
                "threshold_max": None if flat else target.threshold_max,
                "by_ratio": target.indicator.pace_method == Indicator.PaceMethod.CAGR,
                "flat": flat,
                "hover": wrapped(f"{name}: {formatting.demand(target)}", 60),
            }
        )
    numbers = ("start_year", "start_value", "due_year", "threshold", "threshold_max")
    return pd.DataFrame(records, columns=list(paths.DEMANDS)).astype(
        dict.fromkeys(numbers, "float64")
    )


def projected_frame(rows: Iterable[Row]) -> pd.DataFrame:
    """The trend up to the nearest due year; one row or none. All targets share the trend."""
    ahead = [
        (row, row.assessment)
        for row in rows
        if row.assessment is not None
        and row.assessment.projected_value is not None
        and row.target.due_year is not None
    ]
    records = []
    for row, verdict in sorted(ahead, key=lambda pair: pair[0].target.due_year or 0)[:1]:
        value, low, high = verdict.projected_value, verdict.projected_low, verdict.projected_high
        text = gettext("Theo xu hướng: %(value)s vào %(year)s") % {
            "value": write(row.target, value or 0.0),
            "year": row.target.due_year,
        }
        records.append(
            {
                "from_year": verdict.latest_year,
                "from_value": verdict.latest_value,
                "due_year": row.target.due_year,
                "value": value,
                "low": low,
                "high": high,
                "hover": text,
            }
        )
    return pd.DataFrame(records, columns=list(paths.PROJECTED))


def _axis(unit: Unit) -> paths.Axis:
    is_rank = unit.kind == Unit.Kind.RANK
    symbol = formatting.symbol(unit)
    short = len(symbol) <= 1
    return paths.Axis(
        title="" if short and symbol else unit_words(unit),
        reversed=is_rank,
        suffix=symbol if short else "",
        whole=is_rank,
    )


def _digest(frames: Iterable[pd.DataFrame], *words: object) -> str:
    parts = [repr((_FORM, formatting.vietnamese(), words))]
    parts += [frame.to_json(orient="split", double_precision=15) for frame in frames]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
