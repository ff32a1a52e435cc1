"""What leadership asks of an organisation about a target or a report, and the answers."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from documents.constraints import enforce_choices, not_blank
from targets import triggers
from targets.models.files import StoredFile
from targets.models.organisations import Organisation
from targets.models.reports import Report
from targets.models.targets import Target


@enforce_choices
class Directive(models.Model):
    """One request with its addressee and due day (by the end of which it is to be answered)."""

    class State(models.TextChoices):
        OPEN = "open", _("Chờ trả lời")
        ANSWERED = "answered", _("Đã trả lời")
        CLOSED = "closed", _("Đã kết thúc")
        WITHDRAWN = "withdrawn", _("Đã rút")

    target = models.ForeignKey(
        Target, null=True, blank=True, on_delete=models.PROTECT, related_name="directives"
    )
    report = models.ForeignKey(
        Report, null=True, blank=True, on_delete=models.PROTECT, related_name="directives"
    )
    addressee = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="directives")
    text = models.TextField(_("nội dung"))
    due_on = models.DateField(_("hạn trả lời"))
    state = models.TextField(choices=State.choices, default=State.OPEN)
    sample = models.BooleanField(default=False, help_text="Shows the workflow only")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(db_default=models.functions.Now())

    class Meta:
        ordering = ("due_on", "id")
        verbose_name = _("ý kiến chỉ đạo")
        verbose_name_plural = _("ý kiến chỉ đạo")
        constraints = (
            not_blank("text", "directive_text_given"),
            models.CheckConstraint(
                condition=Q(target__isnull=False, report=None)
                | Q(target=None, report__isnull=False),
                name="directive_about_one_thing",
            ),
        )
        # What stands on the Overview and on scorecards is part of the pages' data.
        triggers = (triggers.bump_data_version("directive"),)

    def __str__(self) -> str:
        return self.text

    def get_absolute_url(self) -> str:
        return reverse("directive", args=[self.pk])


class DirectiveAnswer(models.Model):
    """One answer, or the word with which leadership closes or reopens the matter."""

    directive = models.ForeignKey(Directive, on_delete=models.PROTECT, related_name="answers")
    text = models.TextField(_("nội dung"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=models.functions.Now())

    class Meta:
        ordering = ("id",)
        constraints = (not_blank("text", "directive_answer_given"),)
        triggers = triggers.append_only("directiveanswer", mutable=())

    def __str__(self) -> str:
        return self.text


class DirectiveFile(models.Model):
    """A file that comes with an answer."""

    answer = models.ForeignKey(DirectiveAnswer, on_delete=models.PROTECT, related_name="files")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("id",)
        triggers = triggers.append_only("directivefile", mutable=())

    def __str__(self) -> str:
        return str(self.file)
