"""Loading values a second time, as plainly as can be: loops over rows, no database.

Written from the description of the file format and of versions, not from the loader; the two must
agree on any file.
"""

from __future__ import annotations

import calendar
import csv
import datetime as dt
import io
import re
import unicodedata
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Context, Decimal

Key = tuple[str, str, str, str]
EIGHTH = Decimal("1e-8")
EXACT = Context(prec=60, rounding=ROUND_HALF_UP)


@dataclass
class World:
    """The catalogue that values are loaded into."""

    # (indicator, series) -> (unit, what turns a ratio into the unit)
    series: dict[tuple[str, str], tuple[str, int]]
    # organisation -> first and last day
    organisations: dict[str, tuple[dt.date | None, dt.date | None]]


@dataclass
class Version:
    key: Key
    value: Decimal
    numerator: Decimal | None
    denominator: Decimal | None
    vintage: str
    published_on: dt.date | None
    derived: bool
    synthetic: bool
    source: tuple[str, str, str]
    caveats: tuple[str, str]
    known_on: dt.date = dt.date.max
    current: bool = True

    def content(self) -> tuple[object, ...]:
        return (
            self.value, self.numerator, self.denominator, self.vintage, self.published_on,
            self.derived, self.synthetic, self.source, self.caveats,
        )  # fmt: skip


@dataclass
class Store:
    """Every version loaded so far."""

    world: World
    versions: list[Version] = field(default_factory=list)

    def load(self, text: str, today: dt.date) -> tuple[int, int, int, int] | set[tuple[int, str]]:
        """Counts (read, added, revised, unchanged); or the (line, field) of every mistake."""
        rows = list(_rows(text))
        mistakes = {(line, name) for line, row in rows for name in _mistakes(row, self.world)}
        mistakes |= _among_editions(rows)
        if mistakes:
            return mistakes
        fresh = [_version(row, self.world) for _line, row in rows]
        self._infer_known(fresh, today)
        return (len(fresh), *self._apply(fresh))

    def _infer_known(self, fresh: list[Version], today: dt.date) -> None:
        seen = {version.key for version in self.versions}
        every = [*self.versions, *fresh]
        for version in fresh:
            first = version.key not in seen
            seen.add(version.key)
            days = [today]
            if version.published_on:
                days.append(version.published_on)
            elif first:
                days += [
                    other.published_on
                    for other in every
                    if other.published_on
                    and other.key[:3] == version.key[:3]
                    and period(other.key[3])[1] > period(version.key[3])[1]  # type: ignore[index]
                ]
            version.known_on = min(days)

    def _apply(self, fresh: list[Version]) -> tuple[int, int, int]:
        added: list[Version] = []
        revised = unchanged = 0
        last = {version.key: version for version in fresh}
        for version in fresh:
            known = [v for v in self.versions if v.key == version.key]
            current = next((v for v in known if v.current), None)
            older = last[version.key] is not version or (
                current is not None
                and current.vintage != version.vintage
                and current.published_on is not None
                and version.published_on is not None
                and current.published_on > version.published_on
            )
            same = [v for v in known if v.content() == version.content()]
            if (older and same) or any(v.current for v in same):
                unchanged += 1
                continue
            version.current = not older
            added.append(version)
        for version in added:
            for old in self.versions:
                if version.current and old.current and old.key == version.key:
                    old.current = False
                    revised += 1
        self.versions += added
        return len(added), revised, unchanged


