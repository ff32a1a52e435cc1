"""Answers of all kinds, right and wrong, from real servers: whole bodies or named failures."""

from __future__ import annotations

import datetime as dt
import hashlib
import socket
import struct
from pathlib import Path

import pytest
from django.utils import timezone

from targets.models import DataSource
from targets.sources.contract import Request
from targets.sources.network.fetching import Limits
from tests.factory import make
from tests.sources.servers import Server, Talk, answer, chunked, redirect
from tests.sources.visiting import Clock, content, failed, fetcher, source_at

pytestmark = pytest.mark.django_db

BODY = b'[{"page": 1}, []]'


def test_a_body_is_whole_and_described(tmp_path: Path) -> None:
    good = answer(
        BODY,
        Content_Type='Application/JSON; charset="UTF-8"',
        ETag='"v1"',
        Last_Modified="Sun, 22 Nov 2026 03:00:00 GMT",
    )
    with Server({"/số liệu": [good], "/s%E1%BB%91%20li%E1%BB%87u": [good]}) as server:
        fetch = fetcher(source_at(server), tmp_path, server)
        with fetch:
            body = fetch(Request(server.url("/số liệu?năm=2024&api_key=k")))
        assert content(body) == BODY
        assert body.sha256 == hashlib.sha256(BODY).hexdigest()
        assert (body.content_type, body.charset) == ("application/json", "utf-8")
        assert body.last_modified == dt.datetime(2026, 11, 22, 3, tzinfo=dt.UTC)
        assert body.url == server.url("/s%E1%BB%91%20li%E1%BB%87u?n%C4%83m=2024&api_key=***")
    (received,) = fetch.received
    assert (received.body, received.status, received.etag) == (body, 200, '"v1"')
    assert received.url == body.url
    assert (fetch.requests, fetch.retries, fetch.bytes) == (1, 0, len(BODY))
    (asked,) = server.asked
    assert asked.headers["accept-encoding"] == "gzip, deflate, br"
    assert "authorization" not in asked.headers


def test_a_question_goes_out_as_json_with_its_headers(tmp_path: Path) -> None:
    with (
        Server({"/": [answer(BODY)]}) as server,
        fetcher(source_at(server), tmp_path, server) as fetch,
    ):
        fetch(Request(server.url(), "POST", {"query": ["Cả nước"]}, {"Accept": "text/csv"}))
        (asked,) = server.asked
    assert asked.method == "POST"
    assert asked.body.decode() == '{"query": ["Cả nước"]}'
    assert asked.headers["content-type"] == "application/json"
    assert asked.headers["accept"] == "text/csv"


