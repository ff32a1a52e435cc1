"""The eight statuses."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from dashboard import statuses


def test_there_are_the_eight_statuses_of_the_method() -> None:
    assert set(statuses.CODES) == {
        "achieved", "on_track", "at_risk", "off_track", "missed", "insufficient", "no_data",
        "not_measurable",
    }  # fmt: skip


def test_what_needs_attention_comes_first() -> None:
    assert [item.order for item in statuses.STATUSES] == list(range(8))
    assert statuses.CODES[:3] == ("missed", "off_track", "at_risk")
    assert set(statuses.CODES[:3]) == statuses.ATTENTION
    assert set(statuses.CODES[5:]) == statuses.WITHOUT_VERDICT


@pytest.mark.parametrize("part", ["label", "shape", "drawing", "symbol_id"])
def test_no_two_statuses_share_a_word_or_a_shape(part: str) -> None:
    assert len({str(getattr(item, part)) for item in statuses.STATUSES}) == 8


def test_the_sprite_has_a_symbol_for_each() -> None:
    root = ElementTree.fromstring(statuses.sprite())  # noqa: S314 - our own output
    assert [symbol.get("id") for symbol in root] == [item.symbol_id for item in statuses.STATUSES]


def test_an_unknown_status_is_an_error() -> None:
    with pytest.raises(KeyError):
        statuses.status("green")
