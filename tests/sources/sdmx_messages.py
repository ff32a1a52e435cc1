"""SDMX messages as services send them: one dataflow of three dimensions and time."""

from __future__ import annotations

import json
from typing import Any

V21 = "http://www.sdmx.org/resources/sdmxml/schemas/v2_1/"
V30 = "http://www.sdmx.org/resources/sdmxml/schemas/v3_0/"
PREPARED = "2024-11-18T09:30:00+07:00"
_URN = "urn:sdmx:org.sdmx.infomodel"
_FLOW = f"{_URN}.datastructure.Dataflow=WB:DF_IT(1.0)"

# Area, year, value (as written), status.
OBSERVATIONS = (
    ("VN", "2021", "74.210", "A"),
    ("VN", "2022", "78.590", "P"),
    ("VN", "2023", "NaN", "M"),
    ("LA", "2022", "1.0E-3", "A"),
)
ROWS = [
    {
        "FREQ": "A",
        "REF_AREA": area,
        "INDICATOR": "IT_NET",
        "TIME_PERIOD": year,
        "UNIT_MULT": "6",
        "OBS_STATUS": status,
        "value": None if value == "NaN" else value,
    }
    for area, year, value, status in OBSERVATIONS
]


def _header(space: str, structure: str = "") -> str:
    return (
        "<mes:Header><mes:ID>IREF000001</mes:ID><mes:Test>false</mes:Test>"
        f"<mes:Prepared>{PREPARED}</mes:Prepared>"
        '<mes:Sender id="WB"><com:Name xml:lang="en">World</com:Name></mes:Sender>'
        f"{structure}</mes:Header>"
    )


def message(root: str, inside: str, space: str = V21, *, head: str = "", footer: str = "") -> bytes:
    """A message of any kind, with or without a document type in front."""
    spaces = "".join(
        f' xmlns:{prefix}="{space}{name}"'
        for prefix, name in (
            ("mes", "message"),
            ("com", "common"),
            ("gen", "data/generic"),
            ("ss", "data/structurespecific"),
            ("str", "structure"),
            ("footer", "message/footer"),
        )
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{head}<mes:{root}{spaces} '
        f'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:ns1="{_FLOW}">'
        f"{inside}{footer}</mes:{root}>"
    ).encode()


def footer_of(code: int, severity: str, text: str) -> str:
    return (
        f'<footer:Footer><footer:Message code="{code}" severity="{severity}">'
        f'<com:Text xml:lang="en">{text}</com:Text></footer:Message></footer:Footer>'
    )


def generic(*, footer: str = "", observations: tuple[Any, ...] = OBSERVATIONS) -> bytes:
    """GenericData, 2.1: every value by the id of its component."""
    series = ""
    for area in dict.fromkeys(one[0] for one in observations):
        inside = "".join(
            f'<gen:Obs><gen:ObsDimension value="{year}"/><gen:ObsValue value="{value}"/>'
            f'<gen:Attributes><gen:Value id="OBS_STATUS" value="{status}"/></gen:Attributes>'
            "</gen:Obs>"
            for place, year, value, status in observations
            if place == area
        )
        series += (
            '<gen:Series><gen:SeriesKey><gen:Value id="FREQ" value="A"/>'
            f'<gen:Value id="REF_AREA" value="{area}"/><gen:Value id="INDICATOR" value="IT_NET"/>'
            '</gen:SeriesKey><gen:Attributes><gen:Value id="UNIT_MULT" value="6"/>'
            f"</gen:Attributes>{inside}</gen:Series>"
        )
    structure = (
        '<mes:Structure structureID="DF" dimensionAtObservation="TIME_PERIOD"><com:Structure>'
        '<Ref id="DSD_IT" agencyID="WB" version="1.0"/></com:Structure></mes:Structure>'
    )
    data = f'<mes:DataSet structureRef="DF" action="Replace">{series}</mes:DataSet>'
    return message("GenericData", _header(V21, structure) + data, footer=footer)


