"""The page of one indicator: what is demanded, what was measured by whom, what stands beside it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from dashboard import formatting
from dashboard.caching import register_on
from dashboard.components import Cell, Column, Crumb, Fact, Figure, Notice, Table
from dashboard.formatting import localised
from dashboard.presenters import demands, observed, provincial
from dashboard.presenters.common import Links, links_as_of, write
from dashboard.presenters.demands import DemandGroup
from dashboard.presenters.sources.brought import NOTHING_BROUGHT, Brought, brought_by
from dashboard.queries import Query
from targets.binding import compare
from targets.known_values import Run, read_runs
from targets.models import ContextLink, Indicator, Series
from targets.register import Row
from targets.reporting.series import REPORTED


@dataclass(frozen=True, slots=True)
class SeriesBlock:
    """One publisher's series: how it stands to the official one, and its values."""

    title: str
    official: bool
    note: str
    disagreement: str = ""
    common: Table | None = None
    table: Table | None = None
    empty: Notice | None = None


@dataclass(frozen=True, slots=True)
class IndicatorPage:
    title: str
    description: str
    crumbs: Sequence[Crumb]
    kicker: str
    sentence: str
    basis: str
    discontinued: Notice | None
    demand_groups: Sequence[DemandGroup]
    no_demand: Notice
    figure: Figure | None
    series: Sequence[SeriesBlock]
    context: Table | None
    context_for: Sequence[Fact]
    provinces: Sequence[provincial.Ranking]
    facts: Sequence[Fact]
    definition: str


def indicator_page(code: str, query: Query) -> IndicatorPage:
    """Everything about one indicator as known on the day; Http404 for an unknown code."""
    indicator = Indicator.objects.select_related("pillar", "unit").filter(code=code).first()
    if indicator is None:
        raise Http404(code)
    to = links_as_of(query.as_of)
    register = register_on(query.day)
    country = register.organisation.pk
    rows = {row.target.pk: row for row in register if row.target.indicator_id == indicator.pk}
    comparison = compare(row.target for row in rows.values())
    links = list(ContextLink.objects.filter(indicator=indicator).select_related("context__unit"))
    runs = read_runs(
        query.day, series__indicator__in=[indicator.pk, *(link.context_id for link in links)]
    )
    own = [run for run in runs if run.series.indicator_id == indicator.pk]
    places = [run for run in own if run.organisation_id != country]
    national = {run.series_id: run for run in own if run.organisation_id == country}
    series = list(Series.objects.filter(indicator=indicator))
    official = next((national.get(one.pk) for one in series if one.official), None)
    brought = brought_by(
        {
            value.latest.run_id
            for run in national.values()
            for value in run.values
            if value.latest.run_id is not None
        }
    )
    name = localised(indicator, "name")
    return IndicatorPage(
        title=name,
        description=localised(indicator, "definition"),
        crumbs=(
            Crumb(gettext("Chỉ tiêu"), reverse("indicator-list") + to.as_of_query),
            Crumb(localised(indicator.pillar, "short"), to.pillar(indicator.pillar)),
            Crumb(name),
        ),
        kicker=gettext("Chỉ tiêu tham khảo") if indicator.context_only else "",
        sentence=_sentence(indicator, official, places),
        basis=demands.summary(comparison),
        discontinued=_discontinued(indicator),
        demand_groups=demands.demand_groups(comparison, rows, to),
        no_demand=_no_demand(indicator, query),
        figure=_figure(indicator, list(national.values()), rows.values(), to) if national else None,
        series=[
            series_block(one, national.get(one.pk), official, brought)
            for one in series
            # Reports that are not judged by are worth a word once there are some.
            if one.official or one.code != REPORTED or one.pk in national
            # A series of provinces alone has its table further down.
            if one.pk in national or not places
        ],
        provinces=provincial.rankings(places, register.lineage, query.day, to),
        context=_context_table(links, runs, country, to) if links else None,
        context_for=_context_for(indicator, to),
        facts=_facts(indicator, own),
        definition=localised(indicator, "definition"),
    )


def _sentence(indicator: Indicator, official: Run | None, places: Sequence[Run]) -> str:
    """The name with the newest value, or with the fact that there is none."""
    words: dict[str, object] = {"name": localised(indicator, "name")}
    if official is not None:
        newest = official.newest
        words["value"] = observed.quantity(newest, indicator.unit)
        words["period"] = formatting.period(newest.latest.period)
        return gettext("%(name)s: %(value)s (%(period)s)") % words
    if places:
        words["count"] = len({run.organisation_id for run in places})
        return gettext("%(name)s: số liệu của %(count)s tỉnh, thành phố") % words
    return gettext("%(name)s: chưa có số liệu") % words


