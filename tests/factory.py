"""Rows of the domain that are valid as they stand; a test names only what it is about."""

from __future__ import annotations

import datetime as dt
import zlib
from itertools import count
from typing import Any, TypeVar

from django.contrib.auth.models import User
from django.db.models import Model
from django.utils import timezone

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
    DirectiveFile,
    Evidence,
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
    PendingAssessment,
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
    RunRejection,
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
    Unit,
    Upload,
    UploadChange,
    ValidationRule,
    WarningReason,
)

M = TypeVar("M", bound=Model)
_numbers = count(1)
SMALL = 30_000  # within a small integer column, however many rows the tests of a process make


def begin_after(number: int) -> None:
    """Number the rows from here on: for a process that is not the first one in its database."""
    global _numbers  # noqa: PLW0603
    _numbers = count(number + 1)


def make(model: type[M], **given: Any) -> M:
    """A saved row of `model`, past every validation of Python; what is not given is made up."""
    if model is DataVersion and not given:
        make(Pillar)  # whose trigger makes the one row that there is
        return model._default_manager.get()
    number = next(_numbers)
    values = {**_DEFAULTS[model](number, given), **given}
    return model._default_manager.create(**values)


def _names(number: int, *names: str) -> dict[str, str]:
    return {f"{name}_{tongue}": f"{name} {number}" for name in names for tongue in ("vi", "en")}


def _one(model: type[M], given: dict[str, Any], name: str) -> M:
    """The row given under `name`, or a new one."""
    found: M = given[name] if name in given else make(model)
    return found


def _provision(number: int, given: dict[str, Any]) -> dict[str, Any]:
    return {
        "document": _one(Document, given, "document"),
        "locator": f"Điều {number}",
        "position": number,
        "depth": 1,
    }


def _target(number: int, given: dict[str, Any]) -> dict[str, Any]:
    document = _one(Document, given, "document")
    indicator = _one(Indicator, given, "indicator")
    return {
        "key": f"target-{number}",
        "document": document,
        "provision": given.get("provision") or make(Provision, document=document),
        "indicator": indicator,
        "pillar": indicator.pillar,
        "unit": indicator.unit,
        "kind": "level",
        "operator": ">=",
        "threshold": 20,
        "due_year": 2025,
        "year_basis": "stated",
        "horizon": "2025",
        "scope": "country",
        "position": number,
        **_names(number, "label"),
    }


def _task(number: int, given: dict[str, Any]) -> dict[str, Any]:
    document = _one(Document, given, "document")
    return {
        "document": document,
        "provision": given.get("provision") or make(Provision, document=document),
        "number": number % SMALL,
        **_names(number, "group", "title"),
    }


def _report_item(number: int, given: dict[str, Any]) -> dict[str, Any]:
    series = given.get("series") or make(
        Series, **({"indicator": given["indicator"]} if "indicator" in given else {})
    )
    report = _one(Report, given, "report")
    return {
        "report": report,
        "position": number,
        "indicator": series.indicator,
        "series": series,
        "subject": report.organisation,
    }


def _publication(number: int, given: dict[str, Any]) -> dict[str, Any]:
    item = _one(ReportItem, given, "item")
    return {
        "item": item,
        "action": given.get("action") or make(ReportAction, report=item.report, kind="publish"),
        "observation": given.get("observation")
        or make(Observation, series=item.series, organisation=item.subject),
    }


def _observation(number: int, given: dict[str, Any]) -> dict[str, Any]:
    year = int(given.get("period", "2024")[:4])
    return {
        "series": _one(Series, given, "series"),
        "organisation": _one(Organisation, given, "organisation"),
        "source": _one(Source, given, "source"),
        "period": str(year),
        "period_start": dt.date(year, 1, 1),
        "period_end": dt.date(year, 12, 31),
        "year": year,
        "value": 12.5,
        "known_on": dt.date(2025, 1, 6),
        "recorded_at": timezone.now(),
    }


def _held_value(number: int, given: dict[str, Any]) -> dict[str, Any]:
    run = given.get("run") or make(
        SourceRun, **({"data_source": given["data_source"]} if "data_source" in given else {})
    )
    series = _one(Series, given, "series")
    return {
        "run": run,
        "data_source": run.data_source,
        "series": series,
        "indicator": series.indicator,
        "organisation": _one(Organisation, given, "organisation"),
        "period": "2024",
        "value": 12.5,
        "reasons": ["trust"],
    }


