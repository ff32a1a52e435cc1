"""What several pages say of a target: its row, its mark, who answers, in which order.

Pure functions of the register's rows in the active language; nothing here asks the database.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext

from dashboard import formatting, shell, statuses
from dashboard.components import Bullet, Lead, Mark, TargetRow
from dashboard.formatting import localised
from documents.models import Document, Provision
from targets.assessment_text import reason_sentence
from targets.models import Indicator, Organisation, Pillar, Target, Unit
from targets.register import Answerable, Row

_LASTING: Final = frozenset({"growth", "every_year", "keep"})
#: The status shown until a worker has judged a target, with a reason that says so.
WAITING: Final = "insufficient"


@lru_cache(maxsize=32)
def _around(route: str) -> tuple[str, str]:
    """What stands before and after the one argument of a route's address."""
    before, _argument, after = reverse(route, args=["x-x"]).partition("x-x")
    return before, after


@dataclass(frozen=True, slots=True)
class Links:
    """Addresses that keep the as-of date (`as_of_query` is "" or "?as_of=...")."""

    as_of_query: str = ""

    def to(self, route: str, argument: str) -> str:
        """The page of a route with one slug."""
        before, after = _around(route)
        return f"{before}{argument}{after}{self.as_of_query}"

    def target(self, target: Target) -> str:
        return self.to("target", target.key)

    def indicator(self, indicator: Indicator) -> str:
        return self.to("indicator", indicator.code)

    def pillar(self, pillar: Pillar) -> str:
        return self.to("pillar", pillar.slug)

    def document(self, document: Document) -> str:
        return self.to("document", document.slug)

    def provision(self, document: Document, provision: Provision) -> str:
        """The clause in its document."""
        return f"{self.document(document)}#{provision.anchor}"

    def organisation(self, organisation: Organisation) -> str:
        """The page of an organisation; a province has one of its own."""
        is_province = organisation.kind == Organisation.Kind.PROVINCE
        return self.to("province" if is_province else "organisation", organisation.code)


def links(request: HttpRequest) -> Links:
    """The addresses for a request: they keep its as-of date."""
    day, _good = shell.as_of_date(request)
    return links_as_of(day)


def links_as_of(day: dt.date | None) -> Links:
    """The addresses of pages as of a day (None: now)."""
    return Links(f"?as_of={day.isoformat()}" if day else "")


def status_of(row: Row) -> str:
    """The status to show: `WAITING` where no worker has judged the target yet."""
    return row.status or WAITING


def title_of(target: Target) -> str:
    """What a target is called in a list: what is measured, or the state that is to be reached."""
    if target.kind == Target.Kind.MILESTONE:
        return localised(target, "label")
    return localised(target.indicator, "name")


def mark(row: Row, to: Links) -> Mark:
    """One target as one mark."""
    name = f"{title_of(row.target)}, {formatting.demand(row.target)}"
    return Mark(status=status_of(row), name=name, url=to.target(row.target))


def badges_of(target: Target) -> list[str]:
    """What is to be said of a demand beside its words: a draft, our reading of it."""
    return [
        code
        for code, wanted in (
            ("draft", target.document.is_draft),
            ("interpreted", target.interpreted),
        )
        if wanted
    ]


def target_row(row: Row, to: Links) -> TargetRow:
    """One target in a list, with its verdict, the reason, who answers and the clause."""
    target = row.target
    value, year = shown_value(row)
    badges = badges_of(target)
    return TargetRow(
        status=status_of(row),
        title=title_of(target),
        url=to.target(target),
        demand=formatting.demand(target),
        value="" if value is None else formatting.quantity(value, unit_of(target), trim=True),
        period=year,
        bullet=bullet_of(row),
        reason=reason(row),
        projection=projection(row),
        leads=leads_of(row.leads, to),
        clause=clause_of(target),
        clause_url=to.provision(target.document, target.provision),
        badges=tuple(badges),
    )


def clause_of(target: Target) -> str:
    """The clause as officials cite it: `749/QĐ-TTg, Điều 1, II.1.b`."""
    return f"{localised(target.document, 'short')}, {target.provision.short_locator}"


def unit_of(target: Target) -> Unit:
    """The unit of a target's values: the indicator's, except where a rate of it is demanded."""
    return target.unit if target.kind == Target.Kind.GROWTH else target.indicator.unit


def shown_value(row: Row) -> tuple[float | None, str]:
    """The value that the verdict rests on, and the year (or years) it is of.

    Once due that is the value of the due year, for growth the mean of the yearly rates, otherwise
    the latest. None where there is none.
    """
    verdict = row.assessment
    if verdict is None:
        return None, ""
    numbers = verdict.reason_values
    if "mean_rate" in numbers:
        years = gettext("bình quân %(years)s năm") % {"years": numbers["years_known"]}
        return numbers["mean_rate"], years
    if "due_value" in numbers:
        return numbers["due_value"], str(numbers["due_value_year"])
    year = "" if verdict.latest_year is None else str(verdict.latest_year)
    return verdict.latest_value, year


def threshold_of(row: Row) -> float | None:
    """The threshold in the unit of the values; None for what has none or cannot be computed."""
    if row.assessment is not None and "threshold" in row.assessment.reason_values:
        return float(row.assessment.reason_values["threshold"])
    target = row.target
    if target.threshold is None or target.kind == Target.Kind.RELATIVE:
        return None
    return float(target.threshold)


