"""The domain model, one module per subject."""

from targets.models.assessments import (
    Assessment,
    AssessmentMethod,
    DataVersion,
    PendingAssessment,
)
from targets.models.indicators import ContextLink, Indicator, Pillar, Series, Unit
from targets.models.observations import Observation, Source
from targets.models.organisations import (
    COUNTRY_CODE,
    MapTile,
    Organisation,
    OrganisationCode,
    OrganisationName,
    Succession,
)
from targets.models.targets import Assignment, Target
from targets.models.tasks import Task, TaskRole

__all__ = [
    "COUNTRY_CODE",
    "Assessment",
    "AssessmentMethod",
    "Assignment",
    "ContextLink",
    "DataVersion",
    "Indicator",
    "MapTile",
    "Observation",
    "Organisation",
    "OrganisationCode",
    "OrganisationName",
    "PendingAssessment",
    "Pillar",
    "Series",
    "Source",
    "Succession",
    "Target",
    "Task",
    "TaskRole",
    "Unit",
]
