"""Why a run failed and what to do, one sentence for each outcome.

What a sentence names comes from the run's `detail`, as the parts of a run put it there with a
`SourceError`; a detail that is not there is left out of the sentence.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from dashboard import formatting
from dashboard.presenters.sources import words
from targets.models import SourceRun

Outcome = SourceRun.Outcome
Detail = Mapping[str, Any]


def outcome_sentence(outcome: str, detail: Detail) -> str:
    """Why a run failed and what to do, from the outcome's name and its detail.

    Nothing was changed by such a run. Raises KeyError for an outcome without a sentence.
    """
    return _SENTENCES[Outcome(outcome)](detail)


def _text(detail: Detail, *names: str) -> str:
    """The first of these that the detail has, as a short text; "" for none."""
    for name in names:
        if detail.get(name) not in (None, "", [], {}):
            return str(detail[name])[:300]
    return ""


def _list(detail: Detail, *names: str) -> str:
    for name in names:
        found = detail.get(name)
        if isinstance(found, list | tuple) and found:
            return words.listed([f"“{each}”" for each in found])
        if found:
            return f"“{found}”"
    return ""


def _refused_address(detail: Detail) -> str:
    reason, said = detail.get("reason"), {"where": _text(detail, "host", "address", "url")}
    if reason == "form":
        return _("Địa chỉ của nguồn, hoặc nơi nó chuyển tới, viết sai. Hãy sửa địa chỉ.")
    if reason == "scheme":
        return _("Chỉ được đến bằng http hoặc https, và không từ https sang http. Hãy sửa địa chỉ.")
    if reason == "userinfo":
        return _(
            "Địa chỉ có tên hoặc mật khẩu. Hãy bỏ đi, và dùng bí mật của môi trường để xác thực."
        )
    if reason == "address" and said["where"]:
        return (
            _(
                "%(where)s dẫn vào mạng nội bộ, nơi không được phép đến. Nếu đúng là nguồn, nhờ "
                "người vận hành thêm mạng đó vào PULL_PRIVATE_NETWORKS; nếu không, sửa địa chỉ."
            )
            % said
        )
    if said["where"]:
        return (
            _(
                "%(where)s không nằm trong danh sách được phép. Nếu đúng là nơi công bố, nhờ người "
                "vận hành thêm vào PULL_HOSTS; nếu không, sửa địa chỉ."
            )
            % said
        )
    return _(
        "Địa chỉ của nguồn, hoặc nơi nó chuyển tới, không nằm trong danh sách được phép. Nhờ "
        "người vận hành thêm máy chủ vào PULL_HOSTS, hoặc sửa địa chỉ."
    )


def _no_answer(detail: Detail) -> str:
    where = _text(detail, "host", "url")
    if where:
        return _(
            "Không kết nối được tới %(where)s. Lượt sau sẽ thử lại; nếu kéo dài, hãy kiểm tra địa "
            "chỉ và đường mạng, hoặc hỏi nơi công bố."
        ) % {"where": where}
    return _(
        "Không kết nối được tới nguồn. Lượt sau sẽ thử lại; nếu kéo dài, hãy kiểm tra địa chỉ và "
        "đường mạng, hoặc hỏi nơi công bố."
    )


def _timeout(detail: Detail) -> str:
    return _(
        "Nguồn trả lời quá chậm. Lượt sau sẽ thử lại; nếu lặp lại, hãy chọn giờ khác hoặc chia "
        "nhỏ yêu cầu."
    )


def _cut(detail: Detail) -> str:
    return _("Kết nối đứt giữa chừng. Không dùng phần đã nhận; lượt sau sẽ lấy lại từ đầu.")


def _bad_status(detail: Detail) -> str:
    status = _text(detail, "status")
    if detail.get("reason") in ("redirects", "location"):
        return _("Nguồn chuyển hướng vòng quanh, không đến đâu. Hãy tìm địa chỉ đúng và sửa nguồn.")
    if status in ("404", "410"):
        return _(
            "Nguồn trả lời %(status)s: không còn gì ở địa chỉ này. Hãy tìm địa chỉ mới ở nơi công "
            "bố và sửa nguồn."
        ) % {"status": status}
    if status.startswith("5"):
        return _(
            "Máy chủ của nguồn đang lỗi (%(status)s), đã thử lại. Lượt sau sẽ lấy lại; nếu kéo "
            "dài, hãy báo cho nơi công bố."
        ) % {"status": status}
    if status:
        return _("Nguồn từ chối yêu cầu (%(status)s). Hãy kiểm tra địa chỉ và tuỳ chọn.") % {
            "status": status
        }
    return _("Nguồn từ chối yêu cầu. Hãy kiểm tra địa chỉ và tuỳ chọn.")


def _rate_limited(detail: Detail) -> str:
    wait = detail.get("wait")
    if isinstance(wait, int | float):
        return _(
            "Nguồn yêu cầu chờ %(span)s rồi mới hỏi lại; hệ thống sẽ chờ. Nếu lặp lại, hãy giãn "
            "lịch ra."
        ) % {"span": words.span(wait)}
    return _("Nguồn yêu cầu chờ rồi mới hỏi lại; hệ thống sẽ chờ. Nếu lặp lại, hãy giãn lịch ra.")


def _credential(detail: Detail) -> str:
    name, status = _text(detail, "name"), _text(detail, "status")
    if status or detail.get("reason") == "refused":
        return _(
            "Nguồn không nhận thông tin xác thực (%(status)s). Nhờ người vận hành kiểm tra hạn và "
            "quyền của bí mật, hoặc xin cấp lại."
        ) % {"status": status or "TLS"}
    if name and detail.get("reason") == "missing":
        return _(
            "Môi trường chưa có bí mật “%(name)s”. Nhờ người vận hành đặt biến của nó rồi chạy lại."
        ) % {"name": name}
    if name:
        return _(
            "Bí mật “%(name)s” không dùng được. Nhờ người vận hành xem lại tệp hoặc nội dung."
        ) % {"name": name}
    return _("Bí mật để vào nguồn còn thiếu hoặc bị từ chối. Nhờ người vận hành kiểm tra.")


def _too_large(detail: Detail) -> str:
    limit = detail.get("limit", detail.get("most"))
    if isinstance(limit, int) and "pages" not in detail and "values" not in detail:
        return _(
            "Nguồn gửi nhiều hơn %(limit)s là mức cho phép. Hãy thu hẹp yêu cầu; nếu dữ liệu lớn "
            "thật, nâng kích thước tối đa của nguồn."
        ) % {"limit": words.size(limit)}
    return _(
        "Nguồn gửi nhiều hơn mức cho phép. Hãy thu hẹp yêu cầu; nếu dữ liệu lớn thật, nâng kích "
        "thước tối đa của nguồn."
    )


def _bad_type(detail: Detail) -> str:
    found = _text(detail, "found")
    if found:
        return _(
            "Nguồn gửi %(found)s thay vì số liệu, thường là một trang web báo lỗi. Hãy mở địa chỉ "
            "để xem, rồi sửa."
        ) % {"found": found}
    return _("Nguồn gửi thứ khác thay vì số liệu. Hãy mở địa chỉ để xem, rồi sửa.")


def _unreadable(detail: Detail) -> str:
    code = _text(detail, "reason", "message")
    why = str(_UNREADABLE.get(code, ""))
    if not why and "cells" in detail and "columns" in detail:
        why = _("số ô trong một dòng khác số cột")
    why = why or code
    line = _text(detail, "line", "row")
    if why and line:
        why = _("%(why)s, dòng %(line)s") % {"why": why, "line": line}
    if why:
        return _(
            "Không đọc được nội dung: %(why)s. Nếu lượt sau vẫn vậy, nguồn đã đổi cách viết: hãy "
            "sửa tuỳ chọn rồi thử."
        ) % {"why": why.rstrip(".")}
    return _(
        "Không đọc được nội dung. Nếu lượt sau vẫn vậy, nguồn đã đổi cách viết: hãy sửa tuỳ chọn "
        "rồi thử."
    )


#: What makes a body unreadable, by the code that its readers give it.
_UNREADABLE: Final[dict[str, Promise]] = {
    "coding": gettext_lazy("nén theo cách không biết hoặc hỏng"),
    "http": gettext_lazy("câu trả lời không đúng HTTP"),
    "empty": gettext_lazy("không có gì trong đó"),
    "markup": gettext_lazy("đó là một trang web"),
    "kind": gettext_lazy("không phải CSV hay Excel"),
    "zip": gettext_lazy("tệp nén hỏng"),
    "encoding": gettext_lazy("bảng mã ký tự không đúng như khai báo"),
    "lossy": gettext_lazy("bảng mã đã làm mất dấu tiếng Việt"),
    "charset": gettext_lazy("bảng mã ký tự không đúng như khai báo"),
    "NUL": gettext_lazy("có ký tự rỗng, không phải văn bản"),
    "quotes": gettext_lazy("dấu ngoặc kép mở mà không đóng"),
    "ragged": gettext_lazy("số ô trong một dòng khác số cột"),
    "no line ends": gettext_lazy("một dòng dài bất thường"),
    "nested too deep": gettext_lazy("lồng nhau quá sâu"),
    "json": gettext_lazy("JSON bị cắt hoặc sai"),
    "xml": gettext_lazy("XML bị cắt hoặc sai"),
    "doctype": gettext_lazy("có khai báo kiểu tài liệu hoặc thực thể XML, bị từ chối để an toàn"),
    "not sdmx": gettext_lazy("không phải thông điệp SDMX 2.1 hay 3.0"),
    "sdmx": gettext_lazy("thông điệp SDMX không đúng chuẩn"),
    "no data": gettext_lazy("thông điệp SDMX không chứa số liệu"),
    "no structure": gettext_lazy("thông điệp SDMX không chứa cấu trúc"),
    "broken": gettext_lazy("tệp Excel hỏng"),
    "not_a_workbook": gettext_lazy("tệp không phải bảng tính"),
    "password": gettext_lazy("tệp Excel có mật khẩu"),
    "macros": gettext_lazy("tệp Excel có macro"),
    "links": gettext_lazy("tệp Excel lấy dữ liệu từ tệp khác"),
    "embedded": gettext_lazy("tệp Excel chứa tệp khác"),
    "nested": gettext_lazy("tệp nén nằm trong tệp nén"),
    "strange": gettext_lazy("tệp Excel có thành phần lạ"),
    "path": gettext_lazy("tệp nén trỏ ra ngoài"),
    "binary": gettext_lazy("định dạng .xlsb"),
    "page": gettext_lazy("nguồn trả về trang khác với trang đã hỏi"),
    "published_on": gettext_lazy("ngày công bố không phải là ngày"),
}


def _source_error(detail: Detail) -> str:
    message = _text(detail, "message")
    if message:
        return _(
            "Nguồn trả lời bằng một thông báo lỗi: “%(message)s”. Hãy kiểm tra mã và tuỳ chọn."
        ) % {"message": message.rstrip(".")}
    return _("Nguồn trả lời bằng một thông báo lỗi. Hãy kiểm tra mã và tuỳ chọn.")


def _changed_under_way(detail: Detail) -> str:
    return _(
        "Nguồn đổi nội dung khi đang được đọc, nên không lấy gì. Lượt sau sẽ đọc lại từ đầu; nếu "
        "lặp lại, hãy chọn giờ khác."
    )


def _columns_changed(detail: Detail) -> str:
    missing, found = _list(detail, "missing"), _list(detail, "found")
    twice, series = _list(detail, "twice"), _list(detail, "series")
    if series:
        return _(
            "Không còn dòng nào của %(series)s: nơi công bố có lẽ đã đổi tên. Không lấy gì. Hãy "
            "sửa điều kiện của chuỗi cho khớp, thử, rồi lấy lại."
        ) % {"series": series}
    if missing and found:
        return _(
            "Không thấy %(missing)s; nguồn nay có %(found)s. Không lấy gì. Hãy sửa cách hiểu dữ "
            "liệu cho khớp, thử, rồi lấy lại."
        ) % {"missing": missing, "found": found}
    if missing:
        return _(
            "Không thấy %(missing)s. Không lấy gì. Hãy sửa cách hiểu dữ liệu cho khớp, thử, rồi "
            "lấy lại."
        ) % {"missing": missing}
    if twice:
        return _(
            "Cột %(twice)s có nhiều hơn một. Không lấy gì. Hãy hỏi nơi công bố, hoặc sửa cách hiểu "
            "dữ liệu."
        ) % {"twice": twice}
    return _(
        "Nguồn thiếu cột hoặc đã đổi tên cột. Không lấy gì. Hãy sửa cách hiểu dữ liệu cho khớp, "
        "thử, rồi lấy lại."
    )


def _period_missing(detail: Detail) -> str:
    missing, rows, wanted = (
        _list(detail, "periods"),
        detail.get("rows"),
        detail.get("rows_expected"),
    )
    if missing:
        return _(
            "Nguồn thiếu kỳ phải có: %(missing)s. Không lấy gì. Hãy hỏi nơi công bố; nếu họ bỏ kỳ "
            "đó thật, bỏ nó khỏi những gì phải có."
        ) % {"missing": missing}
    if isinstance(rows, int) and isinstance(wanted, int):
        text = ngettext(
            "Nguồn chỉ có %(count)s số, phải có ít nhất %(wanted)s. Không lấy gì. Hãy hỏi nơi công "
            "bố, hoặc sửa những gì phải có.",
            "Nguồn chỉ có %(count)s số, phải có ít nhất %(wanted)s. Không lấy gì. Hãy hỏi nơi công "
            "bố, hoặc sửa những gì phải có.",
            rows,
        )
        return text % {
            "count": formatting.number(rows, 0),
            "wanted": formatting.number(wanted, 0),
        }
    return _(
        "Nguồn thiếu kỳ phải có. Không lấy gì. Hãy hỏi nơi công bố; nếu họ bỏ kỳ đó thật, bỏ nó "
        "khỏi những gì phải có."
    )


def _misconfigured(detail: Detail) -> str:
    problems = [
        f"{one.get('at')}: {one.get('is')}" if one.get("at") else str(one.get("is"))
        for one in detail.get("problems") or ()
        if isinstance(one, dict)
    ]
    why = words.listed(problems, 3) or _text(detail, "message", "reason")
    if why:
        return _("Nguồn khai báo chưa đúng: %(why)s. Quản trị cần sửa rồi thử.") % {
            "why": why.rstrip(".")
        }
    return _("Nguồn khai báo chưa đúng. Quản trị cần sửa rồi thử.")


def _killed(detail: Detail) -> str:
    return _(
        "Tiến trình bị ngắt giữa chừng, chưa ghi gì. Lượt sau sẽ làm lại từ đầu; không cần làm gì."
    )


def _internal(detail: Detail) -> str:
    return _(
        "Lỗi của chính hệ thống, chưa ghi gì. Người vận hành xem nhật ký của tiến trình vào giờ "
        "này; lượt sau sẽ thử lại."
    )


_SENTENCES: Final[dict[Outcome, Callable[[Detail], str]]] = {
    Outcome.REFUSED_ADDRESS: _refused_address,
    Outcome.NO_ANSWER: _no_answer,
    Outcome.TIMEOUT: _timeout,
    Outcome.CUT: _cut,
    Outcome.BAD_STATUS: _bad_status,
    Outcome.RATE_LIMITED: _rate_limited,
    Outcome.CREDENTIAL: _credential,
    Outcome.TOO_LARGE: _too_large,
    Outcome.BAD_TYPE: _bad_type,
    Outcome.UNREADABLE: _unreadable,
    Outcome.SOURCE_ERROR: _source_error,
    Outcome.CHANGED_UNDER_WAY: _changed_under_way,
    Outcome.COLUMNS_CHANGED: _columns_changed,
    Outcome.PERIOD_MISSING: _period_missing,
    Outcome.MISCONFIGURED: _misconfigured,
    Outcome.KILLED: _killed,
    Outcome.INTERNAL: _internal,
}
