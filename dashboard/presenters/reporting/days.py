"""Due days and lateness in words, the same on every page."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from targets import wording
from targets.models import ReportingCycle
from targets.reporting.timeliness import Delivery


def cycle_title(cycle: ReportingCycle) -> str:
    """`Quyết định 749/QĐ-TTg (hằng năm), kỳ 2026`."""
    return _("%(duty)s, kỳ %(period)s") % {
        "duty": wording.localised(cycle.duty, "name"),
        "period": wording.period(cycle.period),
    }


def left_words(due_on: dt.date, now: dt.datetime) -> str:
    """How long there is until the end of the due day; `now` in the time of the interface."""
    left = (due_on - now.date()).days
    if left < 0:
        return ngettext("quá hạn %(n)s ngày", "quá hạn %(n)s ngày", -left) % {"n": -left}
    if left == 0:
        hours = 24 - now.hour - 1
        if hours:
            return ngettext(
                "hạn hết hôm nay, còn hơn %(n)s giờ", "hạn hết hôm nay, còn hơn %(n)s giờ", hours
            ) % {"n": hours}
        return ngettext(
            "hạn hết hôm nay, còn %(n)s phút", "hạn hết hôm nay, còn %(n)s phút", 60 - now.minute
        ) % {"n": 60 - now.minute}
    if left == 1:
        return _("còn 1 ngày, đến hết ngày mai")
    return ngettext("còn %(n)s ngày", "còn %(n)s ngày", left) % {"n": left}


def delivery_word(delivery: Delivery) -> str:
    """How a report stands to its due day, in a word or two."""
    return {
        Delivery.MISSING: _("Quá hạn, chưa gửi"),
        Delivery.DUE: _("Chưa đến hạn"),
        Delivery.LATE: _("Gửi muộn"),
        Delivery.ON_TIME: _("Đúng hạn"),
        Delivery.EARLY: _("Gửi sớm"),
        Delivery.RELEASED: _("Không còn phải gửi"),
    }[delivery]


def delivery_words(delivery: Delivery, days: int) -> str:
    """The same with its days: `Gửi muộn 3 ngày`."""
    word = delivery_word(delivery)
    count = {"n": days}
    match delivery:
        case Delivery.MISSING:
            return (
                ngettext("Quá hạn %(n)s ngày, chưa gửi", "Quá hạn %(n)s ngày, chưa gửi", days)
                % count
            )
        case Delivery.LATE:
            return ngettext("Gửi muộn %(n)s ngày", "Gửi muộn %(n)s ngày", days) % count
        case Delivery.EARLY:
            return ngettext("Gửi sớm %(n)s ngày", "Gửi sớm %(n)s ngày", days) % count
        case Delivery.DUE if days:
            return ngettext("Còn %(n)s ngày", "Còn %(n)s ngày", days) % count
        case Delivery.DUE:
            return _("Hạn hôm nay")
        case _other:
            return word
