"""The page of one target, over the real catalogue."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from dashboard.caching import register_on
from targets.models import Assessment, Target
from tests.catalogue_database import TODAY
from tests.pages.reading import page, section, text

pytestmark = pytest.mark.usefixtures("catalogue_db")

ECONOMY = "/muc-tieu/qd749-2025-digital-economy/"


def test_the_verdict_is_one_sentence_under_what_is_demanded(client: Client) -> None:
    html = page(client, ECONOMY)
    said = text(client, ECONOMY)
    assert "Tỷ trọng kinh tế số trong GDP: ≥ 20 % vào 2025" in said
    assert "Không đạt 20 % vào 2025: số liệu năm 2025 là 14,02 %." in said
    assert 'class="td-mark missed lg"' in html
    assert "Không đạt. Không đạt" not in said


def test_what_the_clause_demands(client: Client) -> None:
    html = page(client, ECONOMY)
    said = section(html, "yeu-cau")
    target = Target.objects.get(key="qd749-2025-digital-economy")
    assert f'href="/van-ban/qd749/#{target.provision.anchor}"' in html
    for words in ("749/QĐ-TTg, Điều 1, II.1.b", "Còn hiệu lực", "nêu trong văn bản", "cả nước"):
        assert words in said


def test_who_must_meet_it_one_by_one(client: Client) -> None:
    html = page(client, "/muc-tieu/qd749-2025-work-files-commune/")
    assert '<a href="/dia-phuong/">từng tỉnh, thành phố</a>' in html
    html = page(client, "/muc-tieu/dt-cds-2030-sector-datasets/?as_of=2026-01-01")
    assert '<a href="/co-quan/?as_of=2026-01-01">từng bộ, ngành</a>' in html


def test_the_working_can_be_followed(client: Client) -> None:
    said = section(page(client, ECONOMY), "cach-tinh")
    assert "Gốc 12,66 % (2020) số liệu cuối cùng tính đến năm ban hành 2020" in said
    assert "Đã đi được 18,5 % (14,02 − 12,66) / (20 − 12,66)" in said  # 1.36 / 7.34
    assert "Lẽ ra đã đi 100 % (2025 − 2020) / (2025 − 2020)" in said
    assert "Nhịp 0,19 đã đi được / lẽ ra đã đi" in said
    assert "từ 0,95 là đúng tiến độ, từ 0,6 là có nguy cơ" in said


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("qd749-2030-labour-productivity", "Bình quân 4,78 % 3 năm có số liệu"),
        ("nq57-2030-budget-sti", "1 trong 1 năm có số liệu"),
        ("dt-cds-2030-gci-rank", "Số liệu cuối cùng hạng 25 (2020)"),
        ("nq57-2030-hdi", "Giá trị được xét 0,766 (2023)"),
        ("qd749-2025-egdi", "Giá trị được xét hạng 71 (2024) số cuối trong 2 năm tới hạn"),
        ("qd749-2025-labour-productivity", "các năm sau 2020"),
        ("dt-cps-2025-once-only-principle", "không có phép tính"),
        ("qd749-2025-work-files-district", "Không còn đo được Cấp huyện"),
    ],
)
def test_every_kind_says_how_it_was_judged(client: Client, key: str, words: str) -> None:
    assert words in section(page(client, f"/muc-tieu/{key}/"), "cach-tinh")


def test_the_trend_stands_beside_with_its_interval_or_its_reason(client: Client) -> None:
    said = section(page(client, "/muc-tieu/nq57-2030-digital-economy/"), "du-bao")
    assert "Giá trị dự báo cho 2030 15,16 % khoảng từ 13,82 % đến 18,27 %" in said
    assert "Năm đầu tiên đạt ngưỡng 2095" in said
    due = section(page(client, ECONOMY), "du-bao")
    assert "Đã hết hạn nên không dự báo" in due


def test_who_answers_then_and_today_and_why(client: Client) -> None:
    said = section(page(client, ECONOMY), "trach-nhiem")
    assert "Bộ Khoa học và Công nghệ kế thừa bưu chính, viễn thông" in said
    assert "từ ngày 01/03/2025" in said
    assert "chủ trì Bộ Thông tin và Truyền thông" in said
    assert "749/QĐ-TTg, Điều 2" in said
    assert "suy ra" in said


def test_before_the_merger_the_body_of_that_day_answers(client: Client) -> None:
    said = section(page(client, f"{ECONOMY}?as_of=2024-12-31"), "trach-nhiem")
    assert "Bộ Thông tin và Truyền thông chủ trì Bộ Thông tin và Truyền thông" in said
    assert "kế thừa" not in said


def test_history_newest_first_and_none_after_the_day(client: Client) -> None:
    days = re.findall(r'<span class="when">(\d\d)/(\d\d)/(\d{4})', page(client, ECONOMY))
    found = [dt.date(int(year), int(month), int(day)) for day, month, year in days]
    assert found == sorted(found, reverse=True)
    assert found[-1] == dt.date(2020, 6, 3)
    expected = Assessment.objects.filter(
        target__key="qd749-2025-digital-economy", organisation__code="VN", superseded_at=None
    )
    assert len(found) == expected.count()
    past = section(page(client, f"{ECONOMY}?as_of=2024-01-01"), "lich-su")
    assert "01/01/2024" in past
    assert "2025 " not in past.replace("vào 2025", "")


def test_sources_of_the_values_used(client: Client) -> None:
    html = page(client, ECONOMY)
    said = section(html, "so-lieu")
    assert "2025 được xét 14,02 %" in said
    assert "2020 giá trị gốc 12,66 %" in said
    assert "2023" not in said
    assert html.count('href="https://') >= 2
    growth = section(page(client, "/muc-tieu/qd749-2030-labour-productivity/"), "so-lieu")
    assert growth.count("được tính") == 3


def test_other_targets_of_the_indicator(client: Client) -> None:
    html = page(client, "/muc-tieu/qd749-2030-idi/")
    said = section(html, "cung-chi-tieu")
    assert "749/QĐ-TTg ràng buộc vì đang có hiệu lực." in said
    assert "/muc-tieu/dt-cds-2030-idi-rank/" in html


def test_drafts_interpretations_and_restatements_are_marked(client: Client) -> None:
    draft = page(client, "/muc-tieu/dt-cds-2030-idi-rank/")
    assert draft.partition("<h1")[0].count("td-badge draft") == 1
    letter = page(client, "/muc-tieu/cv411-2030-rd-gdp/")
    assert "td-badge interpreted" in letter.partition("<h1")[0]
    assert "Cách hiểu Công văn nhắc lại con số" in section(letter, "yeu-cau")
    assert "Nhắc lại 57-NQ/TW" in section(letter, "yeu-cau")
    original = section(page(client, "/muc-tieu/nq57-2030-rd-gdp/"), "yeu-cau")
    assert "Được nhắc lại ở 411/BKHCN-ĐMST" in original


def test_before_its_document_and_after_its_retirement_it_is_not_there(client: Client) -> None:
    said = text(client, "/muc-tieu/nq57-2030-egdi-world/?as_of=2020-01-01")
    assert "Không có mục tiêu này vào ngày 01/01/2020" in said
    assert "57-NQ/TW ban hành ngày 22/12/2024" in said
    Target.objects.filter(key="nq57-2030-egdi-world").update(retired_on=dt.date(2026, 3, 1))
    assert "rút khỏi danh mục ngày 01/03/2026" in text(client, "/muc-tieu/nq57-2030-egdi-world/")
    assert "Điều khoản đòi hỏi gì" in text(
        client, "/muc-tieu/nq57-2030-egdi-world/?as_of=2026-02-28"
    )


def test_a_target_that_no_worker_has_judged_says_so(client: Client) -> None:
    target = Target.objects.get(key="qd749-2025-digital-economy")
    Assessment.objects.filter(target=target, superseded_at=None).update(
        superseded_at=dt.datetime.now(dt.UTC)
    )
    said = text(client, ECONOMY)
    assert "Đang chờ tính" in said
    assert "Chưa có kết luận nào." in said


def test_in_english(client: Client) -> None:
    said = text(client, ECONOMY, language="en")
    assert "14.02%" in said
    assert "Ministry of Science and Technology" in said
    assert "1 Jan 2026" in said


def test_unknown_key_and_bad_day(client: Client) -> None:
    page(client, "/muc-tieu/nope/", status=404)
    assert "Ngày trong địa chỉ không hợp lệ" in page(client, f"{ECONOMY}?as_of=2025-13-01")


def test_queries(client: Client, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    register_on(TODAY)
    with django_assert_num_queries(5):
        client.get(ECONOMY)
    with django_assert_num_queries(1):
        client.get(ECONOMY)


def test_every_target_has_a_page(client: Client) -> None:
    for position, key in enumerate(Target.objects.active().values_list("key", flat=True)):
        html = page(client, f"/muc-tieu/{key}/", language=("vi", "en")[position % 2])
        assert html.count("<h1") == 1
        assert "%(" not in html
