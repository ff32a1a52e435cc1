"""One's own sessions: seen, ended one by one or all, and nobody else's."""

from __future__ import annotations

import pytest
from allauth.usersessions.models import UserSession
from django.test import Client

from dashboard.templatetags.clients import client as browser_of
from tests.accounts.conftest import Person, sign_in
from tests.pages.reading import words

PAGE = "/tai-khoan/sessions/"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
COC_COC = (
    "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) "
    "coc_coc_browser/120.0 Chrome/120.0 Mobile Safari/537.36"
)


def test_sessions_are_seen_and_ended_one_by_one(client: Client, person: Person) -> None:
    user = person()
    elsewhere, third = Client(headers={"User-Agent": FIREFOX}), Client()
    for browser in (client, elsewhere, third):
        sign_in(browser, user)
    page = words(client.get(PAGE).content.decode())
    assert "Firefox, Windows" in page
    assert page.count("127.0.0.1") == 3
    theirs = UserSession.objects.get(user_agent=FIREFOX)
    client.post(f"{PAGE}{theirs.pk}/end/")
    assert "_auth_user_id" not in elsewhere.session
    assert "_auth_user_id" in third.session
    client.post(PAGE)
    assert "_auth_user_id" not in third.session
    assert "_auth_user_id" in client.session


def test_nobody_ends_anothers_session(client: Client, person: Person) -> None:
    theirs = Client()
    sign_in(theirs, person(username="nguoi-khac"))
    sign_in(client, person())
    session = UserSession.objects.get(user__username="nguoi-khac")
    assert client.post(f"{PAGE}{session.pk}/end/").status_code == 404
    assert client.get(f"{PAGE}{session.pk}/end/").status_code == 405
    assert "_auth_user_id" in theirs.session


def test_a_new_password_ends_no_session_of_ones_own_here(client: Client, person: Person) -> None:
    user = person()
    elsewhere = Client()
    for browser in (client, elsewhere):
        sign_in(browser, user)
    answers = {
        "oldpassword": "mat-khau-dai-1", "password1": "mat-khau-moi-2",
        "password2": "mat-khau-moi-2",
    }  # fmt: skip
    client.post("/tai-khoan/password/change/", answers)
    assert client.get(PAGE).status_code == 200
    assert elsewhere.get(PAGE).status_code == 302


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (FIREFOX, "Firefox, Windows"),
        (COC_COC, "Cốc Cốc, Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Safari/604.1", "Safari, iPhone"),
        ("curl/8", "Trình duyệt không rõ"),
    ],
)
def test_browsers_by_name(agent: str, words: str) -> None:
    assert browser_of(UserSession(user_agent=agent)) == words
