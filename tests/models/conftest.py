"""Fixtures of the tests of the models."""

from tests.committed import committed_db

__all__ = ["committed_db"]
