"""What an organisation reported in a cycle: items, evidence, steps, and what was published."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from documents.constraints import enforce_choices, not_blank
from targets import triggers
from targets.models.duties import ReportingCycle
from targets.models.files import StoredFile
from targets.models.indicators import Indicator, Series
from targets.models.observations import Observation
from targets.models.organisations import Organisation


@enforce_choices
class Report(models.Model):
    """One organisation's report for one cycle.

    `state` is changed by `targets.reporting.steps` only. Reopening a published report makes the
    next `edition`, whose publication adds versions to the values and edits none. A `sample` shows
    the workflow: its values never become observations.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("Đang nhập")
        SUBMITTED = "submitted", _("Chờ cơ quan duyệt")
        RETURNED = "returned", _("Bị trả lại")
        APPROVED = "approved", _("Chờ điều phối")
        PUBLISHED = "published", _("Đã công bố")

    cycle = models.ForeignKey(ReportingCycle, on_delete=models.PROTECT, related_name="reports")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="reports")
    state = FSMField(choices=State.choices, default=State.DRAFT, protected=True)
    edition = models.PositiveSmallIntegerField(default=1)
    sample = models.BooleanField(default=False, help_text="Shows the workflow, counts nowhere")
    created_at = models.DateTimeField(db_default=models.functions.Now())
    first_submitted_at = models.DateTimeField(null=True, blank=True)
    state_since = models.DateTimeField(db_default=models.functions.Now())

    class Meta:
        ordering = ("cycle", "organisation")
        verbose_name = _("báo cáo")
        verbose_name_plural = _("báo cáo")
        constraints = (
            models.UniqueConstraint(
                fields=("cycle", "organisation", "sample"), name="report_unique"
            ),
            models.CheckConstraint(condition=Q(edition__gte=1), name="report_edition_positive"),
        )
        # Whether a report is due, late or published stands on the organisation's page.
        triggers = (triggers.bump_data_version("report"), triggers.report_states())

    def __str__(self) -> str:
        return f"{self.cycle} {self.organisation}"

    def get_absolute_url(self) -> str:
        return reverse("report", args=[self.pk])

    def refresh_from_db(self, *args: Any, **kwargs: Any) -> None:
        """Read anew, the protected state too."""
        self.__dict__.pop("state", None)
        super().refresh_from_db(*args, **kwargs)

    # The state machine; who may take a step and what it brings about: `targets.reporting.steps`.

    @transition(field=state, source=(State.DRAFT, State.RETURNED), target=State.SUBMITTED)
    def to_submitted(self) -> None:
        """The reporter hands it to the approver."""

    @transition(field=state, source=State.SUBMITTED, target=State.DRAFT)
    def to_withdrawn(self) -> None:
        """The reporter takes it back."""

    @transition(field=state, source=State.SUBMITTED, target=State.APPROVED)
    def to_approved(self) -> None:
        """The organisation stands by it."""

    @transition(field=state, source=(State.SUBMITTED, State.APPROVED), target=State.RETURNED)
    def to_returned(self) -> None:
        """Approver or coordinator sends it back to be corrected."""

    @transition(field=state, source=State.APPROVED, target=State.PUBLISHED)
    def to_published(self) -> None:
        """The coordinator has verified it; its values count."""

    @transition(field=state, source=State.PUBLISHED, target=State.DRAFT)
    def to_reopened(self) -> None:
        """The next edition begins; what was published stays."""
        self.edition += 1


