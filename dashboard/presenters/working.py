"""How a verdict was computed, step by step in plain words, from the numbers stored with it.

Nothing is computed here but the numbers of the formulas' text: the verdict and all that it rests
on come from the engine.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.utils.translation import gettext, ngettext

from dashboard import formatting
from dashboard.components import Fact
from dashboard.formatting import localised
from dashboard.presenters.common import threshold_of, write
from targets.assessment_text import projection_sentence
from targets.models import Assessment, Indicator, Target
from targets.register import Row

_YEARLY: Final = frozenset({"growth", "every_year", "keep"})


def steps(row: Row) -> list[Fact]:
    """From the baseline to the status; one fact where there was nothing to compute."""
    verdict, target = row.assessment, row.target
    if verdict is None:
        return [Fact(gettext("Kết luận"), gettext("Đang chờ tính."))]
    if verdict.status == Assessment.Status.NOT_MEASURABLE:
        return _ended(target, verdict)
    if verdict.latest_value is None:
        return [
            Fact(gettext("Kết luận"), gettext("Không có số liệu để tính, nên không có phép tính."))
        ]
    by_kind: dict[str, Callable[[Target, Assessment], list[Fact]]] = {
        Target.Kind.GROWTH: _growth,
        Target.Kind.EVERY_YEAR: _every_year,
        Target.Kind.KEEP: _keep,
    }
    facts = by_kind[target.kind](target, verdict) if target.kind in _YEARLY else _path(row, verdict)
    return [*facts, *_pace(target, verdict), _method(verdict)]


def _ended(target: Target, verdict: Assessment) -> list[Fact]:
    """What can no longer be measured: why, and its last value."""
    facts = [Fact(gettext("Không còn đo được"), localised(target.indicator, "unmeasurable"))]
    if verdict.latest_value is not None and verdict.latest_year is not None:
        last = _at(target, verdict.latest_value, verdict.latest_year)
        facts.append(Fact(gettext("Số liệu cuối cùng"), last))
    return facts


def _path(row: Row, verdict: Assessment) -> list[Fact]:
    """Level, rank, count, relative, milestone: where the value stands between baseline and goal."""
    target = row.target
    threshold = threshold_of(row)
    facts = []
    if verdict.baseline_year is not None and verdict.baseline_value is not None:
        facts.append(
            Fact(
                gettext("Gốc"),
                _at(target, verdict.baseline_value, verdict.baseline_year),
                note=_baseline_ground(target, verdict.baseline_year),
            )
        )
    if threshold is not None:
        note = ""
        if target.kind == Target.Kind.RELATIVE:
            note = gettext("gốc và mức thay đổi %(change)s") % {
                "change": formatting.signed(target.threshold, 1) + formatting.NARROW_SPACE + "%"
            }
        goal = write(target, threshold)
        if target.due_year is not None:
            goal = gettext("%(value)s vào %(year)s") % {"value": goal, "year": target.due_year}
        facts.append(Fact(gettext("Ngưỡng"), goal, note=note))
    facts.append(_judged(target, verdict))
    value, year = _judged_value(verdict)
    if None in (verdict.attained, verdict.baseline_value, verdict.baseline_year, value, year):
        return facts
    base = verdict.baseline_value
    if threshold is not None:
        facts.append(
            Fact(
                gettext("Đã đi được"),
                _share(verdict.attained),
                note=f"({_plain(value)} {formatting.MINUS} {_plain(base)})"
                f" / ({_plain(threshold)} {formatting.MINUS} {_plain(base)})",
            )
        )
    if verdict.expected is not None and target.due_year is not None:
        first = verdict.baseline_year
        facts.append(
            Fact(
                gettext("Lẽ ra đã đi"),
                _share(verdict.expected),
                note=f"({year} {formatting.MINUS} {first})"
                f" / ({target.due_year} {formatting.MINUS} {first})",
            )
        )
    if verdict.required_value is not None:
        words = {"value": write(target, verdict.required_value), "year": year}
        facts.append(Fact(gettext("Mức cần có"), gettext("%(value)s vào %(year)s") % words))
    return facts


def _growth(target: Target, verdict: Assessment) -> list[Fact]:
    numbers = verdict.reason_values
    facts = []
    if verdict.baseline_year is not None:
        text = gettext("các năm sau %(year)s") % {"year": verdict.baseline_year}
        facts.append(Fact(gettext("Tính"), text))
    if "mean_rate" in numbers:
        count = int(numbers["years_known"])
        years = ngettext("%(count)s năm có số liệu", "%(count)s năm có số liệu", count)
        facts.append(
            Fact(
                gettext("Bình quân"),
                write(target, numbers["mean_rate"]),
                note=years % {"count": count},
            )
        )
    return [*facts, _threshold(target)]


def _every_year(target: Target, verdict: Assessment) -> list[Fact]:
    numbers = verdict.reason_values
    facts = [_threshold(target)]
    if "years_known" in numbers:
        words = {"held": numbers["years_held"], "known": numbers["years_known"]}
        facts.append(
            Fact(
                gettext("Số năm đáp ứng"),
                gettext("%(held)s trong %(known)s năm có số liệu") % words,
                note=gettext("kể từ năm ban hành %(year)s")
                % {"year": target.document.issued_on.year},
            )
        )
    return [*facts, _judged(target, verdict)]


def _keep(target: Target, verdict: Assessment) -> list[Fact]:
    return [_threshold(target), _judged(target, verdict)]


def _threshold(target: Target) -> Fact:
    return Fact(gettext("Ngưỡng"), formatting.demand(target))


def _judged_value(verdict: Assessment) -> tuple[float | None, int | None]:
    """The value that the status rests on: that of the due year once due, else the latest."""
    numbers = verdict.reason_values
    if "due_value" in numbers:
        return float(numbers["due_value"]), int(numbers["due_value_year"])
    if verdict.reason_code == "no_due_value":
        return None, None
    return verdict.latest_value, verdict.latest_year


def _judged(target: Target, verdict: Assessment) -> Fact:
    value, year = _judged_value(verdict)
    if value is None or year is None:
        return Fact(gettext("Giá trị được xét"), gettext("chưa có số liệu của năm đến hạn"))
    note = ""
    if "due_value" in verdict.reason_values:
        interval = target.indicator.interval_years
        note = ngettext(
            "số liệu của năm đến hạn",
            "số cuối trong %(count)s năm tới hạn, theo kỳ công bố",
            interval,
        ) % {"count": interval}
    return Fact(gettext("Giá trị được xét"), _at(target, value, year), note=note)


def _baseline_ground(target: Target, year: int) -> str:
    """Where the baseline is from."""
    if target.kind == Target.Kind.MILESTONE:
        return gettext("chưa bắt đầu, năm ban hành văn bản")
    if target.baseline_value is not None:
        return gettext("nêu trong văn bản")
    issued = target.document.issued_on.year
    if year <= issued:
        return gettext("số liệu cuối cùng tính đến năm ban hành %(year)s") % {"year": issued}
    return gettext("số liệu đầu tiên sau năm ban hành %(year)s") % {"year": issued}


def _pace(target: Target, verdict: Assessment) -> list[Fact]:
    if verdict.pace is None or verdict.status == Assessment.Status.INSUFFICIENT:
        return []
    note = gettext("đã đi được / lẽ ra đã đi")
    if target.kind == Target.Kind.GROWTH:
        note = gettext("bình quân / ngưỡng")
    elif (
        target.indicator.pace_method == Indicator.PaceMethod.CAGR
        and verdict.reason_values.get("pace_reason") != "cagr_undefined"
    ):
        note = gettext("tốc độ tăng kép thực tế / tốc độ tăng kép cần có")
    return [Fact(gettext("Nhịp"), formatting.number(verdict.pace, 2), note=note)]


def _method(verdict: Assessment) -> Fact:
    method = verdict.method
    words = {
        "on_track": formatting.number(method.on_track_from),
        "at_risk": formatting.number(method.at_risk_from),
    }
    rule = gettext(
        "Trước hạn: nhịp từ %(on_track)s là đúng tiến độ, từ %(at_risk)s là có nguy cơ, "
        "dưới nữa là chậm. Hết hạn: chỉ xét số liệu của năm đến hạn."
    )
    title = gettext("Phương pháp, phiên bản %(version)s") % {"version": method.version}
    return Fact(title, rule % words)


def projection(row: Row) -> list[Fact]:
    """Where the trend leads: value at the due year with its interval, first year met, or why not.

    Stands beside the verdict and never changes it.
    """
    verdict, target = row.assessment, row.target
    if verdict is None:
        return []
    facts = []
    if verdict.projected_value is not None:
        note = ""
        if verdict.projected_low is not None and verdict.projected_high is not None:
            low, high = sorted((verdict.projected_low, verdict.projected_high))
            note = gettext("khoảng từ %(low)s đến %(high)s") % {
                "low": write(target, low),
                "high": write(target, high),
            }
        facts.append(
            Fact(
                gettext("Giá trị dự báo cho %(year)s") % {"year": target.due_year},
                write(target, verdict.projected_value),
                note=note,
            )
        )
    if verdict.projected_year is not None:
        facts.append(Fact(gettext("Năm đầu tiên đạt ngưỡng"), str(verdict.projected_year)))
    if why := projection_sentence(verdict.projection_reason):
        facts.append(Fact(gettext("Giới hạn"), why))
    if verdict.projected_value is not None or verdict.projected_year is not None:
        facts.append(
            Fact(
                gettext("Cách dự báo"),
                gettext("độ dốc Theil–Sen của năm số liệu gần nhất; không làm thay đổi kết luận"),
            )
        )
    return facts


def _at(target: Target, value: float, year: int) -> str:
    return gettext("%(value)s (%(year)s)") % {"value": write(target, value), "year": year}


def _share(part: float | None) -> str:
    return formatting.DASH if part is None else formatting.percent(part * 100, 1, trim=True)


def _plain(value: float | None) -> str:
    return formatting.number(value)
