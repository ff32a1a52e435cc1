"""Where reported values go: one series an indicator, `bao-cao`, beside what others publish.

It is the official one, by which targets are judged, only where nobody else publishes an official
one. To have an indicator judged by reports all the same, give it a row with this code in
`fixtures/series.csv`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from targets.models import Indicator, Series

REPORTED = "bao-cao"
_WORDS = {
    "publisher_vi": "Các bộ, ngành, địa phương báo cáo",
    "publisher_en": "Reported by ministries and provinces",
    "name_vi": "",
    "name_en": "",
    "note_vi": "Giá trị do cơ quan có trách nhiệm báo cáo theo kỳ, điều phối đã xác minh.",
    "note_en": "Values that the responsible bodies reported by cycle, verified by the coordinator.",
}
_PARTS = {Indicator.Level.MINISTRY, Indicator.Level.PROVINCE}


def takes_reports(
    levels: Collection[str], *, context_only: bool, published_elsewhere: bool
) -> bool:
    """Whether anybody can be asked to report an indicator.

    `published_elsewhere`: another official series exists. Then nobody reports the country's value
    a second time, but a ministry or a province may still report its own.
    """
    return not context_only and (not published_elsewhere or not _PARTS.isdisjoint(levels))


def reported_fields(*, official: bool) -> dict[str, Any]:
    """The fields of a series of reported values, but for indicator and code."""
    return {**_WORDS, "official": official}


def reporting_series(indicator: Indicator) -> Series:
    """The series of reported values of an indicator, made where it is missing."""
    return reporting_series_of([indicator])[indicator.pk]


def reporting_series_of(indicators: Iterable[Indicator]) -> dict[int, Series]:
    """The same for many: indicator id -> series. At most four statements."""
    wanted = {indicator.pk for indicator in indicators}
    found = _existing(wanted)
    missing = wanted - found.keys()
    if missing:
        judged = set(
            Series.objects.filter(indicator__in=missing, official=True).values_list(
                "indicator_id", flat=True
            )
        )
        Series.objects.bulk_create(
            [
                Series(indicator_id=pk, code=REPORTED, **reported_fields(official=pk not in judged))
                for pk in sorted(missing)
            ],
            ignore_conflicts=True,  # somebody else may make it at the same time
        )
        found |= _existing(missing)
    return found


def _existing(indicators: Collection[int]) -> dict[int, Series]:
    rows = Series.objects.filter(indicator__in=indicators, code=REPORTED)
    return {series.indicator_id: series for series in rows}
