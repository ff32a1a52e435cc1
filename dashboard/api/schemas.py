"""What goes in and out of the API."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from ninja import Schema
from pydantic import ConfigDict, Field, StringConstraints

from dashboard.api.numbers import NumberIn, NumberOut

MOST_ITEMS = 500
MOST_NOTE = 5000

Note = Annotated[str, StringConstraints(max_length=MOST_NOTE)]


class Strict(Schema):
    """What comes in: a name that is not known is a mistake, not ignored."""

    model_config = ConfigDict(extra="forbid")


class ReportOut(Schema):
    """One report in a list."""

    id: int
    duty: str
    duty_name: str
    period: str
    organisation: str
    organisation_name: str
    state: str
    edition: int
    sample: bool = Field(description="Shows the workflow; counts nowhere")
    data_from: dt.date
    data_to: dt.date
    due_on: dt.date
    items: int
    url: str


class ReportsOut(Schema):
    """A page of reports."""

    count: int
    reports: list[ReportOut]


class UnitOut(Schema):
    """The unit of a value."""

    code: str
    name: str
    symbol: str
    decimals: int


class FindingOut(Schema):
    """One rule that a cell breaks."""

    item: int | None
    column: str
    rule: str
    severity: str
    sentence: str
    reason: str
    blocks: bool


class LastOut(Schema):
    """A value published before."""

    period: str
    value: NumberOut
    computed: bool = Field(description="From the numerators and denominators of predecessors")


class ItemOut(Schema):
    """One value that a report owes, as it stands."""

    id: int
    indicator: str
    name: str
    definition: str
    unit: UnitOut
    subject: str
    ratio: bool = Field(description="Given by numerator and denominator; the value follows")
    value: NumberOut
    numerator: NumberOut
    denominator: NumberOut
    unavailable: bool
    note: str
    version: int
    entered_at: dt.datetime | None
    last: list[LastOut] = Field(description="Published before in the same series, latest first")
    findings: list[FindingOut]


class ReportDetailOut(ReportOut):
    """One report with its values."""

    values: list[ItemOut]
    findings: list[FindingOut] = Field(description="About the report as a whole")


class ItemIn(Strict):
    """What one cell shall hold. It is replaced as a whole: what is left out becomes empty.

    Numbers are JSON numbers, or strings as people type them ("98,5").
    """

    id: int
    seen_version: int = Field(ge=0, description="The version that was read; another one: 409")
    value: NumberIn = None
    numerator: NumberIn = None
    denominator: NumberIn = None
    unavailable: bool = False
    note: Note = ""


class ItemsIn(Strict):
    """Cells of one report: all are kept or none."""

    items: list[ItemIn] = Field(max_length=MOST_ITEMS)
    why: Note = Field("", description="For the trail: from which system, which run")


class HeldOut(Schema):
    """What a cell holds after a write."""

    id: int
    changed: bool
    value: NumberOut
    numerator: NumberOut
    denominator: NumberOut
    unavailable: bool
    note: str
    version: int
    findings: list[FindingOut]


class ItemsOut(Schema):
    """The cells that were sent, in that order, and how many findings stop a submission."""

    items: list[HeldOut]
    blocking: int


class SubmittedOut(Schema):
    """The report after it was handed in."""

    id: int
    state: str
