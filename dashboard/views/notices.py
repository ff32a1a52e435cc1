"""What the reader was told: the list, and the way from a notice to what it is about."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from dashboard.access import permitted
from dashboard.presenters.notices import notices_page
from targets.models import Notice
from targets.reporting import notices


@require_safe
@permitted()
def notice_list(request: HttpRequest) -> HttpResponse:
    """`/thong-bao/`: what the reader has not opened first, newest first."""
    page = notices_page(_reader(request), request.GET.get("page", ""))
    return render(request, "notices/list.html", {"page": page})


@require_safe
@permitted()
def notice(request: HttpRequest, pk: int) -> HttpResponse:
    """Go to what a notice is about, which is then read. To open it twice changes nothing."""
    found = Notice.objects.filter(user=_reader(request), pk=pk).first()
    if found is None:
        raise Http404(pk)
    if found.read_at is None:
        Notice.objects.filter(pk=pk, read_at=None).update(read_at=timezone.now())
    return HttpResponseRedirect(notices.path(found) or reverse("notice-list"))


@require_POST
@permitted()
def read_all(request: HttpRequest) -> HttpResponse:
    """Everything up to the newest that was shown is read; what came since stays unread."""
    shown = request.POST.get("up_to", "")
    waiting = Notice.objects.filter(user=_reader(request), read_at=None)
    if shown.isascii() and shown.isdigit():
        waiting.filter(pk__lte=min(int(shown), 2**62)).update(read_at=timezone.now())
    return redirect("notice-list")


def _reader(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise Http404
    return request.user


urlpatterns = [
    path("", notice_list, name="notice-list"),
    path("doc-het/", read_all, name="notice-read-all"),
    path("<int:pk>/", notice, name="notice"),
]
