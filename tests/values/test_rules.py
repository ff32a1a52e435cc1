"""Every rule for values: what breaks it is named at its line and field, in plain words."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command

from targets.models import Observation, Source
from targets.values import checking
from tests.values.conftest import Complain, Load, line

NUMBER = "cần một số, dấu thập phân là dấu chấm, ví dụ 98.5"

MISTAKES = [
    ({"indicator": "shares"}, "indicator: không có chỉ tiêu «shares»"),
    ({"indicator": ""}, "indicator: không có chỉ tiêu «»"),
    ({"series": "moh"}, "series: chỉ tiêu này không có chuỗi số liệu «moh»"),
    ({"organisation": "VNM"}, "organisation: không có cơ quan «VNM»"),
    ({"period": "2024-13"},
     "period: «2024-13»: cần kỳ dạng 2024, 2024-H1, 2024-Q3 hoặc 2024-07"),
    ({"organisation": "BTTTT", "period": "2025-03"},
     "organisation: cơ quan «BTTTT» không tồn tại trong kỳ này"),
    ({"organisation": "BTTTT", "period": "2006"},
     "organisation: cơ quan «BTTTT» không tồn tại trong kỳ này"),
    ({"value": '"1.234,5"'}, f"value: «1.234,5»: {NUMBER}"),
    ({"value": '"98,5%"'}, f"value: «98,5%»: {NUMBER}"),
    ({"value": "98.5%"}, f"value: «98.5%»: {NUMBER}"),
    ({"value": "1e5"}, f"value: «1e5»: {NUMBER}"),
    ({"value": "NaN"}, f"value: «NaN»: {NUMBER}"),
    ({"value": "Infinity"}, f"value: «Infinity»: {NUMBER}"),
    ({"value": "1_000"}, f"value: «1_000»: {NUMBER}"),
    ({"value": "0x1F"}, f"value: «0x1F»: {NUMBER}"),
    ({"value": ".5"}, f"value: «.5»: {NUMBER}"),
    ({"value": "5."}, f"value: «5.»: {NUMBER}"),
    ({"value": "+5"}, f"value: «+5»: {NUMBER}"),
    ({"value": "1 000"}, f"value: «1 000»: {NUMBER}"),
    ({"value": "1" * 41}, f"value: «{'1' * 41}»: {NUMBER}"),
    ({"value": "1" * 17}, f"value: «{'1' * 17}»: số quá lớn, nhiều nhất 16 chữ số trước dấu chấm"),
    ({"value": ""}, "value: cần giá trị, hoặc cả tử số và mẫu số"),
    ({"numerator": "1"}, "value: cần giá trị, hoặc cả tử số và mẫu số"),
    ({"value": "5", "denominator": "8"}, "value: cần giá trị, hoặc cả tử số và mẫu số"),
    ({"numerator": "x", "denominator": "8"}, f"numerator: «x»: {NUMBER}"),
    ({"numerator": "1", "denominator": "0"}, "denominator: «0»: mẫu số phải lớn hơn 0"),
    ({"numerator": "1", "denominator": "-8"}, "denominator: «-8»: mẫu số phải lớn hơn 0"),
    ({"numerator": "0.00001", "denominator": "8"},
     "numerator: «0.00001»: nhiều nhất 4 chữ số sau dấu chấm, để tỷ lệ được tính đúng"),
    ({"numerator": "1" * 15, "denominator": "0.0001"},
     f"numerator: «{'1' * 15}»: tử số chia mẫu số ra một số quá lớn"),
    ({"numerator": "1", "denominator": "3", "value": "33.3"},
     "value: «33.3» không bằng tử số chia mẫu số; có thể để trống ô giá trị"),
    ({"numerator": "1", "denominator": "3", "value": "33.33333335"},
     "value: «33.33333335» không bằng tử số chia mẫu số; có thể để trống ô giá trị"),
    ({"published_on": "6/1/2025"}, "published_on: «6/1/2025»: cần một ngày dạng 2025-03-01"),
    ({"published_on": "2025-02-29"}, "published_on: «2025-02-29»: cần một ngày dạng 2025-03-01"),
    ({"published_on": "20250106"}, "published_on: «20250106»: cần một ngày dạng 2025-03-01"),
    ({"derived": "có"}, "derived: «có»: cần yes hoặc no"),
    ({"synthetic": "1"}, "synthetic: «1»: cần yes hoặc no"),
    ({"source_title": ""}, "source_title: nêu nguồn của số liệu"),
    ({"unit": "rank"}, "unit: đơn vị «rank» khác đơn vị của chỉ tiêu"),
]  # fmt: skip


@pytest.mark.parametrize(("cells", "said"), MISTAKES, ids=[said[:40] for _cells, said in MISTAKES])
def test_a_mistake_is_named_at_its_line(
    complain: Complain, cells: dict[str, str], said: str
) -> None:
    before = line(period="2020", caveat_vi='"one\ntwo"')
    assert complain(before, line(**cells), line(period="2021")) == [f"values.csv:4: {said}"]
    assert not Observation.objects.exists()
    assert not Source.objects.exists()


@pytest.mark.parametrize(
    "cells",
    [
        {"value": "0"},
        {"value": "-0.5"},
        {"value": "9" * 15},
        {"value": "33.3333333333333333"},
        {"numerator": "0", "denominator": "8"},
        {"numerator": "1", "denominator": "3", "value": "33.33333333"},
        {"numerator": "1", "denominator": "3", "value": "33.333333333"},
        {"numerator": "1234.5678", "denominator": "0.5"},
        {"organisation": "BTTTT", "period": "2025"},
        {"organisation": "BTTTT", "period": "2007"},
        {"unit": "percent"},
        {"published_on": "2030-01-01"},
    ],
)
def test_what_is_no_mistake(complain: Complain, cells: dict[str, str]) -> None:
    assert complain(line(**cells)) == []


def test_the_same_edition_twice_is_a_mistake(complain: Complain) -> None:
    assert complain(line(), line(period="2023"), line(value="14"), line(vintage="x")) == [
        "values.csv:4: period: dòng lặp: kỳ «2024» của chuỗi này đã có trong tệp với cùng ấn bản"
    ]


def test_editions_in_the_wrong_order_are_a_mistake(complain: Complain) -> None:
    new, old = {"vintage": "mới", "published_on": "2025-02-01"}, {"published_on": "2025-01-06"}
    assert complain(line(**new), line(**old)) == [
        "values.csv:3: published_on: «2025-01-06»: ấn bản cũ hơn phải ở dòng trên, "
        "ấn bản mới nhất ở dòng cuối"
    ]
    assert complain(line(**old), line(**new)) == []


def test_all_mistakes_of_a_file_are_told_in_the_order_of_its_lines(complain: Complain) -> None:
    assert [
        problem.split(": ")[:2]
        for problem in complain(
            line(value="x", period="24", unit="rank"),
            line(indicator="y", source_title=""),
            line(published_on="nay"),
        )
    ] == [
        ["values.csv:2", "period"],
        ["values.csv:2", "unit"],
        ["values.csv:2", "value"],
        ["values.csv:3", "indicator"],
        ["values.csv:3", "source_title"],
        ["values.csv:4", "published_on"],
    ]


def test_of_very_many_mistakes_of_one_kind_the_first_are_told_and_the_rest_counted(
    complain: Complain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking, "LISTED", 3)
    problems = complain(*[line(period=f"{year}", value="x") for year in range(1990, 2000)])
    assert [problem.split(": ")[0] for problem in problems] == [
        "values.csv:2", "values.csv:3", "values.csv:4", "values.csv:4",
    ]  # fmt: skip
    assert problems[-1] == "values.csv:4: value: … và 7 dòng sau đó có cùng lỗi này"


def test_the_command_ends_in_1_and_says_what_is_wrong(load: Load, tmp_path: object) -> None:
    with pytest.raises(CommandError) as refusal:
        call_command("load_observations", f"{tmp_path}/nowhere.csv")
    assert refusal.value.returncode == 1
    assert str(refusal.value).splitlines() == [
        f"Không có tệp {tmp_path}/nowhere.csv.",
        "1 lỗi; chưa thay đổi gì trong cơ sở dữ liệu.",
    ]
