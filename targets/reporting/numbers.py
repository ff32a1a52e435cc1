"""Numbers as officials type them, and as their spreadsheets hold them.

One rule for the form, the paste, Excel and the API. What could be read in two ways is read by a
rule, marked, and shown as it was understood; what is not one exact number is refused with a
sentence that says what to write instead.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from django.utils.translation import get_language, gettext

from targets.reporting import number_words

MAX_LENGTH = 100
MAX_WHOLE_DIGITS = 16  # of a value's column: numeric(24, 8)
MAX_DECIMALS = 8

_MINUSES = str.maketrans(dict.fromkeys("−–—‐‑‒﹣－", "-"))
_WIDE = str.maketrans("．，＋％＃／’‘＇", ".,+%#/'''")
# What Excel shows in place of a value, in the languages people use it in.
_EXCEL_ERROR = re.compile(r"#(N/A|REF|DIV/0|VALUE|NAME|NUM|NULL|SPILL|CALC)[!?]?", re.IGNORECASE)
_DATE = re.compile(r"\d{1,4}([./-])\d{1,2}\1\d{2,4}|\d{1,2}-[a-z]{3}(-\d{2,4})?", re.IGNORECASE)
_NUMBER = re.compile(
    r"(?P<before>[^\d+\-.,]*)"
    r"(?P<sign>[+-]?) ?"
    r"(?P<digits>[.,]?\d(?:[\d., ]*\d)?)"
    r"(?:[eE](?P<power>[+-]?\d{1,3})(?!\d))?"
    r"(?P<after>.*)"
)
# (name of the style, mark between thousands, mark before decimals)
_STYLES = (("vi", r"\.", ","), ("en", ",", r"\."), ("spaced", " ", "[.,]"))
_SHAPES = {
    name: re.compile(
        rf"(?P<whole>\d+|[1-9]\d{{0,2}}(?:{thousands}\d{{3}})+|)"
        rf"(?:{decimals}(?P<decimals>\d+))?"
    )
    for name, thousands, decimals in _STYLES
}


class UnitLike(Protocol):
    """What is read of a unit (`targets.models.Unit` has it)."""

    @property
    def kind(self) -> str: ...
    @property
    def decimals(self) -> int: ...
    @property
    def symbol_vi(self) -> str: ...
    @property
    def symbol_en(self) -> str: ...
    @property
    def name_vi(self) -> str: ...
    @property
    def name_en(self) -> str: ...


@dataclass(frozen=True)
class Reading:
    """How a text was understood.

    `value` is None for an empty text (then `problem` is empty too) and for one that is refused.
    `understood` is the number in the language of the page, with what was done to it if anything.
    """

    value: Decimal | None = None
    problem: str = ""
    ambiguous: bool = False
    understood: str = ""


def read_number(text: str, unit: UnitLike | None = None) -> Reading:
    """The number that a person typed for a value in `unit` (None: a numerator or denominator).

    Both ways of writing are taken: 1.234,5 and 1,234.5, thousands also apart by spaces. One mark
    with three digits behind it is `ambiguous`: `1.234` and `1,234`. Then

    - of a unit without decimals (ranks, counts, stages) both are 1234;
    - of per cent and of an index both are 1.234, for thousands of them make no sense;
    - of any other it goes by Vietnamese use: `1.234` is 1234 and `1,234` is 1.234.

    The unit's own symbol or name may stand behind the number. "triệu", "tỷ" and the like multiply
    where amounts are counted (counts, money, numerators). "71/193" is a rank of 71, "50/100" a
    stage of 50. No value has more than 16 digits before the decimal mark or 8 behind it.
    """
    plain = _plain(text)
    if not plain:
        return Reading()
    if problem := _obvious_problem(plain, text):
        return Reading(problem=problem)
    match = _NUMBER.fullmatch(plain)
    if match is None:
        return Reading(problem=_not_a_number(text))
    meaning = number_words.meaning(match["before"].strip(), match["after"].strip(), unit)
    if isinstance(meaning, str):
        return Reading(problem=meaning)
    found = _values(match["digits"])
    if not found:
        return Reading(
            problem=gettext(
                "Không rõ dấu thập phân trong “%(text)s”; hãy ghi như 1234,5 hoặc 1.234,5."
            )
            % {"text": _short(text)}
        )
    ambiguous = len(set(found.values())) > 1
    style = _chosen_style(found, unit, scaled=meaning.factor != 1)
    value = found[style] * Decimal(10) ** int(match["power"] or 0) * meaning.factor
    if match["sign"] == "-":
        value = -value
    return _bounded(value, unit, style=style if ambiguous else "", text=plain)


def read_cell(cell: object, unit: UnitLike | None = None, *, percent: bool = False) -> Reading:
    """The number in a cell of a spreadsheet: text as `read_number`, a number as it is.

    `percent`: the cell shows per cent, so that 0.985 stands for 98,5 %. A binary fraction is taken
    with the 15 digits that spreadsheets show.
    """
    if cell is None or isinstance(cell, str):
        return read_number(cell or "", unit)
    value = Decimal("NaN")
    if isinstance(cell, int | float | Decimal) and not isinstance(cell, bool):
        value = cell if isinstance(cell, Decimal) else Decimal(f"{cell:.15g}")
    if isinstance(cell, dt.date | dt.time | dt.timedelta):
        problem = gettext(
            "Ô này chứa ngày hoặc giờ (%(date)s); có thể Excel đã tự đổi số thành ngày. "
            "Hãy định dạng ô là văn bản rồi ghi lại số."
        ) % {"date": cell}
    elif not value.is_finite():
        problem = _not_a_number(str(cell))
    elif percent and (unit is None or unit.kind not in {"percent", "stage"}):
        problem = gettext(
            "Ô này được định dạng phần trăm (%(number)s %%) nhưng ở đây không ghi phần trăm."
        ) % {"number": write_number(value * 100)}
    else:
        return _bounded(value * 100 if percent else value, unit, rounded=True)
    return Reading(problem=problem)


def write_number(value: Decimal, language: str | None = None) -> str:
    """All digits of a number, in Vietnamese (1.234,5) or English (1,234.5); none is lost."""
    text = f"{value:,f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    if text == "-0":
        text = "0"
    if not (language or get_language() or "vi").startswith("en"):
        text = text.translate(str.maketrans(",.", ".,"))
    return text.replace("-", "\u2212")


def _plain(text: str) -> str:
    """One line with plain digits, marks and spaces, composed letters, and without hidden signs.

    Not NFKC: that would turn the footnote in 98,5² into a digit.
    """
    signs = []
    for sign in unicodedata.normalize("NFC", text):
        category = unicodedata.category(sign)
        if category == "Nd":
            signs.append(str(unicodedata.decimal(sign)))
        elif category.startswith("Z") or sign in "\t\r\n\x0b\x0c":
            signs.append(" ")
        elif category != "Cf":
            signs.append(sign)
    plain = "".join(signs).translate(_WIDE).translate(_MINUSES)
    plain = " ".join(plain.split())
    plain = plain.removeprefix("'")
    if len(plain) > 1 and plain[0] == plain[-1] == '"':
        plain = plain[1:-1]
    return plain.strip()


def _obvious_problem(plain: str, text: str) -> str:
    """Why the text is not one exact number, where people have a habit of writing it so."""
    words = plain.casefold()
    problem = ""
    if len(plain) > MAX_LENGTH:
        problem = gettext("Quá dài để là một số; phần giải thích hãy ghi ở cột Ghi chú.")
    elif _EXCEL_ERROR.fullmatch(plain):
        problem = gettext("Ô này chứa lỗi của Excel (%(text)s); hãy ghi lại số.") % {"text": plain}
    elif plain.startswith("="):
        problem = gettext("Ô này chứa công thức; hãy ghi kết quả.")
    elif words in number_words.NOTHING:
        problem = gettext(
            "“%(text)s” không phải là số. Nếu chưa có số liệu, hãy chọn “Chưa có số liệu” "
            "và ghi lý do."
        ) % {"text": _short(text)}
    elif _DATE.fullmatch(plain):
        problem = gettext(
            "“%(text)s” giống một ngày; có thể Excel đã tự đổi số thành ngày. Hãy ghi lại số."
        ) % {"text": _short(text)}
    elif re.search(r"\d ?%? ?(?:-|~|đến|to) ?\d", words):
        problem = gettext("“%(text)s” là một khoảng; hãy ghi một số.") % {"text": _short(text)}
    elif words.startswith(number_words.ABOUT):
        problem = gettext(
            "“%(text)s” không phải là số chính xác; hãy ghi đúng số, phần giải thích ghi ở "
            "cột Ghi chú."
        ) % {"text": _short(text)}
    elif re.fullmatch(r"\(.*\d.*\)", plain):
        problem = gettext("Số âm hãy ghi với dấu trừ phía trước, không đặt trong ngoặc.")
    return problem


def _values(digits: str) -> dict[str, Decimal]:
    """What the digits mean in each style of writing that they fit."""
    found = {}
    for style, shape in _SHAPES.items():
        match = shape.fullmatch(digits)
        if match is None or not (match["whole"] or match["decimals"]):
            continue
        whole = re.sub(r"\D", "", match["whole"]) or "0"
        found[style] = Decimal(f"{whole}.{match['decimals'] or '0'}")
    if len(found) > 1:
        # Spaces say nothing where there are none.
        found.pop("spaced", None)
    return found


def _chosen_style(found: dict[str, Decimal], unit: UnitLike | None, *, scaled: bool) -> str:
    """The style to read by; see `read_number`."""
    if len(set(found.values())) > 1 and unit is not None and not scaled:
        by_size = sorted(found, key=lambda style: found[style])
        if unit.kind in {"percent", "index"}:
            return by_size[0]
        if unit.decimals == 0:
            return by_size[-1]
    return next(iter(found))


def _bounded(
    value: Decimal,
    unit: UnitLike | None,
    *,
    style: str = "",
    text: str = "",
    rounded: bool = False,
) -> Reading:
    """The reading of a value, unless it does not fit its column."""
    if rounded and abs(value) < Decimal(10) ** MAX_WHOLE_DIGITS:
        value = round(value, MAX_DECIMALS)
    value = _shortest(value)
    if value.adjusted() >= MAX_WHOLE_DIGITS:
        return Reading(problem=gettext("Số quá lớn; hãy kiểm tra lại đơn vị."))
    if -int(value.as_tuple().exponent) > MAX_DECIMALS:
        return Reading(
            problem=gettext("Có quá nhiều chữ số sau dấu thập phân; nhiều nhất là %(count)s.")
            % {"count": MAX_DECIMALS}
        )
    understood = number_words.with_unit(write_number(value), unit)
    if style:
        thousands = ("." in text) == (style == "vi")
        mark = gettext("dấu chấm") if "." in text else gettext("dấu phẩy")
        words = (
            gettext("%(number)s (%(mark)s ngăn hàng nghìn)")
            if thousands
            else gettext("%(number)s (%(mark)s là dấu thập phân)")
        )
        understood = words % {"number": understood, "mark": mark}
    return Reading(value=value, ambiguous=bool(style), understood=understood)


def _shortest(value: Decimal) -> Decimal:
    """The same number without an exponent and without zeros at the end; zero has no sign."""
    if value == 0:
        return Decimal(0)
    if value.adjusted() > MAX_WHOLE_DIGITS:
        return value
    short = value.normalize()
    return short.quantize(Decimal(1)) if int(short.as_tuple().exponent) > 0 else short


def _not_a_number(text: str) -> str:
    return gettext("“%(text)s” không phải là số; hãy ghi một số, như 98,5.") % {
        "text": _short(text)
    }


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 40 else f"{line[:39]}…"
