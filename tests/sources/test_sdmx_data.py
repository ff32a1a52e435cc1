"""SDMX 2.1 and 3.0, XML and JSON: the same rows from every form; errors and bombs by name."""

from __future__ import annotations

import datetime as dt
import json
import resource
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from targets.sources.adapters import sdmx_child, sdmx_data
from targets.sources.adapters.registry import adapter_of
from targets.sources.adapters.sdmx_data import Sdmx, SdmxOptions
from targets.sources.contract import Outcome, Request, SourceError, Table
from tests.sources import sdmx_messages as messages
from tests.sources.answers import Answers, as_json, body_of, named

V21, V30 = messages.V21, messages.V30


def read(tmp_path: Path, *contents: bytes, **options: Any) -> Table:
    bodies = [body_of(tmp_path / f"b{n}", content) for n, content in enumerate(contents)]
    (table,) = Sdmx().tables("http://x/", SdmxOptions.model_validate(options), bodies)
    return table


def refused(tmp_path: Path, *contents: bytes, **options: Any) -> SourceError:
    with pytest.raises(SourceError) as caught:
        named([read(tmp_path, *contents, **options)])
    return caught.value


def unordered(rows: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return sorted(tuple(sorted((k, v or "") for k, v in row.items())) for row in rows)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(messages.generic(), id="generic"),
        pytest.param(messages.specific(), id="specific 2.1"),
        pytest.param(messages.specific(flat=True), id="flat 2.1"),
        pytest.param(messages.specific(V30), id="specific 3.0"),
        pytest.param(messages.specific(V30, flat=True), id="flat 3.0"),
        pytest.param(messages.json_1(), id="json 1.0"),
        pytest.param(messages.json_1(flat=True), id="json 1.0 flat"),
        pytest.param(messages.json_1(early=True), id="json before 1.0"),
        pytest.param(messages.json_2(), id="json 2.0"),
        pytest.param(messages.json_2(flat=True), id="json 2.0 flat"),
    ],
)
def test_every_form_says_the_same(tmp_path: Path, content: bytes) -> None:
    table = read(tmp_path, content)
    assert (table.vintage, table.published_on) == ("2024-11-18", dt.date(2024, 11, 18))
    assert table.columns[-1] == "value"
    assert unordered(named([table])) == unordered(messages.ROWS)


@pytest.mark.parametrize("space", [V21, V30])
@pytest.mark.parametrize("flat", [True, False])
def test_a_definition_tells_of_the_data_set(tmp_path: Path, space: str, flat: bool) -> None:
    content = messages.specific(space, flat=flat, measure="POP", about=' COLLECTION="S"')
    definition = messages.definition(space, measure="POP")
    found = named([read(tmp_path, content, definition)])
    assert unordered(found) == unordered([row | {"COLLECTION": "S"} for row in messages.ROWS])


@pytest.mark.parametrize("space", [V21, V30])
def test_attributes_of_the_data_set_need_no_definition(tmp_path: Path, space: str) -> None:
    found = named([read(tmp_path, messages.specific(space, about=' COLLECTION="S"'))])
    assert unordered(found) == unordered([row | {"COLLECTION": "S"} for row in messages.ROWS])


def test_without_a_definition_another_measure_is_a_column_and_value_is_not(tmp_path: Path) -> None:
    table = read(tmp_path, messages.specific(V30, measure="POP"))
    assert "value" not in table.columns
    assert [row["POP"] for row in named([table])][:2] == ["74.210", "78.590"]


def test_columns_are_renamed_and_missed(tmp_path: Path) -> None:
    table = read(tmp_path, messages.generic(), columns={"REF_AREA": "area", "TIME_PERIOD": "năm"})
    assert {"area", "năm"} < set(table.columns)
    error = refused(tmp_path, messages.generic(), columns={"GEO": "area"})
    assert error.outcome == Outcome.COLUMNS_CHANGED
    assert error.detail["missing"] == ["GEO"]
    assert "REF_AREA" in error.detail["found"]
    clash = refused(tmp_path, messages.generic(), columns={"REF_AREA": "FREQ"})
    assert clash.outcome == Outcome.MISCONFIGURED


def tree_2(**changes: Any) -> dict[str, Any]:
    """A message of SDMX 3.0 with several measures and attributes at every level."""
    both = {
        "measures": {
            "observation": [
                {"id": "MALE", "format": {"dataType": "Decimal"}},
                {"id": "SIZE", "values": [{"id": "S"}, {"id": "L"}]},
            ]
        },
        "attributes": {
            "dataSet": [{"id": "SOURCE", "values": [{"name": "Tổng điều tra"}]}],
            "dimensionGroup": [{"id": "NOTE"}, {"id": "CONF", "values": [{"id": "F"}]}],
            "series": [{"id": "TITLE", "values": [{"value": {"en": "Net", "vi": "Mạng"}}]}],
            "observation": [{"id": "TEXT"}, {"id": "FLAGS", "values": [{"id": "a"}, {"id": "b"}]}],
        },
    }
    data_set = {
        "structure": 0,
        "attributes": [0],
        "dimensionGroupAttributes": {"0:::": ["ghi chú", None], "0:1::": [None, 0]},
        "series": {
            "0": {"attributes": [0], "observations": {"0": [1.50, 1, "x", [0, 1]], "2": [2]}},
            "1": {"observations": {"0": [None, 0, {"vi": "chữ"}]}},
        },
    }
    structure = messages.json_structure() | both
    return {"meta": {}, "data": {"structures": [structure], "dataSets": [data_set]}} | changes


