"""Files that people hand in, kept in the database: whole with what they prove, or not at all."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from documents.constraints import not_blank
from targets import triggers

MAX_BYTES = 20 * 1024 * 1024


class StoredFile(models.Model):
    """The bytes of one file as handed in. Nobody changes it; who may read it, its user says.

    `name` is only shown and offered for saving, never used as a path.
    """

    name = models.TextField()
    content_type = models.TextField()
    size = models.PositiveIntegerField()
    sha256 = models.TextField()
    content = models.BinaryField()
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    uploaded_at = models.DateTimeField(db_default=models.functions.Now())

    class Meta:
        ordering = ("id",)
        constraints = (
            not_blank("name", "stored_file_name_given"),
            models.CheckConstraint(
                condition=Q(size__lte=MAX_BYTES), name="stored_file_size_bounded"
            ),
            models.CheckConstraint(
                condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="stored_file_digest_form"
            ),
        )
        triggers = triggers.append_only("storedfile", mutable=())

    def __str__(self) -> str:
        return self.name
