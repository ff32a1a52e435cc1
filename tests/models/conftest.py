"""Fixtures of the tests of the models."""

from tests.committed import transactional_db

__all__ = ["transactional_db"]
