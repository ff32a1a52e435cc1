"""What a reader asked for in the address: one frozen value, parsed once.

Words that mean nothing are left out and named in `refused`, so that the page can say so and an
address never raises an error.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, replace
from typing import Any, Final, Self
from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils import timezone

from dashboard import shell, statuses

HORIZONS: Final = ("2025", "2030", "2045", "standing")
#: Stands for every status that calls for action.
ATTENTION: Final = "attention"
_STATUSES: Final = frozenset({ATTENTION, *statuses.CODES})
_SLUG: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}\Z")
_SORT: Final = re.compile(r"[a-z_]{1,20}\Z")


@dataclass(frozen=True, slots=True)
class Query:
    """The vocabulary of all pages; "" or None where the reader did not say.

    `today` is the local date, `refused` the names of parameters whose value means nothing (an
    as-of date that does is told by the shell). Slugs are checked for their form alone: whether
    there is such a document or pillar is for the page to say.
    """

    today: dt.date
    as_of: dt.date | None = None
    since: dt.date | None = None
    horizon: str = ""
    pillar: str = ""
    document: str = ""
    status: str = ""
    drafts: bool = False
    lead: str = ""
    sort: str = ""
    refused: tuple[str, ...] = ()

    @property
    def day(self) -> dt.date:
        """The day whose knowledge the page shows."""
        return self.as_of or self.today

    @property
    def filtered(self) -> bool:
        """Whether the reader sees a part of the targets."""
        return bool(self.horizon or self.pillar or self.document or self.lead)

    @property
    def plain(self) -> bool:
        """Whether the reader asked for nothing in particular."""
        return not self.pairs() and not self.refused

    @classmethod
    def parse(cls, request: HttpRequest) -> Self:
        """Read the query of a request; never raises."""
        given = request.GET
        today = timezone.localdate()
        as_of, _good = shell.as_of_date(request)
        refused: list[str] = []

        def word(name: str, good: re.Pattern[str] | tuple[str, ...] | frozenset[str]) -> str:
            text = given.get(name, "").strip()
            fits = good.match(text) if isinstance(good, re.Pattern) else text in good
            if text and not fits:
                refused.append(name)
            return text if fits else ""

        since: dt.date | None = None
        if text := given.get("since", "").strip():
            try:
                since = dt.date.fromisoformat(text)
            except ValueError:
                refused.append("since")
            else:
                if since >= (as_of or today):
                    since = None
                    refused.append("since")
        return cls(
            today=today,
            as_of=as_of,
            since=since,
            horizon=word("horizon", HORIZONS),
            pillar=word("pillar", _SLUG),
            document=word("document", _SLUG),
            status=word("status", _STATUSES),
            drafts=word("drafts", ("0", "1")) == "1",
            lead=word("lead", _SLUG),
            sort=word("sort", _SORT),
            refused=tuple(refused),
        )

    def but(self, **changes: Any) -> Self:
        """The same query with some answers changed; what was refused is forgotten."""
        return replace(self, **{"refused": (), **changes})

    def pairs(self, *without: str) -> list[tuple[str, str]]:
        """What was asked as names and texts, always in the same order, for links and forms."""
        asked = [
            (name, str(value))
            for name in ("horizon", "pillar", "document", "status", "lead", "sort")
            if (value := getattr(self, name))
        ]
        if self.drafts:
            asked.append(("drafts", "1"))
        asked += [
            (name, day.isoformat())
            for name in ("since", "as_of")
            if (day := getattr(self, name)) is not None
        ]
        return [(name, text) for name, text in asked if name not in without]

    def url(self, path: str, fragment: str = "") -> str:
        """The address of this query at `path`."""
        query = urlencode(self.pairs())
        return f"{path}{f'?{query}' if query else ''}{f'#{fragment}' if fragment else ''}"
