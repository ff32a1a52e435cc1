"""A catalogue folder into the database: all of it or nothing, and only what differs."""

from __future__ import annotations

import datetime as dt
import unicodedata
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from documents.models import Document, Provision
from targets.catalogue.loading import CatalogueError
from targets.models import (
    DataVersion,
    Observation,
    Organisation,
    OrganisationName,
    PendingAssessment,
    ReportingCycle,
    ReportingDuty,
    Series,
    Succession,
    Target,
    Task,
    TaskRole,
)
from tests.catalogue.folder import TODAY, Folder, brief, contents
from tests.factory import make

pytestmark = pytest.mark.django_db


DRAFT = "- code: du-thao-quarterly"


@pytest.fixture
def loaded(folder: Folder) -> Folder:
    """The small catalogue, in the database."""
    folder.load()
    return folder


def test_everything_of_the_files_is_in_the_database(loaded: Folder) -> None:
    target = Target.objects.get(key="qd1-2025-share")
    assert (target.operator, target.due_year, target.baseline_year) == (">=", 2025, 2019)
    assert (target.threshold, target.baseline_value) == (Decimal(20), Decimal(5))
    assert target.document.number == "1/QĐ-TTg"
    assert target.provision.locator == "Điều 1 > II > a"
    assert target.provision.parent is not None
    assert target.provision.parent.locator == "Điều 1 > II"
    assert (target.provision.depth, target.provision.position) == (3, 3)
    assert target.indicator.levels == ["national", "province"]
    assert target.indicator.unit.ratio_scale == 100
    restating = Target.objects.get(key="du-thao-2025-share")
    assert restating.restates == target
    assert restating.document.number == ""
    standing = Target.objects.get(key="qd1-standing-online")
    assert (standing.kind, standing.threshold, standing.due_year) == ("milestone", None, None)
    lead = target.assignments.get(role="lead")
    assert (lead.organisation.code, lead.basis, lead.function) == ("BTTTT", "stated", "ict")
    assert lead.provision is not None
    assert lead.provision.locator == "Điều 2"
    assert list(OrganisationName.objects.values_list("full_vi", flat=True).filter(
        organisation__code="tinh-a")) == ["Tỉnh A", "Thành phố A"]  # fmt: skip
    assert Organisation.objects.get(code="tinh-a").unverified
    assert Succession.objects.count() == 2
    # Nobody reports a rank that the United Nations publish, nor what is only context.
    assert set(Series.objects.values_list("indicator__code", "code", "official")) == {
        ("economy-share", "gso", True),
        ("economy-share", "mic", False),
        ("economy-share", "bao-cao", False),
        ("gov-rank", "un", True),
        ("all-online", "bao-cao", True),
    }
    duty = ReportingDuty.objects.get(code="qd1-yearly")
    assert (duty.reporters, duty.collector.code) == (["ministry", "province"], "BTTTT")
    assert (duty.provision.locator, duty.active) == ("Điều 2", True)
    task = Task.objects.get(number=1)
    assert (task.start_year, task.end_year, task.funding_en) == (2020, 2025, "State budget")
    assert [r.organisation.code for r in task.roles.all()] == ["BTTTT", "BCA"]


def test_targets_are_in_the_order_of_their_files(loaded: Folder) -> None:
    ordered = Target.objects.filter(document__slug="qd1").values_list("key", flat=True)
    assert list(ordered) == ["qd1-2025-share", "qd1-2025-rank", "qd1-standing-online"]


def test_what_is_loaded_is_due_for_a_verdict(loaded: Folder) -> None:
    due = PendingAssessment.objects.filter(organisation__code="VN")
    assert set(due.values_list("target__key", flat=True)) == set(
        Target.objects.values_list("key", flat=True)
    )


def test_a_second_load_changes_nothing(loaded: Folder) -> None:
    before, version = contents(), DataVersion.now()
    PendingAssessment.objects.all().delete()
    assert loaded.load() == []
    assert (contents(), DataVersion.now()) == (before, version)
    assert not PendingAssessment.objects.exists()


