"""The frame of the pages: theme, as-of date, navigation, language, errors."""

from __future__ import annotations

import re

import pytest
import time_machine
from django.contrib.auth.models import AnonymousUser
from django.test import Client, RequestFactory
from django.utils import translation

from dashboard import shell

pytestmark = pytest.mark.urls("tests.frontend.gallery")
PAGE = "/bo-phan/"
NOON = "2026-11-22T05:00:00Z"


def html_of(client: Client, path: str = PAGE) -> str:
    return client.get(path).content.decode()


@pytest.mark.parametrize(("cookie", "theme"), [("dark", "dark"), ("light", "light"), ("x", "auto")])
def test_the_theme_is_in_the_first_byte_that_counts(
    client: Client, cookie: str, theme: str
) -> None:
    client.cookies["theme"] = cookie
    assert f'data-bs-theme="{theme}"' in html_of(client)[:200]


def test_choosing_a_theme_keeps_page_and_query(client: Client) -> None:
    answer = client.post("/giao-dien/", {"theme": "dark", "next": "/bo-phan/?a=1&b=2"})
    assert answer.headers["Location"] == "/bo-phan/?a=1&b=2"
    assert answer.cookies["theme"].value == "dark"
    assert answer.cookies["theme"]["samesite"] == "Lax"


@pytest.mark.parametrize("target", ["https://example.org/", "//example.org", "javascript:x", ""])
def test_choosing_a_theme_leads_to_no_other_site(client: Client, target: str) -> None:
    assert client.post("/giao-dien/", {"theme": "dark", "next": target}).headers["Location"] == "/"


def test_an_unknown_theme_is_not_kept(client: Client) -> None:
    assert "theme" not in client.post("/giao-dien/", {"theme": "pink"}).cookies


def test_a_theme_is_chosen_by_post_only_and_with_a_token() -> None:
    client = Client(enforce_csrf_checks=True)
    assert client.get("/giao-dien/").status_code == 405
    refused = client.post("/giao-dien/", {"theme": "dark"})
    assert refused.status_code == 403
    assert "Chưa gửi được" in refused.content.decode()
    token = re.search(r'csrfmiddlewaretoken" value="(\w+)"', html_of(client))
    assert token is not None
    answer = client.post("/giao-dien/", {"theme": "dark", "csrfmiddlewaretoken": token[1]})
    assert answer.status_code == 302


def test_language_is_switched_by_a_form_that_keeps_page_and_query(client: Client) -> None:
    html = html_of(client, "/bo-phan/?thoi-han=2025&du-thao=1")
    assert 'name="next" value="/bo-phan/?thoi-han=2025&amp;du-thao=1"' in html
    assert '<button type="submit" name="language" value="en" lang="en">English</button>' in html
    client.post("/ngon-ngu/setlang/", {"language": "en", "next": PAGE})
    html = html_of(client)
    assert '<html lang="en"' in html
    assert '<button type="submit" name="language" value="vi" lang="vi">' in html


def test_the_present_section_is_marked(client: Client) -> None:
    request = RequestFactory().get("/tru-cot/kinh-te-so/")
    request.user = AnonymousUser()
    html = shell.fragment("_partials/header.html", request)
    assert '<a href="/tru-cot/" aria-current="true">' in html
    assert html.count("aria-current") == 2  # in the bar and in the menu of small screens
    request = RequestFactory().get("/tru-cot/")
    request.user = AnonymousUser()
    assert '<a href="/tru-cot/" aria-current="page">' in shell.fragment(
        "_partials/header.html", request
    )


@time_machine.travel(NOON, tick=False)
def test_the_past_is_announced_and_carried_along(client: Client) -> None:
    html = html_of(client, "/bo-phan/?as_of=2025-06-30&trang=2")
    assert "<strong>30/06/2025</strong>" in html
    assert 'href="/bo-phan/?trang=2"' in html
    assert 'href="/tru-cot/?as_of=2025-06-30"' in html
    assert 'type="date" name="as_of" max="2026-11-22" value="2025-06-30"' in html