def test_levels_measures_and_attributes_of_sdmx_3(tmp_path: Path) -> None:
    found = named([read(tmp_path, json.dumps(tree_2()).encode(), format="json", version="3.0")])
    same = {"FREQ": "A", "INDICATOR": "IT_NET", "SOURCE": "Tổng điều tra", "NOTE": "ghi chú"}
    assert found[0] == same | {
        "REF_AREA": "VN",
        "TIME_PERIOD": "2021",
        "CONF": None,
        "TITLE": "Mạng",
        "TEXT": "x",
        "FLAGS": "a; b",
        "MALE": "1.5",
        "SIZE": "L",
    }
    assert (found[1]["TIME_PERIOD"], found[1]["MALE"], found[1]["SIZE"]) == ("2023", "2", None)
    assert (found[2]["REF_AREA"], found[2]["CONF"], found[2]["TEXT"]) == ("LA", "F", "chữ")
    assert found[2]["MALE"] == ""


def test_what_is_to_be_deleted_is_no_data(tmp_path: Path) -> None:
    tree = tree_2()
    tree["data"]["dataSets"][0]["action"] = "Delete"
    error = refused(tmp_path, as_json(tree))
    assert (error.outcome, error.detail) == (
        Outcome.SOURCE_ERROR,
        {"message": "no observations"},
    )


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (messages.error_message(100, "No results found"), "100: No results found"),
        (messages.error_message(140, "Syntax error", V30), "140: Syntax error"),
        (
            messages.generic(footer=messages.footer_of(510, "Error", "Response size exceeds")),
            "510: Response size exceeds",
        ),
        (
            messages.generic(footer=messages.footer_of(413, "Information", "Written to a file")),
            "413: Written to a file",
        ),
        (
            as_json({"meta": {}, "errors": [{"code": 100, "title": "Không có số liệu"}]}),
            "100: Không có số liệu",
        ),
        (messages.generic(observations=()), "no observations"),
    ],
)
def test_a_publisher_s_error_is_said_in_its_words(
    tmp_path: Path, content: bytes, said: str
) -> None:
    error = refused(tmp_path, content)
    assert (error.outcome, error.detail) == (Outcome.SOURCE_ERROR, {"message": said})


def test_a_word_in_passing_is_no_error(tmp_path: Path) -> None:
    footer = messages.footer_of(0, "Information", "Data are provisional")
    assert len(named([read(tmp_path, messages.generic(footer=footer))])) == 4


def laughs() -> str:
    more = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 30))
    return f'<!DOCTYPE a [<!ENTITY l0 "ha">{more}]>'


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (messages.specific(head=laughs(), about=' COLLECTION="&l29;"'), "doctype"),
        (
            messages.specific(
                head='<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
                about=' COLLECTION="&x;"',
            ),
            "doctype",
        ),
        (messages.specific(head='<!DOCTYPE a SYSTEM "http://127.0.0.1/a.dtd">'), "doctype"),
        (
            messages.specific(head=laughs())
            .decode()
            .replace("UTF-8", "UTF-16", 1)
            .encode("utf-16"),
            "doctype",
        ),
        (messages.generic()[:-40], "xml"),
        (b"<html><body>Bad gateway</body></html>", "not sdmx"),
        (messages.generic().replace(b"/v2_1/", b"/v2_0/"), "not sdmx"),
        (messages.definition(), "no data"),
        (messages.generic().replace(b"gen:ObsValue", b"gen:Oops"), "sdmx"),
        (b"", "empty"),
        (messages.json_1()[:-40], "json"),
        (b'{"data": ' + b"[" * 200_000, "nested too deep"),
        (b'[{"a": 1}]', "not sdmx"),
        (b'{"value": []}', "not sdmx"),
        (messages.json_1().replace(b'"2": [', b'"9": ['), "sdmx"),
        (messages.json_1().replace(b'"2": [', b'"-1": ['), "sdmx"),
        (messages.json_1().replace(b'"2": [', b'"0:2": ['), "sdmx"),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path: Path, content: bytes, reason: str) -> None:
    error = refused(tmp_path, content)
    assert (error.outcome, error.detail["reason"]) == (Outcome.UNREADABLE, reason)


def test_a_hostile_structure_is_refused_as_well(tmp_path: Path) -> None:
    bad = messages.definition().replace(b"<mes:Structure ", laughs().encode() + b"<mes:Structure ")
    assert refused(tmp_path, messages.specific(), bad).detail["reason"] == "doctype"
    no_structure = refused(tmp_path, messages.specific(), messages.generic())
    assert no_structure.detail["reason"] == "no structure"


