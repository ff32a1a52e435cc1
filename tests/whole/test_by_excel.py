"""An official who never saw the site: from the first page to a submitted report, by Excel."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import openpyxl
import psycopg
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.whole.site import Site
from tests.whole.sizes import VALUES_OF_NEWCOMER

_CLICKS = 8
_PATIENCE = 60_000  # milliseconds, until the worker has read the file


class Hand:
    """The official's hand: it clicks, and the clicks are counted."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.clicks = 0

    def click(self, what: Locator) -> None:
        self.clicks += 1
        what.click()

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def link(self, name: str) -> Locator:
        return self.page.get_by_role("link", name=name, exact=True)


@pytest.fixture
def hand(page: Page) -> Hand:
    page.set_default_timeout(_PATIENCE)
    return Hand(page)


def _fill(path: Path) -> None:
    """Type a value into every row of the template, as in Excel: into unlocked cells only."""
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    rows = list(sheet.iter_rows())
    header = next(row for row in rows if any(cell.value == "Giá trị" for cell in row))
    columns = {str(cell.value): cell.column - 1 for cell in header if cell.value}
    filled = 0
    for row in rows[header[0].row :]:
        free = {name: row[place] for name, place in columns.items()}
        if free["Tử số"].protection.locked is False:
            free["Tử số"].value, free["Mẫu số"].value = "1.234", "2.468"
        elif free["Giá trị"].protection.locked is False:
            free["Giá trị"].value = "57"
        else:
            continue
        filled += 1
    assert filled == VALUES_OF_NEWCOMER
    book.save(path)


def test_from_sign_in_to_a_submitted_report_by_excel_in_eight_clicks(
    whole_site: Site, hand: Hand, tmp_path: Path, axe: Callable[[Page], list[str]]
) -> None:
    (who,) = json.loads(whole_site.python("-m", "tests.whole.prepare", "0", "0", "1"))["newcomers"]
    page = hand.page
    page.goto(whole_site.address)
    hand.click(hand.link("Đăng nhập"))
    page.get_by_label("Tên đăng nhập").fill(who["name"])
    page.get_by_label("Mật khẩu").fill(who["password"])
    hand.click(hand.button("Đăng nhập"))

    hand.click(page.get_by_role("link", name="Nhập số liệu"))
    with page.expect_download() as download:
        hand.click(hand.link("Tải tệp Excel"))
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    _fill(file)

    page.get_by_label("Nộp tệp đã điền").set_input_files(file)
    hand.click(hand.button("Xem trước"))
    expect(hand.button("Áp dụng tất cả")).to_be_visible(timeout=_PATIENCE)
    assert axe(page) == []
    hand.click(hand.button("Áp dụng tất cả"))
    hand.click(hand.button("Gửi duyệt"))
    expect(page.get_by_text("Đã gửi báo cáo cho người phê duyệt")).to_be_visible()

    assert hand.clicks <= _CLICKS
    with psycopg.connect(whole_site.postgres.url) as connection:
        found = connection.execute(
            "SELECT r.state, count(i.value), min(i.value), max(i.value) FROM targets_report r"
            " JOIN targets_reportitem i ON i.report_id = r.id WHERE r.id = %s GROUP BY r.state",
            [who["report"]],
        ).fetchone()
    assert found == ("submitted", VALUES_OF_NEWCOMER, 50, 57)
