"""Every rule of the catalogue: what breaks it is named at its file, line and field."""

from __future__ import annotations

import shutil
from collections.abc import Callable

import pytest

from tests.catalogue.folder import SMALL, Folder

pytestmark = pytest.mark.django_db

Spoil = Callable[[Folder], object]
TARGETS, DUTIES = "targets/qd1.csv", "assignments/qd1.csv"
CLAUSES = "provisions/qd1.csv"
REPORTING = "reporting_duties.yaml"
NAMES, CODES = "organisation_names.csv", "organisation_codes.csv"


def replace(file: str, old: str, new: str) -> Spoil:
    return lambda folder: folder.replace(file, old, new)


def add(file: str, *lines: str) -> Spoil:
    return lambda folder: folder.add(file, *lines)


def drop(file: str, start: str) -> Spoil:
    return lambda folder: folder.drop(file, start)


def again(file: str, number: int) -> Spoil:
    """Line `number` of the file once more at its end."""
    return lambda folder: folder.add(file, folder.text(file).splitlines()[number - 1])


PILLAR = """- code: {code}
  slug: {slug}
  name_vi: x
  name_en: x
  short_vi: x
  short_en: x
  position: 3"""
UNIT = """- code: percent
  kind: percent
  name_vi: x
  name_en: x
  decimals: 1"""
METHOD = """- version: "{version}"
  on_track_from: {on_track}
  at_risk_from: {at_risk}
  active: {active}"""
DOCUMENT = """- slug: {slug}
  number: 1/QĐ-TTg
  title_vi: x
  title_en: x
  short_vi: x
  short_en: x
  kind: pm_decision
  issuer_vi: x
  issuer_en: x
  issued_on: 2020-01-01
  legal_status: in_force
  rank: 3"""
LEAD = "qd1-2025-rank,BTTTT,lead,stated,Điều 2,,,ict"

