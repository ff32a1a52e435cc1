"""What an account's owner does beyond the pages of django-allauth."""

from __future__ import annotations

from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from dashboard.access import permitted


@permitted()
@require_POST
def end_session(request: HttpRequest, pk: int) -> HttpResponse:
    """End one of the reader's own sessions; whoever sits there must sign in again."""
    get_object_or_404(UserSession, pk=pk, user_id=request.user.pk).end()
    messages.success(request, _("Đã kết thúc phiên đăng nhập."))
    return redirect("usersessions_list")


urlpatterns = [path("sessions/<int:pk>/end/", end_session, name="session-end")]