@pytest.mark.parametrize("file", ["targets/qd1.csv", "organisation_names.csv", "documents.yaml"])
@pytest.mark.parametrize("form", ["CRLF", "NFD"])
def test_another_way_to_write_the_same_file_changes_nothing(
    loaded: Folder, file: str, form: str
) -> None:
    text = loaded.text(file)
    other = text.replace("\n", "\r\n") if form == "CRLF" else unicodedata.normalize("NFD", text)
    assert other != text
    loaded.write(file, other)
    assert loaded.load() == []


def test_a_dry_run_tells_what_a_load_does_and_does_nothing(folder: Folder) -> None:
    before = contents()
    told = folder.load(dry_run=True)
    assert contents() == before
    assert not PendingAssessment.objects.exists()
    assert folder.load() == told


@pytest.mark.parametrize(
    ("spoil", "where"),
    [
        (("indicators.csv", "digital-government,rank", "digital-government,parsec"),
         ["indicators.csv:3: unit", "targets/qd1.csv:3: unit"]),
        (("targets/qd1.csv", "percent,2025,no", "percent,năm 2025,no"),
         ["targets/qd1.csv:2: due_year"]),
        (("units.yaml", "code: stage", "code: rank"),
         ["targets/qd1.csv:4: unit", "units.yaml:14: code", "indicators.csv:4: unit"]),
        (("successions.csv", "BTTTT,BCA,2025-03-01,network", "BKHCN,BTTTT,2025-03-01,network"),
         ["successions.csv:2: successor"]),
        (("targets/qd1.csv", "2025-rank,Điều 1 > II > b", "2025-rank,Điều 1 > III"),
         ["targets/qd1.csv:3: provision"]),
    ],
    ids=["unknown unit", "a year as text", "duplicate key", "a cycle", "a missing provision"],
)  # fmt: skip
def test_a_bad_file_changes_nothing_and_is_named(
    loaded: Folder, spoil: tuple[str, str, str], where: list[str]
) -> None:
    loaded.add("tasks.csv", "3,qd1,Phụ lục,x,x,x,x,,,,")
    loaded.add("task_roles.csv", "3,BCA,lead,x,")
    loaded.replace(*spoil)
    before = contents()
    with pytest.raises(CommandError) as refusal:
        call_command("load_catalogue", str(loaded.path))
    assert refusal.value.returncode == 1
    lines = str(refusal.value).splitlines()
    assert lines[-1] == f"{len(where)} lỗi; chưa thay đổi gì trong cơ sở dữ liệu."
    assert sorted(": ".join(line.split(": ")[:2]) for line in lines[:-1]) == sorted(where)
    assert contents() == before


def test_the_command_tells_what_changed(folder: Folder) -> None:
    out = StringIO()
    call_command("load_catalogue", str(folder.path), dry_run=True, stdout=out)
    told = out.getvalue().splitlines()
    assert "added    target qd1-2025-share" in told
    assert "added    assignment qd1-2025-share / BTTTT / lead" in told
    assert "added    provision qd1 / Điều 1 > II > a" in told
    assert "added    succession BTTTT / BKHCN / ict" in told
    assert told[-1] == "Chạy thử: chưa ghi gì."
    assert not Target.objects.exists()
    for expected in ("added", "Không có gì thay đổi."):
        out = StringIO()
        call_command("load_catalogue", str(folder.path), stdout=out)
        (line,) = out.getvalue().splitlines()
        assert expected in line


def test_a_folder_that_is_not_there_is_named(folder: Folder) -> None:
    with pytest.raises(CommandError, match="Không có thư mục danh mục"):
        call_command("load_catalogue", str(folder.path / "nowhere"))


def test_the_catalogue_of_the_project_is_loaded_when_none_is_named() -> None:
    call_command("load_catalogue", dry_run=True, stdout=StringIO())