def test_a_message_that_takes_too_much_memory_ends_its_own_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    observations = tuple(("VN", f"{n}", f"{n}", "A") for n in range(3_000))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # The same message is read within the bound and not within a smaller one.
    assert len(named([read(tmp_path, messages.generic(observations=observations))])) == 3_000
    module = tmp_path / "small_sdmx_child.py"
    module.write_text(
        "import sys; sys.path.insert(0, '.')\n"
        "from pathlib import Path\n"
        "from targets.sources.adapters import sdmx_child\n"
        f"sdmx_child.MEMORY = {150 * 1024**2}\n"
        "sdmx_child.main([Path(path) for path in sys.argv[1:]])\n"
    )
    assert sdmx_child.MEMORY > 150 * 1024**2
    monkeypatch.setattr(sdmx_data, "_CHILD", "small_sdmx_child")
    monkeypatch.setattr("targets.child_process._ROOT", tmp_path)
    (tmp_path / "targets").symlink_to(Path(__file__).resolve().parents[2] / "targets")
    error = refused(tmp_path, messages.generic(observations=observations))
    assert error.outcome == Outcome.TOO_LARGE
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100 * 1024


def asked(tmp_path: Path, address: str, **options: Any) -> list[Request]:
    def answer(request: Request) -> bytes:
        return messages.definition() if "references" in request.url else messages.generic()

    answers = Answers(tmp_path, answer)
    adapter = adapter_of("sdmx")
    adapter.collect(address, adapter.options.model_validate(options), answers)
    return answers.asked


@pytest.mark.parametrize(
    ("options", "url"),
    [
        ({}, "https://x.example/rest"),
        ({"dataflow": "DF_IT"}, "https://x.example/rest/data/DF_IT/all"),
        (
            {
                "dataflow": "WB,DF_IT,1.0",
                "key": "A.VN+LA.",
                "parameters": {"startPeriod": "2018", "detail": "full"},
            },
            "https://x.example/rest/data/WB,DF_IT,1.0/A.VN+LA.?startPeriod=2018&detail=full",
        ),
        (
            {"dataflow": "DF_IT", "version": "3.0"},
            "https://x.example/rest/data/dataflow/*/DF_IT/+/*",
        ),
        (
            {
                "dataflow": "WB,DF_IT,1.0",
                "version": "3.0",
                "key": "A.VN.*",
                "parameters": {"c[TIME_PERIOD]": "ge:2018+le:2023"},
            },
            "https://x.example/rest/data/dataflow/WB/DF_IT/1.0/A.VN.*"
            "?c[TIME_PERIOD]=ge:2018+le:2023",
        ),
    ],
)
def test_the_address_is_built_as_the_version_wants_it(
    tmp_path: Path, options: dict[str, Any], url: str
) -> None:
    (request,) = asked(tmp_path, "https://x.example/rest", **options)
    assert request.url == url


def test_a_complete_address_keeps_its_query(tmp_path: Path) -> None:
    where = "https://x.example/rest/data/DF/A.VN?startPeriod=2018"
    (request,) = asked(tmp_path, where, parameters={"endPeriod": "2024"}, format="json")
    assert request.url == f"{where}&endPeriod=2024"
    assert request.headers["Accept"].startswith("application/vnd.sdmx.data+json;version=1.0.0")


@pytest.mark.parametrize(
    ("options", "url"),
    [
        (
            {"dataflow": "WB,DF_IT", "structure": "dataflow"},
            "https://x.example/rest/dataflow/WB/DF_IT/latest?references=children",
        ),
        (
            {"dataflow": "DF_IT", "structure": "dataflow", "version": "3.0"},
            "https://x.example/rest/structure/dataflow/*/DF_IT/+?references=children",
        ),
        (
            {"structure": "https://x.example/dsd.xml?references=x"},
            "https://x.example/dsd.xml?references=x",
        ),
    ],
)
def test_the_structure_is_asked_for_where_it_is_wanted(
    tmp_path: Path, options: dict[str, Any], url: str
) -> None:
    data, structure = asked(tmp_path, "https://x.example/rest", **options)
    assert structure.url == url
    assert "structure+xml" in structure.headers["Accept"]
    assert "structure+xml" not in data.headers["Accept"]


@pytest.mark.parametrize(
    "options",
    [
        {"key": "A.VN"},
        {"structure": "dataflow"},
        {"structure": "file:///etc/passwd"},
        {"dataflow": "A/B"},
        {"dataflow": "A,B,C,D"},
        {"dataflow": "A", "key": "../.."},
        {"version": "2.0"},
        {"format": "csv"},
        {"dataflow": "A", "structure": "dataflow", "format": "json"},
    ],
)
def test_options_that_mean_nothing_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        SdmxOptions.model_validate(options)


@pytest.mark.parametrize("make", [messages.generic, messages.specific, messages.json_2])
def test_a_table_is_read_after_its_generator_has_ended(
    tmp_path: Path, make: Callable[[], bytes]
) -> None:
    body = body_of(tmp_path / "b", make())
    tables = list(Sdmx().tables("http://x/", SdmxOptions(), [body]))
    assert len(named(tables)) == 4
