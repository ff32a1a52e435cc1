"""Every component renders, escapes, and keeps to the policy of the pages."""

from __future__ import annotations

import re
from pathlib import Path
from typing import cast

import pytest
from django.template import engines
from django.test import Client
from django.utils import translation
from django.utils.safestring import SafeString

from dashboard import markup, statuses
from dashboard.components import (
    Cell,
    Column,
    Count,
    Lead,
    Mark,
    MatrixGroup,
    MatrixRow,
    Table,
    TargetRow,
    Tile,
)

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
BAD = '"><script>x</script>'

gallery = pytest.mark.urls("tests.frontend.gallery")


@gallery
def test_the_gallery_has_one_heading_and_every_component(client: Client) -> None:
    html = client.get("/bo-phan/").content.decode()
    assert html.count("<h1") == 1
    parts = (
        "headline", "filters", "counts", "matrix", "marks-table", "rows", "changes", "facts",
        "figure", "table", "tiles", "timeline", "notice", "pages", "crumbs",
    )  # fmt: skip
    for part in parts:
        assert f"td-{part}" in html, part


@gallery
@pytest.mark.parametrize("language", ["vi", "en"])
def test_no_page_needs_inline_style_or_script(client: Client, language: str) -> None:
    client.cookies["django_language"] = language
    html = client.get("/bo-phan/").content.decode()
    assert f'<html lang="{language}"' in html
    assert not re.search(r"\sstyle\s*=", html)
    assert not re.search(r"\son\w+\s*=", html)
    assert "<style" not in html
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", html))


@gallery
def test_no_id_is_given_twice(client: Client) -> None:
    ids = re.findall(r'\sid="([^"]+)"', client.get("/bo-phan/").content.decode())
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_templates_keep_to_the_policy(template: Path) -> None:
    text = template.read_text(encoding="utf-8")
    assert not re.search(r"\sstyle\s*=|\son\w+\s*=|<style|javascript:|https?://", text)
    assert "|safe" not in text or template.name == "fields.html"


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_templates_compile(template: Path) -> None:
    engines["django"].get_template(str(template.relative_to(ROOT / "templates")))


def test_a_mark_is_named_unless_its_word_stands_beside_it() -> None:
    assert 'role="img" aria-label="Đúng tiến độ"' in markup.mark("on_track")
    assert 'aria-hidden="true"' in markup.mark("on_track", named=False)


def test_words_are_remembered_apart_for_each_language() -> None:
    with translation.override("vi"):
        vietnamese = markup.word("achieved")
    with translation.override("de"):
        markup.word("achieved")
    with translation.override("vi"):
        assert markup.word("achieved") == vietnamese


def test_marks_are_links_grouped_by_status_the_worst_first() -> None:
    html = markup.marks(
        [Mark("achieved", "B", "/b/"), Mark("missed", "A", "/a/"), Mark("achieved", "C", "/c/")]
    )
    assert re.findall(r'href="(/\w/)"', html) == ["/a/", "/b/", "/c/"]
    assert html.count("<ul") == 2
    assert 'aria-label="Không đạt: A"' in html


def test_a_matrix_shows_zero_as_zero_and_links_the_rest() -> None:
    html = markup.matrix(
        [MatrixGroup("Trụ cột", [MatrixRow("Kinh tế số", {"missed": Count(3, "/x/")})])],
        caption="Số mục tiêu",
    )
    assert html.count('<td class="zero">0</td>') == 7
    assert '<a href="/x/" aria-label="3 Không đạt, Kinh tế số">3</a>' in html


def test_a_row_without_a_value_says_so() -> None:
    html = markup.target_rows([TargetRow("no_data", "A", "/a/", "≥ 60 %")])
    assert "không có số liệu" in html


def test_foreign_text_is_escaped_everywhere() -> None:
    row = TargetRow(
        "missed", BAD, BAD, BAD, BAD, BAD, None, BAD, BAD, [Lead(BAD, BAD, BAD)], BAD, BAD
    )
    pieces = [
        markup.target_rows([row]),
        markup.marks([Mark("missed", BAD, BAD)]),
        markup.tiles([Tile("missed", 1, BAD)], label=BAD),
        markup.matrix(
            [MatrixGroup(BAD, [MatrixRow(BAD, {"missed": Count(1, BAD)}, BAD)])], caption=BAD
        ),
        markup.table(
            Table(
                BAD,
                [Column(BAD, sort_url=BAD, sorted=BAD)],
                [[Cell(BAD, BAD, note=BAD, html=cast("SafeString", BAD))]],
                stacked=True,
            )
        ),
    ]
    for html in pieces:
        assert "<script" not in html


def test_a_table_row_with_a_cell_too_few_is_an_error() -> None:
    table = Table("Bảng", [Column("A"), Column("B")], [[Cell("1")]])
    with pytest.raises(ValueError, match="shorter"):
        markup.table(table)


def test_an_empty_cell_is_a_dash_with_a_word() -> None:
    html = markup.table(
        Table("Bảng", [Column("A"), Column("B", numeric=True)], [[Cell("1"), Cell()]])
    )
    assert '<td class="num"><span class="td-none">' in html


@pytest.mark.parametrize("code", sorted(markup.BADGES))
def test_a_badge_says_what_it_means(code: str) -> None:
    assert re.search(r'title="[^"]{10,}"', markup.badge(code))


def test_filters_print_in_the_language_of_the_page() -> None:
    source = "{% load thuocdo %}{{ a|number:1 }} {{ b|percent }} {{ c|rank }} {{ d|number }}"
    html = (
        engines["django"].from_string(source).render({"a": 1234.5, "b": 13.2, "c": 44, "d": None})
    )
    assert html.startswith("1.234,5 13,2\u202f% hạng 44 <span")


def test_the_legend_names_all_statuses() -> None:
    html = engines["django"].from_string("{% load thuocdo %}{% legend %}").render()
    for item in statuses.STATUSES:
        assert str(item.label) in html
