"""Who gets to a page: `@permitted` before a view, and a second factor before anything else.

Nobody signed in: to the sign-in page and back. Not allowed to know of it: 404. Known but not
allowed: 403 with a sentence that says what to do. Scripts (htmx, fetch) get 401 and the sentence
instead of a page to sign in on, so that what was typed stays where it is.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from targets import permissions
from targets.permissions import Roles, allowed

View = Callable[..., HttpResponseBase]

# By the names of their addresses.
_WITHOUT_SECOND_FACTOR: Final = frozenset(
    {
        "mfa_index",
        "mfa_activate_totp",
        "mfa_add_webauthn",
        "account_reauthenticate",
        "account_logout",
        "account_change_password",
        "account_set_password",
        "set_theme",
        "set_language",
        "health",
    }
)

_REFUSALS: Final[dict[str, str | Promise]] = {
    "targets.enter_report": gettext_lazy(
        "Chỉ người báo cáo của cơ quan nhập được số liệu, khi báo cáo đang nhập hoặc bị trả lại. "
        "Báo cáo đã gửi: hãy rút lại, hoặc nhờ người phê duyệt trả lại."
    ),
    "targets.submit_report": gettext_lazy(
        "Chỉ người báo cáo của cơ quan gửi được báo cáo, khi báo cáo đang nhập hoặc bị trả lại."
    ),
    "targets.withdraw_report": gettext_lazy(
        "Chỉ người báo cáo của cơ quan rút lại được báo cáo, và chỉ khi cơ quan chưa duyệt."
    ),
    "targets.approve_report": gettext_lazy(
        "Chỉ người phê duyệt của cơ quan duyệt được báo cáo đã gửi, và không phải người đã nhập "
        "số liệu của chính báo cáo này. Hãy nhờ một người phê duyệt khác của cơ quan."
    ),
    "targets.return_report": gettext_lazy(
        "Báo cáo đã gửi do người phê duyệt của cơ quan trả lại; báo cáo cơ quan đã duyệt do "
        "điều phối trả lại."
    ),
    "targets.publish_report": gettext_lazy(
        "Chỉ điều phối công bố được báo cáo, sau khi cơ quan đã duyệt."
    ),
    "targets.reopen_report": gettext_lazy("Chỉ điều phối mở lại được báo cáo đã công bố."),
    "targets.view_review_queue": gettext_lazy(
        "Danh sách chờ xác minh dành cho điều phối. Báo cáo của cơ quan bạn ở trang Báo cáo."
    ),
    "targets.create_directive": gettext_lazy("Chỉ lãnh đạo ra được ý kiến chỉ đạo."),
    "targets.answer_directive": gettext_lazy(
        "Chỉ người báo cáo hoặc người phê duyệt của cơ quan nhận ý kiến trả lời được, khi ý kiến "
        "chưa kết thúc."
    ),
    "targets.close_directive": gettext_lazy(
        "Chỉ lãnh đạo kết thúc hoặc rút được ý kiến chỉ đạo, khi ý kiến chưa kết thúc."
    ),
    "targets.reopen_directive": gettext_lazy(
        "Chỉ lãnh đạo yêu cầu trả lời thêm được, khi ý kiến đã được trả lời hoặc đã kết thúc."
    ),
    "targets.view_trail": gettext_lazy(
        "Nhật ký toàn hệ thống dành cho kiểm toán, điều phối và quản trị. Nhật ký của báo cáo và "
        "cơ quan bạn ở trang của báo cáo và cơ quan đó."
    ),
    "targets.export_trail": gettext_lazy("Chỉ kiểm toán xuất được nhật ký."),
    "targets.edit_rules": gettext_lazy("Chỉ quản trị sửa được quy tắc kiểm tra."),
    "targets.view_runs": gettext_lazy(
        "Các lượt lấy số liệu dành cho điều phối, quản trị, lãnh đạo và kiểm toán. Nguồn nào được "
        "kiểm tra khi nào thì ở trang Nguồn số liệu."
    ),
    "targets.pull_source": gettext_lazy(
        "Chỉ điều phối và quản trị lấy được số liệu ngoài lịch. Nguồn đang bật tự chạy theo lịch."
    ),
    "targets.review_values": gettext_lazy("Chỉ điều phối quyết định được các giá trị chờ xem xét."),
    "targets.edit_sources": gettext_lazy("Chỉ quản trị sửa được nguồn số liệu."),
    "targets.push_values": gettext_lazy(
        "Chỉ người báo cáo hoặc người phê duyệt của cơ quan gửi được số liệu của cơ quan đó."
    ),
}


@dataclass(frozen=True)
class Access:
    """What a view demands; kept on it as `access`, where the permission matrix finds it."""

    permission: str | None
    about: Callable[..., Model] | None


class SignInNeededError(Exception):
    """Nobody is signed in."""


def roles_of(user: User | AnonymousUser) -> Roles:
    """The roles of the reader: one query for a request, nothing for nobody."""
    return permissions.roles_of(user)


def permitted(
    permission: str | None = None, *, obj: Callable[..., Model] | None = None
) -> Callable[[View], View]:
    """Let only those to a view who have the permission; None asks for any signed-in person.

    `obj` finds what it is about from those arguments of the URL that it has as parameters, and
    raises DoesNotExist or Http404; the view is given what was found in their place, after the
    request: `@permitted("targets.enter_report", obj=get_report)` with `get_report(pk)` calls
    `view(request, report)`.
    """
    taken = frozenset(inspect.signature(obj).parameters) if obj else frozenset[str]()

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, **arguments: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return _ask_to_sign_in(request)
            if obj is None:
                require(request, permission)
                return view(request, **arguments)
            try:
                found = obj(**{name: arguments.pop(name) for name in taken})
            except ObjectDoesNotExist:
                raise Http404 from None
            require(request, permission, found)
            return view(request, found, **arguments)

        guarded.access = Access(permission, obj)  # type: ignore[attr-defined]
        return guarded

    return decorate


def require(request: HttpRequest, permission: str | None, about: Model | None = None) -> None:
    """Raise Http404 or PermissionDenied unless the reader has the permission."""
    if permission is None or allowed(request.user, permission, about):
        return
    seen = permissions.SEEN_WITH.get(permission)
    if about is not None and (seen is None or not allowed(request.user, seen, about)):
        raise Http404
    raise PermissionDenied(refusal(permission))


def signed_in(request: HttpRequest) -> User:
    """The person who is signed in, as `permitted` made sure."""
    if isinstance(request.user, AnonymousUser):
        raise TypeError("nobody is signed in")
    return request.user


def refusal(permission: str) -> str:
    """Why not, and what to do, in the reader's language."""
    sentence = _REFUSALS.get(permission)
    if sentence is None:
        return _(
            "Tài khoản này chưa có vai trò cần cho trang này. Nếu công việc của bạn cần, hãy nhờ "
            "người quản trị giao vai trò."
        )
    return str(sentence)


