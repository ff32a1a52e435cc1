"""The types of cells: how each is written in the files, and what to say where it is not."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Annotated

from django.utils.translation import gettext as _
from pydantic import BeforeValidator

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_UNIT = re.compile(r"[a-z0-9]+([-_][a-z0-9]+)*")
_CODE = re.compile(r"[A-Za-z0-9]+(-[A-Za-z0-9]+)*")
_LEVELS = {"national", "ministry", "province"}
_REPORTERS = {"ministry", "province"}


def _text(value: str) -> str:
    if not value:
        raise ValueError(_("không được để trống"))
    return value


def _slug(longest: int) -> Callable[[str], str]:
    def read(value: str) -> str:
        if not _SLUG.fullmatch(value):
            raise ValueError(
                _("«%s»: cần chữ thường không dấu, số và gạch nối, ví dụ digital-economy") % value
            )
        return _no_longer(value, longest)

    return read


def _optional_slug(longest: int) -> Callable[[str], str]:
    read = _slug(longest)
    return lambda value: read(value) if value else ""


def _unit(value: str) -> str:
    if not _UNIT.fullmatch(value):
        raise ValueError(_("«%s»: cần mã một đơn vị, ví dụ percent") % value)
    return _no_longer(value, 50)


def _code(value: str) -> str:
    if not _CODE.fullmatch(value):
        raise ValueError(_("«%s»: cần chữ không dấu, số và gạch nối, ví dụ BKHCN") % value)
    return value


def _no_longer(value: str, longest: int) -> str:
    if len(value) > longest:
        raise ValueError(
            _("«%(value)s»: dài quá %(most)d ký tự") % {"value": value, "most": longest}
        )
    return value


def _yes_no(value: str) -> bool:
    if value not in ("yes", "no", ""):
        raise ValueError(_("«%s»: cần yes hoặc no") % value)
    return value == "yes"


def _whole(value: str) -> int:
    if not re.fullmatch(r"[0-9]{1,4}", value):
        raise ValueError(_("«%s»: cần một số nguyên từ 0 đến 9999, ví dụ 3") % value)
    return int(value)


def _year(value: str) -> int | None:
    if not value:
        return None
    if not re.fullmatch(r"(19|20)[0-9]{2}|2100", value):
        raise ValueError(_("«%s»: cần một năm bốn chữ số, ví dụ 2030") % value)
    return int(value)


def _day(value: str) -> dt.date | None:
    if not value:
        return None
    day = parse_day(value)
    if day is None:
        raise ValueError(_("«%s»: cần một ngày dạng 2025-03-01") % value)
    return day


def _given_day(value: str) -> dt.date:
    day = _day(value)
    if day is None:
        raise ValueError(_("cần một ngày dạng 2025-03-01"))
    return day


def _number(digits: int, places: int) -> Callable[[str], Decimal | None]:
    """At most so many digits before and behind the point: no more than the database keeps."""
    form = re.compile(rf"-?[0-9]{{1,{digits}}}(\.[0-9]{{1,{places}}})?")

    def read(value: str) -> Decimal | None:
        if not value:
            return None
        if not form.fullmatch(value):
            raise ValueError(
                _(
                    "«%(value)s»: cần một số, dấu thập phân là dấu chấm, ví dụ 98.5 "
                    "(nhiều nhất %(digits)d chữ số trước dấu chấm và %(places)d chữ số sau)"
                )
                % {"value": value, "digits": digits, "places": places}
            )
        return Decimal(value)

    return read


def _given_number(digits: int, places: int) -> Callable[[str], Decimal]:
    read = _number(digits, places)

    def given(value: str) -> Decimal:
        number = read(value)
        if number is None:
            raise ValueError(_("không được để trống"))
        return number

    return given


def _levels(value: str) -> tuple[str, ...]:
    parts = tuple(part for part in re.split(r"[\s|;,]+", value) if part)
    if not parts or not set(parts) <= _LEVELS:
        raise ValueError(_("«%s»: cần một hay nhiều trong: national ministry province") % value)
    return parts


def _reporters(value: str) -> tuple[str, ...]:
    parts = tuple(part for part in re.split(r"[\s|;,]+", value) if part)
    if not parts or not set(parts) <= _REPORTERS:
        raise ValueError(_("«%s»: cần một hay cả hai trong: ministry province") % value)
    return parts


def _up_to(most: int) -> Callable[[str], int]:
    def read(value: str) -> int:
        if not re.fullmatch(r"[0-9]{1,2}", value) or not 1 <= int(value) <= most:
            raise ValueError(
                _("«%(value)s»: cần một số nguyên từ 1 đến %(most)d")
                % {"value": value, "most": most}
            )
        return int(value)

    return read


def parse_day(written: str) -> dt.date | None:
    """The day of `2025-03-01`, or None where that is not how it is written."""
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", written):
        return None
    try:
        return dt.date.fromisoformat(written)
    except ValueError:
        return None


Text = Annotated[str, BeforeValidator(_text)]
Slug = Annotated[str, BeforeValidator(_slug(50))]
IndicatorCode = Annotated[str, BeforeValidator(_slug(80))]
TargetKey = Annotated[str, BeforeValidator(_slug(100))]
OptionalTargetKey = Annotated[str, BeforeValidator(_optional_slug(100))]
OptionalSlug = Annotated[str, BeforeValidator(_optional_slug(50))]
UnitCode = Annotated[str, BeforeValidator(_unit)]
Code = Annotated[str, BeforeValidator(_code)]
YesNo = Annotated[bool, BeforeValidator(_yes_no)]
Whole = Annotated[int, BeforeValidator(_whole)]
Year = Annotated[int | None, BeforeValidator(_year)]
Day = Annotated[dt.date | None, BeforeValidator(_day)]
GivenDay = Annotated[dt.date, BeforeValidator(_given_day)]
Number = Annotated[Decimal | None, BeforeValidator(_number(14, 6))]
Scale = Annotated[Decimal, BeforeValidator(_given_number(10, 2))]
Pace = Annotated[Decimal, BeforeValidator(_given_number(2, 4))]
Month = Annotated[int, BeforeValidator(_up_to(12))]
DayOfMonth = Annotated[int, BeforeValidator(_up_to(28))]
Reporters = Annotated[tuple[str, ...], BeforeValidator(_reporters)]
Levels = Annotated[tuple[str, ...], BeforeValidator(_levels)]
