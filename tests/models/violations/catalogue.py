"""What documents, catalogue, values and verdicts must never be."""

from __future__ import annotations

import datetime as dt

from documents.models import Document, Provision
from targets.models import (
    Assessment,
    AssessmentMethod,
    Assignment,
    ContextLink,
    DataVersion,
    Indicator,
    MapTile,
    Observation,
    Organisation,
    OrganisationCode,
    OrganisationName,
    Series,
    Source,
    Succession,
    Target,
    Task,
    TaskRole,
    Unit,
)
from tests.factory import make
from tests.models.violations.tools import Violations, row, to_itself, twice

DAY = dt.date(2025, 3, 1)
NOON = dt.datetime(2025, 3, 1, 12, tzinfo=dt.UTC)


def restating_itself() -> None:
    target = make(Target)
    Target.objects.filter(pk=target.pk).update(restates=target)


def overlapping_names() -> None:
    organisation = make(Organisation)
    make(OrganisationName, organisation=organisation, valid_to=DAY)
    make(OrganisationName, organisation=organisation, valid_from=DAY)


def second_official_series() -> None:
    make(Series, indicator=make(Series).indicator)


VIOLATIONS: Violations = {
    "document_title_vi_given": row(Document, title_vi=""),
    "document_title_en_given": row(Document, title_en=""),
    "document_number_unless_draft": row(Document, number=""),
    "document_number_unique": twice(Document, number="749/QĐ-TTg"),
    "document_kind_known": row(Document, kind="law"),
    "document_legal_status_known": row(Document, legal_status="repealed"),
    "provision_locator_unique": twice(Provision, "document", locator="Điều 1"),
    "provision_locator_given": row(Provision, locator=""),
    "provision_parent_unless_outermost": (
        row(Provision, depth=2),
        lambda: make(Provision, parent=make(Provision)),
    ),
    "unit_scale_positive": row(Unit, ratio_scale=0),
    "unit_kind_known": row(Unit, kind="colour"),
    "indicator_definition_vi_given": row(Indicator, definition_vi=""),
    "indicator_definition_en_given": row(Indicator, definition_en=""),
    "indicator_levels_known": (row(Indicator, levels=["ward"]), row(Indicator, levels=[])),
    "indicator_interval_positive": row(Indicator, interval_years=0),
    "indicator_unmeasurable_reason_given": row(Indicator, measurable_until=2019),
    "indicator_direction_known": row(Indicator, direction="sideways"),
    "indicator_aggregation_known": row(Indicator, aggregation="mean"),
    "indicator_pace_method_known": row(Indicator, pace_method="guess"),
    "context_link_unique": twice(ContextLink, "indicator", "context"),
    "context_link_between_two": to_itself(ContextLink, "indicator", "context"),
    "series_unique": twice(Series, "indicator", "code", official=False),
    "series_one_official_per_indicator": second_official_series,
    "organisation_code_given": row(Organisation, code=""),
    "organisation_life_in_order": row(
        Organisation, valid_from=DAY, valid_to=DAY - dt.timedelta(days=1)
    ),
    "organisation_kind_known": row(Organisation, kind="club"),
    "organisation_name_vi_given": row(OrganisationName, name_vi=""),
    "organisation_name_en_given": row(OrganisationName, name_en=""),
    "organisation_name_in_order": row(
        OrganisationName, valid_from=DAY, valid_to=DAY - dt.timedelta(days=1)
    ),
    "organisation_one_name_at_a_time": overlapping_names,
    "organisationname_unit_type_known": row(OrganisationName, unit_type="village"),
    "organisation_scheme_code_given": row(OrganisationCode, code=""),
    "organisation_code_in_order": row(
        OrganisationCode, valid_from=DAY, valid_to=DAY - dt.timedelta(days=1)
    ),
    "organisation_code_means_one_at_a_time": twice(OrganisationCode, "scheme", "code"),
    "succession_unique": twice(Succession, "predecessor", "successor"),
    "succession_between_two": to_itself(Succession, "predecessor", "successor"),
    "succession_verification_known": row(Succession, verification="rumour"),
    "map_tile_unique": twice(MapTile, "row", "col"),
    "maptile_kind_known": row(MapTile, kind="sea"),
    "source_unique": twice(Source, "title"),
    "observation_one_current_version": twice(Observation, "series", "organisation"),
    "observation_period_form": (
        row(Observation, period="2024-13"),
        row(Observation, period="2024 "),
        row(Observation, period="2024-h1"),
    ),
    "observation_period_in_order": row(Observation, period_start=dt.date(2025, 1, 1)),
    "observation_year_of_period": row(Observation, year=2023),
    "observation_ratio_whole": (
        row(Observation, numerator=1),
        row(Observation, denominator=8),
        row(Observation, numerator=0, denominator=0),
    ),
    "observation_known_by_publication": row(
        Observation, published_on=DAY, known_on=DAY + dt.timedelta(days=1)
    ),
    "observation_superseded_later": row(
        Observation, recorded_at=NOON, superseded_at=NOON - dt.timedelta(seconds=1)
    ),
    "observation_state_known": row(Observation, state="leaked"),
    "target_label_vi_given": row(Target, label_vi=""),
    "target_label_en_given": row(Target, label_en=""),
    "target_number_unless_milestone": (
        row(Target, threshold=None),
        row(Target, operator=""),
        row(Target, kind="milestone"),
        row(Target, kind="milestone", operator="", threshold=100),
    ),
    "target_upper_bound_only_for_range": (
        row(Target, operator="range"),
        row(Target, operator="range", threshold=50, threshold_max=50),
        row(Target, threshold_max=50),
    ),
    "target_rank_lower_is_better": row(Target, kind="rank", operator=">="),
    "target_standing_has_no_year": (
        row(Target, standing=True),
        row(Target, standing=True, due_year=None, year_basis="none"),
        row(Target, horizon="standing"),
    ),
    "target_year_has_basis": (
        row(Target, year_basis="none"),
        row(Target, due_year=None),
        row(Target, due_year=1999),
    ),
    "target_baseline_whole": (row(Target, baseline_year=2019), row(Target, baseline_value=5)),
    "target_interpretation_explained": row(Target, interpreted=True),
    "target_restates_another": restating_itself,
    "target_kind_known": row(Target, kind="wish"),
    "target_operator_known": row(Target, operator="="),
    "target_year_basis_known": row(Target, year_basis="guessed"),
    "target_horizon_known": row(Target, horizon="2035"),
    "target_scope_known": row(Target, scope="each_ward"),
    "assignment_unique": twice(Assignment, "target", "organisation"),
    "assignment_has_ground": (
        row(Assignment, basis="stated"),
        row(Assignment, reason_vi=""),
        row(Assignment, reason_en=""),
    ),
    "assignment_role_known": row(Assignment, role="watcher"),
    "assignment_basis_known": row(Assignment, basis="felt"),
    "method_one_active": twice(AssessmentMethod, active=True),
    "method_thresholds_in_order": (
        row(AssessmentMethod, at_risk_from=0),
        row(AssessmentMethod, at_risk_from="0.95"),
        row(AssessmentMethod, on_track_from="1.01"),
    ),
    "assessment_one_current": twice(Assessment, "target", "organisation"),
    "assessment_reason_given": row(Assessment, reason_code=""),
    "assessment_status_known": row(Assessment, status="fine"),
    "data_version_single_row": row(DataVersion, id=2),
    "task_number_unique": twice(Task, "document", number=7),
    "task_title_vi_given": row(Task, title_vi=""),
    "task_title_en_given": row(Task, title_en=""),
    "task_years_in_order": row(Task, start_year=2026, end_year=2025),
    "task_role_unique": twice(TaskRole, "task", "organisation"),
    "taskrole_role_known": row(TaskRole, role="watcher"),
}
