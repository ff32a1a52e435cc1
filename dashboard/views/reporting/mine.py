"""What is due for the reader."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_safe

from dashboard.access import permitted
from dashboard.presenters.reporting.mine import mine_page


@require_safe
@permitted()
def mine(request: HttpRequest) -> HttpResponse:
    """`/bao-cao/`: the reports of the reader's organisations, and what to do with each."""
    reader = request.user
    if not isinstance(reader, User):
        raise Http404
    page = mine_page(reader, timezone.localtime())
    return render(request, "reporting/mine.html", {"page": page})


urlpatterns = [path("", mine, name="report-list")]
