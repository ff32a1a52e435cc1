"""What a provision demands of an indicator by a year, and who answers for it."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from documents.constraints import enforce_choices, not_blank
from documents.models import Document, Provision
from targets import triggers
from targets.models.indicators import Indicator, Pillar, Unit
from targets.models.organisations import Organisation


class TargetQuerySet(models.QuerySet["Target"]):
    def active(self) -> TargetQuerySet:
        """Targets of the catalogue as it stands."""
        return self.filter(retired_on__isnull=True)

    def binding(self) -> TargetQuerySet:
        """Targets that count in headlines: in force, and not a mere restatement."""
        return self.active().filter(
            document__legal_status=Document.LegalStatus.IN_FORCE, restates__isnull=True
        )

    def with_catalogue(self) -> TargetQuerySet:
        """Join all that a row of a page names: document, clause, indicator, unit, pillar."""
        return self.select_related("document", "provision", "indicator", "pillar", "unit")


@enforce_choices
class Target(models.Model):
    """One demand: `indicator` `operator` `threshold` by the end of `due_year`.

    A milestone (universal coverage, completion) has no number and none is invented: its operator
    and thresholds are empty and its values are the stages 0, 25, 50, 75, 100.
    """

    class Kind(models.TextChoices):
        LEVEL = "level", _("mức")
        RANK = "rank", _("thứ hạng")
        COUNT = "count", _("số lượng")
        GROWTH = "growth", _("tăng trưởng bình quân")
        EVERY_YEAR = "every_year", _("hằng năm")
        KEEP = "keep", _("duy trì")
        RELATIVE = "relative", _("so với gốc")
        MILESTONE = "milestone", _("mốc hoàn thành")

    class Operator(models.TextChoices):
        AT_LEAST = ">=", _("tối thiểu")
        MORE_THAN = ">", _("trên")
        AT_MOST = "<=", _("tối đa")
        LESS_THAN = "<", _("dưới")
        RANGE = "range", _("trong khoảng")

    class Basis(models.TextChoices):
        STATED = "stated", _("nêu trong văn bản")
        INFERRED = "inferred", _("suy ra")
        NONE = "none", _("không có")

    class Horizon(models.TextChoices):
        Y2025 = "2025", _("đến năm 2025")
        Y2030 = "2030", _("đến năm 2030")
        Y2045 = "2045", _("đến năm 2045")
        STANDING = "standing", _("thường xuyên")

    class Scope(models.TextChoices):
        COUNTRY = "country", _("cả nước")
        EACH_MINISTRY = "each_ministry", _("từng bộ, ngành")
        EACH_PROVINCE = "each_province", _("từng tỉnh, thành phố")
        EACH_MINISTRY_AND_PROVINCE = (
            "each_ministry_and_province",
            _("từng bộ, ngành và từng tỉnh, thành phố"),
        )

    key = models.SlugField(max_length=100, unique=True)
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="targets")
    provision = models.ForeignKey(Provision, on_delete=models.PROTECT, related_name="targets")
    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="targets")
    pillar = models.ForeignKey(Pillar, on_delete=models.PROTECT, related_name="targets")
    kind = models.TextField(choices=Kind.choices)
    operator = models.TextField(choices=Operator.choices, blank=True)
    threshold = models.DecimalField(max_digits=20, decimal_places=6, null=True, blank=True)
    threshold_max = models.DecimalField(max_digits=20, decimal_places=6, null=True, blank=True)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT)
    due_year = models.PositiveSmallIntegerField(null=True, blank=True)
    standing = models.BooleanField(default=False)
    year_basis = models.TextField(choices=Basis.choices)
    horizon = models.TextField(choices=Horizon.choices)
    scope = models.TextField(choices=Scope.choices)
    baseline_year = models.PositiveSmallIntegerField(null=True, blank=True)
    baseline_value = models.DecimalField(max_digits=20, decimal_places=6, null=True, blank=True)
    label_vi = models.TextField(help_text="What is demanded, in our own words")
    label_en = models.TextField()
    interpreted = models.BooleanField(default=False)
    interpretation_vi = models.TextField(blank=True)
    interpretation_en = models.TextField(blank=True)
    restates = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="restatements"
    )
    position = models.PositiveIntegerField()
    retired_on = models.DateField(null=True, blank=True, help_text="Left the catalogue that day")

    objects = TargetQuerySet.as_manager()

    class Meta:
        ordering = ("document", "position")
        verbose_name = _("mục tiêu")
        verbose_name_plural = _("mục tiêu")
        constraints = (
            not_blank("label_vi", "target_label_vi_given"),
            not_blank("label_en", "target_label_en_given"),
            models.CheckConstraint(
                condition=Q(kind="milestone", operator="", threshold=None, threshold_max=None)
                | (~Q(kind="milestone") & ~Q(operator="") & Q(threshold__isnull=False)),
                name="target_number_unless_milestone",
            ),
            models.CheckConstraint(
                # A check that comes out NULL passes, so comparisons need their values given.
                condition=Q(
                    operator="range",
                    threshold_max__isnull=False,
                    threshold_max__gt=F("threshold"),
                )
                | (~Q(operator="range") & Q(threshold_max__isnull=True)),
                name="target_upper_bound_only_for_range",
            ),
            models.CheckConstraint(
                condition=~Q(kind="rank") | Q(operator__in=["<=", "<"]),
                name="target_rank_lower_is_better",
            ),
            models.CheckConstraint(
                condition=Q(standing=True, due_year=None, year_basis="none", horizon="standing")
                | (Q(standing=False) & ~Q(horizon="standing")),
                name="target_standing_has_no_year",
            ),
            models.CheckConstraint(
                condition=Q(due_year__isnull=True, year_basis="none")
                | Q(
                    due_year__isnull=False,
                    due_year__range=(2000, 2100),
                    year_basis__in=["stated", "inferred"],
                ),
                name="target_year_has_basis",
            ),
            models.CheckConstraint(
                condition=Q(baseline_year=None, baseline_value=None)
                | Q(baseline_year__isnull=False, baseline_value__isnull=False),
                name="target_baseline_whole",
            ),
            models.CheckConstraint(
                condition=Q(interpreted=False) | ~Q(interpretation_vi=""),
                name="target_interpretation_explained",
            ),
            models.CheckConstraint(condition=~Q(restates=F("id")), name="target_restates_another"),
        )
        triggers = (
            triggers.bump_data_version("target"),
            triggers.enqueue_after_catalogue_change("target", "t.id = NEW.id"),
            triggers.provision_belongs_to_document("target"),
        )

    def __str__(self) -> str:
        return self.key

    def get_absolute_url(self) -> str:
        return reverse("target", args=[self.key])


@enforce_choices
class Assignment(models.Model):
    """Who leads or helps with a target: as the document wrote it, and on what basis.

    The organisation is the one the document named (or today's, where a lead is inferred);
    `function` is the slug by which the duty passed to a successor.
    """

    class Role(models.TextChoices):
        LEAD = "lead", _("chủ trì")
        PARTNER = "partner", _("phối hợp")

    class Basis(models.TextChoices):
        STATED = "stated", _("nêu trong văn bản")
        INFERRED = "inferred", _("suy ra")

    target = models.ForeignKey(Target, on_delete=models.CASCADE, related_name="assignments")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="assignments"
    )
    role = models.TextField(choices=Role.choices)
    basis = models.TextField(choices=Basis.choices)
    provision = models.ForeignKey(
        Provision, null=True, blank=True, on_delete=models.PROTECT, related_name="assignments"
    )
    reason_vi = models.TextField(blank=True)
    reason_en = models.TextField(blank=True)
    function = models.SlugField(blank=True)
    position = models.PositiveIntegerField()

    class Meta:
        ordering = ("target", "position")
        constraints = (
            models.UniqueConstraint(
                fields=("target", "organisation", "role"), name="assignment_unique"
            ),
            models.CheckConstraint(
                condition=Q(basis="stated", provision__isnull=False)
                | (Q(basis="inferred") & ~Q(reason_vi="") & ~Q(reason_en="")),
                name="assignment_has_ground",
            ),
        )
        triggers = (triggers.bump_data_version("assignment"),)

    def __str__(self) -> str:
        return f"{self.target}: {self.organisation} ({self.role})"
