"""A second test database, with the real catalogue loaded and judged once for a whole run.

It lies beside the empty database that the other tests roll back or flush: tables that never give
a row up cannot be filled before a test and emptied after it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from targets.assessing import assess_batch
from targets.catalogue.loading import load_catalogue
from targets.values.loading import load_observations

#: The day of the loaded catalogue's verdicts, and of the tests that look at it.
TODAY = dt.date(2026, 11, 22)


@contextmanager
def connected_to(database: str) -> Iterator[None]:
    """Have the default connection, and threads that open one, use another database."""
    before = connection.settings_dict["NAME"]
    _switch(database)
    try:
        yield
    finally:
        _switch(before)


def _switch(database: str) -> None:
    connection.close()
    connection.settings_dict["NAME"] = database


def create(database: str) -> None:
    """Make the database, its tables and the catalogue of ``fixtures/``, and judge its targets."""
    drop(database)
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{database}"')
    with connected_to(database):
        call_command("migrate", verbosity=0)
        fixtures = settings.BASE_DIR / "fixtures"
        load_catalogue(fixtures, today=TODAY)
        for path in sorted((fixtures / "observations").glob("*.csv")):
            load_observations(path, now=timezone.now())
        while assess_batch(today=TODAY).claimed:
            pass


def drop(database: str) -> None:
    """Remove the database, also under the connections of a server that was killed."""
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')
