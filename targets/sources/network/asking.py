"""A request to a source, as it is sent, shown and recognised the next time."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from typing import Final, Self

import httpx

from targets.sources.contract import Outcome, Request, SourceError

_SECRET_PARAMETER: Final = re.compile(
    r"key|token|secret|pass|pwd|sig|auth|credential|session", re.IGNORECASE
)


@dataclass(frozen=True)
class Question:
    """A request as it goes out; `digest` is what the next run knows it by."""

    method: str
    url: httpx.URL
    content: bytes | None
    headers: dict[str, str]
    digest: str

    @classmethod
    def of(cls, request: Request) -> Self:
        """The digest is over method, address, headers and body, without any secret."""
        url = parsed(request.url)
        headers = dict(request.headers)
        content = None
        if request.json is not None:
            content = json.dumps(request.json, ensure_ascii=False, sort_keys=True).encode()
            headers.setdefault("Content-Type", "application/json")
        parts = [request.method, str(url), *(f"{k.lower()}: {headers[k]}" for k in sorted(headers))]
        digest = hashlib.sha256("\n".join(parts).encode() + b"\n\n" + (content or b""))
        return cls(request.method, url, content, headers, digest.hexdigest())


def parsed(address: str) -> httpx.URL:
    """An address as it will be asked, without fragment; SourceError `refused-address`."""
    try:
        return httpx.URL(address).copy_with(fragment=None)
    except httpx.InvalidURL:
        raise SourceError(Outcome.REFUSED_ADDRESS, reason="form") from None


def shown(url: httpx.URL) -> str:
    """An address for people and records: nothing in it that may open something."""
    query = "&".join(_shown_parameter(part) for part in url.query.decode("ascii").split("&"))
    return str(url.copy_with(query=query.encode() or None, fragment=None, userinfo=b""))


def _shown_parameter(part: str) -> str:
    name, _, _value = part.partition("=")
    return f"{name}=***" if _SECRET_PARAMETER.search(name) else part


def same_server(url: httpx.URL, own: httpx.URL) -> bool:
    """Whether an address is of a server, or of the same server by TLS where it is asked without."""
    if (url.scheme, url.raw_host, url.port) == (own.scheme, own.raw_host, own.port):
        return True
    upgraded = own.scheme == "http" and url.scheme == "https"
    return upgraded and url.raw_host == own.raw_host and url.port is None and own.port is None


def redirected(url: httpx.URL, response: httpx.Response) -> httpx.URL:
    """Where a redirect leads; never from TLS to plain text."""
    location = response.headers.get("Location", "")
    if not location:
        raise SourceError(
            Outcome.BAD_STATUS, status=response.status_code, reason="location", url=shown(url)
        )
    try:
        led = url.join(location).copy_with(fragment=None)
    except httpx.InvalidURL:
        raise SourceError(Outcome.REFUSED_ADDRESS, reason="form", url=shown(url)) from None
    if url.scheme == "https" and led.scheme == "http":
        raise SourceError(Outcome.REFUSED_ADDRESS, reason="scheme", url=shown(url))
    return led
