"""Secrets: from the environment, to the source's own server, and nowhere else."""

from __future__ import annotations

import logging
import socket
import ssl
from pathlib import Path

import pytest
import structlog

from targets.models import DataSource, RunBody, SourceRun
from targets.sources.contract import Outcome, Request, SourceError
from targets.sources.network import bodies, credentials
from targets.sources.network.egress import EgressRules
from targets.sources.network.fetching import Limits
from tests.factory import make
from tests.sources.authority import Authority
from tests.sources.servers import Answer, Server, answer, chunked, redirect
from tests.sources.visiting import LOOPBACK, content, failed, fetcher, said_of, source_at

SECRET = "kh0a-bi-mat-9f8e7d"
BODY = b"[1]"
BEARER = {"credential": "bearer", "credential_name": "lgsp-mic"}
KEY = {"credential": "api-key", "credential_name": "lgsp-mic"}
CERTIFICATE = {"credential": "certificate", "credential_name": "lgsp-mic"}


def _source(**given: str) -> DataSource:
    return DataSource(address="https://data.example/", **given)


# From the environment.


def test_a_source_without_a_credential_has_no_headers() -> None:
    assert credentials.headers_of(_source()) == {}
    assert credentials.certificate_of(_source()) is None
    assert credentials.headers_of(_source(**CERTIFICATE)) == {}
    assert credentials.certificate_of(_source(**BEARER)) is None


def test_the_environment_has_it_under_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_SECRET_LGSP_MIC", f" {SECRET}\n")
    assert credentials.headers_of(_source(**BEARER)) == {"Authorization": f"Bearer {SECRET}"}
    assert credentials.headers_of(_source(**KEY)) == {"X-API-Key": SECRET}
    monkeypatch.setenv("SOURCE_HEADER_LGSP_MIC", "apikey")
    assert credentials.headers_of(_source(**KEY)) == {"apikey": SECRET}


def test_a_file_has_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(f"{SECRET}\n")
    monkeypatch.setenv("SOURCE_SECRET_LGSP_MIC_FILE", str(tmp_path / "secret"))
    assert credentials.headers_of(_source(**KEY)) == {"X-API-Key": SECRET}
    assert credentials.certificate_of(_source(**CERTIFICATE)) == tmp_path / "secret"


@pytest.mark.parametrize(
    ("environment", "reason"),
    [
        ({}, "missing"),
        ({"SOURCE_SECRET_LGSP_MIC": " "}, "missing"),
        ({"SOURCE_SECRET_LGSP_MIC_FILE": "/nowhere/at-all"}, "file"),
        ({"SOURCE_SECRET_LGSP_MIC": f"{SECRET}\r\nX: y"}, "form"),
        ({"SOURCE_SECRET_LGSP_MIC": f"{SECRET} khoá"}, "form"),
        ({"SOURCE_SECRET_LGSP_MIC": SECRET, "SOURCE_HEADER_LGSP_MIC": "X Key: "}, "header"),
    ],
)
def test_what_cannot_be_used_is_told_by_its_name_only(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], reason: str
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SourceError) as caught:
        credentials.headers_of(_source(**KEY))
    assert caught.value.outcome == Outcome.CREDENTIAL
    assert caught.value.detail == {"name": "lgsp-mic", "reason": reason}
    assert SECRET not in said_of(caught.value)


@pytest.mark.parametrize(("path", "reason"), [("", "missing"), ("/nowhere/at-all", "file")])
def test_a_certificate_that_is_not_there(
    monkeypatch: pytest.MonkeyPatch, path: str, reason: str
) -> None:
    monkeypatch.setenv("SOURCE_SECRET_LGSP_MIC", path)
    with pytest.raises(SourceError) as caught:
        credentials.certificate_of(_source(**CERTIFICATE))
    assert caught.value.detail == {"name": "lgsp-mic", "reason": reason}


# To the source's own server, and nowhere else.


@pytest.mark.django_db
def test_the_secret_goes_to_the_own_server_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_SECRET_LGSP_MIC", SECRET)
    with Server({"/": [answer(BODY)]}) as other, Server({"/": []}) as own:
        own.answers = {
            "/": [answer(BODY)],
            "/near": [redirect("/")],
            "/far": [redirect(other.url())],
        }
        source = source_at(own, **BEARER)
        with fetcher(source, tmp_path, own, other) as fetch:
            for url in (own.url(), own.url("/near"), own.url("/far"), other.url()):
                fetch(Request(url))
        assert len(own.asked) == 4
        assert {asked.headers["authorization"] for asked in own.asked} == {f"Bearer {SECRET}"}
        assert len(other.asked) == 2
        assert not any(SECRET in str(asked) for asked in other.asked)


