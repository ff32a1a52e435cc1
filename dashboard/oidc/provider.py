"""The provider that allauth uses in place of its own for OpenID Connect.

Its own trusts what the token endpoint says and sends no nonce. Here the ID token is the proof: its
signature, issuer, audience, age and nonce are checked, and the code is bound to the browser that
asked for it (PKCE).
"""

from __future__ import annotations

import secrets
from typing import Any, Final

import jwt
import requests
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.helpers import render_authentication_error
from allauth.socialaccount.models import SocialLogin, SocialToken
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.http import HttpRequest, HttpResponse

# What a provider signs with its own key; a shared secret (HS256) proves nothing here.
_ALGORITHMS: Final = [
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA",
]  # fmt: skip
_LEEWAY: Final = 30  # seconds by which two servers' clocks may differ


class OIDCAdapter(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]
    """Reads who it is out of a checked ID token."""

    nonce: str | None = None

    @property
    def openid_config(self) -> dict[str, Any]:
        """What the provider says of itself; it must speak for the issuer that was configured."""
        found: dict[str, Any] = super().openid_config
        issuer = self.get_provider().app.settings["server_url"]
        if str(found.get("issuer", "")).rstrip("/") != issuer:
            raise OAuth2Error("the provider names another issuer than the one configured")
        return found

    def complete_login(
        self, request: HttpRequest, app: Any, token: SocialToken, **kwargs: Any
    ) -> SocialLogin:
        """The sign-in that the token proves; raises OAuth2Error when it proves none."""
        claims = self._checked(app, kwargs["response"].get("id_token"))
        if "email" not in claims:
            told = self._fetch_user_info(token.token)
            if told.get("sub") != claims["sub"]:
                raise OAuth2Error("user info is about somebody else")
            claims = {**told, **claims}
        return self.get_provider().sociallogin_from_response(request, {"id_token": claims})

    def _checked(self, app: Any, id_token: str | None) -> dict[str, Any]:
        """The claims of an ID token; raises OAuth2Error unless all of it holds."""
        if not id_token:
            raise OAuth2Error("no ID token")
        try:
            claims: dict[str, Any] = jwt.decode(
                id_token,
                key=self._key_of(id_token).key,
                algorithms=_ALGORITHMS,
                issuer=self.openid_config["issuer"],
                audience=app.client_id,
                leeway=_LEEWAY,
                options={"require": ["exp", "iat", "iss", "aud", "sub"]},
            )
        except (jwt.PyJWTError, KeyError) as error:
            raise OAuth2Error("ID token does not hold") from error
        if not self.nonce or not secrets.compare_digest(str(claims.get("nonce")), self.nonce):
            raise OAuth2Error("ID token is the answer to another question")
        return claims

    def _key_of(self, id_token: str) -> jwt.PyJWK:
        """The key of the provider by which a token says it is signed; one key needs no name."""
        with get_adapter().get_requests_session() as session:
            answer = session.get(self.openid_config["jwks_uri"])
            answer.raise_for_status()
        keys = jwt.PyJWKSet.from_dict(answer.json()).keys
        name = jwt.get_unverified_header(id_token).get("kid")
        fitting = keys if name is None else [key for key in keys if key.key_id == name]
        if len(fitting) != 1:
            raise OAuth2Error("ID token is signed by a key that the provider does not have")
        return fitting[0]


class OIDCCallbackView(OAuth2CallbackView):  # type: ignore[misc]
    """Hands the nonce that was sent to the adapter that checks it."""

    adapter: OIDCAdapter

    def _get_state(self, request: HttpRequest, provider: Any) -> tuple[Any, Any]:
        state, response = super()._get_state(request, provider)
        self.adapter.nonce = state.get("nonce") if state else None
        return state, response


class OIDCProvider(OpenIDConnectProvider):  # type: ignore[misc]
    """OpenID Connect with PKCE, a nonce, and a page instead of an error when nobody answers."""

    oauth2_adapter_class = OIDCAdapter
    pkce_enabled_default = True

    def get_auth_params_from_request(self, request: HttpRequest, action: str) -> dict[str, str]:
        """What the address of our own page says is not passed on."""
        return dict(self.get_auth_params())

    def get_scope_from_request(self, request: HttpRequest) -> list[str]:
        """As configured, whatever the address says."""
        return list(self.get_scope())

    def redirect(
        self, request: HttpRequest, process: str, next_url: Any = None, data: Any = None,
        **kwargs: Any,
    ) -> HttpResponse:  # fmt: skip
        """Send the browser to the provider, with a nonce kept in the session."""
        nonce = secrets.token_urlsafe(16)
        kwargs["auth_params"] = {**(kwargs.get("auth_params") or {}), "nonce": nonce}
        try:
            answer: HttpResponse = super().redirect(
                request, process, next_url, data, nonce=nonce, **kwargs
            )
        except (requests.RequestException, OAuth2Error, KeyError) as error:
            return render_authentication_error(request, self, exception=error)  # type: ignore[no-any-return]
        return answer


provider_classes = [OIDCProvider]
