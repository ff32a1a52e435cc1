"""The file of `manage.py assess`: what goes in, what comes out, and what is said of mistakes."""

from __future__ import annotations

import csv
import datetime as dt
import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given, settings
from hypothesis import strategies as st

from targets.assessment_files import COLUMNS_IN, COLUMNS_OUT, AssessFileError, read_series

ROOT = Path(__file__).resolve().parents[2]
PLAIN = "level,>=,20,,2025,2020,,,,"


def write(path: Path, *rows: str, header: str = ",".join(COLUMNS_IN)) -> Path:
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "series.csv"


def run(path: Path, as_of: str | None = "2024-06-30") -> list[dict[str, str]]:
    out = io.StringIO()
    call_command("assess", str(path), as_of=as_of, stdout=out)
    return list(csv.DictReader(io.StringIO(out.getvalue())))


def faults(path: Path) -> list[str]:
    with pytest.raises(AssessFileError) as caught:
        read_series(path)
    return caught.value.problems.lines()


def test_verdicts_come_in_the_order_and_the_columns_of_the_design(file: Path) -> None:
    write(
        file,
        f"kinh tế số,{PLAIN},2020,12.66",
        f"b,{PLAIN},2020,10",
        f"kinh tế số,{PLAIN},2024,13.17",
        f"b,{PLAIN},2024,20.5",
        f"c,{PLAIN},,",
    )
    rows = run(file)
    assert tuple(rows[0]) == COLUMNS_OUT
    assert [(row["series"], row["status"]) for row in rows] == [
        ("kinh tế số", "off_track"), ("b", "achieved"), ("c", "no_data"),
    ]  # fmt: skip
    assert rows[0] | {"pace": "", "attained": ""} == {
        "series": "kinh tế số", "status": "off_track", "pace": "", "attained": "",
        "expected": "0.8", "required_value": "18.532", "latest_year": "2024",
        "latest_value": "13.17", "projected_value": "", "projected_year": "",
        "reason": "behind_path: required_value=18.532 latest_value=13.17 latest_year=2024 "
        "threshold=20 due_year=2025; projection: too_few_values",
    }  # fmt: skip
    assert float(rows[0]["pace"]) == pytest.approx((13.17 - 12.66) / (20 - 12.66) / 0.8)
    assert rows[2] == dict.fromkeys(COLUMNS_OUT, "") | {
        "series": "c", "status": "no_data", "reason": "no_value; projection: too_few_values",
    }  # fmt: skip


def test_every_kind_can_be_asked_about(file: Path) -> None:
    write(
        file,
        "level,level,range,20,30,2025,2020,2019,10,1,linear,2024,20",
        "rank,rank,<=,50,,2025,2020,,,2,,2024,50",
        "count,count,>=,40,,2025,2020,,,,cagr,2024,50",
        "growth,growth,>=,7,,2025,2020,,,,,2024,7",
        "every_year,every_year,>=,3,,,2020,,,,,2024,3",
        "keep,keep,>,0.7,,,2020,,,,,2024,0.71",
        "relative,relative,<=,-30,,2025,2020,2020,200,,,2024,140",
        "milestone,milestone,,,,2025,2020,,,,,2024,100",
        "stage,milestone,>=,100,,2025,2020,,,,,2024,75",
    )
    assert {row["series"]: row["status"] for row in run(file)} == {
        "level": "achieved", "rank": "achieved", "count": "achieved", "growth": "on_track",
        "every_year": "on_track", "keep": "on_track", "relative": "achieved",
        "milestone": "achieved", "stage": "at_risk",
    }  # fmt: skip


def test_a_pace_that_is_missing_or_was_computed_otherwise_is_explained(file: Path) -> None:
    write(
        file,
        "met,level,>=,20,,2025,2020,2020,25,,,2024,26",
        "zero,level,>=,20,,2025,2020,2020,0,,cagr,2024,8",
    )
    met, zero = run(file)
    assert "; pace: baseline_meets_threshold;" in met["reason"]
    assert "; pace: cagr_undefined;" in zero["reason"]


