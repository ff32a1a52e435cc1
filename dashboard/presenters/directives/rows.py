"""One directive as a row, and the words about it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from django.utils.text import Truncator
from django.utils.translation import gettext, ngettext

from dashboard import formatting
from dashboard.naming import short_names
from dashboard.presenters.common import title_of
from targets import wording
from targets.models import Directive

_EXCERPT: Final = 180


@dataclass(frozen=True, slots=True)
class DirectiveRow:
    """One directive in a list."""

    url: str
    subject: str
    detail: str
    excerpt: str
    addressee: str
    due: str
    state: str
    code: str
    late: bool
    countdown: str
    sample: bool


def row_of(directive: Directive, today: dt.date, names: Mapping[int, str]) -> DirectiveRow:
    """One directive in a list; its subject must be joined (`with_subject`)."""
    subject, detail = subject_of(directive, names)
    late = directive.is_late(today)
    return DirectiveRow(
        url=directive.get_absolute_url(),
        subject=subject,
        detail=detail,
        excerpt=Truncator(" ".join(directive.text.split())).chars(_EXCERPT),
        addressee=names.get(directive.addressee_id, ""),
        due=formatting.day(directive.due_on),
        state=str(Directive.State(directive.state).label),
        code=directive.state,
        late=late,
        countdown=countdown(directive, today),
        sample=directive.sample,
    )


def subject_of(directive: Directive, names: Mapping[int, str]) -> tuple[str, str]:
    """What a directive is about, and what belongs to that: the demand, the reporting body."""
    if directive.target is not None:
        return title_of(directive.target), formatting.demand(directive.target)
    if directive.report is None:
        return "", ""
    cycle = directive.report.cycle
    words = {
        "duty": formatting.localised(cycle.duty, "name"),
        "period": wording.period(cycle.period),
    }
    return (
        gettext("Báo cáo %(duty)s, kỳ %(period)s") % words,
        names.get(directive.report.organisation_id, ""),
    )


def countdown(directive: Directive, today: dt.date) -> str:
    """How long there is still, or since when it is late; "" where no answer is awaited."""
    if directive.state != Directive.State.OPEN:
        return ""
    days = (directive.due_on - today).days
    if days < 0:
        late = ngettext("quá hạn %(days)s ngày", "quá hạn %(days)s ngày", -days)
        return late % {"days": -days}
    if days == 0:
        return gettext("hạn hôm nay")
    return ngettext("còn %(days)s ngày", "còn %(days)s ngày", days) % {"days": days}


def named(directives: Iterable[Directive]) -> dict[int, str]:
    """The short names that rows of these need."""
    wanted = set()
    for one in directives:
        wanted.add(one.addressee_id)
        if one.report is not None:
            wanted.add(one.report.organisation_id)
    return short_names(wanted)


def late_words(late: int) -> str:
    if not late:
        return ""
    return ngettext("%(count)s quá hạn", "%(count)s quá hạn", late) % {"count": late}
