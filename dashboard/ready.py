"""The pages that most readers open, made by a worker before they ask."""

from __future__ import annotations

from django.utils import timezone

from dashboard import caching
from dashboard.queries import Query
from dashboard.views import overview, pillars
from targets.models import Pillar, Target


def make_ready() -> int:
    """The Overview and the pillars of today in all languages; returns how many were made."""
    query = Query(today=timezone.localdate())
    pillars_in_use = Pillar.objects.filter(pk__in=Target.objects.active().values("pillar"))
    return caching.make_ready(
        [
            overview.recipe(query),
            pillars.list_recipe(query),
            *(pillars.recipe(pillar.slug, query) for pillar in pillars_in_use),
        ]
    )
