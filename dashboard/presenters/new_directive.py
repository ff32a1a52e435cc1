"""The form for a new directive: what it is about, to whom it may go, what was typed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from dashboard import formatting
from dashboard.caching import register_on
from dashboard.components import Crumb
from dashboard.formatting import localised
from dashboard.naming import short_names
from dashboard.presenters.common import clause_of, title_of
from targets import wording
from targets.directives import is_alive
from targets.models import Organisation, Report, Target
from targets.register import Register, Row

#: Days that an organisation gets where nothing else is chosen.
DEFAULT_DAYS: Final = 14


@dataclass(frozen=True, slots=True)
class Choice:
    """An entry of a list to choose from."""

    value: str
    text: str
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class ChoiceGroup:
    """Entries under one heading."""

    title: str
    choices: Sequence[Choice]


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in the fields, and what is wrong with it by field."""

    addressee: str = ""
    due_on: str = ""
    text: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NewDirectivePage:
    """`/chi-dao/moi/`; without a subject only the list of targets to choose from."""

    title: str
    crumbs: Sequence[Crumb]
    subject: str = ""
    detail: str = ""
    subject_url: str = ""
    target: str = ""
    report: str = ""
    addressees: Sequence[ChoiceGroup] = ()
    hint: str = ""
    targets: Sequence[ChoiceGroup] = ()
    typed: Typed = field(default_factory=Typed)
    earliest: str = ""


def choose_target_page() -> NewDirectivePage:
    """No subject was named: all targets of the day by document."""
    register = register_on(timezone.localdate())
    groups: dict[str, list[Choice]] = {}
    for row in register:
        document = localised(row.target.document, "short")
        text = f"{title_of(row.target)}, {formatting.demand(row.target)}"
        groups.setdefault(document, []).append(Choice(row.target.key, text))
    return NewDirectivePage(
        title=gettext("Ra ý kiến chỉ đạo"),
        crumbs=_crumbs(),
        targets=[ChoiceGroup(document, choices) for document, choices in groups.items()],
    )


def about_target_page(target: Target, typed: Typed | None = None) -> NewDirectivePage:
    """Those who lead the target today come first, and the first of them is chosen."""
    today = timezone.localdate()
    register = register_on(today)
    row = register.by_key().get(target.key)
    leads, partners = _answerable(row, today) if row else ([], [])
    typed = typed or Typed(addressee=leads[0].code if leads else "", due_on=_in_two_weeks(today))
    return NewDirectivePage(
        title=gettext("Ra ý kiến chỉ đạo"),
        crumbs=_crumbs(),
        subject=title_of(target),
        detail=f"{formatting.demand(target)} · {clause_of(target)}",
        subject_url=target.get_absolute_url(),
        target=target.key,
        addressees=_groups(
            register,
            today,
            typed.addressee,
            (gettext("Chủ trì mục tiêu này hôm nay"), leads),
            (gettext("Phối hợp"), partners),
        ),
        hint=_hint(leads),
        typed=typed,
        earliest=today.isoformat(),
    )


def about_report_page(report: Report, typed: Typed | None = None) -> NewDirectivePage:
    """The organisation whose report it is is chosen."""
    today = timezone.localdate()
    reporting = report.organisation
    typed = typed or Typed(addressee=reporting.code, due_on=_in_two_weeks(today))
    words = {
        "duty": localised(report.cycle.duty, "name"),
        "period": wording.period(report.cycle.period),
    }
    own = [reporting] if is_alive(reporting, today) else []
    return NewDirectivePage(
        title=gettext("Ra ý kiến chỉ đạo"),
        crumbs=_crumbs(),
        subject=gettext("Báo cáo %(duty)s, kỳ %(period)s") % words,
        detail=short_names([reporting.pk])[reporting.pk],
        subject_url=reverse("report-review", args=[report.pk]),
        report=str(report.pk),
        addressees=_groups(
            register_on(today), today, typed.addressee, (gettext("Cơ quan báo cáo"), own)
        ),
        typed=typed,
        earliest=today.isoformat(),
    )


def _crumbs() -> tuple[Crumb, ...]:
    return (
        Crumb(gettext("Ý kiến chỉ đạo"), reverse("directive-list")),
        Crumb(gettext("Ra ý kiến")),
    )


def _in_two_weeks(today: dt.date) -> str:
    return (today + dt.timedelta(days=DEFAULT_DAYS)).isoformat()


def _answerable(row: Row, today: dt.date) -> tuple[list[Organisation], list[Organisation]]:
    """Leads and partners of the day that can be written to, each once."""
    leads = {part.organisation.pk: part.organisation for part in row.leads}
    partners = {
        part.organisation.pk: part.organisation
        for part in row.partners
        if part.organisation.pk not in leads
    }
    return (
        [one for one in leads.values() if is_alive(one, today)],
        [one for one in partners.values() if is_alive(one, today)],
    )


def _hint(leads: Sequence[Organisation]) -> str:
    if not leads:
        return gettext(
            "Văn bản không giao mục tiêu này cho riêng cơ quan nào; hãy chọn cơ quan trả lời."
        )
    if len(leads) > 1:
        return gettext("Mục tiêu này có nhiều cơ quan chủ trì; mỗi ý kiến gửi một cơ quan.")
    return ""


def _groups(
    register: Register,
    today: dt.date,
    chosen: str,
    *first: tuple[str, Sequence[Organisation]],
) -> list[ChoiceGroup]:
    """All that can be written to by kind, after those whom it concerns."""
    listed = {one.pk for _title, members in first for one in members}
    by_kind: dict[str, list[Organisation]] = {}
    for one in sorted(
        register.lineage.organisations.values(), key=lambda it: (it.position, it.code)
    ):
        if one.pk not in listed and is_alive(one, today):
            by_kind.setdefault(str(one.get_kind_display()), []).append(one)
    return [
        ChoiceGroup(title, _choices(register, today, chosen, members))
        for title, members in (*first, *by_kind.items())
        if members
    ]


def _choices(
    register: Register, today: dt.date, chosen: str, members: Iterable[Organisation]
) -> list[Choice]:
    return [
        Choice(
            one.code,
            localised(register.lineage.name_on(one.pk, today), "name"),
            chosen=one.code == chosen,
        )
        for one in members
    ]
