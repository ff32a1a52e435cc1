"""The pages of django-allauth in our frame and in Vietnamese, which it does not speak itself."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.contrib.auth.models import User
from django.test import Client

OPEN = ["login/", "password/reset/", "password/reset/done/", "inactive/"]
SIGNED_IN = [
    "logout/",
    "password/change/",
    "email/",
    "2fa/",
    "2fa/totp/activate/",
    "reauthenticate/",
]
ENGLISH = re.compile(
    r"\b(?:sign|password|change|email|forgot|remember|your|code|account|activate|authenticator)\b",
    re.IGNORECASE,
)


def words_of(html: str) -> str:
    """The text that a reader sees in the main part of a page."""
    main = html[html.index("<main") : html.index("</main>")]
    return unescape(re.sub(r"<[^>]*>", " ", main))


@pytest.fixture
def officer(db: None) -> User:
    return User.objects.create_user("can-bo", "can-bo@example.org", "mat-khau-dai")


@pytest.mark.parametrize("path", OPEN)
def test_pages_before_sign_in(client: Client, path: str, db: None) -> None:
    answer = client.get(f"/tai-khoan/{path}")
    assert answer.status_code == 200
    html = answer.content.decode()
    assert 'class="td-form td-card"' in html
    assert html.count("<h1") == 1
    assert not ENGLISH.search(words_of(html)), words_of(html)


@pytest.mark.parametrize("path", SIGNED_IN)
def test_pages_of_a_signed_in_officer(client: Client, officer: User, path: str) -> None:
    client.post("/tai-khoan/login/", {"login": "can-bo", "password": "mat-khau-dai"})
    client.post("/tai-khoan/reauthenticate/", {"password": "mat-khau-dai"})
    answer = client.get(f"/tai-khoan/{path}")
    assert answer.status_code == 200
    html = answer.content.decode()
    assert 'class="td-form td-card"' in html
    words = words_of(html).replace("can-bo@example.org", "")
    assert not ENGLISH.search(words), words


def test_a_wrong_password_is_told_beside_the_form_in_vietnamese(
    client: Client, officer: User
) -> None:
    answer = client.post("/tai-khoan/login/", {"login": "can-bo", "password": "sai"})
    assert "Tên đăng nhập hoặc mật khẩu không đúng." in answer.content.decode()


def test_sign_in_and_out(client: Client, officer: User) -> None:
    answer = client.post(
        "/tai-khoan/login/?next=/van-ban/", {"login": "can-bo", "password": "mat-khau-dai"}
    )
    assert answer.headers["Location"] == "/van-ban/"
    assert client.post("/tai-khoan/logout/").headers["Location"] == "/"
    assert "_auth_user_id" not in client.session
