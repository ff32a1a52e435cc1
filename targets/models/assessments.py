"""Verdicts: stored results of a stated method over stated inputs, and the queue of those due."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from documents.constraints import enforce_choices
from targets import triggers
from targets.models.organisations import Organisation
from targets.models.targets import Target


class AssessmentMethod(models.Model):
    """One version of the status method: the two thresholds of pace, and the note on them."""

    version = models.TextField(unique=True)
    on_track_from = models.DecimalField(max_digits=6, decimal_places=4)
    at_risk_from = models.DecimalField(max_digits=6, decimal_places=4)
    active = models.BooleanField(default=False)
    note_vi = models.TextField(blank=True)
    note_en = models.TextField(blank=True)

    class Meta:
        ordering = ("version",)
        constraints = (
            models.UniqueConstraint(
                fields=("active",), condition=Q(active=True), name="method_one_active"
            ),
            models.CheckConstraint(
                condition=Q(at_risk_from__gt=0)
                & Q(at_risk_from__lt=F("on_track_from"))
                & Q(on_track_from__lte=1),
                name="method_thresholds_in_order",
            ),
        )
        triggers = (triggers.enqueue_after_catalogue_change("assessmentmethod", "NEW.active"),)

    def __str__(self) -> str:
        return self.version


class AssessmentQuerySet(models.QuerySet["Assessment"]):
    def standing_on(self, day: dt.date) -> AssessmentQuerySet:
        """The verdict of every (target, organisation) as of `day`, by the current computation."""
        latest = (
            self.filter(superseded_at__isnull=True, as_of__lte=day)
            .order_by("target_id", "organisation_id", "-as_of")
            .distinct("target_id", "organisation_id")
        )
        return self.filter(pk__in=latest.values("pk"))


@enforce_choices
class Assessment(models.Model):
    """The verdict on one target for one organisation from the day `as_of` on.

    A verdict changes only on a day on which a value becomes known or a due year has ended, so the
    history of a target is a handful of rows. A recomputation that comes to another result
    supersedes the row and adds a new one; one that comes to the same result writes nothing.
    """

    class Status(models.TextChoices):
        ACHIEVED = "achieved", _("Đạt")
        ON_TRACK = "on_track", _("Đúng tiến độ")
        AT_RISK = "at_risk", _("Có nguy cơ")
        OFF_TRACK = "off_track", _("Chậm tiến độ")
        MISSED = "missed", _("Không đạt")
        INSUFFICIENT = "insufficient", _("Chưa đủ số liệu")
        NO_DATA = "no_data", _("Chưa có số liệu")
        NOT_MEASURABLE = "not_measurable", _("Không còn đo được")

    target = models.ForeignKey(Target, on_delete=models.PROTECT, related_name="assessments")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="assessments"
    )
    method = models.ForeignKey(AssessmentMethod, on_delete=models.PROTECT)
    as_of = models.DateField()
    status = models.TextField(choices=Status.choices)
    pace = models.FloatField(null=True)
    attained = models.FloatField(null=True)
    expected = models.FloatField(null=True)
    required_value = models.FloatField(null=True)
    latest_year = models.SmallIntegerField(null=True)
    latest_value = models.FloatField(null=True)
    baseline_year = models.SmallIntegerField(null=True)
    baseline_value = models.FloatField(null=True)
    projected_value = models.FloatField(null=True)
    projected_low = models.FloatField(null=True)
    projected_high = models.FloatField(null=True)
    projected_year = models.SmallIntegerField(null=True)
    projection_reason = models.TextField(blank=True)
    reason_code = models.TextField()
    reason_values = models.JSONField(default=dict)
    computed_at = models.DateTimeField(default=timezone.now)
    superseded_at = models.DateTimeField(null=True)

    objects = AssessmentQuerySet.as_manager()

    class Meta:
        ordering = ("target", "organisation", "as_of")
        constraints = (
            # Also serves the reads of every page: latest verdict of a pair by a day.
            models.UniqueConstraint(
                fields=("target", "organisation", "as_of"),
                condition=Q(superseded_at__isnull=True),
                name="assessment_one_current",
            ),
            models.CheckConstraint(condition=~Q(reason_code=""), name="assessment_reason_given"),
        )
        triggers = (
            *triggers.append_only("assessment", mutable=("superseded_at",)),
            triggers.superseded_once("assessment"),
            triggers.bump_data_version("assessment"),
        )

    def __str__(self) -> str:
        return f"{self.target} {self.organisation} {self.as_of}: {self.status}"


class PendingAssessment(models.Model):
    """A "needs assessing" row, written by triggers in the transaction that made it necessary.

    Deliberately without a unique constraint: a writer never waits for a worker, and a change that
    arrives while a worker computes leaves a row of its own.
    """

    target = models.ForeignKey(Target, on_delete=models.CASCADE, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    enqueued_at = models.DateTimeField(db_default=models.functions.Now())

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.target} {self.organisation}"


class DataVersion(models.Model):
    """One row whose number rises with every change that a page could show; caches hang on it."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    number = models.BigIntegerField(default=0)

    class Meta:
        constraints = (models.CheckConstraint(condition=Q(id=1), name="data_version_single_row"),)

    def __str__(self) -> str:
        return str(self.number)

    @classmethod
    def now(cls) -> int:
        """The current number (one query); 0 before the first change."""
        return cls.objects.values_list("number", flat=True).filter(pk=1).first() or 0
