"""Every rule of the models holds in the database, for whoever writes past Python's validation."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import pgtrigger
import psycopg
import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.db import IntegrityError, connection, models, transaction

from documents.models import Document, Provision
from targets.models import (
    ApiToken,
    Assessment,
    AssessmentMethod,
    Assignment,
    ContextLink,
    DataSource,
    DataVersion,
    Directive,
    DirectiveAnswer,
    HeldValue,
    Indicator,
    ItemRemark,
    Mail,
    MapTile,
    Membership,
    Notice,
    Observation,
    Organisation,
    OrganisationCode,
    OrganisationName,
    Pillar,
    Publication,
    RawBody,
    Report,
    ReportAction,
    ReportAuthor,
    ReportingCycle,
    ReportingDuty,
    ReportItem,
    RolePolicy,
    RunBody,
    Series,
    SeriesMapping,
    Source,
    SourceRun,
    StoredFile,
    Succession,
    SystemRole,
    Target,
    Task,
    TaskRole,
    TrailEntry,
    TrailLink,
    Unit,
    Upload,
    UploadChange,
    ValidationRule,
    WarningReason,
)
from targets.models.files import MAX_BYTES
from tests.factory import make

pytestmark = pytest.mark.django_db

Violation = Callable[[], object]
DAY = dt.date(2025, 3, 1)
NOON = dt.datetime(2025, 3, 1, 12, tzinfo=dt.UTC)


def tracked(model: type[models.Model]) -> bool:
    """A model of ours whose rows can be made; the trail's are written by triggers alone."""
    return model not in (TrailEntry, TrailLink)


MODELS = [
    model
    for app in ("documents", "targets")
    for model in apps.get_app_config(app).get_models()
    if tracked(model)
]

MOMENT = dt.datetime(2026, 11, 22, tzinfo=dt.UTC)


def row(model: type[models.Model], **given: Any) -> Violation:
    """A row that breaks a rule by itself."""
    return lambda: make(model, **given)


def twice(model: type[models.Model], *same: str, **given: Any) -> Violation:
    """Two rows with the same values of the fields `same`."""

    def add() -> None:
        first = make(model, **given)
        make(model, **given, **{name: getattr(first, name) for name in same})

    return add


def to_itself(model: type[models.Model], *names: str) -> Violation:
    """A row that links one thing to itself."""

    def add() -> None:
        thing = make(model._meta.get_field(names[0]).related_model)  # type: ignore[arg-type]
        make(model, **dict.fromkeys(names, thing))

    return add


def restating_itself() -> None:
    target = make(Target)
    Target.objects.filter(pk=target.pk).update(restates=target)


def overlapping_names() -> None:
    organisation = make(Organisation)
    make(OrganisationName, organisation=organisation, valid_to=DAY)
    make(OrganisationName, organisation=organisation, valid_from=DAY)


def second_official_series() -> None:
    make(Series, indicator=make(Series).indicator)


def published_twice_by_one_action() -> None:
    first = make(Publication)
    other = make(Observation, series=first.item.series)
    make(Publication, item=first.item, action=first.action, observation=other)


