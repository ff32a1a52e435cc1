"""A report of 5,000 values and a file with all of them: for the tests and for the benchmark."""

from __future__ import annotations

from typing import Any

from targets.models import Indicator, Pillar, Report, ReportItem, Series, Unit
from tests.factory import make

ROWS = 5_000


def owe_much(report: Report, unit: Unit) -> None:
    """Have a report owe ROWS values."""
    pillar = make(Pillar)
    indicators = Indicator.objects.bulk_create(
        Indicator(
            code=f"chi-tieu-{number}",
            name_vi=f"Tỷ lệ hồ sơ công việc được xử lý trên môi trường mạng, nhóm {number}",
            name_en=f"Share of work files handled online, group {number}",
            pillar=pillar,
            unit=unit,
            direction="up",
            levels=["ministry"],
            definition_vi="định nghĩa",
            definition_en="definition",
        )
        for number in range(ROWS)
    )
    series = Series.objects.bulk_create(
        Series(indicator=one, code="bao-cao", publisher_vi="a", publisher_en="a", official=True)
        for one in indicators
    )
    ReportItem.objects.bulk_create(
        ReportItem(
            report=report,
            position=place,
            indicator=one,
            series=run,
            subject=report.organisation,
        )
        for place, (one, run) in enumerate(zip(indicators, series, strict=True))
    )


def table() -> list[list[Any]]:
    """All rows with a number as people type it, by name, with columns around it."""
    head = ["STT", "Chỉ tiêu", "Đơn vị", "2023", "2024", "Giá trị", "Ghi chú"]
    rows = [
        [
            number + 1,
            f"Tỷ lệ hồ sơ công việc được xử lý trên môi trường mạng, nhóm {number}",
            "%",
            10.5,
            20.25,
            f"{number % 100},{number % 10}",
            "số liệu của Sở",
        ]
        for number in range(ROWS)
    ]
    return [head, *rows]
