"""A database in which a test really commits, for what two connections see of each other."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import psycopg
import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection, transaction
from pytest_django.plugin import DjangoDbBlocker


@pytest.fixture
def transactional_db(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """In place of the fixture of pytest-django, whose flush our tables refuse.

    Afterwards the tables of the domain are empty again; the triggers look away for that.
    """
    with django_db_blocker.unblock():
        yield
        empty_tables()


def empty_tables() -> None:
    """Empty the tables of the domain, the trail's too, while their triggers look away."""
    tables = [
        model._meta.db_table
        for app in ("documents", "targets")
        for model in apps.get_app_config(app).get_models()
    ]
    with transaction.atomic(), connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(f"TRUNCATE {', '.join(tables)} CASCADE")
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def second_connection() -> psycopg.Connection:
    """Another session of the same database, outside Django."""
    given = connection.get_connection_params()
    return psycopg.connect(
        **{name: given[name] for name in ("dbname", "user", "password", "host", "port")}
    )


def manage(*words: str) -> subprocess.CompletedProcess[str]:
    """`manage.py` as a process of its own, on the database of the tests."""
    given = connection.get_connection_params()
    address = "postgresql://{user}:{password}@{host}:{port}/{dbname}".format(**given)
    return subprocess.run(
        [sys.executable, str(settings.BASE_DIR / "manage.py"), *words],
        env={**os.environ, "DATABASE_URL": address},
        cwd=settings.BASE_DIR,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
