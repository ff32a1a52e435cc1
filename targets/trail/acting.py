"""Who changes the data, from where and why: told to the database with every statement that writes.

The triggers of the trail read four settings of the transaction. They are set in the same round
trip as the statement, so they hold with a pool of connections, without a transaction around, and
after a savepoint was rolled back; a statement of somebody else never inherits them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Protocol


class Person(Protocol):
    """What a user and an anonymous reader have in common."""

    @property
    def pk(self) -> int | None: ...

    def get_username(self) -> str: ...


@dataclass(frozen=True)
class Acting:
    """The actor (found when first needed: most requests write nothing), the reason, the place."""

    who: Callable[[], Person | None]
    why: str = ""
    origin: str = ""


_now: ContextVar[Acting | None] = ContextVar("acting", default=None)


def current() -> Acting:
    """Who acts in this thread or coroutine; nobody, for no reason, where nothing was said."""
    return _now.get() or Acting(who=lambda: None)


@contextmanager
def nobody_acts() -> Iterator[None]:
    """While it is found out who does."""
    token = _now.set(None)
    try:
        yield
    finally:
        _now.reset(token)


@contextmanager
def acting(
    by: Person | Callable[[], Person | None] | None = None, why: str = "", origin: str = ""
) -> Iterator[None]:
    """Every change inside is by this user, for this reason, from this place.

    May be nested: what is given wins inside, what is left out stays as it was outside. `by` may be
    a function that finds the user when something is written.
    """
    outer = current()
    inner = replace(outer, why=why or outer.why, origin=origin or outer.origin)
    if by is not None:
        inner = replace(inner, who=by if callable(by) else lambda: by)
    token = _now.set(inner)
    try:
        yield
    finally:
        _now.reset(token)
