# ruff: noqa: S608 (the only interpolated text is written in this module and in the models)
"""What the database itself enforces or does: append-only history, fit of values, the queue.

These rules live in triggers because they must hold for SQL typed by hand as well as for Python,
and because a queue row or a data version must be written by whoever writes the value, in the same
transaction.
"""

from __future__ import annotations

from collections.abc import Iterable

import pgtrigger

_REFUSE = "RAISE EXCEPTION '{table}: {what}' USING ERRCODE = 'restrict_violation';"

# One row per (target, organisation) that a change concerns. The country is always assessed; a
# ministry or a province where the indicator exists at its level.
_MEASURED_AT_LEVEL = """(
    o.kind = 'country'
    OR (o.kind = 'province' AND 'province' = ANY(i.levels))
    OR (o.kind IN ('ministry', 'agency') AND 'ministry' = ANY(i.levels))
)"""

# The rows that a statement added or changed, under one name in all functions below.
_FRESH = pgtrigger.Referencing(new="fresh")  # type: ignore[no-untyped-call]

_BUMP = """
    INSERT INTO targets_dataversion (id, number) VALUES (1, 1)
    ON CONFLICT (id) DO UPDATE SET number = targets_dataversion.number + 1;
"""

_ENQUEUE_FRESH = f"""
    INSERT INTO targets_pendingassessment (target_id, organisation_id)
    SELECT t.id, o.id
    FROM (SELECT DISTINCT series_id, organisation_id FROM fresh) f
    JOIN targets_series s ON s.id = f.series_id AND s.official
    JOIN targets_indicator i ON i.id = s.indicator_id
    JOIN targets_target t ON t.indicator_id = i.id AND t.retired_on IS NULL
    JOIN targets_organisation o ON o.id = f.organisation_id
    WHERE {_MEASURED_AT_LEVEL};
    {_BUMP}
    RETURN NULL;
"""


def append_only(table: str, mutable: Iterable[str]) -> tuple[pgtrigger.Trigger, ...]:
    """Refuse DELETE, TRUNCATE, and UPDATE of any column but `mutable`."""
    return (
        pgtrigger.Trigger(
            name="no_delete",
            operation=pgtrigger.Delete,
            when=pgtrigger.Before,
            func=_REFUSE.format(table=table, what="rows are never deleted"),
        ),
        pgtrigger.Trigger(
            name="no_truncate",
            operation=pgtrigger.Truncate,
            when=pgtrigger.Before,
            level=pgtrigger.Statement,
            func=_REFUSE.format(table=table, what="rows are never deleted"),
        ),
        pgtrigger.Trigger(
            name="no_rewrite",
            operation=pgtrigger.Update,
            when=pgtrigger.Before,
            condition=pgtrigger.AnyChange(exclude=list(mutable)),
            func=_REFUSE.format(table=table, what="rows are never rewritten, add a version"),
        ),
    )


def superseded_once(table: str) -> pgtrigger.Trigger:
    """`superseded_at` goes from NULL to a time, once."""
    return pgtrigger.Trigger(
        name="superseded_once",
        operation=pgtrigger.Update,
        when=pgtrigger.Before,
        condition=pgtrigger.Q(old__superseded_at__isnull=False)
        & pgtrigger.Q(old__superseded_at__df=pgtrigger.F("new__superseded_at")),
        func=_REFUSE.format(table=table, what="a superseded version stays superseded"),
    )


def observation_fits() -> pgtrigger.Trigger:
    """A value's organisation existed in its period, and a ratio equals its parts.

    Checked once per statement over all rows it added, so that a bulk load pays one join.
    """
    return pgtrigger.Trigger(
        name="fits",
        operation=pgtrigger.Insert,
        when=pgtrigger.After,
        level=pgtrigger.Statement,
        referencing=_FRESH,
        declare=[("bad", "RECORD")],
        func="""
            SELECT o.code, f.period INTO bad
            FROM fresh f JOIN targets_organisation o ON o.id = f.organisation_id
            WHERE f.period_end < o.valid_from OR f.period_start > o.valid_to
            LIMIT 1;
            IF FOUND THEN
                RAISE EXCEPTION 'observation: % did not exist in %', bad.code, bad.period
                    USING ERRCODE = 'check_violation';
            END IF;
            SELECT f.period, f.value INTO bad
            FROM fresh f
            JOIN targets_series s ON s.id = f.series_id
            JOIN targets_indicator i ON i.id = s.indicator_id
            JOIN targets_unit u ON u.id = i.unit_id
            WHERE f.denominator IS NOT NULL
              AND abs(f.value - round(f.numerator * u.ratio_scale / f.denominator, 8)) > 0.00000001
            LIMIT 1;
            IF FOUND THEN
                RAISE EXCEPTION 'observation: % in % is not numerator / denominator',
                    bad.value, bad.period USING ERRCODE = 'check_violation';
            END IF;
            RETURN NULL;
        """,
    )


def enqueue_after_observation_insert() -> pgtrigger.Trigger:
    """New values make the verdicts of their indicator's targets due."""
    return pgtrigger.Trigger(
        name="enqueue_insert",
        operation=pgtrigger.Insert,
        when=pgtrigger.After,
        level=pgtrigger.Statement,
        referencing=_FRESH,
        func=_ENQUEUE_FRESH,
    )


def enqueue_after_observation_update() -> pgtrigger.Trigger:
    """A version superseded or published makes the same verdicts due."""
    return pgtrigger.Trigger(
        name="enqueue_update",
        operation=pgtrigger.Update,
        when=pgtrigger.After,
        level=pgtrigger.Statement,
        referencing=_FRESH,
        func=_ENQUEUE_FRESH,
    )


def enqueue_after_catalogue_change(table: str, concerned: str) -> pgtrigger.Trigger:
    """A changed row of the catalogue makes verdicts due.

    `concerned` is an SQL condition on the targets `t` that the row `NEW` of `table` concerns.
    """
    return pgtrigger.Trigger(
        name=f"enqueue_{table}",
        operation=pgtrigger.Insert | pgtrigger.Update,
        when=pgtrigger.After,
        func=f"""
            INSERT INTO targets_pendingassessment (target_id, organisation_id)
            SELECT t.id, o.id
            FROM targets_target t
            JOIN targets_indicator i ON i.id = t.indicator_id
            JOIN targets_organisation o ON {_MEASURED_AT_LEVEL}
            WHERE t.retired_on IS NULL AND ({concerned})
              AND (o.kind = 'country' OR EXISTS (
                SELECT 1 FROM targets_observation x
                JOIN targets_series s ON s.id = x.series_id AND s.official
                WHERE s.indicator_id = i.id AND x.organisation_id = o.id
              ));
            RETURN NULL;
        """,
    )


def bump_data_version(table: str) -> pgtrigger.Trigger:
    """Whatever changes in this table, pages cached before it are out of date."""
    return pgtrigger.Trigger(
        name=f"bump_{table}",
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        when=pgtrigger.After,
        level=pgtrigger.Statement,
        func=f"{_BUMP} RETURN NULL;",
    )


def provision_belongs_to_document(table: str) -> pgtrigger.Trigger:
    """A row that names a document and a provision names one of that document."""
    return pgtrigger.Trigger(
        name="own_provision",
        operation=pgtrigger.Insert | pgtrigger.Update,
        when=pgtrigger.Before,
        func=f"""
            IF NOT EXISTS (
                SELECT 1 FROM documents_provision p
                WHERE p.id = NEW.provision_id AND p.document_id = NEW.document_id
            ) THEN
                RAISE EXCEPTION '{table}: the provision is not of this document'
                    USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        """,
    )
