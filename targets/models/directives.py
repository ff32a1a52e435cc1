"""What leadership asks of an organisation about a target or a report, and the answers."""

from __future__ import annotations

import datetime as dt
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Case, Count, IntegerField, Q, Value, When, Window
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from documents.constraints import enforce_choices, not_blank
from targets import triggers
from targets.models.files import StoredFile
from targets.models.organisations import Organisation
from targets.models.reports import Report
from targets.models.targets import Target


class DirectiveQuerySet(models.QuerySet["Directive"]):
    def waiting(self) -> Self:
        """Directives that nobody has closed or withdrawn: an answer or a word on it is due."""
        return self.filter(state__in=(Directive.State.OPEN, Directive.State.ANSWERED))

    def in_order(self) -> Self:
        """What waits for an answer by due day, then what waits for a word, then the rest."""
        ranks = [
            When(state=Directive.State.OPEN, then=Value(0)),
            When(state=Directive.State.ANSWERED, then=Value(1)),
        ]
        rank = Case(*ranks, default=Value(2), output_field=IntegerField())
        return self.order_by(rank, "due_on", "id")

    def with_totals(self, today: dt.date) -> Self:
        """With `totals` on each, of the whole set also where only a slice of it is read."""
        late = Case(
            When(state=Directive.State.OPEN, due_on__lt=today, then=1),
            output_field=IntegerField(),
        )
        return self.annotate(_total=Window(Count("pk")), _late=Window(Count(late)))

    def with_subject(self) -> Self:
        """Join all that a row of a list names of its target or report."""
        return self.select_related(
            "addressee", "target__indicator", "target__unit", "report__cycle__duty"
        )


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

    objects = DirectiveQuerySet.as_manager()

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

    @property
    def totals(self) -> tuple[int, int]:
        """How many directives there are and how many are late, where `with_totals` read them."""
        return self.__dict__["_total"], self.__dict__["_late"]

    def is_late(self, today: dt.date) -> bool:
        """Whether the answer was due before today and is not there."""
        return self.state == self.State.OPEN and self.due_on < today


@enforce_choices
class DirectiveAnswer(models.Model):
    """One answer, or the word with which leadership closes, reopens or withdraws the matter."""

    class Kind(models.TextChoices):
        ANSWER = "answer", _("Trả lời")
        REOPEN = "reopen", _("Yêu cầu trả lời thêm")
        CLOSE = "close", _("Kết thúc")
        WITHDRAW = "withdraw", _("Rút lại")

    directive = models.ForeignKey(Directive, on_delete=models.PROTECT, related_name="answers")
    kind = models.TextField(choices=Kind.choices)
    text = models.TextField(_("nội dung"), blank=True)
    due_on = models.DateField(help_text="Due day of the answer as this left it")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=models.functions.Now())

    class Meta:
        ordering = ("id",)
        constraints = (
            models.CheckConstraint(
                condition=Q(kind="close") | ~Q(text=""), name="directive_answer_given"
            ),
        )
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