VIOLATIONS: dict[str, Violation | tuple[Violation, ...]] = {
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
    "membership_unique": twice(Membership, "user", "organisation"),
    "membership_role_known": (row(Membership, role="chief"), row(Membership, role="auditor")),
    "system_role_unique": twice(SystemRole, "user"),
    "systemrole_role_known": (row(SystemRole, role="chief"), row(SystemRole, role="reporter")),
    "rolepolicy_role_known": row(RolePolicy, role="chief"),
    "api_token_name_given": row(ApiToken, name=""),
    "api_token_digest_form": (row(ApiToken, digest="secret"), row(ApiToken, digest="A" * 64)),
    "stored_file_name_given": row(StoredFile, name=""),
    "stored_file_size_bounded": row(StoredFile, size=MAX_BYTES + 1),
    "stored_file_digest_form": row(StoredFile, sha256="0"),
    "duty_name_vi_given": row(ReportingDuty, name_vi=""),
    "duty_name_en_given": row(ReportingDuty, name_en=""),
    "duty_reporters_known": (
        row(ReportingDuty, reporters=[]),
        row(ReportingDuty, reporters=["ministry", "ward"]),
    ),
    "duty_data_from_a_day": (
        row(ReportingDuty, data_from_month=0),
        row(ReportingDuty, data_from_month=13),
        row(ReportingDuty, data_from_day=0),
        row(ReportingDuty, data_from_day=29),
    ),
    "duty_due_day_has_ground": row(ReportingDuty, due_basis="inferred"),
    "reportingduty_frequency_known": row(ReportingDuty, frequency="weekly"),
    "reportingduty_due_basis_known": row(ReportingDuty, due_basis="felt", due_reason_vi="x"),
    "cycle_unique": twice(ReportingCycle, "duty"),
    "cycle_period_form": (
        row(ReportingCycle, period="2026-H3"),
        row(ReportingCycle, period="15/12/2025"),
    ),
    "cycle_data_in_order": row(ReportingCycle, data_from=dt.date(2026, 12, 15)),
    "cycle_days_in_order": row(ReportingCycle, opens_on=dt.date(2026, 12, 15)),
    "report_unique": (
        twice(Report, "cycle", "organisation"),
        twice(Report, "cycle", "organisation", sample=True),
    ),
    "report_edition_positive": row(Report, edition=0),
    "report_state_known": row(Report, state="lost"),
    "report_author_once": twice(ReportAuthor, "report", "user"),
    "report_item_unique": twice(ReportItem, "report", "indicator", "series"),
    "report_item_ratio_derived": row(ReportItem, numerator=1, denominator=8),
    "report_item_unavailable_has_no_value": (
        row(ReportItem, unavailable=True, value=1),
        row(ReportItem, unavailable=True, numerator=1),
        row(ReportItem, unavailable=True, denominator=1),
    ),
    "report_item_entered_by_somebody": (
        row(ReportItem, version=1),
        row(ReportItem, version=1, entered_at=NOON),
        row(ReportItem, entered_at=NOON),
        lambda: make(ReportItem, version=1, entered_by=make(User)),
    ),
    "report_action_reason_given": (
        row(ReportAction, kind="return"),
        row(ReportAction, kind="reopen"),
    ),
    "reportaction_kind_known": row(ReportAction, kind="shred"),
    "item_remark_unique": twice(ItemRemark, "action", "item"),
    "item_remark_given": row(ItemRemark, text=""),
    "publication_unique": published_twice_by_one_action,
    "rule_sentence_vi_given": row(ValidationRule, sentence_vi=""),
    "rule_sentence_en_given": row(ValidationRule, sentence_en=""),
    "rule_bounds_in_order": row(ValidationRule, minimum=2, maximum=1),
    "rule_applies_by_one_thing": (
        lambda: make(ValidationRule, indicator=make(Indicator), unit_kind="percent"),
        lambda: make(ValidationRule, unit=make(Unit), unit_kind="percent"),
        lambda: make(ValidationRule, indicator=make(Indicator), unit=make(Unit)),
    ),
    "validationrule_check_kind_known": row(ValidationRule, check_kind="taste"),
    "validationrule_unit_kind_known": row(ValidationRule, unit_kind="taste"),
    "validationrule_severity_known": row(ValidationRule, severity="mild"),
    "warning_reason_given": row(WarningReason, reason=""),
    "api_token_scope_whole": (
        row(ApiToken, indicators=["indicator-1"]),
        lambda: make(ApiToken, organisation=make(Organisation)),
    ),
    "data_source_name_given": row(DataSource, name_vi=""),
    "data_source_address_where_pulled": (
        row(DataSource, address=""),
        row(DataSource, address="ftp://data.example/"),
        row(DataSource, adapter="push", address="https://data.example/"),
        row(DataSource, adapter="push", address="", schedule="0 6 * * *"),
    ),
    "data_source_credential_named": (
        row(DataSource, credential="bearer"),
        row(DataSource, credential_name="lgsp"),
    ),
    "data_source_size_bounded": (
        row(DataSource, most_bytes=0),
        row(DataSource, most_bytes=1_000_000_001),
    ),
    "datasource_adapter_known": row(DataSource, adapter="gopher"),
    "datasource_trust_known": row(DataSource, trust="blind"),
    "datasource_credential_known": row(DataSource, credential="wink", credential_name="x"),
    "series_mapping_unique": twice(SeriesMapping, "data_source", "series"),
    "series_mapping_ratio_whole": (
        row(SeriesMapping, numerator_field="a"),
        row(SeriesMapping, denominator_field="b"),
    ),
    "source_run_ended_when_over": (
        row(SourceRun, status="succeeded", finished_at=None),
        row(SourceRun, status="running", finished_at=NOON),
    ),
    "source_run_failure_named": (
        row(SourceRun, status="failed"),
        row(SourceRun, status="succeeded", outcome="cut"),
    ),
    "source_run_once_per_key": twice(SourceRun, "data_source", idempotency_key="key"),
    "sourcerun_kind_known": row(SourceRun, kind="dream"),
    "sourcerun_status_known": row(SourceRun, status="tired", finished_at=NOON),
    "sourcerun_outcome_known": row(SourceRun, status="failed", outcome="bad-luck"),
    "raw_body_digest_form": row(RawBody, sha256="A" * 64),
    "run_body_position_unique": twice(RunBody, "run", "position"),
    "held_value_waits_once": twice(HeldValue, "run", "series", "organisation"),
    "held_value_decided_when_not_waiting": (
        row(HeldValue, state="accepted"),
        row(HeldValue, decided_at=NOON),
    ),
    "heldvalue_state_known": row(HeldValue, state="lost", decided_at=NOON),
    "upload_progress_bounded": row(Upload, rows_total=5, rows_read=6),
    "upload_state_known": row(Upload, state="lost"),
    "upload_change_unique": twice(UploadChange, "upload", "item"),
    "uploadchange_matched_by_known": row(UploadChange, matched_by="guess"),
    "uploadchange_decision_known": row(UploadChange, decision="perhaps"),
    "directive_text_given": row(Directive, text=""),
    "directive_about_one_thing": (
        row(Directive, target=None),
        lambda: make(Directive, target=make(Target), report=make(Report)),
    ),
    "directive_state_known": row(Directive, state="lost"),
    "directive_answer_given": row(DirectiveAnswer, text=""),
    "directiveanswer_kind_known": row(DirectiveAnswer, kind="lost"),
    "notice_once": twice(Notice, "user", "key"),
    "notice_key_given": row(Notice, key=""),
    "mail_subject_given": row(Mail, subject=""),
    "mail_one_end": row(Mail, sent_at=MOMENT, failed_at=MOMENT, error="why"),
    "mail_failed_for_a_reason": row(Mail, failed_at=MOMENT),
}
# A field that is unique by itself: its constraint has the name that Django makes up.
UNIQUE_FIELDS: dict[str, Violation] = {
    "document.slug": twice(Document, "slug"),
    "pillar.code": twice(Pillar, "code"),
    "pillar.slug": twice(Pillar, "slug"),
    "unit.code": twice(Unit, "code"),
    "indicator.code": twice(Indicator, "code"),
    "organisation.code": twice(Organisation, "code"),
    "target.key": twice(Target, "key"),
    "assessmentmethod.version": twice(AssessmentMethod, "version"),
    "rolepolicy.role": twice(RolePolicy, "role"),
    "apitoken.digest": twice(ApiToken, "digest"),
    "reportingduty.code": twice(ReportingDuty, "code"),
    "publication.observation": twice(Publication, "observation"),
    "validationrule.code": twice(ValidationRule, "code"),
    "mail.key": twice(Mail, "key"),
}


