"""Blocks from Excel, the keyboard alone, a phone, a screen reader's view, who may only look."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect

from targets.models import ItemRemark, ReportAction
from targets.reporting.entering import Typed, enter_item
from tests.e2e.conftest import PHONE, WIDE
from tests.e2e.entry.conftest import Desk, Grid, Open
from tests.factory import make


def paste(grid: Grid, row: str, name: str, text: str) -> None:
    """Ctrl+V of a text into a field."""
    grid.input(row, name).focus()
    grid.page.evaluate(
        """(text) => {
            const data = new DataTransfer();
            data.setData("text/plain", text);
            document.activeElement.dispatchEvent(
                new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true})
            );
        }""",
        text,
    )


def test_a_block_from_excel_fills_many_cells_and_can_be_undone(open_grid: Open, desk: Desk) -> None:
    grid = open_grid()
    grid.type("share", "10")
    expect(grid.state("share")).to_contain_text("Đã lưu")
    requests: list[str] = []
    grid.page.on("request", lambda one: requests.append(one.url) if one.method == "POST" else None)
    paste(
        grid,
        "share",
        "value",
        '61,5 %\t"số ước,\nchưa chốt"\r\n70\t\r\n1.234\tđếm lại\r\n'
        "không rõ\t\r\n75/100\t\r\n98.5\tx\r\n",
    )
    expect(grid.state("share")).to_contain_text("Đã lưu: 61,5")
    expect(grid.state("number")).to_contain_text("Đã lưu: 1.234")
    expect(grid.cell("number").locator(".read")).to_contain_text("ngăn hàng nghìn")
    expect(grid.state("stage")).to_contain_text("75/100")
    expect(grid.state("last")).to_contain_text("98,5")
    # What cannot be read stays where it was pasted, with the reason.
    expect(grid.state("second")).to_contain_text("không phải là số")
    expect(grid.input("second")).to_have_value("không rõ")
    expect(grid.input("second")).to_have_attribute("aria-invalid", "true")
    assert [url for url in requests if "/dan/" not in url] == []
    assert len(requests) == 1
    assert desk.stored("share").note.startswith("số ước")
    assert desk.stored("ratio").value == 70
    assert desk.stored("second").version == 0
    grid.page.get_by_role("button", name="Hoàn tác lần dán").click()
    expect(grid.state("share")).to_contain_text("Đã lưu: 10")
    expect(grid.input("second")).to_have_value("")
    expect(grid.input("last")).to_have_value("")
    assert (desk.stored("share").value, desk.stored("last").value) == (Decimal(10), None)


def test_a_block_of_two_columns_goes_into_the_halves_of_ratios(open_grid: Open, desk: Desk) -> None:
    grid = open_grid()
    paste(grid, "ratio", "numerator", "1\t4\n\t\n3\t4\n")
    expect(grid.state("ratio")).to_contain_text("Đã lưu: 1 / 4 = 25")
    expect(grid.state("second")).to_contain_text("3 / 4 = 75")
    expect(grid.input("second")).to_have_value("75")
    assert desk.stored("number").version == 0


def test_a_column_that_a_row_does_not_have_is_told_at_the_row(open_grid: Open, desk: Desk) -> None:
    grid = open_grid()
    paste(grid, "ratio", "numerator", "1\t4\n5\t\n")
    expect(grid.state("ratio")).to_contain_text("Đã lưu")
    expect(grid.state("number")).to_contain_text("không có tử số và mẫu số")
    assert desk.stored("number").version == 0


def test_a_block_over_somebody_elses_value_asks(open_grid: Open, desk: Desk) -> None:
    grid = open_grid()
    enter_item(desk.items["share"].pk, by=desk.colleague, seen_version=0, typed=Typed(Decimal(40)))
    paste(grid, "share", "value", "61\n62\n")
    expect(grid.state("ratio")).to_contain_text("Đã lưu: 62")
    expect(grid.state("share")).to_contain_text("Trần Văn Bình")
    assert desk.stored("share").value == 40


def test_one_value_is_pasted_as_any_text(open_grid: Open) -> None:
    grid = open_grid()
    grid.input("share").fill("")
    grid.input("share").focus()
    grid.page.keyboard.insert_text("61,5")
    grid.input("share").blur()
    expect(grid.state("share")).to_contain_text("Đã lưu: 61,5")


def test_the_whole_grid_by_keyboard_alone(open_grid: Open, desk: Desk) -> None:
    grid = open_grid()
    keys = grid.page.keyboard
    grid.input("share").focus()
    keys.type("61")
    keys.press("Enter")
    # A row with halves begins with its numerator only when one comes from a numerator.
    expect(grid.input("ratio")).to_be_focused()
    keys.press("Shift+Tab")
    keys.press("Shift+Tab")
    expect(grid.input("ratio", "numerator")).to_be_focused()
    keys.type("1")
    keys.press("Tab")
    expect(grid.input("ratio", "denominator")).to_be_focused()
    keys.type("4")
    keys.press("ArrowDown")
    expect(grid.input("number")).to_be_focused()
    keys.type("7")
    keys.press("Tab")
    expect(grid.input("number", "note")).to_be_focused()
    keys.press("Shift+Enter")
    expect(grid.input("ratio", "note")).to_be_focused()
    keys.press("Tab")
    expect(grid.input("ratio", "unavailable")).to_be_focused()
    for row in ("share", "ratio", "number"):
        expect(grid.state(row)).to_contain_text("Đã lưu")
    assert desk.stored("ratio").value == 25


def test_escape_brings_the_saved_value_back(open_grid: Open, desk: Desk) -> None:
    grid = open_grid()
    grid.type("share", "61")
    expect(grid.state("share")).to_contain_text("Đã lưu")
    grid.input("share").fill("99")
    grid.page.keyboard.press("Escape")
    expect(grid.input("share")).to_have_value("61")
    grid.input("share").blur()
    expect(grid.page.locator("#tinh-trang")).to_have_text("Mọi ô đã lưu")
    assert desk.stored("share").version == 1


def test_the_next_empty_cell(open_grid: Open) -> None:
    grid = open_grid()
    grid.type("share", "61")
    expect(grid.state("share")).to_contain_text("Đã lưu")
    grid.page.get_by_role("button", name="Ô trống tiếp theo").click()
    expect(grid.input("ratio", "numerator")).to_be_focused()


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", ["vi", "en"])
def test_axe_finds_nothing(
    request: pytest.FixtureRequest, desk: Desk, language: str, theme: str, size: tuple[int, int]
) -> None:
    open_grid: Open = request.getfixturevalue("open_grid")
    axe: Callable[[Page], list[str]] = request.getfixturevalue("axe")
    user, typed = desk.colleague, Typed(numerator=Decimal(9), denominator=Decimal(3))
    enter_item(desk.items["ratio"].pk, by=user, seen_version=0, typed=typed)
    enter_item(desk.items["last"].pk, by=user, seen_version=0, typed=Typed(Decimal(99)))
    grid = open_grid(language=language, theme=theme, size=size)
    enter_item(desk.items["share"].pk, by=user, seen_version=0, typed=Typed(Decimal(1)))
    grid.type("share", "61,5" if language == "vi" else "61.5")
    expect(grid.cell("share").locator(".choose button")).to_have_count(2)
    grid.type("number", "abc")
    expect(grid.cell("number").locator(".state.refused")).to_be_visible()
    for summary in grid.cell("last").locator("summary").all():
        summary.click()
    assert axe(grid.page) == []


@pytest.mark.parametrize("width", [320, 390, 768, 1024, 1440])
def test_the_page_does_not_scroll_sideways(open_grid: Open, desk: Desk, width: int) -> None:
    typed = Typed(numerator=Decimal(9_000_000), denominator=Decimal(3))
    enter_item(desk.items["ratio"].pk, by=desk.colleague, seen_version=0, typed=typed)
    grid = open_grid(size=(width, 800))
    assert grid.page.evaluate("document.documentElement.scrollWidth") <= width


def test_on_a_phone_cells_are_cards_with_a_decimal_keyboard(open_grid: Open) -> None:
    grid = open_grid(size=PHONE)
    field = grid.input("ratio", "numerator")
    expect(field).to_have_attribute("inputmode", "decimal")
    box = grid.cell("ratio").bounding_box()
    assert box is not None
    assert box["width"] <= PHONE[0]
    touch = field.bounding_box()
    assert touch is not None
    assert touch["height"] >= 44
    grid.type("ratio", "1", "numerator")
    grid.type("ratio", "4", "denominator")
    expect(grid.state("ratio")).to_contain_text("25")


def test_every_field_has_a_name_of_its_own_and_says_its_unit(open_grid: Open) -> None:
    grid = open_grid()
    names = grid.page.evaluate(
        """() => [...document.querySelectorAll("#bang [data-field]")]
            .map((input) => input.labels[0].textContent.replace(/\\s+/g, " "))"""
    )
    assert len(names) == len(set(names))
    described = grid.input("share").get_attribute("aria-describedby") or ""
    words = " ".join(grid.page.locator(f"#{part}").inner_text() for part in described.split())
    assert "%" in words
    assert "80" in words  # the threshold


def test_a_colleague_of_another_step_sees_the_report_but_no_field(
    open_grid: Open, desk: Desk
) -> None:
    desk.colleague.memberships.update(role="approver")
    enter_item(desk.items["share"].pk, by=desk.reporter, seen_version=0, typed=Typed(Decimal(61)))
    grid = open_grid(desk.colleague)
    expect(grid.cell("share")).to_contain_text("61")
    expect(grid.cell("share")).to_contain_text("Nguyễn Thị An")
    expect(grid.page.locator("main")).to_contain_text("Chỉ xem")
    expect(grid.page.locator("#bang input:not([type=hidden]), #bang textarea")).to_have_count(0)


def test_what_was_said_of_a_returned_cell_stands_at_it(open_grid: Open, desk: Desk) -> None:
    action = make(
        ReportAction, report=desk.report, kind="return", reason="Xem lại hai ô", by=desk.colleague,
        from_state="submitted", to_state="returned",
    )  # fmt: skip
    make(ItemRemark, action=action, item=desk.items["last"], text="Số này của năm trước")
    for state in ("submitted", "returned"):
        type(desk.report).objects.filter(pk=desk.report.pk).update(state=state)
    grid = open_grid()
    expect(grid.page.locator("main")).to_contain_text("Xem lại hai ô")
    expect(grid.cell("last")).to_contain_text("Số này của năm trước")
    grid.type("last", "61")
    expect(grid.state("last")).to_contain_text("Đã lưu")


def test_a_file_answers_a_finding(open_grid: Open, desk: Desk) -> None:
    from targets.models import ValidationRule

    make(ValidationRule, check_kind="evidence", unit_kind="stage", sentence_vi="Cần tài liệu.")
    grid = open_grid()
    grid.input("stage").select_option("75")
    expect(grid.cell("stage").locator(".td-finding.error")).to_contain_text("Cần tài liệu.")
    grid.cell("stage").get_by_text("Tài liệu", exact=False).first.click()
    grid.cell("stage").locator("input[type=file]").set_input_files(
        {"name": "so.csv", "mimeType": "text/csv", "buffer": "năm,số\n2026,75\n".encode()}
    )
    grid.cell("stage").get_by_role("button", name="Tải lên").click()
    expect(grid.cell("stage").get_by_role("link", name="so.csv")).to_be_visible()
    expect(grid.cell("stage").locator(".td-finding.error")).to_have_count(0)


def test_nothing_is_handed_in_while_a_cell_is_not_saved(
    open_grid: Open, desk: Desk, expected_errors: list[str]
) -> None:
    expected_errors.append("ERR_INTERNET_DISCONNECTED")
    grid = open_grid()
    for row in ("ratio", "number", "second", "stage", "last"):
        enter_item(desk.items[row].pk, by=desk.reporter, seen_version=0, typed=Typed(Decimal(50)))
    grid.page.context.set_offline(True)
    grid.type("share", "51")
    expect(grid.state("share")).to_contain_text("mất kết nối")
    button = grid.page.get_by_role("button", name="Gửi duyệt")
    button.click()
    expect(grid.page.locator("#tinh-trang")).to_contain_text("Còn ô chưa lưu")
    grid.page.context.set_offline(False)
    expect(grid.state("share")).to_contain_text("Đã lưu", timeout=20_000)
    button.click()
    grid.page.wait_for_load_state()
    desk.report.refresh_from_db()
    assert desk.report.state == "submitted"
