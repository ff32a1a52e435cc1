"""What adapters are given in tests: a function that answers their questions with bytes of files."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from targets.sources.contract import Body, Request, SourceError, Table

Answer = bytes | SourceError
Rows = list[dict[str, str | None]]


class Answers:
    """Answers as `answer` says, from files in a folder; `asked` are the questions, in order."""

    def __init__(self, folder: Path, answer: Callable[[Request], Answer]) -> None:
        self.folder = folder
        self.answer = answer
        self.asked: list[Request] = []

    def __call__(self, request: Request) -> Body:
        self.asked.append(request)
        answer = self.answer(request)
        if isinstance(answer, SourceError):
            raise answer
        return body_of(self.folder / f"{len(self.asked)}", answer, url=request.url)


def body_of(path: Path, content: bytes, *, url: str = "", charset: str = "") -> Body:
    path.write_bytes(content)
    return Body(
        path=path,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        url=url,
        content_type="application/json",
        charset=charset,
    )


def as_json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def named(tables: Iterable[Table]) -> Rows:
    """All rows of all tables by the names of their columns."""
    return [dict(zip(table.columns, row, strict=True)) for table in tables for row in table.rows]