def test_a_projection_from_three_values_needs_no_excuse(file: Path) -> None:
    write(file, *(f"a,{PLAIN},{year},{year - 2010}" for year in (2020, 2022, 2024)))
    row = run(file)[0]
    assert (row["projected_value"], row["projected_year"]) == ("15", "2030")
    assert row["reason"].endswith("due_year=2025")


def test_without_a_day_the_verdict_is_of_today(file: Path) -> None:
    write(file, "a,level,>=,20,,2021,2020,,,,,2021,21")
    assert run(file, as_of=None)[0]["status"] == "achieved"


def test_a_file_from_excel_is_read(file: Path) -> None:
    rows = [",".join(COLUMNS_IN), '"a, b",level,>=,20.0,,2025.0,2020,,,,,2024.0, 21 ', "", ""]
    file.write_bytes(b"\xef\xbb\xbf" + "\r\n".join(rows).encode())
    targets, values = read_series(file)
    assert targets.index.tolist() == ["a, b"]
    assert (targets["due_year"].iloc[0], values.loc["a, b", 2024]) == (2025, 21)


def test_columns_may_stand_in_any_order_beside_others(file: Path) -> None:
    header = ",".join(["note", *reversed(COLUMNS_IN)])
    write(file, "x,21,2024,,,,,2020,2025,,20,>=,level,a", header=header)
    assert run(file)[0]["status"] == "achieved"


def test_the_same_number_written_differently_is_no_contradiction(file: Path) -> None:
    write(file, f"a,{PLAIN},2020,10", "a,level,>=,20.0,,2025.0,2020,,,,linear,2024,14")
    assert run(file)[0]["status"] == "off_track"


def test_every_mistake_is_named_with_its_line_and_field(file: Path) -> None:
    write(
        file,
        "a,levle,>=,20,,2025,2020,,,,,2020,10",
        'b,level,>=,"12,5",,next year,2020,,,,,2020,10',
        f"c,{PLAIN},2020,ten",
        f"c,{PLAIN},2021.5,10",
        f"c,{PLAIN},,10",
        f"d,{PLAIN},2020,1",
        f"d,{PLAIN},2020,2",
        "d,level,>=,21,,2025,2020,,,,,2021,2",
        ",level,>=,21,,2025,2020,,,,,2021,2",
        "e,level,>=,21",
        "f,level,=>,,,2025,2020,,,0,quadratic,2021,2",
        "g,rank,>=,50,,20255,2020,,,1.5,,2021,2",
        "h,range,range,40,30,2025,2020,,,,,2021,2",
        "i,level,range,40,30,2025,2020,,,,,2021,2",
        "j,milestone,>,75,,2025,2020,,,,,2021,2",
        "k,relative,range,-30,-20,2025,2020,,,,,2021,2",
        "l,level,>=,inf,,2025,2020,,nan,,,2021,1_0",
    )
    found = faults(file)
    assert all(line.startswith("series.csv:") for line in found)
    assert [(int(line.split(":")[1]), line.split(":")[2].strip()) for line in found] == [
        (2, "kind"), (3, "due_year"), (3, "threshold"), (4, "value"), (5, "year"), (6, "year"),
        (8, "year"), (9, "threshold"), (10, "series"), (11, "có 4 ô, cần 13 (thiếu hoặc thừa dấu "
        "phẩy?)"), (12, "interval_years"), (12, "method"), (12, "operator"), (12, "threshold"),
        (13, "due_year"), (13, "interval_years"), (13, "operator"), (14, "kind"),
        (14, "threshold_max"), (15, "threshold_max"), (16, "operator"), (16, "threshold"),
        (17, "operator"), (18, "baseline_value"), (18, "threshold"), (18, "value"),
    ]  # fmt: skip
    assert "level, rank, count" in found[0]


