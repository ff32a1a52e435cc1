"""The page of one source: what it is, its series, its runs, and what can be done about it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.core.paginator import Paginator
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboard import formatting
from dashboard.components import Cell, Column, Crumb, Fact, Notice, Pages, Table
from dashboard.formatting import localised
from dashboard.naming import short_names
from dashboard.presenters import observed, provincial
from dashboard.presenters.paging import pages_of
from dashboard.presenters.sources import words
from dashboard.presenters.sources.coverage import due_year, reach_of, reaches
from dashboard.presenters.sources.outcomes import result_sentence
from dashboard.presenters.sources.runs import STRIP, RunRow, run_row, strip
from dashboard.presenters.sources.standing import (
    Standing,
    changed_at,
    last_runs,
    standings,
)
from targets.models import COUNTRY_CODE, DataSource, Observation, SeriesMapping, SourceRun

#: Runs on a page of the history.
ON_A_PAGE: Final = 20


@dataclass(frozen=True, slots=True)
class Viewer:
    """What the reader may do: see runs, pull by hand, decide what is held, edit the source."""

    watching: bool = False
    pulling: bool = False
    reviewing: bool = False
    editing: bool = False


@dataclass(frozen=True, slots=True)
class SourcePage:
    """All of `/nguon-so-lieu/<slug>/`."""

    title: str
    crumbs: Sequence[Crumb]
    kicker: str
    sentence: str
    condition: str
    condition_word: str
    note: str
    last: str
    last_url: str
    synthetic: bool
    facts: Sequence[Fact]
    series: Table | None
    no_series: Notice
    strip: SafeString
    runs: Sequence[RunRow]
    pages: Pages | None
    never: Notice
    open_url: str
    pull_url: str
    held: str
    held_url: str
    edit_url: str


def source_page(slug: str, viewer: Viewer, page: int = 1) -> SourcePage:
    """Everything about one source; raises DataSource.DoesNotExist."""
    now = timezone.now()
    found = standings(DataSource.objects.filter(slug=slug), now)
    if not found:
        raise DataSource.DoesNotExist
    one = found[0]
    source = one.source
    runs = SourceRun.objects.filter(data_source=source).defer("preview", "rejections")
    drawn = list(runs.exclude(kind=SourceRun.Kind.TRIAL).order_by("-started_at")[:STRIP])
    history = Paginator(runs.order_by("-started_at", "-pk"), ON_A_PAGE).get_page(page)
    last = last_runs([one]).get(source.pk)
    path = source.get_absolute_url()
    name = localised(source, "name")
    pullable = source.enabled and source.adapter != DataSource.Adapter.PUSH
    return SourcePage(
        title=name,
        crumbs=(Crumb(_("Nguồn số liệu"), reverse("data-source-list")), Crumb(name)),
        kicker=str(source.get_adapter_display()),
        sentence=_sentence(one, name),
        condition=one.condition,
        condition_word=one.word,
        note=one.note(now),
        last=_last_words(last, watching=viewer.watching),
        last_url=last.get_absolute_url() if last and viewer.watching else "",
        synthetic=source.synthetic,
        facts=_facts(one, now, viewer),
        series=_series(source),
        no_series=_no_series(source),
        strip=strip(drawn),
        runs=[run_row(run) for run in history.object_list] if viewer.watching else [],
        pages=pages_of(history, path) if viewer.watching else None,
        never=Notice(
            _("Nguồn này chưa chạy lần nào"),
            _("Lượt đầu tiên: %(when)s.") % {"when": one.next_words(now)}
            if source.enabled
            else _("Bật nguồn để nó chạy theo lịch."),
        ),
        open_url=reverse("source-run", args=[one.open_run])
        if one.open_run and viewer.watching
        else "",
        pull_url=reverse("source-pull", args=[slug]) if viewer.pulling and pullable else "",
        held=ngettext(
            "%(count)s số của nguồn này đang chờ xem xét",
            "%(count)s số của nguồn này đang chờ xem xét",
            one.waiting,
        )
        % {"count": one.waiting}
        if one.waiting and viewer.watching
        else "",
        held_url=f"{reverse('held-values')}?source={slug}" if viewer.reviewing else "",
        edit_url=reverse("admin:targets_datasource_change", args=[source.pk])
        if viewer.editing
        else "",
    )


def _sentence(one: Standing, name: str) -> str:
    said: dict[str, object] = {"name": name, "when": words.when(one.checked_at)}
    if one.checked_at is None:
        return _("%(name)s: chưa đọc được lần nào") % said
    return _("%(name)s: kiểm tra lần cuối %(when)s") % said


def _last_words(last: SourceRun | None, *, watching: bool) -> str:
    if last is None:
        return ""
    said = {"when": words.when(last.started_at)}
    if last.status == SourceRun.Status.FAILED:
        if watching:
            said["why"] = result_sentence(last)
            return _("Lượt gần nhất (%(when)s) thất bại. %(why)s") % said
        return _("Lượt gần nhất (%(when)s) thất bại, chưa thay đổi gì.") % said
    said["what"] = result_sentence(last)
    return _("Lượt gần nhất (%(when)s): %(what)s") % said


def _facts(one: Standing, now: dt.datetime, viewer: Viewer) -> list[Fact]:
    source = one.source
    owner = short_names([source.owner_id]).get(source.owner_id, "") if source.owner_id else ""
    changed = changed_at([source.pk]).get(source.pk)
    facts = [
        Fact(_("Lịch"), words.schedule_words(source)),
        Fact(_("Lượt tới"), one.next_words(now)),
        Fact(_("Kiểm tra lần cuối"), words.when(one.checked_at)),
        Fact(_("Có gì mới lần cuối"), words.when(changed)),
        Fact(_("Cơ quan phụ trách"), owner or _("chưa ghi")),
        Fact(_("Giấy phép sử dụng"), source.licence or _("chưa ghi")),
        Fact(_("Mức tin cậy"), str(source.get_trust_display()), note=_trust_words(source)),
    ]
    if viewer.watching:
        if source.address:
            facts.append(Fact(_("Địa chỉ"), source.address))
        facts += [
            Fact(_("Cách xác thực"), str(source.get_credential_display())),
            Fact(_("Kích thước tối đa"), words.size(source.most_bytes)),
        ]
    return facts


def _trust_words(source: DataSource) -> str:
    if source.trust == DataSource.Trust.REVIEW:
        return _("mọi số mới đều chờ điều phối xem xét")
    return _("số mới được công bố ngay; số bất thường hoặc khác số đã duyệt thì chờ điều phối")


def _series(source: DataSource) -> Table | None:
    """The series it feeds, each with the latest value that is published."""
    mappings = list(
        SeriesMapping.objects.filter(data_source=source)
        .select_related("series__indicator__unit")
        .order_by("series__indicator__code", "series__code")
    )
    if not mappings:
        return None
    ids = [mapping.series_id for mapping in mappings]
    reach = reach_of(ids)
    latest = {
        value.series_id: value
        for value in Observation.objects.published()
        .current()
        .filter(series__in=ids, organisation__code=COUNTRY_CODE)
        .order_by("series_id", "-period_end", "period_start", "-pk")
        .distinct("series_id")
    }
    today = timezone.localdate()
    rows = []
    for mapping in mappings:
        series, indicator = mapping.series, mapping.series.indicator
        known, value = reach.get(series.pk), latest.get(series.pk)
        due = due_year(today, indicator.measurable_until)
        title = Cell(
            localised(indicator, "name"),
            url=reverse("indicator", args=[indicator.code]),
            note=provincial.series_title(series),
        )
        if known is None:
            rows.append((title, Cell(), Cell(), Cell(_("chưa có số nào"))))
            continue
        if value is not None:
            shown = Cell(
                formatting.quantity(value.value, indicator.unit, trim=True),
                badges=observed.badges(value),
            )
            period = formatting.period(value.period)
        else:
            shown = Cell(
                ngettext("%(count)s cơ quan", "%(count)s cơ quan", known.organisations)
                % {"count": known.organisations}
            )
            period = str(known.last)
        state = (
            _("có số của năm mới nhất đến hạn")
            if reaches(known, indicator.interval_years, due)
            else _("chưa có số của %(year)s") % {"year": due}
        )
        periods = ngettext("%(count)s kỳ", "%(count)s kỳ", known.periods) % {"count": known.periods}
        rows.append((title, shown, Cell(period, note=periods), Cell(state)))
    columns = (
        Column(_("Chỉ tiêu")),
        Column(_("Mới nhất"), numeric=True),
        Column(_("Kỳ")),
        Column(_("Đủ đến đâu")),
    )
    return Table(_("Các chuỗi số liệu của nguồn"), columns, rows, stacked=True)


def _no_series(source: DataSource) -> Notice:
    if source.adapter == DataSource.Adapter.PUSH:
        return Notice(
            _("Cơ quan gửi số liệu nào thì nhận số liệu đó"),
            _("Mã truy cập quyết định cơ quan và chỉ tiêu nào được gửi."),
            kind="info",
        )
    return Notice(
        _("Chưa khai báo chuỗi nào"),
        _(
            "Quản trị cần nói dòng nào của nguồn là chuỗi số liệu nào; trước đó nguồn không mang "
            "gì về."
        ),
    )
