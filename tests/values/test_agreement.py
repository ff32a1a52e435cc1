"""The loader and the plain second implementation agree, file after file, on random files."""

from __future__ import annotations

import csv
import datetime as dt
import io
import random
import unicodedata
from pathlib import Path

import pytest

from targets.models import Indicator, Observation, Organisation, Series, Unit
from targets.values.loading import Loaded, ValuesError, load_observations
from targets.values.staging import COLUMNS, REQUIRED
from tests.factory import make
from tests.values.naive import Store, World

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 11, 22, 2, tzinfo=dt.UTC)
WORLD = World(
    series={
        ("share", "gso"): ("percent", 100),
        ("share", "mic"): ("percent", 100),
        ("count", "gso"): ("times", 1),
        ("doctors", "moh"): ("per-10000", 10000),
    },
    organisations={
        "VN": (None, None),
        "BTTTT": (dt.date(2007, 8, 8), dt.date(2025, 2, 28)),
        "moi": (dt.date(2025, 7, 1), None),
    },
)
GOOD = {
    "series": ["gso"],
    "organisation": ["VN", "VN", "moi"],
    "period": ["2024", "2024-H1", "2025-Q3", "2026-02", "2023"],
    "value": ["12.5", "0", "-3", "7", "1000000", "33.333333333333"],
    "vintage": ["", "", "sơ bộ", "chính thức"],
    "published_on": ["", "2025-01-06", "2025-06-30", "2026-12-31"],
    "derived": ["", "yes", "no"],
    "synthetic": ["", "yes", "no"],
    "source_title": ["Niên giám", "Báo cáo, số “1”", 'Trang "A"'],
    "source_url": ["", "https://example.vn/a"],
    "source_publisher": ["", "Cục Thống kê"],
    "caveat_vi": ["", "Ước tính", "hai\ndòng", "dấu phẩy, ở đây"],
    "caveat_en": ["", "Estimate", "\\."],
    "unit": [""],
}
BAD = {
    "indicator": ["", "nothing", "Share"],
    "series": ["mic", "moh", "un", ""],
    "organisation": ["", "vn", "BTTTT", "moi"],
    "period": ["", "2024-13", "24", "2024 Q1", "1899", "2024-Q5", "2005", "2030-H2"],
    "value": ["", "1.234,5", "98,5%", "1e5", "NaN", "1_000", ".5", "5.", "9" * 17, "1" * 41, "٣"],
    "numerator": ["1", "0.00001", "x", "9" * 15],
    "denominator": ["0", "-1", "7", "0.0001", "1" * 17],
    "published_on": ["1/3/2025", "2025-02-30", "20250301", "2024-01-01"],
    "derived": ["Yes", "1"],
    "synthetic": ["có"],
    "source_title": [""],
    "unit": ["percent", "times"],
}


@pytest.fixture(autouse=True)
def _world() -> None:
    units: dict[str, Unit] = {}
    indicators: dict[str, Indicator] = {}
    for (indicator, series), (unit, scale) in WORLD.series.items():
        if unit not in units:
            units[unit] = make(Unit, code=unit, ratio_scale=scale)
        if indicator not in indicators:
            indicators[indicator] = make(Indicator, code=indicator, unit=units[unit])
        make(Series, indicator=indicators[indicator], code=series, official=series != "mic")
    for code, (begin, end) in WORLD.organisations.items():
        make(Organisation, code=code, valid_from=begin, valid_to=end)


def random_row(chance: random.Random, spoiled: float) -> dict[str, str]:
    row = {name: chance.choice(choices) for name, choices in GOOD.items()}
    row["indicator"], row["series"] = chance.choice(list(WORLD.series))
    if row["organisation"] == "moi":
        row["period"] = chance.choice(["2025-Q3", "2026-02", "2025"])
    if chance.random() < 0.4:
        numerator, denominator = chance.choice(
            [
                ("1", "3"),
                ("2", "3"),
                ("-7", "8"),
                ("0", "5"),
                ("123456789012345", "7"),
                ("1.5", "0.25"),
            ]
        )
        row |= {"value": "", "numerator": numerator, "denominator": denominator}
    for name, choices in BAD.items():
        if chance.random() < spoiled:
            row[name] = chance.choice(choices)
    return row


def tidy(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """Without a second row of an edition, older editions first."""
    names = ("indicator", "series", "organisation", "period", "vintage")
    once = {tuple(row[name] for name in names): row for row in rows}
    return sorted(once.values(), key=lambda row: row["published_on"])


def random_file(chance: random.Random) -> bytes:
    spoiled = chance.choice([0, 0, 0.01, 0.05])
    rows = [random_row(chance, spoiled) for _ in range(chance.randint(0, 25))]
    if chance.random() < 0.8:
        rows = tidy(rows)
    columns = [*COLUMNS] if chance.random() < 0.6 else [
        name for name in COLUMNS if name in (*REQUIRED, "value") or chance.random() < 0.6
    ]  # fmt: skip
    if chance.random() < 0.5:
        chance.shuffle(columns)
    out = io.StringIO()
    writer = csv.DictWriter(
        out,
        columns,
        restval="",
        extrasaction="ignore",
        lineterminator=chance.choice(["\n", "\n", "\r\n"]),
        quoting=chance.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    )
    writer.writeheader()
    for row in rows:
        writer.writerow(row)
        if chance.random() < 0.02:
            out.write(chance.choice(["\n", "," * (len(columns) - 1) + "\n"]))
    text = out.getvalue()
    if chance.random() < 0.15:
        text = unicodedata.normalize("NFD", text)
    if chance.random() < 0.15:
        text = text.replace(",", ", ")
    return text.encode("utf-8-sig" if chance.random() < 0.5 else "utf-8")


def stored() -> list[str]:
    return sorted(
        repr((
            (o.series.indicator.code, o.series.code, o.organisation.code, o.period), o.value,
            o.numerator, o.denominator, o.vintage, o.published_on, o.derived, o.synthetic,
            (o.source.title, o.source.url, o.source.publisher), (o.caveat_vi, o.caveat_en),
            o.known_on, o.superseded_at is None,
        ))
        for o in Observation.objects.select_related("series__indicator", "organisation", "source")
    )  # fmt: skip


def expected(store: Store) -> list[str]:
    return sorted(repr((v.key, *v.content(), v.known_on, v.current)) for v in store.versions)


@pytest.mark.parametrize("seed", range(60))
def test_five_files_one_after_another(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    store = Store(WORLD)
    path = tmp_path / "values.csv"
    before = b""
    for number in range(5):
        raw = before if before and chance.random() < 0.2 else random_file(chance)
        path.write_bytes(raw)
        now = NOW + dt.timedelta(days=number)
        want = store.load(raw.decode("utf-8-sig"), now.date())
        try:
            loaded = load_observations(path, now=now)
        except ValuesError as error:
            found = {(problem.place.line, problem.field) for problem in error.problems.found}
            assert found == want
        else:
            assert loaded == Loaded(*want)
            before = raw
        assert stored() == expected(store)
