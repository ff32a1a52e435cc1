"""Search over indicators, targets, organisations and tasks, without accents."""

from __future__ import annotations

from django.db.models import QuerySet

from documents.search import matching
from targets.models import Indicator, OrganisationName, Target, Task


def search_indicators(query: str, *, forgiving: bool = True) -> QuerySet[Indicator]:
    """Indicators by code or name, in either language; if none, by publisher."""
    rows = Indicator.objects.select_related("pillar")
    named = matching(rows, query, "code", "name_vi", "name_en", forgiving=False)
    if named.exists():
        return named
    published = matching(rows, query, "publisher_vi", "publisher_en", forgiving=False)
    if not forgiving or published.exists():
        return published
    return matching(rows, query, "code", "name_vi", "name_en")


def search_targets(query: str, *, forgiving: bool = True) -> QuerySet[Target]:
    """Targets of the catalogue by what is demanded, in our own words, in either language."""
    rows = Target.objects.active().select_related("indicator__pillar")
    return matching(rows, query, "label_vi", "label_en", forgiving=forgiving)


def search_organisations(query: str, *, forgiving: bool = True) -> QuerySet[OrganisationName]:
    """Names that organisations have or had, full or short, in either language."""
    return matching(
        OrganisationName.objects.select_related("organisation"),
        query,
        "organisation__code",
        "name_vi",
        "name_en",
        "full_vi",
        "short_vi",
        "short_en",
        forgiving=forgiving,
    )


def search_tasks(query: str, *, forgiving: bool = True) -> QuerySet[Task]:
    """Tasks of the annex by title, in either language."""
    rows = Task.objects.select_related("document")
    return matching(rows, query, "title_vi", "title_en", forgiving=forgiving)
