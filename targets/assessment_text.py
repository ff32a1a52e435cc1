"""One sentence for every reason, in the language of the reader.

The numbers come from `reason_values` (stored with each assessment); how a value of the indicator
is written is the caller's business (`quantity`), for only the page knows the unit. Without it,
plain numbers in the style of the language: 1.234,5 or 1,234.5.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.utils import formats, numberformat
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Quantity = Callable[[float], str]
Values = Mapping[str, float | int | str]

_WHOLE = frozenset({"years_known", "years_held"})

_SENTENCES: dict[str, str | Promise] = {
    "met": _("Năm %(latest_year)s đạt %(latest_value)s, đáp ứng ngưỡng %(threshold)s."),
    "met_at_due": _(
        "Đạt ngưỡng %(threshold)s vào %(due_year)s: số liệu năm %(due_value_year)s là "
        "%(due_value)s."
    ),
    "growth_met": _(
        "Bình quân %(mean_rate)s mỗi năm qua %(years_known)s năm, đáp ứng ngưỡng %(threshold)s."
    ),
    "every_year_held": _("Cả %(years_known)s năm có số liệu đều đáp ứng ngưỡng %(threshold)s."),
    "on_path": _(
        "Cần %(required_value)s vào %(latest_year)s để đúng lộ trình %(threshold)s vào "
        "%(due_year)s; đã đạt %(latest_value)s."
    ),
    "near_path": _(
        "Cần %(required_value)s vào %(latest_year)s để đúng lộ trình %(threshold)s vào "
        "%(due_year)s; đạt %(latest_value)s, chậm không đáng kể."
    ),
    "behind_path": _(
        "Cần %(required_value)s vào %(latest_year)s để đúng lộ trình %(threshold)s vào "
        "%(due_year)s; mới đạt %(latest_value)s."
    ),
    "moving_away": _(
        "Đang đi ngược: từ %(baseline_value)s năm %(baseline_year)s thành %(latest_value)s năm "
        "%(latest_year)s, trong khi cần %(threshold)s vào %(due_year)s."
    ),
    "no_longer_met": _(
        "Từng đáp ứng ngưỡng %(threshold)s (năm %(met_year)s) nhưng năm %(latest_year)s là "
        "%(latest_value)s."
    ),
    "growth_on_path": _(
        "Bình quân %(mean_rate)s mỗi năm qua %(years_known)s năm; cần %(threshold)s."
    ),
    "growth_behind": _(
        "Bình quân mới %(mean_rate)s mỗi năm qua %(years_known)s năm; cần %(threshold)s."
    ),
    "every_year_so_far": _(
        "Cả %(years_known)s năm có số liệu đều đáp ứng ngưỡng %(threshold)s; năm %(latest_year)s "
        "là %(latest_value)s."
    ),
    "every_year_broken": _(
        "Năm %(latest_year)s đáp ứng ngưỡng %(threshold)s nhưng năm %(failed_year)s thì không "
        "(%(years_held)s trên %(years_known)s năm đáp ứng)."
    ),
    "every_year_fails": _(
        "Năm %(latest_year)s là %(latest_value)s, không đáp ứng ngưỡng hằng năm %(threshold)s."
    ),
    "kept": _("Năm %(latest_year)s là %(latest_value)s, vẫn đáp ứng ngưỡng %(threshold)s."),
    "not_kept": _("Năm %(latest_year)s là %(latest_value)s, không giữ được ngưỡng %(threshold)s."),
    "missed_at_due": _(
        "Không đạt %(threshold)s vào %(due_year)s: số liệu năm %(due_value_year)s là %(due_value)s."
    ),
    "met_late": _(
        "Không đạt %(threshold)s vào %(due_year)s (số liệu năm %(due_value_year)s là "
        "%(due_value)s); đạt muộn, vào %(met_year)s."
    ),
    "growth_missed": _(
        "Bình quân chỉ %(mean_rate)s mỗi năm qua %(years_known)s năm; cần %(threshold)s."
    ),
    "every_year_missed": _(
        "Chỉ %(years_held)s trên %(years_known)s năm đáp ứng ngưỡng %(threshold)s; năm "
        "%(failed_year)s không đáp ứng."
    ),
    "only_baseline": _(
        "Mới có số liệu năm gốc %(baseline_year)s (%(latest_value)s), chưa tính được tiến độ tới "
        "%(threshold)s vào %(due_year)s."
    ),
    "baseline_after_values": _(
        "Số liệu mới nhất là của năm %(latest_year)s, trước năm gốc %(baseline_year)s."
    ),
    "no_start_year": _("Chưa rõ năm gốc nên chưa tính được tiến độ tới %(threshold)s."),
    "no_due_value": _(
        "Đã hết hạn %(due_year)s nhưng chưa có số liệu của năm đó; mới nhất là %(latest_value)s "
        "năm %(latest_year)s."
    ),
    "no_due_year": _(
        "Năm %(latest_year)s là %(latest_value)s, chưa đáp ứng ngưỡng %(threshold)s; văn bản không "
        "nêu năm phải đạt."
    ),
    "baseline_equals_threshold": _(
        "Giá trị gốc %(baseline_value)s bằng đúng ngưỡng phải vượt và năm %(latest_year)s vẫn như "
        "vậy nên chưa tính được tiến độ."
    ),
    "baseline_not_positive": _(
        "Giá trị gốc %(baseline_value)s không dương nên không tính được mức thay đổi theo phần "
        "trăm."
    ),
    "no_value_in_period": _(
        "Chưa có số liệu của những năm được tính; mới nhất là %(latest_value)s năm %(latest_year)s."
    ),
    "no_threshold": _("Mục tiêu chưa có ngưỡng."),
    "operator_unfit": _("Phép so sánh không hợp với loại mục tiêu."),
    "bad_number": _("Có con số không hợp lệ trong mục tiêu hoặc số liệu."),
    "no_value": _("Chưa có số liệu nào."),
    "discontinued": _(
        "Chỉ tiêu không còn được đo từ %(unmeasurable_from)s; số liệu cuối là %(latest_value)s năm "
        "%(latest_year)s."
    ),
}

#: Where some numbers do not exist, or would read as a contradiction.
_SHORTER: dict[str, str | Promise] = {
    "discontinued": _("Chỉ tiêu không còn được đo từ %(unmeasurable_from)s."),
    "behind_path": _(
        "Hơi chậm so với lộ trình %(threshold)s vào %(due_year)s: năm %(latest_year)s mới đạt "
        "%(latest_value)s."
    ),
    "no_start_year": _("Chưa rõ năm gốc nên chưa tính được tiến độ."),
}
_SHORTER["near_path"] = _SHORTER["behind_path"]

_PACE_REMARKS: dict[str, str | Promise] = {
    "cagr_undefined": _(
        "Có giá trị không dương nên tính theo đường thẳng, không theo tốc độ tăng kép."
    ),
}

_PROJECTION: dict[str, str | Promise] = {
    "away": _("Theo xu hướng hiện nay thì không đạt ngưỡng."),
    "far": _("Theo xu hướng hiện nay thì hơn một trăm năm nữa mới đạt ngưỡng."),
    "no_threshold": _("Không có ngưỡng để so."),
    "due": _("Đã hết hạn nên không dự báo cho năm đến hạn."),
    "no_due_year": _("Không có năm đến hạn để dự báo."),
    "too_few_values": _("Cần ít nhất ba số liệu để dự báo."),
    "growth": _("Không dự báo cho mục tiêu tăng trưởng bình quân."),
    "discontinued": _("Không dự báo vì chỉ tiêu không còn được đo."),
    "unsound_input": _("Không dự báo được từ số liệu không hợp lệ."),
}


def plain(number: float) -> str:
    """A number in the style of the active language, with at most two decimals."""
    text = f"{number:.2f}".rstrip("0").rstrip(".")
    return numberformat.format(
        text if text != "-0" else "0",
        formats.get_format("DECIMAL_SEPARATOR"),
        grouping=3,
        thousand_sep=formats.get_format("THOUSAND_SEPARATOR"),
        force_grouping=True,
    )


def reason_sentence(code: str, values: Values, quantity: Quantity = plain) -> str:
    """The sentence of a reason; `values` as stored with the assessment.

    Raises KeyError for a code that does not exist.
    """
    written = {key: _write(key, value, quantity) for key, value in values.items()}
    sentence = _SENTENCES[code]
    if code in {"behind_path", "near_path"}:
        # "Cần hạng 57; mới đạt hạng 57" would not be understood: the difference is in the decimals.
        if written["required_value"] == written["latest_value"]:
            sentence = _SHORTER[code]
    elif code in _SHORTER and not _complete(str(sentence), written):
        sentence = _SHORTER[code]
    remark = _PACE_REMARKS.get(str(values.get("pace_reason", "")))
    parts = [str(sentence) % written, *([str(remark)] if remark else [])]
    return " ".join(parts)


def projection_sentence(reason: str) -> str:
    """Why a projection lacks a number; empty where it lacks none."""
    return " ".join(str(_PROJECTION[word]) for word in reason.split(",") if word)


def _write(key: str, value: float | int | str, quantity: Quantity) -> str:
    if isinstance(value, str):
        return value
    if key in _WHOLE or key.endswith("_year") or key == "unmeasurable_from":
        return str(int(value))
    return quantity(float(value))


def _complete(sentence: str, written: Mapping[str, str]) -> bool:
    try:
        sentence % written
    except KeyError:
        return False
    return True
