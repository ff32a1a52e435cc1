"""A question to the stand-in and its answer, apart from how they travel."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dashboard.demo.standin.state import State

JSON = "application/json; charset=utf-8"


@dataclass(frozen=True)
class Asked:
    """A request: the path decoded and without its prefixes, header names in lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    state: State
    under_way: bool = False  # the source changes between its pages (fault `pages-change`)


@dataclass
class Answer:
    """What is said; `cacheable` answers get an ETag and a Last-Modified."""

    body: bytes
    content_type: str = JSON
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cacheable: bool = True


#: What answers a path, or None where it is not one of its own.
Speaks = Callable[[Asked], Answer | None]


def as_json(
    content: Any, *, status: int = 200, cacheable: bool = True, content_type: str = JSON
) -> Answer:
    """JSON in UTF-8 without escapes, as all of these services send it."""
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    return Answer(body, content_type, status=status, cacheable=cacheable and status == 200)
