"""The API under `/api/`: its routes, its schema, and how errors leave it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from dashboard.api import observations, problems, reports
from dashboard.api.auth import TokenAuth, TooManyRequestsError, wanted_language
from dashboard.api.numbers import ExactParser, ExactRenderer
from dashboard.api.problems import ProblemError


class Api(NinjaAPI):
    """Whose answers are for the caller alone."""

    def create_response(self, *args: Any, **kwargs: Any) -> HttpResponse:
        """An answer that is not kept on the way."""
        return problems.private(super().create_response(*args, **kwargs))


# Its own documentation page loads scripts from elsewhere, which a closed network has not.
api = Api(
    title="Thước Đo",
    version="1",
    description=(
        "Reporting and sending values over HTTP: the same permissions, rules and numbers as the "
        "pages. Errors are "
        "problem details (RFC 9457), in Vietnamese or English by Accept-Language."
    ),
    auth=TokenAuth(),
    docs_url=None,
    openapi_url="/openapi.json",
    urls_namespace="api",
    parser=ExactParser(),
    renderer=ExactRenderer(),
)
api.add_router("", reports.router)
api.add_router("", observations.router)


@api.exception_handler(ProblemError)
def _problem(request: HttpRequest, error: ProblemError) -> HttpResponse:
    return problems.answer(request, error.kind, error.detail, **error.more)


@api.exception_handler(AuthenticationError)
def _no_token(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    detail = _("Gửi kèm tiêu đề Authorization: Bearer với một mã còn hạn, chưa thu hồi.")
    return problems.answer(request, "token", detail, {"WWW-Authenticate": "Bearer"})


@api.exception_handler(TooManyRequestsError)
def _too_many(request: HttpRequest, error: TooManyRequestsError) -> HttpResponse:
    detail = ngettext(
        "Quá nhiều yêu cầu trong một phút; thử lại sau %(wait)d giây.",
        "Quá nhiều yêu cầu trong một phút; thử lại sau %(wait)d giây.",
        error.wait,
    ) % {"wait": error.wait}
    return problems.answer(request, "too-many", detail, {"Retry-After": str(error.wait)})


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    detail, errors = problems.invalid(error)
    return problems.answer(request, "invalid", detail, errors=errors)


@api.exception_handler(HttpError)
def _unreadable(request: HttpRequest, error: HttpError) -> HttpResponse:
    return problems.answer(request, "unreadable", _("Nội dung gửi lên không phải JSON hợp lệ."))


#: The routes in words, for people; the schema has them for programs.
ROUTES = (
    (
        "GET /api/reports",
        gettext_lazy(
            "Các báo cáo được xem, hạn nộp muộn nhất trước. Lọc bằng state (draft, submitted, "
            "returned, approved, published) và period; cắt trang bằng limit và offset."
        ),
    ),
    (
        "GET /api/reports/{report_id}",
        gettext_lazy(
            "Một báo cáo: từng ô với định nghĩa, đơn vị, các giá trị đã công bố trước đây, phiên "
            "bản, và những gì quy tắc kiểm tra thấy."
        ),
    ),
    (
        "PATCH /api/reports/{report_id}/items",
        gettext_lazy(
            "Ghi nhiều ô một lần, được cả hoặc không ô nào. Mỗi ô nêu seen_version là phiên bản đã "
            "đọc; người khác vừa sửa thì trả 409 với cả hai giá trị. Gửi lại y hệt thì không ghi "
            "thêm gì."
        ),
    ),
    (
        "POST /api/reports/{report_id}/submit",
        gettext_lazy(
            "Gửi báo cáo cho người phê duyệt. Còn lỗi, hoặc cảnh báo chưa có lý do hay ghi chú, "
            "thì không gửi được."
        ),
    ),
    (
        "POST /api/observations",
        gettext_lazy(
            "Gửi số liệu của cơ quan, nhiều nhất 5.000 dòng, được cả hoặc không dòng nào. Cần mã "
            "tạo cho cơ quan và các chỉ tiêu, và tiêu đề Idempotency-Key: gửi lại cùng khoá, cùng "
            "nội dung thì nhận lại câu trả lời cũ, không ghi thêm gì. Giá trị được công bố hoặc "
            "chờ điều phối xem xét tuỳ mức tin cậy của cơ quan."
        ),
    ),
)


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    """What the API does, for people."""
    kinds = [(name, status.value, title) for name, (status, title) in problems.KINDS.items()]
    return render(request, "api/about.html", {"routes": ROUTES, "kinds": kinds})


@csrf_exempt
def nothing_here(request: HttpRequest, rest: str) -> HttpResponse:
    """An address that the API does not have."""
    with translation.override(wanted_language(request)):
        detail = _("API không có địa chỉ này; xem /api/.")
        return problems.answer(request, "not-found", detail)


urlpatterns = [
    path("", about, name="api-about"),
    path("", api.urls),
    path("<path:rest>", nothing_here, name="api-nothing"),
]