def _discontinued(indicator: Indicator) -> Notice | None:
    if indicator.measurable_until is None:
        return None
    return Notice(
        gettext("Không còn đo được sau năm %(year)s") % {"year": indicator.measurable_until},
        localised(indicator, "unmeasurable"),
        kind="info",
    )


def _no_demand(indicator: Indicator, query: Query) -> Notice:
    if indicator.context_only:
        return Notice(
            gettext("Không văn bản nào đặt mục tiêu cho chỉ tiêu này"),
            gettext(
                "Nó chỉ được xem bên cạnh chỉ tiêu khác, không thay thước đo của mục tiêu nào."
            ),
            kind="info",
        )
    if query.as_of:
        return Notice(gettext("Vào ngày này chưa văn bản nào đặt mục tiêu cho chỉ tiêu này"))
    return Notice(gettext("Không còn văn bản nào đặt mục tiêu cho chỉ tiêu này"))


def _figure(indicator: Indicator, runs: Sequence[Run], rows: Iterable[Row], to: Links) -> Figure:
    slug = f"indicator-{indicator.code}"
    return Figure(
        slug=slug,
        url=to.to("figure", slug),
        title=gettext("Số liệu, lộ trình tới các ngưỡng và xu hướng"),
        note=gettext("Mỗi nguồn một đường riêng, không nối với nhau."),
        table=_figure_table(indicator, runs, rows),
    )


def _figure_table(indicator: Indicator, runs: Sequence[Run], rows: Iterable[Row]) -> Table:
    """Year by year: the value of each series, what is demanded by then, where the trend leads."""
    values = [run.by_year() for run in runs]
    demanded: dict[int, list[str]] = defaultdict(list)
    trend: dict[int, str] = {}
    for row in rows:
        target = row.target
        if target.due_year is None or target.restates_id is not None:
            continue
        demanded[target.due_year].append(_path_words(row))
        trend[target.due_year] = trend.get(target.due_year) or _trend_words(row)
    body = [
        (
            Cell(str(year)),
            *(
                observed.value_cell(known[year], indicator.unit) if year in known else Cell()
                for known in values
            ),
            Cell("; ".join(demanded.get(year, ()))),
            Cell(trend.get(year, "")),
        )
        for year in sorted({*demanded, *(year for known in values for year in known)})
    ]
    columns = [
        Column(gettext("Năm")),
        *(Column(provincial.series_title(run.series), numeric=True) for run in runs),
        Column(gettext("Ngưỡng và nơi lộ trình bắt đầu")),
        Column(gettext("Xu hướng")),
    ]
    return Table(gettext("Bảng số liệu của biểu đồ"), columns, body)


def _path_words(row: Row) -> str:
    """`57-NQ/TW: ≥ 30 % vào 2030, từ 13,17 % (2024)`: a demand and where its path starts."""
    target, verdict = row.target, row.assessment
    text = f"{localised(target.document, 'short')}: {formatting.demand(target)}"
    if verdict is None or verdict.baseline_value is None or verdict.baseline_year is None:
        return text
    return gettext("%(demand)s, từ %(value)s (%(year)s)") % {
        "demand": text,
        "value": write(target, verdict.baseline_value),
        "year": verdict.baseline_year,
    }


def _trend_words(row: Row) -> str:
    """The projected value with its interval; "" for none."""
    target, verdict = row.target, row.assessment
    if verdict is None or verdict.projected_value is None:
        return ""
    value = write(target, verdict.projected_value)
    if verdict.projected_low is None or verdict.projected_high is None:
        return value
    low, high = sorted((verdict.projected_low, verdict.projected_high))
    return gettext("%(value)s (từ %(low)s đến %(high)s)") % {
        "value": value,
        "low": write(target, low),
        "high": write(target, high),
    }


def series_block(
    series: Series, run: Run | None, official: Run | None, brought: Brought = NOTHING_BROUGHT
) -> SeriesBlock:
    """One publisher's series; another than the official one says how far the two lie apart."""
    title = provincial.series_title(series)
    if run is None:
        return SeriesBlock(
            title,
            series.official,
            localised(series, "note"),
            empty=Notice(gettext("Chưa có số liệu nào của nguồn này")),
        )
    disagreement, common = "", None
    if not series.official and official is not None:
        disagreement, common = _disagreement(run, official)
    return SeriesBlock(
        title,
        series.official,
        localised(series, "note"),
        disagreement=disagreement,
        common=common,
        table=observed.run_table(run, title, brought),
    )


