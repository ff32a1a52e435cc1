"""What a load makes of values that are new, the same, revised, or older than what is known."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection

from targets.models import (
    DataVersion,
    Indicator,
    Observation,
    Organisation,
    PendingAssessment,
    Series,
    Source,
    Target,
)
from targets.values.loading import Loaded, ValuesError, load_observations
from tests.committed import second_connection
from tests.factory import make
from tests.values.conftest import HEADER, NOW, Load, line

LATER = NOW + dt.timedelta(days=30)


def versions() -> list[tuple[str, Any, bool]]:
    """Vintage, value and whether in force, in the order of recording."""
    return [
        (o.vintage, float(o.value), o.superseded_at is None)
        for o in Observation.objects.order_by("id")
    ]


def test_a_value_is_kept_with_all_its_cells(load: Load) -> None:
    cells = {
        "period": "2024-Q3", "numerator": "1234.5", "denominator": "9870", "vintage": "sơ bộ",
        "published_on": "2024-10-06", "derived": "yes", "synthetic": "yes",
        "source_url": "https://example.vn", "source_publisher": "Cục Thống kê",
        "caveat_vi": "Ước tính", "caveat_en": "Estimate", "unit": "percent",
    }  # fmt: skip
    assert load(line(**cells)) == Loaded(read=1, added=1, revised=0, unchanged=0)
    kept = Observation.objects.select_related("series__indicator", "source").get()
    assert (kept.series.indicator.code, kept.series.code) == ("share", "gso")
    assert kept.organisation.code == "VN"
    assert (kept.period, kept.year) == ("2024-Q3", 2024)
    assert (kept.period_start, kept.period_end) == (dt.date(2024, 7, 1), dt.date(2024, 9, 30))
    assert (kept.numerator, kept.denominator) == (Decimal("1234.5"), Decimal(9870))
    assert kept.value == Decimal("12.50759878")
    assert (kept.vintage, kept.state) == ("sơ bộ", "published")
    assert (kept.published_on, kept.known_on) == (dt.date(2024, 10, 6), dt.date(2024, 10, 6))
    assert (kept.recorded_at, kept.superseded_at) == (NOW, None)
    assert (kept.derived, kept.synthetic) == (True, True)
    assert (kept.source.title, kept.source.url) == ("Niên giám", "https://example.vn")
    assert kept.source.publisher == "Cục Thống kê"
    assert (kept.caveat_vi, kept.caveat_en) == ("Ước tính", "Estimate")


@pytest.mark.parametrize(
    ("indicator", "numerator", "denominator", "value"),
    [
        ("share", "2", "3", "66.66666667"),
        ("share", "-1", "8", "-12.5"),
        ("doctors", "1234", "100000", "123.4"),
        ("doctors", "123456789012345", "7", "176366841446207142.857"),
    ],
)
def test_a_ratio_is_computed_in_the_unit_of_its_indicator(
    load: Load, indicator: str, numerator: str, denominator: str, value: str
) -> None:
    series = {"share": "gso", "doctors": "moh"}[indicator]
    row = line(indicator=indicator, series=series, numerator=numerator, denominator=denominator)
    if Decimal(value) >= 10**16:
        with pytest.raises(ValuesError, match="quá lớn"):
            load(row)
    else:
        load(row)
        assert Observation.objects.get().value == Decimal(value)


def test_a_second_load_changes_nothing(load: Load) -> None:
    rows = (line(), line(period="2023", vintage="a"), line(period="2023", vintage="b", value="2"))
    load(*rows)
    before = list(Observation.objects.order_by("id").values())
    version = DataVersion.now()
    PendingAssessment.objects.all().delete()
    assert load(*rows, now=LATER) == Loaded(read=3, added=0, revised=0, unchanged=3)
    assert list(Observation.objects.order_by("id").values()) == before
    assert Source.objects.count() == 1
    assert not PendingAssessment.objects.exists()
    assert DataVersion.now() == version


@pytest.mark.parametrize(
    "cells",
    [
        {"value": "13.18"},
        {"numerator": "1317", "denominator": "10000"},
        {"vintage": "chính thức"},
        {"published_on": "2025-01-06"},
        {"derived": "yes"},
        {"synthetic": "yes"},
        {"source_title": "Báo cáo khác"},
        {"source_url": "https://example.vn"},
        {"caveat_vi": "Ước tính"},
        {"caveat_en": "Estimate"},
    ],
)
def test_whatever_differs_is_a_new_version(load: Load, cells: dict[str, str]) -> None:
    load(line())
    old = Observation.objects.get()
    assert load(line(**cells), now=LATER) == Loaded(read=1, added=1, revised=1, unchanged=0)
    old.refresh_from_db()
    assert old.superseded_at == LATER
    new = Observation.objects.current().get()
    assert (new.recorded_at, new.pk > old.pk) == (LATER, True)


def test_another_way_to_write_the_same_number_is_no_new_version(load: Load) -> None:
    load(line(value="13.170"), line(period="2023", numerator="1.50", denominator="3"))
    same = load(line(value="13.17"), line(period="2023", numerator="1.5", denominator="3.0"))
    assert same.unchanged == 2
    assert load(line(value="013.17000000")).unchanged == 1


def test_editions_of_one_file_are_versions_and_the_last_is_in_force(load: Load) -> None:
    loaded = load(
        line(value="12.33", vintage="sơ bộ", published_on="2025-01-06"),
        line(period="2023", value="11"),
        line(value="13.17", vintage="chính thức", published_on="2025-06-30"),
    )
    assert loaded == Loaded(read=3, added=3, revised=0, unchanged=0)
    assert versions() == [
        ("sơ bộ", 12.33, False), ("", 11, True), ("chính thức", 13.17, True),
    ]  # fmt: skip
    known = Observation.objects.filter(period="2024").known_on
    assert known(dt.date(2025, 3, 1)).get().vintage == "sơ bộ"
    assert known(dt.date(2025, 7, 1)).get().vintage == "chính thức"


def test_a_revision_back_and_forth_is_kept_as_it_was(load: Load) -> None:
    for value in ("1", "2", "1"):
        assert load(line(value=value)).added == 1
    assert versions() == [("", 1, False), ("", 2, False), ("", 1, True)]


def test_a_newer_edition_supersedes_and_an_older_one_is_added_behind_it(load: Load) -> None:
    first = {"vintage": "2023", "published_on": "2023-01-06"}
    second = {"vintage": "2024", "published_on": "2024-01-06"}
    third = {"vintage": "2025", "published_on": "2025-01-06"}
    load(line(value="2", **second))
    assert load(line(value="3", **third)) == Loaded(read=1, added=1, revised=1, unchanged=0)
    # An edition of an earlier year, from a file that is loaded later.
    assert load(line(value="1", **first)) == Loaded(read=1, added=1, revised=0, unchanged=0)
    assert versions() == [("2024", 2, False), ("2025", 3, True), ("2023", 1, False)]
    for cells, value in ((first, "1"), (second, "2"), (third, "3")):
        assert load(line(value=value, **cells)).unchanged == 1
    assert len(versions()) == 3


def test_a_corrected_day_of_publication_may_be_an_earlier_one(load: Load) -> None:
    load(line(published_on="2025-12-01"))
    assert load(line(published_on="2025-02-01")).revised == 1
    assert Observation.objects.current().get().published_on == dt.date(2025, 2, 1)
    assert Observation.objects.known_on(NOW.date()).get().published_on == dt.date(2025, 2, 1)


def test_two_publishers_are_two_series(load: Load) -> None:
    assert load(line(), line(series="mic", value="18.3")).added == 2
    assert load(line(series="mic", value="18.4")).revised == 1
    gso, mic = (Series.objects.get(code=code) for code in ("gso", "mic"))
    assert mic.observations.count() == 2
    assert gso.observations.current().get().value == Decimal("13.17")


@pytest.mark.parametrize(
    ("published", "known"),
    [("2025-01-06", "2025-01-06"), ("", "2026-11-22"), ("2027-01-01", "2026-11-22")],
)
def test_a_value_is_known_when_published_but_not_before_it_is_recorded_as_such(
    load: Load, published: str, known: str
) -> None:
    load(line(published_on=published))
    assert str(Observation.objects.get().known_on) == known


def test_the_day_of_a_load_is_that_of_vietnam(load: Load) -> None:
    load(line(), now=dt.datetime(2026, 11, 22, 18, tzinfo=dt.UTC))
    assert Observation.objects.get().known_on == dt.date(2026, 11, 23)


@time_machine.travel("2026-11-22T02:00:00Z", tick=False)
def test_a_value_is_recorded_at_the_time_of_its_load(load: Load, tmp_path: Path) -> None:
    load(line(period="2020"))
    call_command("load_observations", str(tmp_path / "values.csv"), stdout=StringIO())
    (tmp_path / "values.csv").write_text(HEADER + line(), encoding="utf-8")
    call_command("load_observations", str(tmp_path / "values.csv"), stdout=StringIO())
    assert Observation.objects.get(period="2024").recorded_at == NOW


def test_a_clock_that_went_back_spoils_no_load(load: Load) -> None:
    load(line(), now=LATER)
    assert load(line(value="14"), now=NOW).revised == 1
    old = Observation.objects.get(superseded_at__isnull=False)
    assert old.superseded_at == old.recorded_at == LATER


def test_a_dry_run_counts_and_changes_nothing(load: Load) -> None:
    load(line())
    before = list(Observation.objects.values())
    counted = load(line(value="14"), line(period="2023"), dry_run=True)
    assert counted == Loaded(read=2, added=2, revised=1, unchanged=0)
    assert list(Observation.objects.values()) == before


def test_new_values_make_the_verdicts_due_of_the_official_series_only(load: Load) -> None:
    target = make(Target, indicator=Indicator.objects.get(code="share"))
    make(Target, indicator=Indicator.objects.get(code="doctors"))
    PendingAssessment.objects.all().delete()

    def due() -> set[tuple[int, str]]:
        pairs = PendingAssessment.objects.values_list("target_id", "organisation__code")
        return set(pairs)

    load(line(series="mic"))
    assert due() == set()
    load(line(), line(period="2023"), line(organisation="hue"))
    assert due() == {(target.pk, "VN"), (target.pk, "hue")}
    PendingAssessment.objects.all().delete()
    load(line(), line(organisation="hue", value="1"))
    assert due() == {(target.pk, "hue")}


@pytest.fixture
def files(load: Load, tmp_path: Path) -> list[Path]:
    """Two files without a mistake."""
    made = []
    for name, period in (("one.csv", "2023"), ("two.csv", "2024")):
        made.append(tmp_path / name)
        made[-1].write_text(HEADER + line(period=period) + "\n", encoding="utf-8")
    return made


def test_the_command_loads_several_files_and_says_what_each_gave(files: list[Path]) -> None:
    for given in ("thêm 1, sửa 0, giữ 0", "thêm 0, sửa 0, giữ 1"):
        out = StringIO()
        call_command("load_observations", *map(str, files), stdout=out)
        assert out.getvalue().splitlines() == [
            f"one.csv: đọc 1, {given}",
            f"two.csv: đọc 1, {given}",
        ]
    assert Observation.objects.count() == 2


def test_one_bad_file_of_several_keeps_the_others_out(files: list[Path]) -> None:
    third = files[0].with_name("three.csv")
    third.write_text(HEADER + line(value="x") + "\n" + line(period="y"), encoding="utf-8")
    with pytest.raises(CommandError) as refusal:
        call_command("load_observations", *map(str, [*files, third]), stdout=StringIO())
    assert str(refusal.value).splitlines() == [
        "three.csv:2: value: «x»: cần một số, dấu thập phân là dấu chấm, ví dụ 98.5",
        "three.csv:3: period: «y»: cần kỳ dạng 2024, 2024-H1, 2024-Q3 hoặc 2024-07",
        "2 lỗi; chưa thay đổi gì trong cơ sở dữ liệu.",
    ]
    assert not Observation.objects.exists()
    assert not Source.objects.exists()


def test_a_dry_run_of_the_command_changes_nothing(files: list[Path]) -> None:
    out = StringIO()
    call_command("load_observations", str(files[0]), dry_run=True, stdout=out)
    assert out.getvalue().splitlines() == [
        "one.csv: đọc 1, thêm 1, sửa 0, giữ 0",
        "Chạy thử: chưa ghi gì.",
    ]
    assert not Observation.objects.exists()


def test_a_load_leaves_no_setting_and_no_table_behind(
    transactional_db: None, tmp_path: Path
) -> None:
    make(Organisation, code="VN", kind="country")
    make(Series, indicator=make(Indicator, code="share"), code="gso")
    path = tmp_path / "values.csv"
    path.write_text(HEADER + line(), encoding="utf-8")
    settings = ("work_mem", "enable_nestloop", "enable_mergejoin")

    def session() -> list[Any]:
        with connection.cursor() as cursor:
            found: list[Any] = []
            for name in settings:
                cursor.execute(f"SHOW {name}")
                found += cursor.fetchone()
            cursor.execute("SELECT count(*) FROM pg_class WHERE relpersistence = 't'")
            return [*found, *cursor.fetchone()]

    before = session()
    load_observations(path)
    assert session() == before
    assert Observation.objects.count() == 1


def test_a_load_waits_for_who_is_writing_values(transactional_db: None, tmp_path: Path) -> None:
    make(Organisation, code="VN", kind="country")
    make(Series, indicator=make(Indicator, code="share"), code="gso")
    path = tmp_path / "values.csv"
    path.write_text(HEADER + line(), encoding="utf-8")
    with second_connection() as other, connection.cursor() as cursor:
        other.execute("LOCK TABLE targets_observation IN ROW EXCLUSIVE MODE")  # as INSERT does
        cursor.execute("SET lock_timeout = '100ms'")
        with pytest.raises(OperationalError, match="lock timeout"):
            load_observations(path)
        other.rollback()
        cursor.execute("RESET lock_timeout")
        assert load_observations(path).added == 1