@pytest.mark.django_db
def test_the_same_host_under_another_name_or_port_is_another_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_SECRET_LGSP_MIC", SECRET)
    with Server({"/": [answer(BODY)]}) as server:
        source = make(DataSource, address=server.url(host="localhost"), **KEY)
        rules = EgressRules([server.host], [LOOPBACK])
        with fetcher(source, tmp_path, rules=rules) as fetch:
            fetch(Request(server.url()))
        assert "x-api-key" not in server.asked[0].headers


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("status", "credential", "outcome"),
    [
        (401, BEARER, "credential"),
        (403, BEARER, "credential"),
        (401, {}, "credential"),
        (403, {}, "bad-status"),
    ],
)
def test_a_secret_that_is_refused(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    status: int,
    credential: dict[str, str],
    outcome: str,
) -> None:
    monkeypatch.setenv("SOURCE_SECRET_LGSP_MIC", SECRET)
    with (
        Server({"/": [answer(b"", status)]}) as server,
        fetcher(source_at(server, **credential), tmp_path, server) as fetch,
    ):
        error = failed(fetch, server.url())
        assert len(server.asked) == 1
    assert (error.outcome, error.detail["status"]) == (outcome, status)


_FAULTS: dict[str, Answer] = {
    "status": answer(f'{{"you sent": "{SECRET}"}}'.encode(), 400),
    "server error": answer(status=500),
    "refused": answer(SECRET.encode(), 401),
    "busy": answer(status=429, Retry_After="3600"),
    "page": answer(SECRET.encode(), Content_Type="text/html"),
    "cut": answer(BODY, Content_Length="99"),
    "no http": b"nonsense " * 30 + b"\r\n\r\n",
    "too large": answer(b"", Content_Length="10000000000"),
    "coding": answer(b"text", Content_Encoding="gzip"),
    "chunks": chunked().replace(b"0\r\n\r\n", b"zz\r\n\r\n"),
    "redirect": redirect(f"http://127.0.0.1:1/?token={SECRET}"),
    "broken redirect": redirect(f"http://127.0.0.1:{SECRET}/"),
    "silence": lambda talk: talk.drip(b"", b"", every=1),
}


@pytest.mark.django_db
@pytest.mark.parametrize("fault", _FAULTS)
@pytest.mark.parametrize("credential", [BEARER, KEY], ids=["bearer", "key"])
def test_no_failure_tells_the_secret(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    fault: str,
    credential: dict[str, str],
) -> None:
    monkeypatch.setenv("SOURCE_SECRET_LGSP_MIC", SECRET)
    caplog.set_level(logging.DEBUG)
    with Server({"/": [_FAULTS[fault]]}) as server, structlog.testing.capture_logs() as logs:
        source = source_at(server, **credential)
        with fetcher(source, tmp_path, server, limits=Limits(read=0.1, tries=2)) as fetch:
            error = failed(fetch, server.url())
        assert SECRET in str(server.asked)
    assert SECRET not in said_of(error)
    assert SECRET not in caplog.text
    assert SECRET not in str(logs)


@pytest.mark.django_db
def test_no_record_tells_the_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_SECRET_LGSP_MIC", SECRET)
    with Server({"/": [redirect(f"/b?sig={SECRET}&nam=2024")], "/b": [answer(BODY)]}) as server:
        source = source_at(server, **BEARER)
        with fetcher(source, tmp_path, server) as fetch:
            fetch(Request(server.url()))
        bodies.keep(make(SourceRun, data_source=source), fetch.received)
        assert SECRET not in str(fetch.received)
        assert RunBody.objects.get().url == server.url("/b?sig=***&nam=2024")


