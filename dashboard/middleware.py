"""Middleware of the project."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.middleware.locale import LocaleMiddleware
from django.utils import translation

from targets.trail import acting


class ChosenLocaleMiddleware(LocaleMiddleware):
    """The language that the reader chose on the page (a cookie), else Vietnamese.

    Django's own would follow the browser's list of languages, which on office computers is
    mostly the English default that nobody chose.
    """

    def process_request(self, request: HttpRequest) -> None:
        """Activate the language for this request."""
        wanted = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        known = dict(settings.LANGUAGES)
        translation.activate(wanted if wanted in known else settings.LANGUAGE_CODE)
        request.LANGUAGE_CODE = translation.get_language()

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        """Name the language of the answer."""
        response.headers.setdefault("Content-Language", translation.get_language())
        return response


class TrailMiddleware:
    """What a request changes is by its user and from its address (`targets.trail`).

    The user is looked up when something is written: most requests only read.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request."""
        road = "api" if request.path.startswith("/api/") else "web"
        origin = f"{road} {client_address(request)}".strip()
        with acting(by=lambda: request.user, origin=origin):
            return self.get_response(request)


def client_address(request: HttpRequest) -> str:
    """Where a request came from; behind the proxy that adds it, the last address forwarded."""
    near = str(request.META.get("REMOTE_ADDR", ""))
    proxies: int = getattr(settings, "ALLAUTH_TRUSTED_PROXY_COUNT", 0)
    forwarded = request.headers.get("X-Forwarded-For", "").split(",") if proxies else []
    if len(forwarded) < proxies:
        return near
    try:
        return str(ipaddress.ip_address(forwarded[-proxies].strip())) if proxies else near
    except ValueError:
        return near
