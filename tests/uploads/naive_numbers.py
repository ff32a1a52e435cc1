"""A second reading of bare numbers, by another way: split at the last mark and look at the rest.

It knows no words and no units. It answers with every number that the text may mean.
"""

from __future__ import annotations

from decimal import Decimal

MARKS = ".,"


def possible_values(text: str) -> set[Decimal]:
    """What digits with points, commas and single spaces between them may mean; empty: nothing."""
    found = set()
    cuts = [None, *(place for place, sign in enumerate(text) if sign in MARKS)]
    for cut in cuts:
        whole, decimals = (text, "") if cut is None else (text[:cut], text[cut + 1 :])
        if cut is not None and not (decimals.isdigit() and decimals.isascii()):
            continue
        separators = {sign for sign in whole if not sign.isdigit()}
        if len(separators) > 1 or (cut is not None and text[cut] in separators):
            continue
        groups = whole.split(separators.pop()) if separators else [whole]
        if len(groups) == 1:
            if groups == [""] and cut is None:
                continue
        elif not _grouped(groups):
            continue
        found.add(Decimal(f"{''.join(groups) or '0'}.{decimals or '0'}"))
    return found


def _grouped(groups: list[str]) -> bool:
    first, *others = groups
    return 1 <= len(first) <= 3 and first[0] != "0" and all(len(group) == 3 for group in others)