CHANGES = [
    ("targets/qd1.csv", "level,>=,20", "level,>=,25",
     ["changed target qd1-2025-share threshold"]),
    ("targets/qd1.csv", "2025-rank,Điều 1 > II > b", "2025-rank,Điều 1 > II",
     ["changed target qd1-2025-rank provision"]),
    ("targets/du-thao.csv", "no,,,qd1-2025-share", "no,,,",
     ["changed target du-thao-2025-share restates"]),
    ("indicators.csv", "United Nations,2,", "United Nations,1,",
     ["changed indicator gov-rank interval_years"]),
    ("indicators.csv", "up,national province,", "up,national,",
     ["changed indicator economy-share levels", "removed series economy-share / bao-cao"]),
    ("assignments/qd1.csv", "qd1-2025-share,BCA,partner", "qd1-2025-share,BKHCN,partner",
     ["removed assignment qd1-2025-share / BCA / partner",
      "added assignment qd1-2025-share / BKHCN / partner"]),
    ("provisions/qd1.csv", "Kinh tế số", "Nền kinh tế số",
     ["changed provision qd1 / Điều 1 > II > a heading_vi"]),
    ("organisation_names.csv", ",2026-04-29,", ",2026-04-28,",
     ["changed organisationname tinh-a / … valid_to"]),
    ("organisation_codes.csv", "gso,24,2025-07-01", "gso,27,2025-07-01",
     ["removed organisationcode tinh-a / gso / 24 / 2025-07-01",
      "added organisationcode tinh-a / gso / 27 / 2025-07-01"]),
    ("series.csv", "Ước tính,", ",", ["changed series economy-share / mic note_vi"]),
    ("tiles.csv", "tinh-a,9,9", "tinh-a,8,8",
     ["removed maptile 9 / 9", "added maptile 8 / 8"]),
    ("tasks.csv", "2020,2025", "2020,2026", ["changed task qd1 / 1 end_year"]),
    ("task_roles.csv", "1,BCA,partner,Bộ Công an,", "1,BCA,partner,Bộ CA,",
     ["changed taskrole 1 / BCA / partner as_written"]),
    ("documents.yaml", "issued_on: 2020-06-03", "issued_on: 2020-06-04",
     ["changed document qd1 issued_on"]),
    ("methods.yaml", "0.60", "0.50", ["changed assessmentmethod 1 at_risk_from"]),
]  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "told"), CHANGES)
def test_a_changed_cell_is_the_only_change(
    loaded: Folder, file: str, old: str, new: str, told: list[str]
) -> None:
    loaded.replace(file, old, new)
    assert brief(loaded.load()) == told
    assert loaded.load() == []


def test_a_change_is_told_with_what_was_and_what_is(loaded: Folder) -> None:
    loaded.replace("targets/qd1.csv", "2025-rank,Điều 1 > II > b", "2025-rank,Điều 1 > II")
    (change,) = loaded.load()
    assert str(change) == (
        "changed  target qd1-2025-rank\n           provision: Điều 1 > II > b → Điều 1 > II"
    )


def test_a_change_makes_its_verdicts_due(loaded: Folder) -> None:
    PendingAssessment.objects.all().delete()
    loaded.replace("provisions/qd1.csv", "Kinh tế số", "Nền kinh tế số")
    loaded.load()
    assert PendingAssessment.objects.exists()


def test_a_target_that_left_is_retired_on_that_day_and_may_return(loaded: Folder) -> None:
    kept = loaded.text("targets/qd1.csv"), loaded.text("assignments/qd1.csv")
    loaded.drop("targets/qd1.csv", "qd1-2025-rank")
    loaded.drop("assignments/qd1.csv", "qd1-2025-rank")
    assert brief(loaded.load(today=TODAY)) == [
        "moved target qd1-standing-online position",
        "retired target qd1-2025-rank",
    ]
    retired = Target.objects.get(key="qd1-2025-rank")
    assert retired.retired_on == TODAY
    assert retired.assignments.count() == 1
    assert loaded.load(today=TODAY + dt.timedelta(days=1)) == []

    loaded.write("targets/qd1.csv", kept[0])
    loaded.write("assignments/qd1.csv", kept[1].replace("rank,BTTTT", "rank,BKHCN").replace(
        "qd1-2025-rank,BKHCN,lead,stated,Điều 2,,,ict", "qd1-2025-rank,BKHCN,lead,stated,Điều 2,,,"
    ))  # fmt: skip
    assert brief(loaded.load()) == [
        "changed target qd1-2025-rank retired_on",
        "moved target qd1-standing-online position",
        "removed assignment qd1-2025-rank / BTTTT / lead",
        "added assignment qd1-2025-rank / BKHCN / lead",
    ]
    assert Target.objects.get(key="qd1-2025-rank").pk == retired.pk


