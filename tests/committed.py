"""A database in which a test really commits, for what two connections see of each other."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from django.apps import apps
from django.db import connection
from pytest_django.plugin import DjangoDbBlocker


@pytest.fixture
def committed_db(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Stands in place of ``db``; afterwards the tables of the domain are empty again.

    Django's own way, a flush, fails on tables that refuse to be truncated.
    """
    import pgtrigger

    with django_db_blocker.unblock():
        # pytest-django makes no database for a run in which no test asks for its own fixtures.
        if connection.settings_dict["NAME"] != connection.settings_dict["TEST"]["NAME"]:
            connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        yield
        tables = ", ".join(
            model._meta.db_table
            for app in ("documents", "targets")
            for model in apps.get_app_config(app).get_models()
        )
        with pgtrigger.ignore(), connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE {tables} CASCADE")


def second_connection() -> psycopg.Connection:
    """Another session of the same database, outside Django."""
    given = connection.get_connection_params()
    return psycopg.connect(
        **{name: given[name] for name in ("dbname", "user", "password", "host", "port")}
    )
