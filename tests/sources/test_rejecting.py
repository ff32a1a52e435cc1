"""What a run leaves out is counted, and the first rows of each reason are kept."""

from __future__ import annotations

import pytest

from targets.models import RunRejection, SourceRun
from targets.sources.contract import Rejection
from targets.sources.taking.rejecting import LISTED, REASONS, Rejections
from tests.factory import make


def test_every_row_is_counted_and_the_first_are_listed() -> None:
    rejected = Rejections()
    for place in range(1, LISTED + 6):
        rejected.add(place, "period", "period", "24")
    rejected.add(3, "area", "organisation", "Wakanda")
    assert rejected.total == LISTED + 6
    assert rejected.counts == {"period": LISTED + 5, "organisation": 1}
    assert len(rejected.listed) == LISTED + 1
    assert rejected.listed[2:4] == [
        Rejection(3, "area", "organisation", "Wakanda"),
        Rejection(3, "period", "period", "24"),
    ]


def test_rows_counted_elsewhere_take_the_places_that_are_left() -> None:
    rejected = Rejections()
    for place in range(LISTED - 1):
        rejected.add(place, "value", "number", "x")
    rejected.add_counted("number", [Rejection(900 + n, "value", "number") for n in range(5)], 70)
    assert rejected.total == LISTED + 69
    assert [one.place for one in rejected.listed][-2:] == [LISTED - 2, 900]


def test_a_reason_has_a_sentence() -> None:
    with pytest.raises(KeyError):
        Rejections().add(1, "value", "whatever")
    assert all(str(sentence).endswith(".") for sentence in REASONS.values())


@pytest.mark.django_db
def test_they_are_kept_beside_the_run() -> None:
    run = make(SourceRun)
    rejected = Rejections()
    rejected.add(7, "value", "number", "a\0b" + "9" * 999)
    rejected.add(2, "ma", "organisation", "99")
    rejected.store(run)
    run.save()
    run = SourceRun.objects.get()
    assert (run.rejected, run.rejections) == (2, {"number": 1, "organisation": 1})
    first, second = RunRejection.objects.all()
    assert (first.place, first.field, first.reason, first.shown) == (2, "ma", "organisation", "99")
    assert (second.shown[:3], len(second.shown)) == ("a\N{REPLACEMENT CHARACTER}b", 200)