def test_a_document_that_left_goes_when_its_targets_have_gone(loaded: Folder) -> None:
    """Its targets are retired and keep it; what nothing keeps is removed."""
    head, _sep, tail = loaded.text("documents.yaml").partition("- slug: du-thao")
    assert tail
    loaded.write("documents.yaml", head)
    for directory in ("provisions", "targets", "assignments"):
        (loaded.path / directory / "du-thao.csv").unlink()
    loaded.write("reporting_duties.yaml", loaded.text("reporting_duties.yaml").partition(DRAFT)[0])
    assert brief(loaded.load()) == [
        "retired target du-thao-2030-share",
        "retired target du-thao-2025-share",
        "removed reportingduty du-thao-quarterly",
    ]
    assert Document.objects.filter(slug="du-thao").exists()
    assert loaded.load() == []


def test_a_duty_that_left_keeps_its_cycles_and_opens_no_more(loaded: Folder) -> None:
    make(ReportingCycle, duty=ReportingDuty.objects.get(code="qd1-yearly"))
    rest = loaded.text("reporting_duties.yaml").partition(DRAFT)
    loaded.write("reporting_duties.yaml", rest[1] + rest[2])
    assert brief(loaded.load()) == ["retired reportingduty qd1-yearly"]
    assert not ReportingDuty.objects.get(code="qd1-yearly").active
    assert loaded.load() == []


def test_reports_are_not_judged_by_once_somebody_publishes(loaded: Folder) -> None:
    loaded.add("series.csv", "all-online,most,Bộ KH&CN,MOST,,,yes,,")
    assert brief(loaded.load()) == [
        "changed series all-online / bao-cao official",
        "added series all-online / most",
        "removed series all-online / bao-cao",
    ]


def test_what_nothing_needs_any_more_is_removed(loaded: Folder) -> None:
    loaded.drop("provisions/qd1.csv", "qd1,Phụ lục")
    loaded.add("provisions/qd1.csv", "qd1,Phụ lục I,,")
    for file in ("tasks.csv", "task_roles.csv"):
        loaded.drop(file, "2,")
    loaded.replace("tasks.csv", "qd1,Phụ lục,", "qd1,Phụ lục I,")
    loaded.drop("series.csv", "economy-share,mic")
    loaded.drop("context.csv", "economy-share")
    loaded.drop("indicators.csv", "ict-revenue")
    told = brief(loaded.load())
    assert {line for line in told if line.startswith("removed")} == {
        "removed task qd1 / 2",
        "removed taskrole 2 / BKHCN / lead",
        "removed series economy-share / mic",
        "removed contextlink economy-share / ict-revenue",
        "removed indicator ict-revenue",
        "removed provision qd1 / Phụ lục",
    }
    assert not Provision.objects.filter(locator="Phụ lục").exists()
    assert not TaskRole.objects.filter(task__number=2).exists()


def test_a_clause_that_grows_deeper_than_any_before_and_back(loaded: Folder) -> None:
    before = contents()["provision"]
    deep = ["qd1,Điều 2 > 1,,", "qd1,Điều 2 > 1 > a,,", "qd1,Điều 2 > 1 > a > gạch đầu dòng 1,,"]
    text = loaded.text("provisions/qd1.csv")
    loaded.add("provisions/qd1.csv", *deep)
    assert len(loaded.load()) == 3
    leaf = Provision.objects.get(depth=4)
    assert leaf.parent is not None
    assert leaf.parent.locator == "Điều 2 > 1 > a"
    loaded.write("provisions/qd1.csv", text)
    assert brief(loaded.load()) == [
        f"removed provision {line.removesuffix(',,').replace(',', ' / ')}" for line in deep[::-1]
    ]
    assert contents()["provision"] == before


