"""What the parts of a run hand to each other, and how they say that it failed."""

from __future__ import annotations

import datetime as dt
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Generic, Literal, NamedTuple, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from targets.models import SourceRun

Outcome = SourceRun.Outcome


class SourceError(Exception):
    """The run fails and changes nothing: `outcome` names why, `detail` holds what to say of it.

    `detail` is JSON: numbers and short texts (url, status, columns, periods, wait, message ...).
    `retry_after`: seconds before which the source asked not to be visited again.
    """

    def __init__(
        self, outcome: Outcome, *, retry_after: float | None = None, **detail: Any
    ) -> None:
        super().__init__(f"{outcome.value}: {detail}")
        self.outcome = outcome
        self.detail = detail
        self.retry_after = retry_after


def mistakes_in(error: ValidationError) -> list[dict[str, str]]:
    """What is wrong in a description and where, as the detail of a MISCONFIGURED run says it."""
    return [
        {"at": ".".join(map(str, one["loc"])), "is": one["msg"]}
        for one in error.errors(include_url=False, include_input=False)
    ]


@dataclass(frozen=True)
class Request:
    """One question to a source. Credentials are added by the fetcher, never by an adapter."""

    url: str
    method: Literal["GET", "POST"] = "GET"
    json: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Body:
    """One answer, whole and decoded, in a file that lives as long as the run.

    `size` in bytes, `sha256` of the file. `url` is where it came from in the end.
    """

    path: Path
    size: int
    sha256: str
    url: str
    content_type: str = ""
    charset: str = ""
    last_modified: dt.datetime | None = None


Fetch = Callable[[Request], Body]


@dataclass(frozen=True)
class Table:
    """Rows of text as the source wrote them; None and "" are no value.

    `rows` may be read once and is as long as it likes: it is never held in memory. `vintage` and
    `published_on` hold for every row where the source says them once for all.
    """

    columns: Sequence[str]
    rows: Iterable[Sequence[str | None]]
    vintage: str = ""
    published_on: dt.date | None = None


class Options(BaseModel):
    """What an adapter must be told, as in `DataSource.options`; an unknown name is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True)


O = TypeVar("O", bound=Options)  # noqa: E741 (of the options)


class Adapter(ABC, Generic[O]):
    """How one kind of source is asked and read. No adapter keeps anything between calls.

    Both methods raise SourceError. `collect` asks for everything there is before anything is read,
    so that no transaction waits for a network; `tables` reads it without any further question.
    """

    code: ClassVar[str]  # of DataSource.Adapter
    options: type[O]
    #: Media types that it reads, as fnmatch patterns; empty: anything but a web page.
    accepts: ClassVar[tuple[str, ...]] = ()

    @abstractmethod
    def collect(self, address: str, options: O, fetch: Fetch) -> list[Body]:
        """Every body of the source, in the order in which `tables` wants them."""

    @abstractmethod
    def tables(self, address: str, options: O, bodies: Sequence[Body]) -> Iterator[Table]:
        """What the bodies say, as tables of text."""


class MappedRow(NamedTuple):
    """One value in our terms: ids of the catalogue, numbers as plain decimal text ("98.5", "").

    `place` is the row's number in what was read, from 1. `value` may be "" where numerator and
    denominator are given. `published_on` is ISO text or "".
    """

    place: int
    series: int
    organisation: int
    period: str
    value: str
    numerator: str = ""
    denominator: str = ""
    vintage: str = ""
    published_on: str = ""


class Rejection(NamedTuple):
    """A row left out: where, which field, the code of the reason, what stood there."""

    place: int
    field: str
    reason: str
    shown: str = ""
