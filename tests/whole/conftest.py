"""One site for the tests of a process, and none for those that kill theirs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.conftest import axe as _axe
from tests.e2e.conftest import base_url as _base_url
from tests.whole.site import Site, running

axe = _axe
base_url = _base_url


@pytest.fixture(scope="session")
def whole_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Everything up, without a catalogue."""
    with running(tmp_path_factory.mktemp("site")) as site:
        yield site