def specific(
    space: str = V21,
    *,
    flat: bool = False,
    measure: str = "OBS_VALUE",
    about: str = "",
    head: str = "",
) -> bytes:
    """StructureSpecificData: XML attributes named by the definition. `about`: of the data set."""
    if flat:
        inside = "".join(
            f'<Obs FREQ="A" REF_AREA="{area}" INDICATOR="IT_NET" TIME_PERIOD="{year}" '
            f'{measure}="{value}" OBS_STATUS="{status}" UNIT_MULT="6"/>'
            for area, year, value, status in OBSERVATIONS
        )
    else:
        inside = ""
        for area in dict.fromkeys(one[0] for one in OBSERVATIONS):
            within = "".join(
                f'<Obs TIME_PERIOD="{year}" {measure}="{value}" OBS_STATUS="{status}"/>'
                for place, year, value, status in OBSERVATIONS
                if place == area
            )
            inside += (
                f'<Series FREQ="A" REF_AREA="{area}" INDICATOR="IT_NET" UNIT_MULT="6">'
                f"{within}</Series>"
            )
    usage = '<Ref id="DF_IT" agencyID="WB" version="1.0"/>' if space == V21 else _FLOW
    at = "AllDimensions" if flat else "TIME_PERIOD"
    structure = (
        f'<mes:Structure structureID="DF" namespace="{_FLOW}" dimensionAtObservation="{at}">'
        f"<com:StructureUsage>{usage}</com:StructureUsage></mes:Structure>"
    )
    data = (
        '<mes:DataSet ss:structureRef="DF" xsi:type="ns1:DataSetType" '
        f'ss:dataScope="DataStructure" action="Replace"{about}>{inside}</mes:DataSet>'
    )
    return message("StructureSpecificData", _header(space, structure) + data, space, head=head)


def definition(space: str = V21, *, measure: str = "OBS_VALUE") -> bytes:
    """The structure of the dataflow without its code lists and concepts, as references=children."""

    def reference(kind: str, package: str, name: str, parent: str = "") -> str:
        if space == V30:
            whole = f"{parent}(1.0).{name}" if parent else f"{name}(1.0)"
            return f"{_URN}.{package}.{kind}=WB:{whole}"
        of = f'maintainableParentID="{parent}" maintainableParentVersion="1.0" ' if parent else ""
        version = "" if parent else 'version="1.0" '
        return f'<Ref id="{name}" {of}{version}agencyID="WB" package="{package}" class="{kind}"/>'

    def concept(name: str) -> str:
        of = reference("Concept", "conceptscheme", name, "CS")
        return f"<str:ConceptIdentity>{of}</str:ConceptIdentity>"

    def related(*names: str) -> str:
        if space == V30:
            inside = "".join(f"<str:Dimension>{name}</str:Dimension>" for name in names)
        else:
            inside = "".join(f'<str:Dimension><Ref id="{n}"/></str:Dimension>' for n in names)
        return f"<str:AttributeRelationship>{inside}</str:AttributeRelationship>"

    listed = reference("Codelist", "codelist", "CL")
    dimensions = "".join(
        f'<str:Dimension id="{name}" position="{place}">{concept(name)}<str:LocalRepresentation>'
        f"<str:Enumeration>{listed}</str:Enumeration></str:LocalRepresentation></str:Dimension>"
        for place, name in enumerate(("FREQ", "REF_AREA", "INDICATOR"), start=1)
    )
    status = "" if space == V30 else ' assignmentStatus="Conditional"'
    observed = (
        "<str:AttributeRelationship><str:Observation/></str:AttributeRelationship>"
        if space == V30
        else f'<str:AttributeRelationship><str:PrimaryMeasure><Ref id="{measure}"/>'
        "</str:PrimaryMeasure></str:AttributeRelationship>"
    )
    alone = f"<str:{'Dataflow' if space == V30 else 'None'}/>"
    attributes = (
        f'<str:Attribute id="UNIT_MULT"{status}>{concept("UNIT_MULT")}'
        f"{related('FREQ', 'REF_AREA', 'INDICATOR')}</str:Attribute>"
        f'<str:Attribute id="OBS_STATUS"{status}>{concept("OBS_STATUS")}{observed}</str:Attribute>'
        f'<str:Attribute id="COLLECTION"{status}>{concept("COLLECTION")}'
        f"<str:AttributeRelationship>{alone}</str:AttributeRelationship></str:Attribute>"
    )
    kind = "Measure" if space == V30 else "PrimaryMeasure"
    structures = (
        '<str:DataStructures><str:DataStructure id="DSD_IT" agencyID="WB" version="1.0">'
        '<com:Name xml:lang="en">IT</com:Name><str:DataStructureComponents>'
        f'<str:DimensionList id="DimensionDescriptor">{dimensions}'
        f'<str:TimeDimension id="TIME_PERIOD" position="4">{concept("TIME_PERIOD")}'
        '<str:LocalRepresentation><str:TextFormat textType="ObservationalTimePeriod"/>'
        "</str:LocalRepresentation></str:TimeDimension></str:DimensionList>"
        f'<str:AttributeList id="AttributeDescriptor">{attributes}</str:AttributeList>'
        f'<str:MeasureList id="MeasureDescriptor"><str:{kind} id="{measure}">{concept(measure)}'
        f"</str:{kind}></str:MeasureList></str:DataStructureComponents></str:DataStructure>"
        "</str:DataStructures>"
    )
    inside = f"<mes:Structures>{structures}</mes:Structures>"
    return message("Structure", _header(space) + inside, space)