def test_pages_share_a_connection_and_one_look_up(tmp_path: Path) -> None:
    looked_up = []

    def resolver(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        looked_up.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    with Server({"/": [answer(BODY, close=False)]}) as server:
        fetch = fetcher(source_at(server), tmp_path, server, resolver=resolver)
        with fetch:
            bodies = [fetch(Request(server.url(f"/?page={page}"))) for page in (1, 2, 3)]
        assert server.connections == len(looked_up) == 1
    assert len({body.path for body in bodies}) == 3


# What may pass is tried again.


def test_a_failing_server_is_asked_again_ever_later(tmp_path: Path) -> None:
    clock = Clock()
    with (
        Server({"/": [answer(status=500)]}) as server,
        fetcher(source_at(server), tmp_path, server, clock=clock) as fetch,
    ):
        error = failed(fetch, server.url())
        assert len(server.asked) == fetch.requests == 4
    assert (error.outcome, error.detail) == (
        "bad-status",
        {"status": 500, "url": server.url()},
    )
    assert fetch.retries == 3
    for slept, least in zip(clock.slept, (1, 2, 4), strict=True):
        assert least <= slept <= least + 1


def test_two_that_wait_do_not_come_back_together(tmp_path: Path) -> None:
    waits = set()
    with Server({"/": [answer(status=502)]}) as server:
        for number in range(5):
            clock = Clock()
            with fetcher(source_at(server), tmp_path, server, clock=clock) as fetch:
                failed(fetch, server.url())
            waits.add(clock.slept[0])
            assert number < len(waits)


def test_what_heals_is_as_if_nothing_had_been(tmp_path: Path) -> None:
    with (
        Server({"/": [answer(status=503), chunked(BODY, ended=False), answer(BODY)]}) as server,
        fetcher(source_at(server), tmp_path, server) as fetch,
    ):
        body = fetch(Request(server.url()))
    assert content(body) == BODY
    assert (fetch.retries, len(fetch.received)) == (2, 1)
    assert list(tmp_path.iterdir()) == [body.path]


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("form", ["seconds", "date"])
def test_who_asks_to_wait_is_waited_for(tmp_path: Path, status: int, form: str) -> None:
    later = timezone.now() + dt.timedelta(seconds=30)
    asks = "28" if form == "seconds" else later.strftime("%a, %d %b %Y %H:%M:%S GMT")
    clock = Clock()
    with (
        Server({"/": [answer(status=status, Retry_After=asks), answer(BODY)]}) as server,
        fetcher(source_at(server), tmp_path, server, clock=clock) as fetch,
    ):
        assert content(fetch(Request(server.url()))) == BODY
    (slept,) = clock.slept
    assert 26 <= slept <= 33


@pytest.mark.parametrize("status", [429, 503])
def test_who_asks_for_long_is_left_alone(tmp_path: Path, status: int) -> None:
    clock = Clock()
    with (
        Server({"/": [answer(status=status, Retry_After="3600")]}) as server,
        fetcher(source_at(server), tmp_path, server, clock=clock) as fetch,
    ):
        error = failed(fetch, server.url())
        assert len(server.asked) == 1
    assert error.outcome == "rate-limited"
    assert error.retry_after == error.detail["wait"] == 3600
    assert clock.slept == []


@pytest.mark.parametrize(
    ("asks", "wait"), [("", None), ("soon", None), ("-5", None), ("9" * 400, 86400.0)]
)
def test_a_wait_that_makes_no_sense_is_none_or_a_day(
    tmp_path: Path, asks: str, wait: float | None
) -> None:
    with (
        Server({"/": [answer(status=429, Retry_After=asks)]}) as server,
        fetcher(source_at(server), tmp_path, server) as fetch,
    ):
        error = failed(fetch, server.url())
    assert (error.outcome, error.retry_after) == ("rate-limited", wait)


def test_nobody_waits_past_the_end_of_the_request(tmp_path: Path) -> None:
    clock = Clock()
    with (
        Server({"/": [answer(status=429, Retry_After="50")]}) as server,
        fetcher(
            source_at(server), tmp_path, server, clock=clock, limits=Limits(request=100)
        ) as fetch,
    ):
        error = failed(fetch, server.url())
        assert len(server.asked) == 2
    assert (error.outcome, error.retry_after) == ("rate-limited", 50)
    assert clock() < 100


def test_all_requests_of_a_run_end_together(tmp_path: Path) -> None:
    clock = Clock()
    with (
        Server({"/": [answer(BODY)]}) as server,
        fetcher(
            source_at(server), tmp_path, server, clock=clock, limits=Limits(total=300)
        ) as fetch,
    ):
        fetch(Request(server.url()))
        clock.sleep(301)
        error = failed(fetch, server.url())
        assert len(server.asked) == 1
    assert (error.outcome, error.detail["stage"]) == ("timeout", "total")


# What does not pass is not.


@pytest.mark.parametrize("status", [204, 206, 300, 304, 400, 404, 408, 410, 418])
def test_another_status_is_a_failure_at_once(tmp_path: Path, status: int) -> None:
    with (
        Server({"/": [answer(b"", status)]}) as server,
        fetcher(source_at(server), tmp_path, server) as fetch,
    ):
        error = failed(fetch, server.url())
        assert len(server.asked) == 1
    assert (error.outcome, error.detail["status"]) == ("bad-status", status)


def test_nobody_there(tmp_path: Path) -> None:
    with Server({}) as server:
        source = source_at(server)
    with fetcher(source, tmp_path, server) as fetch:
        error = failed(fetch, source.address)
    assert (error.outcome, error.detail["reason"], fetch.retries) == ("no-answer", "connect", 3)


def test_a_name_that_nobody_knows(tmp_path: Path) -> None:
    def resolver(*_: object, **__: object) -> list[tuple[object, ...]]:
        raise socket.gaierror(-2, "Name or service not known")

    with (
        Server({}) as server,
        fetcher(source_at(server), tmp_path, server, resolver=resolver) as fetch,
    ):
        error = failed(fetch, server.url())
    assert error.outcome == "no-answer"


def _reset(talk: Talk) -> None:
    talk.send(answer(BODY, Content_Length="1000"))
    talk.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


@pytest.mark.parametrize(
    "cut",
    [
        answer(BODY, Content_Length="1000"),
        chunked(BODY, BODY, ended=False),
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n",
        b"Connection: close",
        lambda talk: None,
        _reset,
    ],
    ids=["length", "chunked", "headers", "first line", "silence", "reset"],
)
def test_a_connection_cut_anywhere(tmp_path: Path, cut: bytes) -> None:
    with (
        Server({"/": [cut]}) as server,
        fetcher(source_at(server), tmp_path, server) as fetch,
    ):
        error = failed(fetch, server.url())
    assert (error.outcome, fetch.retries) == ("cut", 3)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "noise", [b"220 ftp.example\r\n\r\n", chunked().replace(b"0\r\n\r\n", b"zz\r\n")]
)
def test_what_is_no_http_is_not_readable(tmp_path: Path, noise: bytes) -> None:
    def talk(with_us: Talk) -> None:
        with_us.send(noise * 3)
        with_us.stopped.wait(5)

    with Server({"/": [talk]}) as server, fetcher(source_at(server), tmp_path, server) as fetch:
        error = failed(fetch, server.url())
    assert (error.outcome, error.detail["reason"], fetch.retries) == ("unreadable", "http", 0)