# What is done to the catalogue, and all that is then said, each up to its message.
MISTAKES: dict[str, tuple[Spoil, list[str]]] = {
    # Keys
    "pillar twice": (
        add("pillars.yaml", PILLAR.format(code="digital-economy", slug="moi")),
        ["pillars.yaml:16: code: «digital-economy» đã có ở pillars.yaml:2"],
    ),
    "pillar slug twice": (
        add("pillars.yaml", PILLAR.format(code="new", slug="kinh-te-so")),
        ["pillars.yaml:16: slug"],
    ),
    "unit twice": (add("units.yaml", UNIT), ["units.yaml:19: code"]),
    "method twice": (
        add("methods.yaml", METHOD.format(version=1, on_track=1, at_risk=0.5, active="no")),
        ["methods.yaml:7: version"],
    ),
    "document twice": (
        add("documents.yaml", DOCUMENT.format(slug="qd1").replace("1/QĐ-TTg", "2/QĐ-TTg")),
        ["documents.yaml:24: slug"],
    ),
    "document number twice": (
        add("documents.yaml", DOCUMENT.format(slug="qd2")),
        ["documents.yaml:24: number: «1/QĐ-TTg» đã có ở documents.yaml:1"],
    ),
    "organisation twice": (
        again("organisations.csv", 4),
        ["organisations.csv:7: code: «BKHCN» đã có ở organisations.csv:4"],
    ),
    "indicator twice": (again("indicators.csv", 2), ["indicators.csv:6: code"]),
    "series twice": (
        again("series.csv", 3),
        ["series.csv:5: code: «economy-share / mic» đã có ở series.csv:3"],
    ),
    "context twice": (again("context.csv", 2), ["context.csv:3: context"]),
    "tile twice": (
        add("tiles.csv", "tinh-a,1,2,B,province"),
        ["tiles.csv:4: row: «1 / 2» đã có ở tiles.csv:2"],
    ),
    "clause twice": (again(CLAUSES, 7), [f"{CLAUSES}:8: locator"]),
    "succession twice": (again("successions.csv", 2), ["successions.csv:4: function"]),
    "target twice in two documents": (
        add("targets/du-thao.csv", "qd1-2025-rank,I > 1,gov-rank,digital-government,rank,<=,70,,"
            "rank,2025,no,stated,2025,country,,,x,x,no,,,"),
        [f"{TARGETS}:3: key: «qd1-2025-rank» đã có ở targets/du-thao.csv:4"],
    ),
    "duty twice": (again(DUTIES, 2), [f"{DUTIES}:6: organisation"]),
    "task twice": (again("tasks.csv", 3), ["tasks.csv:4: number: «2» đã có ở tasks.csv:3"]),
    "part in a task twice": (again("task_roles.csv", 2), ["task_roles.csv:5: organisation"]),
    # References
    "unknown pillar of an indicator": (
        replace("indicators.csv", "digital-economy,percent,up,national,,,1,none,cagr", "green,"
                "percent,up,national,,,1,none,cagr"),
        ["indicators.csv:5: pillar: không có «green» trong danh mục"],
    ),
    "unknown unit of an indicator": (
        replace("indicators.csv", "digital-government,rank", "digital-government,place"),
        ["indicators.csv:3: unit: không có «place» trong danh mục",
         f"{TARGETS}:3: unit: đơn vị «rank» khác đơn vị «place» của chỉ tiêu"],
    ),
    "unknown indicator of a series": (
        replace("series.csv", "gov-rank", "gov-ranks"),
        ["data_sources.yaml:2: series", "series.csv:4: indicator"],
    ),
    "unknown indicator of a context": (
        replace("context.csv", "economy-share,", "share,"), ["context.csv:2: indicator"],
    ),
    "unknown context": (
        replace("context.csv", "ict-revenue", "ict"), ["context.csv:2: context"],
    ),
    "unknown organisation of a name": (
        replace(NAMES, "BCA,", "BCX,"),
        [f"{NAMES}:5: organisation", "organisations.csv:5: code: chưa có tên"],
    ),
    "unknown organisation of a code": (
        replace(CODES, "tinh-a", "tinh-b"), [f"{CODES}:2: organisation"],
    ),
    "unknown predecessor": (
        add("successions.csv", "BTT,BCA,2025-03-01,press,x,x,verified,"),
        ["successions.csv:4: predecessor"],
    ),
    "unknown successor": (
        add("successions.csv", "BTTTT,BVHTT,2025-03-01,press,x,x,verified,"),
        ["successions.csv:4: successor"],
    ),
    "unknown organisation of a tile": (
        add("tiles.csv", "tinh-b,3,3,B,province"), ["tiles.csv:4: organisation"],
    ),
    "unknown document of a clause": (
        add(CLAUSES, "qd9,Điều 3,,"), [f"{CLAUSES}:8: document"] * 2,
    ),
    "unknown pillar of a target": (
        replace(TARGETS, "all-online,digital-government", "all-online,green"),
        [f"{TARGETS}:4: pillar"],
    ),
    "unknown indicator of a target": (
        replace(TARGETS, "all-online,", "none-online,"), [f"{TARGETS}:4: indicator"],
    ),
    "unknown unit of a target": (
        replace(TARGETS, ",,stage,", ",,step,"),
        [f"{TARGETS}:4: unit: không có «step» trong danh mục"],
    ),
    "unknown restated target": (
        replace("targets/du-thao.csv", "no,,,qd1-2025-share", "no,,,qd1-2024-share"),
        ["targets/du-thao.csv:3: restates"],
    ),
    "unknown target of a duty": (
        add(DUTIES, LEAD.replace("rank", "ranks")), [f"{DUTIES}:6: target"],
    ),
    "unknown organisation of a duty": (
        add(DUTIES, "qd1-2025-rank,BXD,partner,inferred,,x,x,"), [f"{DUTIES}:6: organisation"],
    ),
    "unknown document of a task": (
        add("tasks.csv", "3,qd9,Phụ lục,x,x,x,x,,,,"),
        ["tasks.csv:4: document", "tasks.csv:4: number: chưa có cơ quan chủ trì",
         "tasks.csv:4: provision"],
    ),
    "unknown organisation of a part": (
        add("task_roles.csv", "2,BXD,partner,x,"), ["task_roles.csv:5: organisation"],
    ),
    "unknown task of a part": (
        add("task_roles.csv", "9,BCA,partner,x,"), ["task_roles.csv:5: task"],
    ),
    "file of no document": (
        lambda folder: folder.write("targets/qd9.csv", folder.text(TARGETS).splitlines()[0] + "\n"
            "qd9-x,Điều 1,gov-rank,digital-government,rank,<=,5,,rank,2030,no,stated,2030,country,"
            ",,x,x,no,,,\n"),
        ["targets/qd9.csv:2: tên tệp phải là mã một văn bản; không có «qd9»",
         "targets/qd9.csv:2: key: chưa có cơ quan chủ trì", "targets/qd9.csv:2: provision"],
    ),
    "missing clause of a target": (
        replace(TARGETS, "2025-rank,Điều 1 > II > b", "2025-rank,Điều 1 > II > c"),
        [f"{TARGETS}:3: provision: không có điều khoản «Điều 1 > II > c» trong {CLAUSES}"],
    ),
    "missing clause of a duty": (
        replace(DUTIES, LEAD, LEAD.replace("Điều 2", "Điều 4")), [f"{DUTIES}:4: provision"],
    ),
    "missing clause of a task": (
        replace("tasks.csv", "2,qd1,Phụ lục", "2,qd1,Phụ lục II"), ["tasks.csv:3: provision"],
    ),
    "function that was never passed on": (
        replace(DUTIES, LEAD, LEAD.replace("ict", "press")), [f"{DUTIES}:4: function"],
    ),
    "function of a body that has no successor": (
        replace("task_roles.csv", "Bộ Khoa học và Công nghệ,", "Bộ Khoa học và Công nghệ,ict"),
        ["task_roles.csv:4: function"],
    ),
    # Units and methods
    "scale of zero": (
        replace("units.yaml", "ratio_scale: 100", "ratio_scale: 0"), ["units.yaml:1: ratio_scale"],
    ),
    "thresholds of pace in the wrong order": (
        replace("methods.yaml", "0.60", "0.95"), ["methods.yaml:1: at_risk_from"],
    ),
    "threshold of pace above one": (
        replace("methods.yaml", "0.95", "1.05"), ["methods.yaml:1: at_risk_from"],
    ),
    "two methods in use": (
        add("methods.yaml", METHOD.format(version=2, on_track=1, at_risk=0.5, active="yes")),
        ["methods.yaml:7: active: có 2 phương pháp đang dùng (yes), cần đúng 1"],
    ),
    "no method in use": (
        replace("methods.yaml", "active: yes", "active: no"), ["methods.yaml:1: active: có 0"],
    ),
    # Organisations
    "life that ends before it begins": (
        replace("organisations.csv", "2007-08-08,2025-02-28", "2025-03-01,2025-02-28"),
        ["organisations.csv:3: valid_to"],
    ),
    "name that ends before it begins": (
        replace(NAMES, ",2026-04-30,,", ",2026-04-30,2026-04-29,"), [f"{NAMES}:7: valid_to"],
    ),
    "code that ends before it begins": (
        replace(CODES, "2025-07-01,", "2025-07-01,2025-06-30"), [f"{CODES}:2: valid_to"],
    ),
    "organisation without a name": (
        drop(NAMES, "BCA,"), ["organisations.csv:5: code: chưa có tên"],
    ),
    "no country": (
        replace("organisations.csv", "VN,country", "VNM,country"),
        [f"{NAMES}:2: organisation", "organisations.csv:2: code: chưa có tên",
         "organisations.csv:2: code: thiếu «VN»", "organisations.csv:2: kind"],
    ),
    "second country": (
        replace("organisations.csv", "BCA,ministry", "BCA,country"), ["organisations.csv:5: kind"],
    ),
    "country that is none": (
        replace("organisations.csv", "VN,country", "VN,group"), ["organisations.csv:2: kind"],
    ),
    "two names at a time": (
        replace(NAMES, "2026-04-30", "2026-04-29"),
        [f"{NAMES}:7: valid_from: trùng thời gian với {NAMES}:6"],
    ),
    "code of two at a time": (
        add(CODES, "BCA,gso,24,,2025-07-01"),
        [f"{CODES}:2: valid_from: trùng thời gian với {CODES}:3"],
    ),
    "cycle of successions": (
        add("successions.csv", "BKHCN,BTTTT,2025-03-02,ict,x,x,verified,"),
        ["successions.csv:2: successor: kế thừa thành vòng: "],
    ),
    "successor of itself": (
        add("successions.csv", "BCA,BCA,2025-03-02,ict,x,x,verified,"),
        ["successions.csv:4: successor: kế thừa thành vòng: BCA → BCA"],
    ),
    # Documents
    "number missing from a decision": (
        replace("documents.yaml", "  number: 1/QĐ-TTg\n", ""), ["documents.yaml:1: number"],
    ),
    "clause in the file of another document": (
        add(CLAUSES, "du-thao,Điều 3,,"), [f"{CLAUSES}:8: document: phải là «qd1» như tên tệp"],
    ),
    "clause without the one above it": (
        add(CLAUSES, "qd1,Điều 3 > I,,"),
        [f"{CLAUSES}:8: locator: thiếu điều khoản cấp trên «Điều 3»"],
    ),
    # Indicators
    "no official series": (
        replace("series.csv", "United Nations,,,yes", "United Nations,,,no"),
        ["series.csv:4: official: chỉ tiêu «gov-rank» có 0 chuỗi chính thức, cần đúng 1"],
    ),
    "two official series": (
        replace("series.csv", "MIC,,,no", "MIC,,,yes"), ["series.csv:2: official"],
    ),
    "context of itself": (
        replace("context.csv", "ict-revenue", "economy-share"), ["context.csv:2: context"],
    ),
    "end of an index without a reason": (
        replace("indicators.csv", "Ngừng công bố", ""), ["indicators.csv:3: unmeasurable_vi"],
    ),
    "interval of no years": (
        replace("indicators.csv", "United Nations,2,", "United Nations,0,"),
        ["indicators.csv:3: interval_years"],
    ),
    # Targets
    "milestone with a number": (
        replace(TARGETS, "milestone,,,,", "milestone,,100,,"), [f"{TARGETS}:4: threshold"],
    ),
    "milestone with an operator": (
        replace(TARGETS, "milestone,,,,", "milestone,>=,,,"), [f"{TARGETS}:4: threshold"],
    ),
    "no operator": (replace(TARGETS, "level,>=,20", "level,,20"), [f"{TARGETS}:2: operator"]),
    "no threshold": (replace(TARGETS, "level,>=,20", "level,>=,"), [f"{TARGETS}:2: threshold"]),
    "range without an upper bound": (
        replace("targets/du-thao.csv", "30,35", "30,"), ["targets/du-thao.csv:2: threshold_max"],
    ),
    "range upside down": (
        replace("targets/du-thao.csv", "30,35", "35,30"), ["targets/du-thao.csv:2: threshold_max"],
    ),
    "upper bound without a range": (
        replace(TARGETS, ">=,20,,", ">=,20,25,"), [f"{TARGETS}:2: threshold_max"],
    ),
    "rank that should rise": (
        replace(TARGETS, "rank,<=,70", "rank,>=,70"), [f"{TARGETS}:3: operator: thứ hạng"],
    ),
    "standing duty with a year": (
        replace(TARGETS, "stage,,yes,none", "stage,2030,yes,stated"), [f"{TARGETS}:4: due_year"],
    ),
    "standing duty at a horizon": (
        replace(TARGETS, "none,standing", "none,2030"), [f"{TARGETS}:4: due_year"],
    ),
    "standing horizon of no standing duty": (
        replace(TARGETS, "stage,,yes", "stage,,no"), [f"{TARGETS}:4: horizon"],
    ),
    "year without a basis": (
        replace(TARGETS, "percent,2025,no,stated", "percent,2025,no,none"),
        [f"{TARGETS}:2: year_basis"],
    ),
    "basis without a year": (
        replace(TARGETS, "percent,2025,no", "percent,,no"), [f"{TARGETS}:2: year_basis"],
    ),
    "due long ago": (
        replace(TARGETS, "percent,2025", "percent,1975"), [f"{TARGETS}:2: due_year: «1975»"],
    ),
    "baseline without its year": (
        replace(TARGETS, ",2019,5,", ",,5,"), [f"{TARGETS}:2: baseline_value"],
    ),
    "target without a lead": (
        replace(DUTIES, "standing-online,BKHCN,lead", "standing-online,BKHCN,partner"),
        [f"{TARGETS}:4: key: chưa có cơ quan chủ trì"],
    ),
    "target measured by a proxy": (
        replace(TARGETS, "rank,Điều 1 > II > b,gov-rank,digital-government,rank,<=,70,,rank",
                "rank,Điều 1 > II > b,ict-revenue,digital-government,level,>=,70,,percent"),
        [f"{TARGETS}:3: indicator: «ict-revenue» chỉ để tham khảo, không đo mục tiêu"],
    ),
    "target in another unit than its indicator": (
        replace(TARGETS, "70,,rank", "70,,percent"), [f"{TARGETS}:3: unit"],
    ),
    "interpretation that is not explained": (
        replace(TARGETS, "yes,Không nêu năm", "yes,"), [f"{TARGETS}:4: interpretation_vi"],
    ),
    "target that restates itself": (
        replace(TARGETS, "20% of GDP,no,,,", "20% of GDP,no,,,qd1-2025-share"),
        ["targets/du-thao.csv:3: restates", f"{TARGETS}:2: restates"],
    ),
    # Duties
    "stated duty without its clause": (
        replace(DUTIES, LEAD, LEAD.replace("Điều 2", "")), [f"{DUTIES}:4: provision"],
    ),
    "inferred duty without a reason in English": (
        replace(DUTIES, "online,BKHCN,lead,inferred,,Theo chức năng,By function",
                "online,BKHCN,lead,inferred,,Theo chức năng,"),
        [f"{DUTIES}:5: reason_vi"],
    ),
    # Tasks
    "task without a lead": (
        replace("task_roles.csv", "2,BKHCN,lead", "2,BKHCN,partner"), ["tasks.csv:3: number"],
    ),
    "task that ends before it begins": (
        replace("tasks.csv", "2020,2025", "2026,2025"), ["tasks.csv:2: end_year"],
    ),
    # Reporting duties
    "reporting duty twice": (
        replace(REPORTING, "code: du-thao-quarterly", "code: qd1-yearly"),
        [f"{REPORTING}:16: code: «qd1-yearly» đã có ở {REPORTING}:1"],
    ),
    "reporting duty of an unknown document": (
        replace(REPORTING, "document: qd1", "document: qd9"),
        [f"{REPORTING}:1: document", f"{REPORTING}:1: provision"],
    ),
    "reporting duty without its clause": (
        replace(REPORTING, "provision: Điều 2", "provision: Điều 9"), [f"{REPORTING}:1: provision"],
    ),
    "reports to an unknown body": (
        replace(REPORTING, "collector: BKHCN", "collector: BXX"), [f"{REPORTING}:16: collector"],
    ),
    "reports to a body by what it never passed on": (
        replace(REPORTING, "collector_function: ict", "collector_function: press"),
        [f"{REPORTING}:1: collector_function"],
    ),
    "a draft that binds to report": (
        replace(REPORTING, "active: no", "active: yes"), [f"{REPORTING}:16: active"],
    ),
    "inferred due day without a reason": (
        replace(REPORTING, "due_reason_en: The draft names no day", "due_reason_en:"),
        [f"{REPORTING}:16: due_reason_vi"],
    ),
    "data from no day": (
        replace(REPORTING, "data_from_day: 15", "data_from_day: 31"),
        [f"{REPORTING}:11: data_from_day: «31»: cần một số nguyên từ 1 đến 28"],
    ),
    "reports of nobody": (
        replace(REPORTING, "reporters: ministry\n", "reporters: ward\n"),
        [f"{REPORTING}:22: reporters: «ward»"],
    ),
}  # fmt: skip


