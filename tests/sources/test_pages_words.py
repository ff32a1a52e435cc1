"""Schedules, spans, sizes and outcomes in words."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.utils import translation

from dashboard.presenters.sources import words
from dashboard.presenters.sources.failures import outcome_sentence
from dashboard.presenters.sources.outcomes import result_sentence
from targets.models import DataSource, SourceRun

NOON = "2026-11-22T05:00:00Z"


@pytest.mark.parametrize(
    ("schedule", "said"),
    [
        ("30 6 * * *", "mỗi ngày lúc 06:30"),
        ("0,30 6 * * *", "mỗi ngày lúc 06:00, 06:30"),
        ("15 * * * *", "mỗi giờ, vào phút 15"),
        ("*/15 * * * *", "15 phút một lần"),
        ("* * * * *", "mỗi phút"),
        ("5 */6 * * *", "6 giờ một lần, vào phút 5"),
        ("0 * * * 1", "mỗi giờ, vào phút 0, thứ Hai hằng tuần"),
        ("0 7 * * 1-5", "thứ Hai đến thứ Sáu lúc 07:00"),
        ("0 7 * * 0,4", "Chủ nhật, thứ Năm hằng tuần lúc 07:00"),
        ("0 7 5 * *", "ngày 5 hằng tháng lúc 07:00"),
        ("0 7 1,15 * *", "các ngày 1, 15 hằng tháng lúc 07:00"),
        ("0 7 5 1,7 *", "ngày 5 tháng 1, 7 lúc 07:00"),
        ("0 7 5 1-3 *", "theo lịch “0 7 5 1-3 *” (phút giờ ngày tháng thứ)"),
        ("0 7 * * mon", "theo lịch “0 7 * * mon” (phút giờ ngày tháng thứ)"),
        ("0 7 5 * 1", "theo lịch “0 7 5 * 1” (phút giờ ngày tháng thứ)"),
        ("1-9 7 * * *", "theo lịch “1-9 7 * * *” (phút giờ ngày tháng thứ)"),
        ("*/5 7 * * *", "theo lịch “*/5 7 * * *” (phút giờ ngày tháng thứ)"),
        ("hằng ngày", "theo lịch “hằng ngày” (phút giờ ngày tháng thứ)"),
    ],
)
def test_a_schedule_in_words(schedule: str, said: str) -> None:
    assert words.cron_words(schedule) == said


def test_a_source_without_a_schedule_says_who_starts_it() -> None:
    assert words.schedule_words(DataSource(adapter="push")) == "khi cơ quan gửi đến"
    assert words.schedule_words(DataSource(adapter="json")) == "chỉ khi có người bấm lấy"
    assert words.schedule_words(DataSource(adapter="json", schedule="0 6 * * *")) == (
        "mỗi ngày lúc 06:00"
    )


@time_machine.travel(NOON)
@pytest.mark.parametrize(
    ("hours", "said"),
    [
        (-2, "hôm nay 10:00"),
        (-13, "hôm qua 23:00"),
        (13, "ngày mai 01:00"),
        (-48, "12:00, 20/11/2026"),
    ],
)
def test_a_moment_near_today(hours: int, said: str) -> None:
    assert words.when(dt.datetime.fromisoformat(NOON) + dt.timedelta(hours=hours)) == said


def test_never_is_told() -> None:
    assert words.when(None) == "chưa lần nào"


@time_machine.travel(NOON)
def test_until_when() -> None:
    now = dt.datetime.fromisoformat(NOON)
    assert words.until(now + dt.timedelta(hours=2)) == "14:00"
    assert words.until(now + dt.timedelta(hours=20)) == "ngày mai 08:00"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.42, "0,4 giây"), (12.3, "12 giây"), (60, "1 phút"), (125, "2 phút 5 giây"),
     (11_400, "3 giờ 10 phút")],
)  # fmt: skip
def test_spans(seconds: float, said: str) -> None:
    assert words.span(seconds) == said


@pytest.mark.parametrize(
    ("count", "said"),
    [(1, "1 byte"), (999, "999 byte"), (1200, "1,2 kB"), (50_000_000, "50 MB"),
     (1_234_567_890, "1,2 GB")],
)  # fmt: skip
def test_sizes(count: int, said: str) -> None:
    assert words.size(count).replace("\u00a0", " ") == said


def test_a_long_list_is_cut() -> None:
    assert words.listed(["a", "b"]) == "a, b"
    assert words.listed(list("abcdefg")) == "a, b, c, d, e và 2 nữa"


OUTCOMES = [outcome for outcome in SourceRun.Outcome.values if outcome]


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("outcome", OUTCOMES)
def test_every_outcome_has_a_sentence_whatever_its_detail(outcome: str, language: str) -> None:
    rich = {"host": "h", "url": "u", "status": 503, "message": "m", "missing": ["a"], "limit": 9,
            "name": "n", "found": ["b"], "wait": 61.5, "reason": "r", "periods": ["2024"],
            "problems": [{"at": "x", "is": "y"}, "odd"], "rows": 1, "line": 3}  # fmt: skip
    details: list[dict[str, Any]] = [{}, rich, dict.fromkeys(rich), {"problems": []}]
    with translation.override(language):
        for detail in details:
            said = outcome_sentence(outcome, detail)
            assert said.endswith(".")
            assert "%(" not in said


@pytest.mark.parametrize(
    ("outcome", "detail", "said"),
    [
        ("refused-address", {"reason": "host", "host": "evil.example"}, "PULL_HOSTS"),
        ("refused-address", {"reason": "address", "host": "a.vn"}, "a.vn dẫn vào mạng nội bộ"),
        ("refused-address", {"reason": "scheme"}, "http hoặc https"),
        ("refused-address", {"reason": "form"}, "viết sai"),
        ("refused-address", {"reason": "userinfo"}, "mật khẩu"),
        ("no-answer", {"url": "https://x.vn"}, "https://x.vn"),
        ("bad-status", {"status": 404}, "Hãy tìm địa chỉ mới"),
        ("bad-status", {"status": 502}, "đang lỗi (502)"),
        ("bad-status", {"status": 400}, "từ chối yêu cầu (400)"),
        ("bad-status", {"reason": "redirects"}, "chuyển hướng"),
        ("rate-limited", {"wait": 600}, "chờ 10 phút rồi"),
        ("credential", {"name": "lgsp", "reason": "missing"}, "chưa có bí mật “lgsp”"),
        ("credential", {"name": "lgsp", "reason": "form"}, "“lgsp” không dùng được"),
        ("credential", {"reason": "refused", "status": 401}, "(401)"),
        ("too-large", {"limit": 50_000_000}, "nhiều hơn 50\u00a0MB"),
        ("bad-type", {"found": "text/html"}, "text/html thay vì số liệu"),
        ("unreadable", {"reason": "ragged", "line": 7}, "khác số cột, dòng 7"),
        ("unreadable", {"row": 7, "cells": 3, "columns": 4}, "khác số cột, dòng 7"),
        ("unreadable", {"message": "Expecting value", "line": 2}, "Expecting value, dòng 2"),
        ("source-error", {"message": "Invalid value."}, "“Invalid value”"),
        ("columns-changed", {"missing": ["GDP"], "found": ["gdp"]}, "Không thấy “GDP”; nguồn nay"),
        ("columns-changed", {"missing": ["GDP"]}, "Không thấy “GDP”."),
        ("columns-changed", {"missing": [], "twice": ["Năm"], "found": ["Năm"]}, "“Năm” có nhiều"),
        ("columns-changed", {"series": ["gdp/wb"]}, "Không còn dòng nào của “gdp/wb”"),
        ("period-missing", {"periods": ["2022", "2023"]}, "“2022”, “2023”"),
        ("period-missing", {"rows": 3, "rows_expected": 10}, "chỉ có 3 số, phải có ít nhất 10"),
        ("misconfigured", {"problems": [{"at": "area", "is": "wrong"}]}, "area: wrong"),
    ],
)  # fmt: skip
def test_a_sentence_names_what_the_run_knows(
    outcome: str, detail: dict[str, Any], said: str
) -> None:
    assert said in outcome_sentence(outcome, detail)


def test_the_result_of_a_run_in_a_sentence() -> None:
    def said(**given: Any) -> str:
        return result_sentence(SourceRun(**{"status": "succeeded", "rows_read": 9, **given}))

    assert said(added=2, held=1) == "Đã lấy xong: 2 số mới, 1 số chờ xem xét."
    assert said(revised=1, rejected=1200) == "Đã lấy xong: 1 số được sửa, 1.200 dòng bị loại."
    assert said() == "Đã đọc hết; không có số nào khác với số đã biết."
    assert said(status="unchanged", rows_read=0) == "Nguồn không có gì mới từ lần kiểm tra trước."
    assert "không ghi gì" in said(kind="trial")
    assert "chờ một tiến trình" in said(status="waiting")
    assert "Đang lấy" in said(status="running")
    assert "quá chậm" in said(status="failed", outcome="timeout")
