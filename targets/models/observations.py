"""Reported values: every version of every value, with its source; nothing is ever rewritten."""

from __future__ import annotations

import datetime as dt

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from documents.constraints import enforce_choices, in_order
from targets import triggers
from targets.models.indicators import Series
from targets.models.organisations import Organisation

PERIOD_PATTERN = r"^(19|20)[0-9]{2}(-(H[12]|Q[1-4]|0[1-9]|1[0-2]))?$"


class Source(models.Model):
    """Where a figure was read: one publication at one address."""

    title = models.TextField()
    url = models.TextField(blank=True)
    publisher = models.TextField(blank=True)
    retrieved_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ("publisher", "title")
        constraints = (
            models.UniqueConstraint(fields=("title", "url", "publisher"), name="source_unique"),
        )
        triggers = triggers.kept_by_observations("source_id")

    def __str__(self) -> str:
        return self.title


class ObservationQuerySet(models.QuerySet["Observation"]):
    def published(self) -> ObservationQuerySet:
        """What the public may see."""
        return self.filter(state=Observation.State.PUBLISHED)

    def current(self) -> ObservationQuerySet:
        """The version in force of every value."""
        return self.filter(superseded_at__isnull=True)

    def known_on(self, day: dt.date) -> ObservationQuerySet:
        """The version of every value that was known on `day`.

        The version in force where it was known by then: a correction may turn out to have been
        published before what it corrects. Otherwise the last one published by that day.
        """
        in_force = models.ExpressionWrapper(
            Q(superseded_at__isnull=True), output_field=models.BooleanField()
        )
        versions = (
            self.filter(known_on__lte=day)
            .order_by(
                "series_id",
                "organisation_id",
                "period",
                in_force.desc(),
                "-known_on",
                "-id",
            )
            .distinct("series_id", "organisation_id", "period")
        )
        return self.filter(pk__in=versions.values("pk"))


@enforce_choices
class Observation(models.Model):
    """One version of one value of a series, for one organisation and one period.

    `recorded_at` is when this system learned it, `published_on` when its publisher made it public
    (where that is known), `known_on` the earlier of the two: the day from which "as of" pages see
    it. A first edition without a day of publication was out, at the latest, on the day on which a
    later period of its series was published. A correction is a new row that supersedes the old
    one; the database refuses to delete a row or to change anything in it but `superseded_at`
    (once) and `state`.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("nháp")
        SUBMITTED = "submitted", _("đã gửi")
        APPROVED = "approved", _("đã duyệt")
        PUBLISHED = "published", _("đã công bố")

    # No foreign keys in the database: the triggers `fits` and `observed` keep the references.
    series = models.ForeignKey(
        Series, on_delete=models.PROTECT, related_name="observations", db_constraint=False
    )
    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        related_name="observations",
        db_index=False,
        db_constraint=False,
    )
    period = models.TextField(help_text="2024, 2024-H1, 2024-Q3 or 2024-07")
    period_start = models.DateField()
    period_end = models.DateField()
    year = models.SmallIntegerField()
    value = models.DecimalField(max_digits=24, decimal_places=8)
    numerator = models.DecimalField(max_digits=24, decimal_places=4, null=True, blank=True)
    denominator = models.DecimalField(max_digits=24, decimal_places=4, null=True, blank=True)
    vintage = models.TextField(blank=True, help_text="Edition, where the publisher revises")
    published_on = models.DateField(null=True, blank=True)
    known_on = models.DateField()
    recorded_at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True, blank=True)
    state = models.TextField(choices=State.choices, default=State.PUBLISHED)
    synthetic = models.BooleanField(default=False, help_text="Made up for a demonstration")
    derived = models.BooleanField(default=False, help_text="Computed from what was published")
    source = models.ForeignKey(
        Source,
        on_delete=models.PROTECT,
        related_name="observations",
        db_index=False,
        db_constraint=False,
    )
    caveat_vi = models.TextField(blank=True)
    caveat_en = models.TextField(blank=True)
    run = models.ForeignKey(
        "targets.SourceRun",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="observations",
        db_index=False,
        db_constraint=False,
        help_text="The run that brought it; none: loaded from a file, or reported",
    )

    objects = ObservationQuerySet.as_manager()

    class Meta:
        ordering = ("series", "organisation", "period_start", "id")
        verbose_name = _("số liệu")
        verbose_name_plural = _("số liệu")
        constraints = (
            models.UniqueConstraint(
                fields=("series", "organisation", "period"),
                condition=Q(superseded_at__isnull=True),
                name="observation_one_current_version",
            ),
            models.CheckConstraint(
                condition=Q(period__regex=PERIOD_PATTERN), name="observation_period_form"
            ),
            in_order("period_start", "period_end", "observation_period_in_order"),
            models.CheckConstraint(
                condition=Q(year=F("period_end__year")), name="observation_year_of_period"
            ),
            models.CheckConstraint(
                condition=Q(numerator=None, denominator=None)
                # A check that comes out NULL passes, so the comparison needs its value given.
                | Q(numerator__isnull=False, denominator__isnull=False, denominator__gt=0),
                name="observation_ratio_whole",
            ),
            models.CheckConstraint(
                condition=Q(published_on=None) | Q(known_on__lte=F("published_on")),
                name="observation_known_by_publication",
            ),
            models.CheckConstraint(
                condition=Q(superseded_at=None) | Q(superseded_at__gte=F("recorded_at")),
                name="observation_superseded_later",
            ),
        )
        # Runs are numbered as they come, and so are the rows that they bring: a few pages suffice.
        indexes = (BrinIndex(fields=("run",), pages_per_range=16, name="observation_of_run"),)
        triggers = (
            *triggers.append_only("observation", mutable=("superseded_at", "state")),
            triggers.superseded_once("observation"),
            triggers.observation_fits(),
            triggers.enqueue_after_observation_insert(),
            triggers.enqueue_after_observation_update(),
        )

    def __str__(self) -> str:
        return f"{self.series} {self.organisation} {self.period} = {self.value}"