def rising(target: Target) -> bool:
    """Whether more is better."""
    return target.operator not in {Target.Operator.AT_MOST, Target.Operator.LESS_THAN}


def bullet_of(row: Row) -> Bullet | None:
    """The numbers of the bullet; None where there is no value to be drawn."""
    value, _year = shown_value(row)
    verdict, target = row.assessment, row.target
    if verdict is None or value is None:
        return None
    lasting = target.kind in _LASTING
    threshold_max = target.threshold_max
    return Bullet(
        baseline=None if lasting else verdict.baseline_value,
        now=value,
        needed=None if lasting or target.standing else verdict.required_value,
        threshold=threshold_of(row),
        threshold_max=None if threshold_max is None else float(threshold_max),
        rising=rising(target),
    )


@dataclass(frozen=True, slots=True)
class _Rate:
    """A unit of a yearly rate in a sentence that already says "a year"."""

    kind: str
    decimals: int
    symbol_vi: str
    symbol_en: str


def write(target: Target, value: float) -> str:
    """A value of a target in a sentence: `18,3 %`, `hạng 44`."""
    unit: formatting.UnitLike = unit_of(target)
    if "/" in unit.symbol_vi and target.kind == Target.Kind.GROWTH:
        before = (symbol.partition("/")[0] for symbol in (unit.symbol_vi, unit.symbol_en))
        unit = _Rate(unit.kind, unit.decimals, *before)
    return formatting.quantity(value, unit, trim=True)


def reason(row: Row) -> str:
    """Why this status, in one sentence of the active language."""
    verdict, target = row.assessment, row.target
    if verdict is None:
        return gettext("Đang chờ tính tiến độ.")
    if verdict.status == "not_measurable" and localised(target.indicator, "unmeasurable"):
        return localised(target.indicator, "unmeasurable")
    return reason_sentence(
        verdict.reason_code, verdict.reason_values, lambda value: write(target, value)
    )


def projection(row: Row) -> str:
    """Where the trend leads, if it says something that the reason does not; else ""."""
    verdict, target = row.assessment, row.target
    if verdict is None or verdict.status not in statuses.ATTENTION | {"on_track"}:
        return ""
    year = verdict.projected_year
    if verdict.projected_value is None:
        if year is None:
            return ""
        return gettext("Theo xu hướng thì đạt ngưỡng năm %(year)s.") % {"year": year}
    words = {
        "due": target.due_year,
        "value": write(target, verdict.projected_value),
        "low": formatting.DASH,
        "high": formatting.DASH,
        "year": year,
    }
    if verdict.projected_low is not None and verdict.projected_high is not None:
        low, high = sorted((verdict.projected_low, verdict.projected_high))
        words |= {"low": write(target, low), "high": write(target, high)}
    if words["low"] == words["high"]:
        text = gettext("Theo xu hướng: %(value)s vào %(due)s") % words
    else:
        text = gettext("Theo xu hướng: %(value)s vào %(due)s (từ %(low)s đến %(high)s)") % words
    if year is None:
        return gettext("%(text)s, không đạt ngưỡng.") % {"text": text}
    return gettext("%(text)s; đạt ngưỡng năm %(year)s.") % {"text": text, "year": year}


def leads_of(answerable: Iterable[Answerable], to: Links) -> tuple[Lead, ...]:
    """Who answers on the day, each once, with how we know: inferred, successor of whom."""
    by_organisation: dict[int, list[Answerable]] = {}
    for part in answerable:
        by_organisation.setdefault(part.organisation.pk, []).append(part)
    return tuple(_lead(parts, to) for parts in by_organisation.values())


def _lead(parts: list[Answerable], to: Links) -> Lead:
    first = parts[0]
    notes = []
    if all(part.assignment.basis == "inferred" for part in parts):
        notes.append(gettext("suy ra"))
    inherited = [localised(part.written, "short") for part in parts if part.holder.inherited]
    if inherited:
        names = ", ".join(dict.fromkeys(inherited))
        notes.append(gettext("kế thừa %(names)s") % {"names": names})
    return Lead(
        name=localised(first.name, "short"),
        url=to.organisation(first.organisation),
        note=", ".join(notes),
    )


def closeness(row: Row) -> float:
    """How near to its goal a target is, lower is worse: its pace, else what is attained of it.

    Only for ordering within one status. Where neither exists (floors and "keep" demands), the
    share of years that held, else the value over the threshold the better way round.
    """
    verdict = row.assessment
    if verdict is None:
        return 1.0
    for number in (verdict.attained if verdict.status == "missed" else None, verdict.pace):
        if number is not None:
            return float(number)
    numbers = verdict.reason_values
    if numbers.get("years_known"):
        return float(numbers["years_held"] / numbers["years_known"])
    value, _year = shown_value(row)
    threshold = threshold_of(row)
    if value is None or not threshold or value <= 0 or threshold <= 0:
        return 1.0
    return value / threshold if rising(row.target) else threshold / value


def attention_order(row: Row) -> tuple[int, bool, float, int, int]:
    """Sort key, worst first: status, binding before draft, how far off, rank of the document."""
    document = row.target.document
    return (
        statuses.status(status_of(row)).order,
        document.is_draft,
        closeness(row),
        document.rank,
        row.target.position,
    )