def _rows(text: str) -> list[tuple[int, dict[str, str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), skipinitialspace=True)
    header = [cell.strip() for cell in next(reader)]
    found: list[tuple[int, dict[str, str]]] = []
    while True:
        line = reader.line_num + 1
        cells = next(reader, None)
        if cells is None:
            return found
        clean = [unicodedata.normalize("NFC", cell).strip() for cell in cells]
        if any(clean):
            found.append((line, dict(zip(header, clean, strict=True))))


def _number(text: str) -> Decimal | None:
    fits = re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", text) and len(text) <= 40
    return Decimal(text) if fits else None


def _part(text: str) -> Decimal | None:
    number = _number(text)
    return None if number is None else EXACT.quantize(number, Decimal("1e-4"))


def _day(text: str) -> dt.date | None:
    try:
        return dt.datetime.strptime(text, "%Y-%m-%d").date() if len(text) == 10 else None  # noqa: DTZ007
    except ValueError:
        return None


def period(text: str) -> tuple[dt.date, dt.date] | None:
    """First and last day of 2024, 2024-H1, 2024-Q3 or 2024-07."""
    months = {"": (1, 12)} | {f"-{m:02}": (m, m) for m in range(1, 13)}
    months |= {"-H1": (1, 6), "-H2": (7, 12)}
    months |= {f"-Q{q}": (3 * q - 2, 3 * q) for q in range(1, 5)}
    year, rest = text[:4], text[4:]
    if not re.fullmatch("[0-9]{4}", year) or not 1900 <= int(year) < 2100 or rest not in months:
        return None
    first, last = months[rest]
    end = calendar.monthrange(int(year), last)[1]
    return dt.date(int(year), first, 1), dt.date(int(year), last, end)


def _ratio(row: dict[str, str], world: World) -> Decimal | None:
    series = world.series.get((row["indicator"], row["series"]))
    numerator = _number(row.get("numerator", ""))
    denominator = _number(row.get("denominator", ""))
    if series is None or numerator is None or denominator is None or denominator <= 0:
        return None
    return EXACT.quantize(EXACT.divide(numerator * series[1], denominator), EIGHTH)


def _mistakes(row: dict[str, str], world: World) -> set[str]:
    found = set()
    unit = world.series.get((row["indicator"], row["series"]))
    if row["indicator"] not in {indicator for indicator, _series in world.series}:
        found.add("indicator")
    elif unit is None:
        found.add("series")
    days = period(row["period"])
    if days is None:
        found.add("period")
    life = world.organisations.get(row["organisation"])
    if life is None:
        found.add("organisation")
    elif days:
        begin, end = life
        if (begin and days[1] < begin) or (end and days[0] > end):
            found.add("organisation")
    if row.get("published_on") and _day(row["published_on"]) is None:
        found.add("published_on")
    for name in ("derived", "synthetic"):
        if row.get(name, "") not in ("", "yes", "no"):
            found.add(name)
    if not row["source_title"]:
        found.add("source_title")
    if row.get("unit") and unit and row["unit"] != unit[0]:
        found.add("unit")
    return found | _mistakes_of_numbers(row, _ratio(row, world))


def _mistakes_of_numbers(row: dict[str, str], ratio: Decimal | None) -> set[str]:
    found = set()
    texts = {name: row.get(name, "") for name in ("value", "numerator", "denominator")}
    for name, text in texts.items():
        number = _number(text)
        if text and (number is None or abs(number) >= 10**16):
            found.add(name)
        if name != "value" and number is not None and len(text.partition(".")[2]) > 4:
            found.add(name)
    if bool(texts["numerator"]) != bool(texts["denominator"]) or not any(texts.values()):
        found.add("value")
    denominator, given = _number(texts["denominator"]), _number(texts["value"])
    if denominator is not None and denominator <= 0:
        found.add("denominator")
    if ratio is not None and given is not None and abs(given - ratio) > EIGHTH:
        found.add("value")
    if ratio is not None and abs(ratio) >= 10**16:
        found.add("numerator")
    return found


def _among_editions(rows: list[tuple[int, dict[str, str]]]) -> set[tuple[int, str]]:
    found = set()
    editions: dict[Key, list[dict[str, str]]] = {}
    for line, row in rows:
        key = (row["indicator"], row["series"], row["organisation"], row["period"])
        above = editions.setdefault(key, [])
        if row.get("vintage", "") in [other.get("vintage", "") for other in above]:
            found.add((line, "period"))
        day = _day(row.get("published_on", ""))
        days = [_day(other.get("published_on", "")) for other in above]
        if day and any(other and other > day for other in days):
            found.add((line, "published_on"))
        above.append(row)
    return found


def _version(row: dict[str, str], world: World) -> Version:
    ratio = _ratio(row, world)
    given = _number(row.get("value", ""))
    value = ratio if ratio is not None else EXACT.quantize(given or Decimal(0), EIGHTH)
    return Version(
        key=(row["indicator"], row["series"], row["organisation"], row["period"]),
        value=value,
        numerator=_part(row.get("numerator", "")),
        denominator=_part(row.get("denominator", "")),
        vintage=row.get("vintage", ""),
        published_on=_day(row.get("published_on", "")),
        derived=row.get("derived") == "yes",
        synthetic=row.get("synthetic") == "yes",
        source=(row["source_title"], row.get("source_url", ""), row.get("source_publisher", "")),
        caveats=(row.get("caveat_vi", ""), row.get("caveat_en", "")),
    )
