"""The pages are tested over the real catalogue: ``catalogue_db`` instead of ``db``."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine
from django.db import connection, transaction
from pytest_django.plugin import DjangoDbBlocker

from tests import catalogue_database


@pytest.fixture(scope="session")
def catalogue_database_name(
    django_db_modify_db_settings: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[str]:
    """The name of the database with the loaded and judged catalogue; made once for a run."""
    name = f"{connection.settings_dict['TEST']['NAME']}_pages"
    with django_db_blocker.unblock():
        with time_machine.travel(f"{catalogue_database.TODAY}T02:00:00Z"):
            catalogue_database.create(name)
        yield name
        catalogue_database.drop(name)


@pytest.fixture
def catalogue_db(
    catalogue_database_name: str, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """The loaded catalogue on 22 November 2026; what a test writes is rolled back.

    Stands in place of ``db``: a test has either the catalogue or the empty database.
    """
    assert not connection.in_atomic_block, "catalogue_db and db cannot be used together"
    with (
        django_db_blocker.unblock(),
        catalogue_database.connected_to(catalogue_database_name),
        time_machine.travel(f"{catalogue_database.TODAY}T02:00:00Z"),
        transaction.atomic(),
    ):
        yield
        transaction.set_rollback(True)
