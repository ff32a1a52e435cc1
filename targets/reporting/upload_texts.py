"""What is said of an upload as a whole, and of rows that belong to nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from targets.spreadsheets import refusals

_SENTENCES: Final[Mapping[str, str | Promise]] = {
    "forged": _(
        "Dấu phiên bản trong tệp không đúng hoặc đã bị sửa. Hãy tải mẫu mới ở trang báo cáo rồi "
        "chép số sang."
    ),
    "other_report": _(
        "Tệp này là mẫu của một báo cáo khác. Hãy tải lên ở trang của báo cáo đó, hoặc tải mẫu "
        "của báo cáo này."
    ),
    "other_edition": _(
        "Tệp này là mẫu của lần báo cáo trước. Báo cáo đã được mở lại; hãy tải mẫu mới."
    ),
    "no_heading": _(
        "Không tìm thấy dòng tiêu đề. Bảng cần một cột “Mã” hoặc “Chỉ tiêu” và một cột “Giá trị” "
        "(hoặc “Tử số” và “Mẫu số”). Hãy dùng mẫu của báo cáo, hoặc thêm dòng tiêu đề."
    ),
    "unclear_heading": _(
        "Trang “%(sheet)s” có nhiều cột có thể là cột số liệu: “%(titles)s”. Hãy đổi tiêu đề của "
        "các cột không dùng, hoặc ghi năm báo cáo ở cột cần dùng."
    ),
    "worker": _("Đã thử đọc tệp này nhiều lần mà không xong. Hãy lưu lại dạng .xlsx rồi tải lại."),
    "twice": _("“%(text)s” có nhiều dòng (%(places)s). Hãy giữ một dòng rồi tải lại."),
    "code_and_name_differ": _(
        "Mã và tên ở dòng “%(text)s” chỉ hai chỉ tiêu khác nhau. Hãy sửa mã hoặc tên."
    ),
    "name_of_several": _(
        "Tên “%(text)s” khớp với nhiều dòng của báo cáo. Hãy ghi mã để biết là dòng nào."
    ),
    "not_in_report": _("“%(text)s” không có trong báo cáo này nên được bỏ qua."),
    "total": _("“%(text)s” là dòng tổng nên được bỏ qua."),
    "more_rows": _("và %(count)s dòng nữa không có trong báo cáo."),
}


def sentence(problem: Mapping[str, Any]) -> str:
    """One word on a file, in the active language."""
    code, names = problem["code"], problem["names"]
    if code in _SENTENCES:
        return str(str(_SENTENCES[code]) % names)
    return refusals.sentence(code, names)
