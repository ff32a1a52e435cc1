"""Organisations of rows: the one that existed in the period, or none."""

from __future__ import annotations

import datetime as dt
import unicodedata

import pytest
from pydantic import ValidationError

from targets.models import Organisation, OrganisationCode, OrganisationName
from targets.sources.reading.areas import Areas, AreaSpec, UnknownAreasError
from targets.values.periods import period_days
from tests.factory import make

LAST_OLD, FIRST_NEW = dt.date(2025, 6, 30), dt.date(2025, 7, 1)
NAMES = AreaSpec(field="name", names=True)
CODES = AreaSpec(field="code", scheme="gso")


@pytest.fixture
def catalogue(db: None) -> dict[str, int]:
    """Three old provinces, two new ones, a city that was a province, the country, a ministry."""
    make(Organisation, code="VN", kind="country")
    make(Organisation, code="ALL-PROVINCES", kind="group")
    _province("bac-giang", "Bắc Giang", "Bac Giang", code="24", last=LAST_OLD)
    _province("bac-ninh-cu", "Bắc Ninh", "Bac Ninh", code="27", last=LAST_OLD)
    _province("bac-ninh", "Bắc Ninh", "Bac Ninh", code="24", first=FIRST_NEW)
    _province("hoa-binh", "Hòa Bình", "Hoa Binh", code="17", last=LAST_OLD)
    hue = make(Organisation, code="hue", kind="province")
    renamed = dt.date(2025, 1, 1)
    _name(hue, "Thừa Thiên Huế", "Thua Thien Hue", "province", last=dt.date(2024, 12, 31))
    _name(hue, "Huế", "Hue", "city", first=renamed)
    _province("ho-chi-minh", "Hồ Chí Minh", "Ho Chi Minh City", kind="city", short="TP.HCM")
    ministry = make(Organisation, code="BTC", kind="ministry")
    _name(ministry, "Bộ Tài chính", "Ministry of Finance")
    return dict(Organisation.objects.values_list("code", "pk"))


def _province(
    code_of_ours: str,
    name: str,
    english: str,
    *,
    code: str = "",
    first: dt.date | None = None,
    last: dt.date | None = None,
    kind: str = "province",
    short: str = "",
) -> None:
    one = make(Organisation, code=code_of_ours, kind="province", valid_from=first, valid_to=last)
    _name(one, name, english, kind, first=first, last=last, short=short)
    if code:
        make(
            OrganisationCode,
            organisation=one,
            scheme="gso-34" if first else "gso-63",
            code=code,
            valid_from=first,
            valid_to=last,
        )


def _name(
    one: Organisation,
    name: str,
    english: str,
    kind: str = "",
    *,
    first: dt.date | None = None,
    last: dt.date | None = None,
    short: str = "",
) -> None:
    prefix = {"province": "Tỉnh ", "city": "Thành phố ", "": ""}[kind]
    make(
        OrganisationName,
        organisation=one,
        name_vi=name,
        name_en=english,
        full_vi=prefix + name,
        short_vi=short or name,
        short_en=english,
        unit_type=kind,
        valid_from=first,
        valid_to=last,
    )


def _found(spec: AreaSpec, text: str, period: str) -> str | None:
    """Code of the organisation, the reason why there is none, or None for no concern."""
    days = period_days(period)
    assert days is not None
    area = Areas(spec).find(text, days)
    if area is None or area.reason:
        return area and f"({area.reason})"
    return Organisation.objects.get(pk=area.organisation).code


