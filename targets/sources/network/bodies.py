"""The bytes that sources answered with: kept compressed, the same bytes once."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from django.db import connection

from targets.models import RawBody, RunBody, SourceRun
from targets.sources.contract import Body
from targets.sources.network.decoding import Zlib

_BLOCK = 64 * 1024


@dataclass(frozen=True)
class Received:
    """One answer as it came: of which request, with what lets the next run ask for changes only.

    `request` is the digest that the fetcher gives to a request, `url` is without secrets, `status`
    304 where the kept body was taken. `content_type` is the whole header.
    """

    request: str
    body: Body
    url: str
    status: int
    content_type: str = ""
    etag: str = ""
    last_modified: str = ""


def checksum(bodies: Sequence[Body]) -> str:
    """SHA-256 over all bodies in their order; of one body it is the file's own."""
    if len(bodies) == 1:
        return bodies[0].sha256
    lines = "".join(f"{body.sha256} {body.size}\n" for body in bodies)
    return hashlib.sha256(lines.encode()).hexdigest()


def keep(run: SourceRun, received: Iterable[Received]) -> None:
    """Store the answers of a run, in the caller's transaction."""
    RunBody.objects.bulk_create(
        RunBody(
            run=run,
            position=position,
            request=one.request,
            url=one.url,
            raw_id=_stored(one.body),
            status_code=one.status,
            content_type=one.content_type,
            etag=one.etag,
            last_modified=one.last_modified,
        )
        for position, one in enumerate(received, start=1)
    )


def unpack(raw: RawBody, path: Path) -> None:
    """Write the kept bytes to a file; ValueError if they are not what their digest says."""
    digest = hashlib.sha256()
    decoder = Zlib()
    packed = memoryview(_kept(raw.pk))
    size = 0
    with path.open("wb") as file:
        for start in range(0, len(packed), _BLOCK):
            for piece in decoder.feed(bytes(packed[start : start + _BLOCK])):
                size += len(piece)
                digest.update(piece)
                file.write(piece)
    if size != raw.size or digest.hexdigest() != raw.sha256:
        raise ValueError(f"the kept body {raw.sha256} is damaged")


# Large values go and come in binary: as text they would be in memory several times over.


def _stored(body: Body) -> int:
    """The id of the kept bytes. A run beside this one may keep the same at the same time."""
    known = RawBody.objects.filter(sha256=body.sha256).values_list("pk", flat=True).first()
    if known is not None:
        return known
    packed = _packed(body.path)
    with _cursor() as cursor:
        cursor.execute(
            "INSERT INTO targets_rawbody (sha256, size, compressed) VALUES (%s, %s, %b)"
            " ON CONFLICT (sha256) DO NOTHING",
            (body.sha256, body.size, packed),
        )
    return RawBody.objects.values_list("pk", flat=True).get(sha256=body.sha256)


def _kept(pk: int) -> bytes:
    with _cursor() as cursor:
        cursor.execute("SELECT compressed FROM targets_rawbody WHERE id = %s", (pk,), binary=True)
        ((packed,),) = cursor.fetchall()
    return bytes(packed)


def _cursor() -> psycopg.Cursor[Any]:
    connection.ensure_connection()
    return psycopg.Cursor(connection.connection)


def _packed(path: Path) -> bytearray:
    """Fast rather than small: a run with a million rows waits for it."""
    packer = zlib.compressobj(level=1)
    packed = bytearray()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            packed += packer.compress(block)
    packed += packer.flush()
    return packed
