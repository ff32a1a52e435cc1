"""What organisations are called today, for pages that are drawn for one reader at a time."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from django.core.cache import cache
from django.db.models import F
from django.utils import timezone

from dashboard import formatting
from targets.models import OrganisationName

# The header of every page asks; a corrected name may take this long to show there.
_SECONDS: Final = 300


def short_names(organisations: Collection[int]) -> dict[int, str]:
    """Short names in the language of the page by id; no query where all are in the cache.

    One that has ended has its last name, one without any name "".
    """
    tongue = "vi" if formatting.vietnamese() else "en"
    today = timezone.localdate()
    keys = {pk: f"short-name:{tongue}:{today}:{pk}" for pk in organisations}
    kept: dict[str, str] = cache.get_many(keys.values())
    names = {pk: kept[key] for pk, key in keys.items() if key in kept}
    missing = keys.keys() - names.keys()
    if missing:
        # Of several names the last to begin wins.
        begun = (
            OrganisationName.objects.filter(organisation__in=missing)
            .exclude(valid_from__gt=today)
            .order_by("organisation_id", F("valid_from").asc(nulls_first=True))
        )
        read = dict.fromkeys(missing, "")
        read |= dict(begun.values_list("organisation_id", f"short_{tongue}"))
        cache.set_many({keys[pk]: name for pk, name in read.items()}, _SECONDS)
        names |= read
    return names
