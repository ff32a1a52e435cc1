"""Why a spreadsheet is not read, in a sentence that says what to do."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from targets.spreadsheets.model import RefusedError

_SENTENCES: dict[str, str | Promise] = {
    "size": _("Tệp lớn hơn %(megabytes)s MB. Hãy xoá hình ảnh và trang không cần rồi tải lại."),
    "empty": _("Tệp trống."),
    "kind": _(
        "Nội dung tệp không đúng với đuôi “.%(extension)s”. Hãy mở tệp bằng Excel hoặc "
        "LibreOffice, lưu lại đúng định dạng (.xlsx, .xls, .ods hoặc .csv) rồi tải lại."
    ),
    "extension": _("Chỉ đọc được tệp .xlsx, .xls, .ods và .csv. Hãy lưu lại ở một định dạng đó."),
    "not_a_workbook": _("Tệp này không phải là bảng tính. Hãy chọn tệp .xlsx, .xls, .ods, .csv."),
    "markup": _(
        "Tệp này là trang web hoặc XML mang đuôi bảng tính. Hãy mở bằng Excel, chọn “Lưu thành” "
        "định dạng .xlsx rồi tải lại."
    ),
    "binary": _("Không đọc được định dạng .xlsb. Hãy mở bằng Excel và lưu thành .xlsx."),
    "broken": _("Tệp bị hỏng hoặc không đúng chuẩn. Hãy mở bằng Excel, lưu lại rồi tải lại."),
    "password": _("Tệp có mật khẩu. Hãy bỏ mật khẩu rồi tải lại."),
    "macros": _("Tệp có macro. Hãy lưu thành .xlsx không có macro rồi tải lại."),
    "embedded": _("Tệp chứa tệp khác hoặc đối tượng nhúng. Hãy xoá chúng rồi tải lại."),
    "nested": _("Tệp chứa một tệp nén khác bên trong. Hãy xoá nó rồi tải lại."),
    "strange": _(
        "Tệp chứa thành phần lạ (%(name)s). Hãy mở bằng Excel, lưu thành .xlsx mới rồi tải lại."
    ),
    "links": _(
        "Tệp lấy dữ liệu từ tệp hoặc nguồn khác. Trong Excel: Dữ liệu > Sửa liên kết > Ngắt liên "
        "kết, lưu lại rồi tải lại."
    ),
    "path": _("Tên thành phần trong tệp trỏ ra ngoài tệp, nên tệp bị từ chối."),
    "doctype": _("Tệp khai báo kiểu tài liệu hoặc thực thể XML, nên bị từ chối vì lý do an toàn."),
    "members": _("Tệp có quá nhiều thành phần (nhiều nhất %(count)s)."),
    "ratio": _("Tệp nén quá mức nên bị từ chối. Hãy xoá các dòng và cột thừa rồi lưu lại."),
    "unpacked": _(
        "Khi giải nén, tệp lớn hơn %(megabytes)s MB. Hãy xoá các dòng và cột thừa rồi lưu lại."
    ),
    "sheets": _("Tệp có quá nhiều trang tính (nhiều nhất %(count)s)."),
    "rows": _("Tệp có hơn %(count)s dòng. Hãy xoá các dòng thừa, kể cả dòng trống, rồi lưu lại."),
    "columns": _("Bảng rộng hơn %(count)s cột. Hãy xoá các cột thừa rồi lưu lại."),
    "cells": _("Bảng trải rộng hơn %(count)s ô. Hãy xoá các ô thừa ở xa rồi lưu lại."),
    "encoding": _("Không nhận ra bảng mã chữ của tệp. Hãy lưu lại dạng “CSV UTF-8” hoặc .xlsx."),
    "lossy": _(
        "Tệp đã mất dấu tiếng Việt khi lưu (chữ có dấu thành “?”). Hãy lưu lại dạng “CSV UTF-8” "
        "hoặc .xlsx từ tệp gốc."
    ),
    "memory": _("Đọc tệp này tốn quá nhiều bộ nhớ nên đã dừng. Hãy bớt dòng, cột rồi lưu lại."),
    "time": _("Đọc tệp này mất quá nhiều thời gian nên đã dừng. Hãy bớt dòng, cột rồi lưu lại."),
}


def sentence(code: str, names: dict[str, str | int]) -> str:
    """The sentence of a refusal, in the active language."""
    return str(_SENTENCES[code]) % names


def sentence_of(refusal: RefusedError) -> str:
    """The same of the error itself."""
    return sentence(refusal.code, refusal.names)
