"""The database that the tests of the pages look at."""

from __future__ import annotations

import pytest
from django.db import connection
from django.utils import timezone

from targets.models import Assessment, PendingAssessment, Pillar, Target, Task
from tests.catalogue_database import TODAY


def test_holds_the_whole_catalogue_judged(catalogue_db: None) -> None:
    assert Task.objects.count() == 66
    assert Target.objects.active().count() > 200
    judged = Assessment.objects.filter(organisation__code="VN").standing_on(TODAY)
    assert judged.count() == Target.objects.active().count()
    assert not PendingAssessment.objects.exists()


def test_stands_on_the_day_of_its_verdicts(catalogue_db: None) -> None:
    assert timezone.localdate() == TODAY


@pytest.mark.parametrize("time", ["first", "second"])
def test_forgets_what_a_test_wrote(catalogue_db: None, time: str) -> None:
    assert not Pillar.objects.filter(code="written-by-a-test").exists()
    Pillar.objects.create(
        code="written-by-a-test", slug="x", name_vi="x", name_en="x", short_vi="x", short_en="x",
        position=99,
    )  # fmt: skip


@pytest.mark.django_db
def test_leaves_the_empty_database_empty() -> None:
    assert not connection.settings_dict["NAME"].endswith("_pages")
    assert not Target.objects.exists()
