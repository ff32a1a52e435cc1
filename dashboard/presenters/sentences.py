"""What stands first on the Overview and on a pillar: what the counts say and rest on."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from django.utils.translation import gettext, ngettext

from dashboard import formatting
from dashboard.components import Notice
from dashboard.presenters.selection import counts
from dashboard.queries import HORIZONS, Query
from targets.register import Register, Row

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
        return _due(total, {**words, "judged": found["achieved"] + found["missed"]})
    return _ahead(total, words)


def _numbers(found: Counter[str]) -> dict[str, int]:
    good = found["achieved"] + found["on_track"]
    behind = found["off_track"]
    return {
        "achieved": found["achieved"],
        "missed": found["missed"],
        "behind": behind,
        "risk": found["at_risk"],
        "judged": good + behind + found["at_risk"] + found["missed"],
    }


def _due(total: int, words: Mapping[str, object]) -> str:
    """The verdicts that are final; what could not be judged is in the difference of the counts."""
    both = words["achieved"] and words["missed"]
    if not words["judged"]:
        text = ngettext(
            "Mục tiêu đến hạn %(year)s chưa đủ số liệu để kết luận.",
            "Cả %(total)s mục tiêu đến hạn %(year)s đều chưa đủ số liệu để kết luận.",
            total,
        )
    elif both or (words["judged"] == 1 < total):
        text = gettext(
            "Trong %(total)s mục tiêu đến hạn %(year)s, %(judged)s kết luận được: "
            "%(achieved)s đạt, %(missed)s không đạt."
        )
    elif words["achieved"]:
        text = ngettext(
            "Mục tiêu đến hạn %(year)s đã đạt.",
            "Trong %(total)s mục tiêu đến hạn %(year)s, %(judged)s kết luận được: đều đạt.",
            total,
        )
    else:
        text = ngettext(
            "Mục tiêu đến hạn %(year)s không đạt.",
            "Trong %(total)s mục tiêu đến hạn %(year)s, %(judged)s kết luận được: đều không đạt.",
            total,
        )
    return text % words


def _ahead(total: int, words: Mapping[str, object]) -> str:
    """How many of those that can be judged are behind, or at least at risk."""
    if not words["judged"]:
        text = ngettext(
            "Mục tiêu %(year)s chưa đủ số liệu để đánh giá.",
            "Cả %(total)s mục tiêu %(year)s đều chưa đủ số liệu để đánh giá.",
            total,
        )
    else:
        text = ngettext(
            "Mục tiêu %(year)s đánh giá được: %(state)s.",
            "Trong %(total)s mục tiêu %(year)s, %(judged)s đánh giá được: %(state)s.",
            total,
        )
    return text % {**words, "state": _state(words)}


def _standing(total: int, words: Mapping[str, object]) -> str:
    if not words["judged"]:
        text = ngettext(
            "Yêu cầu thường xuyên chưa đủ số liệu để đánh giá.",
            "Cả %(total)s yêu cầu thường xuyên đều chưa đủ số liệu để đánh giá.",
            total,
        )
    else:
        text = ngettext(
            "Yêu cầu thường xuyên đánh giá được: %(state)s.",
            "Trong %(total)s yêu cầu thường xuyên, %(judged)s đánh giá được: %(state)s.",
            total,
        )
    return text % {**words, "state": _state(words)}


def _state(words: Mapping[str, object]) -> str:
    if words["behind"] and words["risk"]:
        return gettext("%(behind)s đang chậm, %(risk)s có nguy cơ") % words
    if words["behind"]:
        return gettext("%(behind)s đang chậm") % words
    if words["risk"]:
        return gettext("%(risk)s có nguy cơ") % words
    return gettext("không mục tiêu nào chậm")


def basis(register: Register, query: Query) -> str:
    """What the counts rest on: the day of the figures, whether drafts are in."""
    parts = [gettext("Theo số liệu đã biết đến %(day)s.") % {"day": formatting.day(register.day)}]
    drafts = [row for row in register if row.target.document.is_draft]
    if drafts and not query.document:
        words = {
            "targets": len(drafts),
            "documents": len({row.target.document_id for row in drafts}),
        }
        parts.append(
            gettext("Tính cả %(targets)s mục tiêu của %(documents)s văn bản dự thảo.") % words
            if query.drafts
            else gettext("Không tính %(targets)s mục tiêu của %(documents)s văn bản dự thảo.")
            % words
        )
    return " ".join(parts)


def notices(rows: Sequence[Row], query: Query) -> tuple[Notice, ...]:
    """What to know before the counts: an address not understood, verdicts still to be made."""
    found = []
    if query.refused:
        found.append(
            Notice(
                kind="error",
                title=gettext("Có phần trong địa chỉ không hiểu được nên đã bỏ qua: %(names)s")
                % {"names": ", ".join(query.refused)},
            )
        )
    waiting = sum(row.assessment is None for row in rows)
    if waiting:
        found.append(
            Notice(
                kind="info",
                title=ngettext(
                    "%(count)s mục tiêu đang chờ tính tiến độ.",
                    "%(count)s mục tiêu đang chờ tính tiến độ.",
                    waiting,
                )
                % {"count": waiting},
            )
        )
    return tuple(found)