@time_machine.travel(NOON, tick=False)
@pytest.mark.parametrize("day", ["2026-13-01", "hôm qua", "2026-11-23", "20250630x"])
def test_a_date_that_is_none_or_in_the_future_is_named_and_ignored(
    client: Client, day: str
) -> None:
    answer = client.get(PAGE, {"as_of": day})
    assert answer.status_code == 200
    assert 'role="alert"' in answer.content.decode()
    assert "td-past bad" in answer.content.decode()


@time_machine.travel(NOON, tick=False)
@pytest.mark.parametrize("query", ["", "?as_of=", "?as_of=2026-11-22"])
def test_today_is_not_the_past(client: Client, query: str) -> None:
    assert "td-past" not in html_of(client, PAGE + query)


def test_the_date_form_keeps_the_rest_of_the_query(client: Client) -> None:
    html = html_of(client, "/bo-phan/?thoi-han=2025&page=3&as_of=2025-01-01")
    form = re.search(r'<form class="td-asof-form".*?</form>', html, re.DOTALL)
    assert form is not None
    assert '<input type="hidden" name="thoi-han" value="2025">' in form[0]
    assert 'name="page"' not in form[0]


def test_what_a_reader_typed_is_escaped_in_the_frame(client: Client) -> None:
    html = html_of(client, "/bo-phan/?q=%22%3E%3Cscript%3Ex%3C/script%3E[[csrf]]")
    assert "<script>x" not in html
    assert "[[csrf]]" in html  # typed by the reader, so it is text and no slot


def test_no_slot_is_left_open(client: Client) -> None:
    assert not re.search(r"\[\[\w+\]\]", html_of(client))


def test_the_frame_of_one_reader_is_not_kept_for_the_next(client: Client) -> None:
    tokens = [
        re.search(r'csrfmiddlewaretoken" value="(\w+)"', html_of(Client())) for _reader in range(2)
    ]
    assert tokens[0] is not None
    assert tokens[1] is not None
    assert tokens[0][1] != tokens[1][1]


def test_sign_in_comes_back_to_this_page(client: Client) -> None:
    assert 'href="/tai-khoan/login/?next=/bo-phan/%3Fa%3D1%26b%3D2"' in html_of(
        client, "/bo-phan/?a=1&b=2"
    )


@pytest.mark.django_db
def test_a_signed_in_reader_can_sign_out(client: Client, django_user_model: type) -> None:
    user = django_user_model.objects.create_user("can-bo", password="x")  # type: ignore[attr-defined]
    client.force_login(user)
    html = html_of(client)
    assert 'href="/tai-khoan/logout/"' in html
    assert "can-bo" in html
    assert "Đăng nhập" not in html


@pytest.mark.django_db
def test_the_sign_in_page_speaks_vietnamese_and_offers_no_sign_up(client: Client) -> None:
    html = html_of(client, "/tai-khoan/login/")
    assert "<h1>Đăng nhập</h1>" in html
    assert "signup" not in html
    assert "btn-primary" in html


@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_missing_page_is_told_in_the_frame(client: Client, language: str) -> None:
    client.cookies["django_language"] = language
    answer = client.get("/khong-co/")
    assert answer.status_code == 404
    assert "td-header" in answer.content.decode()


@pytest.mark.parametrize("name", ["400.html", "500.html"])
def test_pages_of_failure_need_nothing_from_the_request(name: str) -> None:
    from django.template.loader import render_to_string

    with translation.override("vi"):
        assert "Về trang Tổng quan" in render_to_string(name)


def test_the_policy_lets_nothing_inline_through(client: Client) -> None:
    policy = client.get(PAGE).headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy + ";"
    assert "style-src 'self';" in policy + ";"
    assert "unsafe" not in policy
