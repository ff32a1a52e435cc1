"""What accounts, reports, directives and messages must never be."""

from __future__ import annotations

import datetime as dt

from django.contrib.auth.models import User

from targets.models import (
    ApiToken,
    Directive,
    DirectiveAnswer,
    Indicator,
    ItemRemark,
    Mail,
    Membership,
    Notice,
    Observation,
    Organisation,
    Publication,
    Report,
    ReportAction,
    ReportAuthor,
    ReportingCycle,
    ReportingDuty,
    ReportItem,
    RolePolicy,
    StoredFile,
    SystemRole,
    Target,
    Unit,
    Upload,
    UploadChange,
    ValidationRule,
    WarningReason,
)
from targets.models.files import MAX_BYTES
from tests.factory import make
from tests.models.violations.tools import Violations, row, twice

NOON = dt.datetime(2025, 3, 1, 12, tzinfo=dt.UTC)
MOMENT = dt.datetime(2026, 11, 22, tzinfo=dt.UTC)


def published_twice_by_one_action() -> None:
    first = make(Publication)
    other = make(Observation, series=first.item.series)
    make(Publication, item=first.item, action=first.action, observation=other)


VIOLATIONS: Violations = {
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