def broken_constraint(violate: Violation) -> str:
    """The name of the constraint that refuses; fails where none does."""
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        violate()
    diagnosis = refusal.value.__cause__.diag  # type: ignore[union-attr]
    return str(diagnosis.constraint_name)


def cases() -> Iterator[Any]:
    for name, given in VIOLATIONS.items():
        for number, violate in enumerate(given if isinstance(given, tuple) else (given,)):
            yield pytest.param(name, violate, id=f"{name}-{number}")


@pytest.mark.parametrize(("name", "violate"), list(cases()))
def test_the_database_refuses_what_breaks_a_constraint(name: str, violate: Violation) -> None:
    assert broken_constraint(violate) == name


@pytest.mark.parametrize("name", UNIQUE_FIELDS)
def test_the_database_refuses_a_second_of_what_is_unique(name: str) -> None:
    model, field = name.split(".")
    assert f"{model}_{field}_" in broken_constraint(UNIQUE_FIELDS[name]).replace("_id_", "_")


def test_every_constraint_has_a_violation_here() -> None:
    names = {constraint.name for model in MODELS for constraint in model._meta.constraints}
    assert names == VIOLATIONS.keys()


def test_every_unique_field_has_a_violation_here() -> None:
    names = {
        f"{model._meta.model_name}.{field.name}"
        for model in MODELS
        for field in model._meta.local_concrete_fields
        if field.unique and not field.primary_key
    }
    assert names == UNIQUE_FIELDS.keys()


