"""Two hundred reporters at once: nobody sees an error, no value is lost and none is double."""

from __future__ import annotations

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor

from tests.whole.books import check_books
from tests.whole.reporters import COUNT, enter
from tests.whole.site import Site


def test_two_hundred_reporters_at_once_lose_nothing(whole_site: Site) -> None:
    site = whole_site
    people = json.loads(site.python("-m", "tests.whole.prepare", str(COUNT), "0", "0"))["people"]
    with ThreadPoolExecutor(1) as thread:  # this one may be running the loop of a browser
        ledger = thread.submit(asyncio.run, enter(site.address, people, seconds=15)).result()
    assert ledger.errors == [], site.logs()
    assert ledger.unanswered == 0, site.logs()
    assert ledger.saves >= COUNT
    check_books(site, ledger)
    site.manage("verify_history")
