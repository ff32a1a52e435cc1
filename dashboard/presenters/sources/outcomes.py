"""What came of a run, as a sentence that says what to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboard import formatting
from dashboard.presenters.sources import words
from targets.models import SourceRun

Outcome = SourceRun.Outcome
Status = SourceRun.Status
Detail = Mapping[str, Any]


def result_sentence(run: SourceRun) -> str:
    """One sentence for a run in any state; of a failure with what to do about it."""
    if run.status == Status.WAITING:
        return _("Đang chờ một tiến trình rảnh; lượt này sẽ tự bắt đầu.")
    if run.status == Status.RUNNING:
        return _("Đang lấy và đọc số liệu.")
    if run.status == Status.FAILED:
        return outcome_sentence(run.outcome, run.detail)
    if run.kind == SourceRun.Kind.TRIAL:
        return _("Chạy thử xong: đọc được, không ghi gì vào hệ thống.")
    return _success(run)


def _success(run: SourceRun) -> str:
    if run.status == Status.UNCHANGED and not run.rows_read:
        return _("Nguồn không có gì mới từ lần kiểm tra trước.")
    said = counts(run)
    if not said:
        return _("Đã đọc hết; không có số nào khác với số đã biết.")
    return _("Đã lấy xong: %(numbers)s.") % {"numbers": ", ".join(said)}


def counts(run: SourceRun) -> list[str]:
    """What a run brought about, each number with its word; what is zero is left out."""
    return [
        text % {"count": formatting.number(count, 0)}
        for count, text in (
            (run.added, ngettext("%(count)s số mới", "%(count)s số mới", run.added)),
            (run.revised, ngettext("%(count)s số được sửa", "%(count)s số được sửa", run.revised)),
            (run.held, ngettext("%(count)s số chờ xem xét", "%(count)s số chờ xem xét", run.held)),
            (
                run.rejected,
                ngettext("%(count)s dòng bị loại", "%(count)s dòng bị loại", run.rejected),
            ),
        )
        if count
    ]


def outcome_sentence(outcome: str, detail: Detail) -> str:
    """Why a run failed and what to do, from the outcome's name and its detail.

    Nothing was changed by such a run. Raises KeyError for an outcome without a sentence.
    """
    return _SENTENCES[Outcome(outcome)](detail)


def short_outcome(outcome: str) -> str:
    """The outcome in a few words, for lists; "" for none."""
    return str(Outcome(outcome).label) if outcome else ""


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
    where = _text(detail, "host", "address", "url")
    if not where:
        return _(
            "Địa chỉ của nguồn, hoặc nơi nó chuyển tới, không nằm trong danh sách được phép. Nhờ "
            "người vận hành thêm máy chủ vào PULL_HOSTS, hoặc sửa địa chỉ."
        )
    return _(
        "Không được phép đến %(where)s. Nếu đúng là nơi công bố, nhờ người vận hành thêm vào "
        "PULL_HOSTS (mạng riêng: PULL_PRIVATE_NETWORKS); nếu không, sửa địa chỉ của nguồn."
    ) % {"where": where}


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
    seconds = detail.get("seconds", detail.get("limit"))
    if isinstance(seconds, int | float):
        return _(
            "Nguồn trả lời quá chậm, quá %(span)s. Lượt sau sẽ thử lại; nếu lặp lại, hãy chọn giờ "
            "khác hoặc chia nhỏ yêu cầu."
        ) % {"span": words.span(seconds)}
    return _(
        "Nguồn trả lời quá chậm. Lượt sau sẽ thử lại; nếu lặp lại, hãy chọn giờ khác hoặc chia "
        "nhỏ yêu cầu."
    )


def _cut(detail: Detail) -> str:
    got, promised = detail.get("received"), detail.get("expected")
    if isinstance(got, int) and isinstance(promised, int):
        return _(
            "Kết nối đứt giữa chừng: nhận %(got)s trong %(whole)s. Không dùng phần đã nhận; lượt "
            "sau sẽ lấy lại từ đầu."
        ) % {"got": words.size(got), "whole": words.size(promised)}
    return _("Kết nối đứt giữa chừng. Không dùng phần đã nhận; lượt sau sẽ lấy lại từ đầu.")


def _bad_status(detail: Detail) -> str:
    status = _text(detail, "status")
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
    wait = detail.get("retry_after", detail.get("wait"))
    if isinstance(wait, int | float):
        return _(
            "Nguồn yêu cầu chờ %(span)s rồi mới hỏi lại; hệ thống sẽ chờ. Nếu lặp lại, hãy giãn "
            "lịch ra."
        ) % {"span": words.span(wait)}
    return _("Nguồn yêu cầu chờ rồi mới hỏi lại; hệ thống sẽ chờ. Nếu lặp lại, hãy giãn lịch ra.")


def _credential(detail: Detail) -> str:
    name, status = _text(detail, "name"), _text(detail, "status")
    if status:
        return _(
            "Nguồn không nhận thông tin xác thực (%(status)s). Nhờ người vận hành kiểm tra hạn và "
            "quyền của bí mật, hoặc xin cấp lại."
        ) % {"status": status}
    if name:
        return _(
            "Môi trường chưa có bí mật “%(name)s”. Nhờ người vận hành đặt biến của nó rồi chạy lại."
        ) % {"name": name}
    return _("Bí mật để vào nguồn còn thiếu hoặc bị từ chối. Nhờ người vận hành kiểm tra.")


def _too_large(detail: Detail) -> str:
    limit = detail.get("limit", detail.get("most_bytes", detail.get("most")))
    if isinstance(limit, int):
        return _(
            "Nguồn gửi nhiều hơn %(limit)s là mức cho phép. Hãy thu hẹp yêu cầu; nếu dữ liệu lớn "
            "thật, nâng kích thước tối đa của nguồn."
        ) % {"limit": words.size(limit)}
    return _(
        "Nguồn gửi nhiều hơn mức cho phép. Hãy thu hẹp yêu cầu; nếu dữ liệu lớn thật, nâng kích "
        "thước tối đa của nguồn."
    )


def _bad_type(detail: Detail) -> str:
    found = _text(detail, "content_type", "found", "type")
    if found:
        return _(
            "Nguồn gửi %(found)s thay vì số liệu, thường là một trang web báo lỗi. Hãy mở địa chỉ "
            "để xem, rồi sửa."
        ) % {"found": found}
    return _("Nguồn gửi thứ khác thay vì số liệu. Hãy mở địa chỉ để xem, rồi sửa.")


def _unreadable(detail: Detail) -> str:
    why = _text(detail, "message", "why", "problem", "reason")
    if why:
        return _(
            "Không đọc được nội dung: %(why)s. Nếu lượt sau vẫn vậy, nguồn đã đổi cách viết: hãy "
            "sửa tuỳ chọn rồi thử."
        ) % {"why": why.rstrip(".")}
    return _(
        "Không đọc được nội dung. Nếu lượt sau vẫn vậy, nguồn đã đổi cách viết: hãy sửa tuỳ chọn "
        "rồi thử."
    )


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
    return _(
        "Nguồn thiếu cột hoặc đã đổi tên cột. Không lấy gì. Hãy sửa cách hiểu dữ liệu cho khớp, "
        "thử, rồi lấy lại."
    )


def _period_missing(detail: Detail) -> str:
    missing = _list(detail, "missing", "periods", "period")
    if missing:
        return _(
            "Nguồn thiếu kỳ phải có: %(missing)s. Không lấy gì. Hãy hỏi nơi công bố; nếu họ bỏ kỳ "
            "đó thật, bỏ nó khỏi những gì phải có."
        ) % {"missing": missing}
    return _(
        "Nguồn thiếu kỳ phải có. Không lấy gì. Hãy hỏi nơi công bố; nếu họ bỏ kỳ đó thật, bỏ nó "
        "khỏi những gì phải có."
    )


def _misconfigured(detail: Detail) -> str:
    why = _text(detail, "message", "why", "problem", "reason", "error")
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
