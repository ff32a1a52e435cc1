"""Schedules, moments, spans and sizes of runs in words of the active language."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Sequence
from typing import Final

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from dashboard import formatting
from targets.models import DataSource

_NUMBERS: Final = re.compile(r"\d+(,\d+)*\Z")
_STEP: Final = re.compile(r"\*/(\d+)\Z")
_WEEKDAYS: Final = (
    gettext_lazy("Chủ nhật"),
    gettext_lazy("thứ Hai"),
    gettext_lazy("thứ Ba"),
    gettext_lazy("thứ Tư"),
    gettext_lazy("thứ Năm"),
    gettext_lazy("thứ Sáu"),
    gettext_lazy("thứ Bảy"),
)
_WORKDAYS: Final = frozenset({"1-5", "mon-fri", "1,2,3,4,5"})
_STEP_OF_SIZES: Final = 1000
_SIZES: Final = ("kB", "MB", "GB", "TB")


def schedule_words(source: DataSource) -> str:
    """When a source is read: `mỗi ngày lúc 06:30`."""
    if source.adapter == DataSource.Adapter.PUSH:
        return _("khi cơ quan gửi đến")
    if not source.schedule:
        return _("chỉ khi có người bấm lấy")
    return cron_words(source.schedule)


def cron_words(schedule: str) -> str:
    """`minute hour day-of-month month day-of-week` in words; what is too odd for them as it is.

    >>> cron_words("30 6 * * *")
    'mỗi ngày lúc 06:30'
    """
    fields = schedule.split()
    if len(fields) != 5:
        return _odd(schedule)
    minute, hour, day, month, weekday = fields
    when = _days(day, month, weekday)
    if not when:
        return _odd(schedule)
    if _NUMBERS.match(minute) and _NUMBERS.match(hour):
        times = ", ".join(
            f"{int(one):02d}:{int(each):02d}"
            for one in hour.split(",")
            for each in minute.split(",")
        )
        return _("%(days)s lúc %(times)s") % {"days": when, "times": times}
    often = _within_a_day(minute, hour)
    if not often:
        return _odd(schedule)
    if (day, month, weekday) == ("*", "*", "*"):
        return often
    return _("%(often)s, %(days)s") % {"often": often, "days": when}


def _within_a_day(minute: str, hour: str) -> str:
    step = _STEP.match(minute)
    if (step or minute == "*") and hour == "*":
        count = int(step.group(1)) if step else 1
        return ngettext("mỗi phút", "%(count)s phút một lần", count) % {"count": count}
    if not minute.isdecimal():
        return ""
    step = _STEP.match(hour)
    if step or hour == "*":
        count = int(step.group(1)) if step else 1
        every = ngettext("mỗi giờ", "%(count)s giờ một lần", count) % {"count": count}
        return _("%(every)s, vào phút %(minute)s") % {"every": every, "minute": int(minute)}
    return ""


def _days(day: str, month: str, weekday: str) -> str:
    if (day, month, weekday) == ("*", "*", "*"):
        return _("mỗi ngày")
    if day == "*" and month == "*":
        return _weekdays(weekday)
    if weekday != "*" or not _NUMBERS.match(day):
        return ""
    words: dict[str, object] = {"days": day.replace(",", ", ")}
    count = len(day.split(","))
    if month == "*":
        text = ngettext("ngày %(days)s hằng tháng", "các ngày %(days)s hằng tháng", count)
    elif _NUMBERS.match(month):
        words["months"] = month.replace(",", ", ")
        text = ngettext(
            "ngày %(days)s tháng %(months)s", "các ngày %(days)s tháng %(months)s", count
        )
    else:
        return ""
    return text % words


def _weekdays(weekday: str) -> str:
    if weekday.lower() in _WORKDAYS:
        return _("thứ Hai đến thứ Sáu")
    # 0 and 7 are both Sunday.
    if _NUMBERS.match(weekday) and all(int(one) < 8 for one in weekday.split(",")):
        names = [str(_WEEKDAYS[int(one) % 7]) for one in weekday.split(",")]
        return _("%(days)s hằng tuần") % {"days": ", ".join(names)}
    return ""


def _odd(schedule: str) -> str:
    return _("theo lịch “%(schedule)s” (phút giờ ngày tháng thứ)") % {"schedule": schedule}


def when(moment: dt.datetime | None) -> str:
    """A moment near today in words: `hôm nay 06:30`, `hôm qua 23:05`, `06:30, 19/11/2026`."""
    if moment is None:
        return _("chưa lần nào")
    local = timezone.localtime(moment)
    time = f"{local:%H:%M}"
    words = {
        -1: _("hôm qua %(time)s"),
        0: _("hôm nay %(time)s"),
        1: _("ngày mai %(time)s"),
    }.get((local.date() - timezone.localdate()).days)
    return words % {"time": time} if words else formatting.moment(moment)


def until(moment: dt.datetime) -> str:
    """Until when a source is left alone: `14:00` today, else with its day."""
    local = timezone.localtime(moment)
    if local.date() == timezone.localdate():
        return f"{local:%H:%M}"
    return when(moment)


def span(seconds: float) -> str:
    """How long something took: `0,4 giây`, `2 phút 5 giây`, `3 giờ 10 phút`."""
    if seconds < 60:
        shown = formatting.number(round(seconds, 1 if seconds < 10 else 0), 1, trim=True)
        return _("%(count)s giây") % {"count": shown}
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return _("%(hours)s giờ %(minutes)s phút") % {"hours": hours, "minutes": minutes}
    if not rest:
        return _("%(minutes)s phút") % {"minutes": minutes}
    return _("%(minutes)s phút %(seconds)s giây") % {"minutes": minutes, "seconds": rest}


def size(count: int) -> str:
    """Bytes as people read them: `512 byte`, `1,2 MB`."""
    if count < _STEP_OF_SIZES:
        return ngettext("%(count)s byte", "%(count)s byte", count) % {"count": count}
    step = min(int(math.log(count, _STEP_OF_SIZES)), len(_SIZES))
    number = formatting.number(count / _STEP_OF_SIZES**step, 1, trim=True)
    return f"{number}{formatting.NO_BREAK_SPACE}{_SIZES[step - 1]}"


def listed(parts: Sequence[str], most: int = 5) -> str:
    """A short list for a sentence: the first few, then how many more."""
    shown = ", ".join(parts[:most])
    left = len(parts) - most
    if left <= 0:
        return shown
    more = ngettext("và %(count)s nữa", "và %(count)s nữa", left) % {"count": left}
    return f"{shown} {more}"
