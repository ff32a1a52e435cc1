"""Files at an address: CSV of the United Nations and of UNDP, a ministry's workbook.

- `/egovkb/EGOV_DATA_2022.csv` and `..._2024.csv`: one survey a file, `/egovkb/EGOV_DATA.csv` all of
  them; not sorted, most names end with a blank, and the year's header is another one since 2024.
- `/hdr/HDR23-24_Composite_indices_complete_time_series.csv`: one line a country, one column a
  measure and year, in latin-1.
- `/bo-khcn/vien-thong.xlsx`: a title over a header of two rows, in which cells are merged.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any

from dashboard.demo.standin.messages import Answer, Asked
from dashboard.demo.standin.state import State

_CSV = "text/csv"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

_EGOV = {
    "E-Government Rank": "egdi-rank-world/un-desa",
    "E-Government Index": "egdi-score/un-desa",
    "E-Participation Index": "epi-score/un-desa",
    "Online Service Index": "egdi-osi/un-desa",
    "Human Capital Index": "egdi-hci/un-desa",
    "Telecommunication Infrastructure Index": "egdi-tii/un-desa",
}
_SURVEYS = ("2014", "2016", "2018", "2020", "2022", "2024")
# Names as the United Nations write them. Only Việt Nam has its own figures.
_BEFORE = ("Iraq ", "Lao People's Democratic Republic ", "Libya", "Afghanistan", "Côte d'Ivoire ")
_AFTER = ("Sweden ", "Thailand ", "Türkiye", "Georgia (Country)", "Slovakia ")
_INVENTED_RANK, _INVENTED_INDEX = "100", "0.50000"

_HDR_YEARS = [str(year) for year in range(1990, 2023)]
_HDR = {"hdi": "hdi/undp"}
_HDR_OTHER = ("le", "eys", "mys", "gnipc")  # measures that no series of ours has
_HDR_RANK = "hdi-rank/undp"

_SHEET = "Tổng hợp"
_GROUPS = (
    (
        "Doanh nghiệp công nghệ số",
        (("Số doanh nghiệp", "digital-enterprises/mic-most"),),
    ),
    (
        "Băng rộng",
        (
            ("Hộ có cáp quang (%)", "fibre-subscribed-households/mic-most"),
            ("Thuê bao điện thoại thông minh (triệu)", "smartphone-subscriptions/mic-most"),
        ),
    ),
)


def speak(asked: Asked) -> Answer | None:
    """The file at this path."""
    state = asked.state
    write = _FILES.get(asked.path) if asked.method == "GET" else None
    content_type = _XLSX if asked.path.endswith(".xlsx") else _CSV
    return Answer(write(state), content_type) if write else None


def _egov(state: State, surveys: Iterable[str], *, year: str = "Survey Year") -> bytes:
    header = [state.name(year), state.name("Country Name"), *map(state.name, _EGOV)]
    rows: list[list[str]] = []
    for survey in surveys:
        if survey in state.dropped:
            continue
        figures = [state.figures(series).get(survey) or "" for series in _EGOV.values()]
        rows += [[survey, name, *_invented()] for name in _BEFORE]
        rows.append([survey, "Viet Nam ", *figures])
        rows += [[survey, name, *_invented()] for name in _AFTER]
    return _csv([header, *rows], "utf-8")


def _invented() -> list[str]:
    return [_INVENTED_RANK, *[_INVENTED_INDEX] * (len(_EGOV) - 1)]


def _hdr(state: State) -> bytes:
    years = [year for year in _HDR_YEARS if year not in state.dropped]
    measures = [*_HDR, *_HDR_OTHER]
    header = ["iso3", "country", "hdicode", "region", "hdi_rank_2022"]
    header += [f"{measure}_{year}" for measure in measures for year in years]
    hdi = state.figures(_HDR["hdi"])
    rows = [
        ["CIV", "Côte d'Ivoire", "Medium", "SSA", "166", *["0.5"] * len(years)],
        ["TUR", "Türkiye", "Very High", "ECA", "45", *["0.8"] * len(years)],
        [
            "VNM",
            "Viet Nam",
            "High",
            "EAP",
            state.figures(_HDR_RANK).get("2022") or "",
            *[hdi.get(year) or "" for year in years],
        ],
    ]
    blank = [""] * (len(_HDR_OTHER) * len(years))
    return _csv([[state.name(name) for name in header], *[row + blank for row in rows]], "latin-1")


def _csv(rows: Sequence[Sequence[str]], encoding: str) -> bytes:
    """As these publishers write it: quotes only around a name with a blank at its end."""
    text = io.StringIO()
    for row in rows:
        shown = [f'"{cell}"' if cell.endswith(" ") else _quoted(cell) for cell in row]
        text.write(",".join(shown) + "\r\n")
    return text.getvalue().encode(encoding)


def _quoted(cell: str) -> str:
    one = io.StringIO()
    csv.writer(one, lineterminator="").writerow([cell])
    return one.getvalue() if cell else ""


def _cells(state: State) -> tuple[tuple[Any, ...], ...]:
    """The workbook: names of the groups, names of the columns, rows; hashable for the cache."""
    series = [one for _, columns in _GROUPS for _, one in columns]
    periods = sorted({period for one in series for period in state.figures(one)})
    rows = [
        (
            number,
            _month(period),
            *(state.figures(one).get(period) for one in series),
        )
        for number, period in enumerate(periods, 1)
    ]
    groups = tuple((state.name(name), len(columns)) for name, columns in _GROUPS)
    columns = tuple(state.name(name) for _, names in _GROUPS for name, _ in names)
    return groups, columns, tuple(rows)


def _month(period: str) -> str:
    """`2023-08` as a ministry writes it: `8/2023`; a year stays."""
    year, _, month = period.partition("-")
    return f"{int(month)}/{year}" if month else year


@cache
def _workbook(cells: tuple[tuple[Any, ...], ...]) -> bytes:
    import xlsxwriter

    groups, columns, rows = cells
    stored = io.BytesIO()
    book = xlsxwriter.Workbook(stored, {"in_memory": True})
    book.set_properties({"created": dt.datetime(2026, 11, 1, tzinfo=dt.UTC)})
    sheet = book.add_worksheet(_SHEET)
    bold = book.add_format({"bold": True, "align": "center", "valign": "vcenter"})
    last = 1 + len(columns)
    sheet.merge_range(0, 0, 0, last, "SỐ LIỆU VIỄN THÔNG (máy chủ mô phỏng)", bold)
    sheet.merge_range(2, 0, 3, 0, "STT", bold)
    sheet.merge_range(2, 1, 3, 1, "Kỳ số liệu", bold)
    at = 2
    for name, width in groups:
        if width > 1:
            sheet.merge_range(2, at, 2, at + width - 1, name, bold)
        else:
            sheet.write(2, at, name, bold)
        at += width
    for place, name in enumerate(columns, 2):
        sheet.write(3, place, name, bold)
    for down, (number, period, *values) in enumerate(rows, 4):
        sheet.write_number(down, 0, number)
        sheet.write_string(down, 1, period)
        for place, value in enumerate(values, 2):
            if value is not None:
                sheet.write_number(down, place, float(value))
    book.close()
    return stored.getvalue()


_FILES: dict[str, Callable[[State], bytes]] = {
    "/egovkb/EGOV_DATA.csv": lambda state: _egov(state, _SURVEYS),
    "/egovkb/EGOV_DATA_2022.csv": lambda state: _egov(state, ("2022",)),
    "/egovkb/EGOV_DATA_2024.csv": lambda state: _egov(state, ("2024",), year="Year"),
    "/hdr/HDR23-24_Composite_indices_complete_time_series.csv": _hdr,
    "/bo-khcn/vien-thong.xlsx": lambda state: _workbook(_cells(state)),
}
