"""The tasks of the annex to the draft Government resolution, and who does them."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from documents.constraints import enforce_choices, in_order, not_blank
from documents.models import Document, Provision
from targets import triggers
from targets.models.organisations import Organisation


class Task(models.Model):
    """One numbered task: what, when (years, both inclusive), paid by what."""

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="tasks")
    number = models.PositiveSmallIntegerField()
    provision = models.ForeignKey(Provision, on_delete=models.PROTECT, related_name="tasks")
    group_vi = models.TextField()
    group_en = models.TextField()
    title_vi = models.TextField()
    title_en = models.TextField()
    start_year = models.PositiveSmallIntegerField(null=True, blank=True)
    end_year = models.PositiveSmallIntegerField(null=True, blank=True)
    funding_vi = models.TextField(blank=True)
    funding_en = models.TextField(blank=True)

    class Meta:
        ordering = ("document", "number")
        verbose_name = _("nhiệm vụ")
        verbose_name_plural = _("nhiệm vụ")
        constraints = (
            models.UniqueConstraint(fields=("document", "number"), name="task_number_unique"),
            not_blank("title_vi", "task_title_vi_given"),
            not_blank("title_en", "task_title_en_given"),
            in_order("start_year", "end_year", "task_years_in_order"),
        )
        triggers = (
            triggers.bump_data_version("task"),
            triggers.provision_belongs_to_document("task"),
        )

    def __str__(self) -> str:
        return f"{self.number}. {self.title_vi}"


@enforce_choices
class TaskRole(models.Model):
    """One organisation's part in a task, with the name the document wrote."""

    class Role(models.TextChoices):
        LEAD = "lead", _("chủ trì")
        PARTNER = "partner", _("phối hợp")

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="roles")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="task_roles"
    )
    role = models.TextField(choices=Role.choices)
    as_written = models.TextField()
    function = models.SlugField(blank=True)
    position = models.PositiveIntegerField()

    class Meta:
        ordering = ("task", "position")
        constraints = (
            models.UniqueConstraint(
                fields=("task", "organisation", "role"), name="task_role_unique"
            ),
        )
        triggers = (triggers.bump_data_version("taskrole"),)

    def __str__(self) -> str:
        return f"{self.task.number}: {self.organisation} ({self.role})"
