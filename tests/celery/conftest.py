"""A site with real workers, over a database in which the tests really commit."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dashboard.models import StoredFigure, StoredPage
from tests.celery.workers import Site, running
from tests.committed import transactional_db
from tests.ground.clusters import directory

__all__ = ["site", "transactional_db"]


@pytest.fixture
def site(transactional_db: None) -> Iterator[Site]:
    """A broker of its own; workers are for the test to start."""
    with directory() as home, running(home) as started:
        yield started
    StoredFigure.objects.all().delete()
    StoredPage.objects.all().delete()
