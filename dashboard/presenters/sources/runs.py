"""Runs in lists: a row of the history, and the strip of the last ones as inline SVG."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboard import formatting
from dashboard.presenters.sources import words
from dashboard.presenters.sources.outcomes import short_outcome
from targets.models import SourceRun

#: Runs in the strip.
STRIP: Final = 30
_SLOT: Final = 10
_HEIGHT: Final = 28


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run in a list. `numbers`: of each sort its word and how many."""

    url: str
    status: str
    word: str
    outcome: str
    when: str
    kind: str
    took: str
    numbers: Sequence[tuple[str, str]]


def status_word(run: SourceRun) -> str:
    """The word of a run's status: `Không có gì mới`."""
    text = str(run.get_status_display())
    return text[:1].upper() + text[1:]


def took(run: SourceRun) -> str:
    """How long a run took; "" while it is not over."""
    if run.finished_at is None:
        return ""
    return words.span((run.finished_at - run.started_at).total_seconds())


def run_row(run: SourceRun) -> RunRow:
    """A run for a list."""
    return RunRow(
        url=run.get_absolute_url(),
        status=run.status,
        word=status_word(run),
        outcome=short_outcome(run.outcome),
        when=words.when(run.started_at),
        kind=str(run.get_kind_display()),
        took=took(run),
        numbers=[
            (word, formatting.number(count, 0))
            for word, count in (
                (_("Số mới"), run.added),
                (_("Số được sửa"), run.revised),
                (_("Giữ nguyên"), run.unchanged),
                (_("Được giữ lại"), run.held),
                (_("Bị loại"), run.rejected),
            )
        ],
    )


def strip(newest_first: Sequence[SourceRun]) -> SafeString:
    """The last runs from left to right: tall brought something, low nothing new, hanging failed.

    Height and place say what colour says. "" for none.
    """
    runs = list(reversed(newest_first[:STRIP]))
    if not runs:
        return SafeString("")
    count = Counter(_look(run) for run in runs)
    said = [
        text % {"count": number}
        for number, text in (
            (
                count["brought"],
                ngettext("%(count)s có số mới", "%(count)s có số mới", count["brought"]),
            ),
            (
                count["same"],
                ngettext("%(count)s không có gì mới", "%(count)s không có gì mới", count["same"]),
            ),
            (
                count["failed"],
                ngettext("%(count)s thất bại", "%(count)s thất bại", count["failed"]),
            ),
            (count["open"], ngettext("%(count)s chưa xong", "%(count)s chưa xong", count["open"])),
        )
        if number
    ]
    label = ngettext("Lượt gần nhất: %(said)s", "%(count)s lượt gần nhất: %(said)s", len(runs))
    return format_html(
        '<svg class="td-strip" viewBox="0 0 {} {}" width="{}" height="{}" role="img"'
        ' aria-label="{}"><line class="axis" x1="0" x2="{}" y1="18.5" y2="18.5"/>{}</svg>',
        STRIP * _SLOT,
        _HEIGHT,
        STRIP * _SLOT,
        _HEIGHT,
        label % {"count": len(runs), "said": ", ".join(said)},
        STRIP * _SLOT,
        format_html_join(
            "",
            '<rect class="{}" x="{}" y="{}" width="7" height="{}" rx="1"><title>{}</title></rect>',
            (
                (look := _look(run), (STRIP - len(runs) + place) * _SLOT + 1, *_SHAPES[look],
                 _("%(when)s: %(what)s") % {"when": words.when(run.started_at),
                                            "what": status_word(run)})
                for place, run in enumerate(runs)
            ),
        ),
    )  # fmt: skip


#: Top and height of a bar.
_SHAPES: Final = {"brought": (2, 16), "same": (12, 6), "failed": (19, 9), "open": (15, 3)}


def _look(run: SourceRun) -> str:
    if run.status == SourceRun.Status.FAILED:
        return "failed"
    if run.finished_at is None:
        return "open"
    return "brought" if run.added or run.revised or run.held else "same"
