"""How each rule of the database can be broken: constraint -> what it must refuse."""

from __future__ import annotations

from django_celery_beat.models import CrontabSchedule, PeriodicTask

from documents.models import Document
from targets.models import (
    ApiToken,
    AssessmentMethod,
    DataSource,
    Indicator,
    Mail,
    Organisation,
    Pillar,
    Publication,
    RawBody,
    ReportingDuty,
    RolePolicy,
    SourceRun,
    Target,
    Unit,
    ValidationRule,
)
from tests.factory import make
from tests.models.violations import catalogue, reporting, sources
from tests.models.violations.tools import Violation, Violations, twice


def twice_scheduled() -> None:
    task = PeriodicTask.objects.create(name="t", task="t", crontab=CrontabSchedule.objects.create())
    make(DataSource, periodic_task=task)
    make(DataSource, periodic_task=task)


VIOLATIONS: Violations = {
    **catalogue.VIOLATIONS,
    **reporting.VIOLATIONS,
    **sources.VIOLATIONS,
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
    "datasource.slug": twice(DataSource, "slug"),
    "datasource.periodic_task": twice_scheduled,
    "sourcerun.task_id": twice(SourceRun, task_id="task"),
    "rawbody.sha256": twice(RawBody, "sha256"),
    "apitoken.digest": twice(ApiToken, "digest"),
    "reportingduty.code": twice(ReportingDuty, "code"),
    "publication.observation": twice(Publication, "observation"),
    "validationrule.code": twice(ValidationRule, "code"),
    "mail.key": twice(Mail, "key"),
}
