"""What is measured: pillars, units, indicators, and the series that publishers keep of them."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from documents.constraints import enforce_choices, not_blank
from targets import triggers


class Pillar(models.Model):
    """One of the five groups that the pages are arranged by."""

    code = models.SlugField(unique=True)
    slug = models.SlugField(unique=True, help_text="In addresses, Vietnamese without accents")
    name_vi = models.TextField()
    name_en = models.TextField()
    short_vi = models.TextField()
    short_en = models.TextField()
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ("position",)
        verbose_name = _("trụ cột")
        verbose_name_plural = _("trụ cột")
        triggers = (triggers.bump_data_version("pillar"),)

    def __str__(self) -> str:
        return self.name_vi

    def get_absolute_url(self) -> str:
        return reverse("pillar", args=[self.slug])


@enforce_choices
class Unit(models.Model):
    """A unit of measure and how its numbers are written.

    `ratio_scale` turns numerator / denominator into the unit: 100 for per cent, 1 for a ratio.
    """

    class Kind(models.TextChoices):
        PERCENT = "percent", _("phần trăm")
        RANK = "rank", _("thứ hạng")
        COUNT = "count", _("số lượng")
        INDEX = "index", _("chỉ số")
        RATIO = "ratio", _("tỷ số")
        STAGE = "stage", _("giai đoạn")
        MONEY = "money", _("tiền")
        OTHER = "other", _("khác")

    code = models.SlugField(unique=True)
    kind = models.TextField(choices=Kind.choices)
    name_vi = models.TextField()
    name_en = models.TextField()
    symbol_vi = models.TextField(blank=True)
    symbol_en = models.TextField(blank=True)
    decimals = models.PositiveSmallIntegerField(help_text="Shown at most")
    ratio_scale = models.DecimalField(max_digits=12, decimal_places=2, default=1)

    class Meta:
        ordering = ("code",)
        constraints = (
            models.CheckConstraint(condition=Q(ratio_scale__gt=0), name="unit_scale_positive"),
        )
        triggers = (triggers.bump_data_version("unit"),)

    def __str__(self) -> str:
        return self.code


@enforce_choices
class Indicator(models.Model):
    """A measure: the same one in every document that makes a demand of it."""

    class Direction(models.TextChoices):
        UP = "up", _("càng cao càng tốt")
        DOWN = "down", _("càng thấp càng tốt")

    class Level(models.TextChoices):
        NATIONAL = "national", _("cả nước")
        MINISTRY = "ministry", _("từng bộ, ngành")
        PROVINCE = "province", _("từng tỉnh, thành phố")

    class Aggregation(models.TextChoices):
        NONE = "none", _("không cộng được")
        SUM = "sum", _("cộng")
        RATIO = "ratio", _("tổng tử số trên tổng mẫu số")

    class PaceMethod(models.TextChoices):
        LINEAR = "linear", _("đường thẳng")
        CAGR = "cagr", _("tăng trưởng kép")

    code = models.SlugField(max_length=80, unique=True)
    name_vi = models.TextField()
    name_en = models.TextField()
    pillar = models.ForeignKey(Pillar, on_delete=models.PROTECT, related_name="indicators")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT)
    direction = models.TextField(choices=Direction.choices)
    levels = ArrayField(models.TextField(choices=Level.choices))
    publisher_vi = models.TextField(blank=True, help_text="Empty: nobody publishes it yet")
    publisher_en = models.TextField(blank=True)
    interval_years = models.PositiveSmallIntegerField(default=1)
    aggregation = models.TextField(choices=Aggregation.choices, default=Aggregation.NONE)
    pace_method = models.TextField(choices=PaceMethod.choices, default=PaceMethod.LINEAR)
    measurable_until = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Last year with a value; then discontinued or abolished"
    )
    unmeasurable_vi = models.TextField(blank=True)
    unmeasurable_en = models.TextField(blank=True)
    definition_vi = models.TextField()
    definition_en = models.TextField()
    context_only = models.BooleanField(
        default=False, help_text="A proxy: shown beside a target, never its measure"
    )

    class Meta:
        ordering = ("code",)
        verbose_name = _("chỉ tiêu")
        verbose_name_plural = _("chỉ tiêu")
        constraints = (
            not_blank("definition_vi", "indicator_definition_vi_given"),
            not_blank("definition_en", "indicator_definition_en_given"),
            models.CheckConstraint(
                condition=Q(levels__len__gt=0)
                & Q(levels__contained_by=["national", "ministry", "province"]),
                name="indicator_levels_known",
            ),
            models.CheckConstraint(
                condition=Q(interval_years__gte=1), name="indicator_interval_positive"
            ),
            # The page must say why an indicator cannot be measured any more.
            models.CheckConstraint(
                condition=Q(measurable_until__isnull=True) | ~Q(unmeasurable_vi=""),
                name="indicator_unmeasurable_reason_given",
            ),
        )
        triggers = (
            triggers.bump_data_version("indicator"),
            triggers.enqueue_after_catalogue_change("indicator", "t.indicator_id = NEW.id"),
        )

    def __str__(self) -> str:
        return self.code

    def get_absolute_url(self) -> str:
        return reverse("indicator", args=[self.code])


class ContextLink(models.Model):
    """A proxy to show beside an indicator, with the reason why it is not the same thing."""

    indicator = models.ForeignKey(Indicator, on_delete=models.CASCADE, related_name="context_links")
    context = models.ForeignKey(Indicator, on_delete=models.CASCADE, related_name="context_for")
    note_vi = models.TextField()
    note_en = models.TextField()

    class Meta:
        ordering = ("indicator", "context")
        constraints = (
            models.UniqueConstraint(fields=("indicator", "context"), name="context_link_unique"),
            models.CheckConstraint(
                condition=~Q(indicator=F("context")), name="context_link_between_two"
            ),
        )

    def __str__(self) -> str:
        return f"{self.indicator} ~ {self.context}"


class Series(models.Model):
    """One publisher's run of values of one indicator by one definition.

    Two publishers, or two definitions, are two series and are never joined; the official one is
    what targets are assessed by, the others are shown beside it.
    """

    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="series")
    code = models.SlugField(max_length=80)
    publisher_vi = models.TextField()
    publisher_en = models.TextField()
    name_vi = models.TextField(blank=True)
    name_en = models.TextField(blank=True)
    official = models.BooleanField(default=False)
    note_vi = models.TextField(blank=True)
    note_en = models.TextField(blank=True)

    class Meta:
        ordering = ("indicator", "-official", "code")
        verbose_name_plural = "series"
        constraints = (
            models.UniqueConstraint(fields=("indicator", "code"), name="series_unique"),
            models.UniqueConstraint(
                fields=("indicator",),
                condition=Q(official=True),
                name="series_one_official_per_indicator",
            ),
        )
        triggers = (
            *triggers.kept_by_observations("series_id"),
            triggers.bump_data_version("series"),
            triggers.enqueue_after_catalogue_change("series", "t.indicator_id = NEW.indicator_id"),
        )

    def __str__(self) -> str:
        return f"{self.indicator}/{self.code}"