@pytest.mark.parametrize(
    ("text", "period", "meant"),
    [
        ("Bắc Ninh", "2024", "bac-ninh-cu"),
        ("Bắc Ninh", "2025-H1", "bac-ninh-cu"),
        ("Bắc Ninh", "2025-Q3", "bac-ninh"),
        ("Bắc Ninh", "2026", "bac-ninh"),
        ("Bắc Ninh", "2025", "(ambiguous)"),
        ("Bắc Giang", "2024", "bac-giang"),
        ("Bắc Giang", "2025", "bac-giang"),
        ("Bắc Giang", "2026", "(not-living)"),
        ("Tỉnh Bắc Ninh", "2024", "bac-ninh-cu"),
        ("TỈNH BẮC NINH", "2026", "bac-ninh"),
        ("Bac Ninh Province", "2024", "bac-ninh-cu"),
        ("Bacninh", "2024", "bac-ninh-cu"),
        ("Hòa Bình", "2024", "hoa-binh"),
        ("Hoà Bình", "2024", "hoa-binh"),
        ("Hóa Bình", "2024", "(organisation)"),
        ("Huế", "2026", "hue"),
        ("Thừa Thiên - Huế", "2024", "hue"),
        ("Huế", "2020", "hue"),
        ("TP. Hồ Chí Minh", "2024", "ho-chi-minh"),
        ("Tp.Hồ Chí Minh", "2024", "ho-chi-minh"),
        ("TP HCM", "2024", "ho-chi-minh"),
        ("Thành phố Hồ Chí Minh", "2024", "ho-chi-minh"),
        ("Ho Chi Minh", "2024", "ho-chi-minh"),
        ("Bộ Tài chính", "2024", "BTC"),
        ("BTC", "2024", "BTC"),
        ("Viet Nam ", "2024", "VN"),
        ("Vietnam", "2024", "VN"),
        ("VNM", "2024", "VN"),
        ("CẢ NƯỚC", "2024", "VN"),
        ("ALL-PROVINCES", "2024", "(organisation)"),
        ("Laos", "2024", "(organisation)"),
        ("", "2024", "(organisation)"),
    ],
)
def test_names(catalogue: dict[str, int], text: str, period: str, meant: str) -> None:
    assert _found(NAMES, text, period) == meant
    assert _found(NAMES, unicodedata.normalize("NFD", text), period) == meant


@pytest.mark.parametrize(
    ("text", "period", "meant"),
    [
        ("24", "2024", "bac-giang"),
        ("24", "2025-Q2", "bac-giang"),
        ("24", "2025-Q3", "bac-ninh"),
        ("24", "2025", "(ambiguous)"),
        ("27", "2024", "bac-ninh-cu"),
        ("27", "2025", "bac-ninh-cu"),
        ("27", "2026", "(not-living)"),
        ("99", "2024", "(organisation)"),
    ],
)
def test_codes_of_a_scheme_mean_what_they_meant_then(
    catalogue: dict[str, int], text: str, period: str, meant: str
) -> None:
    assert _found(CODES, text, period) == meant


def test_one_edition_of_a_scheme_is_not_ambiguous(catalogue: dict[str, int]) -> None:
    assert _found(AreaSpec(field="code", scheme="gso-34"), "24", "2025") == "bac-ninh"
    assert _found(AreaSpec(field="code", scheme="gso-63"), "24", "2025") == "bac-giang"


def test_declared_boundaries_settle_a_shared_year(catalogue: dict[str, int]) -> None:
    at_start = AreaSpec(field="name", names=True, boundaries="start")
    at_end = AreaSpec(field="code", scheme="gso", boundaries="end")
    assert _found(at_start, "Bắc Ninh", "2025") == "bac-ninh-cu"
    assert _found(at_end, "24", "2025") == "bac-ninh"


def test_a_constant_is_for_every_row_while_it_lives(catalogue: dict[str, int]) -> None:
    assert _found(AreaSpec(constant="VN"), "whatever", "2024") == "VN"
    assert _found(AreaSpec(constant="bac-giang"), "", "2026") == "(not-living)"


def test_own_codes_are_a_choice_of_rows(catalogue: dict[str, int]) -> None:
    spec = AreaSpec(field="iso3", codes={"VNM": "VN"})
    assert _found(spec, " VNM ", "2024") == "VN"
    assert _found(spec, "LAO", "2024") is None


def test_only_skips_what_is_not_wanted(catalogue: dict[str, int]) -> None:
    spec = AreaSpec(field="Country Name", names=True, only=("VN",))
    assert _found(spec, "Viet Nam ", "2024") == "VN"
    assert _found(spec, "Lao People's Democratic Republic", "2024") is None
    assert _found(spec, "Bắc Ninh", "2025") is None


def test_organisations_that_do_not_exist_are_named(catalogue: dict[str, int]) -> None:
    with pytest.raises(UnknownAreasError, match="ha-tay"):
        Areas(AreaSpec(field="x", codes={"1": "ha-tay"}))


@pytest.mark.parametrize(
    "described",
    [
        {},
        {"constant": "VN", "field": "x"},
        {"field": "x"},
        {"field": "x", "names": True, "scheme": "gso"},
        {"constant": "VN", "names": True},
        {"field": "x", "names": True, "typo": 1},
    ],
)
def test_there_is_exactly_one_way(described: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        AreaSpec.model_validate(described)
