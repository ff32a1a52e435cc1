"""What to write in the description of a source: an example for each way of reading.

Every example is valid; a test sees to it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from targets.models import DataSource

_ON_A_LINE: Final = 64  # letters


@dataclass(frozen=True)
class Example:
    """An address, and what goes into the three fields for it."""

    note: Promise
    address: str
    options: dict[str, Any] = field(default_factory=dict)
    mapping: dict[str, Any] = field(default_factory=dict)
    where: dict[str, Any] = field(default_factory=dict)


EXAMPLES: Final[dict[str, Example]] = {
    DataSource.Adapter.WORLD_BANK: Example(
        gettext_lazy(
            "Nhiều chỉ tiêu một lần: địa chỉ của dịch vụ, các mã trong “indicators”; mọi chỉ tiêu "
            "phải thuộc cùng cơ sở dữ liệu “source” (2 là WDI). Một chỉ tiêu: có thể viết trọn "
            "trong địa chỉ và để tuỳ chọn trống. Cột: indicator.id, countryiso3code, date, value."
        ),
        "https://api.worldbank.org/v2",
        {"indicators": ["GB.XPD.RSDV.GD.ZS", "IT.NET.USER.ZS"], "countries": ["VNM"], "source": 2},
        {
            "area": {"field": "countryiso3code", "codes": {"VNM": "VN"}},
            "period": {"field": "date", "form": "year"},
            "expect": {"latest_at_least": 2022},
        },
        {"indicator.id": "IT.NET.USER.ZS"},
    ),
    DataSource.Adapter.SDMX: Example(
        gettext_lazy(
            "Địa chỉ của dịch vụ; “dataflow” viết như “CƠ_QUAN,LUỒNG,PHIÊN_BẢN”, “key” theo thứ tự "
            "các chiều (bỏ trống một chiều là lấy hết chiều đó), “parameters” là phần sau dấu hỏi. "
            "“version” là 2.1 hoặc 3.0, “format” là xml hoặc json. Cột: mã của các chiều và thuộc "
            "tính (TIME_PERIOD, OBS_STATUS), value."
        ),
        "https://sdmx.example.org/rest",
        {
            "version": "2.1",
            "format": "xml",
            "dataflow": "UNSD,DF_SDG,1.0",
            "key": "A.VN.IT_USE_ii99",
            "parameters": {"startPeriod": "2018"},
        },
        {
            "area": {"field": "REF_AREA", "codes": {"VN": "VN", "704": "VN"}},
            "period": {"field": "TIME_PERIOD", "form": "sdmx"},
        },
        {"SERIES": "IT_USE_ii99"},
    ),
    DataSource.Adapter.PX_WEB: Example(
        gettext_lazy(
            "Địa chỉ của bảng, viết tiếng Việt như trên trang. “select” chọn giá trị của từng biến "
            "bằng nhãn hoặc mã; biến không nêu thì lấy hết. Cột: tên biến là nhãn, “tên biến.code” "
            "là mã, value."
        ),
        "https://pxweb.gso.gov.vn/api/v1/vi/Dân số và lao động/Dân số/V02.01.px",
        {"select": {"Năm": ["2022", "2023"]}},
        {
            "area": {"field": "Tỉnh, thành phố", "names": True},
            "period": {"field": "Năm", "form": "year"},
        },
        {"Chỉ tiêu": "Dân số trung bình"},
    ),
    DataSource.Adapter.TABLE: Example(
        gettext_lazy(
            "Tệp CSV hoặc Excel. “columns” là các cột phải có ở dòng tiêu đề; “sheet” là tên trang "
            "tính; “header_rows”: 2 khi tiêu đề có hai dòng; “rename” đặt lại tên cột. Bảng mỗi "
            "năm một cột: “wide” với biểu thức có nhóm period (và measure)."
        ),
        "https://bo.example.gov.vn/so-lieu/kinh-te-so.xlsx",
        {"sheet": "Số liệu", "header_rows": 2, "columns": ["Năm", "Tỷ trọng (%)"]},
        {
            "area": {"constant": "VN"},
            "period": {"field": "Năm"},
            "decimal": ",",
            "missing": ["", "..", "-"],
        },
        {},
    ),
    DataSource.Adapter.JSON: Example(
        gettext_lazy(
            "“rows” là biểu thức JMESPath chỉ ra danh sách dòng; “fields” đặt tên và biểu thức cho "
            "từng trường (không viết thì lấy mọi trường). Nhiều trang: “page” hoặc “next”; "
            "“total” là tổng số dòng; “error” là câu báo lỗi khi máy chủ vẫn trả mã 200. Gửi POST: "
            "“method” và “body”. Bí mật không viết ở đây."
        ),
        "https://lgsp.example.gov.vn/api/chi-tieu",
        {
            "rows": "duLieu.danhSach",
            "fields": {"ma": "maChiTieu", "nam": "nam", "value": "giaTri"},
            "page": {"parameter": "trang", "size_parameter": "kich_thuoc", "size": 100},
            "total": "duLieu.tongBanGhi",
            "error": "ma != '200' && thongBao",
        },
        {"area": {"constant": "VN"}, "period": {"field": "nam"}, "decimal": ","},
        {"ma": "HSTT-01"},
    ),
}


def as_help() -> SafeString:
    """All examples, each folded under the name of its way of reading."""
    folded = format_html_join(
        "",
        "<details><summary>{}</summary><p>{}</p><dl>"
        "<dt>{}</dt><dd><pre>{}</pre></dd><dt>{}</dt><dd><pre>{}</pre></dd>"
        "<dt>{}</dt><dd><pre>{}</pre></dd><dt>{}</dt><dd><pre>{}</pre></dd></dl></details>",
        (
            (
                DataSource.Adapter(adapter).label,
                example.note,
                _("Địa chỉ"),
                example.address,
                _("Tuỳ chọn của cách đọc"),
                written(example.options),
                _("Cách hiểu dữ liệu"),
                written(example.mapping),
                _("Điều kiện của một chuỗi"),
                written(example.where),
            )
            for adapter, example in EXAMPLES.items()
        ),
    )
    return format_html('<div class="td-examples"><p>{}</p>{}</div>', _("Ví dụ:"), folded)


def written(value: object, indent: str = "") -> str:
    """A description as people read and write it: what is short stands on one line."""
    line = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, dict | list) or len(line) <= _ON_A_LINE:
        return line
    inner = indent + "  "
    if isinstance(value, dict):
        parts = [
            f"{json.dumps(name, ensure_ascii=False)}: {written(part, inner)}"
            for name, part in value.items()
        ]
        opening, closing = "{}"
    else:
        parts = [written(part, inner) for part in value]
        opening, closing = "[]"
    return (
        f",\n{inner}".join([f"{opening}\n{inner}" + parts[0], *parts[1:]]) + f"\n{indent}{closing}"
    )
