"""Units in which sources publish, and what turns a number in one into the unit of an indicator.

A unit is a size within a dimension; two units of one dimension differ by an exact decimal factor.
Units that measure different things (a rank, points, a rate of growth) have dimensions of their own
and turn into nothing else.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy


class UnitsDifferError(Exception):
    """There is no way from one unit to the other; `sentence` names both."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class _Published(NamedTuple):
    dimension: str
    size: Decimal
    name: Promise


def _unit(dimension: str, size: str, name: Promise) -> _Published:
    return _Published(dimension, Decimal(size), name)


#: Code -> unit. The codes of fixtures/units.yaml, and those that only sources write.
UNITS: Final[dict[str, _Published]] = {
    # Parts of a whole
    "share": _unit("part", "1", gettext_lazy("tỷ lệ từ 0 đến 1")),
    "percent": _unit("part", "0.01", gettext_lazy("phần trăm")),
    "per_thousand_population": _unit("part", "0.001", gettext_lazy("trên một nghìn dân")),
    "per_10k_population": _unit("part", "0.0001", gettext_lazy("trên một vạn dân")),
    "per_100k_population": _unit("part", "0.00001", gettext_lazy("trên một trăm nghìn dân")),
    "per_million_population": _unit("part", "0.000001", gettext_lazy("trên một triệu dân")),
    "share_per_year": _unit("growth", "1", gettext_lazy("tốc độ tăng mỗi năm, 1 là 100 %")),
    "percent_per_year": _unit("growth", "0.01", gettext_lazy("phần trăm mỗi năm")),
    "share_change": _unit("change", "1", gettext_lazy("thay đổi so với gốc, 1 là 100 %")),
    "percent_change": _unit("change", "0.01", gettext_lazy("phần trăm thay đổi so với gốc")),
    # What is counted
    "count": _unit("count", "1", gettext_lazy("số lượng")),
    "thousand": _unit("count", "1000", gettext_lazy("nghìn")),
    "ten_thousand": _unit("count", "10000", gettext_lazy("vạn")),
    "million": _unit("count", "1000000", gettext_lazy("triệu (thẻ, tài khoản, thuê bao)")),
    "billion": _unit("count", "1000000000", gettext_lazy("tỷ (lượt, giao dịch)")),
    "person": _unit("count", "1", gettext_lazy("người")),
    "thousand_persons": _unit("count", "1000", gettext_lazy("nghìn người")),
    "million_persons": _unit("count", "1000000", gettext_lazy("triệu người")),
    # Money
    "vnd": _unit("vnd", "1", gettext_lazy("đồng")),
    "vnd_thousand": _unit("vnd", "1000", gettext_lazy("nghìn đồng")),
    "vnd_million": _unit("vnd", "1000000", gettext_lazy("triệu đồng")),
    "vnd_billion": _unit("vnd", "1000000000", gettext_lazy("tỷ đồng")),
    "vnd_trillion": _unit("vnd", "1000000000000", gettext_lazy("nghìn tỷ đồng")),
    "usd": _unit("usd", "1", gettext_lazy("đô la Mỹ")),
    "usd_thousand": _unit("usd", "1000", gettext_lazy("nghìn đô la Mỹ")),
    "usd_million": _unit("usd", "1000000", gettext_lazy("triệu đô la Mỹ")),
    "usd_billion": _unit("usd", "1000000000", gettext_lazy("tỷ đô la Mỹ")),
    "vnd_per_worker": _unit("vnd/worker", "1", gettext_lazy("đồng trên một lao động")),
    "vnd_thousand_per_worker": _unit(
        "vnd/worker", "1000", gettext_lazy("nghìn đồng trên một lao động")
    ),
    "vnd_million_per_worker": _unit(
        "vnd/worker", "1000000", gettext_lazy("triệu đồng trên một lao động")
    ),
    # Speed and time
    "kbit_per_s": _unit("bit/s", "1000", gettext_lazy("kilobit mỗi giây")),
    "mbit_per_s": _unit("bit/s", "1000000", gettext_lazy("megabit mỗi giây")),
    "gbit_per_s": _unit("bit/s", "1000000000", gettext_lazy("gigabit mỗi giây")),
    "tbit_per_s": _unit("bit/s", "1000000000000", gettext_lazy("terabit mỗi giây")),
    "hours_per_week": _unit("hours", "1", gettext_lazy("giờ mỗi tuần")),
    # Scales
    "index": _unit("index", "1", gettext_lazy("chỉ số (thang 0-1)")),
    "index_100": _unit("index", "0.01", gettext_lazy("chỉ số (thang 0-100)")),
    "score": _unit("score", "1", gettext_lazy("điểm")),
    "rank": _unit("rank", "1", gettext_lazy("thứ hạng")),
    "tier": _unit("tier", "1", gettext_lazy("nhóm xếp hạng")),
    "times": _unit("times", "1", gettext_lazy("lần")),
    "stage": _unit("stage", "1", gettext_lazy("mức hoàn thành (0-100)")),
}
_IN_PERCENT: Final = frozenset({"percent", "percent_per_year", "percent_change"})


def factor(published: str, wanted: str) -> Decimal:
    """What a number in `published` is multiplied by to be in `wanted`; exact.

    Both are codes; an empty `published` is the wanted unit itself.

    >>> factor("per_million_population", "per_10k_population")
    Decimal('0.01')

    Raises UnitsDifferError where they measure different things.
    """
    if published in {"", wanted}:
        return Decimal(1)
    ours, theirs = UNITS.get(wanted), UNITS.get(published)
    if ours is None or theirs is None or ours.dimension != theirs.dimension:
        raise UnitsDifferError(
            _("Không đổi được từ “%(published)s” sang “%(wanted)s”: hai đơn vị đo khác nhau.")
            % {"published": _name(published), "wanted": _name(wanted)}
        )
    ratio = theirs.size / ours.size
    # Sizes are powers of ten, so that no quotient is cut short.
    return ratio.normalize() if ratio < 1 else ratio.quantize(Decimal(1))


def written_with_percent_sign(unit: str) -> bool:
    """Whether “98,5 %” may stand for a number in this unit."""
    return unit in _IN_PERCENT


def choices() -> list[tuple[str, Promise]]:
    """Codes and names of all units, for a form."""
    return [(code, unit.name) for code, unit in UNITS.items()]


def _name(code: str) -> str:
    return str(UNITS[code].name) if code in UNITS else code