def _disagreement(run: Run, official: Run) -> tuple[str, Table | None]:
    """How a series differs from the official one in the years that both have."""
    mine, theirs = run.by_year(), official.by_year()
    years = sorted(mine.keys() & theirs.keys())
    if not years:
        return gettext("Không có năm nào chung với chuỗi chính thức."), None
    unit = run.series.indicator.unit
    gaps = [mine[year].number - theirs[year].number for year in years]
    low, high = min(gaps), max(gaps)
    words = {
        "years": str(years[0]) if len(years) == 1 else f"{years[0]}–{years[-1]}",
        "low": formatting.difference(low, unit),
        "high": formatting.difference(high, unit),
    }
    if low == high == 0:
        sentence = gettext("Trùng với chuỗi chính thức ở các năm chung (%(years)s).")
    elif low == high:
        sentence = gettext("Lệch %(low)s so với chuỗi chính thức ở năm chung (%(years)s).")
    else:
        sentence = gettext(
            "Lệch từ %(low)s đến %(high)s so với chuỗi chính thức ở các năm chung (%(years)s)."
        )
    rows = [
        (
            Cell(str(year)),
            observed.value_cell(theirs[year], unit),
            observed.value_cell(mine[year], unit),
            Cell(formatting.difference(gap, unit)),
        )
        for year, gap in zip(years, gaps, strict=True)
    ]
    columns = (
        Column(gettext("Năm")),
        Column(localised(official.series, "publisher"), numeric=True),
        Column(localised(run.series, "publisher"), numeric=True),
        Column(gettext("Chênh lệch"), numeric=True),
    )
    caption = gettext("%(series)s, so với chuỗi chính thức") % {
        "series": provincial.series_title(run.series)
    }
    return sentence % words, Table(caption, columns, rows)


def _context_table(
    links: Sequence[ContextLink], runs: Sequence[Run], country: int, to: Links
) -> Table:
    """Proxies with their newest value, and why each is not the measure."""
    official = {
        run.series.indicator_id: run
        for run in runs
        if run.organisation_id == country and run.series.official
    }
    rows = []
    for link in links:
        indicator = link.context
        run = official.get(link.context_id)
        newest = run.newest if run else None
        rows.append(
            (
                Cell(localised(indicator, "name"), url=to.indicator(indicator)),
                Cell(
                    observed.quantity(newest, indicator.unit),
                    note=formatting.period(newest.latest.period),
                    badges=observed.badges(newest.latest),
                )
                if newest
                else Cell(),
                Cell(localised(link, "note")),
                observed.source_cell(newest.latest.source) if newest else Cell(),
            )
        )
    columns = (
        Column(gettext("Chỉ tiêu")),
        Column(gettext("Mới nhất"), numeric=True),
        Column(gettext("Vì sao không phải thước đo")),
        Column(gettext("Nguồn")),
    )
    return Table(gettext("Để tham khảo"), columns, rows, stacked=True)


def _context_for(indicator: Indicator, to: Links) -> list[Fact]:
    """The indicators beside which this one is shown, each with the reason why it is no measure."""
    return [
        Fact(
            term=localised(link.indicator, "name"),
            text=localised(link, "note"),
            url=to.indicator(link.indicator),
        )
        for link in ContextLink.objects.filter(context=indicator).select_related("indicator")
    ]


def _facts(indicator: Indicator, runs: Sequence[Run]) -> list[Fact]:
    levels = [str(Indicator.Level(level).label) for level in indicator.levels]
    every = ngettext("mỗi năm", "%(count)s năm một lần", indicator.interval_years)
    recorded = [value.latest.recorded_at for run in runs for value in run.values]
    facts = [
        Fact(gettext("Đơn vị"), localised(indicator.unit, "name")),
        Fact(gettext("Chiều"), str(indicator.get_direction_display())),
        Fact(gettext("Cấp đo"), ", ".join(levels)),
        Fact(
            gettext("Ai công bố"),
            localised(indicator, "publisher") or gettext("chưa có cơ quan nào công bố"),
        ),
        Fact(gettext("Công bố"), every % {"count": indicator.interval_years}),
        Fact(gettext("Cách tổng hợp"), str(indicator.get_aggregation_display())),
        Fact(gettext("Cách tính tiến độ"), str(indicator.get_pace_method_display())),
    ]
    if recorded:
        facts.append(Fact(gettext("Ghi nhận lần cuối"), formatting.moment(max(recorded))))
    return facts
