"""Typed readers of the environment: the only place that reads ``os.environ`` for settings.

Each reader returns a value of its type or raises ``ImproperlyConfigured`` with the name of the
variable, what was found, and what was expected, so that a wrong environment stops the start.
"""

from __future__ import annotations

import ipaddress
import os
import re
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit, urlunsplit

from django.core.exceptions import ImproperlyConfigured

_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"0", "false", "no", "off"}
_HOST = re.compile(
    r"(?:\*\.)?(?:\[[0-9a-f:.]+\]|[a-z0-9_-]+(?:\.[a-z0-9_-]+)*)(?::(?P<port>\d{1,5}))?"
)


def _raw(name: str) -> str | None:
    """The variable without surrounding blanks; an empty one counts as not set."""
    value = os.environ.get(name, "").strip()
    return value or None


def _fail(name: str, hint: str) -> ImproperlyConfigured:
    found = _raw(name)
    state = "is not set" if found is None else "has a value that cannot be used"
    return ImproperlyConfigured(f"{name} {state}: {hint}")


def text(name: str, default: str | None = None, *, hint: str = "set it to a text") -> str:
    """A text; without a default the variable is required."""
    value = _raw(name)
    if value is None:
        if default is None:
            raise _fail(name, hint)
        return default
    return value


def flag(name: str, default: bool) -> bool:
    """A yes or no: 1/0, true/false, yes/no, on/off."""
    value = _raw(name)
    if value is None:
        return default
    if value.lower() in _TRUE:
        return True
    if value.lower() in _FALSE:
        return False
    raise _fail(name, "use yes or no")


def integer(
    name: str, default: int, *, minimum: int | None = None, maximum: int | None = None
) -> int:
    """A whole number within the bounds given."""
    value = _raw(name)
    if value is None:
        return default
    try:
        number = int(value)
    except ValueError:
        raise _fail(name, f"use a whole number, not {value!r}") from None
    if minimum is not None and number < minimum:
        raise _fail(name, f"{number} is below the smallest allowed, {minimum}")
    if maximum is not None and number > maximum:
        raise _fail(name, f"{number} is above the largest allowed, {maximum}")
    return number


def choice(name: str, allowed: Sequence[str], default: str) -> str:
    """One of a few words."""
    value = _raw(name)
    if value is None:
        return default
    if value not in allowed:
        raise _fail(name, f"use one of {', '.join(allowed)}, not {value!r}")
    return value


def listing(name: str, default: Sequence[str] = (), *, hint: str | None = None) -> list[str]:
    """Texts separated by commas; with a hint the variable is required and not empty."""
    value = _raw(name)
    items = [part.strip() for part in (value or "").split(",") if part.strip()]
    if items:
        return items
    if hint is not None:
        raise _fail(name, hint)
    return list(default)


def hosts(name: str, default: Sequence[str] = ()) -> list[str]:
    """Hosts separated by commas: ``name``, ``name:port``, ``*.name``; an IPv6 one in brackets."""
    found = listing(name, default)
    for host in found:
        fits = _HOST.fullmatch(host.lower())
        if fits is None or not 0 < int(fits["port"] or 443) < 65536:
            raise _fail(name, f"use data.example, data.example:8443 or *.example, not {host!r}")
    return found


def networks(name: str, default: Sequence[str] = ()) -> list[str]:
    """Networks separated by commas, as ``10.1.0.0/16``."""
    found = listing(name, default)
    for network in found:
        try:
            ipaddress.ip_network(network)
        except ValueError as error:
            raise _fail(name, f"use networks as 10.1.0.0/16: {error}") from None
    return found


def secret(name: str, default: str | None = None, *, minimum: int = 50) -> str:
    """A secret of at least ``minimum`` characters, from NAME or from the file in NAME_FILE.

    The file form is for container secrets. The value never appears in a message.
    """
    value = _raw(name)
    file = _raw(f"{name}_FILE")
    if value is None and file is not None:
        try:
            value = Path(file).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ImproperlyConfigured(f"{name}_FILE cannot be read: {error}") from None
    if value is None:
        if default is None:
            raise _fail(
                name,
                f"set {name} or {name}_FILE to a random text, for example from "
                "python -c 'import secrets; print(secrets.token_urlsafe(50))'",
            )
        return default
    if len(value) < minimum:
        raise ImproperlyConfigured(
            f"{name} is too short: {len(value)} characters, at least {minimum} are needed"
        )
    return value


def database(name: str, default: str | None = None) -> dict[str, Any]:
    """Django's settings of one PostgreSQL database from an address.

    The form is ``postgresql://user:password@host:port/name?option=value``; options go to libpq.
    ``NAME_FILE`` may hold the address instead.
    """
    address = secret(name, default, minimum=1) if default is not None else _required(name)
    hint = "use postgresql://user:password@host:port/name"
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        raise _fail(name, hint) from None
    database_name = unquote(parts.path).lstrip("/")
    if parts.scheme not in {"postgres", "postgresql"} or not database_name:
        raise _fail(name, hint)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": database_name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(port or ""),
        "OPTIONS": dict(parse_qsl(parts.query)),
    }


def redis(name: str, default: str | None = None) -> str:
    """The address of a Redis or Valkey server: ``redis://:password@host:port/number``."""
    address = secret(name, default, minimum=1) if default is not None else _required(name)
    hint = "use redis://:password@host:port/0, or rediss:// for TLS"
    try:
        parts = urlsplit(address)
        number = parts.path.lstrip("/") or "0"
        usable = parts.scheme in {"redis", "rediss"} and bool(parts.hostname) and number.isdigit()
        _ = parts.port
    except ValueError:
        usable = False
    if not usable:
        raise _fail(name, hint)
    return address


def site(name: str, default: str) -> str:
    """The address of a site without a path: ``https://host`` or ``http://host:port``."""
    address = (_raw(name) or default).rstrip("/")
    try:
        parts = urlsplit(address)
        bare = address == f"{parts.scheme}://{parts.netloc}" and bool(parts.hostname)
        usable = parts.scheme in {"http", "https"} and bare and parts.username is None
        _ = parts.port
    except ValueError:
        usable = False
    if not usable:
        raise _fail(name, "use https://host, without a path")
    return address


def _required(name: str) -> str:
    if _raw(name) is None and _raw(f"{name}_FILE") is None:
        raise _fail(
            name,
            f"set {name} (or {name}_FILE) to the address of the server; without it "
            "use python manage.py, which starts embedded servers",
        )
    return secret(name, minimum=1)


def path(name: str, default: Path) -> Path:
    """A path, absolute or below the working directory."""
    value = _raw(name)
    return Path(value).resolve() if value is not None else default


def stored_secret(file: Path) -> str:
    """The secret kept in a file of this installation, made at random on first use."""
    try:
        return file.read_text(encoding="ascii")
    except FileNotFoundError:
        file.parent.mkdir(parents=True, exist_ok=True)
        fresh = secrets.token_urlsafe(50)
        try:
            descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:  # another process made it a moment ago
            return file.read_text(encoding="ascii")
        with os.fdopen(descriptor, "w", encoding="ascii") as opened:
            opened.write(fresh)
        return fresh


def next_redis_database(address: str) -> str:
    """The address of the database after this one, on the same server."""
    parts = urlsplit(address)
    number = int(parts.path.lstrip("/") or "0")
    return urlunsplit(parts._replace(path=f"/{number + 1}"))
