"""A coordinator's decisions on values that wait: all of those chosen, or none."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any, Final

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from targets import wording
from targets.models import DataSource, HeldValue
from targets.people import full_name
from targets.permissions import allowed
from targets.sources.taking.writing import named_source
from targets.tasks import ask_for_verdicts
from targets.trail import acting
from targets.triggers import ratio
from targets.values.locking import take_turn
from targets.values.periods import period_days


class DecisionRefusedError(Exception):
    """Nothing was decided; `sentence` tells the person why, naming the value."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class DecisionForbiddenError(DecisionRefusedError):
    """This person decides about no values."""


_LOCK = "SELECT id, state FROM targets_heldvalue WHERE id = ANY(%(ids)s) ORDER BY id FOR UPDATE"
_FIRST_AMISS = f"""
    SELECT id, amiss FROM (
        SELECT h.id, CASE
            WHEN h.standing_id IS DISTINCT FROM x.id THEN 'moved'
            WHEN count(*) OVER (PARTITION BY h.series_id, h.organisation_id, h.period) > 1
                THEN 'twice'
            WHEN d.period_end < o.valid_from OR d.period_start > o.valid_to THEN 'not-living'
            WHEN abs(h.value - {ratio("h.numerator", "u.ratio_scale", "h.denominator")})
                > 0.00000001 THEN 'ratio'
        END AS amiss
        FROM targets_heldvalue h
        JOIN deciding_period d USING (period)
        JOIN targets_organisation o ON o.id = h.organisation_id
        JOIN targets_indicator i ON i.id = h.indicator_id
        JOIN targets_unit u ON u.id = i.unit_id
        LEFT JOIN targets_observation x ON x.series_id = h.series_id
            AND x.organisation_id = h.organisation_id AND x.period = h.period
            AND x.superseded_at IS NULL
        WHERE h.id = ANY(%(ids)s)
    ) looked WHERE amiss IS NOT NULL ORDER BY id LIMIT 1
"""  # noqa: S608 (the text is ours)
_AMISS: Final[dict[str, Promise]] = {
    "moved": gettext_lazy(
        "%(value)s: giá trị đang có hiệu lực đã khác với giá trị được hiển thị. Tải lại trang và "
        "xem lại; lần lấy số liệu tới sẽ đặt hai giá trị cạnh nhau."
    ),
    "twice": gettext_lazy(
        "%(value)s: có hơn một giá trị được chọn cho cùng một kỳ. Chọn nhiều nhất một."
    ),
    "not-living": gettext_lazy("%(value)s: cơ quan này không tồn tại trong kỳ. Hãy từ chối."),
    "ratio": gettext_lazy(
        "%(value)s: giá trị không còn bằng tử số chia mẫu số theo đơn vị của chỉ tiêu. Hãy từ chối."
    ),
}
_SUPERSEDE = """
    UPDATE targets_observation x SET superseded_at = greatest(%(now)s, x.recorded_at)
    FROM targets_heldvalue h WHERE h.id = ANY(%(ids)s) AND x.id = h.standing_id
"""
_INSERT = """
    INSERT INTO targets_observation (
        series_id, organisation_id, period, period_start, period_end, year, value, numerator,
        denominator, vintage, published_on, known_on, recorded_at, state, synthetic, derived,
        source_id, caveat_vi, caveat_en, run_id)
    SELECT h.series_id, h.organisation_id, h.period, d.period_start, d.period_end,
           extract(year FROM d.period_end), h.value, h.numerator, h.denominator, h.vintage,
           h.published_on, least(h.published_on, %(today)s), %(now)s, 'published', s.synthetic,
           false, s.source_id, '', '', h.run_id
    FROM targets_heldvalue h
    JOIN deciding_period d USING (period)
    JOIN targets_datasource s ON s.id = h.data_source_id
    WHERE h.id = ANY(%(ids)s)
"""
_ACCEPT = """
    UPDATE targets_heldvalue h
    SET state = 'accepted', decided_by_id = %(by)s, decided_at = %(now)s,
        decision_note = %(note)s, observation_id = x.id
    FROM targets_observation x
    WHERE h.id = ANY(%(ids)s) AND x.superseded_at IS NULL AND x.series_id = h.series_id
      AND x.organisation_id = h.organisation_id AND x.period = h.period
"""
_REFUSE = """
    UPDATE targets_heldvalue
    SET state = 'refused', decided_by_id = %(by)s, decided_at = %(now)s, decision_note = %(note)s
    WHERE id = ANY(%(ids)s)
"""


