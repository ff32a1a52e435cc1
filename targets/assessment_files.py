"""The file of `manage.py assess`: one observation per row in, one verdict per series out.

Pure: text in and out, frames in between, no database. Every mistake of a file is reported with its
line and field, all in one go. Rows of one series may stand anywhere in the file; the target's
columns must say the same on each. Other columns are passed over.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from django.utils.translation import gettext as _

from targets.assessment import (
    KINDS,
    NUMBER_COLUMNS,
    OPERATORS,
    PACE_METHODS,
    TARGET_COLUMNS,
    reason_values,
)
from targets.catalogue.reading import Place, Problems, decode, header_fits, split_csv

COLUMNS_IN = (
    "series", "kind", "operator", "threshold", "threshold_max", "due_year", "document_year",
    "baseline_year", "baseline_value", "interval_years", "method", "year", "value",
)  # fmt: skip
COLUMNS_OUT = (
    "series", "status", "pace", "attained", "expected", "required_value", "latest_year",
    "latest_value", "projected_value", "projected_year", "reason",
)  # fmt: skip
_TARGET_CELLS = COLUMNS_IN[1:11]
_YEARS = range(1900, 2201)
_LIMIT = 1e100  # as the engine has it


class AssessFileError(ValueError):
    """A file that cannot be assessed; `problems` lists every mistake."""

    def __init__(self, problems: Problems) -> None:
        self.problems = problems
        super().__init__("\n".join(problems.lines()))


class _Row(NamedTuple):
    place: Place
    cells: dict[str, str]


_Target = tuple[str, str, str, *tuple[float, ...]]


@dataclass
class _Found:
    """What was read so far: each series' target in file order, and its values by year."""

    targets: dict[str, _Target] = field(default_factory=dict)
    raw: dict[str, tuple[str, ...]] = field(default_factory=dict)
    values: dict[str, dict[int, float]] = field(default_factory=dict)


