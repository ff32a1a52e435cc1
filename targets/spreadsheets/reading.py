"""The door: bytes in, a Spreadsheet or a refusal out, whatever the bytes are."""

from __future__ import annotations

import datetime as dt
import json
import signal
from tempfile import TemporaryFile
from typing import Any

import structlog

from targets.child_process import Cost, run_child
from targets.spreadsheets import limits
from targets.spreadsheets.model import RefusedError, Sheet, Spreadsheet, Value

log = structlog.get_logger(__name__)

_CHILD = "targets.spreadsheets.child"


def read_spreadsheet(content: bytes, extension: str) -> tuple[Spreadsheet, Cost]:
    """Read a file in a process of its own; `extension` without the dot, small letters.

    Raises RefusedError, also where the child ran out of memory or time: then only the child ends.
    """
    if len(content) > limits.MAX_BYTES:
        raise RefusedError("size", megabytes=limits.MAX_BYTES // 1024**2)
    answer, cost = _ask_child(content, extension)
    log.info("spreadsheet_read", extension=extension, size=len(content), **_as_names(cost))
    refused = answer.get("refused")
    if refused is not None:
        raise RefusedError(refused, **answer["names"])
    return _spreadsheet(answer), cost


def _ask_child(content: bytes, extension: str) -> tuple[dict[str, Any], Cost]:
    with TemporaryFile() as question, TemporaryFile() as answer:
        question.write(content)
        question.seek(0)
        code, cost = run_child(
            _CHILD, [extension], question=question, answer=answer, wall_seconds=limits.WALL_SECONDS
        )
        if code == 0:
            answer.seek(0)
            said = json.load(answer)
            return said, Cost(cost.cpu_seconds, said["peak_kib"])
    log.warning("spreadsheet_child_ended", code=code, **_as_names(cost))
    slow = -code in {signal.SIGXCPU, signal.SIGKILL}
    return {"refused": "time" if slow else "memory", "names": {}}, cost


def _as_names(cost: Cost) -> dict[str, float | int]:
    return {"cpu_seconds": round(cost.cpu_seconds, 3), "peak_kib": cost.peak_kib}


def _spreadsheet(answer: dict[str, Any]) -> Spreadsheet:
    sheets = [
        Sheet(
            name=sheet["name"],
            hidden=sheet["hidden"],
            rows=[(number, [_value(cell) for cell in row]) for number, row in sheet["rows"]],
            percent=frozenset((row, column) for row, column in sheet["percent"]),
            merged=tuple((a, b, c, d) for a, b, c, d in sheet["merged"]),
        )
        for sheet in answer["sheets"]
    ]
    return Spreadsheet(answer["kind"], answer["encoding"], sheets, answer["properties"])


def _value(cell: Any) -> Value:
    if not isinstance(cell, dict):
        plain: Value = cell
        return plain
    ((kind, text),) = cell.items()
    if kind == "datetime":
        return dt.datetime.fromisoformat(text)
    if kind == "date":
        return dt.date.fromisoformat(text)
    return dt.time.fromisoformat(text) if kind == "time" else dt.timedelta(seconds=float(text))
