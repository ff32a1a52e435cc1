"""Overview and pillars over the full catalogue, beside a view that only renders a constant.

All requests go through the same middleware in the same process, in turns; each time is the best of
many. Warm: the content of the page is in the cache. Cold: the cache is empty; what the worker made
ready lies in the database, as in operation. Unprepared: the data changed a moment ago and no worker
has been there, so that the whole register is read and the page rendered anew; its limit is our own.
"""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from dashboard.services import embedded
from tests.bench.timing import Timing

PAGES = {"Overview": "/", "Pillar": "/tru-cot/kinh-te-so/", "Pillars": "/tru-cot/"}
CONSTANT = "/khong-doi/"
WARM, COLD, UNPREPARED, MOST_QUERIES = 10.0, 40.0, 200.0, 8
TIMES_WARM, TIMES_COLD = 300, 30
_DATABASE = f"bench_thuocdo_pages_{os.getpid()}"
_REDIS_NUMBER = 252  # those of the last slot of the tests


def run() -> Iterator[Timing]:
    """Warm and cold of each page; AssertionError where a warm page needs too many queries."""
    with _site():
        from django.core.cache import cache
        from django.db import connection
        from django.test import Client
        from django.test.utils import CaptureQueriesContext

        from dashboard.ready import make_ready

        client = Client(headers={"accept-encoding": "gzip, br"})  # as browsers ask

        def get(path: str) -> None:
            response = client.get(path)
            assert response.status_code == 200, (path, response.status_code)

        def change_data() -> None:
            cache.clear()
            with connection.cursor() as cursor:
                cursor.execute("UPDATE targets_dataversion SET number = number + 1")

        for name, path in PAGES.items():
            page, constant = partial(get, path), partial(get, CONSTANT)
            make_ready()
            for state, limit, times, before in (
                ("warm", WARM, TIMES_WARM, None),
                ("cold", COLD, TIMES_COLD, cache.clear),
                ("unprepared", UNPREPARED, TIMES_COLD, change_data),
            ):
                if before is not None:
                    before()
                with CaptureQueriesContext(connection) as captured:
                    page()
                    queries = len(captured)
                assert state == "unprepared" or queries <= MOST_QUERIES, (
                    f"{name}: {queries} queries"
                )
                ours, bare = _best(times, page, constant, before=before)
                yield Timing(f"{name}, {state} ({queries} queries)", ours, bare, limit)


def _best(
    times: int, *actions: Callable[[], None], before: Callable[[], None] | None = None
) -> list[float]:
    """The shortest seconds of each action, in turns; `before` each of them, not counted."""
    found = [float("inf")] * len(actions)
    gc.collect()
    for _ in range(times):
        for position, action in enumerate(actions):
            if before is not None:
                before()
            start = time.perf_counter()
            action()
            found[position] = min(found[position], time.perf_counter() - start)
    return found


@contextmanager
def _site() -> Iterator[None]:
    """Django over a database of its own with the real catalogue, on the servers of the tests."""
    os.environ["THUOCDO_ENV"] = "test"
    os.environ["DJANGO_SETTINGS_MODULE"] = "dashboard.settings"
    var = Path(__file__).resolve().parents[2] / "var" / "test"
    os.environ["THUOCDO_VAR"] = str(var)
    with embedded(var, durable=False):
        address = urlsplit(os.environ["REDIS_URL"])
        os.environ["REDIS_URL"] = urlunsplit(address._replace(path=f"/{_REDIS_NUMBER}"))
        import django

        django.setup()
        from django.test import override_settings

        from tests import catalogue_database

        catalogue_database.create(_DATABASE)
        try:
            with (
                catalogue_database.connected_to(_DATABASE),
                override_settings(ROOT_URLCONF="tests.bench.constant"),
            ):
                yield
        finally:
            catalogue_database.drop(_DATABASE)
