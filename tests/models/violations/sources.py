"""What sources of values and their runs must never be."""

from __future__ import annotations

import datetime as dt

from django.contrib.auth.models import User

from targets.models import (
    DataSource,
    HeldValue,
    Observation,
    RawBody,
    RunBody,
    SeriesMapping,
    SourceRun,
)
from tests.factory import make
from tests.models.violations.tools import Violations, row, twice

NOON = dt.datetime(2025, 3, 1, 12, tzinfo=dt.UTC)


VIOLATIONS: Violations = {
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
        row(HeldValue, state="overtaken"),
        row(HeldValue, decided_at=NOON),
    ),
    "held_value_accepted_made": (
        row(HeldValue, state="accepted", decided_at=NOON),
        lambda: make(HeldValue, observation=make(Observation)),
    ),
    "held_value_decided_by_somebody": (
        row(HeldValue, state="refused", decided_at=NOON, decision_note="why"),
        lambda: make(HeldValue, decided_by=make(User)),
    ),
    "held_value_refused_with_reason": lambda: make(
        HeldValue, state="refused", decided_at=NOON, decided_by=make(User), decision_note=" "
    ),
    "heldvalue_state_known": row(HeldValue, state="lost", decided_at=NOON),
}