def error_message(code: int, text: str, space: str = V21) -> bytes:
    """What a service says instead of data."""
    inside = (
        f'<mes:ErrorMessage code="{code}"><com:Text xml:lang="en">{text}</com:Text>'
        "</mes:ErrorMessage>"
    )
    return message("Error", inside, space)


def _component(name: str, values: tuple[str, ...], **more: Any) -> dict[str, Any]:
    return {"id": name, "name": name, "values": [{"id": v, "name": f"{v}!"} for v in values]} | more


def json_structure(*, flat: bool = False) -> dict[str, Any]:
    """What the positions mean; dimensions with one value stand at the data set."""
    place = [_component("REF_AREA", ("VN", "LA"), keyPosition=1)]
    time = [_component("TIME_PERIOD", ("2021", "2022", "2023"), keyPosition=3)]
    return {
        "name": "IT",
        "dimensions": {
            "dataSet": [
                _component("FREQ", ("A",), keyPosition=0),
                _component("INDICATOR", ("IT_NET",), keyPosition=2),
            ],
            "series": [] if flat else place,
            "observation": [*place, *time] if flat else time,
        },
        "attributes": {
            "dataSet": [],
            "series": [] if flat else [_component("UNIT_MULT", ("0", "6"))],
            "observation": [
                *([_component("UNIT_MULT", ("0", "6"))] if flat else []),
                _component("OBS_STATUS", ("A", "P", "M"), default="A"),
            ],
        },
    }


def json_data_set(*, flat: bool = False) -> dict[str, Any]:
    """The observations by their positions; a status that is the default is left out."""
    areas, years, statuses = ("VN", "LA"), ("2021", "2022", "2023"), ("A", "P", "M")
    series: dict[str, dict[str, Any]] = {}
    observations: dict[str, list[Any]] = {}
    for area, year, value, status in OBSERVATIONS:
        number = None if value == "NaN" else f"<{value}>"
        end = [] if status == "A" else [statuses.index(status)]
        place, time = areas.index(area), years.index(year)
        if flat:
            observations[f"{place}:{time}"] = [number, 1, *end]
        else:
            of = series.setdefault(f"{place}", {"attributes": [1], "observations": {}})
            of["observations"][f"{time}"] = [number, *end]
    return {"action": "Replace", **({"observations": observations} if flat else {"series": series})}


def as_bytes(tree: dict[str, Any]) -> bytes:
    """JSON in which numbers stand digit for digit as they are here between < and >."""
    return json.dumps(tree).replace('"<', "").replace('>"', "").encode()


def json_1(*, flat: bool = False, early: bool = False) -> bytes:
    """SDMX-JSON 1.0, or what came before it and is still about, with everything at the top."""
    header = {"id": "x", "test": False, "prepared": PREPARED, "sender": {"id": "WB"}}
    structure, data = json_structure(flat=flat), [json_data_set(flat=flat)]
    if early:
        return as_bytes({"header": header, "dataSets": data, "structure": structure})
    return as_bytes({"meta": header, "data": {"structure": structure, "dataSets": data}})


def json_2(*, flat: bool = False) -> bytes:
    """SDMX-JSON 2.0: several structures, measures by name."""
    header = {"id": "x", "prepared": PREPARED, "sender": {"id": "WB"}}
    structure = json_structure(flat=flat)
    structure["measures"] = {"observation": [{"id": "OBS_VALUE", "name": "Value"}]}
    structure["dataSets"] = [0]
    data = json_data_set(flat=flat) | {"structure": 0}
    return as_bytes({"meta": header, "data": {"structures": [structure], "dataSets": [data]}})
