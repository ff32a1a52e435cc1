"""A ministry's service on the LGSP, JSON behind a secret: a bearer token or an API key.

`GET /lgsp/bo-khcn/chi-tieu?trang=1&kich_thuoc=20` with `Authorization: Bearer SECRET` or
`X-API-Key: SECRET`; the secret is that of the environment variable STANDIN_SECRET. Numbers are
Vietnamese texts with a decimal comma.
"""

from __future__ import annotations

import hmac
import os
from typing import Any

from dashboard.demo.standin.messages import Answer, Asked, as_json

_PATH = "/lgsp/bo-khcn/chi-tieu"
_PAGE = 20

#: The ministry's code -> name, unit, series of ours.
MEASURES = {
    "HSTT-01": (
        "Tỷ lệ hồ sơ trực tuyến toàn trình, cả nước",
        "%",
        "dossiers-fully-online/most",
    ),
    "HSTT-02": (
        "Tỷ lệ hồ sơ trực tuyến toàn trình, khối bộ, ngành",
        "%",
        "dossiers-fully-online-ministries/most",
    ),
    "HSTT-03": (
        "Tỷ lệ hồ sơ trực tuyến toàn trình, khối tỉnh, thành phố",
        "%",
        "dossiers-fully-online-provinces/most",
    ),
}


def secret() -> str:
    """The secret that opens the service."""
    return os.environ.get("STANDIN_SECRET", "mat-khau-may-chu-mo-phong")


def speak(asked: Asked) -> Answer | None:
    """The ministry's figures, or 401 without the secret."""
    if asked.path != _PATH or asked.method != "GET":
        return None
    given = asked.headers.get("x-api-key", "")
    scheme, _, token = asked.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        given = token.strip()
    if not given:
        answer = as_json({"ma": "401", "thongBao": "Chưa xác thực"}, status=401)
        answer.headers["WWW-Authenticate"] = 'Bearer realm="lgsp"'
        return answer
    if not hmac.compare_digest(given.encode(), secret().encode()):
        return as_json({"ma": "403", "thongBao": "Mã không có quyền"}, status=403)
    rows = _rows(asked)
    try:
        page, size = int(asked.query.get("trang", 1)), int(asked.query.get("kich_thuoc", _PAGE))
    except ValueError:
        page = size = 0
    if page < 1 or size < 1:
        return as_json({"ma": "400", "thongBao": "Tham số không hợp lệ"}, status=400)
    pages = max(1, -(-len(rows) // size))
    return as_json(
        {
            "ma": "200",
            "thongBao": "Thành công",
            "duLieu": {
                "ngayCapNhat": "2026-11-01",
                "trang": page,
                "tongTrang": pages,
                "tongBanGhi": len(rows),
                "danhSach": rows[(page - 1) * size : page * size],
            },
        }
    )


def _rows(asked: Asked) -> list[dict[str, Any]]:
    state = asked.state
    return [
        {
            state.name("maChiTieu"): code,
            "tenChiTieu": name,
            "donViTinh": unit,
            "maDonVi": "000",
            state.name("kyDuLieu"): f"{period[5:]}/{period[:4]}" if len(period) > 4 else period,
            state.name("giaTri"): None if value is None else value.replace(".", ","),
        }
        for code, (name, unit, series) in MEASURES.items()
        for period, value in state.figures(series).items()
    ]
