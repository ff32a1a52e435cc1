"""What every page has around its content: theme, as-of date, header and footer.

Header and footer are ordinary templates, but hardly anything in them changes from request to
request, and rendering them would take longer than the content of most pages. So each is
rendered once for every combination that shows (language, theme, section, what the reader may do,
date) with slots like ``[[next]]`` in place of what belongs to one request, and the slots are filled
here.

A signed-in reader costs two queries beside the account itself: roles, and unread notices.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final
from urllib.parse import quote

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.html import escape, format_html, format_html_join
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from dashboard.naming import short_names
from targets.models import Notice
from targets.models.accounts import Role
from targets.people import full_name
from targets.permissions import allowed, roles_of

THEME_COOKIE: Final = "theme"
THEMES: Final = ("light", "dark", "auto")
_YEAR_SECONDS: Final = 365 * 24 * 3600
_SLOT: Final = re.compile(r"\[\[(\w+)\]\]")


@dataclass(frozen=True, slots=True)
class Section:
    """One entry of the navigation; ``path`` decides whether it is the present one."""

    path: str
    text: str | Promise

    def holds(self, path: str) -> bool:
        """Whether a page belongs to this section."""
        return path == "/" if self.path == "/" else path.startswith(self.path)


SECTIONS: Final = (
    Section("/", _("Tổng quan")),
    Section("/tru-cot/", _("Trụ cột")),
    Section("/chi-tieu/", _("Chỉ tiêu")),
    Section("/co-quan/", _("Cơ quan")),
    Section("/dia-phuong/", _("Địa phương")),
    Section("/nhiem-vu/", _("Nhiệm vụ")),
    Section("/van-ban/", _("Văn bản")),
)


@dataclass(frozen=True, slots=True)
class Workplace(Section):
    """One entry of the second bar, for those with a permission."""

    permission: str


WORKPLACES: Final = (
    Workplace("/bao-cao/", _("Báo cáo"), "targets.take_part"),
    Workplace("/bao-cao/cho-duyet/", _("Chờ duyệt"), "targets.view_review_queue"),
    Workplace("/bao-cao/dung-han/", _("Đúng hạn"), "targets.view_timeliness"),
    Workplace("/chi-dao/", _("Chỉ đạo"), "targets.list_directives"),
    Workplace("/nguon-so-lieu/", _("Nguồn số liệu"), "targets.pull_source"),
    Workplace("/nguon-so-lieu/cho-xem-xet/", _("Chờ xem xét"), "targets.review_values"),
    Workplace("/bao-cao/quy-tac/", _("Quy tắc kiểm tra"), "targets.edit_rules"),
    Workplace("/nhat-ky/", _("Nhật ký"), "targets.view_trail"),
    Workplace("/quan-tri/", _("Quản trị"), "targets.administer"),
)


@dataclass(frozen=True, slots=True)
class Appearance:
    """All that the look of header and footer depends on."""

    language: str
    theme: str
    section: str
    at_section: bool
    signed_in: bool
    work: tuple[str, ...]
    as_of: dt.date | None
    as_of_bad: bool
    today: dt.date

    @property
    def as_of_query(self) -> str:
        """The query that carries the as-of date to another page, "" for now."""
        return f"?as_of={self.as_of.isoformat()}" if self.as_of else ""


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


def appearance(request: HttpRequest) -> Appearance:
    """How header and footer look for this request."""
    as_of, good = as_of_date(request)
    holding = [item.path for item in (*SECTIONS, *WORKPLACES) if item.holds(request.path)]
    section = max(holding, key=len, default="")
    user = getattr(request, "user", None) or AnonymousUser()
    return Appearance(
        language=get_language() or settings.LANGUAGE_CODE,
        theme=theme_of(request),
        section=section,
        at_section=section == request.path,
        signed_in=user.is_authenticated,
        work=_work_of(user),
        as_of=as_of,
        as_of_bad=not good,
        today=timezone.localdate(),
    )


def _work_of(user: User | AnonymousUser) -> tuple[str, ...]:
    """The paths of the workplaces that are open to a reader."""
    if not roles_of(user):
        return ()
    return tuple(item.path for item in WORKPLACES if allowed(user, item.permission))


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor: the theme, the as-of date and the query that carries it."""
    as_of, good = as_of_date(request)
    return {
        "theme": theme_of(request),
        "as_of": as_of,
        "as_of_bad": not good,
        "as_of_query": f"?as_of={as_of.isoformat()}" if as_of else "",
        "today": timezone.localdate(),
    }


