"""What the partial templates take: small frozen view models.

A presenter fills these, a template only prints them (``templates/README.md`` names the
partial for each). Texts are already in the language of the page; a URL is "" where there is
nothing to lead to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString

NO_HTML = SafeString("")


@dataclass(frozen=True, slots=True)
class Crumb:
    """One step of the way to this page; the last has no URL."""

    text: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Chip:
    """One choice of a filter: a link that keeps the rest of the query."""

    text: str
    url: str
    current: bool = False
    count: int | None = None


@dataclass(frozen=True, slots=True)
class ChipGroup:
    """One filter. ``folded`` puts the choices behind a summary that shows the current one."""

    label: str
    chips: Sequence[Chip]
    folded: bool = False

    @property
    def chosen(self) -> str:
        """The text of the current choice, "" where none is."""
        return next((chip.text for chip in self.chips if chip.current), "")


@dataclass(frozen=True, slots=True)
class Tile:
    """The count of one status, a link to the list of those targets."""

    status: str
    count: int
    url: str
    current: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """One target as one mark: ``name`` is its whole accessible name after the status."""

    status: str
    name: str
    url: str


@dataclass(frozen=True, slots=True)
class MarksRow:
    """The marks of one pillar (or organisation), in any order."""

    title: str
    url: str
    marks: Sequence[Mark]


@dataclass(frozen=True, slots=True)
class Count:
    """How many targets of one row of a matrix have one status, and where the list is."""

    count: int
    url: str = ""


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """One row (a horizon, a pillar): ``counts`` by status code; a status left out is none."""

    title: str
    counts: Mapping[str, Count]
    url: str = ""


@dataclass(frozen=True, slots=True)
class MatrixGroup:
    """Rows of one sort under their heading ("Thời hạn", "Trụ cột")."""

    title: str
    rows: Sequence[MatrixRow]


@dataclass(frozen=True, slots=True)
class Lead:
    """Who answers: ``note`` says how we know ("suy ra", "kế thừa Bộ TT&TT"), "" if stated."""

    name: str
    url: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Bullet:
    """The numbers of a bullet chart (``dashboard.svg.bullet``), all of one unit."""

    baseline: float | None = None
    now: float | None = None
    needed: float | None = None
    threshold: float | None = None
    threshold_max: float | None = None
    rising: bool = True


@dataclass(frozen=True, slots=True)
class TargetRow:
    """One target in a list: what it demands, where it stands, why, who answers, which clause.

    ``badges`` are codes of ``_partials/badge.html``: draft, inferred, interpreted, synthetic.
    """

    status: str
    title: str
    url: str
    demand: str
    value: str = ""
    period: str = ""
    bullet: Bullet | None = None
    reason: str = ""
    projection: str = ""
    leads: Sequence[Lead] = ()
    clause: str = ""
    clause_url: str = ""
    badges: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """One change of status: ``before`` is "" for a target that is new."""

    before: str
    after: str
    title: str
    url: str
    note: str = ""
    when: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """One pair of a definition list; ``html`` (safe mark-up) wins over ``text``."""

    term: str
    text: str = ""
    url: str = ""
    note: str = ""
    html: SafeString = NO_HTML


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a data table; ``numeric`` aligns right; ``minor`` is left out on phones."""

    text: str
    numeric: bool = False
    minor: bool = False
    sort_url: str = ""
    sorted: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell: plain text, a link, a status mark before it, or safe ``html`` (a sparkline)."""

    text: str = ""
    url: str = ""
    status: str = ""
    note: str = ""
    html: SafeString = NO_HTML
    badges: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """A data table: the first cell of each row is its heading. ``stacked``: cards on phones."""

    caption: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    stacked: bool = False
    caption_hidden: bool = True


@dataclass(frozen=True, slots=True)
class Figure:
    """A Plotly figure fetched from ``url``, with the table that carries the same numbers.

    ``height`` is one of the steps of ``static/css/charts.css``: s, m, l, xl (260 to 720 px),
    so that the page does not jump when the figure comes.
    """

    slug: str
    url: str
    title: str
    note: str = ""
    table: Table | None = None
    height: str = "m"


@dataclass(frozen=True, slots=True)
class Notice:
    """An empty, error or no-permission state; ``kind`` is empty, error, denied or info."""

    title: str
    text: str = ""
    kind: str = "empty"
    action: str = ""
    action_url: str = ""


@dataclass(frozen=True, slots=True)
class Pages:
    """Pagination as links: ``links`` holds (text, url); "" as URL is the current page."""

    links: Sequence[tuple[str, str]]
    previous_url: str = ""
    next_url: str = ""
    summary: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of a time line; ``status`` draws its mark, "" a plain dot."""

    when: str
    text: str
    url: str = ""
    note: str = ""
    status: str = ""