def test_the_small_catalogue_has_no_mistake(folder: Folder) -> None:
    assert folder.problems() == []


@pytest.mark.parametrize("name", MISTAKES)
def test_a_breach_is_named_at_its_place(folder: Folder, name: str) -> None:
    spoil, expected = MISTAKES[name]
    spoil(folder)
    said = folder.problems()
    assert len(said) == len(expected), said
    for line, start in zip(said, expected, strict=True):
        assert line.startswith(start), said


def test_every_mistake_is_told_in_one_go_and_only_once(folder: Folder) -> None:
    for name in ("scale of zero", "two official series", "no operator", "task without a lead"):
        MISTAKES[name][0](folder)
    # What else names this ministry, and this file, is no mistake of its own.
    folder.replace("organisations.csv", "2007-08-08", "8/8/2007")
    folder.write("indicators.csv", folder.text("indicators.csv").encode("utf-16"))
    assert [line.split(": ")[0] for line in folder.problems()] == [
        "indicators.csv:1",
        "organisations.csv:3",
        "series.csv:2",
        "targets/qd1.csv:2",
        "tasks.csv:3",
        "units.yaml:1",
    ]


FILES = [str(path.relative_to(SMALL)) for path in sorted(SMALL.rglob("*.*"))]


@pytest.mark.parametrize("file", FILES)
def test_a_file_in_the_wrong_encoding_is_one_mistake(folder: Folder, file: str) -> None:
    folder.write(file, folder.text(file).encode("utf-16"))
    assert folder.problems() == [f"{file}:1: tệp ghi bằng UTF-16; hãy lưu lại dạng CSV UTF-8"]


