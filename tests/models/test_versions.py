"""What was recorded is never deleted or rewritten, in SQL typed by hand as in Python."""

from __future__ import annotations

import datetime as dt

import psycopg
import pytest
from django.db import (
    IntegrityError,
    InternalError,
    NotSupportedError,
    connection,
    models,
    transaction,
)
from django.utils import timezone

from targets.models import (
    Assessment,
    Observation,
    Organisation,
    Series,
    Source,
)
from tests.committed import second_connection
from tests.factory import make

VERSIONED = [Observation, Assessment]
REWRITES = {
    Observation: {
        "value": "value + 1",
        "numerator": "1",
        "period": "'2023'",
        "known_on": "'2020-01-01'",
        "recorded_at": "recorded_at - interval '1 second'",
        "series_id": "0",
        "source_id": "0",
        "synthetic": "true",
        "caveat_vi": "'x'",
        "id": "0",
    },
    Assessment: {
        "status": "'achieved'",
        "pace": "2",
        "as_of": "'2020-01-01'",
        "reason_values": "jsonb_build_object('x', 1)",
        "computed_at": "'2020-01-01'",
        "target_id": "0",
    },
}


def sql(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # nothing left over that a TRUNCATE minds
        cursor.execute(statement)


def refused(statement: str) -> str:
    """What the database says to a statement that it refuses."""
    with (
        pytest.raises((IntegrityError, InternalError, NotSupportedError)) as refusal,
        transaction.atomic(),
    ):
        sql(statement)
    return str(refusal.value)


@pytest.mark.django_db
@pytest.mark.parametrize("model", VERSIONED)
@pytest.mark.parametrize("statement", ["DELETE FROM {}", "TRUNCATE {}", "TRUNCATE {} CASCADE"])
def test_a_recorded_row_is_never_deleted(model: type[models.Model], statement: str) -> None:
    make(model)
    said = refused(statement.format(model._meta.db_table))
    # PostgreSQL itself refuses to empty a table that others refer to, before any trigger.
    assert "never deleted" in said or "cannot truncate a table referenced" in said
    assert model._default_manager.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("model", "column"), [(model, column) for model in REWRITES for column in REWRITES[model]]
)
def test_a_recorded_row_is_never_rewritten(model: type[models.Model], column: str) -> None:
    row = make(model)
    before = model._default_manager.values().get()
    change = f"{column} = {REWRITES[model][column]}"
    assert "never rewritten" in refused(f"UPDATE {model._meta.db_table} SET {change}")
    assert model._default_manager.values().get(pk=row.pk) == before


@pytest.mark.django_db
@pytest.mark.parametrize("model", VERSIONED)
def test_a_version_is_superseded_once_and_for_good(model: type[models.Model]) -> None:
    make(model)
    later = timezone.now() + dt.timedelta(hours=1)
    assert model._default_manager.update(superseded_at=later) == 1
    table = model._meta.db_table
    for again in ("NULL", "superseded_at + interval '1 day'"):
        assert "stays superseded" in refused(f"UPDATE {table} SET superseded_at = {again}")
    sql(f"UPDATE {table} SET superseded_at = superseded_at")  # says nothing new, so it may


@pytest.mark.django_db
def test_the_state_of_a_value_moves_on() -> None:
    value = make(Observation, state="draft")
    Observation.objects.update(state="submitted")
    value.refresh_from_db()
    assert value.state == "submitted"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("model", "name"), [(Series, "series"), (Organisation, "organisation"), (Source, "source")]
)
@pytest.mark.parametrize(
    "statement", ["DELETE FROM {}", "UPDATE {} SET id = id + 1000000", "TRUNCATE {} CASCADE"]
)
def test_what_a_value_refers_to_stays(model: type[models.Model], name: str, statement: str) -> None:
    observation = make(Observation)
    said = refused(statement.format(model._meta.db_table))
    assert "observations refer to it" in said or "never deleted" in said
    observation.refresh_from_db()
    assert model._default_manager.filter(pk=getattr(observation, f"{name}_id")).exists()


@pytest.mark.django_db
@pytest.mark.parametrize("model", [Series, Organisation, Source])
def test_what_no_value_refers_to_may_go(model: type[models.Model]) -> None:
    make(Observation)
    free = make(model)
    model._default_manager.filter(pk=free.pk).update(id=free.pk + 1_000_000)
    assert model._default_manager.filter(pk=free.pk + 1_000_000).delete()[0] == 1


def test_a_series_that_is_getting_a_value_is_not_deleted(transactional_db: None) -> None:
    """As with a foreign key: who deletes waits for who is adding, then sees the value."""
    series, organisation, source = make(Series), make(Organisation), make(Source)
    delete = "DELETE FROM targets_series WHERE id = %s"
    with second_connection() as other:
        other.execute("SET lock_timeout = '100ms'")
        other.commit()
        with transaction.atomic():
            make(Observation, series=series, organisation=organisation, source=source)
            with pytest.raises(psycopg.errors.LockNotAvailable):
                other.execute(delete, [series.pk])
            other.rollback()
        with pytest.raises(psycopg.errors.ForeignKeyViolation):
            other.execute(delete, [series.pk])
