"""Observations that an organisation sends: all of them or none, and each request once.

A push is a run of the organisation's own source, which is made with the first one. Its key is kept
with the run: the same request again gets the answer of then, another one under the same key is
refused. What is refused leaves nothing behind, so its key is free.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from targets.models import ApiToken, DataSource, Organisation, OrganisationName, SourceRun
from targets.sources.contract import Body
from targets.sources.network import bodies
from targets.sources.sending.sent import NotGoodError, Read, Sent, Wrong, read_sent
from targets.sources.taking import intake
from targets.sources.taking.rejecting import REASONS, Rejections
from targets.trail import acting

__all__ = ["KeyReusedError", "NotGoodError", "Pushed", "Sent", "SourceOffError", "Wrong", "push"]

ADDRESS: Final = "/api/observations"
MOST_ROWS: Final = 5_000
#: What was sent, and what was answered: the bodies of a run, in this order.
_SENT, _ANSWERED = 1, 2


class KeyReusedError(Exception):
    """The key was used for another request."""


class SourceOffError(Exception):
    """An administrator has switched off what this organisation sends."""


@dataclass(frozen=True)
class Pushed:
    """The answer to a push: JSON, of this request or (`repeated`) of the first one like it."""

    answer: dict[str, Any]
    repeated: bool


def push(
    rows: Sequence[Sent], *, token: ApiToken, key: str, body: bytes, now: dt.datetime | None = None
) -> Pushed:
    """Take in what the holder of a token sends.

    Whether values are published or wait for a coordinator says the trust of the organisation's
    source; out of bounds they wait in any case. `body` are the bytes that `rows` were read from.

    The answer has `run`, the counts `added`, `revised`, `unchanged` and `held`, and in `rows` for
    each row what became of it and, of a held one, the codes of `HeldValue.Reason`.

    Raises NotGoodError with every row that cannot be taken, KeyReusedError, SourceOffError; then
    nothing was written.
    """
    if token.organisation is None:
        raise ValueError("a token without an organisation posts nothing")
    at = now or timezone.now()
    digest = hashlib.sha256(body).hexdigest()
    why = _("Gửi qua API, mã “%(name)s”") % {"name": token.name}
    with acting(by=token.user, why=why), transaction.atomic():
        # Two at once: the second waits here, and then finds the run of the first.
        source = _locked_source(token.organisation, at)
        run = source.runs.filter(idempotency_key=key).first()
        if run is not None:
            if run.request_digest != digest:
                raise KeyReusedError
            return Pushed(_kept_answer(run), repeated=True)
        if not source.enabled:
            raise SourceOffError
        read = read_sent(rows, token=token, today=timezone.localdate(at))
        run = SourceRun.objects.create(
            data_source=source,
            kind=SourceRun.Kind.PUSH,
            status=SourceRun.Status.RUNNING,
            by=token.user,
            started_at=at,
            requests=1,
            bytes=len(body),
            checksum=digest,
            idempotency_key=key,
            request_digest=digest,
        )
        answer = _take_in(read, source, run, at)
        _keep(run, body, answer)
        _end(run, answer, at)
    return Pushed(answer, repeated=False)


def slug_of(organisation: Organisation) -> str:
    """The name of the source under which an organisation's own values stand."""
    return f"gui-{slugify(organisation.code)}"


def _locked_source(organisation: Organisation, at: dt.datetime) -> DataSource:
    slug = slug_of(organisation)
    if not DataSource.objects.filter(slug=slug).exists():
        name = _name_on(organisation, timezone.localdate(at))
        DataSource.objects.get_or_create(
            slug=slug,
            defaults={
                "name_vi": f"{name.name_vi if name else organisation.code} gửi qua API",
                "name_en": f"{name.name_en if name else organisation.code}, sent through the API",
                "adapter": DataSource.Adapter.PUSH,
                "owner": organisation,
                "enabled": True,
            },
        )
    return (
        DataSource.objects.select_for_update(no_key=True, of=("self",))
        .select_related("owner", "source")
        .get(slug=slug)
    )


def _name_on(organisation: Organisation, day: dt.date) -> OrganisationName | None:
    names = organisation.names.all()
    return names.exclude(valid_from__gt=day).last() or names.first()


def _take_in(read: Read, source: DataSource, run: SourceRun, at: dt.datetime) -> dict[str, Any]:
    if read.doubtful:
        source.trust = DataSource.Trust.REVIEW  # for this push
    rejected = Rejections()
    taken = intake.take_in(read.rows, source=source, run=run, now=at, rejected=rejected)
    if rejected.total:
        raise NotGoodError(
            Wrong(
                one.place - 1,
                "indicator" if one.field == "series" else one.field,
                str(REASONS[one.reason]),
            )
            for one in rejected.listed
        )
    return {
        "run": run.pk,
        "url": run.get_absolute_url(),
        "added": taken.added,
        "revised": taken.revised,
        "unchanged": taken.unchanged,
        "held": taken.held,
        "rows": [
            {
                "indicator": one["indicator"],
                "period": one["period"],
                "result": one["action"],
                "reasons": one["reason"].split(),
            }
            for one in intake.preview(len(read.rows))
        ],
    }


def _keep(run: SourceRun, body: bytes, answer: dict[str, Any]) -> None:
    """Keep what was sent and what is answered, both as bytes."""
    with tempfile.TemporaryDirectory() as folder:
        texts = (body, json.dumps(answer, ensure_ascii=False).encode())
        received = []
        for number, text in enumerate(texts, start=_SENT):
            path = Path(folder, str(number))
            path.write_bytes(text)
            digest = hashlib.sha256(text).hexdigest()
            received.append(
                bodies.Received(
                    request=digest,
                    body=Body(path, len(text), digest, ADDRESS, "application/json"),
                    url=ADDRESS,
                    status=200,
                    content_type="application/json",
                )
            )
        bodies.keep(run, received)


def _kept_answer(run: SourceRun) -> dict[str, Any]:
    raw = run.bodies.select_related("raw").get(position=_ANSWERED).raw
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "answer")
        bodies.unpack(raw, path)
        kept: dict[str, Any] = json.loads(path.read_bytes())
    return kept


def _end(run: SourceRun, answer: dict[str, Any], at: dt.datetime) -> None:
    run.status = SourceRun.Status.SUCCEEDED
    run.finished_at = at
    run.rows_read = len(answer["rows"])
    for name in ("added", "revised", "unchanged", "held"):
        setattr(run, name, answer[name])
    run.save()
