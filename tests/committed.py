"""A database in which a test really commits, for what two connections see of each other."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pgtrigger
import psycopg
import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection
from pytest_django.plugin import DjangoDbBlocker


@pytest.fixture
def transactional_db(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """In place of the fixture of pytest-django, whose flush our tables refuse.

    Afterwards the tables of the domain are empty again; the triggers look away for that.
    """
    with django_db_blocker.unblock():
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
