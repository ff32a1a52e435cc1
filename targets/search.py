"""Search over indicators, targets' labels and organisations, without accents."""

from __future__ import annotations

from django.db.models import QuerySet

from documents.search import matching
from targets.models import Indicator, OrganisationName, Task


def search_indicators(query: str) -> QuerySet[Indicator]:
    """Indicators by code, name or publisher, in either language."""
    rows = Indicator.objects.select_related("pillar")
    return matching(rows, query, "code", "name_vi", "name_en", "publisher_vi", "publisher_en")


def search_organisations(query: str) -> QuerySet[OrganisationName]:
    """Names that organisations have or had, full or short, in either language."""
    rows = OrganisationName.objects.select_related("organisation")
    return matching(
        rows, query, "organisation__code", "name_vi", "name_en", "full_vi", "short_vi", "short_en"
    )


def search_tasks(query: str) -> QuerySet[Task]:
    """Tasks of the annex by title, in either language."""
    return matching(Task.objects.all(), query, "title_vi", "title_en")