# By TLS.


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def trusted(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> Authority:
    """As an installation trusts a ministry's own authority."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    return authority


@pytest.mark.django_db
def test_tls_keeps_the_name_of_the_host(tmp_path: Path, trusted: Authority) -> None:
    context = trusted.server("data.invalid")
    with Server({"/": [answer(BODY)]}, tls=context) as server:
        url = server.url(host="data.invalid")
        rules = EgressRules([f"data.invalid:{server.port}"], [LOOPBACK])

        def look_up(_host: str, port: int, **_: object) -> list[tuple[object, ...]]:
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

        source = make(DataSource, address=url)
        with fetcher(source, tmp_path, rules=rules, resolver=look_up) as fetch:
            assert content(fetch(Request(url))) == BODY
        assert server.asked[0].tls_name == "data.invalid"


@pytest.mark.django_db
def test_a_certificate_of_another_host_is_refused(tmp_path: Path, trusted: Authority) -> None:
    with (
        Server({"/": [answer(BODY)]}, tls=trusted.server("other.invalid")) as server,
        fetcher(source_at(server), tmp_path, server) as fetch,
    ):
        error = failed(fetch, server.url())
        assert server.asked == []
    assert (error.outcome, error.detail["reason"]) == ("no-answer", "certificate")
    assert fetch.retries == 0


@pytest.mark.django_db
def test_an_authority_that_nobody_trusts_is_refused(tmp_path: Path, authority: Authority) -> None:
    with (
        Server({"/": [answer(BODY)]}, tls=authority.server("127.0.0.1")) as server,
        fetcher(source_at(server), tmp_path, server) as fetch,
    ):
        error = failed(fetch, server.url())
    assert (error.outcome, error.detail["reason"]) == ("no-answer", "certificate")


@pytest.mark.django_db
def test_from_tls_to_plain_text_nothing_is_followed(tmp_path: Path, trusted: Authority) -> None:
    with (
        Server({"/": [answer(BODY)]}) as plain,
        Server({"/": [redirect(plain.url())]}, tls=trusted.server("127.0.0.1")) as server,
        fetcher(source_at(server), tmp_path, server, plain) as fetch,
    ):
        error = failed(fetch, server.url())
        assert plain.connections == 0
    assert (error.outcome, error.detail["reason"]) == ("refused-address", "scheme")


def _demanding(authority: Authority) -> ssl.SSLContext:
    """A server that asks for our certificate."""
    context = authority.server("127.0.0.1")
    context.load_verify_locations(authority.file)
    context.verify_mode = ssl.CERT_REQUIRED
    return context


@pytest.mark.django_db
def test_our_certificate_lets_us_in(
    tmp_path: Path, trusted: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_SECRET_LGSP_MIC", str(trusted.client("thuocdo")))
    with Server({"/": [answer(BODY)]}, tls=_demanding(trusted)) as server:
        source = source_at(server, **CERTIFICATE)
        with fetcher(source, tmp_path, server) as fetch:
            assert content(fetch(Request(server.url()))) == BODY
        assert not {"authorization", "x-api-key"} & set(server.asked[0].headers)


@pytest.mark.django_db
@pytest.mark.parametrize("ours", ["none", "of another authority"])
def test_without_the_right_certificate_we_are_refused(
    tmp_path: Path, trusted: Authority, monkeypatch: pytest.MonkeyPatch, ours: str
) -> None:
    credential = {}
    if ours != "none":
        stranger = Authority(tmp_path).client("thuocdo")
        monkeypatch.setenv("SOURCE_SECRET_LGSP_MIC", str(stranger))
        credential = CERTIFICATE
    with Server({"/": [answer(BODY)]}, tls=_demanding(trusted)) as server:
        with fetcher(source_at(server, **credential), tmp_path, server) as fetch:
            error = failed(fetch, server.url())
        assert server.asked == []
    assert (error.outcome, error.detail["reason"]) == ("credential", "refused")
    assert fetch.retries == 0


@pytest.mark.django_db
def test_our_certificate_is_not_shown_to_another_server(
    tmp_path: Path, trusted: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_SECRET_LGSP_MIC", str(trusted.client("thuocdo")))
    with Server({"/": [answer(BODY)]}, tls=_demanding(trusted)) as other:
        answers = {"/": [redirect(other.url())]}
        with Server(answers, tls=_demanding(trusted)) as own:
            with fetcher(source_at(own, **CERTIFICATE), tmp_path, own, other) as fetch:
                error = failed(fetch, own.url())
            assert (len(own.asked), len(other.asked)) == (1, 0)
    assert error.outcome == "credential"


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["no PEM", "no key", "locked key"])
def test_a_file_that_is_no_certificate_with_its_key(
    tmp_path: Path, authority: Authority, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    file = tmp_path / "client.pem"
    match kind:
        case "no PEM":
            file.write_text(SECRET)
        case "no key":
            file.write_bytes(authority.file.read_bytes())
        case "locked key":
            file = authority.client("thuocdo", password=SECRET)
    monkeypatch.setenv("SOURCE_SECRET_LGSP_MIC", str(file))
    with Server({"/": [answer(BODY)]}, tls=_demanding(authority)) as server:
        with fetcher(source_at(server, **CERTIFICATE), tmp_path, server) as fetch:
            error = failed(fetch, server.url())
        assert server.connections == 0
    assert (error.outcome, error.detail) == ("credential", {"name": "lgsp-mic", "reason": "file"})
    assert SECRET not in said_of(error)
