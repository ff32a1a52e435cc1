"""Figures kept in the database: built by workers, only sent by the pages.

Building looks at all figures of the present, draws those whose numbers or words changed, and notes
for the others that they still hold. Safe to run twice or at once: one builder at a time, the next
finds nothing left to do.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone, translation

from dashboard.models import StoredFigure
from targets.models import DataVersion, Observation, Pillar, Target

# Plotly and pandas are imported where figures are built: web processes only send them.
if TYPE_CHECKING:
    from dashboard.drawing import Drawing, Material

_LOCK = 5_708
_LANGUAGES = tuple(code for code, _name in settings.LANGUAGES)
#: Figures of past days: how many are kept, and for how long.
_PAST_KEPT = 2_000
_PAST_FOR = dt.timedelta(days=2)


def build_figures() -> int:
    """Bring the figures of the present up to date; returns how many were drawn."""
    from dashboard import drawing

    with transaction.atomic():
        _one_at_a_time()
        version = DataVersion.now()
        if _up_to_date(version):
            return 0
        material = drawing.Material.read(timezone.localdate())
        known = {
            (figure.name, figure.language): figure
            for figure in StoredFigure.objects.filter(as_of=None).defer("body")
        }
        wanted = list(_drawings(material, drawing.names(material)))
        drawn = [
            (name, language, one)
            for name, language, one in wanted
            if (name, language) not in known or known[name, language].inputs != one.inputs
        ]
        for name, language, one in drawn:
            _store(name, language, None, version, one)
        gone = known.keys() - {(name, language) for name, language, _one in wanted}
        StoredFigure.objects.filter(pk__in=[known[key].pk for key in gone]).delete()
        StoredFigure.objects.filter(as_of=None).update(data_version=version)
    return len(drawn)


def build_past_figure(name: str, language: str, day: dt.date) -> bool:
    """Build one figure of a past day; False where that day has nothing for it."""
    from dashboard import drawing

    version = DataVersion.now()
    material = drawing.Material.read(day)
    if name not in drawing.names(material):
        return False
    with translation.override(language):
        _store(name, language, day, version, drawing.drawing(material, name))
    return True


def forget_past_figures() -> int:
    """Throw away figures of past days that are old, or too many; returns how many."""
    past = StoredFigure.objects.filter(as_of__isnull=False)
    old = past.filter(built_at__lt=timezone.now() - _PAST_FOR)
    many = past.order_by("-built_at").values("pk")[_PAST_KEPT:]
    return old.delete()[0] + past.filter(pk__in=list(many.values_list("pk", flat=True))).delete()[0]


def exists(name: str) -> bool:
    """Whether a figure of this name will be built, if it is not there yet."""
    sort, _dash, rest = name.partition("-")
    if sort == "pillar":
        return Pillar.objects.filter(slug__in=[rest, rest.removesuffix("-drafts")]).exists()
    if sort not in {"path", "indicator"}:
        return False
    values = Observation.objects.published().filter(
        series__indicator__code=rest, organisation__kind="country"
    )
    if sort == "path":
        values = values.filter(
            series__official=True,
            series__indicator__in=Target.objects.active().values("indicator"),
        )
    return values.exists()


def _drawings(material: Material, names: Iterable[str]) -> Iterator[tuple[str, str, Drawing]]:
    from dashboard import drawing

    for language in _LANGUAGES:
        with translation.override(language):
            for name in names:
                yield name, language, drawing.drawing(material, name)


def _store(name: str, language: str, as_of: dt.date | None, version: int, one: Drawing) -> None:
    with translation.override(language):
        body = json.dumps(one.draw(), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    StoredFigure.objects.update_or_create(
        name=name,
        language=language,
        as_of=as_of,
        defaults={
            "data_version": version,
            "inputs": one.inputs,
            "body": body,
            "built_at": timezone.now(),
        },
    )


def _up_to_date(version: int) -> bool:
    present = StoredFigure.objects.filter(as_of=None)
    return present.exists() and not present.exclude(data_version=version).exists()


def _one_at_a_time() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
