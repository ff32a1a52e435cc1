"""What pages show besides to a reader who may see it: directives, the way to the trail.

Never a part of the contents that are kept (`caching.OWN_PLACE`): a directive is a matter between
leadership and those who answer, and the public sees neither its text nor that there is one.
"""

from __future__ import annotations

from django.contrib.auth.models import User
from django.template.loader import render_to_string

from dashboard.presenters.directives.blocks import (
    Block,
    organisation_block,
    overview_block,
    report_block,
    target_block,
)
from targets.models import Report
from targets.permissions import allowed


def overview(reader: User) -> str:
    """All open directives of the reader."""
    return _drawn(overview_block(reader)) if _concerned(reader) else ""


def target(reader: User, key: str) -> str:
    """What was asked about a target."""
    return _drawn(target_block(reader, key)) if _concerned(reader) else ""


def organisation(reader: User, code: str) -> str:
    """What an organisation, or a province, has to answer."""
    return _drawn(organisation_block(reader, code)) if _concerned(reader) else ""


def report(reader: User, about: Report) -> str:
    """What was asked about a report, for the page of its review."""
    return _drawn(report_block(reader, about)) if _concerned(reader) else ""


def _concerned(reader: User) -> bool:
    """Most accounts that only read have no role: for them nothing is asked of the database."""
    return allowed(reader, "targets.take_part")


def _drawn(block: Block | None) -> str:
    return render_to_string("directives/_block.html", {"block": block}) if block else ""
