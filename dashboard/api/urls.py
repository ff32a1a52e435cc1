"""The API under `/api/`: its routes, its schema, and how errors leave it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from dashboard.api import problems, reports
from dashboard.api.auth import TokenAuth, TooManyRequestsError
from dashboard.api.numbers import ExactParser, ExactRenderer
from dashboard.api.problems import ProblemError

# Its own documentation page loads scripts from elsewhere, which a closed network has not.
api = NinjaAPI(
    title="Thước Đo",
    version="1",
    description=(
        "Reporting over HTTP: the same permissions, rules and numbers as the pages. Errors are "
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


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    """What the API does, for people."""
    routes = [
        (method.upper(), f"/api{path_}", operation)
        for path_, operations in api.get_openapi_schema(path_prefix="")["paths"].items()
        for method, operation in operations.items()
    ]
    kinds = [(name, status.value, title) for name, (status, title) in problems.KINDS.items()]
    return render(request, "api/about.html", {"routes": routes, "kinds": kinds})


urlpatterns = [path("", about, name="api-about"), path("", api.urls)]
