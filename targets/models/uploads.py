"""Spreadsheets handed in for a report, and what they would change."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from documents.constraints import enforce_choices
from targets.models.files import StoredFile
from targets.models.reports import Report, ReportItem


@enforce_choices
class Upload(models.Model):
    """A spreadsheet handed in for a report: read by a worker, shown, then applied whole or not."""

    class State(models.TextChoices):
        WAITING = "waiting", _("đang chờ")
        READING = "reading", _("đang đọc")
        READY = "ready", _("chờ xác nhận")
        REFUSED = "refused", _("không đọc được")
        APPLIED = "applied", _("đã áp dụng")
        DISCARDED = "discarded", _("đã bỏ")

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="uploads")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    state = models.TextField(choices=State.choices, default=State.WAITING)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=models.functions.Now())
    attempts = models.PositiveSmallIntegerField(default=0, help_text="How often a worker began it")
    rows_total = models.PositiveIntegerField(default=0)
    rows_read = models.PositiveIntegerField(default=0)
    problems = models.JSONField(
        default=list, help_text="What concerns the file or an unknown row: code, names, place"
    )
    found = models.JSONField(
        default=dict, help_text="Kind of file, mark, sheets and columns as recognised, counts"
    )
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(
                condition=Q(rows_read__lte=F("rows_total")), name="upload_progress_bounded"
            ),
        )

    def __str__(self) -> str:
        return f"{self.report}: {self.file}"


@enforce_choices
class UploadChange(models.Model):
    """One row of an upload that would change an item, as read; shown before it is applied."""

    class Match(models.TextChoices):
        CODE = "code", _("khớp theo mã")
        NAME = "name", _("khớp theo tên")
        SIMILAR = "similar", _("khớp theo tên gần đúng")

    class Decision(models.TextChoices):
        TAKE = "take", _("lấy số trong tệp")
        SKIP = "skip", _("giữ số hiện có")

    upload = models.ForeignKey(Upload, on_delete=models.CASCADE, related_name="changes")
    item = models.ForeignKey(ReportItem, on_delete=models.CASCADE, related_name="+")
    place = models.TextField(help_text="Sheet and row of the file")
    matched_by = models.TextField(choices=Match.choices, default=Match.CODE)
    item_version = models.PositiveIntegerField(help_text="Of the item when the file was read")
    conflict = models.BooleanField(
        default=False, help_text="The item was changed after the file was made"
    )
    decision = models.TextField(choices=Decision.choices, blank=True)
    cells = models.JSONField(default=dict, help_text="Per column: what the cell held, and its type")
    value = models.DecimalField(max_digits=24, decimal_places=8, null=True, blank=True)
    numerator = models.DecimalField(max_digits=24, decimal_places=4, null=True, blank=True)
    denominator = models.DecimalField(max_digits=24, decimal_places=4, null=True, blank=True)
    unavailable = models.BooleanField(default=False)
    note = models.TextField(blank=True)
    problems = models.JSONField(default=list, help_text="Columns that cannot be read")
    doubtful = models.BooleanField(
        default=False, help_text="Could be read in another way, or was matched by a similar name"
    )
    findings = models.JSONField(
        default=list, help_text="Rules it would break: column, severity, sentence_vi, sentence_en"
    )

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(fields=("upload", "item"), name="upload_change_unique"),
        )

    def __str__(self) -> str:
        return f"{self.place}: {self.item}"
