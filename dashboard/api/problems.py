"""Errors of the API as problem details (RFC 9457), in the language that the program asked for."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from ninja.errors import ValidationError

from dashboard.api.numbers import ExactEncoder

#: The kinds of problems: name -> status and title. The name is the fragment of `type`.
KINDS: Final[Mapping[str, tuple[HTTPStatus, str | Promise]]] = {
    "unreadable": (HTTPStatus.BAD_REQUEST, gettext_lazy("Không đọc được yêu cầu")),
    "token": (HTTPStatus.UNAUTHORIZED, gettext_lazy("Thiếu mã truy cập dùng được")),
    "forbidden": (HTTPStatus.FORBIDDEN, gettext_lazy("Không có quyền")),
    "not-found": (HTTPStatus.NOT_FOUND, gettext_lazy("Không tìm thấy")),
    "conflict": (HTTPStatus.CONFLICT, gettext_lazy("Người khác vừa sửa")),
    "state": (HTTPStatus.CONFLICT, gettext_lazy("Báo cáo không ở bước cho phép việc này")),
    "too-large": (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, gettext_lazy("Yêu cầu quá lớn")),
    "invalid": (HTTPStatus.UNPROCESSABLE_ENTITY, gettext_lazy("Dữ liệu chưa hợp lệ")),
    "findings": (HTTPStatus.UNPROCESSABLE_ENTITY, gettext_lazy("Còn lỗi hoặc cảnh báo")),
    "key-reused": (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        gettext_lazy("Khoá đã dùng cho một yêu cầu khác"),
    ),
    "too-many": (HTTPStatus.TOO_MANY_REQUESTS, gettext_lazy("Quá nhiều yêu cầu")),
}


class ProblemError(Exception):
    """Ends a request with a problem; `more` are members beside the standard ones."""

    def __init__(self, kind: str, detail: str, **more: Any) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail
        self.more = more


def answer(
    request: HttpRequest,
    kind: str,
    detail: str,
    headers: Mapping[str, str] | None = None,
    **more: Any,
) -> HttpResponse:
    """The response of a problem."""
    status, title = KINDS[kind]
    body = {
        "type": f"/api/#{kind}",
        "title": str(title),
        "status": status.value,
        "detail": detail,
        "instance": request.path,
        **more,
    }
    return private(
        HttpResponse(
            json.dumps(body, cls=ExactEncoder, ensure_ascii=False),
            status=status.value,
            content_type="application/problem+json; charset=utf-8",
            headers=dict(headers or {}),
        )
    )


def private(response: HttpResponse) -> HttpResponse:
    """Kept by nobody on the way: it is for one token and in one language."""
    patch_vary_headers(response, ["Authorization", "Accept-Language"])
    response.headers["Cache-Control"] = "no-store"
    return response


def invalid(error: ValidationError) -> tuple[str, Sequence[Mapping[str, str]]]:
    """The sentence for a body that does not fit the schema, and each place as a JSON pointer."""
    errors = []
    for one in error.errors:
        # ("body", "payload", "items", 3, "seen_version"): the name of the parameter is ours.
        where = [str(part) for part in one.get("loc", ())]
        path = where[2:] if where[:1] == ["body"] else where[1:]
        pointer = "#" + "".join(f"/{_escaped(part)}" for part in path)
        errors.append({"pointer": pointer, "detail": str(one.get("msg", ""))})
    return _("Yêu cầu không đúng dạng mà /api/openapi.json mô tả; xem errors."), errors


def _escaped(part: str) -> str:
    return part.replace("~", "~0").replace("/", "~1")
