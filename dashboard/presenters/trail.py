"""The trail as a time line that people read."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.translation import gettext, ngettext

from dashboard import formatting
from dashboard.components import Crumb, Notice
from dashboard.presenters.trail_names import KINDS, table
from dashboard.presenters.trail_words import Said, Words, label, name_of, read
from targets.models import Organisation, Report, Target, TrailEntry
from targets.trail.reading import Wanted, entries, oldest_first

_ON_A_PAGE: Final = 50
# What changes with every change, and tells nothing that the entry does not.
_FOLLOWS: Final = frozenset({"version", "entered_at", "entered_by_id", "state_since"})
_REFERENCES: Final = {Report: "report_id", Target: "target_id", Organisation: "organisation_id"}

About = Report | Target | Organisation | None


@dataclass(frozen=True, slots=True)
class TrailQuery:
    """What the address asks for; `before` is the entry after which an older page begins."""

    person: str = ""
    kind: str = ""
    since: dt.date | None = None
    until: dt.date | None = None
    before: int | None = None

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> TrailQuery:
        """What makes no sense counts as not asked."""
        before = asked.get("before", "")
        return cls(
            person=asked.get("person", "").replace("\0", "").strip()[:100],
            kind=asked.get("kind", "") if asked.get("kind") in KINDS else "",
            since=_day(asked.get("since", "")),
            until=_day(asked.get("until", "")),
            before=int(before) if before.isdecimal() and len(before) < 19 else None,
        )

    @property
    def wanted(self) -> Wanted:
        """The same for `targets.trail.reading`."""
        tables = KINDS[self.kind][1] if self.kind else ()
        return Wanted(self.person, tables, self.since, self.until)

    def text(self, before: int | None = None) -> str:
        """The query of an address that asks for this, with `?`; "" where it asks for nothing."""
        words = {
            "person": self.person,
            "kind": self.kind,
            "since": self.since.isoformat() if self.since else "",
            "until": self.until.isoformat() if self.until else "",
            "before": str(before) if before else "",
        }
        query = urlencode({name: word for name, word in words.items() if word})
        return f"?{query}" if query else ""


@dataclass(frozen=True, slots=True)
class Line:
    """One column: what it was and what it became; of a row added or deleted, what it held."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class TrailRow:
    """One entry: who did what to which row, when, from where, why."""

    number: int
    when: dt.datetime
    who: str
    did: str
    subject: str
    changes: Sequence[Line]
    details: Sequence[Line]
    why: str
    origin: str
    links: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class TrailPage:
    """`/nhat-ky/` and the same about one report, target or organisation."""

    title: str
    kicker: str
    sentence: str
    crumbs: Sequence[Crumb]
    query: TrailQuery
    kinds: Sequence[tuple[str, str]]
    rows: Sequence[TrailRow]
    here: str
    newer: str
    older: str
    export: str
    empty: Notice


def trail_page(
    query: TrailQuery,
    about: About,
    *,
    here: str,
    crumbs: Sequence[Crumb],
    may_export: bool,
) -> TrailPage:
    """Newest first (a handful of queries, whatever is shown). `here` is the page's address."""
    found = entries(query.wanted, about)
    if query.before:
        found = found.filter(pk__lt=query.before)
    said = [read(entry) for entry in found[: _ON_A_PAGE + 1]]
    more = len(said) > _ON_A_PAGE
    said = said[:_ON_A_PAGE]
    words = Words(said)
    return TrailPage(
        title=gettext("Nhật ký thay đổi"),
        kicker=gettext("Nhật ký thay đổi") if about is None else name_of(about),
        sentence=_sentence(about),
        crumbs=crumbs,
        query=query,
        kinds=[(slug, str(word)) for slug, (word, _tables) in KINDS.items()],
        rows=[_row(one, words, about) for one in said],
        here=here,
        newer=here + query.text() if query.before else "",
        older=here + query.text(said[-1].entry.pk) if more else "",
        export=reverse("trail-export") + query.text() if may_export and about is None else "",
        empty=Notice(
            gettext("Không có thay đổi nào"),
            gettext("Hãy bỏ bớt điều kiện lọc, hoặc chọn khoảng ngày rộng hơn."),
        ),
    )


def _day(text: str) -> dt.date | None:
    try:
        return parse_date(text)
    except ValueError:  # a form of a date, but no day
        return None


def _sentence(about: About) -> str:
    if isinstance(about, Report):
        return gettext("Mọi thay đổi của báo cáo này")
    if isinstance(about, Target):
        return gettext("Mọi thay đổi của mục tiêu này và số liệu của nó")
    if isinstance(about, Organisation):
        return gettext("Mọi thay đổi liên quan đến cơ quan này")
    return gettext("Ai đã đổi gì, khi nào, từ đâu, vì sao")


