"""The words around a typed number: units, ranks, "triệu" and "tỷ", and those that mean nothing."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils.translation import get_language, gettext

if TYPE_CHECKING:
    from targets.reporting.numbers import UnitLike

# Written in place of a value that is not there.
NOTHING = frozenset(
    unicodedata.normalize("NFC", words)
    for words in (
        *("-", "--", "---", ".", "..", "...", "…", "x", "?", "n/a", "na", "n.a.", "none", "nil"),
        *("không", "không có", "chưa có", "không có số liệu", "chưa có số liệu", "không áp dụng"),
        *("khong co", "chua co", "khong co so lieu", "chua co so lieu", "no data", "not available"),
    )
)
ABOUT = (
    *("~", "≈", ">", "<", "≥", "≤", "khoảng", "gần", "hơn", "trên", "dưới", "ước", "xấp xỉ"),
    *("about", "over", "under", "approx", "nearly", "around", "ca."),
)
_SCALES = {
    "nghìn": 10**3,
    "ngàn": 10**3,
    "vạn": 10**4,
    "triệu": 10**6,
    "tỷ": 10**9,
    "tỉ": 10**9,
    "thousand": 10**3,
    "million": 10**6,
    "billion": 10**9,
    "bn": 10**9,
    "trillion": 10**12,
    "tn": 10**12,
}
_MONEY = {
    **dict.fromkeys(("đồng", "vnd", "vnđ", "đ", "₫", "dong"), "đồng"),
    **dict.fromkeys(("usd", "$", "us$", "đô la mỹ", "đô la", "đô-la", "us dollars"), "usd"),
}
_PERCENT = frozenset({"%", "phần trăm", "percent", "per cent", "phan tram"})
_RANK = frozenset({"", "#", "hạng", "xếp hạng", "thứ", "đứng thứ", "vị trí", "vị trí thứ", "rank"})
_COUNTED = frozenset({"count", "money"})
_OF_ALL = re.compile(r"/ ?\d{1,3}")
_ORDINAL = frozenset({"st", "nd", "rd", "th"})


@dataclass(frozen=True)
class Meaning:
    """What the number is to be multiplied by."""

    factor: Decimal = Decimal(1)


def meaning(before: str, after: str, unit: UnitLike | None) -> Meaning | str:
    """What the words around a number say of it, or the sentence why they cannot be taken."""
    before, after = before.casefold(), after.casefold()
    if (factor := _plain_factor(before, after, unit)) is not None:
        return Meaning(factor)
    if unit is None or unit.kind in _COUNTED:
        return _scaled(before, after, unit)
    return _refused(before, after, unit)


def _plain_factor(before: str, after: str, unit: UnitLike | None) -> Decimal | None:
    """For words that only repeat what the unit is; None for any others."""
    kind = unit.kind if unit is not None else ""
    if kind == "rank" and before in _RANK:
        plain = not after or after in _ORDINAL or _OF_ALL.fullmatch(after) is not None
        return Decimal(1) if plain else None
    if before:
        return None
    if kind == "percent" and after == "‰":
        return Decimal("0.1")
    repeated = (
        not after
        or after in _own_words(unit)
        or (kind == "percent" and after in _PERCENT)
        or (kind == "stage" and after.replace(" ", "") in {"%", "/100"})
    )
    return Decimal(1) if repeated else None


def with_unit(number: str, unit: UnitLike | None) -> str:
    """The number with its unit's symbol, in the language of the page."""
    if unit is None:
        return number
    english = (get_language() or "vi").startswith("en")
    symbol = unit.symbol_en if english else unit.symbol_vi
    if not symbol:
        return number
    if english and symbol.startswith("%"):
        return f"{number}{symbol}"
    return f"{number}\u202f{symbol}" if symbol.startswith("%") else f"{number}\u00a0{symbol}"


def _own_words(unit: UnitLike | None) -> frozenset[str]:
    if unit is None:
        return frozenset()
    words = (unit.symbol_vi, unit.symbol_en, unit.name_vi, unit.name_en)
    return frozenset(word.casefold() for word in words if word)


def _scaled(before: str, after: str, unit: UnitLike | None) -> Meaning | str:
    """An amount with "triệu" and the like, turned into the unit: 1.200 triệu USD is 1,2 tỷ USD."""
    scale, noun = _split(after)
    if before:
        if noun or before not in _MONEY:
            return _refused(before, after, unit)
        noun = before
    own_scale, own_noun = _split((unit.symbol_vi if unit is not None else "").casefold())
    typed, own = _MONEY.get(noun, noun), _MONEY.get(own_noun, own_noun)
    if typed and typed != own and not own.startswith(f"{typed}/"):
        return _refused(before, after, unit)
    if scale is None:
        # "5 USD" where billions are reported: nobody can tell whether the billions were left out.
        scale = own_scale or 1
        if typed and scale != 1:
            return _refused(before, after, unit)
    return Meaning(Decimal(scale) / Decimal(own_scale or 1))


def _split(words: str) -> tuple[int | None, str]:
    """The product of the words of size in front (None: there is none), and what follows."""
    scale, rest = None, words.split()
    while rest and rest[0] in _SCALES:
        scale = (scale or 1) * _SCALES[rest.pop(0)]
    return scale, " ".join(rest)


def _refused(before: str, after: str, unit: UnitLike | None) -> str:
    if after.startswith("/"):
        return gettext("Đây là một phân số; tử số và mẫu số hãy ghi vào hai ô riêng.")
    if unit is None and after in _PERCENT:
        return gettext("Ô này cần số lượng, không phải phần trăm.")
    if any(sign.isdigit() for sign in after):
        return gettext("Ô này có nhiều hơn một số; hãy ghi một số, phần còn lại ở cột Ghi chú.")
    wanted = with_unit("", unit).strip() or gettext("không kèm đơn vị")
    return gettext("Không hiểu “%(words)s”; hãy chỉ ghi số (đơn vị: %(unit)s).") % {
        "words": f"{before} {after}".strip(),
        "unit": wanted,
    }
