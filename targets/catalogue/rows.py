"""What each file of the catalogue holds: one typed row per file format."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal, InvalidOperation
from typing import Annotated, Literal

from django.utils.translation import gettext as _
from pydantic import BaseModel, BeforeValidator, ConfigDict

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_CODE = re.compile(r"[A-Za-z0-9]+(-[A-Za-z0-9]+)*")


def _text(value: str) -> str:
    if not value:
        raise ValueError(_("không được để trống"))
    return value


def _slug(value: str) -> str:
    if not _SLUG.fullmatch(value):
        raise ValueError(
            _("«%s»: cần chữ thường không dấu, số và gạch nối, ví dụ digital-economy") % value
        )
    return value


def _optional_slug(value: str) -> str:
    return _slug(value) if value else ""


def _code(value: str) -> str:
    if not _CODE.fullmatch(value):
        raise ValueError(_("«%s»: cần chữ không dấu, số và gạch nối, ví dụ BKHCN") % value)
    return value


def _yes_no(value: str) -> bool:
    if value not in ("yes", "no", ""):
        raise ValueError(_("«%s»: cần yes hoặc no") % value)
    return value == "yes"


def _whole(value: str) -> int:
    if not re.fullmatch(r"\d+", value):
        raise ValueError(_("«%s»: cần một số nguyên, ví dụ 3") % value)
    return int(value)


def _year(value: str) -> int | None:
    if not value:
        return None
    if not re.fullmatch(r"(19|20)\d\d|2100", value):
        raise ValueError(_("«%s»: cần một năm bốn chữ số, ví dụ 2030") % value)
    return int(value)


def _day(value: str) -> dt.date | None:
    if not value:
        return None
    try:
        return dt.date.fromisoformat(value)
    except ValueError:
        raise ValueError(_("«%s»: cần một ngày dạng 2025-03-01") % value) from None


def _given_day(value: str) -> dt.date:
    day = _day(value)
    if day is None:
        raise ValueError(_("cần một ngày dạng 2025-03-01"))
    return day


def _number(value: str) -> Decimal | None:
    if not value:
        return None
    try:
        number = Decimal(value)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise ValueError(_("«%s»: cần một số, dấu thập phân là dấu chấm, ví dụ 98.5") % value)
    return number


def _levels(value: str) -> tuple[str, ...]:
    parts = tuple(part for part in re.split(r"[\s|;,]+", value) if part)
    if not parts or not set(parts) <= {"national", "ministry", "province"}:
        raise ValueError(_("«%s»: cần một hay nhiều trong: national ministry province") % value)
    return parts


Text = Annotated[str, BeforeValidator(_text)]
Slug = Annotated[str, BeforeValidator(_slug)]
OptionalSlug = Annotated[str, BeforeValidator(_optional_slug)]
Code = Annotated[str, BeforeValidator(_code)]
YesNo = Annotated[bool, BeforeValidator(_yes_no)]
Whole = Annotated[int, BeforeValidator(_whole)]
Year = Annotated[int | None, BeforeValidator(_year)]
Day = Annotated[dt.date | None, BeforeValidator(_day)]
GivenDay = Annotated[dt.date, BeforeValidator(_given_day)]
Number = Annotated[Decimal | None, BeforeValidator(_number)]
Levels = Annotated[tuple[str, ...], BeforeValidator(_levels)]


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
    code: Annotated[str, BeforeValidator(_text)]
    kind: Literal["percent", "rank", "count", "index", "ratio", "stage", "money", "other"]
    name_vi: Text
    name_en: Text
    symbol_vi: str = ""
    symbol_en: str = ""
    decimals: Whole
    ratio_scale: Number = Decimal(1)


class MethodRow(Row):
    version: Text
    on_track_from: Number
    at_risk_from: Number
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
    code: Slug
    name_vi: Text
    name_en: Text
    pillar: Slug
    unit: Text
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
    indicator: Slug
    code: Slug
    publisher_vi: Text
    publisher_en: Text
    name_vi: str = ""
    name_en: str = ""
    official: YesNo
    note_vi: str = ""
    note_en: str = ""


class ContextRow(Row):
    indicator: Slug
    context: Slug
    note_vi: Text
    note_en: Text


class TargetRow(Row):
    key: Slug
    provision: Text
    indicator: Slug
    pillar: Slug
    kind: Literal["level", "rank", "count", "growth", "every_year", "keep", "relative", "milestone"]
    operator: Literal["", ">=", ">", "<=", "<", "range"]
    threshold: Number = None
    threshold_max: Number = None
    unit: Text
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
    restates: OptionalSlug = ""


class AssignmentRow(Row):
    target: Slug
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
