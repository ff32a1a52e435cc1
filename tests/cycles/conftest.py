"""Fixtures of these tests: the real catalogue, as the tests of the pages have it."""

from __future__ import annotations

from tests.pages.conftest import catalogue_database_name, catalogue_db

__all__ = ["catalogue_database_name", "catalogue_db"]
