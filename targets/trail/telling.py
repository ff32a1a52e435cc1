"""Telling the database who acts, in one round trip with each statement that may leave an entry."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

from django.contrib.auth.models import User
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import sql as composed

from targets.people import full_name
from targets.trail.acting import Person, current, nobody_acts
from targets.trail.tables import TRAILED

# A statement that begins otherwise changes no row, or nothing that a trigger would see.
_WRITES = re.compile(
    r'\s*(?:(?:insert\s+into|update|delete\s+from)\s+(?:only\s+)?"?(?P<table>\w+)|with|merge|do|call)\b',
    re.IGNORECASE,
)


def install(connection: BaseDatabaseWrapper, **_signal: object) -> None:
    """Have every statement of this connection pass by; safe to call for each reconnection."""
    if tell not in connection.execute_wrappers:
        # First, so that a wrapper which others remove again is still the last one.
        connection.execute_wrappers.insert(0, tell)


def tell(
    execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]
) -> Any:
    """Execute `sql` (text, bytes or composed), after the settings that the triggers read."""
    cursor = context["cursor"].cursor
    text = sql.as_string(cursor) if isinstance(sql, composed.Composable) else sql
    text = text.decode() if isinstance(text, bytes) else text
    found = _WRITES.match(text)
    # A cursor with a name is one statement by nature, and only reads.
    if found is None or getattr(cursor, "name", None) or _left_alone(found["table"]):
        return execute(sql, params, many, context)
    settings = _settings()
    if many:
        # Several statements; outside of a transaction each would forget who acts.
        connection = context["connection"]
        whole = nullcontext() if connection.in_atomic_block else connection.connection.transaction()
        with whole:
            cursor.execute(settings)
            return execute(sql, params, many, context)
    if params is not None:
        settings = settings.replace("%", "%%")
    result = execute(settings + text, params, many, context)
    while cursor.nextset():
        pass
    return result


def _left_alone(table: str | None) -> bool:
    return table is not None and table.lower() not in TRAILED


def _settings() -> str:
    acting = current()
    with nobody_acts():  # finding out may itself write, of a session say
        person = acting.who()
    known = person is not None and person.pk is not None
    values = {
        "by": str(person.pk) if person is not None and known else "",
        "by_name": _name(person) if person is not None and known else "",
        "origin": acting.origin,
        "why": acting.why,
    }
    calls = ", ".join(
        f"set_config('thuocdo.{name}', {_literal(value)}, true)" for name, value in values.items()
    )
    return f"SELECT {calls}; "


def _name(person: Person) -> str:
    return full_name(person) if isinstance(person, User) else person.get_username()


def _literal(value: str) -> str:
    """The text between quotation marks; a NUL, which no text of the database can hold, is lost."""
    return "'" + value.replace("\0", "").replace("'", "''") + "'"
