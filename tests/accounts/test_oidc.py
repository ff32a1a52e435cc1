"""Signing in at a ministry's own identity provider, which is a real server process here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.models import User
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from pytest_django import Settings

from dashboard.oidc import configuration
from targets.models import Role, RolePolicy
from tests.accounts.conftest import Person
from tests.accounts.oidc import Provider, serving
from tests.factory import make
from tests.pages.reading import words

LOGIN = "/tai-khoan/oidc/bo/login/"
Refused = Callable[..., None]


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with serving() as running:
        yield running


@pytest.fixture
def bo(settings: Settings, provider: Provider) -> dict[str, Any]:
    """The site, configured for the provider; a test changes what it is about."""
    return configure(settings, provider.issuer)


@pytest.fixture
def refused() -> Iterator[Refused]:
    """Checks that the page says that it did not work, and the log of the site why."""
    with structlog.testing.capture_logs() as logged:

        def check(client: Client, answer: Any, reason: str, cause: str = "") -> None:
            assert answer.status_code == 401
            page = words(answer.content.decode())
            assert "Không đăng nhập được." in page
            assert "Hãy thử lại từ trang đăng nhập." in page
            assert signed_in(client) is None
            told = logged[-1]
            assert told["event"] == "sign-in at an identity provider failed"
            assert reason in told["reason"]
            assert cause in told["cause"]

        yield check


def configure(settings: Settings, issuer: str, **more: object) -> dict[str, Any]:
    app: dict[str, Any] = {
        "provider_id": "bo",
        "name": "Bộ Gì Đó",
        "client_id": "thuocdo",
        "secret": "bi-mat",
        "settings": {"server_url": issuer, "email_domains": ["bo.example"], **more},
    }
    settings.SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {
            "APPS": [app],
            "provider_class": "dashboard.oidc.provider.OIDCProvider",
        }
    }
    return app


def sign_in(client: Client, provider: Provider, subject: str, **changed: str) -> Any:
    """From the site to the provider and back; what the site says then."""
    sent = client.post(f"{LOGIN}?next=/tim/")
    assert sent.status_code == 302, words(sent.content.decode())
    return client.get(provider.authorize(sent["Location"], subject, **changed))


def signed_in(client: Client) -> str | None:
    return client.session.get("_auth_user_id")


@pytest.mark.usefixtures("bo")
def test_a_known_person_comes_in_and_is_known_from_then_on(
    client: Client, provider: Provider, person: Person
) -> None:
    user = person()
    provider.know("17", email="can-bo@bo.example", email_verified=True, name="Cán Bộ")
    answer = sign_in(client, provider, "17")
    assert answer["Location"] == "/tim/"
    assert signed_in(client) == str(user.pk)
    user.refresh_from_db()
    assert user.has_usable_password()
    # The link is by the provider's own number: a changed address makes no difference now.
    provider.know("17", email="ten-moi@bo.example", email_verified=True)
    again = Client()
    sign_in(again, provider, "17")
    assert signed_in(again) == str(user.pk)
    assert SocialAccount.objects.get().user == user


@pytest.mark.usefixtures("bo")
def test_the_sign_in_page_offers_it(client: Client, db: None) -> None:
    assert "Đăng nhập qua Bộ Gì Đó" in words(client.get("/tai-khoan/login/").content.decode())


@pytest.mark.usefixtures("bo")
def test_an_unknown_person_gets_no_account_but_a_sentence(
    client: Client, provider: Provider, db: None
) -> None:
    provider.know("18", email="nguoi-la@bo.example", email_verified=True)
    answer = sign_in(client, provider, "18")
    assert answer.status_code == 403
    page = words(answer.content.decode())
    assert "nguoi-la@bo.example" in page
    assert "Hãy nhờ người quản trị lập tài khoản" in page
    assert not User.objects.exists()
    assert signed_in(client) is None


@pytest.mark.usefixtures("bo")
@pytest.mark.parametrize(
    "claims",
    [
        {"email": "can-bo@bo.example", "email_verified": False},
        {"email": "can-bo@bo.example"},
        {"email": "can-bo@bo-khac.example", "email_verified": True},
        {"email": "can-bo@bo.example.evil.example", "email_verified": True},
        {},
    ],
)
def test_an_address_that_the_provider_cannot_vouch_for_opens_nothing(
    client: Client, provider: Provider, person: Person, claims: dict[str, Any]
) -> None:
    person()
    other = person(username="can-bo-khac")
    EmailAddress.objects.filter(user=other).update(email="can-bo@bo-khac.example")
    provider.know("19", **claims)
    assert sign_in(client, provider, "19").status_code == 403
    assert signed_in(client) is None


@pytest.mark.usefixtures("bo")
def test_an_address_that_somebody_wrote_into_their_account_opens_nothing(
    client: Client, provider: Provider, person: Person
) -> None:
    EmailAddress.objects.create(user=person(), email="truong@bo.example", verified=False)
    provider.know("20", email="truong@bo.example", email_verified=True)
    assert sign_in(client, provider, "20").status_code == 403
    assert signed_in(client) is None


@pytest.mark.usefixtures("bo")
def test_a_closed_account_stays_closed(client: Client, provider: Provider, person: Person) -> None:
    user = person()
    provider.know("21", email="can-bo@bo.example", email_verified=True)
    sign_in(client, provider, "21")
    client.post("/tai-khoan/logout/")
    user.is_active = False
    user.save()
    sign_in(client, provider, "21")
    assert signed_in(client) is None


@pytest.mark.usefixtures("bo")
def test_a_role_asks_for_its_second_factor_here_too(
    client: Client, provider: Provider, person: Person
) -> None:
    make(RolePolicy, role="leadership", mfa_required=True)
    person(Role.LEADERSHIP)
    provider.know("22", email="can-bo@bo.example", email_verified=True)
    sign_in(client, provider, "22")
    assert client.get("/tim/")["Location"] == "/tai-khoan/2fa/"


@pytest.mark.usefixtures("bo")
@pytest.mark.parametrize("changed", [{"nonce": "cua-nguoi-khac"}, {"nonce": ""}])
def test_a_token_for_another_question_is_refused(
    client: Client, refused: Refused, provider: Provider, person: Person, changed: dict[str, str]
) -> None:
    person()
    provider.know("23", email="can-bo@bo.example", email_verified=True)
    refused(client, sign_in(client, provider, "23", **changed), "another question")


@pytest.mark.usefixtures("bo")
def test_a_code_of_somebody_elses_sign_in_is_refused(
    client: Client, refused: Refused, provider: Provider, person: Person
) -> None:
    person()
    provider.know("24", email="can-bo@bo.example", email_verified=True)
    victim = Client()
    sent = victim.post(LOGIN)["Location"]
    back = provider.authorize(sent, "24")
    refused(client, client.get(back), "")  # its state is in another browser's session
    assert victim.get(back).status_code == 302
    refused(Client(), victim.get(back), "")  # and a code is used once


def test_an_old_token_is_refused(
    client: Client, refused: Refused, settings: Settings, person: Person
) -> None:
    person()
    with serving("--token-max-age", "-60") as provider:
        configure(settings, provider.issuer, fetch_userinfo=False)
        provider.know("25", email="can-bo@bo.example", email_verified=True)
        refused(client, sign_in(client, provider, "25"), "does not hold", "Signature has expired")


def test_a_token_of_another_issuer_is_refused(
    client: Client, refused: Refused, settings: Settings, provider: Provider, person: Person
) -> None:
    person()
    elsewhere = f"http://localhost:{provider.port}/oauth2/token"
    configure(
        settings,
        provider.issuer,
        openid_configuration_overrides={"token_endpoint": elsewhere},
    )
    provider.know("26", email="can-bo@bo.example", email_verified=True)
    refused(client, sign_in(client, provider, "26"), "does not hold", "Invalid issuer")


def test_a_token_signed_by_another_key_is_refused(
    client: Client, refused: Refused, settings: Settings, provider: Provider, person: Person
) -> None:
    person()
    with serving() as other:
        configure(
            settings,
            provider.issuer,
            openid_configuration_overrides={"jwks_uri": f"{other.issuer}/jwks"},
        )
        provider.know("27", email="can-bo@bo.example", email_verified=True)
        refused(
            client,
            sign_in(client, provider, "27"),
            "does not hold",
            "Signature verification failed",
        )


def test_a_server_that_speaks_for_another_issuer_is_refused(
    client: Client, refused: Refused, settings: Settings, provider: Provider, db: None
) -> None:
    configure(settings, f"http://localhost:{provider.port}", openid_configuration_overrides={
        "issuer": provider.issuer,
    })  # fmt: skip
    refused(client, client.post(LOGIN), "another issuer")


def test_a_server_that_does_not_answer_is_told(
    client: Client, refused: Refused, settings: Settings, db: None
) -> None:
    configure(settings, "http://127.0.0.1:9")
    refused(client, client.post(LOGIN), "Connection refused")


@pytest.mark.usefixtures("bo")
def test_who_gives_up_there_is_told(client: Client, db: None) -> None:
    sent = client.post(LOGIN)["Location"]
    state = sent.partition("state=")[2].partition("&")[0]
    answer = client.get(f"{LOGIN}callback/?error=access_denied&state={state}", follow=True)
    assert "Đã thôi đăng nhập" in words(answer.content.decode())


def test_a_provider_that_is_not_configured_is_not_there(client: Client, db: None) -> None:
    for path in (LOGIN, f"{LOGIN}callback/"):
        assert client.get(path).status_code == 404


@pytest.mark.usefixtures("bo")
def test_the_address_of_the_page_adds_nothing_to_the_question(client: Client, db: None) -> None:
    sent = client.post(f"{LOGIN}?auth_params=prompt%3Dnone%26nonce%3Dx&scope=phone")["Location"]
    assert "prompt" not in sent
    assert "nonce=x" not in sent
    assert "phone" not in sent
    assert "code_challenge_method=S256" in sent


WHOLE = {
    "OIDC_PROVIDERS": "bo",
    "OIDC_BO_NAME": "Bộ Gì Đó",
    "OIDC_BO_ISSUER": "https://sso.bo.example/realms/bo/",
    "OIDC_BO_CLIENT_ID": "thuocdo",
    "OIDC_BO_CLIENT_SECRET": "bi-mat",
    "OIDC_BO_EMAIL_DOMAINS": "bo.example, @Vien.BO.example",
}


def test_providers_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    assert configuration.providers(plain_http=False) == []
    for name, value in WHOLE.items():
        monkeypatch.setenv(name, value)
    (found,) = configuration.providers(plain_http=False)
    assert found["provider_id"] == "bo"
    assert found["settings"] == {
        "server_url": "https://sso.bo.example/realms/bo",
        "email_domains": ["bo.example", "vien.bo.example"],
    }
    assert configuration.origins([found]) == ["https://sso.bo.example"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OIDC_PROVIDERS", "Bộ"),
        ("OIDC_BO_ISSUER", ""),
        ("OIDC_BO_ISSUER", "http://sso.bo.example"),
        ("OIDC_BO_CLIENT_ID", ""),
        ("OIDC_BO_CLIENT_SECRET", ""),
        ("OIDC_BO_EMAIL_DOMAINS", ""),
    ],
)
def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    for key, good in WHOLE.items():
        monkeypatch.setenv(key, good)
    monkeypatch.setenv(name, value)
    with pytest.raises(ImproperlyConfigured, match=name):
        configuration.providers(plain_http=False)
