"""What a typed value would mean for the verdicts, if it were published today.

The same engine over the same values as a worker's verdict, with the typed one among them; nothing
is written. Any number of cells is judged at once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from targets.assessing import read_demands, rules_of
from targets.assessment import assess, reason_values
from targets.binding import compare
from targets.known_values import Run, Value, read_runs
from targets.models import AssessmentMethod, Observation, ReportingCycle, ReportItem, Target


@dataclass(frozen=True, slots=True)
class Verdict:
    """A status and why, as `targets.assessment_text.reason_sentence` takes it."""

    status: str
    reason_code: str
    reason_values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Meaning:
    """One target: the verdict on what is published, and what the typed value would make of it."""

    target: Target
    binds: bool
    now: Verdict
    then: Verdict


@dataclass(frozen=True, slots=True)
class Outlook:
    """All targets of a cell's indicator, those that bind first.

    `counts` is False where the report writes another series than the one that verdicts go by:
    `then` is `now`, whatever is typed.
    """

    counts: bool
    meanings: tuple[Meaning, ...]


def outlooks(
    items: Iterable[ReportItem],
    typed: Mapping[int, Decimal | None],
    *,
    cycle: ReportingCycle,
    today: dt.date,
) -> dict[int, Outlook]:
    """What `typed` (values by cell; None or left out: nothing) would mean, by cell.

    items: with `series` joined. Four queries, however many cells.
    """
    items = list(items)
    targets = _targets(items)
    demands = read_demands({target.pk for found in targets.values() for target, _binds in found})
    known = _known(items, today)
    rows: list[tuple[int, dict[int, float]]] = []
    for item in items:
        run = known.get((item.indicator_id, item.subject_id))
        run = run or Run(item.series, item.subject_id, ())
        value = typed.get(item.pk) if item.series.official else None
        for target, _binds in targets[item.indicator_id]:
            rows.append((target.pk, _years(run, cycle, None)))
            rows.append((target.pk, _years(run, cycle, value)))
    verdicts = iter(_judge(rows, demands, today))
    return {
        item.pk: Outlook(
            counts=item.series.official,
            meanings=tuple(
                Meaning(target, binds, now=next(verdicts), then=next(verdicts))
                for target, binds in targets[item.indicator_id]
            ),
        )
        for item in items
    }


def _targets(items: Sequence[ReportItem]) -> dict[int, list[tuple[Target, bool]]]:
    """The targets of each indicator and whether they bind; those first, then by year."""
    found: dict[int, list[Target]] = {item.indicator_id: [] for item in items}
    rows = Target.objects.active().filter(indicator__in=found, restates__isnull=True)
    for target in rows.with_catalogue().order_by("due_year", "document__rank", "position"):
        found[target.indicator_id].append(target)
    ordered = {}
    for indicator_id, targets in found.items():
        binding = set(compare(targets).binding)
        ordered[indicator_id] = sorted(
            ((target, target in binding) for target in targets),
            key=lambda one: (not one[1], one[0].document.is_draft),
        )
    return ordered


def _known(items: Sequence[ReportItem], today: dt.date) -> dict[tuple[int, int], Run]:
    """The official run of each indicator and subject."""
    runs = read_runs(
        today,
        series__official=True,
        series__indicator__in={item.indicator_id for item in items},
        organisation__in={item.subject_id for item in items},
    )
    return {(run.series.indicator_id, run.organisation_id): run for run in runs}


def _years(run: Run, cycle: ReportingCycle, value: Decimal | None) -> dict[int, float]:
    """The values that a verdict goes by, year by year, with the typed one in its period."""
    if value is not None:
        typed = Observation(
            period=cycle.period,
            period_start=cycle.data_from,
            period_end=cycle.data_to,
            year=cycle.data_to.year,
            value=value,
        )
        others = (known for known in run.values if known.latest.period != cycle.period)
        run = Run(run.series, run.organisation_id, (*others, Value(typed)))
    return {year: float(known.number) for year, known in run.by_year().items()}


def _judge(
    rows: Sequence[tuple[int, Mapping[int, float]]], demands: pd.DataFrame, today: dt.date
) -> list[Verdict]:
    if not rows:
        return []
    method = AssessmentMethod.objects.get(active=True)
    columns = sorted({year for _target, years in rows for year in years})
    cells = np.array([[years.get(y, np.nan) for y in columns] for _target, years in rows])
    values = pd.DataFrame(cells.reshape(len(rows), len(columns)), columns=columns)
    frame = demands.loc[[target for target, _years in rows]].reset_index(drop=True)
    result = assess(frame, values, today=today, method=rules_of(method))
    return [
        Verdict(str(status), str(code), numbers)
        for status, code, numbers in zip(
            result["status"], result["reason_code"], reason_values(result), strict=True
        )
    ]
