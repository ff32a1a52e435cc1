"""Bodies from a source: where it may be asked, whole or not at all, within bounds of size and time.

A Fetcher belongs to one run. It follows redirects itself, so that every hop is judged, tries again
what may pass, asks for changes only where an earlier run kept the answer, and never lets a secret
out to another server than the source's own, nor into an error, a log or a record.
"""

from __future__ import annotations

import functools
import hashlib
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import httpcore
import httpx
import structlog
import tenacity
from django.utils import timezone

from targets.models import DataSource, RunBody
from targets.sources.contract import Body, Outcome, Request, SourceError
from targets.sources.network import bodies, credentials
from targets.sources.network.asking import Question, parsed, redirected, same_server, shown
from targets.sources.network.bodies import Received
from targets.sources.network.decoding import (
    ACCEPTED,
    BrokenCodingError,
    CutCodingError,
    decoder_for,
)
from targets.sources.network.egress import (
    EgressRules,
    GuardedBackend,
    Resolver,
    rules_from_settings,
)
from targets.sources.network.headers import Said, media_of, moment_of, printable, retry_after, said
from targets.sources.network.transport import PassingError, Transport, named, tls_context

log = structlog.get_logger(__name__)

_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
#: Types that say nothing of what is inside.
_ANY_TYPE: Final = frozenset({"", "application/octet-stream", "binary/octet-stream"})
_PAGE: Final = frozenset({"text/html", "application/xhtml+xml"})
#: Whatever httpcore may raise; httpx itself is only the shape of requests and answers here.
_FAILURES: Final = (
    httpcore.TimeoutException,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.UnsupportedProtocol,
)


@dataclass(frozen=True)
class Limits:
    """Seconds, tries and hops. `request` and `total` bound everything, waits and retries included:
    one request, and all of a run's."""

    connect: float = 10
    read: float = 30
    request: float = 240
    total: float = 420
    tries: int = 4
    longest_wait: float = 60  # asked for by the source; who wants more is visited another time
    redirects: int = 5


LIMITS: Final = Limits()
_back_off: Final = tenacity.wait_exponential_jitter(initial=1, max=30, jitter=1)


