"""The checks of reported values, as rows, and the reasons given where one warns."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from documents.constraints import enforce_choices, in_order, not_blank
from targets import triggers
from targets.models.indicators import Indicator, Unit
from targets.models.reports import ReportItem


@enforce_choices
class ValidationRule(models.Model):
    """One check of reported values, with the sentence that a failing cell shows.

    `check_kind` names the computation (`targets.reporting.checks`); the other fields say where it
    applies (everywhere, one kind of unit, one unit, one indicator) and its bounds. Of the rules of
    one check the most particular ones hold: those of the indicator before those of its unit, of
    the kind of its unit, and the general ones.
    """

    class Check(models.TextChoices):
        REQUIRED = "required", _("phải có giá trị")
        NUMBER = "number", _("phải là số")
        RANGE = "range", _("trong khoảng")
        DECIMALS = "decimals", _("số chữ số thập phân")
        WHOLE = "whole", _("tử số không lớn hơn mẫu số")
        RATIO = "ratio", _("tử số và mẫu số đi cùng nhau")
        JUMP = "jump", _("thay đổi so với kỳ trước")
        PARTS = "parts", _("tổng và các phần")
        EVIDENCE = "evidence", _("phải có tài liệu")
        NOTE = "note", _("phải có ghi chú")
        PERIOD = "period", _("kỳ báo cáo còn mở")

    class Severity(models.TextChoices):
        ERROR = "error", _("Lỗi")
        WARNING = "warning", _("Cảnh báo")

    code = models.SlugField(max_length=80, unique=True)
    check_kind = models.TextField(_("phép kiểm tra"), choices=Check.choices)
    severity = models.TextField(_("mức"), choices=Severity.choices)
    indicator = models.ForeignKey(
        Indicator,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="validation_rules",
        verbose_name=_("chỉ tiêu"),
    )
    unit = models.ForeignKey(
        Unit,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="validation_rules",
        verbose_name=_("đơn vị"),
    )
    unit_kind = models.TextField(_("loại đơn vị"), choices=Unit.Kind.choices, blank=True)
    minimum = models.DecimalField(
        _("nhỏ nhất"), max_digits=24, decimal_places=8, null=True, blank=True
    )
    maximum = models.DecimalField(
        _("lớn nhất"), max_digits=24, decimal_places=8, null=True, blank=True
    )
    bound = models.DecimalField(
        _("ngưỡng"),
        max_digits=24,
        decimal_places=8,
        null=True,
        blank=True,
        help_text="What it bounds depends on the check: see `targets.reporting.checks`",
    )
    sentence_vi = models.TextField(_("câu tiếng Việt"))
    sentence_en = models.TextField(_("câu tiếng Anh"))
    active = models.BooleanField(_("đang dùng"), default=True)

    class Meta:
        ordering = ("check_kind", "code")
        verbose_name = _("quy tắc kiểm tra")
        verbose_name_plural = _("quy tắc kiểm tra")
        constraints = (
            not_blank("sentence_vi", "rule_sentence_vi_given"),
            not_blank("sentence_en", "rule_sentence_en_given"),
            in_order("minimum", "maximum", "rule_bounds_in_order"),
            models.CheckConstraint(
                condition=Q(indicator=None, unit=None)
                | Q(indicator=None, unit_kind="")
                | Q(unit=None, unit_kind=""),
                name="rule_applies_by_one_thing",
            ),
        )

    def __str__(self) -> str:
        return self.code


class WarningReason(models.Model):
    """Why a warning does not stop an item, for the version of the item that it was given for."""

    item = models.ForeignKey(ReportItem, on_delete=models.CASCADE, related_name="warning_reasons")
    rule = models.ForeignKey(ValidationRule, on_delete=models.PROTECT, related_name="+")
    item_version = models.PositiveIntegerField()
    reason = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=models.functions.Now())

    class Meta:
        ordering = ("id",)
        constraints = (not_blank("reason", "warning_reason_given"),)
        triggers = triggers.append_only("warningreason", mutable=())

    def __str__(self) -> str:
        return self.reason