@pytest.fixture
def valued(loaded: Folder) -> dict[str, Any]:
    """A value that keeps its series and its organisation."""
    series = Series.objects.get(code="mic")
    ministry = Organisation.objects.get(code="BCA")
    make(Observation, series=series, organisation=ministry)
    return {"series": series, "organisation": ministry}


def test_what_has_a_history_stays(loaded: Folder, valued: dict[str, Any]) -> None:
    loaded.drop("series.csv", "economy-share,mic")
    loaded.drop("organisations.csv", "BCA")
    loaded.drop("organisation_names.csv", "BCA")
    loaded.drop("successions.csv", "BTTTT,BCA")
    loaded.drop("assignments/qd1.csv", "qd1-2025-share,BCA")
    loaded.drop("task_roles.csv", "1,BCA")
    assert brief(loaded.load()) == [
        "removed succession BTTTT / BCA / network-security",
        "removed assignment qd1-2025-share / BCA / partner",
        "removed taskrole 1 / BCA / partner",
    ]
    assert Series.objects.filter(pk=valued["series"].pk).exists()
    # With its name: its values would otherwise stand on a page under a code.
    assert OrganisationName.objects.filter(organisation=valued["organisation"]).exists()
    assert loaded.load() == []


def test_another_series_may_become_the_official_one(loaded: Folder) -> None:
    loaded.replace("series.csv", "Statistics office,,,yes", "Statistics office,,,no")
    loaded.replace("series.csv", "MIC,,,no", "MIC,,,yes")
    assert brief(loaded.load()) == [
        "changed series economy-share / gso official",
        "changed series economy-share / mic official",
    ]


@pytest.mark.parametrize("with_values", [False, True])
def test_the_official_series_may_get_another_code(loaded: Folder, with_values: bool) -> None:
    old = Series.objects.get(code="gso")
    if with_values:
        make(Observation, series=old, organisation=Organisation.objects.get(code="VN"))
    loaded.replace("series.csv", "economy-share,gso", "economy-share,nso")
    told = brief(loaded.load())
    assert told[:2] == [
        "changed series economy-share / gso official",
        "added series economy-share / nso",
    ]
    assert told[2:] == ([] if with_values else ["removed series economy-share / gso"])
    assert Series.objects.get(indicator=old.indicator, official=True).code == "nso"
    assert loaded.load() == []


def test_another_method_may_come_into_use(loaded: Folder) -> None:
    loaded.replace("methods.yaml", "active: yes", "active: no")
    loaded.add("methods.yaml", '- version: "2"', "  on_track_from: 1", "  at_risk_from: 0.5",
               "  active: yes")  # fmt: skip
    assert brief(loaded.load()) == ["changed assessmentmethod 1 active", "added assessmentmethod 2"]


def test_a_code_may_go_to_another_organisation(loaded: Folder) -> None:
    loaded.replace("organisation_codes.csv", "tinh-a,gso,24,2025-07-01,", "BCA,gso,24,2025-07-01,")
    assert len(loaded.load()) == 2


def test_a_clash_with_history_is_a_message(loaded: Folder) -> None:
    """The old document stays because of its targets, and has the number still."""
    make(Target, document=Document.objects.get(slug="qd1"), key="gone", retired_on=TODAY)
    for directory in ("provisions", "targets", "assignments"):
        old = loaded.path / directory / "qd1.csv"
        (loaded.path / directory / "qd2.csv").write_text(
            old.read_text(encoding="utf-8").replace("\nqd1,", "\nqd2,"), encoding="utf-8"
        )
        old.unlink()
    loaded.write("tasks.csv", loaded.text("tasks.csv").replace(",qd1,", ",qd2,"))
    loaded.replace("documents.yaml", "slug: qd1", "slug: qd2")
    loaded.replace("reporting_duties.yaml", "document: qd1", "document: qd2")
    before = contents()
    with pytest.raises(CatalogueError, match="document_number_unique"):
        loaded.load()
    assert contents() == before
