"""Search over the rows of the domain."""

from __future__ import annotations

import pytest

from targets import search
from targets.models import Indicator, Organisation, OrganisationName, Pillar, Unit

pytestmark = pytest.mark.django_db


@pytest.fixture
def egdi() -> Indicator:
    pillar = Pillar.objects.create(
        code="digital-government", slug="chinh-phu-so", name_vi="Chính phủ số",
        name_en="Digital government", short_vi="CPS", short_en="DG", position=1,
    )  # fmt: skip
    unit = Unit.objects.create(code="rank", kind="rank", name_vi="hạng", name_en="rank", decimals=0)
    return Indicator.objects.create(
        code="egdi-rank-world", name_vi="Thứ hạng Chính phủ điện tử", name_en="EGDI rank",
        pillar=pillar, unit=unit, direction="down", levels=["national"],
        publisher_vi="Liên hợp quốc", publisher_en="United Nations",
        definition_vi="x", definition_en="x",
    )  # fmt: skip


@pytest.fixture
def ministry() -> OrganisationName:
    organisation = Organisation.objects.create(code="BTTTT", kind="ministry")
    return OrganisationName.objects.create(
        organisation=organisation, name_vi="Bộ Thông tin và Truyền thông",
        name_en="Ministry of Information and Communications", short_vi="Bộ TT&TT", short_en="MIC",
    )  # fmt: skip


@pytest.mark.parametrize("query", ["chinh phu dien tu", "EGDI", "egdi-rank", "chinh phu dienn tu"])
def test_indicators_by_name_and_code(egdi: Indicator, query: str) -> None:
    assert list(search.search_indicators(query)) == [egdi]


@pytest.mark.parametrize("forgiving", [True, False])
def test_indicators_by_publisher_where_no_name_matches(egdi: Indicator, forgiving: bool) -> None:
    assert list(search.search_indicators("lien hop quoc", forgiving=forgiving)) == [egdi]


def test_unforgiving_search_takes_no_look_alikes(egdi: Indicator) -> None:
    assert not search.search_indicators("chinh phu dienn tu", forgiving=False)


@pytest.mark.parametrize("query", ["thong tin", "bo tt&tt", "MIC", "btttt"])
def test_organisations_by_every_name(ministry: OrganisationName, query: str) -> None:
    assert list(search.search_organisations(query)) == [ministry]


def test_nothing_is_found_in_nothing() -> None:
    assert not search.search_targets("kinh te")
    assert not search.search_tasks("kinh te")
