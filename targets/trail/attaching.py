# ruff: noqa: S608 (the names come from migrations)
"""For migrations: have the trail follow a table, from the rows that are there on."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.migrations import RunSQL


def attach(
    table: str,
    named: Iterable[str] = (),
    secret: Iterable[str] = (),
    ignored: Iterable[str] = (),
) -> RunSQL:
    """The operation that gives `table` its trigger and every row it has an entry.

    The arguments are those of `targets.trail.tables.Trailed`, which must say the same.
    """
    hushed, left_out = _array(secret), _array(ignored)
    entries = f"""
        SELECT trail_note('insert', '{table}', said->>'id', said, NULL, said - {hushed})
        FROM (SELECT to_jsonb(r) - {left_out} AS said FROM {table} r ORDER BY r.id) rows;
    """
    return RunSQL(
        begun(entries) + follow(table, named, secret, ignored),
        f"DROP TRIGGER trail_row ON {table}; DROP TRIGGER trail_whole ON {table};",
    )


def begun(entries: str) -> str:
    """SQL in which the statement `entries` may write some: what was there before the trail."""
    return f"""
        SET CONSTRAINTS ALL IMMEDIATE;
        ALTER TABLE targets_trailentry DISABLE TRIGGER trail_by_triggers;
        SELECT set_config('thuocdo.origin', 'command migrate', true),
               set_config('thuocdo.why', 'Nhật ký bắt đầu từ đây', true);
        {entries}
        ALTER TABLE targets_trailentry ENABLE TRIGGER trail_by_triggers;
        SET CONSTRAINTS ALL DEFERRED;
    """


def detach(table: str) -> RunSQL:
    """The operation before the one that drops or renames `table`."""
    return RunSQL(
        f"DROP TRIGGER trail_row ON {table}; DROP TRIGGER trail_whole ON {table};", RunSQL.noop
    )


def follow(
    table: str,
    named: Iterable[str] = (),
    secret: Iterable[str] = (),
    ignored: Iterable[str] = (),
    *,
    on: str = "INSERT OR UPDATE OR DELETE",
) -> str:
    """SQL that attaches the triggers of `table`."""
    words = ", ".join(f"'{{{','.join(names)}}}'" for names in (secret, ignored, named))
    return f"""
        CREATE TRIGGER trail_row AFTER {on} ON {table}
            FOR EACH ROW EXECUTE FUNCTION trail_row({words});
        CREATE TRIGGER trail_whole BEFORE TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION trail_refuse();
    """


def _array(names: Iterable[str]) -> str:
    return f"'{{{','.join(names)}}}'::text[]"
