"""What every page needs around its content: theme, as-of date, the sections of the site."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

THEME_COOKIE: Final = "theme"
THEMES: Final = ("light", "dark", "auto")
_YEAR_SECONDS: Final = 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Section:
    """One entry of the navigation; ``path`` decides whether it is the present one."""

    path: str
    text: str | Promise


SECTIONS: Final = (
    Section("/", _("Tổng quan")),
    Section("/tru-cot/", _("Trụ cột")),
    Section("/chi-tieu/", _("Chỉ tiêu")),
    Section("/co-quan/", _("Cơ quan")),
    Section("/dia-phuong/", _("Địa phương")),
    Section("/nhiem-vu/", _("Nhiệm vụ")),
    Section("/van-ban/", _("Văn bản")),
)


def theme_of(request: HttpRequest) -> str:
    """The theme the reader chose; ``auto`` follows the system."""
    chosen = request.COOKIES.get(THEME_COOKIE, "auto")
    return chosen if chosen in THEMES else "auto"


def as_of_date(request: HttpRequest) -> tuple[dt.date | None, bool]:
    """The date of ``?as_of=`` and whether it is good; no date means now.

    A day that is not a date, or lies in the future, is refused: nothing is known of it yet.
    """
    text = request.GET.get("as_of", "").strip()
    if not text:
        return None, True
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        return None, False
    today = timezone.localdate()
    if day > today:
        return None, False
    return (None if day == today else day), True


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor: theme, as-of date and the query that carries it, the navigation."""
    as_of, good = as_of_date(request)
    query = f"?{urlencode({'as_of': as_of.isoformat()})}" if as_of else ""
    present = request.path
    return {
        "theme": theme_of(request),
        "as_of": as_of,
        "as_of_bad": not good,
        "as_of_query": query,
        "today": timezone.localdate(),
        "sections": [
            (
                section.path + query,
                section.text,
                present == section.path
                if section.path == "/"
                else present.startswith(section.path),
            )
            for section in SECTIONS
        ],
        "without_as_of": _without_as_of(request),
    }


def _without_as_of(request: HttpRequest) -> str:
    query = request.GET.copy()
    query.pop("as_of", None)
    return f"{request.path}?{query.urlencode()}" if query else request.path


@require_POST
def set_theme(request: HttpRequest) -> HttpResponse:
    """Keep the chosen theme in a cookie and go back to the page the reader came from."""
    chosen = request.POST.get("theme", "")
    target = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        target = "/"
    response = HttpResponseRedirect(target)
    if chosen in THEMES:
        response.set_cookie(
            THEME_COOKIE, chosen, max_age=_YEAR_SECONDS, samesite="Lax", secure=request.is_secure()
        )
    return response
