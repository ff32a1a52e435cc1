"""The sentence that stands first on the Overview and on a pillar: what the counts say."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable

from django.utils.translation import gettext, ngettext

from dashboard.presenters.selection import counts
from dashboard.queries import HORIZONS
from targets.register import Row

#: More would not be one sentence any more.
_MOST = 2


def headline(rows: Iterable[Row], day: dt.date) -> str:
    """What became of the targets that are due, and how the next ones stand, on `day`.

    One clause for each horizon that has targets, the nearest first, at most two.
    """
    by_horizon: dict[str, list[Row]] = {}
    for row in rows:
        by_horizon.setdefault(row.target.horizon, []).append(row)
    present = [horizon for horizon in HORIZONS if horizon in by_horizon]
    if not present:
        return gettext("Không có mục tiêu nào khớp với lựa chọn này.")
    return " ".join(
        _clause(horizon, counts(by_horizon[horizon]), day) for horizon in present[:_MOST]
    )


def _clause(horizon: str, found: Counter[str], day: dt.date) -> str:
    total = found.total()
    words = {"total": total, "year": horizon, **_numbers(found)}
    if horizon == "standing":
        return _standing(total, words)
    if day.year > int(horizon):
        return _due(total, words)
    return _ahead(total, words)


def _numbers(found: Counter[str]) -> dict[str, int]:
    good = found["achieved"] + found["on_track"]
    return {
        "achieved": found["achieved"],
        "missed": found["missed"],
        "good": good,
        "behind": found["off_track"],
        "risk": found["at_risk"],
        "judged": good + found["missed"] + found["off_track"] + found["at_risk"],
    }


def _due(total: int, words: dict[str, object]) -> str:
    if not words["judged"]:
        return (
            ngettext(
                "Mục tiêu đến hạn %(year)s chưa có đủ số liệu để kết luận.",
                "Cả %(total)s mục tiêu đến hạn %(year)s đều chưa có đủ số liệu để kết luận.",
                total,
            )
            % words
        )
    return (
        ngettext(
            "Mục tiêu duy nhất đến hạn %(year)s có đủ số liệu để kết luận: %(achieved)s đạt, "
            "%(missed)s không đạt.",
            "Trong %(total)s mục tiêu đến hạn %(year)s, %(judged)s có đủ số liệu để kết luận: "
            "%(achieved)s đạt, %(missed)s không đạt.",
            total,
        )
        % words
    )


def _ahead(total: int, words: dict[str, object]) -> str:
    if not words["judged"]:
        return (
            ngettext(
                "Mục tiêu %(year)s chưa có đủ số liệu để đánh giá.",
                "Cả %(total)s mục tiêu %(year)s đều chưa có đủ số liệu để đánh giá.",
                total,
            )
            % words
        )
    return (
        ngettext(
            "Mục tiêu duy nhất của %(year)s đánh giá được: %(behind)s chậm, %(risk)s có nguy cơ, "
            "%(good)s đúng tiến độ hoặc đã đạt.",
            "Trong %(total)s mục tiêu %(year)s, %(judged)s đánh giá được: %(behind)s chậm, "
            "%(risk)s có nguy cơ, %(good)s đúng tiến độ hoặc đã đạt.",
            total,
        )
        % words
    )


def _standing(total: int, words: dict[str, object]) -> str:
    if not words["judged"]:
        return (
            ngettext(
                "Yêu cầu thường xuyên chưa có đủ số liệu để đánh giá.",
                "Cả %(total)s yêu cầu thường xuyên đều chưa có đủ số liệu để đánh giá.",
                total,
            )
            % words
        )
    return (
        ngettext(
            "Yêu cầu thường xuyên duy nhất đánh giá được: %(behind)s chậm, %(risk)s có nguy cơ, "
            "%(good)s đang giữ được.",
            "Trong %(total)s yêu cầu thường xuyên, %(judged)s đánh giá được: %(behind)s chậm, "
            "%(risk)s có nguy cơ, %(good)s đang giữ được.",
            total,
        )
        % words
    )
