"""What the reader was told: the list, the way from it, what counts as read."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from targets.models import Notice
from tests.directives.conftest import World
from tests.factory import make

LIST = "/thong-bao/"


def main_of(client: Client, path: str = LIST) -> str:
    html = client.get(path).content.decode()
    return html[html.index("<main") : html.index("</main>")]


def test_a_stranger_is_asked_to_sign_in(client: Client) -> None:
    assert client.get(LIST).headers["Location"] == f"/tai-khoan/login/?next={LIST}"
    assert client.get("/thong-bao/1/").status_code == 302
    assert client.post("/thong-bao/doc-het/").status_code == 302


def test_the_list_says_what_happened_in_both_languages(world: World, client: Client) -> None:
    world.issue()
    client.force_login(world.reporter)
    html = main_of(client)
    assert "1 thông báo chưa đọc" in html
    assert "leadership gửi Bộ Mới ý kiến chỉ đạo về label 1" in html.replace(
        world.target.label_vi, "label 1"
    )
    assert "hạn trả lời 29/11/2026" in html
    client.cookies["django_language"] = "en"
    assert "29 Nov 2026" in main_of(client)


def test_opening_one_leads_to_it_and_is_reading_it(world: World, client: Client) -> None:
    directive = world.issue()
    notice = Notice.objects.get(user=world.reporter)
    client.force_login(world.reporter)
    assert f'href="/thong-bao/{notice.pk}/"' in main_of(client)
    answer = client.get(f"/thong-bao/{notice.pk}/")
    assert answer.headers["Location"] == directive.get_absolute_url()
    notice.refresh_from_db()
    first = notice.read_at
    assert first is not None
    client.get(f"/thong-bao/{notice.pk}/")
    notice.refresh_from_db()
    assert notice.read_at == first
    assert "Không có thông báo chưa đọc" in main_of(client)


def test_nobody_opens_the_notice_of_another(world: World, client: Client) -> None:
    world.issue()
    notice = Notice.objects.get(user=world.reporter)
    client.force_login(world.approver)
    assert client.get(f"/thong-bao/{notice.pk}/").status_code == 404
    notice.refresh_from_db()
    assert notice.read_at is None


def test_a_look_by_head_reads_nothing_of_others_and_posts_are_refused(
    world: World, client: Client
) -> None:
    world.issue()
    notice = Notice.objects.get(user=world.reporter)
    client.force_login(world.reporter)
    assert client.post(f"/thong-bao/{notice.pk}/").status_code == 405
    assert client.get("/thong-bao/doc-het/").status_code == 405


def test_all_that_was_shown_is_read_at_once_and_no_more(world: World, client: Client) -> None:
    for number in range(3):
        world.issue(text=f"việc {number}")
    client.force_login(world.reporter)
    shown = re.search(r'name="up_to" value="(\d+)"', main_of(client))
    assert shown
    world.issue(text="đến sau")
    client.post("/thong-bao/doc-het/", {"up_to": shown[1]})
    assert Notice.objects.filter(user=world.reporter, read_at=None).count() == 1
    assert Notice.objects.filter(user=world.approver, read_at=None).count() == 4


@pytest.mark.parametrize("up_to", ["", "x", "-1", "9" * 30, "²"])
def test_a_wrong_number_does_no_harm(world: World, client: Client, up_to: str) -> None:
    world.issue()
    client.force_login(world.reporter)
    assert client.post("/thong-bao/doc-het/", {"up_to": up_to}).status_code == 302


def test_unread_ones_come_first_then_the_newest(world: World, client: Client) -> None:
    told = [world.issue(text=f"việc {number}") for number in range(3)]
    newest = Notice.objects.get(user=world.reporter, directive=told[2])
    newest.read_at = timezone.now() + dt.timedelta(minutes=1)
    newest.save()
    client.force_login(world.reporter)
    order = [int(pk) for pk in re.findall(r'href="/thong-bao/(\d+)/"', main_of(client))]
    by_directive = {
        notice.directive_id: notice.pk for notice in Notice.objects.filter(user=world.reporter)
    }
    assert order == [by_directive[told[number].pk] for number in (1, 0, 2)]


def test_a_long_list_has_pages_and_costs_the_same(
    world: World, client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    directive = world.issue()
    params = Notice.objects.filter(directive=directive)[0].params
    for _number in range(60):
        make(Notice, user=world.reporter, kind="directive-issued", params=params,
             directive=directive)  # fmt: skip
    client.force_login(world.reporter)
    main_of(client)
    with django_assert_max_num_queries(6):
        html = main_of(client)
    assert html.count("<li class") == 30
    assert "?page=2" in html
    assert main_of(client, f"{LIST}?page=3").count("<li class") == 1


def test_without_any_the_page_says_what_will_come(world: World, client: Client) -> None:
    client.force_login(world.nobody)
    assert "Chưa có thông báo nào" in main_of(client)