def _render(template: str, look: Appearance) -> tuple[str, ...]:
    """The template in pieces: text and names of slots in turn."""
    html = render_to_string(
        template,
        {
            "look": look,
            "theme": look.theme,
            "as_of": look.as_of,
            "as_of_bad": look.as_of_bad,
            "as_of_query": look.as_of_query,
            "today": look.today,
            "sections": [
                (item.path + look.as_of_query, item.text, item.path == look.section)
                for item in SECTIONS
            ],
            "workplaces": [
                (item.path, item.text, item.path == look.section)
                for item in WORKPLACES
                if item.path in look.work
            ],
        },
    )
    return tuple(_SLOT.split(html))


_render_once = lru_cache(maxsize=512)(_render)


def _without_as_of(request: HttpRequest) -> str:
    query = request.GET.copy()
    query.pop("as_of", None)
    return escape(f"{request.path}?{query.urlencode()}" if query else request.path)


def hidden_fields(request: HttpRequest, *left_out: str) -> SafeString:
    """The query of the request as hidden inputs, without the parameters named."""
    return format_html_join(
        "",
        '<input type="hidden" name="{}" value="{}">',
        (
            (name, value)
            for name, values in request.GET.lists()
            if name not in left_out
            for value in values
        ),
    )


def _unread(request: HttpRequest) -> str:
    """How many notices the reader has not opened: beside the bell, and in words."""
    reader = request.user
    unread = Notice.objects.filter(read_at=None)
    count = unread.filter(user=reader).count() if isinstance(reader, User) else 0
    if not count:
        return ""
    words = ngettext("%(count)s chưa đọc", "%(count)s chưa đọc", count) % {"count": count}
    return format_html(
        '<span class="n" aria-hidden="true">{}</span><span class="visually-hidden">: {}</span>',
        count if count < 100 else "99+",
        words,
    )


def _person(request: HttpRequest) -> str:
    return escape(full_name(request.user)) if isinstance(request.user, User) else ""


def _roles(request: HttpRequest) -> str:
    """The reader's roles in words, each with its organisation."""
    roles = roles_of(request.user)
    words = [str(role.label) for role in Role if role in roles.system]
    names = short_names(roles.organisations)
    for pk in sorted(roles.organisations, key=names.__getitem__):
        held = [str(role.label) for role in Role if pk in roles.of(role)]
        words.append(f"{', '.join(held)} · {names[pk]}")
    return format_html_join("", "<li>{}</li>", ((word,) for word in words))


_FILLERS: Final[dict[str, Callable[[HttpRequest], str]]] = {
    "csrf": get_token,
    "path": lambda request: escape(request.path),
    "next": lambda request: escape(request.get_full_path()),
    # From the front page everybody is led to their own work (dashboard.accounts).
    "next_quoted": lambda request: (
        "" if (path := request.get_full_path()) == "/" else quote(path, safe="/")
    ),
    "without_as_of": _without_as_of,
    "kept": lambda request: hidden_fields(request, "as_of", "page"),
    # Other pages search within themselves by the same parameter.
    "search": lambda request: escape(
        request.GET.get("q", "") if request.path == reverse("search") else ""
    ),
    "user": lambda request: escape(request.user.get_username()),
    "person": _person,
    "roles": _roles,
    "unread": _unread,
}


def fragment(template: str, request: HttpRequest) -> SafeString:
    """Header or footer for this request."""
    look = appearance(request)
    # While templates are being worked on, a change must show at once.
    pieces = (_render if settings.DEBUG else _render_once)(template, look)
    filled: dict[str, str] = {}
    parts = list(pieces)
    for place in range(1, len(parts), 2):
        slot = parts[place]
        if slot not in filled:
            filled[slot] = _FILLERS[slot](request)
        parts[place] = filled[slot]
    return mark_safe("".join(parts))  # noqa: S308 - the fillers escape


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
