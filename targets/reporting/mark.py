"""The mark in a template: which report it was made for, and what every cell held at that moment.

Signed, so that it says what this system wrote or nothing at all. With it an upload can tell what
the person changed in the file from what somebody else changed in the report meanwhile.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.core import signing

from targets.reporting.entering import Held, Typed

_SALT = "targets.reporting.workbook"
#: Begins the text, wherever in the file it is kept.
PREFIX = "thuocdo:"
#: A cell of a spreadsheet holds no more signs.
PIECE = 32_000


@dataclass(frozen=True, slots=True)
class Mark:
    """`seen`: of each cell by its key in the file, the version and a digest of what it held."""

    report: int
    edition: int
    seen: Mapping[str, tuple[int, str]]


class ForgedMarkError(Exception):
    """The mark was not written by this system, or was changed."""


def digest(typed: Typed) -> str:
    """A few letters that tell two contents of a cell apart."""
    held = [
        *(None if n is None else f"{n.normalize():f}" for n in (typed.value, typed.numerator)),
        None if typed.denominator is None else f"{typed.denominator.normalize():f}",
        typed.unavailable,
        typed.note,
    ]
    return hashlib.sha256(json.dumps(held).encode()).hexdigest()[:12]


def sign(report: int, edition: int, cells: Mapping[str, Held]) -> list[str]:
    """The mark as pieces of text that fit a cell each."""
    seen = {key: [held.version, digest(held.typed)] for key, held in cells.items()}
    text = PREFIX + signing.dumps([report, edition, seen], salt=_SALT, compress=True)
    return [text[place : place + PIECE] for place in range(0, len(text), PIECE)]


def read_mark(pieces: Iterable[str]) -> Mark:
    """The other way round; raises ForgedMarkError."""
    text = "".join(pieces).removeprefix(PREFIX)
    try:
        report, edition, seen = signing.loads(text, salt=_SALT)
    except (signing.BadSignature, ValueError):
        raise ForgedMarkError from None
    return Mark(report, edition, {key: (version, kept) for key, (version, kept) in seen.items()})