class ReportItem(models.Model):
    """One value that a report owes: an indicator, for the country or for the organisation itself.

    A milestone's value is its stage. `version` rises with every change: whoever writes names the
    version they saw. `value` of a ratio is derived from numerator and denominator.
    """

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="items")
    position = models.PositiveIntegerField()
    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="report_items")
    series = models.ForeignKey(Series, on_delete=models.PROTECT, related_name="report_items")
    subject = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Whose value it is: the country, or the organisation that reports",
    )
    inherited_from = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    value = models.DecimalField(max_digits=24, decimal_places=8, null=True, blank=True)
    numerator = models.DecimalField(max_digits=24, decimal_places=4, null=True, blank=True)
    denominator = models.DecimalField(max_digits=24, decimal_places=4, null=True, blank=True)
    unavailable = models.BooleanField(default=False, help_text="Declared as not known; note why")
    note = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=0)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    entered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("report", "position")
        constraints = (
            models.UniqueConstraint(
                fields=("report", "indicator", "subject"), name="report_item_unique"
            ),
            models.CheckConstraint(
                condition=Q(numerator=None)
                | Q(denominator=None)
                | Q(denominator__lte=0)
                | Q(value__isnull=False),
                name="report_item_ratio_derived",
            ),
            models.CheckConstraint(
                condition=Q(unavailable=False)
                | Q(value__isnull=True, numerator__isnull=True, denominator__isnull=True),
                name="report_item_unavailable_has_no_value",
            ),
            models.CheckConstraint(
                condition=Q(version=0, entered_by=None, entered_at=None)
                | Q(version__gt=0, entered_by__isnull=False, entered_at__isnull=False),
                name="report_item_entered_by_somebody",
            ),
        )
        triggers = (triggers.entered_values_have_authors(),)

    def __str__(self) -> str:
        return f"{self.report}: {self.indicator}"


class ReportAuthor(models.Model):
    """Somebody who entered a value in an edition of a report, whether or not it still stands.

    Written by the database with the value: whoever is here does not approve the edition.
    """

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="authors")
    edition = models.PositiveSmallIntegerField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(
                fields=("report", "edition", "user"), name="report_author_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.report}: {self.user}"


class Evidence(models.Model):
    """A file that backs one item; taken away it stays on record."""

    item = models.ForeignKey(ReportItem, on_delete=models.CASCADE, related_name="evidence")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    removed_at = models.DateTimeField(null=True, blank=True)
    removed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )

    class Meta:
        ordering = ("id",)
        verbose_name_plural = "evidence"

    def __str__(self) -> str:
        return str(self.file)


@enforce_choices
class ReportAction(models.Model):
    """One step of a report, as it was taken."""

    class Kind(models.TextChoices):
        SUBMIT = "submit", _("Gửi duyệt")
        WITHDRAW = "withdraw", _("Rút lại")
        APPROVE = "approve", _("Phê duyệt")
        RETURN = "return", _("Trả lại")
        PUBLISH = "publish", _("Công bố")
        REOPEN = "reopen", _("Mở lại")

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="actions")
    kind = models.TextField(choices=Kind.choices)
    edition = models.PositiveSmallIntegerField()
    from_state = models.TextField()
    to_state = models.TextField()
    reason = models.TextField(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=models.functions.Now())

    class Meta:
        ordering = ("id",)
        constraints = (
            models.CheckConstraint(
                condition=~Q(kind__in=["return", "reopen"]) | ~Q(reason=""),
                name="report_action_reason_given",
            ),
        )
        triggers = (
            *triggers.append_only("reportaction", mutable=()),
            triggers.approver_entered_nothing(),
        )

    def __str__(self) -> str:
        return f"{self.report}: {self.kind}"


class ItemRemark(models.Model):
    """Why one item came back, written with the return of its report."""

    action = models.ForeignKey(ReportAction, on_delete=models.PROTECT, related_name="remarks")
    item = models.ForeignKey(ReportItem, on_delete=models.PROTECT, related_name="remarks")
    text = models.TextField()

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(fields=("action", "item"), name="item_remark_unique"),
            not_blank("text", "item_remark_given"),
        )
        triggers = triggers.append_only("itemremark", mutable=())

    def __str__(self) -> str:
        return self.text


class Publication(models.Model):
    """The observation that one edition of an item became."""

    item = models.ForeignKey(ReportItem, on_delete=models.PROTECT, related_name="publications")
    action = models.ForeignKey(ReportAction, on_delete=models.PROTECT, related_name="publications")
    observation = models.OneToOneField(
        Observation, on_delete=models.PROTECT, related_name="publication"
    )

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(fields=("item", "action"), name="publication_unique"),
        )
        triggers = triggers.append_only("publication", mutable=())

    def __str__(self) -> str:
        return f"{self.item} → {self.observation_id}"
