"""Kept bodies: the same bytes once, and asked for changes only by who kept them."""

from __future__ import annotations

import hashlib
import threading
import zlib
from pathlib import Path

import pytest
from django.db import connection, transaction

from targets.models import DataSource, RawBody, RunBody, SourceRun
from targets.sources.contract import Body, Request
from targets.sources.network import bodies
from targets.sources.network.bodies import Received
from tests.committed import transactional_db
from tests.factory import make
from tests.sources.servers import Server, answer, redirect
from tests.sources.visiting import content, failed, fetcher, source_at

__all__ = ["transactional_db"]

BODY = b"period;value\n2024;18.3\n" * 10_000
URL = "https://data.example/values.csv"


def _received(path: Path, content: bytes, **given: object) -> Received:
    path.write_bytes(content)
    body = Body(path, len(content), hashlib.sha256(content).hexdigest(), URL)
    return Received("0" * 64, body, URL, 200, "text/csv", '"v1"', "")


def _run(source: DataSource) -> SourceRun:
    return make(SourceRun, data_source=source, status="succeeded")


@pytest.mark.django_db
def test_bodies_are_kept_in_their_order_and_come_back(tmp_path: Path) -> None:
    run = make(SourceRun)
    contents = [BODY, b"", bytes(range(256)) * 400]
    bodies.keep(
        run,
        [_received(tmp_path / str(number), one) for number, one in enumerate(contents)],
    )
    rows = list(RunBody.objects.filter(run=run).select_related("raw"))
    assert [row.position for row in rows] == [1, 2, 3]
    for row, one in zip(rows, contents, strict=True):
        bodies.unpack(row.raw, tmp_path / "back")
        assert (tmp_path / "back").read_bytes() == one
        assert row.raw.size == len(one)
        assert (row.url, row.status_code, row.content_type) == (URL, 200, "text/csv")
    assert len(rows[0].raw.compressed) < len(BODY) / 20


@pytest.mark.django_db
def test_the_same_bytes_are_kept_once(tmp_path: Path) -> None:
    for number in range(3):
        run = make(SourceRun)
        bodies.keep(run, [_received(tmp_path / f"{number}", BODY)] * 2)
    assert RawBody.objects.count() == 1
    assert RunBody.objects.count() == 6


@pytest.mark.django_db
def test_the_server_does_not_compress_them_once_more() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT attstorage FROM pg_attribute"
            " WHERE attrelid = 'targets_rawbody'::regclass AND attname = 'compressed'"
        )
        assert cursor.fetchone() == ("e",)


@pytest.mark.usefixtures("transactional_db")
def test_two_runs_may_keep_the_same_bytes_at_the_same_time(tmp_path: Path) -> None:
    first, second = make(SourceRun), make(SourceRun)
    received = _received(tmp_path / "body", BODY)

    def other() -> None:
        try:
            with transaction.atomic():
                bodies.keep(second, [received])
        finally:
            connection.close()

    with transaction.atomic():
        bodies.keep(first, [received])
        thread = threading.Thread(target=other)
        thread.start()
        _until_somebody_waits()
    thread.join(10)
    assert RawBody.objects.count() == 1
    assert RunBody.objects.values("raw").distinct().count() == 1
    assert RunBody.objects.count() == 2


