"""The second factor: set up, asked for, demanded by a role, and kept unreadable."""

from __future__ import annotations

import re
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.conf import settings
from django.core.cache import cache
from django.test import Client, override_settings

from dashboard.accounts import SecondFactorAdapter
from targets.models import Role, RolePolicy
from tests.accounts.conftest import PASSWORD, Person, confirm, sign_in
from tests.factory import make
from tests.pages.reading import words

SET_UP = "/tai-khoan/2fa/"


def code(secret: str) -> str:
    """What the authenticator app shows now."""
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30)))


def set_up(client: Client) -> str:
    """Set up the app as people do; the secret it was given."""
    confirm(client)
    page = client.get(f"{SET_UP}totp/activate/").content.decode()
    found = re.search(r'id="authenticator_secret" value="(\w+)"', page)
    assert found, words(page)
    answer = client.post(f"{SET_UP}totp/activate/", {"code": code(found[1])})
    assert answer.headers["Location"] == f"{SET_UP}recovery-codes/"
    return found[1]


def test_the_app_is_set_up_and_asked_for(client: Client, person: Person) -> None:
    user = person()
    sign_in(client, user)
    secret = set_up(client)
    client.post("/tai-khoan/logout/")
    cache.clear()  # a code is refused when it comes twice in its half minute
    sign_in(client, user)
    assert "_auth_user_id" not in client.session
    answer = client.post(f"{SET_UP}authenticate/", {"code": "000000"})
    assert "Mã không đúng." in words(answer.content.decode())
    client.post(f"{SET_UP}authenticate/", {"code": code(secret)})
    assert client.session["_auth_user_id"] == str(user.pk)


def test_a_recovery_code_works_once(client: Client, person: Person) -> None:
    user = person()
    sign_in(client, user)
    set_up(client)
    page = client.get(f"{SET_UP}recovery-codes/").content.decode()
    codes = re.findall(r"<li>(\d{8})</li>", page)
    assert len(codes) == 10
    for time_of_use in (1, 2):
        client.post("/tai-khoan/logout/")
        sign_in(client, user)
        client.post(f"{SET_UP}authenticate/", {"code": codes[0]})
        assert ("_auth_user_id" in client.session) is (time_of_use == 1)


def test_the_secret_is_not_readable_in_the_database(client: Client, person: Person) -> None:
    sign_in(client, person())
    secret = set_up(client)
    app = Authenticator.objects.get(type="totp")
    assert secret not in str(app.data)
    assert TOTP(app).validate_code(code(secret))
    codes = Authenticator.objects.get(type="recovery_codes")
    assert all(code not in str(codes.data) for code in codes.wrap().get_unused_codes())


def test_secrets_outlive_a_change_of_the_key_of_the_site() -> None:
    adapter = SecondFactorAdapter()
    kept = adapter.encrypt("bi-mat")
    with override_settings(SECRET_KEY="khac" * 20, SECRET_KEY_FALLBACKS=[settings.SECRET_KEY]):
        assert adapter.decrypt(kept) == "bi-mat"


@pytest.mark.parametrize("path", ["/", "/tim/", "/tai-khoan/sessions/", "/bao-cao/", "/quan-tri/"])
def test_a_role_that_demands_it_comes_to_the_set_up_page_first(
    client: Client, person: Person, path: str
) -> None:
    make(RolePolicy, role="coordinator", mfa_required=True)
    sign_in(client, person(Role.COORDINATOR))
    answer = client.get(path)
    assert (answer.status_code, answer["Location"]) == (302, SET_UP)
    assert "bắt buộc xác thực hai bước" in words(client.get(SET_UP).content.decode())


def test_once_set_up_the_way_is_free(client: Client, person: Person) -> None:
    make(RolePolicy, role="coordinator", mfa_required=True)
    sign_in(client, person(Role.COORDINATOR))
    set_up(client)
    assert client.get("/tim/").status_code == 200


def test_a_script_is_told_in_words(client: Client, person: Person) -> None:
    make(RolePolicy, role="coordinator", mfa_required=True)
    sign_in(client, person(Role.COORDINATOR))
    answer = client.get("/tim/", headers={"HX-Request": "true"})
    assert answer.status_code == 403
    assert "bắt buộc xác thực hai bước" in answer.content.decode()


def test_other_roles_and_nobody_are_not_asked(client: Client, person: Person) -> None:
    make(RolePolicy, role="coordinator", mfa_required=True)
    assert client.get("/tim/").status_code == 200
    sign_in(client, person(Role.AUDITOR))
    assert client.get("/tim/").status_code == 200


def test_what_a_role_demands_is_not_switched_off(client: Client, person: Person) -> None:
    make(RolePolicy, role="auditor", mfa_required=True)
    user = person(Role.AUDITOR)
    sign_in(client, user)
    set_up(client)
    client.post(f"{SET_UP}totp/deactivate/")
    assert Authenticator.objects.filter(user=user, type="totp").exists()
    RolePolicy.objects.update(mfa_required=False)
    client.post(f"{SET_UP}totp/deactivate/")
    assert not Authenticator.objects.filter(user=user, type="totp").exists()


def test_changes_of_the_account_ask_for_the_password_again(client: Client, person: Person) -> None:
    sign_in(client, person())
    answer = client.get(f"{SET_UP}totp/activate/")
    assert answer["Location"].startswith("/tai-khoan/reauthenticate/")
    client.post("/tai-khoan/reauthenticate/", {"password": "sai"})
    assert client.get(f"{SET_UP}totp/activate/").status_code == 302
    client.post("/tai-khoan/reauthenticate/", {"password": PASSWORD})
    assert client.get(f"{SET_UP}totp/activate/").status_code == 200


def test_guessing_codes_is_stopped(client: Client, person: Person) -> None:
    user = person()
    sign_in(client, user)
    secret = set_up(client)
    client.post("/tai-khoan/logout/")
    sign_in(client, user)
    for _time in range(5):
        client.post(f"{SET_UP}authenticate/", {"code": "000000"})
    client.post(f"{SET_UP}authenticate/", {"code": code(secret)})
    assert "_auth_user_id" not in client.session
