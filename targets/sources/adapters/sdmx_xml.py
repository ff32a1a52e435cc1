"""SDMX-ML data messages, generic and structure-specific, 2.1 and 3.0, read by `sdmx1`.

Looked through by expat first: a document type or an entity ends it before `sdmx1` and lxml see it,
and so do the publisher's own words of an error, which `sdmx1` does not read. Attributes of a whole
structure-specific data set are noted there too: `sdmx1` has no place for them in 3.0, and leaves
them out in 2.1 where it was given no definition.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.parsers import expat

import sdmx
from sdmx.message import DataMessage, StructureMessage
from sdmx.model import common

from targets.sources.adapters.sdmx_messages import VALUE, Message, Observation, UnreadError

_VERSIONS = ("/v2_1/", "/v3_0/")
_PIECE = 64 * 1024
# XML attributes of a data set that are the format's own; others with a namespace are as well.
_OF_THE_FORM = frozenset(
    [
        "action",
        "setID",
        "structureRef",
        "dataScope",
        "reportingBeginDate",
        "reportingEndDate",
        "validFromDate",
        "validToDate",
        "publicationYear",
        "publicationPeriod",
    ]
)
# What a footer says of a message that is not all that was asked for.
_CUT_SHORT = frozenset({"413", "510"})


def read_xml(data: Path, structure: Path | None) -> Message:
    """The message of a file; `structure`: a structure message with its definition.

    Without a definition the measure must be OBS_VALUE. Raises UnreadError.
    """
    about = look_through(data)
    definition = None
    if structure is not None:
        look_through(structure)
        definition = _definition(_read(structure), without=set().union(*about))
    message = _read(data, definition)
    if not isinstance(message, DataMessage):
        raise UnreadError("unreadable", reason="no data", found=[type(message).__name__])
    observations = (
        _observation(observation, attributes | _texts(getattr(data_set, "attrib", {})))
        for data_set, attributes in zip(message.data, about, strict=True)
        if data_set.action is not common.ActionType.delete
        for observation in data_set.obs
    )
    prepared = message.header.prepared if message.header else None
    return Message(observations, prepared.isoformat() if prepared else "")


def _observation(observation: Any, about: dict[str, str]) -> Observation:
    value = observation.value
    return Observation(
        key=_texts(observation.key.values),
        values={VALUE: "" if value is None else str(value)},
        attributes=about | _texts(observation.attrib),
    )


def _texts(values: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(one.value) for name, one in values.items()}


def _definition(message: Any, *, without: set[str]) -> Any:
    """The definition in a structure message, without the attributes that are read here."""
    found = getattr(message, "structure", None)
    if not isinstance(message, StructureMessage) or not found:
        raise UnreadError("unreadable", reason="no structure", found=[type(message).__name__])
    definition = next(iter(found.values()))
    attributes = definition.attributes
    attributes.components = [one for one in attributes.components if one.id not in without]
    return definition


def _read(path: Path, definition: Any = None) -> Any:
    told: dict[str, Any] = {} if definition is None else {"structure": definition}
    # It prints what it could not read.
    with path.open("rb") as stream, contextlib.redirect_stdout(io.StringIO()):
        try:
            return sdmx.read_sdmx(stream, format="XML", **told)
        except MemoryError:
            raise
        except Exception as error:
            # Of whatever kind: the message is not one that it knows.
            cause = error.__cause__ or error
            message = f"{type(cause).__name__}: {cause}"[:200]
            raise UnreadError("unreadable", reason="sdmx", message=message) from None


def look_through(path: Path) -> list[dict[str, str]]:
    """What is said of each data set as a whole, by the names of attributes.

    Raises UnreadError for what is hostile, no SDMX that can be read, or an error message.
    """
    seen = _Seen()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartDoctypeDeclHandler = _refuse
    parser.EntityDeclHandler = _refuse
    parser.StartElementHandler = seen.start
    parser.EndElementHandler = seen.end
    parser.CharacterDataHandler = seen.text
    parser.buffer_text = True
    try:
        with path.open("rb") as stream:
            while piece := stream.read(_PIECE):
                parser.Parse(piece, False)
            parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise UnreadError("unreadable", reason="xml", message=str(error)) from None
    seen.judge()
    return seen.about


def _refuse(*_details: object) -> None:
    raise UnreadError("unreadable", reason="doctype")


class _Seen:
    """What the publisher says of the message beside the data."""

    def __init__(self) -> None:
        self.depth = 0
        self.said: list[str] = []
        self.failed = False
        self.specific = False
        self.inside = 0
        self.about: list[dict[str, str]] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """The root tells what it is; messages of errors and footers are noted."""
        self.depth += 1
        space, _space, local = name.rpartition(" ")
        if self.depth == 1:
            if not any(version in space for version in _VERSIONS):
                raise UnreadError("unreadable", reason="not sdmx", found=[name[:100]])
            self.failed = local == "Error"
            self.specific = local.startswith("StructureSpecific")
        elif self.depth == 2 and local == "DataSet":
            self.about.append(
                {
                    key: text
                    for key, text in attributes.items()
                    if " " not in key and key not in _OF_THE_FORM
                }
                if self.specific
                else {}
            )
        elif self.inside == 0 and (
            local == "ErrorMessage" or (local == "Message" and space.endswith("/message/footer"))
        ):
            self.inside = self.depth
            code, severity = attributes.get("code", ""), attributes.get("severity", "")
            self.failed |= severity == "Error" or code in _CUT_SHORT
            self.said.append(code)

    def end(self, _name: str) -> None:
        """A message is over."""
        if self.depth == self.inside:
            self.inside = 0
        self.depth -= 1

    def text(self, text: str) -> None:
        """Words of a message."""
        if self.inside and text.strip() and len(self.said[-1]) < 300:
            self.said[-1] = f"{self.said[-1]}: {text.strip()[:300]}".removeprefix(": ")

    def judge(self) -> None:
        """An error, or a footer that says that something is missing, is no message to read."""
        if self.failed:
            raise UnreadError("source-error", message="; ".join(self.said[:5]) or "mes:Error")
