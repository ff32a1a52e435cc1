"""An SDMX service with one dataflow, the World Bank's WDI: 2.1 and 3.0, XML and JSON.

`/sdmx/rest/data/WB,WDI,1.0/A.GB_XPD_RSDV_GD_ZS.VNM` (2.1) and
`/sdmx/v2/data/dataflow/WB/WDI/1.0/A.GB_XPD_RSDV_GD_ZS.VNM` (3.0); the form is chosen by `Accept`
or, as several services have it, by `?format=`. Series without a figure are not there at all, and
a key that names none is answered with 404, as the standard says.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import quoteattr

from dashboard.demo.standin.messages import Answer, Asked, as_json
from dashboard.demo.standin.state import State
from dashboard.demo.standin.world_bank import INDICATORS

_DATA_21 = re.compile(r"^/sdmx/rest/data/(?:WB,)?WDI(?:,[^/]*)?(?:/(?P<key>[^/]*))?(?:/[^/]*)?/?$")
_DATA_30 = re.compile(r"^/sdmx/v2/data/dataflow/WB/WDI/[^/]+(?:/(?P<key>[^/]*))?/?$")
_STRUCTURE = re.compile(r"^/sdmx/rest/(?:dataflow|datastructure)/WB/WDI(?:/.*)?$")

DIMENSIONS = ("FREQ", "SERIES", "REF_AREA")
_PREPARED = "2026-07-01T09:00:00"
_NAMESPACES = "http://www.sdmx.org/resources/sdmxml/schemas"
_INVENTED = {"2019": "1.1", "2021": "1.5"}  # of the one other country


@dataclass(frozen=True)
class _Series:
    key: tuple[str, ...]
    values: dict[str, str]


def speak(asked: Asked) -> Answer | None:
    """Data, or the structure that it has."""
    if asked.method != "GET":
        return None
    if _STRUCTURE.match(asked.path):
        return Answer(_structure(), "application/vnd.sdmx.structure+xml; version=2.1")
    old, new = _DATA_21.match(asked.path), _DATA_30.match(asked.path)
    found = old or new
    if found is None:
        return None
    series = _wanted(found.group("key") or "", asked)
    if not series:
        return Answer(b"No results found", "text/plain", status=404, cacheable=False)
    accept = f"{asked.query.get('format', '')} {asked.headers.get('accept', '')}".lower()
    for sign, content_type, write in _FORMS_21 if old else _FORMS_30:
        if sign in accept:
            return _answer(write(series, asked.state), content_type)
    _, content_type, write = (_FORMS_21 if old else _FORMS_30)[0]
    return _answer(write(series, asked.state), content_type)


def _answer(content: Any, content_type: str) -> Answer:
    if isinstance(content, str):
        return Answer(content.encode(), content_type)
    return as_json(content, content_type=content_type)


def _wanted(key: str, asked: Asked) -> list[_Series]:
    """The series of a key: its parts joined by points, `+` between alternatives, empty or * all."""
    parts = [part.split("+") for part in key.split(".")] if key not in {"", "all", "*"} else []
    start, end = asked.query.get("startPeriod", ""), asked.query.get("endPeriod", "9999")
    found = []
    for code, (_, series) in INDICATORS.items():
        for area in ("VNM", "THA"):
            place = ("A", code.replace(".", "_"), area)
            if all(
                wanted[0] in {"", "*"} or mine in wanted
                for wanted, mine in zip(parts, place, strict=False)
            ):
                figures = asked.state.figures(series) if area == "VNM" else _INVENTED
                values = {
                    period: value
                    for period, value in figures.items()
                    if value is not None and start <= period <= end
                }
                if values:
                    found.append(_Series(place, values))
    return found


def _names(state: State) -> tuple[list[str], str, str]:
    """What dimensions, time and value are called now."""
    return [state.name(d) for d in DIMENSIONS], state.name("TIME_PERIOD"), state.name("OBS_VALUE")


def _head(version: str, structure: str) -> str:
    return (
        "<message:Header><message:ID>STANDIN1</message:ID><message:Test>false</message:Test>"
        f"<message:Prepared>{_PREPARED}</message:Prepared>"
        '<message:Sender id="WB"/><message:Receiver id="not_supplied"/>'
        f"{structure}</message:Header>"
    )


def _spaces(version: str) -> str:
    root = f"{_NAMESPACES}/v{version}"
    return (
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
        f' xmlns:message="{root}/message" xmlns:common="{root}/common"'
        f' xmlns:str="{root}/structure"'
    )


def _generic(series: list[_Series], state: State) -> str:
    """SDMX-ML 2.1, generic data by series."""
    dimensions, time, _ = _names(state)
    head = _head(
        "2_1",
        f'<message:Structure structureID="WDI" dimensionAtObservation="{time}">'
        '<common:Structure><Ref id="WDI" agencyID="WB" version="1.0"/></common:Structure>'
        "</message:Structure>",
    )
    body = "".join(
        "<generic:Series><generic:SeriesKey>"
        + "".join(
            f"<generic:Value id={quoteattr(name)} value={quoteattr(value)}/>"
            for name, value in zip(dimensions, one.key, strict=True)
        )
        + "</generic:SeriesKey>"
        + "".join(
            f"<generic:Obs><generic:ObsDimension value={quoteattr(period)}/>"
            f"<generic:ObsValue value={quoteattr(value)}/></generic:Obs>"
            for period, value in one.values.items()
        )
        + "</generic:Series>"
        for one in series
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><message:GenericData {_spaces("2_1")}'
        f' xmlns:generic="{_NAMESPACES}/v2_1/data/generic">{head}'
        f'<message:DataSet structureRef="WDI" action="Replace">{body}</message:DataSet>'
        "</message:GenericData>"
    )


def _specific(version: str) -> Callable[[list[_Series], State], str]:
    """SDMX-ML structure-specific data of a version, by series."""

    def write(series: list[_Series], state: State) -> str:
        dimensions, time, measure = _names(state)
        urn = "urn:sdmx:org.sdmx.infomodel.datastructure.DataStructure=WB:WDI(1.0)"
        if version == "2_1":
            structure = (
                '<common:Structure><Ref id="WDI" agencyID="WB" version="1.0"/></common:Structure>'
            )
        else:
            structure = f"<common:Structure>{urn}</common:Structure>"
        head = _head(
            version,
            f'<message:Structure structureID="WDI" namespace="{urn}:ObsLevelDim:{time}"'
            f' dimensionAtObservation="{time}">{structure}</message:Structure>',
        )
        body = "".join(
            "<Series"
            + "".join(
                f" {name}={quoteattr(value)}"
                for name, value in zip(dimensions, one.key, strict=True)
            )
            + ">"
            + "".join(
                f"<Obs {time}={quoteattr(period)} {measure}={quoteattr(value)}/>"
                for period, value in one.values.items()
            )
            + "</Series>"
            for one in series
        )
        return (
            f'<?xml version="1.0" encoding="UTF-8"?><message:StructureSpecificData'
            f' {_spaces(version)} xmlns:ss="{_NAMESPACES}/v{version}/data/structurespecific"'
            f' xmlns:ns1="{urn}:ObsLevelDim:{time}">{head}'
            f'<message:DataSet ss:structureRef="WDI" xsi:type="ns1:DataSetType"'
            f' ss:dataScope="DataStructure" action="Replace">{body}</message:DataSet>'
            "</message:StructureSpecificData>"
        )

    return write


def _components(series: list[_Series], state: State) -> tuple[dict[str, Any], dict[str, Any]]:
    """The dimensions with their values, and the series by places in them."""
    dimensions, time, _ = _names(state)
    values = [sorted({one.key[place] for one in series}) for place in range(len(dimensions))]
    periods = sorted({period for one in series for period in one.values})
    described = {
        "dataSet": [],
        "series": [
            {
                "id": name,
                "name": name,
                "keyPosition": place,
                "values": [{"id": value, "name": value} for value in values[place]],
            }
            for place, name in enumerate(dimensions)
        ],
        "observation": [
            {
                "id": time,
                "name": "Time period",
                "keyPosition": len(dimensions),
                "values": [{"id": period, "name": period} for period in periods],
            }
        ],
    }
    placed = {
        ":".join(str(values[place].index(part)) for place, part in enumerate(one.key)): {
            "attributes": [],
            "observations": {
                str(periods.index(period)): [float(value)] for period, value in one.values.items()
            },
        }
        for one in series
    }
    return described, placed


_ATTRIBUTES: dict[str, list[Any]] = {"dataSet": [], "series": [], "observation": []}


def _json_1(series: list[_Series], state: State) -> dict[str, Any]:
    """SDMX-JSON 1.0: one structure, beside the data sets."""
    dimensions, placed = _components(series, state)
    return {
        "header": _sender(),
        "dataSets": [{"action": "Information", "series": placed}],
        "structure": {
            "name": "World Development Indicators",
            "dimensions": dimensions,
            "attributes": _ATTRIBUTES,
        },
    }


def _json_2(series: list[_Series], state: State) -> dict[str, Any]:
    """SDMX-JSON 2.0: structures that the data sets name, all below `data`."""
    dimensions, placed = _components(series, state)
    return {
        "meta": _sender(),
        "data": {
            "structures": [
                {
                    "name": "World Development Indicators",
                    "dataSets": [0],
                    "dimensions": dimensions,
                    "attributes": _ATTRIBUTES,
                }
            ],
            "dataSets": [{"structure": 0, "action": "Merge", "series": placed}],
        },
    }


def _sender() -> dict[str, Any]:
    return {
        "id": "STANDIN1",
        "prepared": f"{_PREPARED}Z",
        "test": False,
        "contentLanguages": ["en"],
        "sender": {"id": "WB", "name": "World Bank"},
    }


def _structure() -> bytes:
    """The dataflow with its structure definition, SDMX-ML 2.1."""
    dimensions = "".join(
        f'<str:Dimension id="{name}" position="{place}"><str:ConceptIdentity>'
        f'<Ref id="{name}" maintainableParentID="WDI_CONCEPT" maintainableParentVersion="1.0"'
        ' agencyID="WB" class="Concept"/></str:ConceptIdentity></str:Dimension>'
        for place, name in enumerate(DIMENSIONS, 1)
    )
    concept = (
        '<str:ConceptIdentity><Ref id="{0}" maintainableParentID="WDI_CONCEPT"'
        ' maintainableParentVersion="1.0" agencyID="WB" class="Concept"/></str:ConceptIdentity>'
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><message:Structure {_spaces("2_1")}>'
        f"{_head('2_1', '')}<message:Structures>"
        '<str:Dataflows><str:Dataflow id="WDI" agencyID="WB" version="1.0">'
        '<common:Name xml:lang="en">World Development Indicators</common:Name>'
        '<str:Structure><Ref id="WDI" version="1.0" agencyID="WB" class="DataStructure"/>'
        "</str:Structure></str:Dataflow></str:Dataflows>"
        '<str:DataStructures><str:DataStructure id="WDI" agencyID="WB" version="1.0">'
        '<common:Name xml:lang="en">World Development Indicators</common:Name>'
        "<str:DataStructureComponents>"
        f'<str:DimensionList id="DimensionDescriptor">{dimensions}'
        f'<str:TimeDimension id="TIME_PERIOD" position="{len(DIMENSIONS) + 1}">'
        f"{concept.format('TIME_PERIOD')}</str:TimeDimension></str:DimensionList>"
        '<str:MeasureList id="MeasureDescriptor"><str:PrimaryMeasure id="OBS_VALUE">'
        f"{concept.format('OBS_VALUE')}</str:PrimaryMeasure></str:MeasureList>"
        "</str:DataStructureComponents></str:DataStructure></str:DataStructures>"
        "</message:Structures></message:Structure>"
    ).encode()


_JSON_1 = "application/vnd.sdmx.data+json; version=1.0.0"
_JSON_2 = "application/vnd.sdmx.data+json; version=2.0.0"
#: A sign in what was asked for, the content type, the writer; the first is the default.
_FORMS_21: list[tuple[str, str, Callable[[list[_Series], State], Any]]] = [
    ("generic", "application/vnd.sdmx.genericdata+xml; version=2.1", _generic),
    (
        "structurespecific",
        "application/vnd.sdmx.structurespecificdata+xml; version=2.1",
        _specific("2_1"),
    ),
    ("json", _JSON_1, _json_1),
]
_FORMS_30: list[tuple[str, str, Callable[[list[_Series], State], Any]]] = [
    ("xml", "application/vnd.sdmx.data+xml; version=3.0.0", _specific("3_0")),
    ("json", _JSON_2, _json_2),
]
