"""The rules that an installation starts with: added where missing, sound, fair to what is known."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings

from targets.catalogue.catalogue import Catalogue, read_catalogue
from targets.catalogue.reading import Problems
from targets.models import ValidationRule
from targets.reporting.checks import (
    Cell,
    Known,
    Measure,
    Rule,
    failures,
    particular,
    sentence,
)
from targets.reporting.ruling import example
from tests.catalogue.folder import Folder, brief

FIXTURES = Path(settings.BASE_DIR) / "fixtures"


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    problems = Problems()
    read = read_catalogue(FIXTURES, problems)
    assert not problems
    return read


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "catalogue")


def numbered(catalogue: Catalogue) -> tuple[dict[str, Measure], list[Rule]]:
    """The measures by indicator, and the rules, with numbers in place of ids."""
    units = {item.row.code: (place, item.row) for place, item in enumerate(catalogue.units)}
    places = {item.row.code: place for place, item in enumerate(catalogue.indicators)}
    measures = {}
    for item in catalogue.indicators:
        unit_id, unit = units[item.row.unit]
        measures[item.row.code] = Measure(places[item.row.code], unit_id, unit.kind, unit.decimals)
    rules = [
        Rule(
            id=place,
            code=row.code,
            check=row.check,
            severity=row.severity,
            indicator_id=places[row.indicator] if row.indicator else None,
            unit_id=units[row.unit][0] if row.unit else None,
            unit_kind=row.unit_kind,
            minimum=row.minimum,
            maximum=row.maximum,
            bound=row.bound,
            sentence_vi=row.sentence_vi,
            sentence_en=row.sentence_en,
        )
        for place, row in enumerate(item.row for item in catalogue.validation_rules)
    ]
    return measures, rules


def test_every_published_value_passes_without_an_error(catalogue: Catalogue) -> None:
    measures, rules = numbered(catalogue)
    wrong, checked = [], 0
    for file in sorted((FIXTURES / "observations").glob("*.csv")):
        with file.open(encoding="utf-8-sig", newline="") as rows:
            for row in csv.DictReader(rows):
                names = ("value", "numerator", "denominator")
                value, above, below = (Decimal(row[n]) if row[n] else None for n in names)
                cell = Cell(value, above, below)
                measure = measures[row["indicator"]]
                found = failures(
                    particular(rules, measure), measure, cell, Known(has_evidence=True)
                )
                wrong += [
                    (row["indicator"], row["period"], row["value"], one.rule.code)
                    for one in found
                    if one.rule.severity == "error"
                ]
                checked += 1
    assert wrong == []
    assert checked > 300


def test_every_unit_has_a_range_and_a_bound_for_jumps(catalogue: Catalogue) -> None:
    measures, rules = numbered(catalogue)
    for code, measure in measures.items():
        found = particular(rules, measure)
        assert {"range", "decimals", "jump", "required", "note", "number"} <= found.keys(), code


def test_sentences_name_only_numbers_that_they_have(catalogue: Catalogue) -> None:
    for rule in numbered(catalogue)[1]:
        for text in (rule.sentence_vi, rule.sentence_en):
            told = sentence(text, example(rule))
            assert "…" not in told
            assert "{" not in told


@pytest.mark.django_db
class TestLoading:
    def test_what_is_missing_is_added(self, folder: Folder) -> None:
        folder.load()
        jump = ValidationRule.objects.get(code="share-jump")
        assert (jump.check_kind, jump.bound, jump.severity) == ("jump", Decimal(5), "warning")
        assert jump.indicator is not None
        assert jump.indicator.code == "economy-share"
        assert ValidationRule.objects.get(code="share-range").unit is not None

    def test_an_administrators_edit_stays(self, folder: Folder) -> None:
        folder.load()
        ValidationRule.objects.filter(code="share-jump").update(bound=9, active=False)
        ValidationRule.objects.filter(code="required").delete()
        assert brief(folder.load()) == ["added validationrule required"]
        jump = ValidationRule.objects.get(code="share-jump")
        assert (jump.bound, jump.active) == (Decimal(9), False)

    def test_a_rule_that_left_the_file_stays(self, folder: Folder) -> None:
        folder.load()
        folder.write("validation_rules.yaml", "[]\n")
        assert folder.load() == []
        assert ValidationRule.objects.count() == 3

    @pytest.mark.parametrize(
        ("old", "new", "field"),
        [
            ("check: required", "check: taste", "check"),
            ('bound: "5"', 'bound: "-5"', "bound"),
            ('maximum: "100"', 'maximum: "-1"', "maximum"),
            ("indicator: economy-share", "indicator: nothing", "indicator"),
            ("unit: percent", "unit: nothing", "unit"),
            ("code: share-jump", "code: share-range", "code"),
            ("{value} so với", "{number} so với", "sentence_vi"),
        ],
    )
    def test_a_rule_that_is_not_sound_is_named(
        self, folder: Folder, old: str, new: str, field: str
    ) -> None:
        folder.replace("validation_rules.yaml", old, new)
        (problem,) = folder.problems()
        assert "validation_rules.yaml" in problem
        assert field in problem
