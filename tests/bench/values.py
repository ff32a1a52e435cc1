"""Loading a million observations, beside a bare COPY of the same rows into an indexed table.

Ours: the CSV file as people send it, with texts for codes, through `load_observations`: every rule
checked, sources and versions kept, verdicts asked for, one transaction. Bare: the finished rows,
with ids for codes, by one COPY into a table made like ours, with the same columns and indexes, and
the same checks or none; it has no trigger and no foreign key (nor has ours: triggers keep its
references). The last line has a file of which nine tenths are known already and a tenth revised.
All run on the embedded server of the tests, in turns, into tables that are empty but for that.
"""

from __future__ import annotations

import datetime as dt
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from dashboard.services import embedded
from tests.bench.timing import Timing

INDICATORS, PROVINCES, YEARS = 250, 40, range(2005, 2025)
PERIODS = [f"{year}{part}" for year in YEARS for part in ("", "-Q1", "-Q2", "-Q3", "-Q4")]
ROWS = INDICATORS * PROVINCES * len(PERIODS)
LIMIT = 3.0
LIMIT_AGAIN = 4.0
TIMES = 3
_DATABASE = f"bench_thuocdo_values_{os.getpid()}"
_HEADER = (
    "indicator,series,organisation,period,value,numerator,denominator,vintage,published_on,derived,"
    "synthetic,source_title,source_url,source_publisher,caveat_vi,caveat_en,unit\n"
)


def run() -> Iterator[Timing]:
    """New values beside a table with checks and without; then a file of mostly known values."""
    with database(), tempfile.TemporaryDirectory() as folder:
        first, second = Path(folder, "first.csv"), Path(folder, "second.csv")
        _write(first)
        _write(second, revised=True)
        _load(first, added=ROWS)
        rows = copy_out()
        checks, plain = "INCLUDING ALL", "INCLUDING INDEXES INCLUDING DEFAULTS INCLUDING IDENTITY"
        ours, checked, unchecked = shortest(
            (empty, partial(_load, first, added=ROWS)),
            (partial(make_bare, checks), partial(copy_in, rows)),
            (partial(make_bare, plain), partial(copy_in, rows)),
        )
        yield Timing("load a million values / COPY, same indexes and checks", ours, checked, LIMIT)
        yield Timing("load a million values / COPY, same indexes", ours, unchecked, LIMIT)
        again, checked = shortest(
            (partial(_start_with, first), partial(_load, second, added=ROWS // 10)),
            (partial(make_bare, checks), partial(copy_in, rows)),
            times=1,
        )
        yield Timing("the same, a tenth revised, the rest known", again, checked, LIMIT_AGAIN)


def _write(path: Path, *, revised: bool = False) -> None:
    """A file of ROWS values, half of them ratios; `revised`: every tenth is another one."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        file.write(_HEADER)
        number = 0
        for indicator in range(INDICATORS):
            for province in range(PROVINCES):
                for period in PERIODS:
                    number += 1
                    value = number % 1000 + (1000 if revised and number % 10 == 0 else 0)
                    parts = f",{value},{1000 + number % 13}" if number % 2 else f"{value / 10},,"
                    file.write(
                        f"measure-{indicator},gso,province-{province},{period},{parts},,"
                        f"{period[:4]}-12-{1 + indicator % 28:02},no,no,"
                        f"Niên giám thống kê năm {period[:4]},https://example.vn/{period[:4]},"
                        "Cục Thống kê,,,percent\n"
                    )


def _load(path: Path, *, added: int) -> None:
    from targets.values.loading import load_observations

    loaded = load_observations(path)
    assert (loaded.read, loaded.added) == (ROWS, added), loaded


def empty() -> None:
    from django.db import connection, transaction

    tables = (
        "targets_observation",
        "targets_publication",
        "targets_heldvalue",
        "targets_pendingassessment",
    )
    with transaction.atomic(), connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(f"TRUNCATE {', '.join(tables)}")
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def _start_with(path: Path) -> None:
    empty()
    _load(path, added=ROWS)


def copy_out() -> bytes:
    from django.db import connection

    out = f"COPY (SELECT {_columns()} FROM targets_observation ORDER BY id) TO STDOUT"
    with connection.cursor() as cursor, cursor.copy(out) as rows:
        return b"".join(rows)


def make_bare(like: str) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bare")
        cursor.execute(f"CREATE TABLE bare (LIKE targets_observation {like})")


def copy_in(rows: bytes) -> None:
    from django.db import connection, transaction

    copy = f"COPY bare ({_columns()}) FROM STDIN"
    with transaction.atomic(), connection.cursor() as cursor, cursor.copy(copy) as sink:
        for start in range(0, len(rows), 1 << 20):
            sink.write(rows[start : start + (1 << 20)])


def _columns() -> str:
    from targets.models import Observation

    return ", ".join(str(f.column) for f in Observation._meta.concrete_fields if not f.primary_key)


def shortest(
    *actions: tuple[Callable[[], None], Callable[[], None]], times: int = TIMES
) -> list[float]:
    """The shortest seconds of the second of each pair, in turns; the first prepares it."""
    from time import perf_counter

    found = [float("inf")] * len(actions)
    for _ in range(times):
        for position, (prepare, action) in enumerate(actions):
            prepare()
            start = perf_counter()
            action()
            found[position] = min(found[position], perf_counter() - start)
    return found


@contextmanager
def database() -> Iterator[None]:
    """Django over a database of its own with a made-up catalogue, on the server of the tests."""
    os.environ["THUOCDO_ENV"] = "test"
    os.environ["DJANGO_SETTINGS_MODULE"] = "dashboard.settings"
    var = Path(__file__).resolve().parents[2] / "var" / "test"
    os.environ["THUOCDO_VAR"] = str(var)
    with embedded(var, durable=False):
        import django

        django.setup()
        from django.core.management import call_command
        from django.db import connection

        from dashboard import env
        from tests import catalogue_database

        # Another benchmark may have set Django up while the server had another port.
        connection.close()
        connection.settings_dict |= env.database("DATABASE_URL")
        catalogue_database.drop(_DATABASE)
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'CREATE DATABASE "{_DATABASE}"')
        try:
            with catalogue_database.connected_to(_DATABASE):
                call_command("migrate", verbosity=0)
                _make_catalogue()
                yield
        finally:
            catalogue_database.drop(_DATABASE)


def _make_catalogue() -> None:
    from targets.models import Indicator, Organisation, Series, Target, Unit
    from tests.factory import make

    unit = make(Unit, code="percent", ratio_scale=100)
    for number in range(INDICATORS):
        levels = ["national", "province"]
        indicator = make(Indicator, code=f"measure-{number}", unit=unit, levels=levels)
        make(Series, indicator=indicator, code="gso", official=True)
        make(Target, indicator=indicator)
    for number in range(PROVINCES):
        begun = dt.date(1997, 1, 1)
        make(Organisation, code=f"province-{number}", kind="province", valid_from=begun)
