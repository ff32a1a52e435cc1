"""HTTP over guarded connections: no proxies, cookies, passwords or redirects of its own accord."""

from __future__ import annotations

import logging
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import certifi
import httpcore
import httpx

from targets.sources.contract import Outcome, SourceError
from targets.sources.network.egress import GuardedBackend

# At DEBUG it writes whole headers of answers into the log.
logging.getLogger("httpcore").setLevel(logging.INFO)


class PassingError(SourceError):
    """What may be different a moment later: worth another try."""


class Transport(httpx.BaseTransport):
    """Sends one request over HTTP/1.1 and hands its answer back as a stream.

    Without a context it is for plain HTTP. Raises what httpcore raises, here and while the answer
    is read; `named` makes SourceErrors of that.
    """

    def __init__(self, backend: GuardedBackend, context: ssl.SSLContext | None = None) -> None:
        self._pool = httpcore.ConnectionPool(ssl_context=context, network_backend=backend)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = self._pool.handle_request(
            httpcore.Request(
                method=request.method,
                url=httpcore.URL(
                    scheme=request.url.raw_scheme,
                    host=request.url.raw_host,
                    port=request.url.port,
                    target=request.url.raw_path,
                ),
                headers=request.headers.raw,
                content=request.read(),
                extensions=request.extensions,
            )
        )
        return httpx.Response(
            answer.status,
            headers=answer.headers,
            stream=_Stream(answer),
            extensions=answer.extensions,
        )

    def close(self) -> None:
        self._pool.close()


class _Stream(httpx.SyncByteStream):
    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        return self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()


def tls_context(certificate: Path | None = None) -> ssl.SSLContext:
    """Trusts the system's authorities (SSL_CERT_FILE may name a ministry's own) and the usual ones.

    `certificate` is a PEM file with our certificate and key; ssl.SSLError or OSError if it is not.
    """
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    if certificate is not None:
        # An empty password: a key that wants one fails instead of asking a terminal.
        context.load_cert_chain(certificate, password="")
    return context


def named(error: Exception, *, ended: bool, **detail: Any) -> SourceError:
    """What a failure of httpcore is called, without its words: they may quote what was sent.

    `ended`: the server had closed the connection.
    """
    # What it was made of; httpcore's pool cuts the chain of causes.
    cause = error.args[0] if error.args else None
    kind: type[SourceError] = PassingError
    about: dict[str, Any] = {}
    match error:
        case httpcore.TimeoutException():
            stage = "connect" if isinstance(error, httpcore.ConnectTimeout) else "read"
            outcome, about = Outcome.TIMEOUT, {"stage": stage}
        case httpcore.NetworkError() if isinstance(cause, ssl.SSLCertVerificationError):
            kind, outcome = SourceError, Outcome.NO_ANSWER
            about = {"reason": "certificate", "message": cause.verify_message}
        case httpcore.NetworkError() if isinstance(cause, ssl.SSLError) and _about_us(cause):
            kind, outcome, about = SourceError, Outcome.CREDENTIAL, {"reason": "refused"}
        case httpcore.ConnectError():
            reason = "tls" if isinstance(cause, ssl.SSLError) else "connect"
            outcome, about = Outcome.NO_ANSWER, {"reason": reason}
        case httpcore.RemoteProtocolError() if not ended:
            kind, outcome, about = SourceError, Outcome.UNREADABLE, {"reason": "http"}
        case httpcore.NetworkError() | httpcore.RemoteProtocolError():
            outcome = Outcome.CUT
        case _:
            kind, outcome, about = SourceError, Outcome.MISCONFIGURED, {"reason": "request"}
    return kind(outcome, **about, **detail)


def _about_us(error: ssl.SSLError) -> bool:
    """Whether the server's alert is about the certificate that we showed, or did not show."""
    reason = error.reason or ""
    return "ALERT" in reason and ("CERTIFICATE" in reason or "UNKNOWN_CA" in reason)
