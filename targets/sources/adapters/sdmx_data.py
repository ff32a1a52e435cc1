"""SDMX 2.1 and 3.0: data of a dataflow, in XML or JSON.

XML is read by `sdmx1`, JSON by `sdmx_json` (which says why), both in a process apart
(`sdmx_child`) that bounds its memory and time. SDMX-CSV is a table: `targets.sources.adapters.
tables` reads it.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from targets.child_process import run_child
from targets.sources.contract import (
    Adapter,
    Body,
    Fetch,
    Options,
    Outcome,
    Request,
    SourceError,
    Table,
)

_CHILD = "targets.sources.adapters.sdmx_child"
_WALL_SECONDS = 240
_ACCEPT = {
    ("2.1", "xml"): (
        "application/vnd.sdmx.genericdata+xml;version=2.1, "
        "application/vnd.sdmx.structurespecificdata+xml;version=2.1;q=0.9, application/xml;q=0.5"
    ),
    ("2.1", "json"): (
        "application/vnd.sdmx.data+json;version=1.0.0, application/vnd.sdmx.data+json;q=0.9, "
        "application/json;q=0.5"
    ),
    ("3.0", "xml"): "application/vnd.sdmx.data+xml;version=3.0.0, application/xml;q=0.5",
    ("3.0", "json"): "application/vnd.sdmx.data+json;version=2.0.0, application/json;q=0.5",
}
_ACCEPT_STRUCTURE = {
    "2.1": "application/vnd.sdmx.structure+xml;version=2.1, application/xml;q=0.5",
    "3.0": "application/vnd.sdmx.structure+xml;version=3.0.0, application/xml;q=0.5",
}

Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_@$.\-]+$", max_length=200)]


class SdmxOptions(Options):
    """What to ask for. Without `dataflow` the source's address is complete by itself.

    With it the address is the service's (`https://api.example.org/rest`); `dataflow` is "FLOW",
    "AGENCY,FLOW" or "AGENCY,FLOW,VERSION", `key` as the service writes it (A.VN.IT_NET; all where
    empty), `parameters` those of the query (startPeriod; c[TIME_PERIOD]). `structure` asks for the
    definition too: "dataflow" for that of the dataflow, or its address; only structure-specific XML
    whose measure is not called OBS_VALUE needs it. `columns`: a component's id -> its name here.
    """

    version: Literal["2.1", "3.0"] = "2.1"
    format: Literal["xml", "json"] = "xml"
    dataflow: str = Field(
        default="", pattern=r"^([A-Za-z0-9_@$.\-]+(,[A-Za-z0-9_@$.+\-]+){0,2})?$", max_length=300
    )
    key: str = Field(default="", pattern=r"^[A-Za-z0-9_@$.+*\-]*$", max_length=2000)
    parameters: dict[str, str] = Field(default={}, max_length=20)
    structure: str = Field(default="", pattern=r"^(|dataflow|https?://\S+)$", max_length=2000)
    columns: dict[Id, str] = Field(default={}, max_length=60)

    @model_validator(mode="after")
    def _fits(self) -> SdmxOptions:
        if (self.key or self.structure == "dataflow") and not self.dataflow:
            raise PydanticCustomError("without_dataflow", "key, structure: only with dataflow")
        if self.structure and self.format == "json":
            raise PydanticCustomError("structure_of_json", "structure: only with xml")
        return self


class Sdmx(Adapter[SdmxOptions]):
    """Columns: the ids of all dimensions (TIME_PERIOD is one) and of the attributes that occur
    (OBS_STATUS, UNIT_MULT), then `value`; codes, not their labels.

    The measure is `value`: the one of the definition, OBS_VALUE where none was asked for, or the
    only one of a JSON message. Any other measure is a column by its id. The day on which the
    message was prepared is the vintage and the day of publication. An error that comes as a
    message or in a footer, and a message without observations, are the source's error.
    """

    code = "sdmx"
    options = SdmxOptions
    accepts: ClassVar[tuple[str, ...]] = (
        "application/vnd.sdmx.*",
        "application/xml",
        "text/xml",
        "application/json",
        "text/json",
    )

    def collect(self, address: str, options: SdmxOptions, fetch: Fetch) -> list[Body]:
        """The data and, where asked for, the structure."""
        accept = _ACCEPT[options.version, options.format]
        bodies = [fetch(Request(_data_address(address, options), headers={"Accept": accept}))]
        if options.structure:
            where = _structure_address(address, options)
            accept = _ACCEPT_STRUCTURE[options.version]
            bodies.append(fetch(Request(where, headers={"Accept": accept})))
        return bodies

    def tables(self, address: str, options: SdmxOptions, bodies: Sequence[Body]) -> Iterator[Table]:
        # Beside the message, in the folder that lives as long as the run.
        answer = bodies[0].path.with_name(f"{bodies[0].path.name}.rows")
        with answer.open("w+b") as file:
            code, _cost = run_child(
                _CHILD,
                [str(body.path) for body in bodies],
                answer=file,
                wall_seconds=_WALL_SECONDS,
            )
            file.seek(0)
            line = file.readline()
        if code:
            raise SourceError(Outcome.TOO_LARGE, reason="time" if code < 0 else "memory")
        head = json.loads(line)
        if "outcome" in head:
            raise SourceError(Outcome(head["outcome"]), **head["detail"])
        prepared = head["prepared"][:10]
        yield Table(
            columns=_named(head["columns"], options.columns),
            rows=_rows(answer),
            vintage=prepared,
            published_on=_day(prepared),
        )


def _rows(answer: Path) -> Iterator[list[str | None]]:
    with answer.open("rb") as lines:
        next(lines)
        for line in lines:
            row: list[str | None] = json.loads(line)
            yield row


def _named(found: list[str], ours: dict[str, str]) -> list[str]:
    missing = [name for name in ours if name not in found]
    if missing:
        raise SourceError(Outcome.COLUMNS_CHANGED, missing=missing, found=found[:60])
    columns = [ours.get(name, name) for name in found]
    if len(set(columns)) < len(columns):
        raise SourceError(Outcome.MISCONFIGURED, reason="columns", found=columns[:60])
    return columns


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def _data_address(address: str, options: SdmxOptions) -> str:
    path = ""
    if options.dataflow:
        agency, flow, version = _parts(options)
        key = quote(options.key, safe="+*@$") or ("all" if options.version == "2.1" else "*")
        if options.version == "2.1":
            path = f"data/{options.dataflow}/{key}"
        else:
            path = f"data/dataflow/{agency or '*'}/{flow}/{version or '+'}/{key}"
    return _joined(address, path, options.parameters)


def _structure_address(address: str, options: SdmxOptions) -> str:
    if options.structure != "dataflow":
        return options.structure
    agency, flow, version = _parts(options)
    if options.version == "2.1":
        path = f"dataflow/{agency or 'all'}/{flow}/{version or 'latest'}"
    else:
        path = f"structure/dataflow/{agency or '*'}/{flow}/{version or '+'}"
    return _joined(address, path, {"references": "children"})


def _parts(options: SdmxOptions) -> tuple[str, str, str]:
    """Agency, flow and version."""
    agency, *rest = options.dataflow.split(",")
    if not rest:
        return "", agency, ""
    return agency, rest[0], rest[1] if len(rest) > 1 else ""


def _joined(address: str, path: str, parameters: dict[str, Any]) -> str:
    parts = urlsplit(address)
    where = f"{parts.path.rstrip('/')}/{path}" if path else parts.path
    # The signs that SDMX gives a meaning in its queries.
    query = [parts.query, urlencode(parameters, safe=":,+*[]")]
    return urlunsplit((parts.scheme, parts.netloc, where, "&".join(filter(None, query)), ""))