def accept(ids: Collection[int], *, by: User, note: str = "") -> int:
    """Publish these held values, each in place of the one that stood beside it; how many.

    Raises DecisionForbiddenError, and DecisionRefusedError for the first that cannot be published:
    decided by somebody else, or something else stands by now than was shown. Then none is.
    """
    why = note.strip() or _("Chấp nhận giá trị chờ xem xét")
    with acting(by=by, why=why), transaction.atomic():
        parameters = _begin(ids, by=by, note=note)
        take_turn()
        _lock(parameters["ids"])
        with connection.cursor() as cursor:
            _bring_periods(parameters["ids"])
            cursor.execute(_FIRST_AMISS, parameters)
            for held_id, amiss in cursor.fetchall():
                raise DecisionRefusedError(_AMISS[amiss] % {"value": _named(held_id)})
            for source in DataSource.objects.filter(held_values__in=parameters["ids"]).distinct():
                named_source(source, parameters["today"])
            cursor.execute(_SUPERSEDE, parameters)
            cursor.execute(_INSERT, parameters)
            cursor.execute(_ACCEPT, parameters)
        ask_for_verdicts()
    return len(parameters["ids"])


def refuse(ids: Collection[int], *, by: User, reason: str) -> int:
    """Leave these held values out for good, for a reason; how many.

    Raises DecisionForbiddenError, and DecisionRefusedError without a reason or where one of them
    was decided meanwhile.
    """
    if not reason.strip():
        raise DecisionRefusedError(_("Nêu lý do từ chối: nguồn sẽ còn đưa ra giá trị này."))
    with acting(by=by, why=reason.strip()), transaction.atomic():
        parameters = _begin(ids, by=by, note=reason)
        _lock(parameters["ids"])
        with connection.cursor() as cursor:
            cursor.execute(_REFUSE, parameters)
    return len(parameters["ids"])


def _begin(ids: Collection[int], *, by: User, note: str) -> dict[str, Any]:
    if not allowed(by, "targets.review_values"):
        raise DecisionForbiddenError(_("Chỉ điều phối xem xét được các giá trị này."))
    if not ids:
        raise DecisionRefusedError(_("Chọn ít nhất một giá trị."))
    now: dt.datetime = timezone.now()
    return {
        "ids": sorted(set(ids)),
        "by": by.pk,
        "note": note.strip(),
        "now": now,
        "today": timezone.localdate(now),
    }


def _lock(ids: list[int]) -> None:
    """Hold these rows; of two people who decide at once the second is told of the first."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, {"ids": ids})
        states = dict(cursor.fetchall())
    if len(states) < len(ids):
        raise DecisionRefusedError(_("Có giá trị không còn nữa. Tải lại trang rồi chọn lại."))
    for held_id, state in states.items():
        if state != HeldValue.State.WAITING:
            raise DecisionRefusedError(_decided(held_id))


def _decided(held_id: int) -> str:
    one = HeldValue.objects.select_related("decided_by").get(pk=held_id)
    facts = {"value": _named(held_id)}
    if one.decided_by is None:
        return _("%(value)s: nguồn đã đưa ra số khác. Tải lại trang.") % facts
    facts |= {"who": full_name(one.decided_by), "when": wording.day(one.decided_at)}
    if one.state == HeldValue.State.ACCEPTED:
        return _("%(value)s: %(who)s đã chấp nhận ngày %(when)s. Tải lại trang.") % facts
    return _("%(value)s: %(who)s đã từ chối ngày %(when)s. Tải lại trang.") % facts


def _named(held_id: int) -> str:
    """A held value in words: indicator, organisation, period."""
    one = HeldValue.objects.select_related("indicator", "organisation").get(pk=held_id)
    names = one.organisation.names
    name = names.exclude(valid_from__gt=timezone.localdate()).last() or names.first()
    return ", ".join(
        (
            wording.localised(one.indicator, "name"),
            wording.localised(name, "name") if name else one.organisation.code,
            wording.period(one.period),
        )
    )


def _bring_periods(ids: list[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT period FROM targets_heldvalue WHERE id = ANY(%s)", [ids])
        periods = [period for (period,) in cursor.fetchall()]
        cursor.execute(
            "DROP TABLE IF EXISTS deciding_period;"
            " CREATE TEMP TABLE deciding_period (period text, period_start date, period_end date)"
            " ON COMMIT DROP"
        )
        with cursor.copy("COPY deciding_period FROM STDIN") as sink:
            for period in periods:
                if days := period_days(period):
                    sink.write_row((period, *days))
