"""What pages of a report show of an upload that somebody left behind."""

from __future__ import annotations

from typing import Any

from django import template
from django.contrib.auth.models import User

from targets.models import Report, Upload
from targets.reporting import uploading

register = template.Library()


@register.simple_tag(takes_context=True)
def pending_upload(context: dict[str, Any], report: Report) -> Upload | None:
    """The reader's own upload for this report that waits for them; None mostly (one query)."""
    reader = context["request"].user
    if not isinstance(reader, User):
        return None
    return uploading.pending_upload(report.pk, by=reader)