def _until_somebody_waits() -> None:
    with connection.cursor() as cursor:
        for _ in range(500):
            cursor.execute(
                "SELECT pg_sleep(0.01) FROM pg_stat_activity"
                " WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            if cursor.fetchall():
                return
            cursor.execute("SELECT pg_sleep(0.01), pg_stat_clear_snapshot()")
    raise AssertionError("nobody waits")


@pytest.mark.django_db
def test_a_damaged_body_is_not_taken_for_the_answer(tmp_path: Path) -> None:
    good = zlib.compress(BODY)
    digest = hashlib.sha256(BODY).hexdigest()
    for number, (sha256, size, compressed) in enumerate(
        [
            ("0" * 64, len(BODY), good),
            (digest, len(BODY), good[:-20]),
            ("1" * 64, len(BODY) + 1, good),
        ]
    ):
        raw = make(RawBody, sha256=sha256, size=size, compressed=compressed)
        with pytest.raises(ValueError, match="damaged"):
            bodies.unpack(raw, tmp_path / str(number))


def test_the_checksum_is_of_bytes_and_order(tmp_path: Path) -> None:
    one, two, three = (
        _received(tmp_path / str(number), text).body
        for number, text in enumerate([b"a", b"b", b"ab"])
    )
    assert bodies.checksum([one]) == hashlib.sha256(b"a").hexdigest()
    sums = [
        bodies.checksum(some) for some in ([], [one, two], [two, one], [three], [one, two, two])
    ]
    assert len(set(sums)) == 5
    assert bodies.checksum([one, two]) == sums[1]


# Changes only.


def _etag(path: str) -> dict[str, list[bytes]]:
    return {
        path: [
            answer(BODY, Content_Type="text/csv; charset=utf-8", ETag='"v1"'),
            answer(b"", 304, ETag='"v1"', Content_Type=""),
        ]
    }


@pytest.mark.django_db
def test_what_has_not_changed_is_not_sent_again(tmp_path: Path) -> None:
    modified = "Sun, 22 Nov 2026 03:00:00 GMT"
    first = answer(
        BODY, Content_Type="text/csv; charset=utf-8", ETag='"v1"', Last_Modified=modified
    )
    with Server({"/": [first, answer(b"", 304, Content_Type="")]}) as server:
        source = source_at(server)
        with fetcher(source, tmp_path, server) as fetch:
            body = fetch(Request(server.url()))
        bodies.keep(_run(source), fetch.received)
        body.path.unlink()
        for _ in (2, 3):  # also where the last run itself was answered with "not modified"
            with fetcher(source, tmp_path, server) as fetch:
                again = fetch(Request(server.url()))
            assert content(again) == BODY
            assert again == body
            (received,) = fetch.received
            assert (received.status, fetch.bytes) == (304, 0)
            assert (received.etag, received.last_modified) == ('"v1"', modified)
            bodies.keep(_run(source), fetch.received)
        assert "if-none-match" not in server.asked[0].headers
        for asked in server.asked[1:]:
            assert asked.headers["if-none-match"] == '"v1"'
            assert asked.headers["if-modified-since"] == modified
    assert RawBody.objects.count() == 1


@pytest.mark.django_db
def test_what_has_changed_comes_whole_and_counts_from_then_on(tmp_path: Path) -> None:
    answers = [answer(BODY, ETag='"v1"'), answer(b"new", ETag='W/"v2"'), answer(b"", 304)]
    with Server({"/": answers}) as server:
        source = source_at(server)
        for expected in (BODY, b"new", b"new"):
            with fetcher(source, tmp_path, server) as fetch:
                assert content(fetch(Request(server.url()))) == expected
            bodies.keep(_run(source), fetch.received)
        assert server.asked[2].headers["if-none-match"] == 'W/"v2"'


@pytest.mark.django_db
def test_another_source_and_another_question_are_not_compared(tmp_path: Path) -> None:
    with Server({"/": [answer(BODY, ETag='"v1"')]}) as server:
        source, other = source_at(server), source_at(server)
        with fetcher(source, tmp_path, server) as fetch:
            fetch(Request(server.url()))
            fetch(Request(server.url(), "POST", {"query": []}))
        bodies.keep(_run(source), fetch.received)
        with fetcher(other, tmp_path, server) as fetch:
            fetch(Request(server.url()))
        with fetcher(source, tmp_path, server) as fetch:
            fetch(Request(server.url("/?page=2")))
            fetch(Request(server.url(), headers={"Accept": "text/csv"}))
            fetch(Request(server.url(), "POST", {"query": []}))
        for asked in server.asked:
            assert not {"if-none-match", "if-modified-since"} & set(asked.headers)


@pytest.mark.django_db
def test_only_the_address_that_answered_is_asked_for_changes(tmp_path: Path) -> None:
    paths = {"/": [redirect("/a"), redirect("/a"), redirect("/b")], **_etag("/a"), **_etag("/b")}
    with Server(paths) as server:
        source = source_at(server)
        for _ in range(3):
            with fetcher(source, tmp_path, server) as fetch:
                assert content(fetch(Request(server.url()))) == BODY
            bodies.keep(_run(source), fetch.received)
        conditional = [asked.target for asked in server.asked if "if-none-match" in asked.headers]
    assert conditional == ["/a"]


@pytest.mark.django_db
def test_a_kept_body_counts_towards_the_limit(tmp_path: Path) -> None:
    with Server(_etag("/")) as server:
        source = source_at(server)
        with fetcher(source, tmp_path, server) as fetch:
            fetch(Request(server.url()))
        bodies.keep(_run(source), fetch.received)
        source.most_bytes = 1000
        with fetcher(source, tmp_path, server) as fetch:
            assert failed(fetch, server.url()).outcome == "too-large"


@pytest.mark.django_db
@pytest.mark.parametrize("etag", ["", '"' + "x" * 600 + '"', '"số"'])
def test_a_validator_that_cannot_be_sent_back_is_not_kept(tmp_path: Path, etag: str) -> None:
    with Server({"/": [answer(BODY, ETag=etag, Last_Modified="")]}) as server:
        source = source_at(server)
        for _ in range(2):
            with fetcher(source, tmp_path, server) as fetch:
                fetch(Request(server.url()))
            assert fetch.received[0].etag == ""
            bodies.keep(_run(source), fetch.received)
        assert "if-none-match" not in server.asked[1].headers
