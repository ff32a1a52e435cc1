"""From the press of the button to the verdict on the Overview, with nothing left out."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connection
from pytest_django import DjangoDbBlocker

from tests.steps.whole_site import whole_site


def test_a_published_value_changes_the_verdict_on_the_overview_by_itself(
    django_db_modify_db_settings: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder: Path = tmp_path_factory.mktemp("whole")
    with django_db_blocker.unblock():
        name = f"{connection.settings_dict['TEST']['NAME']}_whole"
        with whole_site(name, folder) as site:
            before = site.verdict()
            assert before == "Chưa có số liệu"
            site.offer(100)
            assert site.verdict() == before, "an approved value is not a published one"
            seconds, _after = site.seconds_until("Đạt")
            print(f"\nfrom the button to the Overview: {seconds:.2f} s")
