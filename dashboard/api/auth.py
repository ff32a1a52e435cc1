"""Who calls: a bearer token and nothing else; cookies of a browser open nothing here."""

from __future__ import annotations

import time
from typing import Final

from django.contrib.auth.models import User
from django.core.cache import cache
from django.http import HttpRequest
from django.utils import translation
from django.utils.translation import get_supported_language_variant
from django.utils.translation import gettext as _
from django.utils.translation.trans_real import parse_accept_lang_header
from ninja.security import HttpBearer

from dashboard.access import lacks_second_factor, refusal
from dashboard.api.problems import ProblemError
from dashboard.middleware import client_address
from targets.models import ApiToken
from targets.permissions import allowed
from targets.tokens import find

#: Requests a minute: of one token, and with wrong tokens from one address.
MOST_REQUESTS: Final = 300
MOST_WRONG: Final = 30
#: Bytes of one request.
LARGEST_BODY: Final = 1_000_000
_MINUTE: Final = 60


class TooManyRequestsError(Exception):
    """The limit of this minute is used up."""

    def __init__(self, wait: int) -> None:
        super().__init__(f"wait {wait} s")
        self.wait = wait


class TokenAuth(HttpBearer):
    """`Authorization: Bearer thuocdo_…`, of an account that takes part in reporting.

    What opens is the person's reports; a token that only sends observations does not.
    """

    def __call__(self, request: HttpRequest) -> User | None:
        """The user, after the limits; None without a good token."""
        translation.activate(wanted_language(request))
        try:
            length = int(request.headers.get("Content-Length") or 0)
        except ValueError:
            length = 0
        if length > LARGEST_BODY:
            raise ProblemError(
                "too-large",
                _("Nhiều nhất %(most)d byte một yêu cầu; hãy chia nhỏ.") % {"most": LARGEST_BODY},
            )
        address = client_address(request)
        if _spent("wrong", address) >= MOST_WRONG:
            raise TooManyRequestsError(_wait())
        user: User | None = super().__call__(request)
        if user is None:
            _spend("wrong", address)
        return user

    def authenticate(self, request: HttpRequest, token: str) -> User | None:
        """The person of the token; from here on the request is theirs."""
        found = find(token)
        if found is None:
            return None
        if _spend("token", str(found.pk)) > MOST_REQUESTS:
            raise TooManyRequestsError(_wait())
        request.user = found.user
        self.admit(found)
        if not allowed(found.user, "targets.use_api"):
            raise ProblemError("forbidden", refusal("targets.use_api"))
        if lacks_second_factor(found.user):
            raise ProblemError(
                "forbidden",
                _("Vai trò của bạn bắt buộc xác thực hai bước; hãy bật trên trang tài khoản."),
            )
        request.__dict__["api_token"] = found
        return found.user

    def admit(self, token: ApiToken) -> None:
        """Refuse a token that is for something else."""
        if token.organisation_id is not None:
            raise ProblemError(
                "forbidden",
                _("Mã này chỉ để gửi số liệu qua POST /api/observations; hãy tạo một mã khác."),
            )


class SendingTokenAuth(TokenAuth):
    """A token that sends observations for its organisation, of somebody who still may."""

    openapi_name = "SendingToken"

    def admit(self, token: ApiToken) -> None:
        """Refuse a token without an organisation, or whose holder lost the role in it."""
        if token.organisation is None:
            raise ProblemError(
                "forbidden",
                _("Mã này không để gửi số liệu; hãy tạo một mã cho cơ quan và các chỉ tiêu."),
            )
        if not allowed(token.user, "targets.push_values", token.organisation):
            raise ProblemError("forbidden", refusal("targets.push_values"))


def token_of(request: HttpRequest) -> ApiToken:
    """The token by which a request came in."""
    found: ApiToken = request.__dict__["api_token"]
    return found


def wanted_language(request: HttpRequest) -> str:
    """The first language of Accept-Language that there is, else Vietnamese."""
    for language, _weight in parse_accept_lang_header(request.headers.get("Accept-Language", "")):
        try:
            return get_supported_language_variant(language)
        except LookupError:
            continue
    return "vi"


def _key(kind: str, whose: str) -> str:
    return f"api:{kind}:{whose}:{int(time.time()) // _MINUTE}"


def _spent(kind: str, whose: str) -> int:
    return int(cache.get(_key(kind, whose), 0))


def _spend(kind: str, whose: str) -> int:
    """Count one more in this minute; how many that makes."""
    key = _key(kind, whose)
    cache.add(key, 0, timeout=2 * _MINUTE)
    try:
        return int(cache.incr(key))
    except ValueError:  # it was thrown out between the two
        return 1


def _wait() -> int:
    return _MINUTE - int(time.time()) % _MINUTE
