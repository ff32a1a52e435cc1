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

# The references of an observation, by column: see `observation_fits`.
OBSERVATION_REFERENCES = {
    "series_id": "targets_series",
    "organisation_id": "targets_organisation",
    "source_id": "targets_source",
    "run_id": "targets_sourcerun",
}

# The rows that a statement added or changed, under one name in all functions below.
_FRESH = pgtrigger.Referencing(new="fresh")  # type: ignore[no-untyped-call]

BUMP_DATA_VERSION = """
    INSERT INTO targets_dataversion (id, number) VALUES (1, 1)
    ON CONFLICT (id) DO UPDATE SET number = targets_dataversion.number + 1;
"""

# The pairs of the targets `t` that meet a condition, as far as there are values to judge by.
ENQUEUE_PAIRS = f"""
    INSERT INTO targets_pendingassessment (target_id, organisation_id)
    SELECT t.id, o.id
    FROM targets_target t
    JOIN targets_indicator i ON i.id = t.indicator_id
    JOIN targets_organisation o ON {_MEASURED_AT_LEVEL}
    WHERE t.retired_on IS NULL AND ({{concerned}})
      AND (o.kind = 'country' OR EXISTS (
        SELECT 1 FROM targets_observation x
        JOIN targets_series s ON s.id = x.series_id AND s.official
        WHERE s.indicator_id = i.id AND x.organisation_id = o.id
      ));
"""

