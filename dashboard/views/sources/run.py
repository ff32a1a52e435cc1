"""The page of a run, and what a page of one that goes on asks for."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from dashboard.access import permitted
from dashboard.presenters.sources.outcomes import result_sentence
from dashboard.presenters.sources.run import run_page
from targets.models import SourceRun
from targets.permissions import allowed

#: htmx takes this status of an answer as the word to ask no more.
_STOP_POLLING = 286


def get_run(pk: int) -> SourceRun:
    """The run of an address, with its source."""
    return SourceRun.objects.select_related("data_source", "by").get(pk=pk)


@require_safe
@permitted("targets.view_runs", obj=get_run)
def run_detail(request: HttpRequest, run: SourceRun) -> HttpResponse:
    """`/nguon-so-lieu/luot/<pk>/`: everything of a run."""
    number = request.GET.get("page", "1")
    page = run_page(
        run,
        reviewing=allowed(request.user, "targets.review_values"),
        page=int(number) if number.isdecimal() and len(number) < 6 else 1,
    )
    return render(request, "sources/run.html", {"page": page})


@require_safe
@permitted("targets.view_runs", obj=get_run)
def run_progress(request: HttpRequest, run: SourceRun) -> HttpResponse:
    """Whether it is over; then the word to load the page anew."""
    running = run.finished_at is None
    progress = {"pk": run.pk, "running": running, "sentence": result_sentence(run)}
    answer = render(request, "sources/_run_progress.html", {"page": progress})
    if not running:
        answer.status_code = _STOP_POLLING
        answer.headers["HX-Refresh"] = "true"
    return answer


urlpatterns = [
    path("luot/<int:pk>/", run_detail, name="source-run"),
    path("luot/<int:pk>/tien-do/", run_progress, name="source-run-progress"),
]