def read_series(path: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Targets and wide values of a file, as `assess` wants them, indexed by series.

    Raises AssessFileError with every mistake, OSError where the file cannot be read.
    """
    problems = Problems()
    found = _Found()
    for row in _rows(path, problems):
        _read_row(row, found, problems)
    if not found.targets and not problems:
        problems.add(Place(path.name, 1), "", _("không có dòng số liệu nào"))
    if problems:
        raise AssessFileError(problems)
    index = pd.Index(list(found.targets), name="series", dtype=object)
    targets = pd.DataFrame(list(found.targets.values()), index=index, columns=list(TARGET_COLUMNS))
    targets[list(NUMBER_COLUMNS)] = targets[list(NUMBER_COLUMNS)].astype(np.float64)
    return targets, _wide(found, index)


def write_verdicts(result: pd.DataFrame) -> str:
    """The verdicts as CSV, in the order of the series; a number that does not exist is blank."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS_OUT)
    numbers = [[_written(number) for number in result[name].tolist()] for name in COLUMNS_OUT[2:10]]
    names, statuses = result.index.tolist(), result["status"].tolist()
    writer.writerows(zip(names, statuses, *numbers, reason_texts(result), strict=True))
    return out.getvalue()


def reason_texts(result: pd.DataFrame) -> Iterator[str]:
    """Each row's reason as a code and `key=value` pairs, and why a pace or projection is blank.

    For example `behind_path: required_value=17 latest_value=13.2 latest_year=2024 threshold=20
    due_year=2025; projection: too_few_values`.
    """
    codes, projections = (
        result[name].astype(object).tolist() for name in ("reason_code", "projection_reason")
    )
    for code, projection, values in zip(codes, projections, reason_values(result), strict=True):
        remark = values.pop("pace_reason", "")
        pairs = " ".join(f"{key}={_written(number)}" for key, number in values.items())
        parts = [f"{code}: {pairs}" if pairs else code]
        if remark:
            parts.append(f"pace: {remark}")
        if projection:
            parts.append(f"projection: {projection}")
        yield "; ".join(parts)


def _written(number: float | int | str) -> str:
    """Up to 15 significant digits: every decimal comes back as it was, 0.1 + 0.2 as 0.3."""
    if isinstance(number, float):
        return "" if math.isnan(number) else f"{number + 0.0:.15g}"
    return str(number)


def _rows(path: Path, problems: Problems) -> Iterator[_Row]:
    text = decode(path, path.name, problems)
    lines = split_csv(text or "", path.name, problems)
    place, header = next(lines, (Place(path.name, 1), []))
    known = {*COLUMNS_IN, *header}
    if text is not None and header_fits(header, known, COLUMNS_IN, place, problems):
        for place, cells in lines:
            yield _Row(place, dict(zip(header, cells, strict=True)))


def _read_row(row: _Row, found: _Found, problems: Problems) -> None:
    series = row.cells["series"]
    if not series:
        problems.add(row.place, "series", _("thiếu giá trị này"))
        return
    raw = tuple(row.cells[name] for name in _TARGET_CELLS)
    if series not in found.raw:
        found.raw[series] = raw
        found.targets[series] = _read_target(row, problems)
    elif raw != found.raw[series]:
        _compare(row, found.targets[series], problems)
    values = found.values.setdefault(series, {})
    year = _year(row, "year", problems)
    value = _number(row, "value", problems)
    if math.isnan(value):
        return
    if math.isnan(year):
        if not row.cells["year"]:
            problems.add(row.place, "year", _("có số liệu mà thiếu năm"))
    elif int(year) in values:
        problems.add(
            row.place,
            "year",
            _("chuỗi %(series)s đã có số liệu năm %(year)d")
            % {"series": series, "year": int(year)},
        )
    else:
        values[int(year)] = value


def _read_target(row: _Row, problems: Problems) -> _Target:
    """The target's cells in the order of TARGET_COLUMNS."""
    cells = row.cells
    kind = _word(row, "kind", KINDS, problems)
    operators = _operators_of(kind, cells["threshold"])
    operator = _word(row, "operator", operators, problems, blank=kind == "milestone")
    method = _word(row, "method", PACE_METHODS, problems, blank=True)
    threshold = _number(row, "threshold", problems)
    highest = _number(row, "threshold_max", problems)
    if kind == "milestone":
        if threshold != 100 and cells["threshold"]:
            problems.add(row.place, "threshold", _("mốc hoàn thành: để trống hoặc ghi 100"))
    elif not cells["threshold"]:
        problems.add(row.place, "threshold", _("thiếu giá trị này"))
    if operator == "range" and highest < threshold:
        problems.add(row.place, "threshold_max", _("cận trên nhỏ hơn cận dưới"))
    interval = _number(row, "interval_years", problems)
    if not math.isnan(interval) and (interval < 1 or interval != int(interval)):
        problems.add(row.place, "interval_years", _("cần số năm nguyên từ 1, ghi «%s»") % interval)
    return (
        kind,
        operator,
        method or "linear",
        threshold,
        highest,
        _year(row, "due_year", problems),
        _year(row, "document_year", problems),
        _year(row, "baseline_year", problems),
        _number(row, "baseline_value", problems),
        interval,
        math.nan,  # unmeasurable_from: not in the file
    )


def _operators_of(kind: str, threshold: str) -> tuple[str, ...]:
    if kind == "rank":
        return ("<=", "<")
    if kind == "milestone":
        return (">=",)
    if kind == "relative" and threshold.startswith("-"):
        return (">=", ">", "<=", "<")
    return OPERATORS[:-1]


def _compare(row: _Row, target: _Target, problems: Problems) -> None:
    """The same numbers written in another way are the same; anything else is a contradiction."""
    again = Problems()
    said = _read_target(row, again)
    problems.found += again.found
    for name, first, now in zip(TARGET_COLUMNS, target, said, strict=True):
        if now != first and not (now != now and first != first):  # noqa: PLR0124 - both NaN
            column = "method" if name == "pace_method" else name
            problems.add(
                row.place, column, _("khác với dòng đầu của chuỗi %s") % row.cells["series"]
            )


def _word(
    row: _Row, name: str, allowed: tuple[str, ...], problems: Problems, *, blank: bool = False
) -> str:
    word = row.cells[name]
    if word not in allowed and not (blank and not word):
        problems.add(
            row.place,
            name,
            _("«%(got)s» không hợp lệ, cần một trong: %(expected)s")
            % {"got": word, "expected": ", ".join(allowed)},
        )
    return word


def _number(row: _Row, name: str, problems: Problems) -> float:
    """A number with a decimal point, NaN for a blank."""
    text = row.cells[name]
    if not text:
        return math.nan
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if "_" in text or not abs(number) <= _LIMIT:
        problems.add(
            row.place, name, _("«%s» không phải là số; viết với dấu chấm thập phân: 13.2") % text
        )
        return math.nan
    return number


def _year(row: _Row, name: str, problems: Problems) -> float:
    """A whole year, NaN for a blank; "2025.0" is 2025, as spreadsheets write it."""
    text = row.cells[name]
    if not text:
        return math.nan
    year = _number(row, name, Problems())
    if math.isnan(year) or year != int(year) or int(year) not in _YEARS:
        problems.add(
            row.place,
            name,
            _("«%(got)s» không phải là năm; cần số nguyên từ %(first)d đến %(last)d")
            % {"got": text, "first": _YEARS[0], "last": _YEARS[-1]},
        )
        return math.nan
    return year


def _wide(found: _Found, index: pd.Index) -> pd.DataFrame:
    years = sorted({year for values in found.values.values() for year in values})
    column = {year: position for position, year in enumerate(years)}
    cells = np.full((len(index), len(years)), np.nan)
    for row, values in enumerate(found.values.values()):
        for year, value in values.items():
            cells[row, column[year]] = value
    return pd.DataFrame(cells, index=index, columns=pd.Index(years, dtype=np.int64))
