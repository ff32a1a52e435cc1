"""Who owes what, the plainest way: for one organisation and one indicator at a time, from files.

Reads the catalogue's files, not the database, and shares no code with what it checks.
"""

from __future__ import annotations

import csv
import datetime as dt
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings

FOLDER = settings.BASE_DIR / "fixtures"
Row = dict[str, str]
KINDS = ("ministry", "agency", "province")


@cache
def rows(file: str) -> list[Row]:
    with (Path(FOLDER) / file).open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


def day(text: str) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


@dataclass(frozen=True)
class Owed:
    indicator: str
    subject: str
    inherited_from: str | None


def owes(body: str, document: str, data_from: dt.date, data_to: dt.date, due: dt.date) -> set[Owed]:
    """What one organisation owes for these days of data."""
    me = next(r for r in rows("organisations.csv") if r["code"] == body)
    if me["kind"] not in KINDS or not alive(me, due):
        return set()
    found = set()
    for indicator in rows("indicators.csv"):
        targets = demands(document, indicator["code"], data_from)
        if not targets or not measured(indicator, data_to):
            continue
        leads = [lead for target in targets for lead in leads_of(document, target["key"])]
        if "national" in indicator["levels"] and not published(indicator["code"]):
            for lead in leads:
                holders = held_by(lead["organisation"], lead["function"], due)
                if holders:
                    if holders[0] == body:
                        origin = lead["organisation"] if lead["organisation"] != body else None
                        found.add(Owed(indicator["code"], "VN", origin))
                    break
        for subject in reported_by(body, data_to, due):
            kind = "province" if subject["kind"] == "province" else "ministry"
            if kind not in indicator["levels"]:
                continue
            each = any(kind in t["scope"] for t in targets)
            groups = {"ALL-BODIES", "ALL-MINISTRIES" if kind == "ministry" else "ALL-PROVINCES"}
            each |= any(lead["organisation"] in groups for lead in leads)
            each |= indicator["aggregation"] in ("sum", "ratio")
            if each:
                origin = subject["code"] if subject["code"] != body else None
                found.add(Owed(indicator["code"], subject["code"], origin))
    return found


@cache
def demands(document: str, indicator: str, data_from: dt.date) -> list[Row]:
    return [
        t
        for t in rows(f"targets/{document}.csv")
        if t["indicator"] == indicator
        and not t["restates"]
        and (not t["due_year"] or int(t["due_year"]) >= data_from.year)
    ]


@cache
def leads_of(document: str, target: str) -> list[Row]:
    return [
        a
        for a in rows(f"assignments/{document}.csv")
        if a["target"] == target and a["role"] == "lead"
    ]


@cache
def reported_by(body: str, data_to: dt.date, due: dt.date) -> list[Row]:
    """The bodies that lived at the end of the data and whose own values `body` reports."""
    return [
        one
        for one in rows("organisations.csv")
        if one["kind"] in KINDS
        and alive(one, data_to)
        and (not one["valid_from"] or dt.date.fromisoformat(one["valid_from"]) <= data_to)
        and held_by(one["code"], "", due)[:1] == [body]
    ]


def measured(indicator: Row, data_to: dt.date) -> bool:
    until = indicator["measurable_until"]
    return indicator["context_only"] != "yes" and (not until or int(until) >= data_to.year)


@cache
def published(indicator: str) -> bool:
    return any(
        s["indicator"] == indicator and s["official"] == "yes" and s["code"] != "bao-cao"
        for s in rows("series.csv")
    )


def alive(body: Row, on: dt.date) -> bool:
    end = day(body["valid_to"])
    return end is None or end >= on


@cache
def held_by(body: str, function: str, on: dt.date) -> list[str]:
    """The reporting bodies that hold what `body` was given, in the order of the catalogue."""
    holders = {body}
    while True:
        moved: set[str] = set()
        for one in holders:
            steps = [s for s in rows("successions.csv") if s["predecessor"] == one]
            steps = [s for s in steps if dt.date.fromisoformat(s["effective_on"]) <= on]
            mine = next(r for r in rows("organisations.csv") if r["code"] == one)
            same = [s for s in steps if s["function"] == function]
            if not same and not alive(mine, on):
                same = steps
            moved |= {s["successor"] for s in same} or {one}
        if moved == holders:
            break
        holders = moved
    reporting = [
        r["code"]
        for r in sorted(rows("organisations.csv"), key=lambda r: int(r["position"]))
        if r["kind"] in KINDS and alive(r, on)
    ]
    return [code for code in reporting if code in holders]
