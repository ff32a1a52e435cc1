"""Rows that a run leaves out: why, how many of each reason, and the first of them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from targets.models import RunRejection, SourceRun
from targets.sources.contract import Rejection

#: Rows kept of each reason; all are counted. Of a million wrong rows one needs the first.
LISTED: Final = 200
#: Characters kept of what stood in a cell.
_LONGEST: Final = 200

#: Why a row is left out: code -> sentence. What stood there is shown beside it.
REASONS: Mapping[str, Promise] = MappingProxyType(
    {
        # What the row says cannot be read
        "organisation": _("Không biết đây là cơ quan hay địa phương nào."),
        "ambiguous": _("Tên hoặc mã này chỉ nhiều cơ quan; khai báo rõ trong cách hiểu dữ liệu."),
        "period": _("Không đọc được kỳ; cần dạng như 2024, 2024-Q3 hoặc 2024-07."),
        "number": _("Không đọc được số."),
        "day": _("Không đọc được ngày công bố; cần dạng như 2025-03-01."),
        "unit": _("Không đổi được sang đơn vị của chỉ tiêu."),
        "text": _("Có ký tự không lưu được."),
        # What it says cannot be
        "no-value": _("Cần giá trị, hoặc cả tử số và mẫu số."),
        "half-ratio": _("Có tử số mà không có mẫu số, hoặc ngược lại."),
        "denominator": _("Mẫu số phải lớn hơn 0."),
        "ratio": _("Giá trị không bằng tử số chia mẫu số."),
        "too-large": _("Số quá lớn: nhiều nhất 16 chữ số trước dấu phẩy."),
        "too-fine": _("Tử số, mẫu số có nhiều nhất 4 chữ số thập phân, để tỷ lệ được tính đúng."),
        "not-living": _("Cơ quan này không tồn tại trong kỳ."),
        "level": _("Chỉ tiêu không có ở cấp của cơ quan này."),
        "repeated": _("Cùng chuỗi, cơ quan và kỳ có nhiều giá trị khác nhau trong một lượt."),
        # What is sent to us
        "indicator": _("Không có chỉ tiêu này."),
        "series": _("Chỉ tiêu không có chuỗi số liệu này."),
        "not-own": _("Mã truy cập không được gửi số liệu của cơ quan này."),
        "not-allowed": _("Mã truy cập không được gửi số liệu của chỉ tiêu này."),
    }
)


class Rejections:
    """The rows that a run has left out so far: `counts` by reason, the first of each `listed`."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self._listed: dict[str, list[Rejection]] = defaultdict(list)

    def add(self, place: int, field: str, reason: str, shown: str = "") -> None:
        """Leave a row out. Raises KeyError for a reason that has no sentence."""
        REASONS[reason]
        self.counts[reason] += 1
        listed = self._listed[reason]
        if len(listed) < LISTED:
            listed.append(Rejection(place, field, reason, shown))

    def add_counted(self, reason: str, first: Iterable[Rejection], count: int) -> None:
        """Leave `count` rows out for one reason, of which `first` are as many as will be listed."""
        REASONS[reason]
        self.counts[reason] += count
        listed = self._listed[reason]
        listed.extend(list(first)[: LISTED - len(listed)])

    @property
    def total(self) -> int:
        """How many rows were left out."""
        return self.counts.total()

    @property
    def listed(self) -> list[Rejection]:
        """The first rows of each reason, in the order in which they were read."""
        return sorted(one for rows in self._listed.values() for one in rows)

    def store(self, run: SourceRun) -> None:
        """Keep what is listed beside a run, and set (not save) its counts."""
        RunRejection.objects.bulk_create(
            RunRejection(
                run=run,
                place=one.place,
                field=one.field,
                reason=one.reason,
                shown=one.shown.replace("\0", "\N{REPLACEMENT CHARACTER}")[:_LONGEST],
            )
            for one in self.listed
        )
        run.rejected = self.total
        run.rejections = dict(sorted(self.counts.items()))