_ENQUEUE_FRESH = f"""
    IF NOT EXISTS (SELECT 1 FROM fresh) THEN
        RETURN NULL;  -- a statement that changed nothing
    END IF;
    INSERT INTO targets_pendingassessment (target_id, organisation_id)
    SELECT t.id, o.id
    FROM (SELECT DISTINCT series_id, organisation_id FROM fresh) f
    JOIN targets_series s ON s.id = f.series_id AND s.official
    JOIN targets_indicator i ON i.id = s.indicator_id
    JOIN targets_target t ON t.indicator_id = i.id AND t.retired_on IS NULL
    JOIN targets_organisation o ON o.id = f.organisation_id
    WHERE {_MEASURED_AT_LEVEL};
    {BUMP_DATA_VERSION}
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
        _no_truncate(table),
        pgtrigger.Trigger(
            name="no_rewrite",
            operation=pgtrigger.Update,
            when=pgtrigger.Before,
            condition=pgtrigger.AnyChange(exclude=list(mutable)),
            func=_REFUSE.format(table=table, what="rows are never rewritten, add a version"),
        ),
    )


def _no_truncate(table: str) -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name="no_truncate",
        operation=pgtrigger.Truncate,
        when=pgtrigger.Before,
        level=pgtrigger.Statement,
        func=_REFUSE.format(table=table, what="rows are never deleted"),
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


def decided_once(table: str) -> pgtrigger.Trigger:
    """What waits is decided once, with who and why: a mistake is set right by what comes next."""
    return pgtrigger.Trigger(
        name="decided_once",
        operation=pgtrigger.Update,
        when=pgtrigger.Before,
        condition=pgtrigger.Condition("OLD.state <> 'waiting' AND OLD.* IS DISTINCT FROM NEW.*"),
        func=_REFUSE.format(table=table, what="a decision stands"),
    )


def observation_fits() -> pgtrigger.Trigger:
    """A value refers to rows that exist, its organisation lived in its period, its ratio is one.

    Checked once per statement over all rows it added: what a foreign key checks row by row, at
    twenty seconds for a million, is one join here. `kept_by_observations` is the other half.
    """
    value = ratio("f.numerator", "u.ratio_scale", "f.denominator")
    return pgtrigger.Trigger(
        name="fits",
        operation=pgtrigger.Insert,
        when=pgtrigger.After,
        level=pgtrigger.Statement,
        referencing=_FRESH,
        declare=[("bad", "RECORD")],
        # Aggregates, because a search for the first bad row would be planned as a short one.
        func=f"""
            SELECT count(*) FILTER (
                       WHERE s.id IS NULL OR o.id IS NULL OR c.id IS NULL
                          OR (f.run_id IS NOT NULL AND r.id IS NULL)
                   ) AS lost,
                   min(o.code || ' did not exist in ' || f.period) FILTER (
                       WHERE f.period_end < o.valid_from OR f.period_start > o.valid_to
                   ) AS stranger,
                   min(f.value || ' in ' || f.period || ' is not numerator / denominator') FILTER (
                       WHERE abs(f.value - {value}) > 0.00000001
                   ) AS unequal
            INTO bad
            FROM fresh f
            LEFT JOIN targets_series s ON s.id = f.series_id
            LEFT JOIN targets_indicator i ON i.id = s.indicator_id
            LEFT JOIN targets_unit u ON u.id = i.unit_id
            LEFT JOIN targets_organisation o ON o.id = f.organisation_id
            LEFT JOIN targets_source c ON c.id = f.source_id
            LEFT JOIN targets_sourcerun r ON r.id = f.run_id;
            IF bad.lost > 0 THEN
                RAISE EXCEPTION 'observation: series, organisation, source or run does not exist'
                    USING ERRCODE = 'foreign_key_violation';
            ELSIF bad.stranger IS NOT NULL OR bad.unequal IS NOT NULL THEN
                RAISE EXCEPTION 'observation: %', coalesce(bad.stranger, bad.unequal)
                    USING ERRCODE = 'check_violation';
            END IF;
            RETURN NULL;
        """,
    )


def kept_by_observations(column: str) -> tuple[pgtrigger.Trigger, ...]:
    """A row that observations refer to by `column` stays, with its id.

    The lock waits for whoever is adding observations; who comes later finds the row gone.
    """
    table = OBSERVATION_REFERENCES[column]
    refusal = (
        f"RAISE EXCEPTION '{table}: observations refer to it' "
        "USING ERRCODE = 'foreign_key_violation';"
    )
    return (
        pgtrigger.Trigger(
            name="observed",
            operation=pgtrigger.Delete | pgtrigger.UpdateOf("id"),  # type: ignore[no-untyped-call]
            when=pgtrigger.After,
            func=f"""
                IF TG_OP = 'UPDATE' AND NEW.id = OLD.id THEN
                    RETURN NULL;
                END IF;
                LOCK TABLE targets_observation IN SHARE MODE;
                IF EXISTS (SELECT 1 FROM targets_observation x WHERE x.{column} = OLD.id) THEN
                    {refusal}
                END IF;
                RETURN NULL;
            """,
        ),
        pgtrigger.Trigger(
            name="observed_truncate",
            operation=pgtrigger.Truncate,
            when=pgtrigger.Before,
            level=pgtrigger.Statement,
            func=f"""
                LOCK TABLE targets_observation IN SHARE MODE;
                IF EXISTS (SELECT 1 FROM targets_observation) THEN
                    {refusal}
                END IF;
                RETURN NULL;
            """,
        ),
    )


def ratio(numerator: str, scale: str, denominator: str) -> str:
    """SQL for the value of a ratio in its unit, to the eight decimals that a value has.

    The product is rounded first because its scale sets the precision of the division.
    """
    return f"round(round({numerator} * {scale}, 8) / {denominator}, 8)"


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
        func=f"{ENQUEUE_PAIRS.format(concerned=concerned)} RETURN NULL;",
    )


def bump_data_version(table: str) -> pgtrigger.Trigger:
    """Whatever changes in this table, pages cached before it are out of date."""
    return pgtrigger.Trigger(
        name=f"bump_{table}",
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        when=pgtrigger.After,
        level=pgtrigger.Statement,
        func=f"{BUMP_DATA_VERSION} RETURN NULL;",
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


def report_states() -> pgtrigger.Trigger:
    """A report goes from state to state only as its machine does (`Report.to_...`)."""
    return pgtrigger.FSM(
        name="states",
        field="state",
        transitions=[
            ("draft", "submitted"),
            ("returned", "submitted"),
            ("submitted", "draft"),
            ("submitted", "approved"),
            ("submitted", "returned"),
            ("approved", "returned"),
            ("approved", "published"),
            ("published", "draft"),
        ],
    )


def entered_values_have_authors() -> pgtrigger.Trigger:
    """Whoever enters a value is an author of the edition, also after a colleague changed it."""
    return pgtrigger.Trigger(
        name="authors",
        operation=pgtrigger.Insert | pgtrigger.UpdateOf("version"),  # type: ignore[no-untyped-call]
        when=pgtrigger.After,
        condition=pgtrigger.Q(new__entered_by__isnull=False),
        func="""
            INSERT INTO targets_reportauthor (report_id, edition, user_id)
            SELECT r.id, r.edition, NEW.entered_by_id
            FROM targets_report r WHERE r.id = NEW.report_id
            ON CONFLICT DO NOTHING;
            RETURN NULL;
        """,
    )


def approver_entered_nothing() -> pgtrigger.Trigger:
    """Nobody approves an edition that they entered a value in, or that holds one of theirs."""
    return pgtrigger.Trigger(
        name="four_eyes",
        operation=pgtrigger.Insert,
        when=pgtrigger.Before,
        condition=pgtrigger.Q(new__kind="approve"),
        func="""
            IF EXISTS (
                SELECT 1 FROM targets_reportitem i
                WHERE i.report_id = NEW.report_id AND i.entered_by_id = NEW.by_id
            ) OR EXISTS (
                SELECT 1 FROM targets_reportauthor a
                WHERE a.report_id = NEW.report_id AND a.edition = NEW.edition
                  AND a.user_id = NEW.by_id
            ) THEN
                RAISE EXCEPTION 'reportaction: who entered a value does not approve the report'
                    USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        """,
    )
