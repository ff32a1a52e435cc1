"""Which tables the trail follows, and what of their rows it leaves out.

The triggers are attached by migrations; a test compares them with this list, and fails for a model
that is neither here nor among the tables left alone.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Trailed:
    """Columns of a table: the secret ones are never written down, only that they changed; the
    ignored ones say nothing anybody answers for; the named ones stand in every entry of a row.
    """

    named: tuple[str, ...] = ()
    secret: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()


TRAILED: dict[str, Trailed] = {
    # Reporting
    "targets_reportingduty": Trailed(("code",)),
    "targets_reportingcycle": Trailed(("duty_id", "period")),
    "targets_report": Trailed(("cycle_id", "organisation_id")),
    "targets_reportitem": Trailed(("report_id", "indicator_id", "subject_id")),
    "targets_reportauthor": Trailed(("report_id", "user_id")),
    "targets_evidence": Trailed(("item_id", "file_id")),
    "targets_reportaction": Trailed(("report_id", "kind")),
    "targets_itemremark": Trailed(("item_id",)),
    "targets_publication": Trailed(("item_id",)),
    "targets_upload": Trailed(("report_id", "file_id"), ignored=("rows_total", "rows_read")),
    "targets_validationrule": Trailed(("code",)),
    "targets_warningreason": Trailed(("item_id", "rule_id")),
    "targets_directive": Trailed(("target_id", "report_id", "addressee_id")),
    "targets_directiveanswer": Trailed(("directive_id",)),
    "targets_directivefile": Trailed(("answer_id", "file_id")),
    "targets_storedfile": Trailed(("name",), secret=("content",)),
    # Sources of values
    "targets_datasource": Trailed(
        ("slug",), ignored=("failures", "paused_until", "silence_told_at", "periodic_task_id")
    ),
    "targets_seriesmapping": Trailed(("data_source_id", "series_id")),
    # Accounts
    "targets_membership": Trailed(("user_id", "organisation_id", "role")),
    "targets_systemrole": Trailed(("user_id", "role")),
    "targets_rolepolicy": Trailed(("role",)),
    "targets_apitoken": Trailed(("user_id", "name"), secret=("digest",), ignored=("used_at",)),
    "auth_user": Trailed(("username",), secret=("password",), ignored=("last_login",)),
    "auth_group": Trailed(("name",)),
    "auth_user_groups": Trailed(("user_id", "group_id")),
    "auth_user_user_permissions": Trailed(("user_id", "permission_id")),
    "auth_group_permissions": Trailed(("group_id", "permission_id")),
    "account_emailaddress": Trailed(("user_id", "email")),
    "mfa_authenticator": Trailed(("user_id", "type"), secret=("data",), ignored=("last_used_at",)),
    "socialaccount_socialaccount": Trailed(
        ("user_id", "provider", "uid"), secret=("extra_data",), ignored=("last_login",)
    ),
    "socialaccount_socialapp": Trailed(("provider", "client_id"), secret=("secret", "key")),
    # Catalogue
    "documents_document": Trailed(("slug",)),
    "documents_provision": Trailed(("document_id", "locator")),
    "targets_pillar": Trailed(("code",)),
    "targets_unit": Trailed(("code",)),
    "targets_indicator": Trailed(("code",)),
    "targets_contextlink": Trailed(("indicator_id", "context_id")),
    "targets_series": Trailed(("indicator_id", "code")),
    "targets_target": Trailed(("key",)),
    "targets_assignment": Trailed(("target_id", "organisation_id", "role")),
    "targets_organisation": Trailed(("code",)),
    "targets_organisationname": Trailed(("organisation_id",)),
    "targets_organisationcode": Trailed(("organisation_id", "scheme", "code")),
    "targets_succession": Trailed(("predecessor_id", "successor_id", "function")),
    "targets_maptile": Trailed(("organisation_id",)),
    "targets_task": Trailed(("document_id", "number")),
    "targets_taskrole": Trailed(("task_id", "organisation_id", "role")),
    "targets_assessmentmethod": Trailed(("version",)),
    "targets_source": Trailed(("title",)),
    # Values: by triggers of their own, which sum up a load of many (`targets.trail.values`).
    "targets_observation": Trailed(("series_id", "organisation_id", "period")),
}
