"""Cells with all that the checks compare them with: what was published before, evidence, parts.

One query for the cells of a report, or for one cell (it is asked at every save), written in SQL:
putting it together from the models takes longer than running it. One more where there are totals.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.db import connection

from targets.reporting.checks import Cell, Known, Measure, Part, Previous

_CELLS = """
    SELECT r.id, c.period, r.sample, c.closed_on,
        i.id, i.subject_id, n.id, u.id, u.kind, u.decimals,
        i.value, i.numerator, i.denominator, i.unavailable, i.note,
        b.value, b.period,
        EXISTS (
            SELECT 1 FROM targets_evidence e WHERE e.item_id = i.id AND e.removed_at IS NULL
        ),
        ARRAY(
            SELECT w.rule_id FROM targets_warningreason w
            WHERE w.item_id = i.id AND w.item_version = i.version ORDER BY w.id
        ),
        ARRAY(
            SELECT w.reason FROM targets_warningreason w
            WHERE w.item_id = i.id AND w.item_version = i.version ORDER BY w.id
        ),
        o.kind = 'country' AND n.aggregation <> 'none',
        CASE WHEN n.aggregation = 'ratio' THEN u.ratio_scale END
    FROM targets_reportitem i
    JOIN targets_report r ON r.id = i.report_id
    JOIN targets_reportingcycle c ON c.id = r.cycle_id
    JOIN targets_indicator n ON n.id = i.indicator_id
    JOIN targets_unit u ON u.id = n.unit_id
    JOIN targets_organisation o ON o.id = i.subject_id
    LEFT JOIN LATERAL (
        SELECT x.value, x.period FROM targets_observation x
        WHERE x.series_id = i.series_id AND x.organisation_id = i.subject_id
            AND x.superseded_at IS NULL AND x.state = 'published'
            AND (x.period_end < c.data_from OR x.year < extract(year FROM c.data_to))
        ORDER BY x.period_end DESC, x.id DESC
        LIMIT 1
    ) b ON true
    WHERE {which}
    ORDER BY r.id, i.position, i.id
"""
# What was published first, so that what was reported since takes its place.
_PARTS = """
    SELECT s.indicator_id, x.organisation_id, true, x.value, x.numerator, x.denominator, 0 AS place
    FROM targets_observation x
    JOIN targets_series s ON s.id = x.series_id
    JOIN targets_organisation o ON o.id = x.organisation_id AND o.kind <> 'country'
    WHERE s.indicator_id = ANY(%(indicators)s) AND x.period = %(period)s
        AND x.superseded_at IS NULL AND x.state = 'published'
        AND s.id IN (SELECT series_id FROM targets_reportitem WHERE report_id = %(report)s)
    UNION ALL
    SELECT i.indicator_id, i.subject_id,
        r.state IN ('submitted', 'approved', 'published') OR r.id = %(report)s,
        i.value, i.numerator, i.denominator, 1
    FROM targets_reportitem i
    JOIN targets_report r ON r.id = i.report_id AND r.sample = %(sample)s
    JOIN targets_reportingcycle c ON c.id = r.cycle_id AND c.period = %(period)s
    JOIN targets_organisation o ON o.id = i.subject_id AND o.kind <> 'country'
    WHERE i.indicator_id = ANY(%(indicators)s)
    ORDER BY place
"""


@dataclass(frozen=True, slots=True)
class Surrounded:
    """A cell as stored, and what is known beside it.

    reasons: by rule, those given for this version of the cell.
    adds_up: it is the country's value of a measure that is a total; then `scale` turns a ratio's
        numerator / denominator into the unit, None where values are summed.
    """

    item_id: int
    subject_id: int
    measure: Measure
    cell: Cell
    known: Known
    reasons: Mapping[int, str]
    adds_up: bool
    scale: Decimal | None


@dataclass(frozen=True, slots=True)
class Frame:
    """What the cells of a report have in common."""

    report_id: int
    period: str
    sample: bool
    closed_on: dt.date | None


Rows = dict[Frame, list[Surrounded]]


def of_report(report_id: int) -> Rows:
    """The cells of a report in their order; empty for one without cells."""
    return _read("r.id = %s", [report_id])


def of_item(item_id: int) -> Rows:
    """One cell."""
    return _read("i.id = %s", [item_id])


def of_open_reports(today: dt.date) -> Rows:
    """The cells of all reports that take entries."""
    return _read(
        "r.state IN ('draft', 'returned') AND (c.closed_on IS NULL OR c.closed_on > %s)", [today]
    )


def with_parts(rows: list[Surrounded], frame: Frame) -> list[Surrounded]:
    """The cells of a report with the parts of those that are totals; a query if there are any.

    Parts are by organisation what was reported for the period, else what is published. One that
    owes the value but has not reported it has an empty part. The report's own cells count as they
    are in `rows`, whatever its state.
    """
    totals = {row.measure.indicator_id for row in rows if row.adds_up}
    if not totals:
        return rows
    parts = _parts(totals, frame)
    for row in rows:
        about = row.measure.indicator_id
        if about in totals and not row.adds_up:
            cell = row.cell
            parts[about][row.subject_id] = Part(cell.value, cell.numerator, cell.denominator)
    return [_with(row, parts) if row.adds_up else row for row in rows]


def _with(row: Surrounded, parts: Mapping[int, Mapping[int, Part]]) -> Surrounded:
    own = list(parts[row.measure.indicator_id].values())
    return replace(row, known=replace(row.known, parts=own, scale=row.scale))


def _read(which: str, parameters: list[Any]) -> Rows:
    found: Rows = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_CELLS.format(which=which), parameters)
        for row in cursor.fetchall():
            found[Frame(*row[:4])].append(_surrounded(row[4:]))
    return found


def _surrounded(row: Sequence[Any]) -> Surrounded:
    """The columns of `_CELLS` behind those of the frame."""
    item_id, subject_id, *measure = row[:6]
    *cell, before, period, has_evidence, rules, reasons, adds_up, scale = row[6:]
    return Surrounded(
        item_id=item_id,
        subject_id=subject_id,
        measure=Measure(*measure),
        cell=Cell(*cell),
        known=Known(
            previous=None if before is None else Previous(before, period),
            has_evidence=has_evidence,
        ),
        reasons=dict(zip(rules, reasons, strict=True)),
        adds_up=adds_up,
        scale=scale,
    )


def _parts(indicators: set[int], frame: Frame) -> dict[int, dict[int, Part]]:
    found: dict[int, dict[int, Part]] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(
            _PARTS,
            {
                "indicators": list(indicators),
                "period": frame.period,
                "report": frame.report_id,
                "sample": frame.sample,
            },
        )
        for about, whose, told, *numbers, _place in cursor.fetchall():
            if told:
                found[about][whose] = Part(*numbers)
            else:
                found[about].setdefault(whose, Part())
    return found
