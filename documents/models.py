"""Policy documents and the addressable places in them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from documents.constraints import enforce_choices, not_blank
from documents.locators import shorten_locator


@enforce_choices
class Document(models.Model):
    """A policy document.

    `rank` orders documents by authority: 1 is the highest. It decides which of two targets binds
    when both documents are in force.
    """

    class Kind(models.TextChoices):
        POLITBURO_RESOLUTION = "politburo_resolution", _("Nghị quyết của Bộ Chính trị")
        GOVERNMENT_RESOLUTION = "government_resolution", _("Nghị quyết của Chính phủ")
        PRIME_MINISTER_DECISION = "pm_decision", _("Quyết định của Thủ tướng Chính phủ")
        OFFICIAL_LETTER = "official_letter", _("Công văn")

    class LegalStatus(models.TextChoices):
        DRAFT = "draft", _("Dự thảo")
        IN_FORCE = "in_force", _("Còn hiệu lực")
        SUPERSEDED = "superseded", _("Đã bị thay thế")
        SENT = "sent", _("Văn bản hướng dẫn")

    slug = models.SlugField(unique=True)
    number = models.TextField(blank=True, help_text="Official number; empty for a draft")
    title_vi = models.TextField()
    title_en = models.TextField()
    short_vi = models.TextField()
    short_en = models.TextField()
    kind = models.TextField(choices=Kind.choices)
    issuer_vi = models.TextField()
    issuer_en = models.TextField()
    issued_on = models.DateField(help_text="Date of issue; for a draft the date of its text")
    legal_status = models.TextField(choices=LegalStatus.choices)
    rank = models.PositiveSmallIntegerField(help_text="1 is the highest authority")
    note_vi = models.TextField(blank=True)
    note_en = models.TextField(blank=True)

    class Meta:
        ordering = ("rank", "-issued_on", "slug")
        verbose_name = _("văn bản")
        verbose_name_plural = _("văn bản")
        constraints = (
            not_blank("title_vi", "document_title_vi_given"),
            not_blank("title_en", "document_title_en_given"),
            # Only a draft may lack its number: a citation without one cannot be looked up.
            models.CheckConstraint(
                condition=Q(legal_status="draft") | ~Q(number=""),
                name="document_number_unless_draft",
            ),
            models.UniqueConstraint(
                fields=("number",), condition=~Q(number=""), name="document_number_unique"
            ),
        )

    def __str__(self) -> str:
        return self.short_vi

    def get_absolute_url(self) -> str:
        return reverse("document", args=[self.slug])

    @property
    def is_draft(self) -> bool:
        return self.legal_status == self.LegalStatus.DRAFT

    @property
    def binds(self) -> bool:
        """Whether its targets count in headlines: a draft is not law, a letter only restates."""
        return self.legal_status == self.LegalStatus.IN_FORCE


class Provision(models.Model):
    """One addressable place in a document, e.g. `Điều 1 > II > 1 > a > gạch đầu dòng 2`."""

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="provisions")
    locator = models.TextField(help_text="Parts from the outermost in, joined by ' > '")
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )
    position = models.PositiveIntegerField(help_text="Reading order within the document")
    depth = models.PositiveSmallIntegerField()
    heading_vi = models.TextField(blank=True, help_text="Our own short words, not the text")
    heading_en = models.TextField(blank=True)

    class Meta:
        ordering = ("document", "position")
        verbose_name = _("điều khoản")
        verbose_name_plural = _("điều khoản")
        constraints = (
            models.UniqueConstraint(
                fields=("document", "locator"), name="provision_locator_unique"
            ),
            not_blank("locator", "provision_locator_given"),
            models.CheckConstraint(
                condition=Q(depth=1, parent__isnull=True) | Q(depth__gt=1, parent__isnull=False),
                name="provision_parent_unless_outermost",
            ),
        )

    def __str__(self) -> str:
        return f"{self.document.short_vi}, {self.short_locator}"

    def get_absolute_url(self) -> str:
        return f"{self.document.get_absolute_url()}#{self.anchor}"

    @property
    def short_locator(self) -> str:
        """The locator as it is cited: `Điều 1, II.1.a, gạch đầu dòng 2` (English: `bullet 2`)."""
        return shorten_locator(self.locator)

    @property
    def anchor(self) -> str:
        """The fragment that marks this provision on its document's page."""
        return f"p{self.position}"
