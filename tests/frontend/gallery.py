"""Every component on one page, with made-up numbers: for the tests of the front end.

As a URLconf (``@pytest.mark.urls("tests.frontend.gallery")``) it adds to the addresses of the
site the page itself, a figure that is ready, one that is ready at the second try and one that
fails.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template import engines
from django.urls import path

from dashboard import markup, statuses, svg
from dashboard.components import (
    Bullet,
    Cell,
    Change,
    Chip,
    ChipGroup,
    Column,
    Count,
    Crumb,
    Event,
    Fact,
    Figure,
    Lead,
    Mark,
    MarksRow,
    MatrixGroup,
    MatrixRow,
    Notice,
    Pages,
    Table,
    TargetRow,
    Tile,
)
from dashboard.urls import urlpatterns as site

TEMPLATE = """{% extends "base.html" %}{% load i18n thuocdo %}
{% block title %}Bộ phận{% endblock %}
{% block breadcrumbs %}{% include "_partials/breadcrumbs.html" with crumbs=crumbs only %}{% endblock %}
{% block content %}
{% include "_partials/headline.html" with title=sentence sub=basis kicker="Trụ cột" status="at_risk" only %}
{% include "_partials/filters.html" with groups=groups only %}
{% include "_partials/tiles.html" with tiles=tiles only %}
<section><h2>Thời hạn và trụ cột</h2>{% matrix matrix "Số mục tiêu theo thời hạn và trụ cột" %}</section>
<section><h2>Theo trụ cột</h2>{% include "_partials/marks_table.html" with rows=marks heading="Trụ cột" only %}</section>
<section><h2>Cần chú ý <small>{% include "_partials/bullet_key.html" %}</small></h2>{% include "_partials/target_rows.html" with rows=targets only %}</section>
<section><h2>Không có</h2>{% include "_partials/target_rows.html" with rows=nothing empty=notices.0 only %}</section>
<section><h2>Thay đổi</h2><div class="td-card">{% include "_partials/changes.html" with changes=changes only %}</div></section>
<section><h2>Định nghĩa</h2><div class="td-card">{% include "_partials/facts.html" with facts=facts only %}</div></section>
<section><h2>Biểu đồ</h2>{% for figure in figures %}{% include "_partials/figure.html" with figure=figure only %}{% endfor %}</section>
<section><h2>Bảng</h2>{% table table %}</section>
<section><h2>Bảng thành thẻ</h2>{% table cards %}</section>
<section><h2>Bản đồ ô</h2>{% tile_map map "Bản đồ ô" %}</section>
<section><h2>Lịch sử</h2>{% include "_partials/timeline.html" with events=events only %}</section>
<section><h2>Trạng thái khác</h2>{% for notice in notices %}{% include "_partials/notice.html" with notice=notice only %}{% endfor %}</section>
{% include "_partials/pagination.html" with pages=pages only %}
{% endblock %}
"""  # noqa: E501 - a template reads better with a tag a line


def context() -> dict[str, Any]:
    """What the presenters would give."""
    counts = (7, 14, 8, 11, 8, 13, 30, 6)
    by_status = {
        code: Count(count, f"/?trang-thai={code}")
        for code, count in zip(statuses.CODES, counts, strict=True)
    }
    spark = markup.sparkline([(2020, 8), (2022, None), (2024, 13), (2025, 14)], threshold=20)
    table = Table(
        "Chỉ tiêu của trụ cột",
        [
            Column("Chỉ tiêu"),
            Column("2024", numeric=True, sort_url="?thu-tu=2024", sorted="descending"),
            Column("2025", numeric=True),
            Column("Diễn biến", minor=True),
            Column("Tiến độ"),
            Column("Điều khoản"),
        ],
        [
            [
                Cell(name, url="/chi-tieu/a/"),
                Cell("13,2\u202f%"),
                Cell(""),
                Cell(html=spark),
                Cell(str(statuses.status(code).label), status=code),
                Cell("749/QĐ-TTg, Điều 1 > II", url="/van-ban/qd749/", badges=("inferred",)),
            ]
            for name, code in (("Kinh tế số trong GDP", "missed"), ("Phủ sóng 5G", "on_track"))
        ],
    )
    cards = Table(
        "Các chỉ tiêu thành thẻ", table.columns, table.rows, stacked=True, caption_hidden=False
    )
    figure_table = Table(
        "Số liệu của biểu đồ",
        [Column("Năm"), Column("Giá trị", numeric=True)],
        [[Cell("2024"), Cell("13,2\u202f%")], [Cell("2025"), Cell("14,0\u202f%")]],
    )
    return {
        "crumbs": [Crumb("Tổng quan", "/"), Crumb("Trụ cột", "/tru-cot/"), Crumb("Kinh tế số")],
        "sentence": "Trong 27 mục tiêu đến hạn 2025 có số liệu, 8 đạt và 7 không đạt.",
        "basis": "Số liệu công bố đến 22/11/2026.",
        "groups": [
            ChipGroup(
                "Thời hạn", [Chip("Tất cả", "?", True), Chip("2025", "?thoi-han=2025", count=62)]
            ),
            ChipGroup(
                "Văn bản", [Chip("còn hiệu lực", "?", True), Chip("tất cả", "?du-thao=1")], True
            ),
        ],
        "tiles": [
            Tile(code, count, f"/?trang-thai={code}", current=code == "at_risk")
            for code, count in zip(statuses.CODES, counts, strict=True)
        ],
        "matrix": [
            MatrixGroup("Thời hạn", [MatrixRow("2025", by_status, "/?thoi-han=2025")]),
            MatrixGroup("Trụ cột", [MatrixRow("Kinh tế số", {"missed": Count(1234)})]),
        ],
        "marks": [
            MarksRow(
                "Kinh tế số",
                "/tru-cot/kinh-te-so/",
                [
                    Mark(code, f"Mục tiêu {number}, ≥ 80 %", f"/muc-tieu/{number}/")
                    for code, count in zip(statuses.CODES, counts, strict=True)
                    for number in range(count)
                ],
            )
        ],
        "targets": [
            TargetRow(
                "missed",
                "Kinh tế số trong GDP",
                "/muc-tieu/a/",
                "≥ 20 % vào 2025",
                "14,0\u202f%",
                "2025",
                Bullet(12.7, 14.0, 20, 20),
                "Đạt 14,0 % vào 2025, thiếu 6,0 điểm.",
                "Theo đà này: 19 % vào 2030.",
                [Lead("Bộ KH&CN", "/co-quan/most/", "suy ra"), Lead("Cục Thống kê")],
                "749/QĐ-TTg, II.1.b",
                "/van-ban/qd749/#II",
                ("draft", "interpreted"),
            ),
            TargetRow("no_data", "Hồ sơ công việc cấp xã", "/muc-tieu/b/", "≥ 60 % vào 2025"),
        ],
        "nothing": [],
        "changes": [
            Change("on_track", "missed", "Kinh tế số", "/muc-tieu/a/", "14,0 %", "06/01/2026"),
            Change("", "no_data", "Phủ sóng 5G", "/muc-tieu/c/"),
        ],
        "facts": [
            Fact("Đơn vị", "% GDP"),
            Fact("Cơ quan công bố", "Cục Thống kê", "/co-quan/nso/", note="từ 01/03/2025"),
            Fact("Tiến độ", html=markup.pill("at_risk")),
        ],
        "figures": [
            Figure(
                "san-sang", "/bo-phan/san-sang.json", "Quỹ đạo", "Nét đứt: lộ trình", figure_table
            ),
            Figure("cho", "/bo-phan/cho.json", "Đang chuẩn bị", height="s"),
            Figure("hong", "/bo-phan/hong.json", "Hỏng", height="s"),
        ],
        "table": table,
        "cards": cards,
        "map": [
            svg.MapTile(
                0, step, f"T{step}", f"Tỉnh {step}: 80 %", f"q{step}", "80", "/dia-phuong/a/"
            )
            for step in range(6)
        ]
        + [
            svg.MapTile(1, step, f"S{step}", f"Tỉnh {code}", code, "1", "/dia-phuong/b/")
            for step, code in enumerate(statuses.CODES)
        ]
        + [svg.MapTile(2, 0, "HS", "Hoàng Sa", inset=True)],
        "events": [
            Event(
                "22/11/2026", "Đúng tiến độ, hạng 71", "/muc-tieu/a/", "phương pháp 1", "on_track"
            ),
            Event("03/06/2020", "Văn bản ban hành"),
        ],
        "notices": [
            Notice("Chưa có thay đổi nào", "Chọn một ngày xa hơn.", action="Xem", action_url="/"),
            Notice("Bạn chưa có quyền xem", kind="denied"),
            Notice("Không tải được", kind="error"),
            Notice("Số liệu giả định", kind="info"),
        ],
        "pages": Pages([("1", ""), ("2", "?trang=2")], "", "?trang=2", "1-50 trong 172"),
    }


def page(request: HttpRequest) -> HttpResponse:
    """All components."""
    template = engines["django"].from_string(TEMPLATE)
    return HttpResponse(template.render(context(), request))


FIGURE = {
    "data": [
        {"type": "scatter", "mode": "lines+markers", "name": "Cục Thống kê", "x": [2024, 2025],
         "y": [13.2, 14.0], "line": {"color": "var(--td-missed)"}},
    ],
    "layout": {"yaxis": {"tickformat": ",.1f", "ticksuffix": " %"}, "xaxis": {"dtick": 1}},
    "config": {},
}  # fmt: skip


def figure(request: HttpRequest, name: str) -> HttpResponse:
    """``san-sang`` is ready, ``cho`` at the second try of a session, ``hong`` fails."""
    if name == "hong":
        return HttpResponse(status=500)
    if name == "cho" and "asked" not in request.COOKIES:
        waiting = HttpResponse(status=202, headers={"Retry-After": "0.1"})
        waiting.set_cookie("asked", "1")
        return waiting
    return JsonResponse(FIGURE)


urlpatterns = [
    *site,
    path("bo-phan/", page, name="gallery"),
    path("bo-phan/<slug:name>.json", figure, name="gallery-figure"),
]
