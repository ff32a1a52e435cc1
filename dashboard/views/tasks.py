"""The tasks of the annex."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from dashboard.caching import cached_page, fresh_page
from dashboard.presenters.task_query import TaskQuery
from dashboard.presenters.tasks import tasks_page


@require_safe
def task_list(request: HttpRequest) -> HttpResponse:
    """The tasks, filtered by lead (today, or as written), year, group, funding and words."""
    query = TaskQuery.parse(request)
    template = "tasks/list.html"
    if query.q:
        return fresh_page(request, template, lambda: tasks_page(query))
    return cached_page(request, template, lambda: tasks_page(query), query=query)