_DEFAULTS: dict[type[Model], Any] = {
    Document: lambda n, g: {
        "slug": f"document-{n}",
        "number": f"{n}/QĐ-TTg",
        **_names(n, "title", "short", "issuer"),
        "kind": "pm_decision",
        "issued_on": dt.date(2020, 6, 3),
        "legal_status": "in_force",
        "rank": 3,
    },
    Provision: _provision,
    Pillar: lambda n, g: {
        "code": f"pillar-{n}",
        "slug": f"tru-cot-{n}",
        **_names(n, "name", "short"),
        "position": n % SMALL,
    },
    Unit: lambda n, g: {
        "code": f"unit-{n}",
        "kind": "percent",
        **_names(n, "name"),
        "decimals": 1,
        "ratio_scale": 100,
    },
    Indicator: lambda n, g: {
        "code": f"indicator-{n}",
        **_names(n, "name", "definition"),
        "pillar": _one(Pillar, g, "pillar"),
        "unit": _one(Unit, g, "unit"),
        "direction": "up",
        "levels": ["national"],
    },
    ContextLink: lambda n, g: {
        "indicator": _one(Indicator, g, "indicator"),
        "context": _one(Indicator, g, "context"),
        **_names(n, "note"),
    },
    Series: lambda n, g: {
        "indicator": _one(Indicator, g, "indicator"),
        "code": f"series-{n}",
        **_names(n, "publisher"),
        "official": True,
    },
    Organisation: lambda n, g: {"code": f"ORG{n}", "kind": "ministry"},
    OrganisationName: lambda n, g: {
        "organisation": _one(Organisation, g, "organisation"),
        **_names(n, "name", "short"),
    },
    OrganisationCode: lambda n, g: {
        "organisation": _one(Organisation, g, "organisation"),
        "scheme": "gso",
        "code": f"{n}",
    },
    Succession: lambda n, g: {
        "predecessor": _one(Organisation, g, "predecessor"),
        "successor": _one(Organisation, g, "successor"),
        "effective_on": dt.date(2025, 3, 1),
        "function": "press",
        **_names(n, "function"),
        "verification": "verified",
    },
    MapTile: lambda n, g: {
        "organisation": _one(Organisation, g, "organisation"),
        "row": n % 1000,
        "col": n % 1000,
        "abbr": f"T{n}",
        "kind": "province",
    },
    Target: _target,
    Assignment: lambda n, g: {
        "target": _one(Target, g, "target"),
        "organisation": _one(Organisation, g, "organisation"),
        "role": "lead",
        "basis": "inferred",
        **_names(n, "reason"),
        "position": n,
    },
    Source: lambda n, g: {"title": f"source {n}"},
    Observation: _observation,
    AssessmentMethod: lambda n, g: {
        "version": f"{n}",
        "on_track_from": "0.95",
        "at_risk_from": "0.60",
    },
    Assessment: lambda n, g: {
        "target": _one(Target, g, "target"),
        "organisation": _one(Organisation, g, "organisation"),
        "method": _one(AssessmentMethod, g, "method"),
        "as_of": dt.date(2025, 1, 6),
        "status": "no_data",
        "reason_code": "no_data",
    },
    PendingAssessment: lambda n, g: {
        "target": _one(Target, g, "target"),
        "organisation": _one(Organisation, g, "organisation"),
    },
    DataVersion: lambda n, g: {"number": n},
    Task: _task,
    TaskRole: lambda n, g: {
        "task": _one(Task, g, "task"),
        "organisation": _one(Organisation, g, "organisation"),
        "role": "lead",
        "as_written": f"name {n}",
        "position": n,
    },
    User: lambda n, g: {"username": f"user-{n}", "email": f"user-{n}@thuocdo.test"},
    Membership: lambda n, g: {
        "user": _one(User, g, "user"),
        "organisation": _one(Organisation, g, "organisation"),
        "role": "reporter",
    },
    SystemRole: lambda n, g: {"user": _one(User, g, "user"), "role": "coordinator"},
    RolePolicy: lambda n, g: {"role": "coordinator"},
    ApiToken: lambda n, g: {
        "user": _one(User, g, "user"),
        "name": f"token {n}",
        "digest": f"{n:064x}",
        "expires_on": dt.date(2030, 1, 1),
    },
    StoredFile: lambda n, g: {
        "name": f"file-{n}.pdf",
        "content_type": "application/pdf",
        "size": 4,
        "sha256": f"{n:064x}",
        "content": b"%PDF",
        "uploaded_by": _one(User, g, "uploaded_by"),
    },
    ReportingDuty: lambda n, g: {
        "code": f"duty-{n}",
        "document": (document := _one(Document, g, "document")),
        "provision": g.get("provision") or make(Provision, document=document),
        **_names(n, "name"),
        "frequency": "yearly",
        "reporters": ["ministry", "province"],
        "collector": _one(Organisation, g, "collector"),
        "data_from_month": 12,
        "data_from_day": 15,
        "due_days": 0,
        "due_basis": "stated",
        "opens_days": 60,
    },
    ReportingCycle: lambda n, g: {
        "duty": _one(ReportingDuty, g, "duty"),
        "period": "2026",
        "data_from": dt.date(2025, 12, 15),
        "data_to": dt.date(2026, 12, 14),
        "opens_on": dt.date(2026, 10, 15),
        "due_on": dt.date(2026, 12, 14),
    },
    Report: lambda n, g: {
        "cycle": _one(ReportingCycle, g, "cycle"),
        "organisation": _one(Organisation, g, "organisation"),
    },
    ReportItem: _report_item,
    Evidence: lambda n, g: {
        "item": _one(ReportItem, g, "item"),
        "file": _one(StoredFile, g, "file"),
    },
    ReportAction: lambda n, g: {
        "report": _one(Report, g, "report"),
        "kind": "submit",
        "edition": 1,
        "from_state": "draft",
        "to_state": "submitted",
        "by": _one(User, g, "by"),
    },
    ReportAuthor: lambda n, g: {
        "report": _one(Report, g, "report"),
        "edition": 1,
        "user": _one(User, g, "user"),
    },
    ItemRemark: lambda n, g: {
        "item": (item := _one(ReportItem, g, "item")),
        "action": g.get("action")
        or make(ReportAction, report=item.report, kind="return", reason="why"),
        "text": f"remark {n}",
    },
    Publication: _publication,
    ValidationRule: lambda n, g: {
        "code": f"rule-{n}",
        "check_kind": "range",
        "severity": "error",
        **_names(n, "sentence"),
    },
    WarningReason: lambda n, g: {
        "item": _one(ReportItem, g, "item"),
        "rule": _one(ValidationRule, g, "rule"),
        "item_version": 1,
        "reason": f"reason {n}",
        "by": _one(User, g, "by"),
    },
    Upload: lambda n, g: {
        "report": _one(Report, g, "report"),
        "file": _one(StoredFile, g, "file"),
        "by": _one(User, g, "by"),
    },
    UploadChange: lambda n, g: {
        "upload": (upload := _one(Upload, g, "upload")),
        "item": g.get("item") or make(ReportItem, report=upload.report),
        "place": f"row {n}",
        "item_version": 0,
    },
    Directive: lambda n, g: {
        "target": None if "report" in g else _one(Target, g, "target"),
        "addressee": _one(Organisation, g, "addressee"),
        "text": f"directive {n}",
        "due_on": dt.date(2026, 12, 1),
        "created_by": _one(User, g, "created_by"),
    },
    DirectiveAnswer: lambda n, g: {
        "directive": (directive := _one(Directive, g, "directive")),
        "kind": "answer",
        "text": f"answer {n}",
        "due_on": directive.due_on,
        "by": _one(User, g, "by"),
    },
    DirectiveFile: lambda n, g: {
        "answer": _one(DirectiveAnswer, g, "answer"),
        "file": _one(StoredFile, g, "file"),
    },
    DataSource: lambda n, g: {
        "slug": f"source-{n}",
        **_names(n, "name"),
        "adapter": "table",
        "address": "" if g.get("adapter") == "push" else f"https://data{n}.example/values.csv",
    },
    SeriesMapping: lambda n, g: {
        "data_source": _one(DataSource, g, "data_source"),
        "series": _one(Series, g, "series"),
    },
    SourceRun: lambda n, g: {
        "data_source": _one(DataSource, g, "data_source"),
        "kind": "scheduled",
        "started_at": timezone.now(),
        **(
            {}
            if g.get("status", "running") in ("waiting", "running")
            else {"finished_at": timezone.now()}
        ),
    },
    RawBody: lambda n, g: {"sha256": f"{n:064x}", "size": 4, "compressed": zlib.compress(b"1,2\n")},
    RunBody: lambda n, g: {
        "run": _one(SourceRun, g, "run"),
        "position": n,
        "request": f"{n:064x}",
        "url": f"https://data{n}.example/values.csv",
        "raw": _one(RawBody, g, "raw"),
        "status_code": 200,
    },
    RunRejection: lambda n, g: {
        "run": _one(SourceRun, g, "run"),
        "place": n,
        "reason": "number",
    },
    HeldValue: _held_value,
    Notice: lambda n, g: {
        "user": _one(User, g, "user"),
        "key": f"key-{n}",
        "kind": "report-submitted",
    },
    Mail: lambda n, g: {
        "user": _one(User, g, "user"),
        "key": f"key-{n}",
        "subject": f"subject {n}",
        "body": f"body {n}",
    },
}
