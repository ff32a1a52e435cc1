"""The page of one run: what came of it, what it cost, what it brought, left out and held."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.core.paginator import Page, Paginator
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboard import formatting
from dashboard.components import Cell, Column, Crumb, Fact, Pages, Table
from dashboard.formatting import localised
from dashboard.naming import short_names
from dashboard.presenters import observed
from dashboard.presenters.paging import pages_of
from dashboard.presenters.sources import words
from dashboard.presenters.sources.held_rows import HeldRow, held_rows, with_all
from dashboard.presenters.sources.outcomes import result_sentence, short_outcome
from dashboard.presenters.sources.runs import status_word, took
from targets.models import (
    HeldValue,
    Indicator,
    Observation,
    Organisation,
    RunRejection,
    SourceRun,
)
from targets.people import full_name
from targets.sources.reading.units import UNITS
from targets.sources.taking.rejecting import REASONS

#: Values, and held values, on a page.
ON_A_PAGE: Final = 50
#: Rejected rows shown of each reason; the others that are kept are folded.
_SHOWN: Final = 8


@dataclass(frozen=True, slots=True)
class Rejected:
    """The rows left out for one reason: how many in all, and the first of them."""

    sentence: str
    count: str
    rows: Sequence[tuple[str, str, str]]
    folded: Sequence[tuple[str, str, str]]
    more: str


@dataclass(frozen=True, slots=True)
class RunPage:
    """All of `/nguon-so-lieu/luot/<pk>/`."""

    pk: int
    title: str
    crumbs: Sequence[Crumb]
    kicker: str
    sentence: str
    status: str
    status_word: str
    outcome: str
    running: bool
    trial: bool
    synthetic: bool
    numbers: Sequence[tuple[str, str]]
    facts: Sequence[Fact]
    brought: Table | None
    brought_pages: Pages | None
    rejected: Sequence[Rejected]
    held: Sequence[HeldRow]
    held_more: str
    held_url: str
    preview: Table | None


def run_page(run: SourceRun, *, reviewing: bool, page: int = 1) -> RunPage:
    """Everything about a run; `run` with its source and who asked for it."""
    source = run.data_source
    name = localised(source, "name")
    trial = run.kind == SourceRun.Kind.TRIAL
    brought = None if trial or not (run.added or run.revised) else _brought(run, page)
    held = with_all(HeldValue.objects.filter(run=run))
    shown = [] if trial or not run.held else held_rows(held[: ON_A_PAGE + 1])
    waiting = f"{reverse('held-values')}?run={run.pk}"
    return RunPage(
        pk=run.pk,
        title=_("Lượt %(when)s") % {"when": formatting.moment(run.started_at)},
        crumbs=(
            Crumb(_("Nguồn số liệu"), reverse("data-source-list")),
            Crumb(name, source.get_absolute_url()),
            Crumb(_("Lượt %(when)s") % {"when": formatting.moment(run.started_at)}),
        ),
        kicker=name,
        sentence=result_sentence(run),
        status=run.status,
        status_word=status_word(run),
        outcome=short_outcome(run.outcome),
        running=run.finished_at is None,
        trial=trial,
        synthetic=source.synthetic,
        numbers=[] if run.status == SourceRun.Status.FAILED else _numbers(run),
        facts=_facts(run),
        brought=_brought_table(brought) if brought else None,
        brought_pages=pages_of(brought, run.get_absolute_url()) if brought else None,
        rejected=_rejected(run),
        held=shown[:ON_A_PAGE],
        held_more=_("Chỉ hiện những số đầu; xem tất cả ở trang xem xét.")
        if len(shown) > ON_A_PAGE
        else "",
        held_url=waiting if reviewing and any(row.state == "waiting" for row in shown) else "",
        preview=_preview(run.preview) if run.preview else None,
    )


def _numbers(run: SourceRun) -> list[tuple[str, str]]:
    return [
        (formatting.number(count, 0), word)
        for count, word in (
            (run.rows_read, _("dòng đã đọc")),
            (run.added, _("số mới")),
            (run.revised, _("số được sửa")),
            (run.unchanged, _("giữ nguyên")),
            (run.held, _("chờ xem xét")),
            (run.rejected, _("dòng bị loại")),
        )
    ]


def _facts(run: SourceRun) -> list[Fact]:
    facts = [
        Fact(
            _("Vì sao chạy"), str(run.get_kind_display()), note=full_name(run.by) if run.by else ""
        ),
        Fact(_("Bắt đầu"), formatting.moment(run.started_at)),
    ]
    if run.finished_at is not None:
        facts += [
            Fact(_("Xong lúc"), formatting.moment(run.finished_at)),
            Fact(_("Mất"), took(run)),
        ]
    if run.requests:
        retried = ngettext("thử lại %(count)s lần", "thử lại %(count)s lần", run.retries)
        facts.append(
            Fact(
                _("Yêu cầu đã gửi"),
                formatting.number(run.requests, 0),
                note=retried % {"count": run.retries} if run.retries else "",
            )
        )
    if run.bytes:
        facts.append(Fact(_("Đã nhận"), words.size(run.bytes)))
    if run.checksum:
        facts.append(Fact(_("Mã kiểm (SHA-256)"), run.checksum))
    return facts


def _brought(run: SourceRun, page: int) -> Page[Observation]:
    rows = (
        Observation.objects.filter(run=run)
        .select_related("series__indicator__unit")
        .order_by("series__indicator__code", "organisation_id", "period_start", "pk")
    )
    mapped = list(run.data_source.mappings.values_list("series_id", flat=True))
    if mapped:  # there is an index by series, and none by run
        rows = rows.filter(series__in=mapped)
    return Paginator(rows, ON_A_PAGE).get_page(page)


def _brought_table(page: Page[Observation]) -> Table:
    """New values, each with what it replaced: old → new."""
    new = list(page.object_list)
    old = _replaced(new)
    names = short_names({one.organisation_id for one in new})
    rows = []
    for one in new:
        unit = one.series.indicator.unit
        before = old.get(one.pk)
        rows.append(
            (
                Cell(
                    localised(one.series.indicator, "name"),
                    url=reverse("indicator", args=[one.series.indicator.code]),
                ),
                Cell(names[one.organisation_id]),
                Cell(formatting.period(one.period)),
                Cell(formatting.quantity(before.value, unit, trim=True)) if before else Cell(),
                Cell(formatting.quantity(one.value, unit, trim=True), badges=observed.badges(one)),
                Cell(observed.edition(one)),
            )
        )
    columns = (
        Column(_("Chỉ tiêu")),
        Column(_("Cơ quan, địa phương")),
        Column(_("Kỳ")),
        Column(_("Trước"), numeric=True),
        Column(_("Nay"), numeric=True),
        Column(_("Công bố, ấn bản")),
    )
    return Table(_("Bảng các số mới và số được sửa"), columns, rows, stacked=True)


def _replaced(new: Sequence[Observation]) -> dict[int, Observation]:
    """The version that each of these replaced, by the id of the new one (one query)."""
    keys = Q(pk__in=[])
    for one in new:
        keys |= Q(
            series=one.series_id, organisation=one.organisation_id, period=one.period,
            superseded_at=one.recorded_at,
        )  # fmt: skip
    older: QuerySet[Observation] = Observation.objects.filter(keys).exclude(superseded_at=None)
    found = {(one.series_id, one.organisation_id, one.period): one for one in older.order_by("pk")}
    pairs = ((one.pk, found.get((one.series_id, one.organisation_id, one.period))) for one in new)
    return {pk: before for pk, before in pairs if before is not None}


def _rejected(run: SourceRun) -> list[Rejected]:
    """What was left out, by reason; most first."""
    if not run.rejections:
        return []
    rows: dict[str, list[RunRejection]] = defaultdict(list)
    for row in RunRejection.objects.filter(run=run):
        rows[row.reason].append(row)
    found = []
    for reason, count in sorted(run.rejections.items(), key=lambda pair: (-pair[1], pair[0])):
        listed = [(formatting.number(row.place, 0), row.field, row.shown) for row in rows[reason]]
        left = count - len(listed)
        found.append(
            Rejected(
                sentence=reason_sentence(reason),
                count=ngettext("%(count)s dòng", "%(count)s dòng", count)
                % {"count": formatting.number(count, 0)},
                rows=listed[:_SHOWN],
                folded=listed[_SHOWN:],
                more=ngettext(
                    "và %(count)s dòng nữa vì cùng lý do",
                    "và %(count)s dòng nữa vì cùng lý do",
                    left,
                )
                % {"count": formatting.number(left, 0)}
                if left > 0 and listed
                else "",
            )
        )
    return found


def reason_sentence(reason: str) -> str:
    """Why a row was left out; the code itself where an earlier version had a reason since gone."""
    return str(REASONS[reason]) if reason in REASONS else reason


def _action_words(row: dict[str, Any]) -> Cell:
    action, reason = str(row.get("action", "")), str(row.get("reason", ""))
    word = {
        "added": _("số mới"),
        "revised": _("sửa số đã có"),
        "unchanged": _("giữ nguyên"),
        "held": _("chờ xem xét"),
        "rejected": _("bị loại"),
    }.get(action, action)
    if action == "held":
        labels = dict(HeldValue.Reason.choices)
        return Cell(word, note=", ".join(str(labels.get(one, one)) for one in reason.split()))
    return Cell(word, note=reason_sentence(reason) if reason else "")


def _preview(rows: Sequence[dict[str, Any]]) -> Table:
    """The first rows of a trial: what each would have become."""
    indicators = {
        one.code: one
        for one in Indicator.objects.filter(
            code__in={row.get("indicator") for row in rows} - {None}
        ).select_related("unit")
    }
    codes = {row.get("organisation") for row in rows} - {None}
    ids = dict(Organisation.objects.filter(code__in=codes).values_list("code", "pk"))
    names = short_names(list(ids.values()))
    body = []
    for row in rows:
        code = str(row.get("indicator") or "")
        indicator = indicators.get(code)
        organisation = str(row.get("organisation") or "")
        body.append(
            (
                Cell(str(row.get("place", ""))),
                Cell(
                    localised(indicator, "name") if indicator else code,
                    url=reverse("indicator", args=[code]) if indicator else "",
                ),
                Cell(names.get(ids.get(organisation, 0), "") or organisation),
                Cell(formatting.period(str(row.get("period") or ""))),
                Cell(str(row.get("written") or ""), note=_published_unit(row)),
                Cell(_shown(row.get("value"), indicator)),
                _action_words(row),
            )
        )
    columns = (
        Column(_("Dòng")),
        Column(_("Chỉ tiêu")),
        Column(_("Cơ quan, địa phương")),
        Column(_("Kỳ")),
        Column(_("Nguồn viết"), numeric=True),
        Column(_("Giá trị"), numeric=True),
        Column(_("Sẽ thành")),
    )
    return Table(_("Những dòng đầu của lượt chạy thử"), columns, body, stacked=True)


def _published_unit(row: dict[str, Any]) -> str:
    """The unit that the source is declared to publish in, where it is not the indicator's own."""
    unit = UNITS.get(str(row.get("unit") or ""))
    return str(unit.name) if unit else ""


def _shown(value: object, indicator: Indicator | None) -> str:
    """A value of a preview, decimal text, as its indicator writes it."""
    text = str(value if value is not None else "")
    try:
        number = float(text)
    except ValueError:
        return text
    return formatting.quantity(number, indicator.unit if indicator else None, trim=True)
