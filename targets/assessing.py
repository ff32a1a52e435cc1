"""From the queue to stored verdicts: claim, read, judge, store, all in one transaction.

A worker that is killed, or a broker that is lost, loses nothing: what was claimed is rolled back
with everything computed from it. Two workers never judge the same target at the same time (by an
advisory lock, taken before the values are read), so a verdict is never older than the values that
were committed when its row was claimed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from targets.assessment import Method, assess, reason_values
from targets.models import Assessment, AssessmentMethod, Observation, PendingAssessment, Target

# The first key of our advisory locks; the second is one of a few, so that a batch of any size fits
# the server's table of locks.
LOCK = 5_707
LOCKS = 256
BATCH = 2_000

_NUMBERS = (
    "pace",
    "attained",
    "expected",
    "required_value",
    "latest_value",
    "baseline_value",
    "projected_value",
    "projected_low",
    "projected_high",
)
_YEARS = ("latest_year", "baseline_year", "projected_year")
_CONTENT = ("status", *_NUMBERS, *_YEARS, "projection_reason", "reason_code", "reason_values")

Pair = tuple[int, int]


@dataclass(frozen=True)
class Outcome:
    """What one batch did: queue rows claimed, (target, organisation) pairs, verdicts written."""

    claimed: int
    pairs: int
    written: int


def assess_batch(*, today: dt.date | None = None, limit: int = BATCH) -> Outcome:
    """Claim up to `limit` queue rows and bring the verdicts they ask for up to date."""
    day = today or timezone.localdate()
    with transaction.atomic():
        claimed = list(
            PendingAssessment.objects.select_for_update(skip_locked=True)
            .order_by("pk")
            .values_list("pk", "target_id", "organisation_id")[:limit]
        )
        pairs = sorted({(target, organisation) for _pk, target, organisation in claimed})
        _lock({target for target, _organisation in pairs})
        written = _bring_up_to_date(pairs, day) if pairs else 0
        PendingAssessment.objects.filter(pk__in=[pk for pk, _target, _org in claimed]).delete()
    return Outcome(len(claimed), len(pairs), written)


def _lock(target_ids: Collection[int]) -> None:
    # In one order everywhere, so that two workers never wait for each other.
    keys = sorted({target_id % LOCKS for target_id in target_ids})
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(%s, k) FROM (SELECT unnest(%s::int[]) AS k) keys",
            [LOCK, keys],
        )


def _bring_up_to_date(pairs: list[Pair], today: dt.date) -> int:
    method = AssessmentMethod.objects.get(active=True)
    targets = read_demands({target for target, _organisation in pairs})
    live = [pair for pair in pairs if pair[0] in targets.index]
    observations = _observations(live, targets)
    moments = _moments(live, targets, observations, today)
    verdicts = _judge(moments, targets, observations, method)
    return _store(pairs, verdicts, method)


def _frame(rows: QuerySet[Any], lookups: Mapping[str, str]) -> pd.DataFrame:
    """The rows as a frame: a column for each name, holding what its lookup finds."""
    return pd.DataFrame(rows.values_list(*lookups.values()), columns=list(lookups))


def read_demands(target_ids: Collection[int]) -> pd.DataFrame:
    """What targets demand, as the engine takes it (one query).

    One row per target that is still in the catalogue, index: target id.
    """
    frame = _frame(
        Target.objects.active().filter(pk__in=target_ids),
        {
            "target_id": "pk",
            "indicator_id": "indicator_id",
            "kind": "kind",
            "operator": "operator",
            "threshold": "threshold",
            "threshold_max": "threshold_max",
            "due_year": "due_year",
            "issued_on": "document__issued_on",
            "baseline_year": "baseline_year",
            "baseline_value": "baseline_value",
            "interval_years": "indicator__interval_years",
            "pace_method": "indicator__pace_method",
            "measurable_until": "indicator__measurable_until",
        },
    ).set_index("target_id")
    numbers = [
        "threshold",
        "threshold_max",
        "due_year",
        "baseline_year",
        "baseline_value",
        "interval_years",
        "measurable_until",
    ]
    frame[numbers] = frame[numbers].astype("float64")
    frame["document_year"] = [float(day.year) for day in frame["issued_on"]]
    frame["unmeasurable_from"] = frame.pop("measurable_until") + 1
    return frame


def _observations(pairs: list[Pair], targets: pd.DataFrame) -> pd.DataFrame:
    """Published versions of official series for the pairs' indicators and organisations.

    Columns: indicator_id, organisation_id, period, period_start, period_end, year, known_on,
    version (its id), current (the version in force), value.
    """
    frame = _frame(
        Observation.objects.published()
        .annotate(current=Q(superseded_at__isnull=True))
        .filter(
            series__official=True,
            series__indicator__in={int(i) for i in targets["indicator_id"]},
            organisation__in={organisation for _target, organisation in pairs},
        ),
        {
            "indicator_id": "series__indicator_id",
            "organisation_id": "organisation_id",
            "period": "period",
            "period_start": "period_start",
            "period_end": "period_end",
            "year": "year",
            "known_on": "known_on",
            "version": "pk",
            "current": "current",
            "value": "value",
        },
    )
    frame["value"] = frame["value"].astype("float64")
    return frame


def _moments(
    pairs: list[Pair], targets: pd.DataFrame, observations: pd.DataFrame, today: dt.date
) -> pd.DataFrame:
    """The days on which a pair's verdict can change, up to today.

    Those are: the document's date, the days on which a value became known, the first day after
    the due year, the first day without the indicator. Columns: target_id, organisation_id,
    indicator_id, as_of; unique.
    """
    frame = pd.DataFrame(pairs, columns=["target_id", "organisation_id"]).astype("int64")
    frame = frame.join(
        targets[["indicator_id", "issued_on", "due_year", "unmeasurable_from"]], on="target_id"
    )
    known = frame.merge(
        observations[["indicator_id", "organisation_id", "known_on"]].drop_duplicates(),
        on=["indicator_id", "organisation_id"],
    )
    parts = [frame.assign(as_of=frame["issued_on"]), known.assign(as_of=known["known_on"])]
    for column, later in (("due_year", 1), ("unmeasurable_from", 0)):
        some = frame[frame[column].notna()]
        parts.append(some.assign(as_of=[dt.date(int(year) + later, 1, 1) for year in some[column]]))
    moments = pd.concat([part for part in parts if len(part)] or parts[:1])
    # Before the document there was no demand to be judged.
    moments["as_of"] = np.where(
        moments["as_of"] < moments["issued_on"], moments["issued_on"], moments["as_of"]
    )
    columns = ["target_id", "organisation_id", "indicator_id", "as_of"]
    moments = moments.loc[moments["as_of"] <= today, columns]
    return (
        moments.drop_duplicates()
        .sort_values(["target_id", "organisation_id", "as_of"])
        .reset_index(drop=True)
    )


def _judge(
    moments: pd.DataFrame,
    targets: pd.DataFrame,
    observations: pd.DataFrame,
    method: AssessmentMethod,
) -> pd.DataFrame:
    """The verdict at every moment, by the versions known at it; consecutive repeats left out."""
    demands = targets.loc[moments["target_id"]].set_index(moments.index)
    result = assess(
        demands,
        _values_known(moments, observations),
        today=moments["as_of"].to_numpy(dtype="datetime64[D]"),
        method=rules_of(method),
    )
    verdicts = moments[["target_id", "organisation_id", "as_of"]].copy()
    for name in ("status", "reason_code", "projection_reason"):
        verdicts[name] = result[name].astype("object")
    for name in (*_NUMBERS, *_YEARS):
        verdicts[name] = result[name]
    verdicts["reason_values"] = pd.Series(reason_values(result), index=result.index, dtype=object)
    return verdicts


def rules_of(method: AssessmentMethod) -> Method:
    """The stored method as the engine takes it."""
    return Method(
        version=method.version,
        on_track_from=float(method.on_track_from),
        at_risk_from=float(method.at_risk_from),
    )


def _values_known(moments: pd.DataFrame, observations: pd.DataFrame) -> pd.DataFrame:
    """Wide values (index: moments, columns: years): of each year the version known then.

    Which version that is, `ObservationQuerySet.known_on` says in the same way. A whole year's
    figure goes before those of its parts; of parts, the latest one counts.
    """
    long = moments.reset_index(names="moment").merge(
        observations, on=["indicator_id", "organisation_id"]
    )
    long = long[long["known_on"] <= long["as_of"]]
    long = long.sort_values(["moment", "period", "current", "known_on", "version"])
    long = long.drop_duplicates(["moment", "period"], keep="last")
    long = long.assign(whole=long["period"].str.len() == 4).sort_values(
        ["moment", "year", "whole", "period_end", "period_start"],
        ascending=[True, True, True, True, False],
    )
    long = long.drop_duplicates(["moment", "year"], keep="last")
    wide = long.pivot(index="moment", columns="year", values="value")
    wide.columns = wide.columns.astype("int64")
    return wide.reindex(moments.index).astype("float64")


def _store(pairs: list[Pair], verdicts: pd.DataFrame, method: AssessmentMethod) -> int:
    """Write what differs from the current rows; returns how many verdicts were written."""
    now = timezone.now()
    wanted = _rows(verdicts, method, now)
    current = {
        (a.target_id, a.organisation_id, a.as_of): a
        for a in Assessment.objects.filter(
            superseded_at__isnull=True, target__in={target for target, _organisation in pairs}
        )
        if (a.target_id, a.organisation_id) in set(pairs)
    }
    fresh = [
        row
        for key, row in wanted.items()
        if key not in current or _content(current[key]) != _content(row)
    ]
    replaced = [
        row.pk
        for key, row in current.items()
        if key not in wanted or _content(wanted[key]) != _content(row)
    ]
    if replaced:
        Assessment.objects.filter(pk__in=replaced).update(superseded_at=now)
    Assessment.objects.bulk_create(fresh)
    return len(fresh)


def _content(row: Assessment) -> tuple[object, ...]:
    return (row.method_id, *(getattr(row, name) for name in _CONTENT))


def _rows(
    verdicts: pd.DataFrame, method: AssessmentMethod, now: dt.datetime
) -> dict[tuple[int, int, dt.date], Assessment]:
    rows: dict[tuple[int, int, dt.date], Assessment] = {}
    before: Assessment | None = None
    for record in verdicts.to_dict("records"):
        row = Assessment(
            method=method,
            computed_at=now,
            **{str(name): _plain(str(name), value) for name, value in record.items()},
        )
        same_pair = before is not None and (before.target_id, before.organisation_id) == (
            row.target_id,
            row.organisation_id,
        )
        if same_pair and before is not None and _content(before) == _content(row):
            continue
        rows[row.target_id, row.organisation_id, row.as_of] = before = row
    return rows


def _plain(name: str, value: Any) -> Any:
    """A cell of a frame as the model stores it: NaN is NULL, years are whole."""
    if name in _YEARS:
        return None if np.isnan(value) else int(value)
    if name in _NUMBERS:
        return None if np.isnan(value) else float(value)
    return value
