"""The catalogue of the project itself: complete, and true to the five documents.

The figures below were read in the documents, not in the catalogue.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

import pytest
from django.conf import settings
from django.db import transaction
from django.db.models import Count, Q
from pytest_django.plugin import DjangoDbBlocker

from documents.models import Document
from targets.catalogue.loading import load_catalogue
from targets.models import (
    Indicator,
    MapTile,
    Observation,
    Organisation,
    OrganisationCode,
    OrganisationName,
    Pillar,
    Target,
    Task,
)
from targets.values.loading import Loaded, load_observations
from tests.catalogue.folder import TODAY, contents

# Each test in a transaction within that of the fixture below.
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("first")]

FIXTURES = settings.BASE_DIR / "fixtures"
VALUES = sorted((FIXTURES / "observations").glob("*.csv"))


@pytest.fixture(scope="module")
def first(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[list[Loaded]]:
    """Everything in `fixtures/`, loaded once for this module; what each file of values gave."""
    with django_db_blocker.unblock(), transaction.atomic():
        load_catalogue(FIXTURES, today=TODAY)
        yield [load_observations(path) for path in VALUES]
        transaction.set_rollback(True)


def test_a_second_load_changes_nothing(first: list[Loaded]) -> None:
    before = contents()
    assert load_catalogue(FIXTURES, today=TODAY + dt.timedelta(days=1)) == []
    for path, loaded in zip(VALUES, first, strict=True):
        assert load_observations(path) == Loaded(
            read=loaded.read, added=0, revised=0, unchanged=loaded.read
        )
    assert contents() == before


def test_every_row_of_values_is_loaded(first: list[Loaded]) -> None:
    assert all(loaded.added == loaded.read > 0 for loaded in first)
    assert Observation.objects.count() == sum(loaded.read for loaded in first)


def test_the_five_documents_are_there() -> None:
    found = Document.objects.annotate(n=Count("targets")).values_list(
        "number", "legal_status", "issued_on", "n"
    )
    assert {row[:3] for row in found} == {
        ("57-NQ/TW", "in_force", dt.date(2024, 12, 22)),
        ("749/QĐ-TTg", "in_force", dt.date(2020, 6, 3)),
        ("", "draft", dt.date(2020, 5, 21)),
        ("", "draft", dt.date(2024, 8, 29)),
        ("411/BKHCN-ĐMST", "sent", dt.date(2025, 3, 25)),
    }
    assert all(targets for *_rest, targets in found)


def test_every_target_has_a_clause_a_kind_and_a_lead_with_its_basis() -> None:
    assert Target.objects.count() > 230
    for target in Target.objects.prefetch_related("assignments").select_related("provision"):
        leads = [a for a in target.assignments.all() if a.role == "lead"]
        assert leads, target
        assert all(a.provision_id if a.basis == "stated" else a.reason_vi for a in leads), target
        assert target.provision.locator
        assert target.kind in Target.Kind.values


def test_every_pillar_has_targets() -> None:
    assert {p.code for p in Pillar.objects.annotate(n=Count("targets")) if p.n} == {
        "digital-government",
        "digital-economy",
        "digital-society",
        "foundations",
        "science-innovation",
    }


def test_letter_411_only_restates() -> None:
    restated = Target.objects.filter(document__slug="cv411").values_list(
        "indicator__code", "restates__indicator__code", "restates__document__slug"
    )
    assert sorted(restated) == [
        (code, code, "nq57") for code in ("budget-share-sti", "rd-gdp", "rd-society-share")
    ]


def test_all_66_tasks_with_their_leads_and_years() -> None:
    assert list(Task.objects.values_list("number", flat=True)) == list(range(1, 67))
    leads = {
        task.number: [r.organisation.code for r in task.roles.all() if r.role == "lead"]
        for task in Task.objects.prefetch_related("roles__organisation")
    }
    assert all(leads.values())
    assert Counter(map(len, leads.values())) == {1: 64, 2: 1, 3: 1}
    assert (len(leads[46]), len(leads[60])) == (3, 2)
    # Led by every ministry, sector and province: one group, not a list of them.
    (everybody,) = {leads[number][0] for number in (13, 45, 50, 53, 65)}
    assert Organisation.objects.get(code=everybody).kind == "group"
    year = Task.objects.get(number=45)
    assert (year.start_year, year.end_year) == (2021, 2021)
    for number in (45, 50):
        assert not Task.objects.get(number=number).roles.filter(role="partner").exists()


def test_34_provinces_of_63() -> None:
    provinces = Organisation.objects.filter(kind="province")

    def on(day: dt.date) -> int:
        return provinces.filter(
            Q(valid_from=None) | Q(valid_from__lte=day), Q(valid_to=None) | Q(valid_to__gte=day)
        ).count()

    assert (on(dt.date(2025, 6, 30)), on(dt.date(2025, 7, 1)), on(TODAY)) == (63, 34, 34)
    assert MapTile.objects.filter(kind="province").count() == 34
    assert MapTile.objects.filter(kind="island_inset").count() == 2


def test_a_statistical_code_means_another_province_than_before() -> None:
    meant = [
        OrganisationCode.objects.filter(scheme__startswith="gso", code="24")
        .filter(Q(valid_from=None) | Q(valid_from__lte=day))
        .get(Q(valid_to=None) | Q(valid_to__gte=day))
        .organisation.code
        for day in (dt.date(2025, 6, 30), dt.date(2025, 7, 1))
    ]
    assert meant[0].startswith("bac-giang")
    assert meant[1].startswith("bac-ninh")


def test_the_ministry_of_information_went_to_three_others_by_function() -> None:
    ministry = OrganisationName.objects.get(name_vi="Bộ Thông tin và Truyền thông").organisation
    assert ministry.valid_to == dt.date(2025, 2, 28)
    successors = {s.successor.code for s in ministry.successions_out.all()}
    assert {"BKHCN", "BCA", "BVHTTDL"} <= successors


def test_the_competitiveness_index_cannot_be_measured_after_2019() -> None:
    stopped = Indicator.objects.get(code="wef-gci-rank")
    assert (stopped.measurable_until, bool(stopped.unmeasurable_vi)) == (2019, True)


# document, indicator, year, what is demanded, unit
READ = [
    # Decision 749, Điều 1, II.1
    ("qd749", "online-services-level4", 2025, "level >= 80", "percent"),
    ("qd749", "work-files-central-province", 2025, "level >= 90", "percent"),
    ("qd749", "work-files-district", 2025, "level >= 80", "percent"),
    ("qd749", "work-files-commune", 2025, "level >= 60", "percent"),
    ("qd749", "inspections-digital", 2025, "level >= 50", "percent"),
    ("qd749", "egdi-rank-world", 2025, "rank <= 70", "rank"),
    ("qd749", "digital-economy-gdp", 2025, "level >= 20", "percent"),
    ("qd749", "digital-economy-sector-share", 2025, "level >= 10", "percent"),
    ("qd749", "labour-productivity-growth", 2025, "growth >= 7", "percent_per_year"),
    ("qd749", "itu-idi-rank", 2025, "rank <= 50", "rank"),
    ("qd749", "wef-gci-rank", 2025, "rank <= 50", "rank"),
    ("qd749", "gii-rank", 2025, "rank <= 35", "rank"),
    ("qd749", "fibre-households", 2025, "level > 80", "percent"),
    ("qd749", "fibre-communes", 2025, "level >= 100", "percent"),
    ("qd749", "payment-accounts", 2025, "level > 50", "percent"),
    ("qd749", "itu-gci-rank-world", 2025, "rank <= 40", "rank"),
    # Decision 749, Điều 1, II.2
    ("qd749", "online-services-level4", 2030, "level >= 100", "percent"),
    ("qd749", "work-files-commune", 2030, "level >= 70", "percent"),
    ("qd749", "administrative-procedures", 2030, "relative <= -30", "percent_change"),
    ("qd749", "data-driven-services", 2030, "relative >= 30", "percent_change"),
    ("qd749", "digital-economy-gdp", 2030, "level >= 30", "percent"),
    ("qd749", "labour-productivity-growth", 2030, "growth >= 8", "percent_per_year"),
    ("qd749", "itu-idi-rank", 2030, "rank <= 30", "rank"),
    ("qd749", "universal-5g", 2030, "milestone", "stage"),
    ("qd749", "payment-accounts", 2030, "level > 80", "percent"),
    # Resolution 57, II.1
    ("nq57", "egdi-rank-sea", 2030, "rank <= 3", "rank"),
    ("nq57", "egdi-rank-world", 2030, "rank <= 50", "rank"),
    ("nq57", "ai-research-rank-sea", 2030, "rank <= 3", "rank"),
    ("nq57", "tfp-contribution", 2030, "level > 55", "percent"),
    ("nq57", "high-tech-exports-all", 2030, "level >= 50", "percent"),
    ("nq57", "digital-economy-gdp", 2030, "level >= 30", "percent"),
    ("nq57", "online-service-use", 2030, "level > 80", "percent"),
    ("nq57", "cashless-transactions", 2030, "level >= 80", "percent"),
    ("nq57", "innovative-enterprises", 2030, "level > 40", "percent"),
    ("nq57", "hdi", 2030, "keep > 0.7", "index"),
    ("nq57", "rd-gdp", 2030, "level >= 2", "percent"),
    ("nq57", "rd-society-share", 2030, "level > 60", "percent"),
    ("nq57", "budget-share-sti", 2030, "every_year >= 3", "percent"),
    ("nq57", "researchers-per-10k", 2030, "level >= 12", "per_10k_population"),
    ("nq57", "ranked-science-organisations", 2030, "count range 40 50", "count"),
    ("nq57", "publications-growth", 2030, "growth >= 10", "percent_per_year"),
    ("nq57", "patents-granted-growth", 2030, "growth range 16 18", "percent_per_year"),
    ("nq57", "patent-commercialisation", 2030, "level range 8 10", "percent"),
    ("nq57", "universal-5g", 2030, "milestone", "stage"),
    # Resolution 57, II.2 and III
    ("nq57", "digital-economy-gdp", 2045, "level >= 50", "percent"),
    ("nq57", "gii-rank", 2045, "rank <= 30", "rank"),
    ("nq57", "strategic-technology-budget-share", None, "every_year >= 15", "percent"),
    ("nq57", "sectoral-part-of-digital-economy", 2030, "level >= 70", "percent"),
    # Draft on digital government, IV.2 and VII.5
    ("dt-cps", "digital-services-satisfaction", 2025, "level >= 80", "percent"),
    ("dt-cps", "online-services-with-dossiers", 2025, "level >= 70", "percent"),
    ("dt-cps", "dossiers-fully-online", 2025, "level >= 60", "percent"),
    ("dt-cps", "agencies-open-data", 2025, "level >= 80", "percent"),
    ("dt-cps", "civil-servants-data-skills", 2025, "level >= 30", "percent"),
    ("dt-cps", "public-services-non-state", 2030, "level >= 50", "percent"),
    ("dt-cps", "egdi-rank-world", 2030, "rank <= 50", "rank"),
    ("dt-cps", "budget-share-digital-government", None, "every_year >= 1", "percent"),
    # Draft 2.0, III and IV.2
    ("dt-cds", "itu-idi-rank", 2030, "rank <= 50", "rank"),
    ("dt-cds", "egdi-rank-sea", 2030, "rank <= 3", "rank"),
    ("dt-cds", "digital-industry-gdp", 2030, "level >= 8", "percent"),
    ("dt-cds", "itu-gci-rank-world", 2030, "keep <= 25", "rank"),
    ("dt-cds", "egdi-rank-world", 2045, "rank <= 30", "rank"),
    ("dt-cds", "digital-economy-gdp", 2045, "level >= 50", "percent"),
    # Letter 411
    ("cv411", "rd-gdp", 2030, "level >= 2", "percent"),
    ("cv411", "rd-society-share", 2030, "level > 60", "percent"),
    ("cv411", "budget-share-sti", 2030, "every_year >= 3", "percent"),
]


@pytest.mark.parametrize(
    ("document", "indicator", "year", "demand", "unit"),
    READ,
    ids=[f"{document}-{indicator}-{year}" for document, indicator, year, *_rest in READ],
)
def test_a_target_says_what_its_document_says(
    document: str, indicator: str, year: int | None, demand: str, unit: str
) -> None:
    target = Target.objects.select_related("unit").get(
        document__slug=document, indicator__code=indicator, due_year=year
    )
    kind, operator, *numbers = [*demand.split(), ""][: 4 if "range" in demand else 3]
    thresholds = [Decimal(number) for number in numbers if number] + [None, None]
    assert (target.kind, target.operator, target.unit.code) == (kind, operator, unit)
    assert [target.threshold, target.threshold_max] == thresholds[:2]
    assert target.standing == (year is None)
