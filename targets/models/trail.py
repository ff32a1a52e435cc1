"""The trail: who changed what, when, from where and why, in a chain of hashes.

Rows are written by triggers of the trailed tables (`targets.trail.tables`), so SQL typed by hand
leaves them too. Neither table can be changed, emptied, or written by anybody but those triggers.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from documents.constraints import enforce_choices
from targets.models.indicators import Indicator
from targets.models.organisations import Organisation
from targets.models.reports import Report
from targets.models.targets import Target


def _about(model: type[models.Model] | str) -> models.ForeignKey[Any | None, Any | None]:
    """A reference that outlives what it refers to: an entry is never touched again."""
    return models.ForeignKey(
        model,
        null=True,
        on_delete=models.DO_NOTHING,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )


@enforce_choices
class TrailEntry(models.Model):
    """One row of one table added, changed or deleted; or many values loaded by one statement.

    `before` and `after` hold the whole row where it begins or ends; of an update, the columns that
    changed and those that name the row. Secrets and the bytes of files are left out: where one
    changed, `after` says so. For `load`, and for an update of many values to the same state,
    `row_id` is empty and `after` says which rows (`targets.trail.values`).
    """

    class Action(models.TextChoices):
        INSERT = "insert", _("thêm")
        UPDATE = "update", _("đổi")
        DELETE = "delete", _("xóa")
        LOAD = "load", _("nạp")

    happened_at = models.DateTimeField(_("lúc"))
    actor = _about(settings.AUTH_USER_MODEL)
    actor_name = models.TextField(_("người"), blank=True, help_text="As of then")
    origin = models.TextField(_("từ"), help_text="web ADDRESS, api ADDRESS, worker, command, sql")
    why = models.TextField(_("lý do"), blank=True)
    transaction = models.BigIntegerField(help_text="Entries of one transaction have the same")
    table_name = models.TextField()
    row_id = models.TextField(blank=True)
    action = models.TextField(_("việc"), choices=Action.choices)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    report = _about(Report)
    target = _about(Target)
    organisation = _about(Organisation)
    indicator = _about(Indicator)

    class Meta:
        ordering = ("-id",)
        verbose_name = _("thay đổi")
        verbose_name_plural = _("nhật ký thay đổi")
        # For the pages, each read newest first; most entries are about none or one of these.
        indexes = (
            *(
                models.Index(
                    fields=(name, "id"),
                    condition=models.Q(**{f"{name}__isnull": False}),
                    name=f"trail_{name}",
                )
                for name in ("report", "target", "organisation", "indicator")
            ),
            models.Index(fields=("table_name", "row_id"), name="trail_row"),
            models.Index(fields=("happened_at",), name="trail_moment"),
        )

    def __str__(self) -> str:
        return f"{self.action} {self.table_name} {self.row_id}"


class TrailLink(models.Model):
    """The place of an entry in the chain: SHA-256 of the hash before it and of the entry's text.

    Made when the transaction commits, by one transaction at a time, so positions have no gap.
    """

    position = models.BigIntegerField(primary_key=True)
    entry = models.OneToOneField(
        TrailEntry, on_delete=models.DO_NOTHING, related_name="link", db_constraint=False
    )
    hash = models.BinaryField()

    class Meta:
        ordering = ("position",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(position__gte=1), name="trail_link_position_positive"
            ),
        )

    def __str__(self) -> str:
        return str(self.position)
