"""What a source said, made fit to be kept as JSON: it may say anything."""

from __future__ import annotations

from typing import Any, Final

_LONGEST: Final = 500  # characters of one text
_MOST: Final = 200  # items of one list


def plain(value: Any) -> Any:
    """Texts without what PostgreSQL cannot keep and not too long, lists not too long.

    Numbers and None stay; what is none of these becomes its text.
    """
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, dict):
        return {plain(str(key)): plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(one) for one in list(value)[:_MOST]]
    if isinstance(value, float) and abs(value) < float("inf"):  # false for NaN as well
        return value
    text = str(value).replace("\0", "\N{REPLACEMENT CHARACTER}")
    text = text.encode("utf-8", "replace").decode("utf-8")  # lone surrogates
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
