"""Two hundred reporters who enter values for a minute: the slow saves beside the usual ones.

The whole site runs as processes of its own, on the two cores that also make the load. The bare
time is the median of a save, ours the 95th percentile.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.bench.timing import Timing
from tests.whole.books import check_books
from tests.whole.reporters import COUNT, SECONDS, enter
from tests.whole.site import running

LIMIT = 5.0


def run() -> Iterator[Timing]:
    """One minute of load; raises AssertionError where a save failed, was lost or came double."""
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as site:
        people = json.loads(site.python("-m", "tests.whole.prepare", str(COUNT), "0", "0"))[
            "people"
        ]
        ledger = asyncio.run(enter(site.address, people, seconds=SECONDS))
        assert not ledger.errors, (ledger.errors[:5], site.logs())
        assert not ledger.unanswered, site.logs()
        check_books(site, ledger)
    name = f"{ledger.saves} saves of {COUNT} people: 95th percentile / median"
    yield Timing(name, ledger.at(0.95), ledger.at(0.5), LIMIT)
