"""What a reader asks of the list of tasks, parsed once from the address."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, replace
from typing import Any, Final, Self
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from dashboard import shell
from documents.search import LONGEST

_WORD: Final = re.compile(r"[\w.-]{1,100}\Z")
_YEAR: Final = re.compile(r"20\d\d\Z")


@dataclass(frozen=True, slots=True)
class TaskQuery:
    """What the reader asked of the list; "" where nothing. `today` is the local date."""

    today: dt.date
    as_of: dt.date | None = None
    q: str = ""
    lead: str = ""
    written: str = ""
    year: str = ""
    group: str = ""
    funding: str = ""
    refused: bool = False

    @classmethod
    def parse(cls, request: HttpRequest) -> Self:
        """Read the query of a request; never raises, odd values are left out and told."""
        given = request.GET
        refused = False

        def word(name: str, form: re.Pattern[str]) -> str:
            nonlocal refused
            text = given.get(name, "").strip()
            fits = bool(form.match(text))
            refused = refused or bool(text and not fits)
            return text if fits else ""

        as_of, _good = shell.as_of_date(request)
        return cls(
            today=timezone.localdate(),
            as_of=as_of,
            q=" ".join(given.get("q", "").replace("\x00", " ").split())[:LONGEST],
            lead=word("lead", _WORD),
            written=word("written", _WORD),
            year=word("year", _YEAR),
            group=word("group", _WORD),
            funding=word("funding", _WORD),
            refused=refused,
        )

    @property
    def day(self) -> dt.date:
        return self.as_of or self.today

    @property
    def filtered(self) -> bool:
        return any((self.q, self.lead, self.written, self.year, self.group, self.funding))

    def but(self, name: str, value: str) -> Self:
        """The same with one answer changed."""
        changed: dict[str, Any] = {name: value}
        return replace(self, **changed)

    def url(self) -> str:
        """The address of the list with these answers, always in the same order."""
        names = ("q", "lead", "written", "year", "group", "funding")
        pairs = [(name, value) for name in names if (value := getattr(self, name))]
        if self.as_of:
            pairs.append(("as_of", self.as_of.isoformat()))
        return f"{reverse('task-list')}{f'?{urlencode(pairs)}' if pairs else ''}"
