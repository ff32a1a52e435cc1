"""What the pages keep in the database: figures and contents that workers have built."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone


class StoredFigure(models.Model):
    """One Plotly figure in one language, ready to be sent.

    `as_of` is empty for the figure of the present; those of a past day are built when a reader
    asks and thrown away after a while. `inputs` is the digest of the numbers and words that the
    figure was drawn from: while it stays the same, a new state of the data needs no new drawing
    and only moves `data_version` on.
    """

    name = models.TextField(help_text="pillar-<slug>, path-<indicator> or indicator-<indicator>")
    language = models.TextField(choices=settings.LANGUAGES)
    as_of = models.DateField(null=True)
    data_version = models.BigIntegerField()
    inputs = models.TextField()
    body = models.TextField(help_text="JSON: data, layout, config")
    built_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("name", "language", "as_of")
        constraints = (
            models.UniqueConstraint(
                fields=("name", "language", "as_of"),
                nulls_distinct=False,
                name="stored_figure_unique",
            ),
            models.CheckConstraint(
                condition=models.Q(language__in=[code for code, _name in settings.LANGUAGES]),
                name="stored_figure_language_known",
            ),
        )

    def __str__(self) -> str:
        return f"{self.name} ({self.language})"


class StoredPage(models.Model):
    """The content of a page that most readers open, in one language, for one state of the data.

    What `caching` keeps in Redis, kept here as well: an empty cache then costs one query and not
    the reading of the whole register.
    """

    path = models.TextField()
    language = models.TextField(choices=settings.LANGUAGES)
    key = models.TextField(help_text="The key in the cache: names the state of the data")
    title = models.TextField()
    description = models.TextField(blank=True)
    content = models.TextField()
    built_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("path", "language")
        constraints = (
            models.UniqueConstraint(fields=("path", "language"), name="stored_page_unique"),
            models.CheckConstraint(
                condition=models.Q(language__in=[code for code, _name in settings.LANGUAGES]),
                name="stored_page_language_known",
            ),
        )

    def __str__(self) -> str:
        return f"{self.path} ({self.language})"
