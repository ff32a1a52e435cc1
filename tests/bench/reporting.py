"""From publication to the changed verdict on the Overview, on the whole site with an idle worker.

Real parts throughout: gunicorn with the files of production, Valkey, one worker process,
PostgreSQL, the real catalogue. A coordinator presses the button over HTTP; a reader asks for the
Overview until it has the new verdict. The limit is in seconds: the other side is one second.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from dashboard.services import embedded
from tests.bench.timing import Timing

ROUNDS = 7
LIMIT = 2.0
_DATABASE = f"bench_thuocdo_reporting_{os.getpid()}"


def run() -> Iterator[Timing]:
    """The middle and the longest of several publications, each of another value."""
    os.environ["THUOCDO_ENV"] = "test"
    os.environ["DJANGO_SETTINGS_MODULE"] = "dashboard.settings"
    var = Path(__file__).resolve().parents[2] / "var" / "test"
    os.environ["THUOCDO_VAR"] = str(var)
    os.environ.setdefault("THUOCDO_TEST_SLOT", "7")
    with embedded(var, durable=False), tempfile.TemporaryDirectory() as folder:
        import django

        django.setup()
        from django.db import connection

        from dashboard import env
        from tests.steps.whole_site import whole_site

        # Another benchmark may have set Django up while the server had another port.
        connection.close()
        connection.settings_dict |= env.database("DATABASE_URL")
        pressed, answered = [], []
        with whole_site(_DATABASE, Path(folder)) as site:
            for number in range(ROUNDS):
                site.offer(25 if number % 2 else 100)
                site.settle()
                whole, after = site.seconds_to_change()
                pressed.append(whole)
                answered.append(after)
        # The first publication also warms the worker.
        for name, seconds in (
            ("publication to verdict on the Overview, middle", median(pressed[1:])),
            ("the same, longest", max(pressed[1:])),
            ("the same, from the answer to the coordinator", median(answered[1:])),
        ):
            yield Timing(name, seconds, 1.0, LIMIT)
