"""The domain model, one module per subject."""

from targets.models.accounts import (
    ORGANISATION_ROLES,
    SYSTEM_ROLES,
    ApiToken,
    Membership,
    Role,
    RolePolicy,
    SystemRole,
)
from targets.models.assessments import (
    Assessment,
    AssessmentMethod,
    DataVersion,
    PendingAssessment,
)
from targets.models.directives import Directive, DirectiveAnswer, DirectiveFile
from targets.models.duties import ReportingCycle, ReportingDuty
from targets.models.files import StoredFile
from targets.models.indicators import ContextLink, Indicator, Pillar, Series, Unit
from targets.models.messages import Mail, Notice
from targets.models.observations import Observation, Source
from targets.models.organisations import (
    COUNTRY_CODE,
    MapTile,
    Organisation,
    OrganisationCode,
    OrganisationName,
    Succession,
)
from targets.models.reports import (
    Evidence,
    ItemRemark,
    Publication,
    Report,
    ReportAction,
    ReportAuthor,
    ReportItem,
)
from targets.models.runs import HeldValue, RawBody, RunBody, RunRejection, SourceRun
from targets.models.sources import DataSource, SeriesMapping
from targets.models.targets import Assignment, Target
from targets.models.tasks import Task, TaskRole
from targets.models.trail import TrailEntry, TrailLink
from targets.models.uploads import Upload, UploadChange
from targets.models.validation import ValidationRule, WarningReason

__all__ = [
    "COUNTRY_CODE",
    "ORGANISATION_ROLES",
    "SYSTEM_ROLES",
    "ApiToken",
    "Assessment",
    "AssessmentMethod",
    "Assignment",
    "ContextLink",
    "DataSource",
    "DataVersion",
    "Directive",
    "DirectiveAnswer",
    "DirectiveFile",
    "Evidence",
    "HeldValue",
    "Indicator",
    "ItemRemark",
    "Mail",
    "MapTile",
    "Membership",
    "Notice",
    "Observation",
    "Organisation",
    "OrganisationCode",
    "OrganisationName",
    "PendingAssessment",
    "Pillar",
    "Publication",
    "RawBody",
    "Report",
    "ReportAction",
    "ReportAuthor",
    "ReportItem",
    "ReportingCycle",
    "ReportingDuty",
    "Role",
    "RolePolicy",
    "RunBody",
    "RunRejection",
    "Series",
    "SeriesMapping",
    "Source",
    "SourceRun",
    "StoredFile",
    "Succession",
    "SystemRole",
    "Target",
    "Task",
    "TaskRole",
    "TrailEntry",
    "TrailLink",
    "Unit",
    "Upload",
    "UploadChange",
    "ValidationRule",
    "WarningReason",
]