# Time.


def _silence(talk: Talk) -> None:
    talk.stopped.wait(5)


def test_a_server_that_says_nothing(tmp_path: Path) -> None:
    with Server({"/": [_silence]}) as server:
        limits = Limits(read=0.05, tries=2)
        with fetcher(source_at(server), tmp_path, server, limits=limits) as fetch:
            error = failed(fetch, server.url())
        assert len(server.asked) == 2
    assert (error.outcome, error.detail["stage"]) == ("timeout", "read")


@pytest.mark.parametrize(
    ("head", "drop"),
    [
        (b"", b"H"),
        (b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"),
        (b"HTTP/1.1 200 OK\r\n\r\n", b"1"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n", b"1"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\n1\r\n"),
        (b"", b"HTTP/1.1 102 Processing\r\n\r\n"),
    ],
    ids=["first line", "headers", "body", "body of known length", "chunks", "news of nothing"],
)
def test_drops_end_by_the_deadline(tmp_path: Path, head: bytes, drop: bytes) -> None:
    with Server({"/": [lambda talk: talk.drip(head, drop)]}) as server:
        begun = timezone.now()
        limits = Limits(read=5, request=0.4)
        with fetcher(source_at(server), tmp_path, server, limits=limits) as fetch:
            error = failed(fetch, server.url())
        assert (timezone.now() - begun).total_seconds() < 3
    assert fetch.requests == 1
    assert (error.outcome, error.detail["stage"]) == ("timeout", "total")
    assert list(tmp_path.iterdir()) == []


def test_a_name_service_that_says_nothing(tmp_path: Path) -> None:
    with Server({"/": [answer(BODY)]}) as server:

        def resolver(*_: object, **__: object) -> list[tuple[object, ...]]:
            server._stopped.wait(5)
            return []

        limits = Limits(connect=0.05, tries=1)
        with fetcher(
            source_at(server), tmp_path, server, limits=limits, resolver=resolver
        ) as fetch:
            error = failed(fetch, server.url())
        assert server.connections == 0
    assert (error.outcome, error.detail["stage"]) == ("timeout", "connect")


# Types.


@pytest.mark.parametrize(
    ("accepts", "given", "fits"),
    [
        (("application/json",), "application/json;charset=utf-8", True),
        (("application/json", "application/*+json"), "application/vnd.sdmx.data+json", True),
        (("application/json",), "text/html; charset=utf-8", False),
        (("application/json",), "text/csv", False),
        (("text/csv",), "application/octet-stream", True),
        (("text/csv",), "", True),
        ((), "text/csv", True),
        ((), "text/html", False),
        ((), "application/xhtml+xml", False),
        (("text/html",), "text/html", True),
    ],
)
def test_the_type_is_one_that_is_read(
    tmp_path: Path, accepts: tuple[str, ...], given: str, fits: bool
) -> None:
    with (
        Server({"/": [answer(BODY, Content_Type=given)]}) as server,
        fetcher(source_at(server), tmp_path, server, accepts=accepts) as fetch,
    ):
        if fits:
            assert content(fetch(Request(server.url()))) == BODY
            return
        error = failed(fetch, server.url())
    assert error.outcome == "bad-type"
    assert error.detail["found"] == given.partition(";")[0]
    assert error.detail["accepts"] == list(accepts)


def test_a_type_with_parameters_that_make_no_sense(tmp_path: Path) -> None:
    odd = [
        "text/csv; charset*=nonsense''x",
        "text/csv; charset*=utf-8''%00",
        "text/csv;;;=",
        'text/csv; charset="utf-8',
        "; x=y",
    ]
    with (
        Server({"/": [answer(BODY, Content_Type=one) for one in odd]}) as server,
        fetcher(source_at(server), tmp_path, server) as fetch,
    ):
        bodies = [fetch(Request(server.url())) for _ in odd]
    assert [body.content_type for body in bodies] == ["text/csv"] * 4 + [""]
    assert [body.charset for body in bodies] == ["", "", "", "utf-8", ""]


def test_a_header_that_cannot_be_sent_is_our_own_mistake(tmp_path: Path) -> None:
    with (
        Server({"/": [answer(BODY)]}) as server,
        fetcher(source_at(server), tmp_path, server) as fetch,
    ):
        error = failed(fetch, Request(server.url(), headers={"Accept": "a\nb"}))
        assert server.asked == []
    assert (error.outcome, error.detail["reason"]) == ("misconfigured", "request")


# Redirects.


def test_a_redirect_is_followed_from_hop_to_hop(tmp_path: Path) -> None:
    paths = {"/": [redirect("a/b?c=d#e", 301)], "/a/b": [redirect("../end", 308)]}
    with (
        Server({**paths, "/end": [answer(BODY)]}) as server,
        fetcher(source_at(server), tmp_path, server) as fetch,
    ):
        body = fetch(Request(server.url()))
        assert [asked.target for asked in server.asked] == ["/", "/a/b?c=d", "/end"]
    assert (content(body), body.url, fetch.requests) == (BODY, server.url("/end"), 3)


@pytest.mark.parametrize(
    ("status", "method", "sent"),
    [(301, "POST", b"[1]"), (302, "POST", b"[1]"), (303, "GET", b""), (307, "POST", b"[1]"),
     (308, "POST", b"[1]")],
)  # fmt: skip
def test_a_question_keeps_its_body_unless_the_answer_is_elsewhere(
    tmp_path: Path, status: int, method: str, sent: bytes
) -> None:
    with (
        Server({"/": [redirect("/end", status)], "/end": [answer(BODY)]}) as server,
        fetcher(source_at(server), tmp_path, server) as fetch,
    ):
        fetch(Request(server.url(), "POST", [1]))
        last = server.asked[-1]
    assert (last.target, last.method, last.body) == ("/end", method, sent)


def test_redirects_in_a_circle_end(tmp_path: Path) -> None:
    with (
        Server({"/": [redirect("/")]}) as server,
        fetcher(source_at(server), tmp_path, server) as fetch,
    ):
        error = failed(fetch, server.url())
        assert len(server.asked) == 6
    assert (error.outcome, error.detail["reason"]) == ("bad-status", "redirects")


def test_a_redirect_to_nowhere(tmp_path: Path) -> None:
    with (
        Server({"/": [answer(b"", 302)]}) as server,
        fetcher(source_at(server), tmp_path, server) as fetch,
    ):
        error = failed(fetch, server.url())
    assert (error.outcome, error.detail["reason"]) == ("bad-status", "location")


# Nothing of this machine's comes along.


def test_proxies_of_the_environment_are_not_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login somebody password known\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    with (
        Server({"/": [answer(BODY, Set_Cookie="track=1")]}) as server,
        fetcher(source_at(server), tmp_path, server) as fetch,
    ):
        fetch(Request(server.url()))
        fetch(Request(server.url()))
        assert len(server.asked) == 2
        for asked in server.asked:
            assert not {"cookie", "authorization", "proxy-authorization"} & set(asked.headers)


def test_the_rules_of_the_installation_hold(tmp_path: Path) -> None:
    """The tests' own list is empty: nothing may be asked."""
    with Server({"/": [answer(BODY)]}) as server:
        source: DataSource = make(DataSource, address=server.url())
        with fetcher(source, tmp_path, rules=None) as fetch:
            error = failed(fetch, server.url())
        assert server.connections == 0
    assert (error.outcome, error.detail["reason"]) == ("refused-address", "host")
