"""SDMX-JSON data messages, 1.0 (SDMX 2.1) and 2.0 (SDMX 3.0), as rows of text.

Read here and not by `sdmx1`: its reader knows only the form that came before 1.0 was final, with
everything at the top, and puts the attributes of the data set where those of a series belong.
Three places differ: structure at the top, `data.structure` (1.0), `data.structures` (2.0).
https://github.com/sdmx-twg/sdmx-json, field guide to data messages.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from targets.sources.adapters.sdmx_messages import VALUE, Message, Observation, UnreadError

_LEVELS = ("dataSet", "dimensionGroup", "series", "observation")


class _Number(str):
    """A number with the digits that the source wrote; as an index it is one."""

    __slots__ = ()


def read_json(content: bytes) -> Message:
    """The message of a file. Raises UnreadError."""
    try:
        tree = json.loads(
            content, parse_float=_Number, parse_int=_Number, parse_constant=lambda _name: None
        )
    except RecursionError:
        raise UnreadError("unreadable", reason="nested too deep") from None
    except ValueError as error:
        raise UnreadError("unreadable", reason="json", message=str(error)[:200]) from None
    try:
        return _message(tree)
    except (KeyError, IndexError, TypeError, AttributeError, ValueError) as error:
        message = f"{type(error).__name__}: {error}"[:200]
        raise UnreadError("unreadable", reason="sdmx", message=message) from None


def _message(tree: Any) -> Message:
    if not isinstance(tree, dict):
        raise UnreadError("unreadable", reason="not sdmx")
    if tree.get("errors"):
        raise UnreadError("source-error", message="; ".join(map(_said, tree["errors"][:5])))
    data = tree.get("data") or tree
    if not isinstance(data, dict) or "dataSets" not in data:
        raise UnreadError("unreadable", reason="not sdmx", found=[str(name) for name in tree][:20])
    structures = data.get("structures") or [data.get("structure") or tree.get("structure")]
    read = [_Structure(structure) for structure in structures]
    header = tree.get("meta") or tree.get("header") or {}
    observations = (
        observation
        for data_set in data["dataSets"] or []
        if str(data_set.get("action", "")).lower() != "delete"
        for observation in read[int(data_set.get("structure") or 0)].read(data_set)
    )
    return Message(observations, str(header.get("prepared") or ""))


def _said(error: Any) -> str:
    if not isinstance(error, dict):
        return str(error)[:300]
    parts = [error.get(name) for name in ("code", "title", "message", "detail")]
    return ": ".join(_text(part) for part in parts if part)[:300]


class _Component(NamedTuple):
    """A dimension, measure or attribute: its id, and its values where they are pointed at."""

    id: str
    values: Sequence[Any]
    default: str

    def at(self, written: Any) -> str:
        """What an index or a value of it means; "" for none."""
        if isinstance(written, list):
            return "; ".join(text for text in map(self.at, written) if text)
        if written is None:
            return self.default
        if self.values and isinstance(written, _Number):
            if written.startswith("-"):
                raise IndexError(written)
            return _text(self.values[int(written)])
        return _text(written)


class _Structure:
    """What the positions in the data sets of one structure mean."""

    def __init__(self, structure: Mapping[str, Any]) -> None:
        self.dimensions = _levels(structure["dimensions"])
        self.attributes = _levels(structure.get("attributes"))
        measures = _levels(structure.get("measures"))["observation"]
        if len(measures) <= 1:
            values = measures[0].values if measures else ()
            measures = [_Component(VALUE, values, "")]
        self.measures = measures
        placed = [
            (int(component.get("keyPosition", place)), component["id"])
            for level in _LEVELS
            for place, component in enumerate(structure["dimensions"].get(level) or [])
        ]
        self.order = [name for _place, name in sorted(placed)]
        self.by_id = {one.id: one for level in self.dimensions.values() for one in level}

    def read(self, data_set: Mapping[str, Any]) -> Iterator[Observation]:
        """The observations of a data set, with all that is said of the levels above them."""
        same = {one.id: one.at(_Number(0)) for one in self.dimensions["dataSet"]}
        about = self._attributes("dataSet", data_set.get("attributes"))
        groups = [
            (self._partial(key), self._attributes("dimensionGroup", written))
            for key, written in (data_set.get("dimensionGroupAttributes") or {}).items()
        ]
        parts: list[tuple[dict[str, str], Any]] = (
            [({}, data_set)] if data_set.get("observations") else []
        )
        parts += [
            (self._key("series", key), part) for key, part in (data_set.get("series") or {}).items()
        ]
        for series, part in parts:
            of_series = self._attributes(
                "series", None if part is data_set else part.get("attributes")
            )
            for key, found in (part.get("observations") or {}).items():
                written = found or [None]
                place = same | series | self._key("observation", key)
                values = {
                    one.id: one.at(value)
                    for one, value in zip(self.measures, written, strict=False)
                }
                extra = dict(about)
                for partial, attributes in groups:
                    if partial.items() <= place.items():
                        extra |= {name: text for name, text in attributes.items() if text}
                own = self._attributes("observation", written[len(self.measures) :])
                yield Observation(place, values, extra | of_series | own)

    def _key(self, level: str, key: str) -> dict[str, str]:
        components = self.dimensions[level]
        indices = key.split(":") if key else []
        if len(indices) != len(components):
            raise ValueError(f"{key!r}: {len(components)}")
        return {
            one.id: one.at(_Number(index)) for one, index in zip(components, indices, strict=True)
        }

    def _partial(self, key: str) -> dict[str, str]:
        return {
            name: self.by_id[name].at(_Number(index))
            for name, index in zip(self.order, key.split(":"), strict=False)
            if index
        }

    def _attributes(self, level: str, written: Sequence[Any] | None) -> dict[str, str]:
        # Left out from the end is what has no value, or its default; annotations come behind.
        components = self.attributes[level]
        there = list(written or [])[: len(components)]
        there += [None] * (len(components) - len(there))
        return {one.id: one.at(value) for one, value in zip(components, there, strict=True)}


def _levels(part: Mapping[str, Any] | None) -> dict[str, list[_Component]]:
    return {
        level: [
            _Component(one["id"], one.get("values") or (), _text(one.get("default")))
            for one in (part or {}).get(level) or []
        ]
        for level in _LEVELS
    }


def _text(value: Any) -> str:
    """A value as text: a code by its id, a text by itself or in Vietnamese or English."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case {"id": found} | {"value": found} | {"vi": found} | {"en": found} | {"name": found}:
            return _text(found)
        case {"values": list(found)}:
            return "; ".join(map(_text, found))
        case dict():
            return _text(next(iter(value.values()), None))
    return str(value)
