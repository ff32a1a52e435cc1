"""A million rows of one published CSV file, beside a bare COPY of what becomes of them.

Ours: the file as it is published, through adapter, mapping and intake, as a run does it: every cell
read, every rule checked, ranges and jumps too, verdicts asked for, one transaction. Bare: the
finished rows by one COPY into a table with the same columns, indexes and checks. Then the same file
with a tenth of its values revised. The last line is memory: the most that this process had beyond
what it had before, beside what is allowed.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final

from tests.bench.timing import Timing
from tests.bench.values import (
    INDICATORS,
    PERIODS,
    PROVINCES,
    ROWS,
    copy_in,
    copy_out,
    database,
    empty,
    make_bare,
    shortest,
)

LIMIT: Final = 4.0
MEGABYTES: Final = 400.0
_HEADER = "chi_tieu,ma_tinh,ky,gia_tri,tu_so,mau_so,cong_bo\n"


def run() -> Iterator[Timing]:
    """New values, then mostly known ones, each beside a COPY of the rows; then memory."""
    with database(), tempfile.TemporaryDirectory() as folder:
        first, second = Path(folder, "first.csv"), Path(folder, "second.csv")
        write(first)
        write(second, revised=True)
        source = make_source()
        pull(source, first, rows=1)  # what is read once for all
        peaks: list[float] = []

        def take(file: Path, **expected: int) -> None:
            before = _megabytes("VmRSS")
            Path("/proc/self/clear_refs").write_text("5")  # the peak counts from here
            taken = pull(source, file)
            peaks.append(_megabytes("VmHWM") - before)
            assert {name: getattr(taken, name) for name in expected} == expected, taken

        new = partial(take, first, read=ROWS, added=ROWS, held=0)
        empty()
        new()
        rows = copy_out()
        ours, bare = shortest(
            (empty, new), (partial(make_bare, "INCLUDING ALL"), partial(copy_in, rows)), times=2
        )
        again = partial(take, second, read=ROWS, revised=ROWS // 10, held=0)
        (known,) = shortest((lambda: None, again), times=1)
    yield Timing("pull a million values / COPY, same indexes and checks", ours, bare, LIMIT)
    yield Timing("the same, a tenth revised, the rest known", known, bare, LIMIT)
    yield Timing(
        "memory of it, in hundreds of MB / allowed", max(peaks) / 100, MEGABYTES / 100, 1.0
    )


def write(path: Path, *, revised: bool = False, indicators: int = INDICATORS) -> None:
    """A file of values of so many indicators that move slowly; `revised`: every tenth otherwise."""
    number = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(_HEADER)
        for indicator in range(indicators):
            for province in range(PROVINCES):
                for period in PERIODS:
                    number += 1
                    value = 200 + 20 * (int(period[:4]) - 2000) + province
                    value += 7 if revised and number % 10 == 0 else 0
                    cells = f",{value},1000" if indicator % 2 else f"{value / 10},,"
                    day = f"{1 + indicator % 28:02}/12/{period[:4]}"
                    file.write(f"measure-{indicator},{province:02},{period},{cells},{day}\n")


def make_source(**given: Any) -> Any:
    """A source that says how such a file is read, and the bounds that its values must keep."""
    from targets.models import DataSource, Series, SeriesMapping, ValidationRule
    from tests.factory import make

    make(ValidationRule, unit_kind="percent", minimum=0, maximum=100)
    make(ValidationRule, unit_kind="percent", check_kind="jump", bound=15)
    codes = {f"{number:02}": f"province-{number}" for number in range(PROVINCES)}
    mapping = {
        "area": {"field": "ma_tinh", "codes": codes},
        "period": {"field": "ky"},
        "published_on": {"field": "cong_bo"},
    }
    source = make(DataSource, trust="automatic", mapping=mapping, **given)
    for series in Series.objects.select_related("indicator").order_by("indicator_id"):
        code = series.indicator.code
        ratio = int(code.rpartition("-")[2]) % 2
        SeriesMapping.objects.create(
            data_source=source,
            series=series,
            where={"chi_tieu": code},
            value_field="gia_tri",
            numerator_field="tu_so" if ratio else "",
            denominator_field="mau_so" if ratio else "",
        )
    return source


def pull(source: Any, path: Path, *, rows: int | None = None) -> Any:
    """One run over the file, or its first rows: read, mapped and taken in."""
    from itertools import islice

    from django.db import transaction
    from django.utils import timezone

    from targets.models import SourceRun
    from targets.sources.adapters.registry import adapter_of
    from targets.sources.contract import Body
    from targets.sources.reading.mapping import Mapper
    from targets.sources.taking.intake import take_in
    from tests.factory import make

    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    body = Body(path, path.stat().st_size, digest, source.address, "text/csv")
    adapter = adapter_of(source.adapter)
    options = adapter.options.model_validate(source.options)
    now = timezone.now()
    with transaction.atomic():
        mapper = Mapper(source)
        mapped = mapper.rows(adapter.tables(source.address, options, [body]))
        started = make(SourceRun, data_source=source, started_at=now)
        taken = take_in(
            islice(mapped, rows), source=source, run=started, now=now, rejected=mapper.rejections
        )
        mapper.rejections.store(started)
    assert not mapper.rejections.total, mapper.rejections.listed[0]
    return taken


def _megabytes(line: str) -> float:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return float(status.partition(f"{line}:")[2].split()[0]) / 1000