@pytest.mark.parametrize("file", FILES)
def test_a_missing_file_is_one_mistake(folder: Folder, file: str) -> None:
    (folder.path / file).unlink()
    said = folder.problems()
    if file.startswith("provisions/"):
        # One document without clauses: each of its rows cites one that is not there.
        assert said
        assert all("không có điều khoản" in line for line in said)
    elif file == "assignments/du-thao.csv":
        assert [line.split(": ")[:2] for line in said] == [
            ["targets/du-thao.csv:2", "key"],
            ["targets/du-thao.csv:3", "key"],
        ]
    elif file == "assignments/qd1.csv":
        assert len(said) == 3
    elif file == "targets/qd1.csv":
        assert {line.split(": ")[1] for line in said} == {"target", "restates"}
    elif file == "targets/du-thao.csv":
        assert {line.split(": ")[1] for line in said} == {"target"}
    else:
        assert said == [f"{file}:1: thiếu tệp này trong danh mục"]


@pytest.mark.parametrize("directory", ["provisions", "targets", "assignments"])
def test_a_missing_directory_is_one_mistake(folder: Folder, directory: str) -> None:
    shutil.rmtree(folder.path / directory)
    assert folder.problems() == [f"{directory}:1: thư mục này thiếu hoặc không có tệp .csv nào"]


@pytest.mark.parametrize("file", [file for file in FILES if file.endswith(".csv")])
def test_a_line_that_cannot_be_taken_is_one_mistake(folder: Folder, file: str) -> None:
    """Nothing that refers to the line is reported too."""
    lines = folder.text(file).splitlines()
    lines[1] += ","
    folder.write(file, "\n".join(lines))
    (said,) = folder.problems()
    assert said.startswith(f"{file}:2: có ")


@pytest.mark.parametrize("file", [file for file in FILES if file.endswith(".yaml")])
def test_an_item_that_cannot_be_taken_is_one_mistake(folder: Folder, file: str) -> None:
    folder.add(file, "- one: [2]")
    (said,) = folder.problems()
    assert said.endswith("cần các dòng «tên: giá trị»")
