"""The list of all targets that `manage.py export_targets` prints."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from django.core.management import call_command
from pytest_django import DjangoAssertNumQueries

from targets.exporting import exported_targets
from tests.catalogue.folder import Folder

pytestmark = pytest.mark.django_db

HEADER = (
    "document,provision,indicator,indicator_name,pillar,year,operator,threshold,threshold_max,unit,"
    "kind,scope,lead,lead_basis,legal_status,interpreted"
)


@pytest.fixture(autouse=True)
def _loaded(folder: Folder) -> None:
    folder.replace("targets/qd1.csv", "level,>=,20", "level,>=,0.70")
    folder.add(
        "assignments/qd1.csv",
        "qd1-2025-rank,BCA,lead,inferred,,Theo chức năng,By function,",
        "qd1-standing-online,BCA,lead,inferred,,Theo chức năng,By function,",
    )
    folder.load()


def printed(*words: str) -> str:
    out = io.StringIO()
    call_command("export_targets", *words, stdout=out)
    return out.getvalue()


def rows() -> dict[tuple[str, str], dict[str, str]]:
    found = csv.DictReader(io.StringIO(printed()))
    return {(row["indicator"], row["document"]): row for row in found}


def test_the_columns_and_the_order_of_the_documents() -> None:
    header, *lines = printed().splitlines()
    assert header == HEADER
    assert [line.split(",")[0] for line in lines] == ["Dự thảo thử"] * 2 + ["1/QĐ-TTg"] * 3
    assert [line.split(",")[2] for line in lines[2:]] == ["economy-share", "gov-rank", "all-online"]


def test_a_target_with_a_number() -> None:
    assert rows()["economy-share", "1/QĐ-TTg"] == {
        "document": "1/QĐ-TTg",
        "provision": "Điều 1 > II > a",
        "indicator": "economy-share",
        "indicator_name": "Tỷ trọng kinh tế số",
        "pillar": "digital-economy",
        "year": "2025",
        "operator": ">=",
        "threshold": "0.7",
        "threshold_max": "",
        "unit": "percent",
        "kind": "level",
        "scope": "country",
        "lead": "BTTTT",
        "lead_basis": "stated",
        "legal_status": "in_force",
        "interpreted": "no",
    }


def test_a_standing_milestone_has_no_year_and_no_number() -> None:
    row = rows()["all-online", "1/QĐ-TTg"]
    blank = ("year", "operator", "threshold", "threshold_max")
    assert [row[name] for name in blank] == [""] * 4
    assert (row["kind"], row["unit"], row["interpreted"]) == ("milestone", "stage", "yes")


def test_several_leads_with_the_same_basis_and_with_two() -> None:
    one, two = rows()["all-online", "1/QĐ-TTg"], rows()["gov-rank", "1/QĐ-TTg"]
    assert (one["lead"], one["lead_basis"]) == ("BKHCN; BCA", "inferred")
    assert (two["lead"], two["lead_basis"]) == ("BTTTT; BCA", "stated; inferred")


def test_the_same_as_json() -> None:
    found: list[dict[str, Any]] = json.loads(printed("--format", "json"))
    assert [",".join(row) for row in found] == [HEADER] * 5
    (spread,) = [row for row in found if row["operator"] == "range"]
    assert (spread["threshold"], spread["threshold_max"], spread["year"]) == (30, 35, 2030)
    assert (spread["legal_status"], spread["interpreted"]) == ("draft", False)
    (floor,) = [row for row in found if row["threshold"] == 0.7]
    assert floor["threshold_max"] is None
    (standing,) = [row for row in found if row["kind"] == "milestone"]
    assert (standing["year"], standing["threshold"], standing["operator"]) == (None, None, "")
    assert standing["interpreted"] is True


def test_a_retired_target_is_left_out(folder: Folder) -> None:
    folder.drop("targets/qd1.csv", "qd1-2025-rank")
    for lead in ("BTTTT", "BCA"):
        folder.drop("assignments/qd1.csv", f"qd1-2025-rank,{lead}")
    folder.load()
    assert ("gov-rank", "1/QĐ-TTg") not in rows()


def test_the_list_is_read_in_two_queries(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(2):
        exported_targets()
