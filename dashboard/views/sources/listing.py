"""The list of data sources and the page of each: public, with more for those who watch them."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from dashboard.access import permitted, signed_in
from dashboard.presenters.sources.listing import SourcesQuery, sources_page
from dashboard.presenters.sources.source import Viewer, source_page
from targets.models import DataSource, SourceRun
from targets.permissions import allowed
from targets.sources.runs import running
from targets.sources.runs.running import NotNowError, SourceBusyError


def get_source(slug: str) -> DataSource:
    """The source of an address."""
    return DataSource.objects.get(slug=slug)


@require_safe
def source_list(request: HttpRequest) -> HttpResponse:
    """`/nguon-so-lieu/`: every source, those that need somebody first."""
    page = sources_page(
        SourcesQuery.parse(request),
        watching=allowed(request.user, "targets.view_runs"),
        reviewing=allowed(request.user, "targets.review_values"),
    )
    return render(request, "sources/list.html", {"page": page})


@require_safe
def source_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """`/nguon-so-lieu/<slug>/`: what it is, its series, its runs."""
    number = request.GET.get("page", "1")
    viewer = Viewer(
        watching=allowed(request.user, "targets.view_runs"),
        pulling=allowed(request.user, "targets.pull_source"),
        reviewing=allowed(request.user, "targets.review_values"),
        editing=allowed(request.user, "targets.edit_sources"),
    )
    try:
        page = source_page(
            slug, viewer, int(number) if number.isdecimal() and len(number) < 6 else 1
        )
    except DataSource.DoesNotExist:
        raise Http404 from None
    return render(request, "sources/source.html", {"page": page})


@require_POST
@permitted("targets.pull_source", obj=get_source)
def pull(request: HttpRequest, source: DataSource) -> HttpResponse:
    """Have a worker read the source now; where a run is on its way already, lead to that one."""
    try:
        run = running.ask(source, kind=SourceRun.Kind.MANUAL, by=signed_in(request))
    except SourceBusyError as refusal:
        messages.info(request, str(refusal))
        going = source.runs.filter(finished_at=None).exclude(kind=SourceRun.Kind.PUSH).first()
        return redirect(going or source)
    except NotNowError as refusal:
        messages.error(request, str(refusal))
        return redirect(source)
    messages.success(request, _("Đã yêu cầu lấy số liệu; trang này tự cập nhật khi xong."))
    return redirect(run)


urlpatterns = [
    path("", source_list, name="data-source-list"),
    path("<slug:slug>/", source_detail, name="data-source"),
    path("<slug:slug>/chay/", pull, name="source-pull"),
]
