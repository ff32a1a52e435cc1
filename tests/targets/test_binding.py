"""Which target binds, and where documents agree or contradict."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from documents.models import Document
from targets.binding import Ground, Relation, compare, strictness
from targets.models import Indicator, Target, Unit

UNIT = Unit(pk=1, code="percent", kind="percent")
INDICATOR = Indicator(pk=1, code="share")


def document(slug: str, **fields: Any) -> Document:
    given = {"legal_status": "in_force", "rank": 3, "issued_on": dt.date(2020, 6, 3), **fields}
    return Document(pk=sum(map(ord, slug)), slug=slug, **given)


DECISION = document("qd749")
RESOLUTION = document("nq57", rank=1, issued_on=dt.date(2024, 12, 22))
DRAFT = document("dt-cds", rank=1, issued_on=dt.date(2024, 8, 29), legal_status="draft")
OLD_DRAFT = document("dt-cps", rank=2, issued_on=dt.date(2020, 5, 21), legal_status="draft")
LETTER = document("cv411", rank=9, issued_on=dt.date(2025, 3, 25), legal_status="sent")


def demand(
    source: Document, threshold: float | None, year: int | None = 2030, **fields: Any
) -> Target:
    given = {
        "kind": "level",
        "operator": ">=",
        "scope": "country",
        "position": 1,
        "unit": UNIT,
        **fields,
    }
    number = None if threshold is None else Decimal(str(threshold))
    key = f"{source.slug}-{year}-{threshold}-{given['position']}"
    return Target(
        key=key, document=source, indicator=INDICATOR, threshold=number, due_year=year, **given
    )


def rank(source: Document, place: int, year: int | None = 2030, **fields: Any) -> Target:
    return demand(source, place, year, **{"kind": "rank", "operator": "<=", **fields})


def milestone(source: Document, year: int | None = 2030, **fields: Any) -> Target:
    return demand(source, None, year, **{"kind": "milestone", "operator": "", **fields})


def test_a_single_target_leads_and_nothing_is_said_of_agreement() -> None:
    only = demand(DECISION, 20, 2025)
    (year,) = compare([only]).years
    assert (year.leading, year.binds, year.others) == (only, True, ())
    assert compare([only]).relation is Relation.APART


def test_digital_economy_two_documents_in_force_agree_and_the_higher_one_speaks() -> None:
    lower, higher = demand(DECISION, 30), demand(RESOLUTION, 30)
    (year,) = compare([lower, higher]).years
    assert year.leading is higher
    assert [(o.target, o.relation, o.ground) for o in year.others] == [
        (lower, Relation.AGREE, Ground.RANK)
    ]
    assert year.agrees
    assert not year.conflicts


def test_idi_a_draft_contradicts_and_what_is_in_force_binds() -> None:
    strict, draft = rank(DECISION, 30), rank(DRAFT, 50)
    comparison = compare([draft, strict])
    (year,) = comparison.years
    assert year.leading is strict
    assert year.others[0].ground is Ground.STATUS
    assert comparison.relation is Relation.CONFLICT
    assert comparison.binding == (strict,)


def test_a_stricter_draft_does_not_bind() -> None:
    law, draft = rank(DECISION, 30), rank(DRAFT, 25, kind="keep")
    (year,) = compare([draft, law]).years
    assert year.leading is law
    assert year.conflicts


def test_of_two_in_force_the_stricter_binds_even_in_the_lower_document() -> None:
    strict, weak = demand(DECISION, 40), demand(RESOLUTION, 30)
    (year,) = compare([weak, strict]).years
    assert year.leading is strict
    assert (year.others[0].relation, year.others[0].ground) == (
        Relation.CONFLICT,
        Ground.STRICTER,
    )


def test_between_equal_ranks_the_later_document_speaks() -> None:
    later = document("qd-new", issued_on=dt.date(2026, 1, 5))
    first, second = demand(DECISION, 30), demand(later, 30)
    (year,) = compare([first, second]).years
    assert year.leading is second
    assert year.others[0].ground is Ground.LATER


def test_within_one_document_the_order_of_the_text_decides_and_nothing_agrees() -> None:
    second, first = demand(DECISION, 30, position=7), demand(DECISION, 30, position=2)
    (year,) = compare([second, first]).years
    assert year.leading is first
    assert (year.others[0].relation, year.others[0].ground) == (Relation.APART, Ground.ORDER)


def test_drafts_alone_bind_nothing_and_the_higher_one_leads() -> None:
    low, high = milestone(OLD_DRAFT), milestone(DRAFT)
    comparison = compare([low, high])
    (year,) = comparison.years
    assert year.leading is high
    assert not year.binds
    assert comparison.binding == ()
    assert comparison.relation is Relation.AGREE


def test_a_stricter_draft_does_not_go_before_a_higher_draft() -> None:
    (year,) = compare([demand(OLD_DRAFT, 90), demand(DRAFT, 80)]).years
    assert year.leading.document == DRAFT
    assert year.others[0].ground is Ground.RANK


def test_a_replaced_document_comes_last() -> None:
    gone = document("old", legal_status="superseded", rank=1)
    (year,) = compare([demand(gone, 90), demand(LETTER, 90), demand(DRAFT, 80)]).years
    assert [o.target.document.slug for o in year.others] == ["cv411", "old"]
    assert not year.binds


def test_a_restatement_is_set_apart() -> None:
    origin = demand(RESOLUTION, 2)
    repeated = demand(LETTER, 2, restates_id=5)
    comparison = compare([origin, repeated])
    assert [y.others for y in comparison.years] == [()]
    assert comparison.restated == (repeated,)


def test_every_pair_of_a_year_is_compared_also_those_that_do_not_lead() -> None:
    comparison = compare([rank(DECISION, 30), rank(DRAFT, 50), rank(OLD_DRAFT, 50)])
    (year,) = comparison.years
    found = {(a.document.slug, b.document.slug): r for a, b, r in year.pairs}
    assert found == {
        ("qd749", "dt-cds"): Relation.CONFLICT,
        ("qd749", "dt-cps"): Relation.CONFLICT,
        ("dt-cds", "dt-cps"): Relation.AGREE,
    }


def test_the_stricter_of_three_leads_where_two_cannot_be_compared() -> None:
    odd = milestone(RESOLUTION)
    weak, strict = demand(DECISION, 30), demand(document("x", rank=4), 40)
    (year,) = compare([weak, strict, odd]).years
    assert year.leading is odd  # of what cannot be compared, the higher-ranking document's
    (year,) = compare([weak, strict]).years
    assert year.leading is strict


def test_years_in_order_and_standing_last() -> None:
    comparison = compare(
        [demand(DECISION, 3, None), demand(DECISION, 30), demand(DECISION, 20, 2025)]
    )
    assert [year.year for year in comparison.years] == [2025, 2030, None]


def test_a_later_year_that_asks_no_more_is_named() -> None:
    soon, late = rank(DECISION, 30, 2030), rank(RESOLUTION, 30, 2045)
    assert compare([soon, late]).overtaken == ((late, soon),)
    assert compare([soon, rank(RESOLUTION, 10, 2045)]).overtaken == ()
    assert compare([soon, rank(DECISION, 30, 2045)]).overtaken == ()


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (demand(DECISION, 31), demand(RESOLUTION, 30), 1),
        (demand(DECISION, 30), demand(RESOLUTION, 30, operator=">"), -1),
        (demand(DECISION, 30), demand(RESOLUTION, 30), 0),
        (rank(DECISION, 30), rank(RESOLUTION, 50), 1),
        (rank(DECISION, 30, operator="<"), rank(RESOLUTION, 30), 1),
        (rank(DECISION, 25, kind="keep"), rank(RESOLUTION, 30), 1),
        (rank(DECISION, 30, kind="keep"), rank(RESOLUTION, 30), 1),
        (demand(DECISION, 16, operator="range", threshold_max=18), demand(RESOLUTION, 16), 0),
        (milestone(DECISION), milestone(RESOLUTION), 0),
        (demand(DECISION, -30, kind="relative", operator="<="),
         demand(RESOLUTION, -20, kind="relative", operator="<="), 1),
        # What cannot be compared.
        (demand(DECISION, -30, kind="relative", baseline_year=2020, baseline_value=5),
         demand(RESOLUTION, -30, kind="relative"), None),
        (milestone(DECISION), demand(RESOLUTION, 100), None),
        (demand(DECISION, 7, kind="growth"), demand(RESOLUTION, 7), None),
        (demand(DECISION, 30), demand(RESOLUTION, 30, operator="<="), None),
        (demand(DECISION, 30), demand(RESOLUTION, 30, scope="each_province"), None),
        (demand(DECISION, 30), demand(RESOLUTION, 30, unit=Unit(pk=2, code="count")), None),
        (demand(DECISION, None), demand(RESOLUTION, 30), None),
    ],
)  # fmt: skip
def test_strictness(one: Target, other: Target, expected: int | None) -> None:
    assert strictness(one, other) == expected
    assert strictness(other, one) == (None if expected is None else -expected)
