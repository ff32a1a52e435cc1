"""Who must report what by when: the duties that documents set, and their cycles."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from documents.constraints import enforce_choices, in_order, not_blank
from documents.models import Document, Provision
from targets import triggers
from targets.models.observations import PERIOD_PATTERN
from targets.models.organisations import Organisation


@enforce_choices
class ReportingDuty(models.Model):
    """What a document demands of reporting: of whom, how often, for which days, by when.

    The year of data is cut into equal windows from `data_from` (day and month) on; a window is
    named after the day on which it ends (15 December 2025 to 14 December 2026 is 2026).
    """

    class Frequency(models.TextChoices):
        MONTHLY = "monthly", _("hằng tháng")
        QUARTERLY = "quarterly", _("hằng quý")
        HALF_YEARLY = "half_yearly", _("sáu tháng")
        YEARLY = "yearly", _("hằng năm")

    class Reporters(models.TextChoices):
        MINISTRY = "ministry", _("bộ, ngành")
        PROVINCE = "province", _("tỉnh, thành phố")

    class Basis(models.TextChoices):
        STATED = "stated", _("nêu trong văn bản")
        INFERRED = "inferred", _("suy ra")

    code = models.SlugField(max_length=80, unique=True)
    document = models.ForeignKey(
        Document, on_delete=models.PROTECT, related_name="reporting_duties"
    )
    provision = models.ForeignKey(
        Provision, on_delete=models.PROTECT, related_name="reporting_duties"
    )
    name_vi = models.TextField()
    name_en = models.TextField()
    frequency = models.TextField(choices=Frequency.choices)
    reporters = ArrayField(models.TextField(choices=Reporters.choices))
    collector = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        related_name="collected_duties",
        help_text="As the document wrote it; who it is today, the successions say",
    )
    collector_function = models.SlugField(blank=True)
    data_from_month = models.PositiveSmallIntegerField(
        validators=[MinValueValidator(1), MaxValueValidator(12)]
    )
    data_from_day = models.PositiveSmallIntegerField(
        validators=[MinValueValidator(1), MaxValueValidator(28)]
    )
    due_days = models.SmallIntegerField(help_text="Days from the last day of data to the due day")
    due_basis = models.TextField(choices=Basis.choices)
    due_reason_vi = models.TextField(blank=True)
    due_reason_en = models.TextField(blank=True)
    opens_days = models.PositiveSmallIntegerField(help_text="Opened so many days before it is due")
    active = models.BooleanField(default=True, help_text="Off while the document is a draft")

    class Meta:
        ordering = ("code",)
        verbose_name = _("chế độ báo cáo")
        verbose_name_plural = _("chế độ báo cáo")
        constraints = (
            not_blank("name_vi", "duty_name_vi_given"),
            not_blank("name_en", "duty_name_en_given"),
            models.CheckConstraint(
                condition=Q(reporters__len__gt=0)
                & Q(reporters__contained_by=["ministry", "province"]),
                name="duty_reporters_known",
            ),
            models.CheckConstraint(
                condition=Q(data_from_month__range=(1, 12)) & Q(data_from_day__range=(1, 28)),
                name="duty_data_from_a_day",
            ),
            models.CheckConstraint(
                condition=Q(due_basis="stated") | ~Q(due_reason_vi=""),
                name="duty_due_day_has_ground",
            ),
        )
        triggers = (triggers.provision_belongs_to_document("reportingduty"),)

    def __str__(self) -> str:
        return self.code


class ReportingCycle(models.Model):
    """One period of a duty: data from and to (both inclusive), due by the end of `due_on`."""

    duty = models.ForeignKey(ReportingDuty, on_delete=models.PROTECT, related_name="cycles")
    period = models.TextField(help_text="2026, 2026-H1, 2026-Q3 or 2026-07")
    data_from = models.DateField()
    data_to = models.DateField()
    opens_on = models.DateField()
    due_on = models.DateField()
    closed_on = models.DateField(null=True, blank=True, help_text="No more entries from that day")
    opened_at = models.DateTimeField(db_default=models.functions.Now())

    class Meta:
        ordering = ("-due_on", "duty")
        verbose_name = _("kỳ báo cáo")
        verbose_name_plural = _("kỳ báo cáo")
        constraints = (
            models.UniqueConstraint(fields=("duty", "period"), name="cycle_unique"),
            models.CheckConstraint(
                condition=Q(period__regex=PERIOD_PATTERN), name="cycle_period_form"
            ),
            in_order("data_from", "data_to", "cycle_data_in_order"),
            in_order("opens_on", "due_on", "cycle_days_in_order"),
        )
        # Due days stand on the pages of organisations.
        triggers = (triggers.bump_data_version("cycle"),)

    def __str__(self) -> str:
        return f"{self.duty} {self.period}"
