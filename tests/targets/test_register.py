"""The register: all targets of a day with verdict and answerable, in a fixed number of queries."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from documents.models import Document, Provision
from targets.models import (
    Assessment,
    Assignment,
    Indicator,
    Organisation,
    OrganisationName,
    Succession,
    Target,
)
from targets.reading import by_pk, instances
from targets.register import read_register
from tests.celery.world import TODAY, country, demand, judge
from tests.factory import make

pytestmark = pytest.mark.django_db


def named(**given: object) -> Organisation:
    made = make(Organisation, **given)
    make(OrganisationName, organisation=made)
    return made


def test_a_row_has_all_that_a_page_names_without_another_query() -> None:
    country()
    clause_of_lead = make(Provision)
    target = demand(make(Indicator), document=clause_of_lead.document)
    lead = named()
    make(Assignment, target=target, organisation=lead, basis="stated", provision=clause_of_lead)
    make(Assignment, target=target, organisation=named(), role="partner")
    judge()
    (row,) = read_register(TODAY)
    with CaptureQueriesContext(connection) as captured:
        found = row.target
        assert found.document.slug == target.document.slug
        assert found.provision.document == found.document
        assert found.indicator.unit == found.unit
        assert found.indicator.pillar == found.pillar
        assert row.status == "no_data"
        (leader,), (partner,) = row.leads, row.partners
        assert leader.organisation == lead
        assert leader.assignment.provision == clause_of_lead
        assert leader.assignment.provision.document == found.document
        assert leader.assignment.organisation == lead
        assert leader.assignment.target == found
        assert leader.name == leader.written
        assert partner.assignment.role == "partner"
    assert not len(captured)


def test_the_number_of_queries_does_not_grow() -> None:
    country()

    def queries(targets: int) -> int:
        for _ in range(targets):
            target = demand(make(Indicator))
            make(Assignment, target=target, organisation=named())
        judge()
        with CaptureQueriesContext(connection) as captured:
            read_register(TODAY)
        return len(captured)

    assert queries(1) == queries(20)


def test_a_successor_answers_and_the_written_name_stays() -> None:
    country()
    old, new = named(valid_to=dt.date(2025, 2, 28)), named()
    make(Succession, predecessor=old, successor=new, function="it")
    make(Assignment, target=demand(make(Indicator)), organisation=old, function="it")
    (row,) = read_register(TODAY)
    (lead,) = row.leads
    assert (lead.organisation, lead.written.organisation) == (new, old)
    assert lead.holder.inherited
    (past,) = read_register(dt.date(2024, 1, 1)).rows[0].leads
    assert past.organisation == old


def test_the_register_of_a_past_day_has_its_targets_and_verdicts() -> None:
    country()
    early = demand(make(Indicator))
    late = demand(make(Indicator), document=make(Document, issued_on=dt.date(2024, 12, 22)))
    gone = demand(make(Indicator))
    judge()
    Target.objects.filter(pk=gone.pk).update(retired_on=dt.date(2026, 1, 1))
    judge()
    assert set(read_register(TODAY).by_key()) == {early.key, late.key}
    assert set(read_register(dt.date(2025, 6, 30)).by_key()) == {early.key, late.key, gone.key}
    assert set(read_register(dt.date(2024, 1, 1)).by_key()) == {early.key, gone.key}
    assert not read_register(dt.date(2019, 1, 1)).rows


def test_a_target_nobody_has_judged_yet_has_no_status() -> None:
    country()
    demand(make(Indicator))
    (row,) = read_register(TODAY)
    assert (row.assessment, row.status) == (None, "")


def test_order_is_by_rank_then_the_later_document_then_the_clause() -> None:
    country()
    older = make(Document, rank=1, issued_on=dt.date(2020, 1, 1))
    newer = make(Document, rank=1, issued_on=dt.date(2024, 1, 1))
    lower = make(Document, rank=3, issued_on=dt.date(2025, 1, 1))
    for document, position in ((lower, 1), (older, 2), (older, 1), (newer, 1)):
        demand(make(Indicator), document=document, position=position)
    rows = [(row.target.document, row.target.position) for row in read_register(TODAY)]
    assert rows == [(newer, 1), (older, 1), (older, 2), (lower, 1)]


@pytest.mark.parametrize(
    ("legal_status", "restates", "counts"),
    [("in_force", False, True), ("draft", False, False), ("sent", False, False),
     ("in_force", True, False)],
)  # fmt: skip
def test_what_counts_in_headlines(legal_status: str, restates: bool, counts: bool) -> None:
    country()
    other = demand(make(Indicator))
    document = make(Document, legal_status=legal_status)
    target = demand(make(Indicator), document=document, restates=other if restates else None)
    assert read_register(TODAY).by_key()[target.key].in_headlines is counts


def test_rows_read_plainly_are_what_the_orm_reads() -> None:
    country()
    target = demand(make(Indicator))
    judge()
    for model in (Target, Assessment, Indicator):
        plain = instances(model.objects.order_by("pk"))
        usual = list(model.objects.order_by("pk"))
        assert plain == usual
        for mine, theirs in zip(plain, usual, strict=True):
            assert {k: v for k, v in vars(mine).items() if k != "_state"} == {
                k: v for k, v in vars(theirs).items() if k != "_state"
            }
            assert (mine._state.adding, mine._state.db) == (False, theirs._state.db)
    assert by_pk(Target.objects.all()) == {target.pk: target}


def test_an_unknown_organisation_is_an_error() -> None:
    country()
    with pytest.raises(Organisation.DoesNotExist):
        read_register(TODAY, "NOBODY")