def test_a_mistake_in_a_repeated_target_is_named_too(file: Path) -> None:
    write(file, f"a,{PLAIN},2020,10", "a,level,>=,2O,,2025,2020,,,,cagr,2021,10")
    assert [line.split(":")[2].strip() for line in faults(file)] == [
        "method", "threshold", "threshold",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "series"),
        (",".join(COLUMNS_IN).encode(), "không có dòng số liệu nào"),
        (b"series,kind\na,level\n", "operator: "),
        (",".join([*COLUMNS_IN, "kind"]).encode(), "kind: "),
        (";".join(COLUMNS_IN).encode(), "dấu phẩy"),
        ("series,kind\nkinh tế".encode("utf-16"), "UTF-16"),
        ("series,kind\nkinh tế\xe9".encode("latin-1", "replace"), "UTF-8"),
        ((",".join(COLUMNS_IN) + '\na,"b').encode(), "CSV"),
    ],
)
def test_a_file_that_is_no_table_is_named(file: Path, content: bytes, words: str) -> None:
    file.write_bytes(content)
    assert words in "\n".join(faults(file))


def test_the_command_shows_the_first_mistakes_and_counts_the_rest(file: Path) -> None:
    write(file, *(f"s{i},{PLAIN},2020,x" for i in range(120)))
    with pytest.raises(CommandError, match="và 20 lỗi khác") as caught:
        run(file)
    assert str(caught.value).count("\n") == 100


def test_what_cannot_be_opened_or_is_no_day_is_named(file: Path) -> None:
    with pytest.raises(CommandError, match=r"series\.csv"):
        run(file)
    write(file, f"a,{PLAIN},2020,10")
    with pytest.raises(CommandError, match="2025-13-01"):
        run(file, as_of="2025-13-01")


def test_the_command_needs_no_server_and_ends_with_1_on_mistakes(file: Path) -> None:
    write(file, f"a,{PLAIN},2020,10", f"a,{PLAIN},2024,x")
    nowhere = {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
               "REDIS_URL": "redis://127.0.0.1:1/0"}  # fmt: skip
    command = [sys.executable, "manage.py", "assess", str(file), "--as-of", "2024-06-30"]
    bad = subprocess.run(
        command, cwd=ROOT, env=os.environ | nowhere, capture_output=True, text=True, check=False
    )
    assert (bad.returncode, bad.stdout) == (1, "")
    assert "series.csv:3: value" in bad.stderr
    write(file, f"a,{PLAIN},2020,10", f"a,{PLAIN},2024,18")
    good = subprocess.run(
        command, cwd=ROOT, env=os.environ | nowhere, capture_output=True, text=True, check=True
    )
    assert good.stdout.splitlines()[1].startswith("a,on_track,1,0.8,0.8,18,2024,18,")
    assert good.stderr == ""


@given(
    st.dictionaries(
        st.integers(1990, 2030), st.floats(-1e90, 1e90).filter(lambda x: x == 0 or abs(x) > 1e-90),
        min_size=1, max_size=6,
    ),
    st.floats(-1e12, 1e12, allow_subnormal=False),
    st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=5),
)  # fmt: skip
@settings(max_examples=50, deadline=None)
def test_what_is_written_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, values: dict[int, float], base: float, series: str
) -> None:
    path = tmp_path_factory.getbasetemp() / "round.csv"
    target = ["level", ">=", "20", "", 2025, 2020, 2019, repr(base), "", ""]
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(COLUMNS_IN)
        writer.writerows([series, *target, year, repr(value)] for year, value in values.items())
    targets, wide = read_series(path)
    assert wide.iloc[0].to_dict() == values
    assert targets["baseline_value"].iloc[0] == base
    rows = run(path, as_of=dt.date(2031, 1, 1).isoformat())
    latest = max(values)
    assert int(rows[0]["latest_year"]) == latest
    assert float(rows[0]["latest_value"]) == pytest.approx(values[latest], rel=1e-14)
