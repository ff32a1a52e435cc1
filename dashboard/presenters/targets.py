"""The page of one target: the verdict, what the clause demands, who answers, how it came about."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext

from dashboard import formatting, statuses
from dashboard.caching import register_on
from dashboard.components import Bullet, Cell, Column, Crumb, Event, Fact, Notice, Table, TargetRow
from dashboard.formatting import localised
from dashboard.presenters import demands, duties, observed, working
from dashboard.presenters.common import (
    Links,
    bullet_of,
    clause_of,
    links_as_of,
    reason,
    status_of,
    title_of,
)
from dashboard.queries import Query
from targets.binding import Comparison, compare
from targets.known_values import Run, Value, read_runs
from targets.models import Assessment, Assignment, Target
from targets.register import Answerable, Register, Row


@dataclass(frozen=True, slots=True)
class TargetPage:
    """`/muc-tieu/<key>/`; `absent` stands alone where the target is not there on the day."""

    title: str
    description: str
    crumbs: Sequence[Crumb]
    kicker: str
    heading: str
    badges: Sequence[str] = ()
    absent: Notice | None = None
    status: str = ""
    word: str = ""
    verdict: str = ""
    bullet: Bullet | None = None
    demands: Sequence[Fact] = ()
    steps: Sequence[Fact] = ()
    projection: Sequence[Fact] = ()
    answerable: Table | None = None
    history: Sequence[Event] = ()
    used: Table | None = None
    indicator_name: str = ""
    indicator_url: str = ""
    relation: str = ""
    others: Sequence[TargetRow] = ()


def target_page(key: str, query: Query) -> TargetPage:
    """Everything about one target as known on the day; Http404 for an unknown key."""
    found = Target.objects.with_catalogue().filter(key=key).first()
    if found is None:
        raise Http404(key)
    to = links_as_of(query.as_of)
    register = register_on(query.day)
    row = register.by_key().get(key)
    if row is None:
        return _absent_page(found, query, to)
    return _page(row, register, query, to)


def _absent_page(target: Target, query: Query, to: Links) -> TargetPage:
    """The target exists, but not on the day: before its document, or after it was retired."""
    if target.document.issued_on > query.day:
        why = gettext("%(document)s ban hành ngày %(day)s, sau ngày đang xem.") % {
            "document": demands.document_name(target.document),
            "day": formatting.day(target.document.issued_on),
        }
    else:
        why = gettext("Mục tiêu rút khỏi danh mục ngày %(day)s.") % {
            "day": formatting.day(target.retired_on)
        }
    return TargetPage(
        title=title_of(target),
        description=localised(target, "label"),
        crumbs=_crumbs(target, to),
        kicker=clause_of(target),
        heading=localised(target, "label"),
        absent=Notice(
            gettext("Không có mục tiêu này vào ngày %(day)s") % {"day": formatting.day(query.day)},
            why,
            kind="info",
        ),
    )


def _page(row: Row, register: Register, query: Query, to: Links) -> TargetPage:
    target = row.target
    peers = {
        other.target.pk: other
        for other in register
        if other.target.indicator_id == target.indicator_id
    }
    comparison = compare(peer.target for peer in peers.values())
    runs = read_runs(
        query.day,
        series__indicator=target.indicator_id,
        series__official=True,
        organisation=register.organisation,
    )
    run = runs[0] if runs else None
    code, verdict = status_of(row), reason(row)
    word = str(statuses.status(code).label)
    return TargetPage(
        title=f"{title_of(target)}, {formatting.demand(target)}",
        description=f"{word}. {verdict}",
        crumbs=_crumbs(target, to),
        kicker=f"{title_of(target)}: {formatting.demand(target)}",
        heading=localised(target, "label"),
        badges=_badges(target),
        status=code,
        # A reason that begins with the word of the status says it already.
        word="" if verdict.startswith(word) else word,
        verdict=verdict,
        bullet=bullet_of(row),
        demands=_demands(row, register, to),
        steps=working.steps(row),
        projection=working.projection(row),
        answerable=_answerable((*row.leads, *row.partners), to),
        history=_history(row, register, query),
        used=_used(row, run),
        indicator_name=localised(target.indicator, "name"),
        indicator_url=to.indicator(target.indicator),
        relation=_relation(target, comparison),
        others=[demands.demand_row(other, to) for pk, other in peers.items() if pk != target.pk],
    )


def _crumbs(target: Target, to: Links) -> tuple[Crumb, ...]:
    return (
        Crumb(localised(target.pillar, "short"), to.pillar(target.pillar)),
        Crumb(localised(target.indicator, "name"), to.indicator(target.indicator)),
        Crumb(formatting.demand(target)),
    )


def _badges(target: Target) -> tuple[str, ...]:
    return tuple(
        code
        for code, wanted in (
            ("draft", target.document.is_draft),
            ("interpreted", target.interpreted),
        )
        if wanted
    )


def _demands(row: Row, register: Register, to: Links) -> list[Fact]:
    """What the clause asks, one property a line."""
    target = row.target
    year = gettext("không nêu năm") if target.due_year is None else str(target.due_year)
    facts = [
        Fact(
            gettext("Điều khoản"),
            clause_of(target),
            url=to.provision(target.document, target.provision),
            note=localised(target.provision, "heading"),
        ),
        Fact(
            gettext("Hiệu lực"),
            str(target.document.get_legal_status_display()),
            note=formatting.day(target.document.issued_on),
        ),
        Fact(gettext("Đòi hỏi"), formatting.demand(target), note=str(target.get_kind_display())),
        Fact(
            gettext("Phải đạt vào"),
            gettext("thường xuyên") if target.standing else year,
            note="" if target.due_year is None else str(target.get_year_basis_display()),
        ),
        Fact(
            gettext("Ai phải đạt"),
            str(target.get_scope_display()),
            url=_scope_url(target, to),
        ),
        Fact(
            gettext("Đo bằng"),
            localised(target.indicator, "name"),
            url=to.indicator(target.indicator),
            note=localised(target.unit, "name"),
        ),
    ]
    if target.baseline_year is not None and target.baseline_value is not None:
        facts.append(
            Fact(
                gettext("Mốc gốc nêu trong văn bản"),
                formatting.quantity(target.baseline_value, target.indicator.unit, trim=True),
                note=str(target.baseline_year),
            )
        )
    if target.interpreted:
        facts.append(Fact(gettext("Cách hiểu"), localised(target, "interpretation")))
    return [*facts, *_restatements(target, register, to)]


def _scope_url(target: Target, to: Links) -> str:
    """Where those who must meet a target are listed one by one; "" for the country."""
    if target.scope == Target.Scope.COUNTRY:
        return ""
    ministries = target.scope == Target.Scope.EACH_MINISTRY
    return reverse("organisation-list" if ministries else "province-list") + to.as_of_query


def _restatements(target: Target, register: Register, to: Links) -> list[Fact]:
    """What this target repeats, and what repeats it."""
    repeats = gettext("Nhắc lại")
    repeated = gettext("Được nhắc lại ở")
    return [
        Fact(
            repeats if other.target.pk == target.restates_id else repeated,
            clause_of(other.target),
            url=to.target(other.target),
        )
        for other in register
        if other.target.pk == target.restates_id or other.target.restates_id == target.pk
    ]


def _answerable(parts: Iterable[Answerable], to: Links) -> Table:
    """Who leads and helps: as written then, who it is on the day, and on what ground."""
    rows = []
    for part in parts:
        assignment = part.assignment
        inferred = assignment.basis == Assignment.Basis.INFERRED
        ground = Cell(localised(assignment, "reason"), badges=("inferred",) if inferred else ())
        if assignment.provision is not None:
            document = assignment.target.document
            ground = Cell(
                f"{localised(document, 'short')}, {assignment.provision.short_locator}",
                url=to.provision(document, assignment.provision),
                note=localised(assignment, "reason"),
                badges=("inferred",) if inferred else (),
            )
        rows.append(
            (
                Cell(localised(part.name, "name"), url=to.organisation(part.organisation),
                     note=duties.succession(part.holder.steps)),
                Cell(str(assignment.get_role_display())),
                Cell(localised(part.written, "name")),
                ground,
            )
        )  # fmt: skip
    columns = (
        Column(gettext("Hôm nay là")),
        Column(gettext("Vai trò")),
        Column(gettext("Văn bản ghi")),
        Column(gettext("Căn cứ")),
    )
    return Table(gettext("Ai chịu trách nhiệm"), columns, rows, stacked=True)


def _history(row: Row, register: Register, query: Query) -> list[Event]:
    """Every day on which the verdict changed, newest first."""
    verdicts = Assessment.objects.filter(
        target=row.target,
        organisation=register.organisation,
        superseded_at__isnull=True,
        as_of__lte=query.day,
    ).order_by("-as_of")
    return [
        Event(
            when=formatting.day(verdict.as_of),
            text=str(statuses.status(verdict.status).label),
            note=reason(Row(row.target, verdict, (), ())),
            status=verdict.status,
        )
        for verdict in verdicts
    ]


def _used(row: Row, run: Run | None) -> Table | None:
    """The values that the verdict rests on, with their sources."""
    if run is None or row.assessment is None:
        return None
    unit = row.target.indicator.unit
    rows = [(value, use) for value, use in _uses(row, run) if use]
    return observed.value_table(rows, unit, gettext("Số liệu đã dùng")) if rows else None


def _uses(row: Row, run: Run) -> list[tuple[Value, str]]:
    """Each year's value, newest first, with what it was used for; "" for what was not."""
    target, verdict = row.target, row.assessment
    if verdict is None:
        return []
    numbers = verdict.reason_values
    judged = numbers.get("due_value_year", verdict.latest_year)
    judged_for = gettext("được xét")
    if verdict.status == Assessment.Status.NOT_MEASURABLE:
        judged_for = gettext("số liệu cuối cùng")
    if verdict.reason_code == "no_due_value":
        judged_for = gettext("mới nhất, không phải của năm đến hạn")
    first = None  # of the years that count together, where they do
    if target.kind == Target.Kind.GROWTH and verdict.baseline_year is not None:
        first = verdict.baseline_year + 1
    elif target.kind == Target.Kind.EVERY_YEAR:
        first = target.document.issued_on.year
    years = run.by_year()
    last = target.due_year or max(years)
    found = []
    for year, value in sorted(years.items(), reverse=True):
        use = ""
        if first is not None:
            use = gettext("được tính") if first <= year <= last else ""
        elif year == judged:
            use = judged_for
        elif year == verdict.baseline_year and target.baseline_value is None:
            use = gettext("giá trị gốc")
        found.append((value, use))
    return found


def _relation(target: Target, comparison: Comparison) -> str:
    """What the documents together say of this target's year."""
    for year in comparison.years:
        if year.year == target.due_year:
            return " ".join(demands.year_sentences(year))
    return ""
