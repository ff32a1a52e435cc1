"""From where values are published to the indicators' pages, by beat, worker and Redis alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import psycopg
import pytest
from lxml import html

from dashboard.demo import sources
from dashboard.demo.standin.lgsp import secret
from tests.celery.workers import eventually
from tests.sources.standin import standin_process as _standin_process
from tests.whole.site import Site, running

standin_process = _standin_process
_PATIENCE = 150.0  # seconds; a source is due at the next full minute

#: The survey's scores leapt here by more than the catalogue's rules let pass without a person, and
#: so does what follows: it is as far from the last value that was taken.
_JUMPS = {
    *(("egdi-osi", year) for year in ("2016", "2018", "2020", "2022", "2024")),
    *(("payment-accounts", year) for year in ("2022", "2024")),
    *(("egdi-tii", year) for year in ("2020", "2022", "2024")),
}


@pytest.fixture
def site(standin_process: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A fresh site whose processes may go to the stand-in, with a catalogue and no values."""
    for name, value in sources.environment(standin_process, secret()).items():
        monkeypatch.setenv(name, value)
    with running(tmp_path) as site:
        site.manage("load_catalogue")
        yield site


def _outcomes(site: Site) -> dict[str, tuple[str, str, str]]:
    """Source -> how its first scheduled run went, once that is over."""
    with psycopg.connect(site.postgres.url) as connection:
        rows = connection.execute(
            "SELECT DISTINCT ON (s.id) s.slug, r.status, r.outcome, r.detail::text"
            " FROM targets_datasource s JOIN targets_sourcerun r ON r.data_source_id = s.id"
            " WHERE r.kind = 'scheduled' AND r.finished_at IS NOT NULL ORDER BY s.id, r.id"
        ).fetchall()
    return {slug: (status, outcome, detail) for slug, status, outcome, detail in rows}


def _held_for_a_jump(site: Site) -> set[tuple[str, str]]:
    """Indicator and period of every value that waits, all of them for their jump alone."""
    with psycopg.connect(site.postgres.url) as connection:
        rows = connection.execute(
            "SELECT i.code, h.period, h.reasons FROM targets_heldvalue h"
            " JOIN targets_indicator i ON i.id = h.indicator_id WHERE h.state = 'waiting'"
        ).fetchall()
    assert {tuple(reasons) for _, _, reasons in rows} == {("jump",)}
    return {(indicator, period) for indicator, period, _ in rows}


def _rows(page: str) -> set[tuple[str, str]]:
    """The first two cells of every row of every table of a page: period, value and its badges."""
    return {
        (" ".join(cells[0].text_content().split()), " ".join(cells[1].text_content().split()))
        for row in html.fromstring(page).iter("tr")
        if len(cells := row.xpath("./th|./td")) > 1
    }


def _stands(period: str, value: str, shown: set[tuple[str, str]]) -> bool:
    value = " ".join(value.split())
    return any(
        period == other and (text == value or text.startswith(f"{value} ")) for other, text in shown
    )


def test_what_is_published_stands_on_the_pages_after_one_scheduled_run(
    site: Site, standin_process: str
) -> None:
    wanted = json.loads(site.python("-m", "tests.whole.prepare_pulls", standin_process, "whole"))
    eventually(
        "each source was read when it was due",
        lambda: _outcomes(site).keys() >= wanted.keys(),
        patience=_PATIENCE,
    )
    outcomes = _outcomes(site)
    assert outcomes == dict.fromkeys(wanted, ("succeeded", "", "{}")), site.logs()
    absent = set()
    with httpx.Client(base_url=site.address, timeout=30) as client:
        for series in (one for every in wanted.values() for one in every.items()):
            indicator = series[0].partition("/")[0]
            page = client.get(f"/chi-tieu/{indicator}/")
            assert page.status_code == 200
            shown = _rows(page.text)
            absent |= {
                (indicator, period)
                for period, named, value in series[1]
                if not _stands(named, value, shown)
            }
    assert absent == _held_for_a_jump(site) == _JUMPS
