"""The administration's own site: Django's pages, open to the role instead of to a flag."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy

from dashboard.access import refusal
from targets.permissions import allowed


def administers(request: HttpRequest) -> bool:
    """Whether the reader may administer accounts."""
    return allowed(request.user, "targets.administer") or (
        request.user.is_active and request.user.is_superuser
    )


class Administration(admin.AdminSite):
    """Django's site, open to the role instead of to a flag, signed in to like everything else."""

    site_header = gettext_lazy("Quản trị · Thước Đo")
    site_title = gettext_lazy("Quản trị")
    index_title = gettext_lazy("Tài khoản, vai trò và nguồn số liệu")
    enable_nav_sidebar = False

    def has_permission(self, request: HttpRequest) -> bool:
        """Asked before every page."""
        return administers(request)

    def get_urls(self) -> list[Any]:
        """Without what nothing here uses: look-ups for autocompletion, links to other sites."""
        unused = ("autocomplete", "view_on_site")
        return [each for each in super().get_urls() if getattr(each, "name", None) not in unused]

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """No second door: the site's own sign-in, or its refusal."""
        if administers(request):
            return redirect("admin:index")
        if request.user.is_authenticated:
            raise PermissionDenied(refusal("targets.administer"))
        back = request.GET.get("next") or reverse("admin:index")
        return redirect(f"{reverse('account_login')}?{urlencode({'next': back})}")

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Whoever is signed in and not let in is told so, not sent to sign in again."""
        guarded = super().admin_view(view, cacheable)

        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            if request.user.is_authenticated and not administers(request):
                raise PermissionDenied(refusal("targets.administer"))
            return guarded(request, *args, **kwargs)

        return checked

    def logout(  # type: ignore[override]  # redirects, draws nothing
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The one way out."""
        return redirect("account_logout")

    def password_change(  # type: ignore[override]  # redirects, draws nothing
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The one page for it."""
        return redirect("account_change_password")

    def password_change_done(  # type: ignore[override]  # redirects, draws nothing
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The one page for it."""
        return redirect("account_change_password")


site = Administration()


class ForAdministrators:
    """Permissions of Django's own tables play no part; what the trail needs is not deleted."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Whether it is on the first page."""
        return administers(request)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Whether it can be seen."""
        return administers(request)

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Whether one more can be made."""
        return administers(request)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Whether it can be changed."""
        return administers(request)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Whether it can be deleted."""
        return administers(request)
