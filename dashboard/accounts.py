"""How accounts come about and how their owners prove who they are.

Administrators make accounts, nobody signs up, and signing in at a ministry's identity provider
opens an account that is there and makes none.
"""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import structlog
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.base import AuthProcess
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.shortcuts import render
from django.urls import reverse
from django.utils.encoding import force_bytes

from targets.permissions import roles_of

log = structlog.get_logger(__name__)


class ClosedAccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Sign-in without sign-up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody makes an account for themselves."""
        return False

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Who reports or signs finds what is due at once; others begin at the Overview."""
        if roles_of(request.user).organisations:
            return reverse("report-list")
        return str(super().get_login_redirect_url(request))


class KnownPeopleAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Identity providers open accounts that administrators made, by a verified address."""

    def authenticate_by_email(self, sociallogin: SocialLogin) -> tuple[User, str] | None:
        """The account of the address, where both sides have verified it.

        A provider vouches for the domains it was given and for no others: else one ministry's
        server could open the account of another ministry's official.
        """
        domains = sociallogin.provider.app.settings["email_domains"]
        for address in sociallogin.email_addresses:
            if address.verified and address.email.rpartition("@")[2].lower() in domains:
                held = EmailAddress.objects.filter(
                    email__iexact=address.email, verified=True, user__is_active=True
                ).select_related("user")
                for mine in held:  # at most one: verified addresses are unique
                    return mine.user, mine.email
        return None

    def on_authentication_error(
        self, request: HttpRequest, provider: Any, error: Any = None,
        exception: Exception | None = None, extra_context: Any = None,
    ) -> None:  # fmt: skip
        """Tell those who run the site why; the page only says that it did not work."""
        log.warning(
            "sign-in at an identity provider failed",
            provider=provider.app.provider_id,
            error=str(error),
            reason=str(exception or ""),
            cause=str(exception.__cause__ or "") if exception else "",
        )

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Tell a person without an account so, and whom to ask."""
        if sociallogin.is_existing or sociallogin.state.get("process") == AuthProcess.CONNECT:
            return
        addresses = [address.email for address in sociallogin.email_addresses]
        page = render(
            request,
            "socialaccount/unknown_person.html",
            {"provider": sociallogin.provider.app.name, "address": ", ".join(addresses)},
            status=403,
        )
        raise ImmediateHttpResponse(page)


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Secrets of authenticator apps are unreadable in the database and its copies."""

    def encrypt(self, text: str) -> str:
        """For the database."""
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """From the database."""
        return _cipher().decrypt(encrypted_text.encode()).decode()

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Whoever's role demands a second factor keeps one."""
        if not roles_of(authenticator.user).mfa_required:
            return True
        factors = Authenticator.objects.filter(user=authenticator.user).exclude(
            type=Authenticator.Type.RECOVERY_CODES
        )
        return bool(factors.exclude(pk=authenticator.pk).exists())

    def get_public_key_credential_rp_entity(self) -> dict[str, Any]:
        """The site, as the browser names it when it offers a passkey."""
        return {**super().get_public_key_credential_rp_entity(), "name": settings.MFA_TOTP_ISSUER}


def vouch_for_address(user: User) -> None:
    """Make a person's address the one by which an identity provider may open the account.

    For administrators, who know whose it is; the main address it had before opens it no more.
    """
    addresses = EmailAddress.objects.filter(user=user)
    addresses.filter(primary=True).exclude(email__iexact=user.email).delete()
    if user.email:
        addresses.update_or_create(
            email=user.email.lower(),
            defaults={"user": user, "primary": True, "verified": True},
        )


def _cipher() -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    digests = [hashlib.sha256(b"second factor " + force_bytes(key)).digest() for key in keys]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])