def is_script(request: HttpRequest) -> bool:
    """Whether a script of the page asks, which shows a sentence and follows no redirect."""
    return (
        "HX-Request" in request.headers
        or request.headers.get("X-Requested-With") == "XMLHttpRequest"
        or request.get_preferred_type(["text/html", "application/json"]) == "application/json"
    )


def _ask_to_sign_in(request: HttpRequest) -> HttpResponse:
    reading = request.method in ("GET", "HEAD")
    back = request.get_full_path() if reading else _page_of(request)
    address = f"{reverse('account_login')}?{urlencode({'next': back}, safe='/')}"
    if is_script(request):
        sentence = _("Phiên làm việc đã hết. Hãy đăng nhập lại; những gì đã gõ vẫn còn ở đây.")
        return HttpResponse(
            sentence,
            status=401,
            content_type="text/plain; charset=utf-8",
            headers={"X-Sign-In": address},
        )
    return redirect(address)


def _page_of(request: HttpRequest) -> str:
    """The page of this site on which a form stood; the site's first page if it is not told."""
    came_from = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(
        came_from, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        return "/"
    parts = urlsplit(came_from)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


class SecondFactorMiddleware:
    """Leads whoever lacks a second factor that a role demands to setting one up, first of all."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Nothing to do before the address is resolved."""
        return self._get_response(request)

    def process_view(
        self, request: HttpRequest, view: View, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Only what setting up needs, and the way out, stays open."""
        match = request.resolver_match
        if (match and match.url_name in _WITHOUT_SECOND_FACTOR) or not lacks_second_factor(
            request.user
        ):
            return None
        sentence = _(
            "Vai trò của bạn bắt buộc xác thực hai bước. Hãy bật ứng dụng xác thực hoặc khoá truy "
            "cập trước khi làm việc tiếp."
        )
        if is_script(request):
            return HttpResponse(sentence, status=403, content_type="text/plain; charset=utf-8")
        messages.warning(request, sentence)
        return redirect("mfa_index")


def lacks_second_factor(user: User | AnonymousUser) -> bool:
    """Whether a role of this person demands a second factor that has not been set up."""
    return roles_of(user).mfa_required and not is_mfa_enabled(user)
