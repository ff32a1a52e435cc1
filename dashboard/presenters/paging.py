"""Pages of a long list as links."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page

from dashboard.components import Pages


def pages_of(page: Page[Any], path: str, *query: tuple[str, str]) -> Pages | None:
    """Links to the pages around this one, keeping `query`; None where all fits one page."""
    paginator = page.paginator
    if paginator.num_pages <= 1:
        return None

    def url(number: int) -> str:
        asked = [*query, ("page", str(number))] if number > 1 else [*query]
        return f"{path}?{urlencode(asked)}" if asked else path

    numbers = paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    return Pages(
        links=[
            (str(number), "" if number == page.number else url(number))
            for number in numbers
            if isinstance(number, int)  # the rest are ellipses
        ],
        previous_url=url(page.previous_page_number()) if page.has_previous() else "",
        next_url=url(page.next_page_number()) if page.has_next() else "",
    )
