"""Fixtures of the tests of the catalogue."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.catalogue.folder import Folder
from tests.committed import transactional_db

__all__ = ["transactional_db"]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """A small catalogue without a mistake, for the test to change."""
    return Folder(tmp_path / "catalogue")
