"""Fixtures of the tests of the trail."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from tests.committed import transactional_db
from tests.factory import make

__all__ = ["transactional_db"]


@pytest.fixture
def person(db: None) -> User:
    """Somebody with a name."""
    return make(User, last_name="Nguyễn Văn", first_name="A")
