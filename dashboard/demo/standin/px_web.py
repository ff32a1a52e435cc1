"""PX-Web of a statistics office, API version 1, with Vietnamese names.

GET of a folder lists it, GET of a table describes its variables, POST of a query answers with
`columns` and `data`: codes as keys, values as texts. More cells than allowed are refused with 403.
"""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dashboard.demo.standin.messages import Answer, Asked, as_json
from dashboard.demo.standin.state import State

ROOT = "/api/v1/vi"
MOST_CELLS = 100_000
_CONFIG = {"maxValues": 5000, "maxCalls": 30, "timeWindow": 10}


@dataclass(frozen=True)
class _Table:
    """One table: its columns beside the year, each with a series of ours; the national total."""

    title: str
    place: str  # what the variable of places is called; "" where the table has none
    measures: Mapping[str, str]  # label -> series
    first: int
    last: int


TABLES = {
    "Tài khoản quốc gia/V03.40.px": _Table(
        "Tỷ trọng kinh tế số trong GDP chia theo Chỉ tiêu và Năm",
        "",
        {
            "Giá trị tăng thêm của kinh tế số (%)": "digital-economy-gdp/gso",
            "Trong đó: kinh tế số lõi (%)": "digital-economy-core-gdp/gso",
        },
        2019,
        2025,
    ),
    "Dân số và lao động/V02.55.px": _Table(
        "Năng suất lao động xã hội phân theo địa phương chia theo Địa phương, Năm và Chỉ tiêu",
        "Địa phương",
        {
            "Năng suất lao động (triệu đồng/lao động)": "labour-productivity-level/gso",
            "Tốc độ tăng năng suất lao động (%)": "labour-productivity-growth/gso",
        },
        2011,
        2024,
    ),
}
# Code -> label; figures below the country are made up.
_PLACES = {"0": "CẢ NƯỚC", "1": "Hà Nội", "2": "Vĩnh Phúc"}
_INVENTED = "123.4"


def speak(asked: Asked) -> Answer | None:
    """A folder, a table's variables, or its data."""
    if not asked.path.startswith(ROOT):
        return None
    name = asked.path.removeprefix(ROOT).strip("/")
    if "config" in asked.query:
        return as_json({**_CONFIG, "maxCells": _most_cells(asked)})
    table = TABLES.get(name)
    if table is not None:
        return _ask(table, asked)
    return _folder(name) if asked.method == "GET" else _mistake(404, "Not found")


def _ask(table: _Table, asked: Asked) -> Answer:
    """A table's variables (GET), or what a query selects of it (POST)."""
    variables = _variables(table, asked.state)
    if asked.method == "GET":
        return as_json({"title": table.title, "variables": variables})
    try:
        wanted = json.loads(asked.body)
        selected = _selected(wanted["query"], variables)
        form = wanted.get("response", {}).get("format", "px")
    except (ValueError, KeyError, TypeError, AttributeError):
        return _mistake(404, "Parameter error")
    if form != "json":
        return _mistake(404, "Unsupported response format")
    if math.prod(map(len, selected.values())) > _most_cells(asked):
        return _mistake(403, "Too many values selected")
    return as_json(_data(table, variables, selected, asked.state), cacheable=False)


def _most_cells(asked: Asked) -> int:
    """How many cells one query may ask for; a key's `parameters` may say `cells`."""
    return int(asked.state.parameters.get("cells", MOST_CELLS))


def _folder(name: str) -> Answer:
    """What is below a folder: tables `t` and further folders `l`."""
    below = [path for path in TABLES if not name or path.startswith(f"{name}/")]
    if not below:
        return _mistake(404, "Not found")
    entries: dict[str, dict[str, str]] = {}
    for path in below:
        part, _, rest = path.removeprefix(name).strip("/").partition("/")
        entries[part] = (
            {"id": part, "type": "l", "text": part}
            if rest
            else {
                "id": part,
                "type": "t",
                "text": TABLES[path].title,
                "updated": "2026-01-06T09:00:00",
            }
        )
    return as_json(list(entries.values()))


def _variables(table: _Table, state: State) -> list[dict[str, Any]]:
    years = [str(year) for year in range(table.first, table.last + 1)]
    years = [year for year in years if year not in state.dropped]
    labels = {
        table.place: list(_PLACES.values()),
        "Năm": [f"Sơ bộ {year}" if year == str(table.last) else year for year in years],
        "Chỉ tiêu": [state.name(label) for label in table.measures],
    }
    return [
        {
            "code": state.name(code),
            "text": state.name(code),
            "values": [str(number) for number in range(len(texts))],
            "valueTexts": texts,
            **({"time": True} if code == "Năm" else {}),
        }
        for code, texts in labels.items()
        if code
    ]


def _selected(query: Any, variables: list[dict[str, Any]]) -> dict[str, list[str]]:
    """Variable -> codes; a variable that is not asked for is taken whole. KeyError: a mistake."""
    known = {variable["code"]: list(variable["values"]) for variable in variables}
    chosen = dict(known)
    for part in query:
        codes, filtered = known[part["code"]], part["selection"]
        match filtered["filter"]:
            case "item":
                if not set(filtered["values"]) <= set(codes):
                    raise KeyError(part["code"])
                chosen[part["code"]] = list(filtered["values"])
            case "all":
                chosen[part["code"]] = codes
            case "top":
                chosen[part["code"]] = codes[-int(filtered["values"][0]) :]
            case other:
                raise KeyError(other)
    return chosen


def _data(
    table: _Table,
    variables: list[dict[str, Any]],
    selected: Mapping[str, list[str]],
    state: State,
) -> dict[str, Any]:
    columns = [
        {
            "code": variable["code"],
            "text": variable["text"],
            "type": "t" if variable.get("time") else "d",
        }
        for variable in variables
    ]
    columns.append({"code": table.title, "text": table.title, "type": "c"})
    rows = []
    for keys in itertools.product(*(selected[variable["code"]] for variable in variables)):
        labels = [
            variable["valueTexts"][int(code)]
            for variable, code in zip(variables, keys, strict=True)
        ]
        rows.append({"key": list(keys), "values": [_value(table, labels, state)]})
    return {
        "columns": columns,
        "comments": [],
        "data": rows,
        "metadata": [
            {"updated": "2026-01-06T09:00:00Z", "label": table.title, "source": "Máy chủ mô phỏng"}
        ],
    }


def _value(table: _Table, labels: list[str], state: State) -> str:
    """The text of a cell; two dots where there is no figure."""
    place = labels[0] if table.place else _PLACES["0"]
    year, measure = labels[-2].removeprefix("Sơ bộ "), labels[-1]
    series = next(
        series for label, series in table.measures.items() if state.name(label) == measure
    )
    if place != _PLACES["0"]:
        return _INVENTED
    return state.figures(series).get(year) or ".."


def _mistake(status: int, text: str) -> Answer:
    return as_json({"error": text}, status=status)