def _row(said: Said, words: Words, about: About) -> TrailRow:
    entry = said.entry
    without = (_REFERENCES[type(about)],) if about is not None else ()
    changes, details = _lines(said, words)
    return TrailRow(
        number=entry.pk,
        when=entry.happened_at,
        who=entry.actor_name or _nobody(entry.origin),
        did=_did(said),
        subject=words.subject(said, without=without),
        changes=changes,
        details=details,
        why=entry.why,
        origin=_origin(entry.origin),
        links=_links(entry, words, about),
    )


def _did(said: Said) -> str:
    entry = said.entry
    what = {"table": table(entry.table_name)}
    if entry.action == TrailEntry.Action.LOAD:
        count = int(said.after.get("count", 0))
        return ngettext("nạp %(count)s số liệu", "nạp %(count)s số liệu", count) % {
            "count": formatting.number(count, 0)
        }
    if entry.action == TrailEntry.Action.INSERT:
        return gettext("thêm %(table)s") % what
    if entry.action == TrailEntry.Action.DELETE:
        return gettext("xóa %(table)s") % what
    if not entry.row_id:
        count = len(said.after.get("ids", ()))
        return ngettext("đổi %(count)s số liệu", "đổi %(count)s số liệu", count) % {
            "count": formatting.number(count, 0)
        }
    return gettext("đổi %(table)s") % what


def _lines(said: Said, words: Words) -> tuple[list[Line], list[Line]]:
    """What an update changed, and what a row held that was added or deleted."""
    entry = said.entry
    if entry.action == TrailEntry.Action.LOAD:
        return [], []

    def line(name: str) -> Line:
        before, after = (
            words.value(entry.table_name, name, side[name]) if name in side else ""
            for side in (said.before, said.after)
        )
        return Line(label(name), before, after)

    if entry.action == TrailEntry.Action.UPDATE:
        names = [name for name in said.changed if name != "ids"]
        telling = [name for name in names if name not in _FOLLOWS]
        return [line(name) for name in sorted(telling or names)], []
    held = [name for name, value in said.row.items() if value not in (None, "", [], {}, False)]
    return [], [line(name) for name in sorted(held) if name != "id"]


def _links(entry: TrailEntry, words: Words, about: About) -> list[tuple[str, str]]:
    """To the time lines of what an entry is about, from the time line of everything."""
    if about is not None:
        return []
    links = []
    if entry.report_id is not None:
        url = reverse("report-trail", args=[entry.report_id])
        links.append((words.name(Report, entry.report_id), url))
    if entry.target_id is not None and (key := words.key(entry.target_id)):
        links.append((words.name(Target, entry.target_id), reverse("target-trail", args=[key])))
    if entry.organisation_id is not None and (code := words.code(entry.organisation_id)):
        url = reverse("organisation-trail", args=[code])
        links.append((words.name(Organisation, entry.organisation_id), url))
    return links


def _nobody(origin: str) -> str:
    road, _, rest = origin.partition(" ")
    if road == "sql":
        return gettext("Người dùng cơ sở dữ liệu %s") % rest.partition(" ")[0]
    return gettext("Hệ thống") if road in {"worker", "command"} else gettext("Khách")


def _origin(origin: str) -> str:
    road, _, rest = origin.partition(" ")
    if road == "sql":
        role, _, address = rest.partition(" ")
        words = {"role": role, "address": address}
        if address:
            return gettext("câu lệnh SQL, vai trò %(role)s, từ %(address)s") % words
        return gettext("câu lệnh SQL, vai trò %(role)s") % words
    return {
        "web": gettext("từ %s") % rest,
        "api": gettext("qua API, từ %s") % rest,
        "worker": gettext("tác vụ nền"),
        "command": gettext("lệnh %s") % rest,
    }.get(road, origin)


_HEADER: Final = (
    "entry",
    "happened_at",
    "actor_id",
    "actor",
    "origin",
    "why",
    "action",
    "table",
    "row",
    "before",
    "after",
    "report",
    "target",
    "organisation",
    "indicator",
    "position",
    "hash",
)


def trail_csv(query: TrailQuery) -> Iterator[str]:
    """The lines of the CSV file, oldest first; cells that a spreadsheet would compute are quoted
    as texts by an apostrophe.
    """
    yield "\ufeff" + _csv(_HEADER)
    for entry in _with_links(entries(query.wanted)):
        yield _csv(entry)


def _with_links(found: QuerySet[TrailEntry]) -> Iterator[Sequence[object]]:
    for entry in oldest_first(found):
        link = getattr(entry, "link", None)
        yield (
            entry.pk,
            entry.happened_at.isoformat(),
            entry.actor_id,
            entry.actor_name,
            entry.origin,
            entry.why,
            entry.action,
            entry.table_name,
            entry.row_id,
            entry.before_text,  # type: ignore[attr-defined]
            entry.after_text,  # type: ignore[attr-defined]
            entry.report_id,
            entry.target_id,
            entry.organisation_id,
            entry.indicator_id,
            link.position if link else "",
            bytes(link.hash).hex() if link else "",
        )


def _csv(cells: Sequence[object]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow([_harmless("" if cell is None else str(cell)) for cell in cells])
    return line.getvalue()


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) else text
