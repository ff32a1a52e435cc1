"""The identity providers of this installation, from the environment; read by the settings.

``OIDC_PROVIDERS=bkhcn`` names them; then for each, here for ``bkhcn``:

- ``OIDC_BKHCN_NAME``: what its button says
- ``OIDC_BKHCN_ISSUER``: its issuer, under which ``/.well-known/openid-configuration`` lies
- ``OIDC_BKHCN_CLIENT_ID`` and ``OIDC_BKHCN_CLIENT_SECRET`` (or ``..._SECRET_FILE``)
- ``OIDC_BKHCN_EMAIL_DOMAINS``: the domains whose addresses it may vouch for, and no others
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from dashboard import env

_NAME = re.compile(r"^[a-z][a-z0-9]*$")


def providers(*, plain_http: bool) -> list[dict[str, Any]]:
    """What allauth calls apps; raises ImproperlyConfigured with what is missing.

    `plain_http` allows issuers without TLS: on the machine itself, never in production.
    """
    return [_provider(name, plain_http) for name in env.listing("OIDC_PROVIDERS")]


def _provider(name: str, plain_http: bool) -> dict[str, Any]:
    if not _NAME.match(name):
        raise ImproperlyConfigured(f"OIDC_PROVIDERS: {name!r} is not a word of a-z and 0-9")
    prefix = f"OIDC_{name.upper()}"
    issuer = env.text(f"{prefix}_ISSUER", hint="set it to the issuer's https:// address")
    if urlsplit(issuer).scheme != "https" and not plain_http:
        raise ImproperlyConfigured(f"{prefix}_ISSUER must begin with https://")
    domains = env.listing(
        f"{prefix}_EMAIL_DOMAINS",
        hint="set it to the mail domains that the provider may vouch for",
    )
    return {
        "provider_id": name,
        "name": env.text(f"{prefix}_NAME", name),
        "client_id": env.text(f"{prefix}_CLIENT_ID", hint="set it to the client's id there"),
        "secret": env.secret(f"{prefix}_CLIENT_SECRET", minimum=1),
        "settings": {
            "server_url": issuer.rstrip("/"),
            "email_domains": [domain.lower().lstrip("@") for domain in domains],
        },
    }


def origins(configured: Iterable[dict[str, Any]]) -> list[str]:
    """Where the browser is sent to sign in, for the content policy."""
    found = []
    for provider in configured:
        parts = urlsplit(provider["settings"]["server_url"])
        found.append(f"{parts.scheme}://{parts.netloc}")
    return found
