"""What each file of the catalogue holds: one typed row per file format."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints

from targets.catalogue.cells import (
    Code,
    Day,
    DayOfMonth,
    GivenDay,
    IndicatorCode,
    Levels,
    Month,
    Number,
    OptionalSlug,
    OptionalTargetKey,
    Pace,
    Reporters,
    Scale,
    Slug,
    TargetKey,
    Text,
    UnitCode,
    Whole,
    Year,
    YesNo,
)


class Row(BaseModel):
    """A row has exactly the named cells; a cell that is not given is empty."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class PillarRow(Row):
    code: Slug
    slug: Slug
    name_vi: Text
    name_en: Text
    short_vi: Text
    short_en: Text
    position: Whole


class UnitRow(Row):
    code: UnitCode
    kind: Literal["percent", "rank", "count", "index", "ratio", "stage", "money", "other"]
    name_vi: Text
    name_en: Text
    symbol_vi: str = ""
    symbol_en: str = ""
    decimals: Whole
    ratio_scale: Scale = Decimal(1)


class MethodRow(Row):
    version: Text
    on_track_from: Pace
    at_risk_from: Pace
    active: YesNo
    note_vi: str = ""
    note_en: str = ""


class DocumentRow(Row):
    slug: Slug
    number: str = ""
    title_vi: Text
    title_en: Text
    short_vi: Text
    short_en: Text
    kind: Literal["politburo_resolution", "government_resolution", "pm_decision", "official_letter"]
    issuer_vi: Text
    issuer_en: Text
    issued_on: GivenDay
    legal_status: Literal["draft", "in_force", "superseded", "sent"]
    rank: Whole
    note_vi: str = ""
    note_en: str = ""


class ProvisionRow(Row):
    document: Slug
    locator: Text
    heading_vi: str = ""
    heading_en: str = ""


class OrganisationRow(Row):
    code: Code
    kind: Literal["country", "ministry", "agency", "province", "party", "group", "other"]
    valid_from: Day = None
    valid_to: Day = None
    position: Whole
    unverified: YesNo = False
    note_vi: str = ""
    note_en: str = ""


class OrganisationNameRow(Row):
    organisation: Code
    name_vi: Text
    name_en: Text
    full_vi: str = ""
    full_en: str = ""
    short_vi: Text
    short_en: Text
    unit_type: Literal["", "city", "province"] = ""
    valid_from: Day = None
    valid_to: Day = None
    legal_basis: str = ""


class OrganisationCodeRow(Row):
    organisation: Code
    scheme: Text
    code: Text
    valid_from: Day = None
    valid_to: Day = None


class SuccessionRow(Row):
    predecessor: Code
    successor: Code
    effective_on: GivenDay
    function: Slug
    function_vi: Text
    function_en: Text
    verification: Literal["verified", "secondary", "unverified"]
    note: str = ""


class TileRow(Row):
    organisation: Code
    row: Whole
    col: Whole
    abbr: Text
    kind: Literal["province", "island_inset"]


class IndicatorRow(Row):
    code: IndicatorCode
    name_vi: Text
    name_en: Text
    pillar: Slug
    unit: UnitCode
    direction: Literal["up", "down"]
    levels: Levels
    publisher_vi: str = ""
    publisher_en: str = ""
    interval_years: Whole
    aggregation: Literal["none", "sum", "ratio"]
    pace_method: Literal["linear", "cagr"]
    measurable_until: Year = None
    unmeasurable_vi: str = ""
    unmeasurable_en: str = ""
    definition_vi: Text
    definition_en: Text
    context_only: YesNo = False


class SeriesRow(Row):
    indicator: IndicatorCode
    code: IndicatorCode
    publisher_vi: Text
    publisher_en: Text
    name_vi: str = ""
    name_en: str = ""
    official: YesNo
    note_vi: str = ""
    note_en: str = ""


class ContextRow(Row):
    indicator: IndicatorCode
    context: IndicatorCode
    note_vi: Text
    note_en: Text


class TargetRow(Row):
    key: TargetKey
    provision: Text
    indicator: IndicatorCode
    pillar: Slug
    kind: Literal["level", "rank", "count", "growth", "every_year", "keep", "relative", "milestone"]
    operator: Literal["", ">=", ">", "<=", "<", "range"]
    threshold: Number = None
    threshold_max: Number = None
    unit: UnitCode
    due_year: Year = None
    standing: YesNo
    year_basis: Literal["stated", "inferred", "none"]
    horizon: Literal["2025", "2030", "2045", "standing"]
    scope: Literal["country", "each_ministry", "each_province", "each_ministry_and_province"]
    baseline_year: Year = None
    baseline_value: Number = None
    label_vi: Text
    label_en: Text
    interpreted: YesNo = False
    interpretation_vi: str = ""
    interpretation_en: str = ""
    restates: OptionalTargetKey = ""


class AssignmentRow(Row):
    target: TargetKey
    organisation: Code
    role: Literal["lead", "partner"]
    basis: Literal["stated", "inferred"]
    provision: str = ""
    reason_vi: str = ""
    reason_en: str = ""
    function: OptionalSlug = ""


class TaskRow(Row):
    number: Whole
    document: Slug
    provision: Text
    group_vi: Text
    group_en: Text
    title_vi: Text
    title_en: Text
    start_year: Year = None
    end_year: Year = None
    funding_vi: str = ""
    funding_en: str = ""


class TaskRoleRow(Row):
    task: Whole
    organisation: Code
    role: Literal["lead", "partner"]
    as_written: Text
    function: OptionalSlug = ""


class DutyRow(Row):
    code: Slug
    document: Slug
    provision: Text
    name_vi: Text
    name_en: Text
    frequency: Literal["monthly", "quarterly", "half_yearly", "yearly"]
    reporters: Reporters
    collector: Code
    collector_function: OptionalSlug = ""
    data_from_month: Month
    data_from_day: DayOfMonth
    due_days: Whole
    due_basis: Literal["stated", "inferred"]
    due_reason_vi: str = ""
    due_reason_en: str = ""
    opens_days: Whole
    active: YesNo


class ValidationRuleRow(Row):
    """One rule; at most one of indicator, unit and unit_kind says where it applies."""

    code: IndicatorCode
    check: Literal[
        "required",
        "number",
        "range",
        "decimals",
        "whole",
        "ratio",
        "jump",
        "parts",
        "evidence",
        "note",
        "period",
    ]
    severity: Literal["error", "warning"]
    indicator: str = ""
    unit: str = ""
    unit_kind: Literal[
        "", "percent", "rank", "count", "index", "ratio", "stage", "money", "other"
    ] = ""
    minimum: Number = None
    maximum: Number = None
    bound: Number = None
    sentence_vi: Text
    sentence_en: Text


class SourceSeriesRow(Row):
    """A series that a source brings: `indicator/series`, and the rows that are its own."""

    series: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+/[a-z0-9-]+$")]
    where: dict[str, Any] = {}
    value_field: str = "value"
    unit: str = ""


class DataSourceRow(Row):
    """One source of values; `options` and `mapping` as the application checks them."""

    slug: IndicatorCode
    name_vi: Text
    name_en: Text
    adapter: Literal["world-bank", "sdmx", "px-web", "table", "json"]
    address: Annotated[str, StringConstraints(pattern=r"^https?://")]
    options: dict[str, Any] = {}
    mapping: dict[str, Any]
    schedule: str = ""
    trust: Literal["automatic", "review"]
    licence: str = ""
    series: list[SourceSeriesRow]
