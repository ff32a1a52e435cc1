"""Signing in: who may, who may not, what they are told."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.test import Client

LOGIN = "/tai-khoan/login/"
GOOD = {"login": "can-bo", "password": "mat-khau-dai-1"}


@pytest.fixture
def officer(db: None) -> User:
    return User.objects.create_user("can-bo", "can-bo@example.org", GOOD["password"])


def main_of(html: str) -> str:
    return html[html.index("<main") : html.index("</main>")]


def signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


@pytest.mark.parametrize("login", ["can-bo", "can-bo@example.org", "CAN-BO@example.org"])
def test_by_name_or_address(client: Client, officer: User, login: str) -> None:
    answer = client.post(LOGIN, {**GOOD, "login": login})
    assert answer.headers["Location"] == "/"
    assert signed_in(client)


def test_the_header_names_who_is_signed_in_and_lets_them_out(client: Client, officer: User) -> None:
    client.post(LOGIN, GOOD)
    html = client.get("/tim/").content.decode()
    header = html[html.index("<header") : html.index("</header>")]
    assert "can-bo" in re.sub(r"<[^>]*>", " ", header)
    assert 'href="/tai-khoan/logout/"' in header
    assert LOGIN not in header
    client.post("/tai-khoan/logout/")
    assert LOGIN in client.get("/tim/").content.decode()


def test_a_name_is_escaped_in_the_header(client: Client, db: None) -> None:
    User.objects.create_user("<i>x</i>", password="mat-khau-dai-1")
    client.post(LOGIN, {"login": "<i>x</i>", "password": "mat-khau-dai-1"})
    assert signed_in(client)
    assert "<i>x" not in client.get("/tim/").content.decode()


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ({"login": "can-bo", "password": "sai"}, "Tên đăng nhập hoặc mật khẩu không đúng."),
        ({"login": "ai-do", "password": "sai"}, "Tên đăng nhập hoặc mật khẩu không đúng."),
        ({"login": "", "password": ""}, "bắt buộc"),
    ],
)
def test_a_mistake_is_told_and_does_not_tell_who_exists(
    client: Client, officer: User, answers: dict[str, str], words: str
) -> None:
    answer = client.post(LOGIN, answers)
    assert words in main_of(answer.content.decode())
    assert not signed_in(client)


def test_after_five_wrong_passwords_even_the_right_one_must_wait(
    client: Client, officer: User
) -> None:
    for _time in range(5):
        client.post(LOGIN, {**GOOD, "password": "sai"})
    answer = client.post(LOGIN, GOOD)
    assert not signed_in(client)
    assert "Đăng nhập sai quá nhiều lần." in main_of(answer.content.decode())


def test_another_account_is_not_locked_with_it(client: Client, officer: User) -> None:
    User.objects.create_user("nguoi-khac", password="mat-khau-dai-2")
    for _time in range(5):
        client.post(LOGIN, {**GOOD, "password": "sai"})
    client.post(LOGIN, {"login": "nguoi-khac", "password": "mat-khau-dai-2"})
    assert signed_in(client)


def test_an_account_that_was_closed_cannot_sign_in(client: Client, officer: User) -> None:
    officer.is_active = False
    officer.save()
    client.post(LOGIN, GOOD)
    assert not signed_in(client)


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "javascript:x()"])
def test_nobody_is_sent_elsewhere(client: Client, officer: User, target: str) -> None:
    answer = client.post(f"{LOGIN}?next={target}", {**GOOD, "next": target})
    assert answer.headers["Location"] == "/"


def test_signing_in_returns_to_the_page_with_its_query(client: Client, officer: User) -> None:
    html = client.get("/nhiem-vu/?year=2020").content.decode()
    link = re.search(rf'href="({LOGIN}\?next=[^"]+)"', html)
    assert link
    answer = client.post(link[1], {**GOOD, "next": "/nhiem-vu/?year=2020"})
    assert answer.headers["Location"] == "/nhiem-vu/?year=2020"


@pytest.mark.parametrize("method", ["get", "post"])
def test_nobody_makes_an_account_for_themselves(client: Client, db: None, method: str) -> None:
    answers = {
        "username": "moi", "email": "moi@example.org",
        "password1": "mat-khau-dai-3", "password2": "mat-khau-dai-3",
    }  # fmt: skip
    answer = getattr(client, method)("/tai-khoan/signup/", answers)
    assert answer.status_code == 200
    assert not User.objects.exists()
    assert "<form" not in main_of(answer.content.decode())


def test_a_form_from_elsewhere_is_refused(officer: User) -> None:
    careful = Client(enforce_csrf_checks=True)
    answer = careful.post(LOGIN, GOOD)
    assert answer.status_code == 403
    assert "<h1" in answer.content.decode()


def test_a_forgotten_password_is_set_anew_by_mail(client: Client, officer: User) -> None:
    answer = client.post("/tai-khoan/password/reset/", {"email": "can-bo@example.org"})
    assert answer.headers["Location"] == "/tai-khoan/password/reset/done/"
    (letter,) = mail.outbox
    assert letter.to == ["can-bo@example.org"]
    assert letter.subject.endswith("Đặt lại mật khẩu")
    assert "Mở liên kết sau để đặt mật khẩu mới:" in str(letter.body)
    link = re.search(r"https?://[^/]+(/tai-khoan/password/reset/key/\S+)", str(letter.body))
    assert link
    form = client.get(link[1], follow=True)
    assert "<h1" in main_of(form.content.decode())
    address = form.redirect_chain[-1][0]
    client.post(address, {"password1": "mat-khau-moi-4", "password2": "mat-khau-moi-4"})
    client.post(LOGIN, {**GOOD, "password": "mat-khau-moi-4"})
    assert signed_in(client)


def test_an_unknown_address_gets_the_same_answer_and_no_way_to_sign_up(
    client: Client, db: None
) -> None:
    answer = client.post("/tai-khoan/password/reset/", {"email": "ai-do@example.org"})
    assert answer.headers["Location"] == "/tai-khoan/password/reset/done/"
    assert "signup" not in "".join(str(letter.body) for letter in mail.outbox)


def test_too_many_letters_are_refused_with_a_page(client: Client, officer: User) -> None:
    answers = [
        client.post("/tai-khoan/password/reset/", {"email": "can-bo@example.org"})
        for _time in range(6)
    ]
    assert answers[-1].status_code == 429
    assert "<h1" in main_of(answers[-1].content.decode())


def test_a_session_cookie_is_out_of_reach_of_scripts(client: Client, officer: User) -> None:
    cookie = client.post(LOGIN, GOOD).cookies["sessionid"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


def test_the_page_in_english(client: Client, db: None) -> None:
    client.cookies["django_language"] = "en"
    html = client.get(LOGIN).content.decode()
    assert '<html lang="en"' in html
