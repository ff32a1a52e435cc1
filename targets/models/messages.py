"""What people are told: notices in the application, and mail that leaves it once."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from documents.constraints import not_blank
from targets.models.directives import Directive
from targets.models.reports import Report


class Notice(models.Model):
    """One thing that one person should know, once: `key` names the thing and the occasion.

    `kind` and `params` make the sentence in the reader's language (`targets.reporting.notices`).
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices"
    )
    key = models.TextField()
    kind = models.SlugField()
    params = models.JSONField(default=dict)
    report = models.ForeignKey(
        Report, null=True, blank=True, on_delete=models.CASCADE, related_name="notices"
    )
    directive = models.ForeignKey(
        Directive, null=True, blank=True, on_delete=models.CASCADE, related_name="notices"
    )
    created_at = models.DateTimeField(db_default=models.functions.Now())
    read_at = models.DateTimeField(null=True, blank=True)
    digested = models.BooleanField(default=False, help_text="Sent in a digest, or by itself")

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(fields=("user", "key"), name="notice_once"),
            not_blank("key", "notice_key_given"),
        )
        indexes = (
            # The number beside the bell, on every page of a signed-in reader.
            models.Index(fields=("user",), condition=Q(read_at=None), name="notice_unread"),
        )

    def __str__(self) -> str:
        return f"{self.user}: {self.key}"


class Mail(models.Model):
    """One letter to one person. It is claimed before it is sent, so no two workers send it.

    From `handed_at` on it may have arrived: a letter whose sending was cut off after that is given
    up rather than sent twice.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="mails"
    )
    key = models.TextField(unique=True)
    subject = models.TextField()
    body = models.TextField()
    created_at = models.DateTimeField(db_default=models.functions.Now())
    not_before = models.DateTimeField(
        db_default=models.functions.Now(), help_text="Of the next attempt"
    )
    claimed_at = models.DateTimeField(null=True, blank=True)
    handed_at = models.DateTimeField(
        null=True, blank=True, help_text="When its text began to go to the mail server"
    )
    sent_at = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True, help_text="Given up; `error` says why")
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(blank=True)

    class Meta:
        ordering = ("id",)
        constraints = (
            not_blank("subject", "mail_subject_given"),
            models.CheckConstraint(
                condition=Q(sent_at=None) | Q(failed_at=None), name="mail_one_end"
            ),
            models.CheckConstraint(
                condition=Q(failed_at=None) | ~Q(error=""), name="mail_failed_for_a_reason"
            ),
        )
        indexes = (
            models.Index(
                fields=("id",), condition=Q(sent_at=None, failed_at=None), name="mail_waiting"
            ),
        )

    def __str__(self) -> str:
        return self.subject