class Fetcher:
    """`fetch(request) -> Body`; raises SourceError. The files live in `folder`.

    `accepts` are the media types that the adapter reads, as fnmatch patterns; empty: anything but a
    web page. Afterwards: `received`, the answers in their order; `requests` sent, hops and repeats
    included; `retries`; `bytes` as they came over the line, of failed tries too.
    """

    def __init__(
        self,
        source: DataSource,
        folder: Path,
        *,
        accepts: Sequence[str] = (),
        limits: Limits = LIMITS,
        rules: EgressRules | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        resolver: Resolver = socket.getaddrinfo,
    ) -> None:
        self.received: list[Received] = []
        self.requests = 0
        self.retries = 0
        self.bytes = 0
        self._source = source
        self._folder = folder
        self._accepts = accepts
        self._limits = limits
        self._rules = rules_from_settings() if rules is None else rules
        self._clock = clock
        self._sleep = sleep
        self._ends = clock() + limits.total
        self._request_ends = self._ends
        self._backend = GuardedBackend(self._rules, left=self._left, resolver=resolver)
        self._size = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for name in ("_plain", "_tls", "_own_tls"):
            if name in self.__dict__:  # made
                self.__dict__[name].close()

    def __call__(self, request: Request) -> Body:
        """One answer, whole. Nothing of a failed try is left in the folder."""
        question = Question.of(request)
        kept = self._kept(question)
        self._request_ends = min(self._clock() + self._limits.request, self._ends)
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(PassingError),
            wait=_wait,
            stop=self._enough,
            sleep=self._sleep,
            before_sleep=self._again,
            reraise=True,
        )
        received = retrying(self._once, question, kept)
        self.received.append(received)
        self._size += received.body.size
        return received.body

    def _once(self, question: Question, kept: RunBody | None) -> Received:
        """One try: hop by hop to the answer."""
        method, url, content = question.method, question.url, question.content
        for _hop in range(self._limits.redirects + 1):
            self._rules.check_url(url)
            headers = self._headers(question, url)
            # Only where the kept body came from: its validators mean nothing elsewhere.
            known = kept if kept is not None and kept.url == shown(url) else None
            if known is not None:
                headers |= _conditions(known)
            try:
                response = self._send(httpx.Request(method, url, headers=headers, content=content))
                try:
                    if response.status_code not in _REDIRECTS:
                        return self._answer(question, url, response, known)
                finally:
                    response.close()
            except _FAILURES as error:
                failure = named(error, ended=self._backend.ended, url=shown(url))
                if failure.outcome is Outcome.TIMEOUT and self._left() <= 0:
                    failure.detail["stage"] = "total"
                raise failure from None
            url = redirected(url, response)
            if response.status_code == 303:
                method, content = "GET", None
        raise SourceError(Outcome.BAD_STATUS, reason="redirects", url=shown(url))

    def _send(self, request: httpx.Request) -> httpx.Response:
        self.requests += 1
        limits = self._limits
        request.extensions["timeout"] = {
            "connect": limits.connect,
            "read": limits.read,
            "write": limits.read,
            "pool": limits.connect,
        }
        return self._transport(request.url).handle_request(request)

    def _transport(self, url: httpx.URL) -> Transport:
        if url.scheme == "http":
            return self._plain
        return self._own_tls if self._is_own(url) else self._tls

    def _headers(self, question: Question, url: httpx.URL) -> dict[str, str]:
        headers = {
            "User-Agent": "ThuocDo",
            "Accept": "*/*",
            "Accept-Encoding": ACCEPTED,
            **question.headers,
        }
        return headers | self._credentials if self._is_own(url) else headers

    def _is_own(self, url: httpx.URL) -> bool:
        """Whether it is the server that the source's address names: it may have the secret."""
        return same_server(url, parsed(self._source.address))

    @functools.cached_property
    def _credentials(self) -> dict[str, str]:
        return credentials.headers_of(self._source)

    @functools.cached_property
    def _plain(self) -> Transport:
        return Transport(self._backend)

    @functools.cached_property
    def _tls(self) -> Transport:
        return Transport(self._backend, tls_context())

    @functools.cached_property
    def _own_tls(self) -> Transport:
        """To the source's own server, with our certificate if it wants one."""
        certificate = credentials.certificate_of(self._source)
        if certificate is None:
            return self._tls
        try:
            context = tls_context(certificate)
        except (OSError, ValueError):  # ssl.SSLError is an OSError
            raise SourceError(
                Outcome.CREDENTIAL, name=self._source.credential_name, reason="file"
            ) from None
        return Transport(self._backend, context)

    def _kept(self, question: Question) -> RunBody | None:
        """What the last run that asked this kept, if it can be asked for changes."""
        if question.method != "GET":
            return None
        kept = (
            RunBody.objects.filter(run__data_source=self._source, request=question.digest)
            .select_related("raw")
            .defer("raw__compressed")
            .order_by("-run_id", "-position")
            .first()
        )
        return kept if kept is not None and (kept.etag or kept.last_modified) else None

    def _answer(
        self, question: Question, url: httpx.URL, response: httpx.Response, kept: RunBody | None
    ) -> Received:
        """What an answer brings, or the kept body where it says that nothing has changed."""
        where, told = shown(url), said(response)
        unchanged = kept is not None and response.status_code == 304
        if kept is not None and unchanged:
            told = Said(
                kept.content_type,
                told.etag or kept.etag,
                told.last_modified or kept.last_modified,
            )
        else:
            self._check_status(response, where)
        media, charset = media_of(told.content_type)
        self._check_type(media, where)
        path = self._folder / f"{len(self.received) + 1:05d}.body"
        try:
            if kept is not None and unchanged:
                size, sha256 = self._unpack(kept, path)
            else:
                size, sha256 = self._save(response, path, where)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        body = Body(
            path=path,
            size=size,
            sha256=sha256,
            url=where,
            content_type=media,
            charset=charset,
            last_modified=moment_of(told.last_modified),
        )
        return Received(question.digest, body, where, response.status_code, *told)

    def _check_status(self, response: httpx.Response, where: str) -> None:
        """A failed answer's text is not looked at: it may quote what we sent."""
        status = response.status_code
        if status in {200, 203}:
            return
        detail: dict[str, Any] = {"status": status, "url": where}
        wait = retry_after(response.headers.get("Retry-After", ""), timezone.now())
        if status in {429, 503} and wait is not None and wait > self._limits.longest_wait:
            raise SourceError(Outcome.RATE_LIMITED, retry_after=wait, wait=wait, **detail)
        if status == 429:
            raise PassingError(Outcome.RATE_LIMITED, retry_after=wait, wait=wait, **detail)
        if status >= 500:
            raise PassingError(Outcome.BAD_STATUS, retry_after=wait, **detail)
        if status == 401 or (status == 403 and self._source.credential):
            raise SourceError(Outcome.CREDENTIAL, reason="refused", **detail)
        raise SourceError(Outcome.BAD_STATUS, **detail)

    def _check_type(self, media: str, where: str) -> None:
        if self._accepts:
            fits = media in _ANY_TYPE or any(fnmatchcase(media, kind) for kind in self._accepts)
        else:
            fits = media not in _PAGE
        if not fits:
            raise SourceError(Outcome.BAD_TYPE, found=media, accepts=list(self._accepts), url=where)

    def _save(self, response: httpx.Response, path: Path, where: str) -> tuple[int, str]:
        """The decoded bytes into a file, never more than there is room for: (size, SHA-256)."""
        room = self._room()
        claimed = response.headers.get("Content-Length", "")
        if claimed.isdigit() and int(claimed) > room:
            raise self._too_large(where, claimed=int(claimed))
        coding = response.headers.get("Content-Encoding", "")
        unreadable = SourceError(
            Outcome.UNREADABLE, reason="coding", coding=printable(coding), url=where
        )
        decoder = decoder_for(coding)
        if decoder is None:
            raise unreadable
        digest = hashlib.sha256()
        came = size = 0
        try:
            with path.open("wb") as file:
                for chunk in response.iter_raw():
                    came += len(chunk)
                    self.bytes += len(chunk)
                    if came > room:
                        raise self._too_large(where)
                    for piece in decoder.feed(chunk):
                        size += len(piece)
                        if size > room:
                            raise self._too_large(where)
                        digest.update(piece)
                        file.write(piece)
            decoder.finish()
        except BrokenCodingError:
            raise unreadable from None
        except CutCodingError:
            raise PassingError(Outcome.CUT, url=where) from None
        return size, digest.hexdigest()

    def _unpack(self, kept: RunBody, path: Path) -> tuple[int, str]:
        if kept.raw.size > self._room():
            raise self._too_large(kept.url)
        bodies.unpack(kept.raw, path)
        return kept.raw.size, kept.raw.sha256

    def _room(self) -> int:
        return max(self._source.most_bytes - self._size, 0)

    def _too_large(self, where: str, **detail: int) -> SourceError:
        return SourceError(Outcome.TOO_LARGE, limit=self._source.most_bytes, url=where, **detail)

    def _left(self) -> float:
        return self._request_ends - self._clock()

    def _enough(self, state: tenacity.RetryCallState) -> bool:
        """Whether there are no tries left, or no time to wait for the next one."""
        return state.attempt_number >= self._limits.tries or state.upcoming_sleep >= self._left()

    def _again(self, state: tenacity.RetryCallState) -> None:
        self.retries += 1
        log.info(
            "source_asked_again",
            source=self._source.slug,
            wait=round(state.upcoming_sleep, 1),
            failure=str(_failure(state)),
        )


def _conditions(kept: RunBody) -> dict[str, str]:
    headers = {"If-None-Match": kept.etag, "If-Modified-Since": kept.last_modified}
    return {name: value for name, value in headers.items() if value}


def _wait(state: tenacity.RetryCallState) -> float:
    """Twice as long each time, never the same for two; at least as long as was asked for."""
    failure = _failure(state)
    asked = failure.retry_after if isinstance(failure, SourceError) else None
    return (asked or 0.0) + _back_off(state)


def _failure(state: tenacity.RetryCallState) -> BaseException | None:
    return None if state.outcome is None else state.outcome.exception()