def test_every_choice_is_a_constraint() -> None:
    for model in MODELS:
        known = {constraint.name for constraint in model._meta.constraints}
        for field in model._meta.local_concrete_fields:
            if field.choices:
                assert f"{model._meta.model_name}_{field.name}_known" in known


REFERENCES = [
    pytest.param(model, field.attname, id=f"{model._meta.model_name}.{field.name}")
    for model in MODELS
    for field in model._meta.local_concrete_fields
    if isinstance(field, models.ForeignKey)
]


@pytest.mark.parametrize(("model", "column"), REFERENCES)
def test_nothing_refers_to_what_does_not_exist(model: type[models.Model], column: str) -> None:
    row = make(model)

    def refer() -> None:
        if model in (Observation, Assessment):  # whose rows are never changed, only added
            sql(f"UPDATE {model._meta.db_table} SET superseded_at = now() + interval '1 hour'")
            row.pk = None
            setattr(row, column, 987654321)
            row.save(force_insert=True)
        else:
            sql(f"UPDATE {model._meta.db_table} SET {column} = 987654321 WHERE id = {row.pk}")
        sql("SET CONSTRAINTS ALL IMMEDIATE")

    # Whatever else would refuse, the rule that history stays, would do so before the key does.
    with (
        without_no_rewrite(model),
        pytest.raises(IntegrityError) as refusal,
        transaction.atomic(),
    ):
        refer()
    # CheckViolation: no provision of this document, which comes before any foreign key.
    expected = (psycopg.errors.ForeignKeyViolation, psycopg.errors.CheckViolation)
    assert isinstance(refusal.value.__cause__, expected)


NEVER_NEGATIVE = [
    pytest.param(model, field.column, id=f"{model._meta.model_name}.{field.name}")
    for model in MODELS
    for field in model._meta.local_concrete_fields
    if isinstance(field, models.PositiveIntegerField | models.PositiveSmallIntegerField)
]


@pytest.mark.parametrize(("model", "column"), NEVER_NEGATIVE)
def test_positions_years_and_counts_are_never_negative(
    model: type[models.Model], column: str
) -> None:
    row = make(model)
    with pytest.raises(IntegrityError), transaction.atomic():
        sql(f"UPDATE {model._meta.db_table} SET {column} = -1 WHERE id = {row.pk}")


def without_no_rewrite(model: type[models.Model]) -> AbstractContextManager[None]:
    """Where the rows of an append-only model may be changed."""
    if any(trigger.name == "no_rewrite" for trigger in getattr(model._meta, "triggers", ())):
        return pgtrigger.ignore(f"{model._meta.label}:no_rewrite")
    return nullcontext()


def sql(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
