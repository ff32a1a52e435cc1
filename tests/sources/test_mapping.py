"""Tables of sources into rows of ours."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from targets.models import DataSource, Indicator, Organisation, Series, SeriesMapping, Unit
from targets.sources.contract import MappedRow, Outcome, SourceError, Table
from targets.sources.reading.mapping import Mapper
from tests.factory import make
from tests.sources import naive_mapping as naive

COLUMNS = ["indicator", "area", "period", "value", "part", "whole"]
PLAIN: dict[str, Any] = {
    "area": {"field": "area", "scheme": "own"},
    "period": {"field": "period"},
    "missing": ["..", "NA"],
}


@pytest.fixture
def world(db: None) -> dict[str, int]:
    """Series `share` (per cent), `doctors` (per 10,000) and `ratio` (per cent); two provinces."""
    for name, unit in (
        ("share", "percent"),
        ("doctors", "per_10k_population"),
        ("ratio", "percent-of-two"),
    ):
        one = make(Indicator, code=name, unit=make(Unit, code=unit))
        make(Series, indicator=one, code="official")
    return {code: make(Organisation, code=code, kind="province").pk for code in ("hue", "ha-noi")}


def mapped(
    source: DataSource, rows: Sequence[Sequence[str | None]], **table: Any
) -> tuple[list[MappedRow], Mapper]:
    mapper = Mapper(source)
    columns = table.pop("columns", COLUMNS)
    return list(mapper.rows([Table(columns, rows, **table)])), mapper


def described(
    *series: dict[str, Any], areas: dict[str, int] | None = None, **mapping: Any
) -> DataSource:
    """A source whose areas are our own codes."""
    spec = {**PLAIN, **mapping}
    if spec["area"].get("scheme") == "own":
        spec["area"] = {"field": "area", "names": True}
    source = make(DataSource, mapping=spec)
    for one in series or ({"series": "share"},):
        make(
            SeriesMapping,
            data_source=source,
            **{**one, "series": Series.objects.get(indicator__code=one["series"])},
        )
    return source


def failure(source: DataSource, rows: Sequence[Sequence[str | None]], **table: Any) -> SourceError:
    with pytest.raises(SourceError) as raised:
        mapped(source, rows, **table)
    return raised.value


def row(**cells: str | None) -> list[str | None]:
    plain = {"indicator": "x", "area": "hue", "period": "2024", "value": "98.5"}
    return [{**plain, **cells}.get(name) for name in COLUMNS]


def test_a_row_is_in_our_terms(world: dict[str, int]) -> None:
    (value,), mapper = mapped(described(), [row()])
    assert value == MappedRow(1, value.series, world["hue"], "2024", "98.5")
    assert isinstance(value, MappedRow)
    assert (mapper.read, mapper.rejections.total) == (1, 0)


def test_digits_are_kept_exactly_and_the_unit_is_changed_exactly(world: dict[str, int]) -> None:
    source = described(
        {"series": "share", "where": {"indicator": "a"}},
        {"series": "doctors", "where": {"indicator": "b"}, "unit": "per_million_population"},
    )
    values, _ = mapped(
        source, [row(indicator="a", value="0.10"), row(indicator="b", value="1234.56789")]
    )
    assert [value.value for value in values] == ["0.10", "12.3456789"]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("0.000000005", "0E-8"),
        ("0.000000015", "2E-8"),
        ("0.000000025", "2E-8"),
        ("1.2E-05", "0.000012"),
        ("5e3", "5000"),
        ("−3.5", "-3.5"),
        ("+3", "3"),
        ("1 234 567.5", "1234567.5"),
        ("1\u00a0234", "1234"),
        ("98.5 %", "98.5"),
        (".5", "0.5"),
    ],
)
def test_numbers_as_they_are_written(world: dict[str, int], written: str, read: str) -> None:
    (value,), _ = mapped(described(), [row(value=written)])
    assert Decimal(value.value) == Decimal(read)


def test_decimal_comma_and_declared_thousands(world: dict[str, int]) -> None:
    source = described(decimal=",", thousands=".")
    values, mapper = mapped(source, [row(value="1.234,5"), row(value="0.123"), row(value="1.5")])
    assert [value.value for value in values] == ["1234.5"]
    assert mapper.rejections.counts == {"number": 2}


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("abc", "number"),
        ("1,5", "number"),
        ("1_000", "number"),
        ("12 34", "number"),
        ("(5)", "number"),
        ("inf", "number"),
        ("1e99", "too-large"),
        ("9" * 17, "too-large"),
        ("9999999999999999.999999999", "too-large"),
        ("1\n2", "number"),
    ],
)
def test_what_is_no_number_is_rejected(world: dict[str, int], written: str, reason: str) -> None:
    values, mapper = mapped(described(), [row(), row(value=written)])
    assert len(values) == 1
    (one,) = mapper.rejections.listed
    assert (one.place, one.field, one.reason, one.shown) == (2, "value", reason, written)


def test_a_percent_sign_contradicts_any_other_unit(world: dict[str, int]) -> None:
    _, mapper = mapped(described({"series": "share", "unit": "share"}), [row(value="98,5 %")])
    assert mapper.rejections.counts == {"number": 1}


def test_missing_is_not_zero_and_no_mistake(world: dict[str, int]) -> None:
    rows = [row(value=None), row(value=""), row(value=" .. "), row(value="NA", period="Nguồn:")]
    values, mapper = mapped(described(), rows)
    assert (values, mapper.rejections.total, mapper.read) == ([], 0, 4)


def test_a_number_may_be_declared_to_be_none(world: dict[str, int]) -> None:
    values, _ = mapped(described(missing=["-999"]), [row(value="-999"), row(value="-99")])
    assert [value.value for value in values] == ["-99"]


def test_rows_that_no_series_wants_are_skipped(world: dict[str, int]) -> None:
    source = described({"series": "share", "where": {"indicator": ["a", "b"], "period": 2024}})
    rows = [
        row(indicator=" a "),
        row(indicator="b"),
        row(indicator="c", area="Laos", value="?"),
        row(indicator="a", period="2023"),
    ]
    values, mapper = mapped(source, rows)
    assert [value.place for value in values] == [1, 2]
    assert mapper.rejections.total == 0


def test_conditions_compare_composed_text(world: dict[str, int]) -> None:
    source = described({"series": "share", "where": {"indicator": "Tỷ lệ"}})
    values, _ = mapped(source, [row(indicator="Ty\u0309 l\u00ea\u0323")])
    assert len(values) == 1


def test_one_row_may_bring_several_series(world: dict[str, int]) -> None:
    source = described(
        {"series": "share"},
        {"series": "ratio", "numerator_field": "part", "denominator_field": "whole"},
    )
    values, _ = mapped(source, [row(part="1", whole="4")])
    assert sorted((value.value, value.numerator, value.denominator) for value in values) == [
        ("", "1", "4"),
        ("98.5", "", ""),
    ]


def test_a_ratio_needs_both_and_four_decimals_at_most(world: dict[str, int]) -> None:
    source = described({"series": "ratio", "numerator_field": "part", "denominator_field": "whole"})
    rows = [
        row(part="1", whole="4"),
        row(part="1"),
        row(whole="NA"),
        row(part="1.00001", whole="2"),
        row(part="1.00000", whole="2"),
    ]
    values, mapper = mapped(source, rows)
    assert [value.place for value in values] == [1, 5]
    assert [(one.place, one.field, one.reason) for one in mapper.rejections.listed] == [
        (2, "whole", "half-ratio"),
        (4, "part", "too-fine"),
    ]


def test_vintage_and_day_of_publication(world: dict[str, int]) -> None:
    rows = [row(period="Sơ bộ 2024"), row(), row(indicator="bản 2", part="31/12/2024")]
    table: dict[str, Any] = {"vintage": "Niên giám", "published_on": dt.date(2025, 7, 1)}
    values, _ = mapped(described(), rows, **table)
    assert [value.vintage for value in values] == ["sơ bộ", "Niên giám", "Niên giám"]
    assert {value.published_on for value in values} == {"2025-07-01"}

    source = described(vintage={"field": "indicator"}, published_on={"field": "part"})
    values, mapper = mapped(source, [*rows, row(part="mai")], **table)
    assert [(value.vintage, value.published_on) for value in values] == [
        ("x", ""),
        ("x", ""),
        ("bản 2", "2024-12-31"),
    ]
    assert mapper.rejections.counts == {"day": 1}


def test_a_row_is_rejected_once_with_its_reason(world: dict[str, int]) -> None:
    rows = [row(period="?", value="?"), row(area="Laos"), row(area="", value="7")]
    _, mapper = mapped(described(), rows)
    assert [(one.place, one.reason) for one in mapper.rejections.listed] == [
        (1, "period"),
        (2, "organisation"),
        (3, "organisation"),
    ]


def test_a_period_in_fields_and_a_constant_area(world: dict[str, int]) -> None:
    source = described(
        area={"constant": "hue"}, period={"fields": {"year": "period", "quarter": "part"}}
    )
    (value,), _ = mapped(source, [row(area="?", part="Quý II")])
    assert (value.organisation, value.period) == (world["hue"], "2024-Q2")


def test_places_run_on_through_several_tables(world: dict[str, int]) -> None:
    mapper = Mapper(described())
    tables = [Table(COLUMNS, [row(), row()]), Table([*COLUMNS[::-1]], [row()[::-1]])]
    assert [value.place for value in mapper.rows(tables)] == [1, 2, 3]


def test_a_renamed_column_fails_the_run(world: dict[str, int]) -> None:
    error = failure(
        described(), [row()], columns=["indicator", "area", "period", "Value", "a", "b"]
    )
    assert error.outcome is Outcome.COLUMNS_CHANGED
    assert error.detail["missing"] == ["value"]
    assert "Value" in error.detail["found"]


def test_an_expected_column_and_one_that_is_there_twice(world: dict[str, int]) -> None:
    error = failure(described(expect={"columns": ["note"]}), [row()])
    assert error.detail["missing"] == ["note"]
    error = failure(described(), [row()], columns=["value", "area", "period", "value", "a", "b"])
    assert error.detail["twice"] == ["value"]


def test_a_row_of_another_width_fails_the_run(world: dict[str, int]) -> None:
    error = failure(described(), [row(), row()[:-1]])
    assert error.outcome is Outcome.UNREADABLE
    assert error.detail == {"row": 2, "cells": 5, "columns": 6}


@pytest.mark.parametrize(
    ("expect", "years", "missing"),
    [
        ({"periods": ["2022", "2024"]}, [2022, 2024], None),
        ({"periods": ["2022", 2023]}, [2022, 2024], ["2023"]),
        ({"from": 2022}, [2022, 2023, 2024], None),
        ({"from": 2022}, [2021, 2022, 2024], ["2023"]),
        ({"from": 2021}, [2023], ["2021", "2022"]),
        ({"from": 2025}, [2024], ["2025"]),
        ({"latest_at_least": 2024}, [2024], None),
        ({"latest_at_least": 2025}, [2024], ["2025"]),
    ],
)
def test_periods_that_must_be_there(
    world: dict[str, int], expect: dict[str, Any], years: list[int], missing: list[str] | None
) -> None:
    source, rows = described(expect=expect), [row(period=str(year)) for year in years]
    if missing is None:
        assert len(mapped(source, rows)[0]) == len(years)
    else:
        error = failure(source, rows)
        assert error.outcome is Outcome.PERIOD_MISSING
        assert error.detail["periods"] == missing
        assert error.detail["series"] == ["share/official"]


def test_an_indicator_of_every_second_year_is_expected_then(world: dict[str, int]) -> None:
    Indicator.objects.filter(code="share").update(interval_years=2)
    source = described(expect={"from": 2018})
    mapped(source, [row(period=str(year)) for year in (2018, 2020, 2022)])
    error = failure(source, [row(period=str(year)) for year in (2018, 2022)])
    assert error.detail["periods"] == ["2020"]


def test_a_year_without_a_value_is_missing(world: dict[str, int]) -> None:
    error = failure(described(expect={"periods": ["2024"]}), [row(value="..")])
    assert error.outcome is Outcome.PERIOD_MISSING


def test_a_series_none_of_whose_rows_is_there_is_named(world: dict[str, int]) -> None:
    series = (
        {"series": "share", "where": {"indicator": "a"}},
        {"series": "doctors", "where": {"indicator": "b"}},
    )
    rows = [row(indicator="a")]
    error = failure(described(*series, expect={}), rows)
    assert error.outcome is Outcome.COLUMNS_CHANGED
    assert error.detail == {"series": ["doctors/official"]}
    assert len(mapped(described(*series), rows)[0]) == 1
    loose = {"every_series": False, "periods": ["2024"]}
    assert len(mapped(described(*series, expect=loose), rows)[0]) == 1
    assert failure(described(*series, expect=loose), []).outcome is Outcome.COLUMNS_CHANGED


def test_too_few_rows_fail_the_run(world: dict[str, int]) -> None:
    error = failure(described(expect={"rows": 2}), [row()])
    assert error.detail == {"rows": 1, "rows_expected": 2}


@pytest.mark.parametrize(
    ("mapping", "at"),
    [
        ({"period": {}}, "period"),
        ({"period": {"constant": "mai"}}, "period"),
        ({"period": {"field": "period", "form": "fiscal"}}, "period.form"),
        ({"decimal": ",", "thousands": ","}, ""),
        ({"area": {"constant": "Atlantis"}}, "area"),
        ({"typo": 1}, "typo"),
        ({"expect": {"periods": ["24"]}}, "expect.periods"),
    ],
)
def test_a_description_that_cannot_be_is_named(
    world: dict[str, int], mapping: dict[str, Any], at: str
) -> None:
    with pytest.raises(SourceError) as raised:
        Mapper(described(**mapping))
    assert raised.value.outcome is Outcome.MISCONFIGURED
    assert raised.value.detail["problems"][0]["at"] == at


@pytest.mark.parametrize(
    "series",
    [
        {"series": "share", "unit": "vnd"},
        {"series": "share", "where": ["a"]},
        {"series": "share", "where": {"a": []}},
        {"series": "share", "where": {"a": {"b": 1}}},
        {
            "series": "share",
            "unit": "share",
            "numerator_field": "part",
            "denominator_field": "whole",
        },
    ],
)
def test_a_series_that_cannot_be_read_is_named(
    world: dict[str, int], series: dict[str, Any]
) -> None:
    with pytest.raises(SourceError) as raised:
        Mapper(described(series))
    assert raised.value.outcome is Outcome.MISCONFIGURED


def test_a_source_without_series_is_not_ready(world: dict[str, int]) -> None:
    with pytest.raises(SourceError, match="misconfigured"):
        Mapper(make(DataSource, mapping=PLAIN | {"area": {"constant": "hue"}}))


WRITTEN = st.one_of(
    st.sampled_from(
        ["", "..", "NA", None, "98.5", "98,5", "1.234,5", "1 234", "1\u00a0234.5", "7 %", "x",
         "1e3", "1.2E-05", "2.5e-9", "9999999999999999.999999996", "123456789012345678", "-0", "-",
         "0.123", "1.234", "1,234", "−5", "+5", ".", "1.234.567", "00012", "0.00005"]
    ),
    st.decimals(allow_nan=False, allow_infinity=False, places=5, max_value=10**9).map(str),
    st.integers(-(10**18), 10**18).map(str),
)  # fmt: skip
ROWS = st.lists(
    st.tuples(
        st.sampled_from(["a", " a ", "b", "c", None]),
        st.sampled_from(["hue", "ha-noi ", "Laos", None]),
        st.sampled_from(["2024", "2023 ", "Quý I/2024", "quý 3/2024", "?", None]),
        WRITTEN,
        WRITTEN,
        WRITTEN,
    ),
    max_size=12,
)


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    rows=ROWS,
    marks=st.sampled_from([(".", ""), (".", ","), (",", "."), (",", ""), (".", " ")]),
    conditions=st.lists(
        st.sampled_from(
            [{}, {"indicator": "a"}, {"indicator": ["a", "b"]}, {"indicator": "b", "area": "hue"}]
        ),
        min_size=3,
        max_size=3,
    ),
)
def test_a_plain_second_implementation_agrees(
    world: dict[str, int],
    rows: list[tuple[str | None, ...]],
    marks: tuple[str, str],
    conditions: list[dict[str, Any]],
) -> None:
    known = {series.indicator.code: series for series in Series.objects.select_related("indicator")}
    share, doctors, ratio = (known[name] for name in ("share", "doctors", "ratio"))
    source = DataSource(
        mapping={
            **PLAIN,
            "area": {"field": "area", "names": True},
            "decimal": marks[0],
            "thousands": marks[1],
        }
    )
    mapper = Mapper(
        source,
        [
            SeriesMapping(series=share, where=conditions[0]),
            SeriesMapping(series=doctors, where=conditions[1], unit="per_million_population"),
            SeriesMapping(
                series=ratio,
                where=conditions[2],
                numerator_field="part",
                denominator_field="whole",
            ),
        ],
    )
    values, rejected = naive.map_rows(
        COLUMNS,
        [list(cells) for cells in rows],
        [
            naive.Wanted(share.pk, conditions[0], percent=True),
            naive.Wanted(doctors.pk, conditions[1], factor=Decimal("0.01")),
            naive.Wanted(ratio.pk, conditions[2], numerator="part", denominator="whole"),
        ],
        world,
        decimal=marks[0],
        thousands=marks[1],
    )
    found = {
        (*value[:4], *(Decimal(text) if text else None for text in value[4:7]))
        for value in mapper.rows([Table(COLUMNS, rows)])
    }
    assert found == values
    assert sorted((one.place, one.field, one.reason) for one in mapper.rejections.listed) == sorted(
        rejected
    )
