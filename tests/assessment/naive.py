# ruff: noqa: PLR0911, PLR0912 - one rule after the other, as the design lists them
"""The rules again, one series at a time, in exact decimals: slow, plain, and written apart.

Nothing here is shared with `targets.assessment`. The tests hold the two against each other.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from statistics import median

UP = {">=", ">", "range"}
PATH_KINDS = {"level", "rank", "count", "relative", "milestone"}


@dataclass
class Case:
    """One target and the values observed for it."""

    kind: str
    operator: str
    threshold: float | None
    today: dt.date
    due_year: int | None = None
    document_year: int | None = None
    baseline_year: int | None = None
    baseline_value: float | None = None
    interval_years: int | None = None
    pace_method: str = "linear"
    unmeasurable_from: int | None = None
    values: dict[int, float] = field(default_factory=dict)


@dataclass
class Answer:
    """What the rules say of a case; `None` is "no such number"."""

    status: str = ""
    reason: str = ""
    pace: float | None = None
    attained: float | None = None
    expected: float | None = None
    required_value: float | None = None
    latest_year: int | None = None
    latest_value: float | None = None
    baseline_year: int | None = None
    baseline_value: float | None = None
    projected_value: float | None = None
    projected_low: float | None = None
    projected_high: float | None = None
    projected_year: int | None = None
    projection_reason: str = ""
    effective_threshold: float | None = None
    due_value_year: int | None = None
    due_value: float | None = None
    event_year: int | None = None
    mean_rate: float | None = None


class Judge:
    """Walks through the rules for one case."""

    def __init__(self, case: Case, on_track_from: float, at_risk_from: float) -> None:
        self.case = case
        self.on_track_from = Decimal(repr(on_track_from))
        self.at_risk_from = Decimal(repr(at_risk_from))
        self.answer = Answer()
        self.values = {
            year: Decimal(repr(value))
            for year, value in sorted(case.values.items())
            if year <= case.today.year
        }
        self.due = case.due_year is not None and case.today > dt.date(case.due_year, 12, 31)
        self.ended = (
            case.unmeasurable_from is not None and case.today.year >= case.unmeasurable_from
        )
        self.threshold: Decimal | None = None
        self.base: Decimal | None = None
        self.base_year: int | None = None

    def run(self) -> Answer:
        case, answer = self.case, self.answer
        fits = self._operator_fits()
        if self.values and not fits and not self.ended:
            return Answer("insufficient", "operator_unfit", projection_reason="unsound_input")
        if self.values:
            answer.latest_year = max(self.values)
            answer.latest_value = float(self.values[answer.latest_year])
        self._find_baseline()
        self._find_threshold()
        self._find_due_value()
        judge: Callable[[], tuple[str, str]] = {
            "growth": self._growth,
            "every_year": self._every_year,
            "keep": self._keep,
        }.get(case.kind, self._path)
        if not self.values:
            verdict = "no_data", "no_value"
        elif case.threshold is None and case.kind != "milestone":
            verdict = "insufficient", "no_threshold"
        else:
            verdict = judge()
        if self.ended and not (fits and self.due and verdict[0] in {"achieved", "missed"}):
            verdict = "not_measurable", "discontinued"
            answer.event_year = case.unmeasurable_from
        answer.status, answer.reason = verdict
        if verdict[0] in {"no_data", "not_measurable"} or verdict[1] == "no_threshold":
            answer.pace = answer.attained = answer.expected = answer.required_value = None
            answer.mean_rate = None
        self._project()
        return answer

    def _operator_fits(self) -> bool:
        case = self.case
        if case.kind == "milestone":
            return True
        if case.kind == "rank":
            return case.operator in {"<=", "<"}
        if case.kind == "relative" and case.operator == "range":
            return case.threshold is None or case.threshold >= 0
        return case.operator != ""

    def _find_baseline(self) -> None:
        case = self.case
        start = case.document_year if case.baseline_year is None else case.baseline_year
        if case.kind in {"every_year", "keep"}:
            return
        if case.kind == "growth":
            self.base_year = start
        elif case.baseline_value is not None:
            self.base_year, self.base = start, Decimal(repr(case.baseline_value))
        elif case.kind == "milestone":
            self.base_year, self.base = start, Decimal(0)
        elif start is not None and self.values:
            before = [year for year in self.values if year <= start]
            self.base_year = max(before) if before else min(self.values)
            self.base = self.values[self.base_year]
        self.answer.baseline_year = self.base_year
        self.answer.baseline_value = None if self.base is None else float(self.base)

    def _find_threshold(self) -> None:
        case = self.case
        if case.kind == "milestone":
            self.threshold = Decimal(100)
        elif case.threshold is not None:
            self.threshold = Decimal(repr(case.threshold))
            if case.kind == "relative":
                change, self.threshold = self.threshold, None
                if self.base is not None and self.base > 0:
                    self.threshold = self.base * (1 + change / 100)
        if self.threshold is not None:
            self.answer.effective_threshold = float(self.threshold)

    def _find_due_value(self) -> None:
        case = self.case
        if self.due and case.due_year is not None:
            first = case.due_year - (case.interval_years or 1) + 1
            years = [year for year in self.values if first <= year <= case.due_year]
            if years:
                self.answer.due_value_year = max(years)
                self.answer.due_value = float(self.values[max(years)])

    def met(self, value: Decimal | None, slack: Decimal = Decimal(0)) -> bool:
        if value is None or self.threshold is None:
            return False
        operator = ">=" if self.case.kind == "milestone" else self.case.operator
        if abs(value - self.threshold) <= slack:
            return operator in {">=", "<=", "range"}
        if operator in {">=", "range"}:
            return value >= self.threshold
        if operator == ">":
            return value > self.threshold
        return value <= self.threshold if operator == "<=" else value < self.threshold

    def _better(self, one: Decimal, other: Decimal) -> bool:
        """Whether `one` is nearer to what is demanded than `other`, or further beyond it."""
        upward = self.case.kind == "milestone" or self.case.operator in UP
        return one > other if upward else one < other

    def _by_pace(self, pace: Decimal) -> str:
        if pace >= self.on_track_from:
            return "on_track"
        return "at_risk" if pace >= self.at_risk_from else "off_track"

    def _path(self) -> tuple[str, str]:
        case, answer = self.case, self.answer
        year = answer.due_value_year if self.due else answer.latest_year
        value = None if year is None else self.values[year]
        gap = self._pace(year, value)
        if self.threshold is None:
            return "insufficient", gap
        if self.due:
            return self._at_due()
        assert value is not None
        assert year is not None
        if self.met(value):
            return "achieved", "met"
        if case.due_year is None:
            return "insufficient", "no_due_year"
        held = [
            y
            for y, v in self.values.items()
            if y < year and (self.base_year is None or y > self.base_year) and self.met(v)
        ]
        if self.base_year is not None and self.base_year < year and self.met(self.base):
            held.append(self.base_year)
        if held:
            answer.event_year = max(held)
            return "off_track", "no_longer_met"
        begun = self.base_year is not None and self.base_year < year
        if begun and self.base is not None and self._better(self.base, value):
            return "off_track", "moving_away"
        if gap:
            return "insufficient", gap
        return self._graded()

    def _pace(self, year: int | None, value: Decimal | None) -> str:
        """Fill attained, expected, pace and required value; why there is no pace, or ''."""
        case, answer = self.case, self.answer
        base, start, aim, due_year = self.base, self.base_year, self.threshold, case.due_year
        if aim is None:
            gap = "baseline_not_positive" if base is not None else "no_start_year"
        elif due_year is None:
            gap = "no_due_year"
        elif start is None or base is None:
            gap = "no_start_year"
        elif year is None:
            gap = "no_due_value"
        elif year < start:
            gap = "baseline_after_values"
        elif year == start:
            gap = "only_baseline"
        elif self.met(base):
            gap = "baseline_meets_threshold"
        elif base == aim:
            gap = "baseline_equals_threshold"
        else:
            gap = ""
        if start is None or base is None or year is None or value is None or year < start:
            return gap
        if aim is not None and not self.met(base) and base != aim:
            answer.attained = float((value - base) / (aim - base))
        if due_year is None or due_year <= start:
            return gap
        share = Decimal(year - start) / Decimal(due_year - start)
        answer.expected = float(share)
        if aim is None:
            return gap
        answer.required_value = float(aim if self.met(base) else base + (aim - base) * share)
        if gap:
            return gap
        self.exact_pace = (value - base) / (aim - base) / share
        answer.pace = float(self.exact_pace)
        if case.pace_method == "cagr" and base > 0 and aim > 0 and value > 0:
            observed = float(value / base) ** (1 / (year - start)) - 1
            required = float(aim / base) ** (1 / (due_year - start)) - 1
            answer.pace = observed / required
            self.exact_pace = Decimal(answer.pace) + Decimal("1e-10")
            answer.required_value = float(base) * (1 + required) ** (year - start)
        return gap

    def _graded(self) -> tuple[str, str]:
        status = self._by_pace(self.exact_pace)
        if status != "on_track":
            return status, "behind_path"
        return status, "on_path" if self.exact_pace >= 1 else "near_path"

    def _at_due(self) -> tuple[str, str]:
        answer, due_year = self.answer, self.case.due_year
        assert due_year is not None
        if answer.due_value_year is None:
            return "insufficient", "no_due_value"
        if self.met(self.values[answer.due_value_year]):
            return "achieved", "met_at_due"
        late = [year for year, value in self.values.items() if year > due_year and self.met(value)]
        if late:
            answer.event_year = min(late)
            return "missed", "met_late"
        return "missed", "missed_at_due"

    def _growth(self) -> tuple[str, str]:
        case, answer = self.case, self.answer
        assert self.threshold is not None
        answer.required_value = float(self.threshold)
        if self.base_year is None:
            return "insufficient", "no_start_year"
        rates = [
            value
            for year, value in self.values.items()
            if year > self.base_year and (case.due_year is None or year <= case.due_year)
        ]
        if not rates:
            return "insufficient", "no_value_in_period"
        mean = sum(rates, Decimal(0)) / len(rates)
        answer.mean_rate = float(mean)
        met = self.met(mean, slack=Decimal("1e-20"))
        ratio = self.threshold > 0 if case.operator in UP else self.threshold < 0
        if ratio:
            answer.pace = float(mean / self.threshold)
        if self.due:
            if answer.due_value_year is None:
                return "insufficient", "no_due_value"
            return ("achieved", "growth_met") if met else ("missed", "growth_missed")
        if ratio:
            status = self._by_pace(mean / self.threshold + Decimal("1e-20"))
        else:
            status = "on_track" if met else "off_track"
        return status, "growth_on_path" if status == "on_track" else "growth_behind"

    def _every_year(self) -> tuple[str, str]:
        case, answer = self.case, self.answer
        assert self.threshold is not None
        answer.required_value = float(self.threshold)
        if case.document_year is None:
            return "insufficient", "no_start_year"
        years = [
            year
            for year in self.values
            if year >= case.document_year and (case.due_year is None or year <= case.due_year)
        ]
        if not years:
            return "insufficient", "no_value_in_period"
        failed = [year for year in years if not self.met(self.values[year])]
        answer.event_year = max(failed, default=None)
        if self.due:
            if failed:
                return "missed", "every_year_missed"
            if answer.due_value_year is None:
                return "insufficient", "no_due_value"
            return "achieved", "every_year_held"
        if max(years) in failed:
            return "off_track", "every_year_fails"
        return ("at_risk", "every_year_broken") if failed else ("on_track", "every_year_so_far")

    def _keep(self) -> tuple[str, str]:
        assert self.threshold is not None
        self.answer.required_value = float(self.threshold)
        if self.due:
            return self._at_due()
        kept = self.met(self.values[max(self.values)])
        return ("on_track", "kept") if kept else ("off_track", "not_kept")

    def _project(self) -> None:
        case, answer = self.case, self.answer
        if self.ended:
            answer.projection_reason = "discontinued"
            return
        if case.kind == "growth":
            answer.projection_reason = "growth"
            return
        points = list(self.values.items())[-5:]
        if len(points) < 3:
            answer.projection_reason = "too_few_values"
            return
        slopes = [
            (later - earlier) / (y2 - y1)
            for i, (y1, earlier) in enumerate(points)
            for y2, later in points[i + 1 :]
        ]
        slope, (year, value) = median(slopes), points[-1]
        why = []
        if self.due:
            why.append("due")
        elif case.due_year is None:
            why.append("no_due_year")
        else:
            ahead = case.due_year - year
            answer.projected_value = self._scaled(value + slope * ahead)
            answer.projected_low = self._scaled(value + min(slopes) * ahead)
            answer.projected_high = self._scaled(value + max(slopes) * ahead)
        if self.threshold is None:
            why.append("no_threshold")
        elif self.met(value):
            answer.projected_year = year
        elif slope == 0 or not self._better(value + slope, value):
            why.append("away")
        else:
            years = (self.threshold - value) / slope
            wait = math.ceil(round(years, 9))
            if not self.met(value + wait * slope, slack=abs(slope) * Decimal("1e-9")):
                wait += 1
            if wait > 100:
                why.append("far")
            else:
                answer.projected_year = year + max(wait, 1)
        answer.projection_reason = ",".join(why)

    def _scaled(self, value: Decimal) -> float:
        if self.case.kind == "rank":
            value = max(value, Decimal(1))
        if self.case.kind == "milestone":
            value = min(max(value, Decimal(0)), Decimal(100))
        return float(value)


def judge(case: Case, on_track_from: float = 0.95, at_risk_from: float = 0.60) -> Answer:
    """The verdict on one case."""
    return Judge(case, on_track_from, at_risk_from).run()
